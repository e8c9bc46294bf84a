package bench

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// walker is one shopper on the whole way, again and again.
type walker struct {
	b     *bench
	k     *conn
	t     *tally
	guest guest
	offer string
	trips int
}

// journeys measures a shopper's whole way, each step a request of its own: cart, address, quote with the carriers to
// choose from, quote with the one chosen, place, begin to pay, pay at the wallet, and the order until it is paid.
func (b *bench) journeys(window time.Duration) (measured, error) {
	var offers []string
	if err := b.call("/bench/offers", want{N: skus, Stock: b.Stock}, &offers); err != nil {
		return nil, err
	}
	walkers := make([]walker, len(b.conns))
	for i := range walkers {
		walkers[i] = walker{b: b, k: b.conns[i], guest: b.guests[i]}
	}
	return b.watched(window, func(i int, _ *conn, t *tally) bool {
		w := &walkers[i]
		w.t, w.offer = t, offers[(i*7919+w.trips*104_729)%len(offers)]
		w.trips++
		if err := w.walk(); err != nil {
			t.fail(err)
			return false
		}
		return true
	}), nil
}

// step sends one request of the way and fails on any answer but the expected.
func (w *walker) step(method, path, body string, want int) (string, error) {
	w.t.requests++
	r := request{method: method, path: path, bearer: w.guest.Token, body: []byte(body)}
	if method == "GET" {
		r.body = nil
	}
	if strings.HasPrefix(path, "/wallet/") {
		r.form, r.bearer = true, ""
	} else if method != "GET" {
		r.key = "trip-" + strconv.Itoa(w.trips) + "-" + strconv.Itoa(w.t.requests)
	}
	status, answer, err := w.k.do(r)
	if err == nil && status != want {
		err = fmt.Errorf("%s %s answered %d: %.200s", method, path, status, answer)
	}
	return string(answer), err
}

func (w *walker) walk() error {
	if _, err := w.step("PUT", "/api/v1/cart/lines/"+w.offer, `{"quantity":1}`, 200); err != nil {
		return err
	}
	const home = `{"country":"CN","division":"330106","recipient":"压测","phone":"13800138000","street":"文三路 1 号"}`
	answer, err := w.step("POST", "/api/v1/addresses", home, 201)
	if err != nil {
		return err
	}
	basket := `{"lines":[{"offer":"` + w.offer + `","quantity":1}],"address":"` +
		field([]byte(answer), `"address":"`) + `"`
	if answer, err = w.step("POST", "/api/v1/quotes", basket+`}`, 200); err != nil {
		return err
	}
	shop, carrier := field([]byte(answer), `"shop":"`), field([]byte(answer), `"carrier":"`)
	chosen := basket + `,"carriers":{"` + shop + `":{"carrier":"` + carrier + `"}}}`
	if answer, err = w.step("POST", "/api/v1/quotes", chosen, 200); err != nil {
		return err
	}
	token := `{"token":"` + field([]byte(answer), `"token":"`) + `"}`
	if answer, err = w.step("POST", "/api/v1/orders", token, 201); err != nil {
		return err
	}
	return w.pay(field([]byte(answer), `"order":"`))
}

func (w *walker) pay(order string) error {
	answer, err := w.step("POST", "/api/v1/orders/"+order+"/payments", `{"wallet":"bluejay"}`, 201)
	if err != nil {
		return err
	}
	bill, err := url.Parse(field([]byte(answer), `"url":"`))
	if err != nil {
		return err
	}
	if _, err := w.step("POST", bill.Path, "do=pay", 303); err != nil {
		return err
	}
	for {
		if answer, err = w.step("GET", "/api/v1/orders/"+order, "", 200); err != nil {
			return err
		}
		if field([]byte(answer), `"state":"`) == "paid" {
			w.t.placed = append(w.t.placed, order)
			return nil
		}
	}
}
