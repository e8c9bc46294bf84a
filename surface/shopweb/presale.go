package shopweb

import (
	"context"
	_ "embed"
	"net/url"
	"time"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/promo/presale"
	"hutong/goods/offer"
	"hutong/surface/page"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

//go:embed text_presale.json
var presaleTextJSON []byte

// presaleTexts are the sentences about earnest and balance.
var presaleTexts = text.MustParse(presaleTextJSON)

// presaleBox offers an item for earnest money on its product's page.
type presaleBox struct {
	Item, Offer  string
	Price        page.Price
	Earnest, Now string // "¥10.00", "¥10.00 counts for ¥30.00"
	Facts        []page.Stat
	Law, Ships   string
	Until        *page.Countdown
	Open         bool
	Max          int64
}

// presaleBox is the presale of a SKU that is open or comes next; nil where there is none.
func (w *web) presaleBox(t page.Tongue, sku string, of offer.ID, now time.Time) *presaleBox {
	if w.Flash == nil {
		return nil
	}
	i := w.Flash.Campaigns.Live().PresaleOf(sku, of, now)
	if i == nil {
		return nil
	}
	deal, err := (&presale.Terms{Earnest: i.Earnest, Worth: i.Worth}).Deal(i.Price, 1, presale.LegalCap)
	if err != nil {
		return nil
	}
	cash := func(minor int64) string { return t.Money(money.New(minor, i.Currency)) }
	due := i.Wave.Phase(campaign.Balance)
	b := &presaleBox{Item: string(i.ID), Offer: string(of), Open: i.InForce(now), Max: 9, Earnest: cash(i.Earnest),
		Price: t.PriceOf(money.New(deal.Total, i.Currency), money.Money{}, false),
		Now:   t.T("shopweb.presale_counts", "earnest", cash(i.Earnest), "worth", cash(i.Worth)),
		Law:   t.T("shopweb.presale_law", "lost", cash(deal.Forfeit), "twice", cash(deal.SellerDefault))}
	b.Ships = shipsText(t, i.ShipBy, i.ShipDays)
	if i.PerShopper > 0 {
		b.Max = i.PerShopper
	}
	b.Facts = []page.Stat{{Name: t.T("shopweb.presale_price"), Value: cash(i.Price)},
		{Name: t.T("shopweb.presale_earnest"), Value: cash(i.Earnest), Hint: t.Span(i.From, i.Until)},
		{Name: t.T("shopweb.presale_balance"), Value: cash(deal.Balance), Hint: t.Span(due.From, due.Until)}}
	b.Until = &page.Countdown{Before: t.T("shopweb.presale_closes"), At: t.T("shopweb.presale_closes_at"),
		Ends: i.Until, Now: now,
		Over: t.T("shopweb.presale_closed"), Again: true}
	if !b.Open {
		b.Until.Before, b.Until.Ends = t.T("shopweb.presale_starts"), i.From
		b.Until.At = t.T("shopweb.presale_starts_at")
	}
	return b
}

// presaleQuote is what a checkout page says of the two payments.
type presaleQuote struct {
	Earnest, Balance, When string
	Law, More, Ships       string
}

// shipsText says when what is sold ahead of time is sent; "" where nothing is promised.
func shipsText(t page.Tongue, by time.Time, days int64) string {
	switch {
	case !by.IsZero():
		return t.T("shopweb.ships_by", "time", t.When(by))
	case days > 0:
		return t.T("shopweb.ships_days", "n", days)
	}
	return ""
}

// sentText says when a part of an order is sent, where what was sold says so and no presale does.
func sentText(t page.Tongue, o order.Order, s order.Sub) string {
	switch by := o.ShipBy(s); {
	case o.Presale != nil || o.State == order.Cancelled || s.State == order.SubCancelled:
		return ""
	case !by.IsZero():
		return t.T("shopweb.ships_by", "time", t.When(by))
	case s.ShipHours > 0:
		return t.T("shopweb.ships_hours", "n", s.ShipHours)
	}
	return ""
}

func presaleQuoteOf(t page.Tongue, o order.Order) *presaleQuote {
	p := o.Presale
	if p == nil {
		return nil
	}
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	q := &presaleQuote{Earnest: cash(p.Earnest), Balance: cash(o.Balance()),
		When: t.When(p.Opens) + " – " + t.When(p.Due),
		Law:  t.T("shopweb.presale_law", "lost", cash(p.Forfeit), "twice", cash(p.SellerDefault()))}
	q.Ships = shipsText(t, p.ShipBy, p.ShipDays)
	if p.GiveBack() > 0 {
		q.More = t.T("shopweb.presale_more", "back", cash(p.GiveBack()))
	}
	return q
}

// quoteOf prices a plan: a presale's item, or a basket with or without a place in a group.
func (w *web) quoteOf(ctx context.Context, who string, p plan, b checkout.Basket, v *checkoutView) (q checkout.Quote,
	err error) {
	if p.presale == "" {
		return w.quoteIn(ctx, who, p.claim, b, v)
	}
	b.Presale = p.presale
	q, err = w.quote(ctx, who, b, v)
	if err == nil {
		v.Presale = presaleQuoteOf(w.set.In(b.Lang), q.Order)
	}
	return q, err
}

// presaleOrder is what an order's page says of its two payments.
type presaleOrder struct {
	due      money.Money // the balance as it stands
	Rows     []presaleRow
	Until    *page.Countdown // to the balance's opening
	Cancel   string          // what is lost by cancelling now
	Outcome  string          // what became of the earnest
	Ships    string          // when it is sent
	Late     bool            // it should have been
	Off      string          // what promotions take off the balance as it stands
	Sum      page.Price      // what both come to, once that is taken off
	Less     string          // the same, while it is an estimate: "" once the balance is fixed
	Why      page.Why
	Vouchers *voucherBox // the vouchers to choose among, while the balance is open and not fixed
	Chose    bool        // the shopper chose: those that are on, and no other
	Open     bool
	Minor    int64 // the balance as it is shown, which paying it agrees to
}

type presaleRow struct {
	Name, Amount, Told string
	Done               bool
}

func (w *web) presaleOf(ctx context.Context, t page.Tongue, o order.Order, claims []string) (*presaleOrder, error) {
	p := o.Presale
	if p == nil {
		return nil, nil
	}
	due, err := w.Checkout.Balance(ctx, o.Shopper, o.ID, claims)
	if err != nil {
		return nil, err
	}
	now := clock.Now(ctx, w.Clock)
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	v := &presaleOrder{Rows: []presaleRow{
		{Name: t.T("shopweb.presale_earnest"), Amount: cash(p.Earnest), Told: t.T("shopweb.presale_unpaid")},
		{Name: t.T("shopweb.presale_balance"), Amount: t.Money(due.Balance),
			Told: t.When(p.Opens) + " – " + t.When(p.Due)}}}
	if !p.EarnestPaidAt.IsZero() {
		v.Rows[0].Done, v.Rows[0].Told = true, t.T("shopweb.presale_paid_at", "time", t.When(p.EarnestPaidAt))
	}
	switch p.State {
	case order.EarnestPaid:
		if !o.TakenAt.IsZero() { // there is nothing to lose, and no balance to pay
			v.Cancel = t.T("shopweb.presale_cancel_taken")
			break
		}
		v.Cancel = lossText(t, "shopweb.presale_cancel", p, cash)
		if now.Before(p.Opens) {
			v.Until = &page.Countdown{Before: t.T("shopweb.presale_opens"), At: t.T("shopweb.presale_opens_at"),
				Ends: p.Opens, Now: now,
				Over: t.T("shopweb.presale_open"), Again: true}
		}
		if p.Forfeits(now) {
			v.Cancel, v.Outcome = "", lossText(t, "shopweb.presale_forfeited", p, cash)
		}
	case order.BalancePaid:
		v.Rows[1].Done, v.Rows[1].Told = true, t.T("shopweb.presale_paid_at", "time", t.When(p.EndedAt))
	case order.Forfeited:
		v.Outcome = lossText(t, "shopweb.presale_forfeited", p, cash)
	case order.TakenBack:
		v.Outcome = t.T("shopweb.presale_taken")
	case order.Returned:
		v.Outcome = t.T("shopweb.presale_returned", "twice", cash(p.SellerDefault()))
	}
	if o.State != order.Cancelled {
		v.Ships, v.Late = shipsText(t, p.ShipBy, p.ShipDays), o.Sending(o.Subs[0], now) == order.SendLate
	}
	if due.Off > 0 {
		v.Off = t.T("shopweb.presale_off", "amount", cash(due.Off))
	}
	v.Why, err = w.why(ctx, t, checkout.Quote{Currency: o.Currency, Why: due.Why})
	if sum := p.Earnest + due.Balance.Minor; sum < o.Total && o.State == order.AwaitingPayment {
		v.Less = off(t, money.New(o.Total-sum, o.Currency))
		v.Sum = t.PriceOf(money.New(sum, o.Currency), money.Money{}, false)
	}
	v.due, v.Minor, v.Open, v.Chose = due.Balance, due.Balance.Minor, due.Open, claims != nil
	if err == nil && due.Open {
		at := "/orders/" + string(o.ID)
		v.Vouchers, err = w.boxOf(ctx, t, holding{o.Currency, due.Choices, due.Why, claims},
			ways{at + "#presale", at + "?choose=1#presale"})
	}
	return v, err
}

// lossText says what is lost of an earnest, and what of it goes back where that is anything.
func lossText(t page.Tongue, key string, p *order.Presale, cash func(int64) string) string {
	if p.GiveBack() == 0 {
		return t.T(key+"_whole", "lost", cash(p.Forfeit))
	}
	return t.T(key, "lost", cash(p.Forfeit), "back", cash(p.GiveBack()))
}

// dueOf is what an order asks to be paid now, and until when; nothing while a balance is not open.
func dueOf(o order.Order, balance *presaleOrder, now time.Time) (amount money.Money, until time.Time, due bool) {
	p := o.Presale
	switch {
	case o.State != order.AwaitingPayment:
		return amount, until, false
	case p == nil:
		return o.Amount(), o.PayBy(), now.Before(o.PayBy())
	case p.State == order.EarnestDue:
		return money.New(p.Earnest, o.Currency), o.ExpiresAt, now.Before(o.ExpiresAt)
	}
	return balance.due, p.Due, p.Open(now) && o.TakenAt.IsZero()
}

// pieces lets a form name an offer and how many of it apart.
func pieces(q url.Values) string {
	if n := q.Get("pieces"); n != "" && len(n) < 6 {
		return q.Get("buy") + "." + n
	}
	return q.Get("buy")
}
