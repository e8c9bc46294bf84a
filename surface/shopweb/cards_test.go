package shopweb

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/standard"
	"hutong/deal/ruleset"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/checkout"
)

// TestACardAndItsPageShowOnePrice: what a list says of a product, the page of its cheapest choice says, too: of an
// ordinary price, of struck prices that history bears and does not bear, and of prices that promotions make.
func TestACardAndItsPageShowOnePrice(t *testing.T) {
	ctx, m := context.Background(), webtest.New(t)
	var inForce []promo.Promotion
	deals, err := ruleset.New(ctx, ruleset.Deps{DB: m.DB, Clock: m.Clock, Log: slog.New(slog.DiscardHandler),
		Sources: []ruleset.Source{{Name: "test", List: func(context.Context) ([]promo.Promotion, any, error) {
			return inForce, nil, nil
		}}}})
	m.Must(err)
	s := openWith(t, m, deals)
	o := s.shirts[0]
	same := func(when, price string, struck, reason bool) {
		t.Helper()
		s.Must(s.Search.Repriced(ctx, []string{string(s.shirt)}))
		_, err := s.Campaigns.Reference.Relabel(ctx)
		s.Must(err)
		s.Clock.Advance(keepFor)
		for _, p := range []*pagetest.Page{s.Get("/search?q=跑步衫"), s.Get("/p/" + string(s.shirt) + "?sku=" + o.SKU)} {
			p.Must(200, price)
			if got := strings.Contains(p.Body, `class="price-was"`); got != struck {
				t.Errorf("%s, %s: a struck price is shown: %t, want %t", when, p.Path, got, struck)
			}
			if got := strings.Contains(p.Body, `class="price-why"`); got != reason {
				t.Errorf("%s, %s: a reason is shown: %t, want %t", when, p.Path, got, reason)
			}
		}
	}
	reprice := func(unit, list int64) {
		t.Helper()
		s.Must(s.Offers.Reprice(ctx, o.Shop, o.ID, money.New(unit, "CNY"), money.New(list, "CNY")))
	}
	same("at first", "¥99.00", false, false)
	s.Paid(o, 1, checkout.CarrierChoice{})
	s.Clock.Advance(time.Hour)
	reprice(7900, 9900)
	same("below what was paid", "¥79.00", true, false)
	reprice(7800, 19900)
	same("below what nobody paid", "¥78.00", false, false)
	reprice(7900, 9900)
	same("as before", "¥79.00", true, false)
	force := func(promotion string) {
		t.Helper()
		p, err := standard.Kinds().Decode(fmt.Appendf(nil, promotion, o.Shop, o.SKU))
		s.Must(err)
		p.Version = 1
		inForce = []promo.Promotion{p}
		s.Must(deals.Refresh(ctx))
	}
	force(`{"id":"flash","kind":"price","shop":%q,"skus":[%q],"unit_price":4900}`)
	same("in a session", "¥49.00", false, true)
	force(`{"id":"cut","kind":"direct","shop":%q,"skus":[%q],"off":1000}`)
	same("with a direct cut", "¥69.00", false, true)
	if !strings.Contains(s.Get("/search?q=跑步衫").Text(), "¥69.00 起") {
		t.Error("the other size costs more, and the card does not say from")
	}
	o = s.shirts[1]
	force(`{"id":"level","kind":"price","shop":%q,"skus":[%q],"unit_price":7900}`)
	o = s.shirts[0]
	s.Clock.Advance(keepFor)
	s.Get("/search?q=跑步衫").Must(200, "¥79.00").MustNot("¥79.00 起")
	force(`{"id":"none","kind":"price","shop":%q,"skus":[%q],"unit_price":4900,"claim":true}`)
	same("after it", "¥79.00", true, false)
}
