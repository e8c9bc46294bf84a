package shopweb

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// The pages of vouchers.
const (
	centrePath = "/vouchers"
	walletPath = "/me/vouchers"
)

//go:embed text_vouchers.json
var voucherTextJSON []byte

// voucherTexts are the sentences of these pages.
var voucherTexts = text.MustParse(voucherTextJSON)

func (w *web) voucherRoutes() []gate.Route {
	return []gate.Route{
		row("vouchers", http.MethodGet, centrePath, everyone, w.centre),
		row("vouchers.claim", http.MethodPost, centrePath, takers, w.claim),
		row("me.vouchers", http.MethodGet, walletPath, buyers, w.wallet),
		row("me.vouchers.redeem", http.MethodPost, walletPath, buyers, w.redeem),
	}
}

// voucherCard is a voucher as a ticket: what it takes off, where and when, and what can be done with it.
type voucherCard struct {
	ID           string
	Big, Least   string // "¥40", "on orders from ¥300"
	Name, Where  string
	When         string
	Left         string
	Gone, Issued int64 // of a template; Issued 0: not told
	Badge        page.Badge
	Nth          string // what a claim is to say; "" where none can be made
	Back         string // the page to come back to
	Use          string // where it can be used; "" where it cannot
	Off          bool   // no longer of any use
}

// centreView is what can be claimed.
type centreView struct {
	page.Frame
	Shop  string // whose vouchers, "" for everybody's
	Cards []voucherCard
	All   string
	Mine  string
	Empty page.Empty
}

// centre shows what a shopper can claim, everybody's or one shop's.
func (w *web) centre(rw http.ResponseWriter, r *http.Request) error {
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title, f.Notice = t.T("shopweb.vouchers"), t.TakeFlash(rw, r)
	v := centreView{Frame: f, Mine: walletPath, Empty: page.Empty{Title: t.T("shopweb.vouchers_none"),
		Text: t.T("shopweb.vouchers_none_text"), Href: "/", Action: t.T("shopweb.browse")}}
	ask := voucher.Centre{Shopper: shopperOf(r.Context())}
	here := centrePath
	if code := r.URL.Query().Get("shop"); code != "" {
		s, err := w.Shops.ByCode(r.Context(), code)
		if err != nil {
			return err
		}
		ask.Shop, v.Shop, v.All = string(s.ID), s.Name.Pick(t.Lang), centrePath
		here += "?" + url.Values{"shop": {s.Code}}.Encode()
	}
	offers, err := w.offered(r.Context(), ask)
	if err != nil {
		return err
	}
	shops, err := w.shopsByID(r.Context())
	if err != nil {
		return err
	}
	for i := range offers {
		v.Cards = append(v.Cards, w.offerCard(r.Context(), t, &offers[i], shops, here))
	}
	return w.set.Render(rw, r, http.StatusOK, "vouchers", v)
}

// offered asks the claim centre; without vouchers here it is empty.
func (w *web) offered(ctx context.Context, ask voucher.Centre) ([]voucher.Offer, error) {
	if w.Vouchers == nil {
		return nil, nil
	}
	all, _, err := w.Vouchers.Centre(ctx, ask)
	return all, err
}

func (w *web) shopsByID(ctx context.Context) (map[string]merchant.Shop, error) {
	_, byID, err := w.shops.list(ctx)
	return byID, err
}

// cash is an amount as a ticket prints it: without cents where there are none.
func (w *web) cash(t page.Tongue, minor int64) string {
	p := t.PriceOf(money.New(minor, w.Checkout.Settings().Currency), money.Money{}, false)
	if strings.Trim(p.Cents, ".0") == "" {
		return p.Sign + p.Whole + p.After
	}
	return p.Plain
}

// offerCard is a template in the claim centre.
func (w *web) offerCard(ctx context.Context, t page.Tongue, o *voucher.Offer, shops map[string]merchant.Shop,
	here string) voucherCard {
	now := clock.Now(ctx, w.Clock)
	c := w.ticket(t, o.Terms, o.Shop, shops)
	c.ID, c.Back = string(o.ID), here
	c.Gone, c.Issued = o.Gone, max(o.Terms.Issue, o.Gone)
	c.Left = t.T("shopweb.voucher_left", "n", t.Count(o.Left))
	c.When = t.T("shopweb.voucher_claim_until", "time", t.When(o.Terms.ClaimUntil()))
	switch {
	case o.Early(now):
		c.When = t.T("shopweb.voucher_claim_from", "time", t.When(o.Terms.ClaimFrom()))
		c.Badge = page.Badge{Tone: "wait", Text: t.T("shopweb.voucher_soon")}
	case o.Full():
		c.Badge = page.Badge{Tone: "done", Text: t.T("shopweb.voucher_have")}
		c.Use = w.useOf(o.Terms, o.Shop, shops)
	case o.Left == 0:
		c.Badge, c.Off = page.Badge{Tone: "off", Text: t.T("shopweb.voucher_gone")}, true
	default:
		c.Nth = page.Itoa(o.Nth())
	}
	return c
}

// ticket is what a voucher says whoever holds it.
func (w *web) ticket(t page.Tongue, of *voucher.Terms, shop string, shops map[string]merchant.Shop) voucherCard {
	c := voucherCard{Name: of.Title.Pick(t.Lang), Least: t.T("shopweb.voucher_plain")}
	switch {
	case of.Kind == voucher.KindRedPacket:
		c.Big = t.T("shopweb.voucher_packet")
	case of.PPM > 0:
		c.Big = t.T("shopweb.voucher_rate", "percent", of.Percent())
	default:
		c.Big = w.cash(t, of.Off)
	}
	if of.Threshold > 0 {
		c.Least = t.T("shopweb.voucher_least", "least", w.cash(t, of.Threshold))
	}
	if of.Max > 0 {
		c.Least += t.T("shopweb.voucher_most", "most", w.cash(t, of.Max))
	}
	c.Where = t.T("shopweb.voucher_everywhere")
	if s, there := shops[shop]; there {
		c.Where = t.T("shopweb.voucher_in_shop", "shop", s.Name.Pick(t.Lang))
	}
	if n, known := taxonomy.Find(of.Category); known {
		c.Where += t.T("shopweb.voucher_in", "what", categoryName(t.Lang, n))
	}
	if len(of.SKUs) > 0 {
		c.Where += t.T("shopweb.voucher_items")
	}
	switch of.Audience.Kind {
	case voucher.InCityTiers:
		c.Where += t.T("shopweb.voucher_parcels")
	case voucher.NewShoppers:
		c.Where += t.T("shopweb.voucher_new")
	}
	return c
}

// useOf is where a voucher is good.
func (w *web) useOf(of *voucher.Terms, shop string, shops map[string]merchant.Shop) string {
	category := url.Values{"category": {of.Category}}.Encode()
	s, there := shops[shop]
	switch {
	case there && of.Category != "":
		return "/shop/" + s.Code + "?" + category
	case there:
		return "/shop/" + s.Code
	case of.Category != "":
		return "/c/" + of.Category
	}
	return "/search"
}

// claim gives the shopper a voucher. Somebody without an account is asked to log in, and comes back.
func (w *web) claim(rw http.ResponseWriter, r *http.Request) error {
	if w.Vouchers == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	back := backTo(r.PostFormValue("back"))
	who := gate.Who(r.Context())
	if who.Login == "" {
		return leave(rw, r, "/login?"+url.Values{"next": {back}}.Encode())
	}
	nth, err := number(r, "nth")
	if err != nil {
		return err
	}
	_, err = w.Vouchers.Claim(r.Context(), voucher.Claim{Shopper: who.Shopper,
		Template: voucher.TemplateID(r.PostFormValue("template")), Nth: nth})
	if fault.Is(err, "voucher.not_found") || err != nil && fault.Of(err) == fault.Internal {
		return err
	}
	if page.Partial(r) {
		return w.claimed(rw, r, back, err)
	}
	tellClaim(rw, err)
	return see(rw, r, back)
}

// pairs are a refusal's parameters, for a sentence that is carried over a redirect.
func pairs(f *fault.Error) (all []string) {
	for _, p := range f.Params {
		if n, whole := p.Value.(int64); whole {
			all = append(all, p.Name, page.Itoa(n))
		}
	}
	return all
}

// leave leads on to another page, also where only a part of this one was asked for: the other page is not put there.
func leave(rw http.ResponseWriter, r *http.Request, to string) error {
	if page.Partial(r) {
		rw.Header().Set("HX-Redirect", to)
		return nil
	}
	return see(rw, r, to)
}

// backTo keeps a form from leading out of these pages.
func backTo(given string) string {
	u, err := url.Parse(given)
	if err != nil || u.Host != "" || u.Path != centrePath {
		return centrePath
	}
	return centrePath + ifAny("?", u.RawQuery)
}

func ifAny(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

// claimed answers htmx with the ticket as it stands now.
func (w *web) claimed(rw http.ResponseWriter, r *http.Request, back string, refusal error) error {
	t := w.set.In(gate.Lang(r.Context()))
	toast := page.Toast{Tone: "good", Text: t.T("shopweb.voucher_claimed")}
	if refusal != nil {
		toast = page.Toast{Tone: "bad", Text: t.Fault(refusal)}
	}
	if err := page.ToastHeader(rw, toast); err != nil {
		return err
	}
	offers, err := w.offered(r.Context(), voucher.Centre{Shopper: shopperOf(r.Context())})
	if err != nil {
		return err
	}
	shops, err := w.shopsByID(r.Context())
	if err != nil {
		return err
	}
	for i := range offers {
		if string(offers[i].ID) == r.PostFormValue("template") {
			return w.set.RenderPart(rw, r, page.Part{Page: "vouchers", Define: "ticket",
				Data: w.offerCard(r.Context(), t, &offers[i], shops, back)})
		}
	}
	rw.Header().Del("HX-Trigger") // the page is read anew, without the ticket, and says it
	tellClaim(rw, refusal)
	return leave(rw, r, back)
}

// tellClaim carries over a redirect what became of a claim.
func tellClaim(rw http.ResponseWriter, refusal error) {
	if refusal == nil {
		page.Flash(rw, "good", "shopweb.voucher_claimed")
		return
	}
	f := fault.As(refusal)
	page.Flash(rw, "bad", f.Code, pairs(f)...)
}

// walletView is what a shopper has.
type walletView struct {
	page.Frame
	Tabs  page.Tabs
	Cards []voucherCard
	Code  page.Field
	Wrong string
	Guest string // where a guest logs in, "" for an account
	Empty page.Empty
}

// walletTab is the part of the wallet that is asked for.
type walletTab struct {
	key, name string
	fits      func(voucher.Voucher) bool
}

func inState(states ...voucher.State) func(voucher.Voucher) bool {
	return func(v voucher.Voucher) bool {
		for _, s := range states {
			if v.State == s {
				return true
			}
		}
		return false
	}
}

var walletTabs = []walletTab{{"", "open", inState(voucher.Open)}, {"used", "used", inState(voucher.Used)},
	{"over", "over", inState(voucher.Expired, voucher.Void)}}

// wallet shows what the shopper has: what can be used, what was, and what ended.
func (w *web) wallet(rw http.ResponseWriter, r *http.Request) error {
	return w.showWallet(rw, r, http.StatusOK, nil)
}

func (w *web) showWallet(rw http.ResponseWriter, r *http.Request, status int, refusal error) error {
	f := w.account(rw, r, "vouchers")
	t := w.set.In(f.Lang)
	v := walletView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.wallet_none"), Text: t.T("shopweb.wallet_none_text"),
		Href: centrePath, Action: t.T("shopweb.vouchers")}}
	v.Code = page.Field{ID: "code", Name: "code", Kind: "text", Label: t.T("shopweb.voucher_code"), Required: true,
		Length: codeMax, Auto: "off", Holder: "xxxxx-xxxxx-xxxxx-xxxxx", Value: r.PostFormValue("code")}
	if gate.Who(r.Context()).Login == "" {
		v.Guest = "/login?" + url.Values{"next": {walletPath}}.Encode()
	} else if kept := takeCode(rw, r); v.Code.Value == "" {
		v.Code.Value = kept
	}
	if refusal != nil {
		v.Code.Error = t.Fault(refusal)
	}
	all, err := w.held(r.Context())
	if err != nil {
		return err
	}
	shops, err := w.shopsByID(r.Context())
	if err != nil {
		return err
	}
	v.Tabs.Label = f.Title
	used := false
	for i, s := range walletTabs {
		l := page.Link{Href: walletPath, Text: t.T("shopweb.wallet_" + s.name), Current: r.URL.Query().Get("show") == s.key}
		if i > 0 {
			l.Href += "?show=" + s.key
		}
		for _, one := range all {
			if !s.fits(one) {
				continue
			}
			if i == 0 {
				l.Count++
			}
			if l.Current {
				v.Cards = append(v.Cards, w.heldCard(r.Context(), t, one, shops))
				used = used || one.State == voucher.Used
			}
		}
		v.Tabs.Links = append(v.Tabs.Links, l)
	}
	if used {
		if err := w.usedIn(r.Context(), v.Cards); err != nil {
			return err
		}
	}
	return w.set.Render(rw, r, status, "me-vouchers", v)
}

func (w *web) held(ctx context.Context) ([]voucher.Voucher, error) {
	if w.Vouchers == nil {
		return nil, nil
	}
	return w.Vouchers.Wallet(ctx, shopperOf(ctx))
}

// usedIn leads from used vouchers to the orders that used them, among the shopper's newest.
func (w *web) usedIn(ctx context.Context, cards []voucherCard) error {
	all, err := w.Orders.ByShopper(ctx, shopperOf(ctx), "", ordersRead)
	if err != nil {
		return err
	}
	ids := make([]string, len(all))
	for i, o := range all {
		ids[i] = string(o.ID)
	}
	by, err := w.Vouchers.UsedBy(ctx, ids)
	for i := range cards {
		if o := by[voucher.ID(cards[i].ID)]; o != "" {
			cards[i].Use = "/orders/" + o
		}
	}
	return err
}

// soon is how long before its end a voucher says so.
const soon = 3 * 24 * time.Hour

// heldCard is a voucher in its shopper's wallet.
func (w *web) heldCard(ctx context.Context, t page.Tongue, one voucher.Voucher,
	shops map[string]merchant.Shop) voucherCard {
	now := clock.Now(ctx, w.Clock)
	c := w.ticket(t, one.Terms, one.Shop, shops)
	c.ID = string(one.ID)
	if one.Amount > 0 {
		c.Big = w.cash(t, one.Amount)
	}
	c.When = t.T("shopweb.voucher_until", "time", t.When(one.Until))
	switch {
	case one.State == voucher.Used:
		c.Badge, c.Off = page.Badge{Tone: "off", Text: t.T("shopweb.voucher_used")}, true
	case one.State == voucher.Expired:
		c.Badge, c.Off = page.Badge{Tone: "off", Text: t.T("shopweb.voucher_expired")}, true
	case one.State == voucher.Void:
		c.Badge, c.Off = page.Badge{Tone: "off", Text: t.T("shopweb.voucher_void")}, true
	case one.Paused:
		c.Badge = page.Badge{Tone: "wait", Text: t.T("shopweb.voucher_paused")}
	case w.Deals != nil && w.Deals.Empty(string(one.Template)):
		c.Badge, c.Off = page.Badge{Tone: "off", Text: t.T("shopweb.voucher_spent")}, true
	case now.Before(one.From):
		c.Badge = page.Badge{Tone: "wait", Text: t.T("shopweb.voucher_from", "time", t.When(one.From))}
	default:
		c.Use = w.useOf(one.Terms, one.Shop, shops)
		if left := one.Until.Sub(now); left < soon {
			c.Badge = page.Badge{Tone: "wait", Text: t.T("shopweb.voucher_ends", "left", t.Left(left))}
		}
	}
	return c
}

// shopVouchers are a shop's vouchers for its page, which is kept for everybody: those for everybody, each leading to
// where it is claimed.
func (w *web) shopVouchers(ctx context.Context, t page.Tongue, s merchant.Shop) ([]page.Link, error) {
	offers, err := w.offered(ctx, voucher.Centre{Shop: string(s.ID)})
	if err != nil {
		return nil, err
	}
	var all []page.Link
	for _, o := range offers[:min(len(offers), shopVouchersMax)] {
		all = append(all, page.Link{Href: centrePath + "?" + url.Values{"shop": {s.Code}}.Encode(), Icon: "ticket",
			Text: o.Terms.Label(t.Lang, func(minor int64) string { return w.cash(t, minor) }, 0)})
	}
	return all, nil
}

// shopVouchersMax is how many vouchers a shop's page names.
const shopVouchersMax = 4
