package shopweb

import (
	"cmp"
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/standard"
	"hutong/deal/ruleset"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/surface/page"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// kindTexts are the sentences about kinds of promotion.
var kindTexts = standard.Texts

// notesMax bounds the hints and refusals of one explanation: a page names a few, not a market's worth.
const notesMax = 5

// words are what an explanation is told in.
func (w *web) words(ctx context.Context, t page.Tongue) (promo.Words, error) {
	_, shops, err := w.shops.list(ctx)
	return promo.Words{Lang: t.Lang, Kinds: kindTexts, Shop: func(id string) string {
		return shops[id].Name.Pick(t.Lang)
	}}, err
}

// why says how a quote came to its price; nothing in a market without promotions.
func (w *web) why(ctx context.Context, t page.Tongue, q checkout.Quote) (page.Why, error) {
	if w.Deals == nil || len(q.Why.Lines) == 0 {
		return page.Why{}, nil
	}
	words, err := w.words(ctx, t)
	if err != nil {
		return page.Why{}, err
	}
	return whyOf(t, q.Currency, w.Deals.Rules().Explain(q.Why, words)), nil
}

func whyOf(t page.Tongue, c money.Currency, said promo.Said) (v page.Why) {
	v.Floor = said.Floor
	for _, s := range together(said.Steps) {
		v.Steps = append(v.Steps, page.WhyStep{Text: s.Text, Off: off(t, money.New(s.Amount, c)), Pays: s.Pays})
	}
	hinted := map[string]bool{}
	for _, h := range said.Hints {
		v.Hints = append(v.Hints, h.Text)
		hinted[h.Promotion] = true
	}
	for _, r := range said.Refused {
		switch {
		case r.Code == promo.RefusedNoLine || r.Code == promo.RefusedNotClaimed: // neither is about this basket
		case r.Code == promo.RefusedThreshold && hinted[r.Promotion]: // the hint says how much is missing
		default:
			v.Refused = append(v.Refused, r.Text)
		}
	}
	v.Hints, v.Refused = v.Hints[:min(len(v.Hints), notesMax)], v.Refused[:min(len(v.Refused), notesMax)]
	return v
}

// together makes one step of those that go by one name, such as the prices of a session, each of which is a promotion
// of its own. Who pays is said where there is one of them.
func together(steps []promo.Step) (all []promo.Step) {
	at := map[string]int{}
	for _, s := range steps {
		i, again := at[s.Title]
		if !again {
			at[s.Title] = len(all)
			all = append(all, s)
			continue
		}
		all[i].Amount += s.Amount
		all[i].Text, all[i].Pays = s.Title, ""
	}
	return all
}

// lineOff is what was taken off a line, "" for nothing.
func lineOff(t page.Tongue, c money.Currency, l order.Line) string {
	if l.Discount == 0 {
		return ""
	}
	return off(t, money.New(l.Discount, c))
}

func off(t page.Tongue, m money.Money) string { return "−" + t.Money(m) }

// whyPlaced says how an order came to its price, from what it keeps: the rules may have changed since.
func (w *web) whyPlaced(ctx context.Context, t page.Tongue, o order.Order) (v page.Why, saved int64, err error) {
	type sum struct {
		title          string
		amount, others int64
	}
	var sums []sum
	at, titles := map[string]int{}, map[string]string{}
	for _, l := range o.Lines() {
		all, err := order.DecodeDiscounts(l.Discounts)
		if err != nil {
			return v, 0, err
		}
		for _, d := range all {
			title, err := w.titleOf(ctx, t, d, titles) // as in together
			if err != nil {
				return v, 0, err
			}
			i, known := at[title]
			if !known {
				i = len(sums)
				at[title] = i
				sums = append(sums, sum{title: title})
			}
			sums[i].amount += d.Amount
			sums[i].others += order.Funded([]order.Discount{d})
			saved += d.Amount
		}
	}
	for _, s := range sums {
		step := page.WhyStep{Text: s.title, Off: off(t, money.New(s.amount, o.Currency))}
		if s.others > 0 {
			step.Pays = t.T("shopweb.others_pay", "amount", t.Money(money.New(s.others, o.Currency)))
		}
		v.Steps = append(v.Steps, step)
	}
	return v, saved, nil
}

// titleOf is a promotion's own name, also when it is over; that of its kind where it has none. What was found once
// stands in known.
func (w *web) titleOf(ctx context.Context, t page.Tongue, d order.Discount, known map[string]string) (string, error) {
	if title := known[d.Promotion]; title != "" {
		return title, nil
	}
	known[d.Promotion] = kindTexts.Text(t.Lang, "promo.kind."+d.Kind)
	if w.Deals == nil {
		return known[d.Promotion], nil
	}
	title, err := w.Deals.Title(ctx, d.Promotion)
	known[d.Promotion] = cmp.Or(title.Pick(t.Lang), known[d.Promotion])
	return known[d.Promotion], err
}

// onShelf is what one piece of an offer costs anybody now; lower is false where no promotion lowers it.
func (w *web) onShelf(o offer.Offer, category string) (s ruleset.Shelf, lower bool, err error) {
	if w.Deals == nil {
		return ruleset.Shelf{Price: o.UnitPrice}, false, nil
	}
	s, err = w.Deals.Shelf(promo.Line{ID: string(o.ID), Shop: o.Shop, SKU: o.SKU, UnitPrice: o.UnitPrice,
		Floor: o.FloorPrice, Categories: promo.Path(category)}, o.Currency, clock.Now(context.Background(), w.Clock))
	return s, s.Promotion != "", err
}

// shelved shows a piece in the cart at the price of its shelf (I-P3).
func (w *web) shelved(t page.Tongue, v *lineView, o offer.Offer, category string) error {
	s, lower, err := w.onShelf(o, category)
	if lower {
		v.Unit, v.shelf = priceOf(t, o, s), s.Price
	}
	return err
}

// discounted shows what a line comes to, and beside the price of its shelf what else is taken off. Where the
// shopper has had as many as they may, the line costs more than its shelf says, and the ordinary price stands
// there.
func (v *lineView) discounted(t page.Tongue, l order.Line, c money.Currency) {
	less := l.Discount
	if v.shelf > 0 {
		less = v.shelf*l.Quantity - l.Paid
	}
	if less < 0 {
		v.Unit, less = t.PriceOf(money.New(l.UnitPrice, c), money.Money{}, false), l.Discount
	}
	v.Sum, v.Off = t.Money(money.New(l.Paid, c)), ""
	if less > 0 {
		v.Off = off(t, money.New(less, c))
	}
}

// priceOf sets a price that a promotion made, with the promotion as its reason. No struck price stands beside it: the
// one of the ordinary price is borne by what was before that price, not by what was before the promotion (I-P2).
func priceOf(t page.Tongue, o offer.Offer, s ruleset.Shelf) page.Price {
	p := t.PriceOf(money.New(s.Price, o.Currency), money.New(0, o.Currency), false)
	if p.Reason = s.Title.Pick(t.Lang); p.Reason == "" {
		p.Reason = t.T("shopweb.on_sale")
	}
	return p
}

// struck is priceOf with the struck price of the session or stage that made it, as its hall shows it: that one was held
// against what was before the sale when the item was taken in. A price that something else made lower has no claim.
func (w *web) struck(t page.Tongue, o offer.Offer, s ruleset.Shelf) page.Price {
	p := priceOf(t, o, s)
	if w.Flash == nil {
		return p
	}
	i := w.Flash.Campaigns.Live().Of(o.SKU, clock.Now(context.Background(), w.Clock))
	if i == nil || string(i.ID) != s.Promotion || i.Price != s.Price {
		return p
	}
	was := t.PriceOf(money.New(s.Price, o.Currency), money.New(i.Strike, i.Currency), false)
	was.Reason = p.Reason
	return was
}

// until counts down to the end of a price, where it has one within a day.
func (w *web) until(t page.Tongue, s ruleset.Shelf) *page.Countdown {
	now := clock.Now(context.Background(), w.Clock)
	if s.Promotion == "" || s.Until.IsZero() || s.Until.Sub(now) > 24*time.Hour {
		return nil
	}
	return &page.Countdown{Before: t.T("shopweb.price_ends"), At: t.T("shopweb.price_ends_at"),
		Ends: s.Until, Now: now, Over: t.T("shopweb.price_over")}
}

// lowest is the lowest price among a product's offers, if a promotion made it.
func (w *web) lowest(t page.Tongue, offers []offer.Offer, briefs map[catalog.SKUID]catalog.Brief) (best page.Price,
	lower bool, err error) {
	least, differ := int64(-1), false
	for _, o := range offers {
		s, promoted, err := w.onShelf(o, briefs[catalog.SKUID(o.SKU)].Category)
		if err != nil {
			return best, false, err
		}
		differ = differ || least >= 0 && s.Price != least
		if least < 0 || s.Price < least {
			least, best, lower = s.Price, priceOf(t, o, s), promoted
		}
	}
	best.From = differ
	return best, lower, nil
}

// lower looks up what promotions make of a product's prices.
func (w *web) lower(g *goods, p catalog.Product) error {
	g.now = map[offer.ID]ruleset.Shelf{}
	for _, o := range g.offers[string(p.ID)] {
		s, lower, err := w.onShelf(o, p.Category)
		if err != nil {
			return err
		}
		if lower {
			g.now[o.ID] = s
		}
	}
	return nil
}

// sale sets, on a product's page, what the chosen SKU costs now and until when.
func (w *web) sale(t page.Tongue, v *productView, g goods, p catalog.Product, chosen catalog.SKU) {
	o, sold := g.offers[string(p.ID)][string(chosen.ID)]
	s, lower := g.now[o.ID]
	if !sold || !lower {
		return
	}
	v.Price, v.Ends = w.struck(t, o, s), w.until(t, s)
	v.Ordinary = t.T("shopweb.ordinary_price", "price", t.Money(o.Price()))
}
