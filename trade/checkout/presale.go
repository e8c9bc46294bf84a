package checkout

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/presale"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// Presales answers for items that are sold for earnest money first: deal/campaign.
type Presales interface {
	// Item is an item whose earnest the shopper may pay at that instant. Codes: enrolment.not_found,
	// campaign.earnest_not_open, campaign.earnest_closed, and those of appointments.
	Item(tx *db.Tx, shopper, item string, at time.Time) (PresaleItem, error)
}

// PresaleItem is what a presale sells, each amount for one piece.
type PresaleItem struct {
	ID             string
	Offer          string
	Price, Cut     string // the promotions: the item's price, and what the earnest counts for above itself
	Earnest, Worth int64
	Opens, Due     time.Time // the balance is taken in [Opens, Due)
	ShipBy         time.Time // it is sent before then,
	ShipDays       int64     // or within so many days after the balance is paid
}

// presale prices a basket that is an item of a presale: at the sale's price, less what the earnest counts for above
// itself. Every other promotion is for the balance, when it is paid (RULES 1.3: a voucher of today may have lapsed
// then).
func (s *Service) presale(tx *db.Tx, b Basket, r reading, q *Quote, at time.Time) error {
	if s.presales == nil {
		return fault.New(fault.NotFound, "enrolment.not_found").At("presale")
	}
	item, err := s.presales.Item(tx, q.Order.Shopper, b.Presale, at)
	switch {
	case err != nil:
		return err
	case len(b.Lines) != 1 || b.Lines[0].Offer != item.Offer || wholesale(b):
		return fault.New(fault.Unprocessable, "checkout.presale_alone").At("lines")
	case len(q.Order.Subs) == 0:
		return nil // it cannot be bought at all: a Problem says why
	}
	p, err := s.priceOfPresale(tx, item, r, q, at)
	if err != nil {
		return err
	}
	q.Why, q.Order.Rules, q.Deals = p.answer, p.answer.Rules, p.until
	for _, n := range p.needs {
		q.Order.Needs = append(q.Order.Needs, n.Need)
	}
	if err := q.take(p); err != nil {
		return err
	}
	return q.promise(item)
}

// priceOfPresale asks the engine for the price under the presale's own promotions alone.
func (s *Service) priceOfPresale(tx *db.Tx, item PresaleItem, r reading, q *Quote, at time.Time) (p priced, err error) {
	over := fault.New(fault.Conflict, "checkout.deal_over").At("presale")
	all := s.deals.Rules()
	if all == nil {
		return p, over
	}
	price, known := all.Find(item.Price)
	cut, both := all.Find(item.Cut)
	if !known || !both {
		return p, over
	}
	rules, err := promo.Compile(all.Mode(), []promo.Promotion{*price, *cut})
	if err != nil {
		return p, err
	}
	l := q.Order.Subs[0].Lines[0]
	p, err = s.settleOn(tx, rules.At(all.Version()), promo.Basket{Currency: q.Currency, At: at,
		Claimed: []promo.Claimed{{Promotion: item.Price}, {Promotion: item.Cut}},
		Lines: []promo.Line{basketLine(l, r.offers[offer.ID(l.Offer)],
			r.briefs[catalog.SKUID(l.SKU)].Category)}}, q.Order.Shopper, false)
	if err != nil {
		return p, err
	}
	for _, no := range p.answer.Refused {
		if no.Code != promo.RefusedNoEffect {
			return p, fault.New(fault.Conflict, no.Code).At("presale")
		}
	}
	return p, nil
}

// promise fixes what the earnest is, what of it is lost or given twice, and when the balance is due.
func (q *Quote) promise(item PresaleItem) error {
	l := &q.Order.Subs[0].Lines[0]
	terms := presale.Terms{Earnest: item.Earnest, Worth: item.Worth}
	deal, err := terms.Deal(l.Paid/l.Quantity+item.Worth-item.Earnest, l.Quantity, presale.LegalCap)
	if err != nil {
		return err
	}
	if deal.Total != l.Paid || deal.Balance < 1 || deal.Balance == deal.Total {
		return fault.New(fault.Unprocessable, "checkout.presale_terms").At("presale")
	}
	worth, err := money.New(item.Worth, q.Currency).Times(l.Quantity)
	q.Order.Earnest = deal.Total - deal.Balance
	q.Order.Presale = &order.Presale{Item: item.ID, State: order.EarnestDue, Earnest: q.Order.Earnest,
		Worth: worth.Minor, Value: deal.Total, Forfeit: deal.Forfeit, Opens: item.Opens, Due: item.Due,
		ShipBy: item.ShipBy, ShipDays: item.ShipDays}
	return err
}

// presale adds to a token what only orders of presales have.
func (p *packer) presale(v *order.Presale) {
	p.text(v.Item)
	for _, n := range []int64{v.Earnest, v.Worth, v.Value, v.Forfeit, clock.Micros(v.Opens), clock.Micros(v.Due),
		clock.Micros(v.ShipBy), v.ShipDays} {
		p.number(n)
	}
}

func (u *unpacker) presale(o *order.Order, item string) {
	v := order.Presale{Item: item, State: order.EarnestDue}
	var opens, due int64
	for _, n := range []*int64{&v.Earnest, &v.Worth, &v.Value, &v.Forfeit, &opens, &due} {
		*n = u.number()
	}
	if len(u.rest) > 0 { // a token that was sealed before shops said so has none
		v.ShipBy, v.ShipDays = clock.FromMicros(u.number()), u.number()
	}
	v.Order, v.Opens, v.Due = o.ID, clock.FromMicros(opens), clock.FromMicros(due)
	o.Presale, o.Earnest = &v, v.Earnest
}
