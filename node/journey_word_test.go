package node_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/goods/offer"
	"hutong/surface/page/browsertest"
	"hutong/trade/aftersale"
)

// TestJourneyWord is what comes after a purchase in a browser: the price falls and the difference comes back, a shop
// refuses to take goods back and the operator has the last word, and what was offered is offered no more.
func TestJourneyWord(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	browsertest.Open(t, http.NotFoundHandler(), browsertest.Look{}) // skips where there is no browser, before all else
	l := openLane(t)
	for _, look := range browsertest.Two() {
		t.Run(look.String(), func(t *testing.T) {
			b := &bargainer{&visitor{Tab: browsertest.At(t, l.base, look), t: t, lane: l}, ""}
			b.purchase()
			b.fall()
			b.refused()
			b.word()
			b.ended()
		})
	}
}

// purchase buys one thing and receives it.
func (b *bargainer) purchase() {
	b.t.Helper()
	b.Go("/p/" + b.goods().Product + "?sku=" + b.goods().SKU)
	b.Follow(".buy .button-main")
	b.address()
	b.place()
	b.pay()
	b.lane.send(b.order)
	b.lane.travel(4)
	b.Go("/orders/" + string(b.order))
	b.Follow("form[action$='/receive'] .button-main")
	b.lane.work()
}

// goods are what is bought: no sale takes anything off them.
func (b *bargainer) goods() offer.Offer {
	return b.lane.Offers[len(b.lane.Offers)-1]
}

// fall lets the shop ask for less, and reads what the price guarantee gave back.
func (b *bargainer) fall() {
	b.t.Helper()
	o := b.goods()
	now := o.UnitPrice - 500
	if b.Look().Width == browsertest.Desk {
		now -= 300 // the first look's is the price by now
	}
	b.lane.ok(b.lane.Market.Market.Offers.Reprice(b.t.Context(), o.Shop, o.ID, money.New(now, o.Currency),
		money.New(0, o.Currency)))
	b.lane.clock.Advance(25 * time.Hour) // differences are given back day by day
	b.lane.work()
	b.lane.work()
	b.Go("/orders/" + string(b.order))
	b.says(".lines", "降", "fell")
	b.judge("fall-order")
	b.Go("/me/notices")
	b.judge("fall-notice")
}

// refused asks for the goods to be taken back; the shop says no.
func (b *bargainer) refused() {
	b.t.Helper()
	b.Go("/orders/" + string(b.order))
	b.askBack()
	o, err := b.lane.Orders.Any(b.t.Context(), b.order)
	b.lane.ok(err)
	c := b.asked()
	_, err = b.lane.Aftersale.Refuse(b.t.Context(), o.Subs[0].Shop, c.ID, "照片里看不出破损。The pictures show no damage.")
	b.lane.ok(err)
	b.lane.work()
	b.Go("/orders/" + string(b.order))
	b.judge("word-refused")
}

func (b *bargainer) asked() aftersale.Case {
	b.t.Helper()
	all, err := b.lane.Aftersale.ByOrder(b.t.Context(), aftersale.Party{Operator: true}, b.order)
	b.lane.ok(err)
	if len(all) == 0 {
		b.t.Fatal("nothing was asked back")
	}
	return slices.MaxFunc(all, func(a, b aftersale.Case) int { return strings.Compare(string(a.ID), string(b.ID)) })
}

// word is the operator's: what was refused is refunded after all.
func (b *bargainer) word() {
	b.t.Helper()
	op := &operator{browsertest.At(b.t, b.lane.base, b.Look()), b.t}
	op.enter()
	op.see("word-cases", "/operator/cases?filter=all")
	op.see("word-case", "/operator/cases/"+string(b.asked().ID))
	op.Do(`document.querySelector("#note").value = "快递员的照片里能看到破损。The courier's picture shows it."`)
	op.Follow("#decide button[value=refund]")
	op.says(".notice-good")
	op.judge("word-done")
	op.see("word-record", "/operator/audit")
	b.lane.work()
	b.Go("/orders/" + string(b.order))
	b.judge("word-refunded")
	if c := b.asked(); c.State != aftersale.Refunded || b.Has("form[action$='/guarantee']") {
		b.t.Errorf("the case is %s; a price of what went back can be compared: %v", c.State, c.State == aftersale.Refunded)
	}
	b.Go("/me/notices")
	b.judge("word-notice")
}

// ended is what somebody sees of goods in the cart that are offered no more.
func (b *bargainer) ended() {
	b.t.Helper()
	o := b.lane.Offers[len(b.lane.Offers)-2]
	if b.Look().Width == browsertest.Desk {
		o = b.lane.Offers[len(b.lane.Offers)-3]
	}
	b.Go("/p/" + o.Product + "?sku=" + o.SKU)
	b.take()
	b.lane.ok(b.lane.Market.Market.Offers.Withdraw(b.t.Context(), o.Shop, o.ID))
	b.lane.clock.Advance(time.Minute) // a kept page is older than that
	b.lane.work()
	b.Go("/cart")
	b.judge("ended-cart")
	b.Go("/p/" + o.Product + "?sku=" + o.SKU)
	b.judge("ended-product")
}
