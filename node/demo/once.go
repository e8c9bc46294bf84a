package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/job"
	"hutong/trade/order"
)

// Bought is what one purchase through the market's own pages came to.
type Bought struct {
	Order string `json:"order"`
	State string `json:"state"`
	Total string `json:"total"`
	Books string `json:"books"` // "ok" when the audit holds afterwards
}

// Auditor tells whether the books in a database hold.
type Auditor func(ctx context.Context, d *db.DB) (bool, error)

// patience bounds how long one purchase may take.
const patience = 30 * time.Second

// Once buys one thing as a shopper without script would: by links and forms over HTTP. The shopper's phone pays the QR
// code at the simulated wallet, whose notification comes back through the market's own door.
func Once(ctx context.Context, d *Market, audit Auditor) (b Bought, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	handler, err := d.Handler()
	if err != nil {
		return b, err
	}
	server := httptest.NewServer(handler)
	jobs := make(chan struct{})
	go func() { defer close(jobs); job.Run(ctx, d.Log, d.Jobs()...) }()
	defer func() { server.Close(); cancel(); <-jobs }()
	v, err := newVisitor(ctx, server.URL)
	if err != nil {
		return b, err
	}
	id, err := v.buy(d)
	if err != nil {
		return b, err
	}
	if err := d.payAs(ctx, v, id); err != nil {
		return b, err
	}
	o, err := d.awaitPaid(ctx, id)
	if err != nil {
		return b, err
	}
	b = Bought{Order: string(id), State: string(o.State), Total: o.Amount().Decimal() + " " + string(o.Currency)}
	ok, err := audit(ctx, d.DB)
	b.Books = map[bool]string{true: "ok", false: "broken"}[ok]
	return b, err
}

// buy goes from the start page to a placed order.
func (v *browser) buy(d *Market) (order.ID, error) {
	if _, err := v.get("/"); err != nil {
		return "", err
	}
	first := d.Offers[0]
	if _, err := v.get("/p/" + first.Product); err != nil {
		return "", err
	}
	if _, err := v.post("/cart", url.Values{"offer": {string(first.ID)}, "product": {first.Product}, "quantity": {"1"},
		"then": {"checkout"}}); err != nil {
		return "", err
	}
	here := v.at.RequestURI()
	page, err := v.post("/addresses/new", url.Values{"next": {here}, "region": {"CN-33"}, "division": {"330106"},
		"recipient": {"韩梅梅"}, "phone": {"13800138000"}, "street": {"文三路 1 号"}})
	if err != nil {
		return "", err
	}
	token := between(page, `name="token" value="`, `"`)
	if token == "" {
		return "", errors.New("demo: the checkout page has no token")
	}
	if _, err := v.post("/checkout", url.Values{"token": {token}, "back": {here}}); err != nil {
		return "", err
	}
	id := strings.TrimPrefix(v.at.Path, "/orders/")
	return order.ID(id), nil
}

// payAs begins to pay on the order's page, and presses the button of the wallet's page behind the QR code.
func (d *Market) payAs(ctx context.Context, v *browser, id order.ID) error {
	if _, err := v.post("/orders/"+string(id)+"/pay", url.Values{"wallet": {"redbean"}}); err != nil {
		return err
	}
	attempts, err := d.Pay.Attempts(ctx, string(id))
	if err != nil || len(attempts) == 0 {
		return errors.Join(err, errors.New("demo: no attempt to pay"))
	}
	_, err = v.post("/wallet/"+attempts[0].Wallet+"/"+attempts[0].Ref, url.Values{"do": {"pay"}})
	return err
}

func (d *Market) awaitPaid(ctx context.Context, id order.ID) (order.Order, error) {
	news, end, err := d.Hub.Subscribe(string(id))
	if err != nil {
		return order.Order{}, err
	}
	defer end()
	for {
		o, err := d.Orders.Any(ctx, id)
		if err != nil || o.State == order.Paid {
			return o, err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return o, fmt.Errorf("demo: order %s is %s: %w", id, o.State, ctx.Err())
		}
	}
}
