package tradetest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/trade/checkout"
)

// Purse is a wallet that does what it is asked at once; a test says what it captured.
type Purse string

// Name is the purse's name.
func (p Purse) Name() string { return string(p) }

// Account is the market's at the purse.
func (p Purse) Account() string { return "HT-" + string(p) }

// Takes takes any amount.
func (p Purse) Takes(money.Money) bool { return true }

// Begin makes a bill of the attempt's name.
func (p Purse) Begin(_ context.Context, a pay.Attempt) (pay.Begun, pay.Outcome, error) {
	return pay.Begun{Ref: string(a.ID), Instruction: pay.Instruction{URL: "purse:" + string(a.ID)}}, pay.OK, nil
}

// Verify knows of no notification: facts are told by tests.
func (p Purse) Verify(context.Context, http.Header, []byte) ([]pay.Fact, error) { return nil, nil }

// Query knows of nothing.
func (p Purse) Query(context.Context, pay.Attempt) ([]pay.Fact, pay.Outcome, error) {
	return nil, pay.OK, nil
}

// Refund gives back at once.
func (p Purse) Refund(_ context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	return []pay.Fact{{Txn: "back-" + string(r.ID), Kind: pay.KindRefund, Attempt: r.Attempt, Refund: r.ID,
		Amount: r.Amount, Account: p.Account(), At: r.Created}}, pay.OK, nil
}

// Give sends the market's own money at once.
func (p Purse) Give(ctx context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	return p.Refund(ctx, r)
}

// Reply is nothing.
func (p Purse) Reply() (string, []byte) { return "text/plain", nil }

// Captured is the fact that an attempt was paid.
func (p Purse) Captured(a pay.Attempt, at time.Time) pay.Fact {
	return pay.Fact{Provider: string(p), Txn: "in-" + string(a.ID), Kind: pay.KindCapture, Attempt: a.ID,
		Amount: a.Amount, Account: p.Account(), At: at}
}

// Presales are the items whose earnest a Market takes, by name; set by tests.
type Presales map[string]checkout.PresaleItem

// Item is one of them, until its balance opens.
func (p Presales) Item(_ *db.Tx, _, item string, at time.Time) (checkout.PresaleItem, error) {
	i, ok := p[item]
	switch {
	case !ok:
		return i, fault.New(fault.NotFound, "enrolment.not_found")
	case !at.Before(i.Opens):
		return i, fault.New(fault.Expired, "campaign.earnest_closed")
	}
	return i, nil
}

// Presell makes an offer the item of a presale at a price, with an earnest that counts for more, from the market's own
// pool, and publishes its promotions beside others. The balance opens after two hours and is due a day later.
func (m *Market) Presell(o offer.Offer, price, earnest, worth int64, others ...string) checkout.PresaleItem {
	m.t.Helper()
	i := checkout.PresaleItem{ID: "enr_1", Offer: string(o.ID), Price: "enr_1/earnest", Cut: "enr_1/worth",
		Earnest: earnest, Worth: worth, Opens: m.Clock.Now().Add(2 * time.Hour), Due: m.Clock.Now().Add(26 * time.Hour),
		ShipDays: 5}
	m.Publish(append(others,
		fmt.Sprintf(`{"id":%q,"kind":"price","shop":%q,"skus":[%q],"unit_price":%d,"pool":%q,"per_shopper":9,"claim":true}`,
			i.Price, o.Shop, o.SKU, price, o.Pool),
		fmt.Sprintf(`{"id":%q,"kind":"presale","shop":%q,"skus":[%q],"earnest":%d,"worth":%d,"claim":true}`,
			i.Cut, o.Shop, o.SKU, earnest, worth))...)
	m.Checkout.PlugPresales(Presales{i.ID: i})
	return i
}

// Preorder places some pieces of a presale's item.
func (m *Market) Preorder(who, home string, i checkout.PresaleItem, pieces int64) checkout.Placed {
	m.t.Helper()
	q, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Presale: i.ID, Address: home, Lang: text.Zh,
		Lines: []checkout.BasketLine{{Offer: i.Offer, Quantity: pieces}}})
	m.Must(err)
	if q.Token == "" {
		m.t.Fatalf("no token: %+v", q.Problems)
	}
	p, err := m.Checkout.Place(context.Background(), checkout.Place{Shopper: who, Token: q.Token, Agreed: true})
	m.Must(err)
	return p
}
