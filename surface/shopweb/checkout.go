package shopweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// plan is what a checkout page is asked for: which lines ("offer" of the cart, or "buy" an offer at once), the
// address, and how each shop's part travels ("by.<shop>"). It stands whole in the page's address, so that every choice
// is a link.
type plan struct {
	offers   []string
	buy      string // offer.quantity
	address  string
	carriers map[string]string // by shop: carrier, or carrier.point
	claim    string            // the place in a group that is bought
	presale  string            // the item of a presale whose earnest is paid
	use      []string          // the vouchers that the shopper chose; nil: the best of all
	balances []string          // the orders of presales whose balance is paid together with the lines
	none     bool              // the cart's form named no line at all
}

// claimMax bounds a claim that a page's address names.
const claimMax = 100

// planMax bounds how many lines a page's address may name.
const planMax = 100

func readPlan(q url.Values) plan {
	p := plan{buy: pieces(q), address: q.Get("address"), carriers: map[string]string{}}
	if claim := q.Get("claim"); len(claim) <= claimMax {
		p.claim = claim
	}
	if item := q.Get("presale"); len(item) <= claimMax {
		p.presale = item
	}
	p.offers = append(q["offer"], q["tick"]...)
	p.balances, p.use = q["balance"], chosenOf(q)
	if len(p.balances) > order.PartsMax {
		p.balances = p.balances[:order.PartsMax]
	}
	p.none = q.Get("picked") != "" && len(p.offers) == 0
	if len(p.offers) > planMax {
		p.offers = p.offers[:planMax]
	}
	for key, values := range q {
		if shop, ok := strings.CutPrefix(key, "by."); ok && len(p.carriers) < planMax {
			p.carriers[shop] = values[0]
		}
	}
	return p
}

// href is the page's address with one choice changed.
func (p plan) href(key, value string) string {
	q := url.Values{}
	for _, o := range p.offers {
		q.Add("offer", o)
	}
	if p.buy != "" {
		q.Set("buy", p.buy)
	}
	if p.address != "" {
		q.Set("address", p.address)
	}
	if p.claim != "" {
		q.Set("claim", p.claim)
	}
	if p.presale != "" {
		q.Set("presale", p.presale)
	}
	for _, b := range p.balances {
		q.Add("balance", b)
	}
	if p.use != nil {
		q.Set("choose", "1")
		q["use"] = p.use
	}
	for shop, c := range p.carriers {
		q.Set("by."+shop, c)
	}
	if key != "" {
		q.Set(key, value)
	}
	return "/checkout?" + q.Encode()
}

// lines are what is to be bought: the one thing bought at once, or the named lines of the cart, or all of them.
func (w *web) lines(ctx context.Context, who string, p plan) ([]checkout.BasketLine, error) {
	if p.buy != "" {
		id, n, _ := strings.Cut(p.buy, ".")
		quantity, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			return nil, fault.New(fault.Invalid, "page.number_wrong").At("quantity")
		}
		return []checkout.BasketLine{{Offer: id, Quantity: quantity}}, nil
	}
	all, err := w.Carts.Lines(ctx, who)
	if err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, o := range p.offers {
		named[o] = true
	}
	var lines []checkout.BasketLine
	for _, l := range all {
		if len(named) == 0 || named[string(l.Offer)] {
			lines = append(lines, checkout.BasketLine{Offer: string(l.Offer), Quantity: l.Quantity})
		}
	}
	return lines, nil
}

// checkout shows the quote of what is to be bought, with everything that is still to choose.
func (w *web) checkout(rw http.ResponseWriter, r *http.Request) error {
	return w.showCheckout(rw, r, readPlan(r.URL.Query()), nil)
}

// showCheckout shows what is to be bought, after a refusal with what the form had shown that was refused.
func (w *web) showCheckout(rw http.ResponseWriter, r *http.Request, p plan, refused error) error {
	ctx, who := r.Context(), shopperOf(r.Context())
	lines, err := w.lines(ctx, who, p)
	if err != nil {
		return err
	}
	if len(lines) == 0 || p.none {
		return pickSome(rw, r, p)
	}
	addresses, err := w.Shoppers.Addresses(ctx, shopper.ID(who))
	if err != nil {
		return err
	}
	if p.address == "" && len(addresses) > 0 {
		p.address = string(addresses[0].ID)
	}
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title, f.Here = t.T("shopweb.confirm"), p.href("", "")
	v := checkoutView{Frame: f, NewAddress: "/addresses/new?" + url.Values{"next": {p.href("", "")}}.Encode()}
	if gate.Who(ctx).Login == "" {
		v.Login = "/login?" + url.Values{"next": {f.Here}}.Encode()
	}
	for _, a := range addresses {
		v.Addresses = append(v.Addresses, addressPick{Href: p.href("address", string(a.ID)), Recipient: a.Recipient,
			Phone: a.Phone, Whole: a.Whole(), On: string(a.ID) == p.address})
	}
	b := checkout.Basket{Lines: lines, Address: p.address, Carriers: p.choices(), Lang: f.Lang, Balances: p.named(),
		Claims: p.use}
	q, err := w.quoteOf(ctx, who, p, b, &v)
	if err != nil {
		return err
	}
	if v.Vouchers, err = w.chosenBox(ctx, t, p, &q); err != nil {
		return err
	}
	if err := w.fillCheckout(ctx, t, &v, p, q); err != nil {
		return err
	}
	v.Remark.Value = r.PostFormValue("remark")
	if v.Sought, err = w.soughtOf(ctx, t, q.Order); err != nil {
		return err
	}
	if refused != nil {
		v.changes(t, readSeen(r), q)
		if was, err := w.Checkout.Promised(r.PostFormValue("token"), who); err == nil {
			if v.Terms, err = w.termsOf(ctx, t, was, q); err != nil {
				return err
			}
		}
	}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "checkout", v)
}

// choices are the carriers that the page's address names.
func (p plan) choices() map[string]checkout.CarrierChoice {
	all := make(map[string]checkout.CarrierChoice, len(p.carriers))
	for shop, c := range p.carriers {
		name, point, _ := strings.Cut(c, ".")
		all[shop] = checkout.CarrierChoice{Carrier: name, Pickup: point}
	}
	return all
}

// quote prices the basket. Where the address cannot be served, or is gone, it is priced without it and the page says
// so; other refusals are the caller's.
func (w *web) quote(ctx context.Context, who string, b checkout.Basket, v *checkoutView) (checkout.Quote, error) {
	q, err := w.Checkout.Quote(ctx, who, b)
	if err == nil || b.Address == "" || !own(err) && fault.Of(err) != fault.NotFound {
		return q, err
	}
	v.Wrong = w.set.In(b.Lang).Fault(err)
	b.Address = ""
	return w.Checkout.Quote(ctx, who, b)
}

func (w *web) fillCheckout(ctx context.Context, t page.Tongue, v *checkoutView, p plan, q checkout.Quote) error {
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return err
	}
	cash := func(minor int64) money.Money { return money.New(minor, q.Currency) }
	problems := map[string]string{}
	for _, pr := range q.Problems {
		problems[pr.Offer] = t.Fault(pr.Err)
	}
	ways := map[string]checkout.ShopQuote{}
	for _, s := range q.Shops {
		ways[s.Shop] = s
	}
	saved := int64(0)
	for _, sub := range q.Order.Subs {
		s := checkoutShop{Name: shops[sub.Shop].Name.Pick(t.Lang), Ships: sentText(t, q.Order, sub)}
		for _, l := range sub.Lines {
			v.Seen = append(v.Seen, seenLine{l.Offer, l.Quantity, l.UnitPrice}.String())
			s.Lines = append(s.Lines, lineView{Offer: l.Offer, Title: l.Title, Choice: l.Choice,
				Picture: pictureURL(l.Picture, small), Tint: page.TintOf(l.Product), Problem: problems[l.Offer],
				Times: t.T("shopweb.times", "n", l.Quantity, "price", t.Money(cash(l.UnitPrice))),
				Sum:   t.Money(cash(l.Paid)), Off: lineOff(t, q.Currency, l)})
			saved += l.Discount
			delete(problems, l.Offer)
		}
		if way, ok := ways[sub.Shop]; ok {
			s.Carriers = carriers(t, p, way, sub.Pickup, q.Currency)
		} else if p.address != "" && q.Token == "" && len(q.Problems) == 0 {
			s.NoCarrier = t.T("shopweb.no_carrier")
		}
		v.Shops = append(v.Shops, s)
	}
	for _, why := range problems { // of offers that no longer exist
		v.Wrong = why
	}
	if v.Why, err = w.why(ctx, t, q); err != nil {
		return err
	}
	if saved > 0 {
		v.Saved = off(t, cash(saved))
	}
	v.Goods, v.Freight = t.Money(cash(q.Order.Goods+saved)), freight(t, cash(q.Order.Freight))
	if len(q.Shops) == 0 { // nothing was asked what it takes to the address
		if v.Freight = "–"; p.address == "" {
			v.Freight = t.T("shopweb.freight_unknown")
		}
	}
	v.Balances, v.Repriced = balancesOf(t, q), repricedTerms(t, q)
	v.Total = t.PriceOf(q.Pay(), money.Money{}, false)
	v.Remark = page.Field{ID: "remark", Name: "remark", Kind: "text", Label: t.T("shopweb.remark"),
		Length: w.Checkout.Settings().RemarkMax}
	v.Token = q.Token
	if v.Finals, err = w.finalsOf(ctx, t, q.Order.Lines()); err != nil {
		return err
	}
	switch {
	case q.Token != "":
		v.Holds = &page.Countdown{Before: t.T("shopweb.holds"), At: t.T("shopweb.holds_at"),
			Ends: q.ExpiresAt, Now: clock.Now(ctx, w.Clock),
			Over: t.T("shopweb.held_over")}
	case len(q.Problems) > 0:
		v.Missing = t.T("shopweb.need_fix")
	case len(v.Addresses) == 0:
		v.Missing = t.T("shopweb.need_address")
	default:
		v.Missing = t.T("shopweb.need_carrier")
	}
	return nil
}

// repricedTerms says before an order is placed that its refunds price again what is left of it, where they do.
func repricedTerms(t page.Tongue, q checkout.Quote) string {
	if !q.Reprices() {
		return ""
	}
	return t.T("order.repriced")
}

// carriers are the ways that a shop's part can travel, each a link that chooses it.
func carriers(t page.Tongue, p plan, way checkout.ShopQuote, point string, c money.Currency) []carrierPick {
	var all []carrierPick
	for _, o := range way.Options {
		pick := carrierPick{Name: t.Carrier(o.Carrier), Freight: freight(t, money.New(o.Freight, c)),
			Text: days(t, o), Href: p.href("by."+way.Shop, o.Carrier), On: way.Chosen == o.Carrier}
		for _, at := range o.Points {
			place := text.Entry{Zh: at.Zh, En: at.En}.Pick(t.Lang)
			pick.Text = t.T("shopweb.pickup_at", "point", place+" "+at.Address)
			pick.Href = p.href("by."+way.Shop, o.Carrier+"."+at.Code)
			pick.On = way.Chosen == o.Carrier && point == at.Code
			all = append(all, pick)
		}
		if len(o.Points) == 0 {
			all = append(all, pick)
		}
	}
	return all
}

func freight(t page.Tongue, m money.Money) string {
	if m.IsZero() {
		return t.T("shopweb.freight_free")
	}
	return t.Money(m)
}

func days(t page.Tongue, o ship.Option) string {
	switch {
	case o.DaysMax == 0:
		return ""
	case o.DaysMin == o.DaysMax:
		return t.T("shopweb.days_one", "n", o.DaysMax)
	}
	return t.T("shopweb.days", "from", o.DaysMin, "to", o.DaysMax)
}

// place makes the order of the token and leads to where it is paid. Placing the same token again leads to the same
// order. What was placed leaves the cart. What a form says of prices or quantities is compared, never used (FAULTS A5):
// where the cart has changed since the page was shown, the shopper looks again (R16).
func (w *web) place(rw http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), shopperOf(r.Context())
	p, planned := planOf(r.PostFormValue("back"))
	if to, there := planOf(r.PostFormValue("turn")); there {
		return w.turn(rw, r, p, to)
	}
	if r.PostFormValue("reprice") != "" && planned {
		return w.reprice(rw, r, p)
	}
	err := w.unchanged(ctx, who, p, readSeen(r))
	if err == nil {
		err = w.confirmed(ctx, r, who, p)
	}
	if err == nil {
		err = w.sameVouchers(r, who, &p)
	}
	var placed checkout.Placed
	if err == nil {
		placed, err = w.Checkout.Place(ctx, checkout.Place{Shopper: who, Token: r.PostFormValue("token"),
			Remark: strings.TrimSpace(r.PostFormValue("remark")), Source: "web",
			Agreed: r.PostFormValue("agreed") == "1"})
	}
	if err != nil {
		if own(err) && planned {
			return w.showCheckout(rw, r, p, err)
		}
		return err
	}
	if planned && !placed.Replayed && p.buy == "" {
		if err := w.takeOut(ctx, who, placed.Order); err != nil {
			return err
		}
	}
	return see(rw, r, "/orders/"+string(placed.Order))
}

// planOf reads a checkout page's address; planned is false for any other page's.
func planOf(back string) (p plan, planned bool) {
	u, err := url.Parse(back)
	if err != nil || u.Path != "/checkout" {
		return plan{}, false
	}
	return readPlan(u.Query()), true
}
