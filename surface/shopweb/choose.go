package shopweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/voucher"
	"hutong/party/merchant"
	"hutong/surface/page"
	"hutong/trade/checkout"
)

// voucherBox is among which vouchers and red packets a shopper chooses before they pay: those that can be used, and
// those that cannot, with the reason.
type voucherBox struct {
	Text  string      // how they were chosen
	Links []page.Link // the best of all, or none
	Picks []voucherPick
	Bad   []voucherPick
	Gone  bool // of those that were named, one cannot be used any more
	Few   bool // of Bad: they are not folded away
	Live  bool // a tick is priced at once, where scripts run
}

// voucherPick is one voucher or red packet.
type voucherPick struct {
	Claim, Title string
	Text         string // what it takes off, on what and where
	Note         string // why it takes nothing off
	More         string // what would make it
	Off          string
	On           bool
}

// holding is what is chosen among, as a quote says it.
type holding struct {
	currency money.Currency
	choices  []checkout.Choice
	why      promo.Answer
	named    []string // nil: the shopper did not choose
}

// ways are the addresses of the page with the best of all chosen, and with none.
type ways struct{ best, none string }

// badMax bounds how many vouchers are shown that cannot be used; more than badFew are folded away.
const (
	badMax = 20
	badFew = 2
)

// boxOf is what a page says of a shopper's vouchers; nil where they hold none.
func (w *web) boxOf(ctx context.Context, t page.Tongue, h holding, to ways) (*voucherBox, error) {
	if w.Deals == nil {
		return nil, nil
	}
	held, err := w.held(ctx)
	if err != nil {
		return nil, err
	}
	shops, err := w.shopsByID(ctx)
	if err != nil {
		return nil, err
	}
	words, err := w.words(ctx, t)
	if err != nil {
		return nil, err
	}
	d := describer{w: w, t: t, shops: shops, held: map[string]voucher.Voucher{}, more: map[string]string{}}
	for _, v := range held {
		d.held[string(v.ID)] = v
	}
	for _, hint := range w.Deals.Rules().Explain(h.why, words).Hints {
		d.more[hint.Promotion] = hint.Text
	}
	b := d.box(h)
	b.missed(ctx, d, held)
	if len(b.Picks)+len(b.Bad) == 0 {
		return nil, nil
	}
	b.say(t, h, to)
	return b, nil
}

// describer says what vouchers are.
type describer struct {
	w     *web
	t     page.Tongue
	shops map[string]merchant.Shop
	held  map[string]voucher.Voucher
	more  map[string]string // by promotion: what would unlock more
}

func (d *describer) pick(claim, promotion string) voucherPick {
	p := voucherPick{Claim: claim}
	if v, there := d.held[claim]; there {
		c := d.w.ticket(d.t, v.Terms, v.Shop, d.shops)
		if v.Amount > 0 {
			c.Big = d.w.cash(d.t, v.Amount)
		}
		p.Title = c.Name
		p.Text = d.t.T("shopweb.till_what", "big", c.Big, "least", c.Least, "where", c.Where)
	}
	if rule, found := d.w.Deals.Rules().Find(promotion); found {
		p.Title = cmp.Or(p.Title, rule.Title.Pick(d.t.Lang), kindTexts.Text(d.t.Lang, "promo.kind."+rule.Kind))
	}
	return p
}

// box shows what a quote says of vouchers.
func (d *describer) box(h holding) *voucherBox {
	b := &voucherBox{}
	why := map[string]string{}
	for _, r := range h.why.Refused {
		if r.Claim != "" {
			why[r.Claim] = r.Code
		}
	}
	for _, one := range h.choices {
		p := d.pick(one.Claim, one.Promotion)
		p.On, p.Off = one.Used, off(d.t, money.New(one.Off, h.currency))
		if !p.On {
			p.Off = d.t.T("shopweb.till_alone", "amount", d.t.Money(money.New(one.Off, h.currency)))
			p.Note = d.note(why[one.Claim])
			if why[one.Claim] == promo.RefusedBeaten {
				p.More = d.t.T("shopweb.till_instead")
			}
		}
		b.Picks = append(b.Picks, p)
	}
	for _, r := range h.why.Refused {
		_, mine := d.held[r.Claim]
		if !mine || b.has(r.Claim) {
			continue
		}
		p := d.pick(r.Claim, r.Promotion)
		p.Note = d.note(r.Code)
		if r.Code == promo.RefusedThreshold {
			p.More = d.more[r.Promotion]
		}
		b.Bad = append(b.Bad, p)
	}
	return b
}

func (d *describer) note(code string) string {
	if code == "" {
		return ""
	}
	return d.t.Begin(code)
}

func (b *voucherBox) has(claim string) bool {
	is := func(p voucherPick) bool { return p.Claim == claim }
	return slices.ContainsFunc(b.Picks, is) || slices.ContainsFunc(b.Bad, is)
}

// missed adds what the wallet calls open and the quote did not look at: what is to come, and, of a wallet that was
// looked at whole, what is paused or not for this shopper any more.
func (b *voucherBox) missed(ctx context.Context, d describer, held []voucher.Voucher) {
	now := clock.Now(ctx, d.w.Clock)
	for _, v := range held {
		early := now.Before(v.From)
		told := early || v.Paused
		if v.State != voucher.Open || b.has(string(v.ID)) || !told && len(held) > checkout.ChoicesMax {
			continue
		}
		p := d.pick(string(v.ID), string(v.Template))
		switch p.Note = d.note(promo.RefusedUnknown); {
		case v.Paused:
			p.Note = d.t.T("shopweb.voucher_paused")
		case early:
			p.Note, p.More = d.note(promo.RefusedEarly), d.t.T("shopweb.voucher_from", "time", d.t.When(v.From))
		}
		b.Bad = append(b.Bad, p)
	}
	b.Bad = b.Bad[:min(len(b.Bad), badMax)]
	b.Few = len(b.Bad) <= badFew || len(b.Picks) == 0
}

// say tells how the vouchers were chosen, and leads to the other ways.
func (b *voucherBox) say(t page.Tongue, h holding, to ways) {
	used := slices.ContainsFunc(b.Picks, func(p voucherPick) bool { return p.On })
	best := page.Link{Href: to.best, Text: t.T("shopweb.till_use_best")}
	none := page.Link{Href: to.none, Text: t.T("shopweb.till_use_none")}
	b.Gone = slices.ContainsFunc(h.named, func(claim string) bool {
		return !slices.ContainsFunc(b.Picks, func(p voucherPick) bool { return p.Claim == claim })
	})
	switch {
	case h.named == nil && used:
		b.Text, b.Links = t.T("shopweb.till_best"), []page.Link{none}
	case h.named == nil:
		b.Text = t.T("shopweb.till_left")
	case used:
		b.Text, b.Links = t.T("shopweb.till_own"), []page.Link{best, none}
	default:
		b.Text, b.Links = t.T("shopweb.till_none"), []page.Link{best}
	}
}

// chosenOf reads which vouchers a shopper chose; nil while they did not choose.
func chosenOf(form url.Values) []string {
	if form.Get("choose") == "" {
		return nil
	}
	all := make([]string, 0, len(form["use"]))
	for _, claim := range form["use"] {
		if len(claim) <= claimMax && len(all) < planMax {
			all = append(all, claim)
		}
	}
	return all
}

// sameVouchers refuses to place an order with other vouchers than those that are ticked: who ticks and places at once
// has not seen that price. The plan is then with these.
func (w *web) sameVouchers(r *http.Request, who string, p *plan) error {
	ticked := chosenOf(r.PostForm)
	was, err := w.Checkout.Promised(r.PostFormValue("token"), who)
	if ticked == nil || err != nil { // of a token that is none, placing says so
		return nil
	}
	used := checkout.Vouchers(was)
	slices.Sort(used)
	slices.Sort(ticked)
	if slices.Equal(used, slices.Compact(ticked)) {
		return nil
	}
	p.use = ticked
	return fault.New(fault.Conflict, "shopweb.vouchers_changed").At("use")
}

// reprice shows the page with the vouchers that are ticked.
func (w *web) reprice(rw http.ResponseWriter, r *http.Request, p plan) error {
	if p.use = chosenOf(r.PostForm); p.use == nil {
		p.use = []string{}
	}
	return w.anew(rw, r, p)
}

// turn shows the page with another address, carrier or choice of vouchers, and what was typed and ticked meanwhile.
func (w *web) turn(rw http.ResponseWriter, r *http.Request, from, to plan) error {
	if slices.Equal(from.use, to.use) && (from.use == nil) == (to.use == nil) {
		_ = w.sameVouchers(r, shopperOf(r.Context()), &to) // it is no order yet: other ticks are priced
	}
	return w.anew(rw, r, to)
}

func (w *web) anew(rw http.ResponseWriter, r *http.Request, p plan) error {
	if page.Partial(r) {
		rw.Header().Set("HX-Push-Url", p.href("", ""))
	}
	return w.showCheckout(rw, r, p, nil)
}

// chosenBox puts the vouchers to choose among at the till, and takes them out of what the explanation says was refused.
func (w *web) chosenBox(ctx context.Context, t page.Tongue, p plan, q *checkout.Quote) (*voucherBox, error) {
	if p.presale != "" { // they are for the balance
		return nil, nil
	}
	best, none := p, p
	best.use, none.use = nil, []string{}
	b, err := w.boxOf(ctx, t, holding{q.Currency, q.Choices, q.Why, p.use}, ways{best.href("", ""), none.href("", "")})
	if err != nil || b == nil {
		return nil, err
	}
	b.Live = true
	q.Why.Refused = slices.DeleteFunc(slices.Clone(q.Why.Refused), func(r promo.Refused) bool {
		return r.Claim != "" && b.has(r.Claim)
	})
	return b, nil
}
