package shopweb

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// seenLine is what a checkout page showed of a line. Its form sends it back, only to be compared with what holds: the
// price that is paid is the token's.
type seenLine struct {
	offer          string
	quantity, unit int64
}

// String is how a form holds it.
func (s seenLine) String() string { return fmt.Sprintf("%s.%d.%d", s.offer, s.quantity, s.unit) }

// readSeen reads the lines that a form says it showed; what is none is left out.
func readSeen(r *http.Request) map[string]seenLine {
	all := map[string]seenLine{}
	for _, given := range r.PostForm["seen"] {
		part := strings.Split(given, ".")
		if len(part) != 3 || len(all) == planMax {
			continue
		}
		quantity, err := strconv.ParseInt(part[1], 10, 64)
		unit, wrong := strconv.ParseInt(part[2], 10, 64)
		if err == nil && wrong == nil && unit > 0 {
			all[part[0]] = seenLine{part[0], quantity, unit}
		}
	}
	return all
}

// unchanged refuses to place what the cart holds otherwise by now: another tab changed it, or two carts became one. A
// line that left the cart is no change: pressing twice finds it gone.
func (w *web) unchanged(ctx context.Context, who string, p plan, seen map[string]seenLine) error {
	if p.buy != "" || len(seen) == 0 {
		return nil
	}
	lines, err := w.Carts.Lines(ctx, who)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if s, shown := seen[string(l.Offer)]; shown && s.quantity != l.Quantity {
			return fault.New(fault.Conflict, "shopweb.cart_changed")
		}
	}
	return nil
}

// changes says at each line whose price is another than the form had shown, with both (FAULTS R17).
func (v *checkoutView) changes(t page.Tongue, seen map[string]seenLine, q checkout.Quote) {
	now := map[string]order.Line{}
	for _, l := range q.Order.Lines() {
		now[l.Offer] = l
	}
	for i := range v.Shops {
		for j := range v.Shops[i].Lines {
			line := &v.Shops[i].Lines[j]
			was, shown := seen[line.Offer]
			if unit := now[line.Offer].UnitPrice; shown && was.unit != unit {
				line.Changed = t.T("shopweb.price_changed_quote", "was", t.Money(money.New(was.unit, q.Currency)),
					"now", t.Money(money.New(unit, q.Currency)))
			}
		}
	}
}

// finalsOf are the titles of lines that cannot be sent back without a reason.
func (w *web) finalsOf(ctx context.Context, t page.Tongue, lines []order.Line) ([]string, error) {
	asked := make([]cart.Line, len(lines))
	for i, l := range lines {
		asked[i] = cart.Line{Offer: offer.ID(l.Offer)}
	}
	b, err := w.basket(ctx, asked)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, l := range asked {
		brief := b.briefs[catalog.SKUID(b.offers[l.Offer].SKU)]
		if final(brief.Category) {
			all = append(all, brief.Title.In(t.Lang))
		}
	}
	return all, nil
}

// confirmed refuses to place goods that cannot be sent back without a reason before the shopper said to know it.
func (w *web) confirmed(ctx context.Context, r *http.Request, who string, p plan) error {
	if r.PostFormValue("final") == "1" {
		return nil
	}
	lines, err := w.lines(ctx, who, p)
	if err != nil {
		return err
	}
	asked := make([]order.Line, len(lines))
	for i, l := range lines {
		asked[i] = order.Line{Offer: l.Offer}
	}
	finals, err := w.finalsOf(ctx, w.set.In(gate.Lang(ctx)), asked)
	if err != nil || len(finals) == 0 {
		return err
	}
	return fault.New(fault.Unprocessable, "shopweb.confirm_final").At("final")
}
