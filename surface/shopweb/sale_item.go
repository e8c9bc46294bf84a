package shopweb

import (
	"context"
	"net/http"
	"net/url"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// saleItemView is the page about one item: its terms, the appointment, the lottery's proof.
type saleItemView struct {
	page.Frame
	Card    flashCard
	Until   *page.Countdown
	Facts   []page.Stat
	Appoint string      // makes an appointment; "" where none can be made
	Mine    page.Notice // what the shopper holds, or is missing to buy
	Proof   []page.Stat
	Wrong   string
}

func (w *web) saleItem(rw http.ResponseWriter, r *http.Request) error {
	return w.showItem(rw, r, http.StatusOK, nil)
}

func (w *web) showItem(rw http.ResponseWriter, r *http.Request, status int, refusal error) error {
	if w.Flash == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	ctx, now := r.Context(), clock.Now(r.Context(), w.Clock)
	item, found, err := w.Flash.Item(ctx, campaign.EnrolmentID(r.PathValue("item")))
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.NotFound, "flash.item")
	}
	briefs, err := w.briefsOf(ctx, []flash.Shelf{item})
	if err != nil {
		return err
	}
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	v := saleItemView{Frame: f, Card: w.flashCard(t, item, briefs[catalog.SKUID(item.SKU)], now)}
	if item.State != flash.Over {
		v.Until = sittingEnd(t, flash.Sitting{Window: campaign.Window{From: item.From, Until: item.Until}}, now)
	}
	v.Title, v.Notice = v.Card.Title, t.TakeFlash(rw, r)
	v.Way = []page.Crumb{{Href: hallPath, Text: t.T("shopweb.sale")}, {Text: v.Title}}
	if v.Card.Go.Href == v.Card.About {
		v.Card.Go = page.Link{} // this very page
	}
	v.Card.About = ""
	v.Facts = w.itemFacts(t, item)
	if refusal != nil {
		v.Wrong = t.Fault(refusal)
	}
	if err := w.yourLot(ctx, t, item, &v); err != nil {
		return err
	}
	return w.set.Render(rw, r, status, "sale-item", v)
}

func (w *web) itemFacts(t page.Tongue, i flash.Shelf) []page.Stat {
	facts := []page.Stat{{Name: t.T("shopweb.flash_window"), Value: t.Span(i.From, i.Until)},
		{Name: t.T("shopweb.flash_pieces"), Value: t.Count(i.Quantity)}}
	if i.PerShopper > 0 {
		facts = append(facts, page.Stat{Name: t.T("shopweb.flash_each"), Value: t.Count(i.PerShopper)})
	}
	if i.Appointments > 0 {
		facts = append(facts, page.Stat{Name: t.T("shopweb.flash_places"), Value: t.Count(i.Appointments),
			Hint: t.T("shopweb.flash_closes", "time", t.When(flash.Closes(i.Item)))})
	}
	return facts
}

// yourLot says what the shopper holds for an item, whether an appointment can be made, and what is published about the
// lottery.
func (w *web) yourLot(ctx context.Context, t page.Tongue, i flash.Shelf, v *saleItemView) error {
	if i.Appointments == 0 {
		return nil
	}
	now := clock.Now(ctx, w.Clock)
	mine, err := w.Flash.Appointments(ctx, shopperOf(ctx))
	if err != nil {
		return err
	}
	held, has := mine[i.ID]
	if !has && !now.Before(i.Warmup) && now.Before(flash.Closes(i.Item)) {
		v.Appoint = appointWord(t, i.Item)
	}
	drawn := false
	if i.Lottery {
		if v.Proof, drawn, err = w.proof(ctx, t, i.ID, held.As); err != nil {
			return err
		}
	}
	v.told(t, i, held, has, drawn)
	return nil
}

// told says what the shopper holds, and lets them buy where that is what it takes.
func (v *saleItemView) told(t page.Tongue, i flash.Shelf, held flash.Appointment, has, drawn bool) {
	can, phase := has && (!i.Lottery || held.Won), ""
	switch i.State {
	case flash.Over, flash.SoldOut:
		phase = "_over"
	case flash.OnSale:
		phase = "_now"
	}
	good := func(what string) { v.Mine = page.Notice{Tone: "good", Text: t.T("shopweb.flash_" + what + phase)} }
	switch {
	case can && i.Lottery:
		good("won")
	case has && drawn:
		v.Mine = page.Notice{Text: t.T("shopweb.flash_lost")}
	case has && i.Lottery:
		v.Mine = page.Notice{Tone: "good", Text: t.T("shopweb.flash_entered", "time", t.When(flash.Closes(i.Item)))}
	case has && i.State != flash.Over:
		good("appointed")
	case !has && i.State != flash.Over && i.State != flash.Warming:
		v.Mine = page.Notice{Text: t.T("shopweb.flash_" + onlyFor(i.Item))}
	}
	if i.State == flash.OnSale && i.Stage != campaign.Earnest && can {
		v.Card.Go = page.Link{Href: "/checkout?" + url.Values{"buy": {string(i.Offer) + ".1"}}.Encode(),
			Text: t.T("shopweb.flash_buy"), Current: true}
	}
}

// appointWord is what a shopper does to be among those who buy.
func appointWord(t page.Tongue, i *campaign.Item) string {
	if i.Lottery {
		return t.T("shopweb.flash_enter")
	}
	return t.T("shopweb.flash_appoint")
}

// onlyFor names who buys an item that is sold by appointment.
func onlyFor(i *campaign.Item) string {
	if i.Lottery {
		return "only_won"
	}
	return "only_appointed"
}

// proof is what is published about an item's lottery, with the name of the reader's own lot.
func (w *web) proof(ctx context.Context, t page.Tongue, item campaign.EnrolmentID, as string) ([]page.Stat, bool,
	error) {
	l, err := w.Flash.Lottery(ctx, item)
	if fault.Is(err, "flash.item") {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	proof := []page.Stat{{Name: t.T("shopweb.lot_lots"), Value: t.Count(l.Lots)},
		{Name: t.T("shopweb.lot_commitment"), Value: l.Commitment}}
	if l.Drawn.IsZero() {
		return proof, false, nil
	}
	proof = append(proof, page.Stat{Name: t.T("shopweb.lot_entrants"), Value: t.Count(l.Entrants)},
		page.Stat{Name: t.T("shopweb.lot_seed"), Value: l.Seed})
	if l.LastRank != "" { // nobody entered
		proof = append(proof, page.Stat{Name: t.T("shopweb.lot_last"), Value: l.LastRank})
	}
	if as != "" {
		proof = append(proof, page.Stat{Name: t.T("shopweb.lot_you"), Value: as})
	}
	return proof, true, nil
}

// appoint makes an appointment. Somebody without an account is asked to log in, and comes back: guests cost nothing to
// make, and a program could take every place with them, or lots without end.
func (w *web) appoint(rw http.ResponseWriter, r *http.Request) error {
	if w.Flash == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	who, item := gate.Who(r.Context()), r.PathValue("item")
	back := hallPath + "/" + item
	if who.Login == "" {
		return see(rw, r, "/login?"+url.Values{"next": {back}}.Encode())
	}
	err := w.Flash.Appoint(r.Context(), who.Shopper, campaign.EnrolmentID(item))
	if own(err) {
		return w.showItem(rw, r, fault.Of(err).Status(), err)
	}
	if err != nil {
		return err
	}
	return see(rw, r, back) // which says it
}

// saleWays leads from a product to the sale of its chosen SKU that is not its price now: one that comes, one that only
// those with an appointment buy in, and one whose pieces others hold and have not paid.
func (w *web) saleWays(ctx context.Context, t page.Tongue, sku string, o offer.ID) (all []page.Link, err error) {
	live, now := w.live(), clock.Now(ctx, w.Clock)
	if live == nil {
		return nil, nil
	}
	var next *campaign.Item
	live.ForSKU(sku, now, func(i *campaign.Item) bool {
		if i.Offer == o && i.Stage != campaign.Earnest && i.Shown(now) {
			next = i
		}
		return next == nil
	})
	if next == nil {
		return nil, nil
	}
	text := ""
	switch {
	case !next.InForce(now):
		text = t.T("shopweb.flash_from", "time", t.When(next.From))
	case next.Appointments > 0:
		text = t.T("shopweb." + byAppointment(next))
	default:
		shelf, found, err := w.Flash.Item(ctx, next.ID)
		if err != nil || !found || shelf.State != flash.Paying {
			return nil, err
		}
		text = t.T("shopweb.flash_paying")
	}
	price := t.Money(money.New(next.Price, next.Currency))
	return []page.Link{{Href: hallPath + "/" + string(next.ID), Text: text + " " + price}}, nil
}

// byAppointment names how an item is sold that not everybody buys.
func byAppointment(i *campaign.Item) string {
	if i.Lottery {
		return "flash_by_lot"
	}
	return "flash_by_appointment"
}
