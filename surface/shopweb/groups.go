package shopweb

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"
	"strings"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/order"
)

// The pages of buying together.
const (
	groupPath  = "/group/"
	groupsPath = "/me/groups"
)

//go:embed text_groups.json
var groupTextJSON []byte

// groupTexts are the sentences of these pages.
var groupTexts = text.MustParse(groupTextJSON)

func (w *web) groupRoutes() []gate.Route {
	return []gate.Route{
		row("group", http.MethodGet, "/group/{group}", everyone, w.group),
		row("me.groups", http.MethodGet, groupsPath, buyers, w.myGroups),
	}
}

// groupBox is what a product's page says of buying it together.
type groupBox struct {
	Size    string // "3 people"
	Price   page.Price
	Ladder  []string
	Open    string // where a group is opened; "" where none can be
	Private string
	Groups  []groupRow
}

// groupRow is a group that a shopper may join.
type groupRow struct {
	Href, Need string
	Until      page.Countdown
}

// groupBoxes are the boxes of an offer; none where it cannot be bought, or is not sold to groups.
func (w *web) groupBoxes(ctx context.Context, t page.Tongue, boxes []group.Box, goods string) (all []groupBox) {
	for _, b := range boxes {
		if goods == "" || b.Offer.Goods != goods {
			continue
		}
		box := groupBox{Size: t.T("shopweb.group_size", "n", b.Offer.Size()), Ladder: ladder(t, b.Offer),
			Price: t.PriceOf(money.New(b.Offer.Price(), b.Offer.Currency), money.Money{}, false)}
		if b.Opens {
			box.Open = buyIn(goods, group.ClaimOpen(b.Offer.ID, false))
			box.Private = buyIn(goods, group.ClaimOpen(b.Offer.ID, true))
		}
		for _, g := range b.Groups {
			box.Groups = append(box.Groups, groupRow{Href: groupPath + string(g.ID), Need: need(t, g),
				Until: w.groupUntil(ctx, t, g)})
		}
		all = append(all, box)
	}
	return all
}

// buyIn is the checkout of one piece under a claim.
func buyIn(goods, claim string) string {
	return "/checkout?" + url.Values{"buy": {goods + ".1"}, "claim": {claim}}.Encode()
}

func need(t page.Tongue, g group.Group) string {
	if g.Need() == 0 {
		return t.T("shopweb.group_enough", "n", g.Paid)
	}
	return t.T("shopweb.group_need", "n", g.Need())
}

// ladder says a ladder's further steps.
func ladder(t page.Tongue, o group.Offer) (all []string) {
	if !o.Ladder() {
		return nil
	}
	for _, s := range o.Steps {
		all = append(all, t.T("shopweb.group_step", "n", s.Size, "price", t.Money(money.New(s.Price, o.Currency))))
	}
	return all
}

func (w *web) groupUntil(ctx context.Context, t page.Tongue, g group.Group) page.Countdown {
	return page.Countdown{Before: t.T("shopweb.group_left"), At: t.T("shopweb.group_left_at"),
		Ends: g.Deadline, Now: clock.Now(ctx, w.Clock),
		Over: t.T("shopweb.group_time_up"), Again: true}
}

// groupView is one group's page: where a link leads.
type groupView struct {
	page.Frame
	Product  string // its page
	Name     string
	Price    page.Price
	Ladder   []string
	Badge    page.Badge
	Need     string
	Until    *page.Countdown
	Members  []groupMember
	Join     string // "" where nobody, or not this reader, can join
	Open     string // a group of one's own instead
	Mine     string
	Order    string
	Share    *groupShare // nil: there is nothing to invite to
	Rules    []string
	Refusals string
}

// groupShare is what others are invited with.
type groupShare struct {
	Code, Link string
}

// groupMember is somebody in a group, as others see them.
type groupMember struct {
	Name, When string
	Lead, You  bool
}

// group shows a group to whoever has its link.
func (w *web) group(rw http.ResponseWriter, r *http.Request) error {
	if w.Groups == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	ctx, who := r.Context(), shopperOf(r.Context())
	g, err := w.Groups.Show(ctx, who, r.PathValue("group"))
	if err != nil {
		return err
	}
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title, f.Here = t.T("shopweb.group"), groupPath+r.PathValue("group")
	f.Notice = t.TakeFlash(rw, r)
	v := groupView{Frame: f, Badge: groupBadge(t, g.Group), Ladder: ladder(t, g.Offer),
		Product: "/p/" + g.Offer.Product + "?sku=" + g.Offer.SKU,
		Price:   t.PriceOf(money.New(priceNow(g), g.Offer.Currency), money.Money{}, false)}
	if err := w.groupGoods(ctx, t, g.Offer, &v); err != nil {
		return err
	}
	now := clock.Now(ctx, w.Clock)
	if g.State == group.Forming {
		until := w.groupUntil(ctx, t, g.Group)
		v.Until, v.Need = &until, need(t, g.Group)
	}
	if g.Why != "" {
		v.Refusals = t.T("group.why." + g.Why)
	}
	v.people(t, g, who)
	switch {
	case g.Mine != nil:
		v.Mine, v.Order = t.T("group.member."+string(g.Mine.State)), "/orders/"+string(g.Mine.Order)
	case g.Takes(now):
		v.Join = buyIn(g.Offer.Goods, group.ClaimJoin(g.Group))
	case g.Offer.Opens(now):
		v.Open = buyIn(g.Offer.Goods, group.ClaimOpen(g.Offer.ID, false))
	}
	if g.Takes(now) { // there is nothing to invite to in one that is full, or over
		v.Share = &groupShare{g.Code, gate.Origin(r) + groupPath + g.Code}
	}
	v.Rules = w.groupRules(t, g.Offer)
	return w.set.Render(rw, r, http.StatusOK, "group", v)
}

// priceNow is what a piece costs in a group: what it came to, or what is paid to begin with.
func priceNow(g group.View) int64 {
	if g.State == group.Formed && g.Price > 0 {
		return g.Price
	}
	return g.Offer.Price()
}

// groupRules are the market's rules of groups, as it publishes them.
func (w *web) groupRules(t page.Tongue, o group.Offer) []string {
	set := w.Groups.Settings()
	all := []string{t.T("shopweb.group_rule_fail"), t.T("shopweb.group_rule_full")}
	if o.Ladder() {
		all = append(all, t.T("shopweb.group_rule_ladder"))
	}
	if !o.Stacks {
		all = append(all, t.T("shopweb.group_rule_alone"))
	}
	if set.KeptMin > 0 {
		all = append(all, t.T("shopweb.group_rule_kept", "percent", int64(set.KeptMin)/10_000))
	}
	if set.ReturnsMax > 0 {
		all = append(all, t.T("shopweb.group_rule_barred", "n", set.ReturnsMax, "days",
			int64(set.ReturnsTime.Hours())/24))
	}
	return all
}

// people are those who have a place, without their names.
func (v *groupView) people(t page.Tongue, g group.View, who string) {
	for _, m := range g.Members {
		if m.State == group.Left {
			continue
		}
		you := m.Shopper == who && who != ""
		name := t.T("shopweb.group_someone", "tail", tail(m.Shopper))
		if you {
			name = t.T("shopweb.group_you")
		}
		v.Members = append(v.Members, groupMember{Name: name, When: t.When(m.PaidAt), Lead: m.Shopper == g.Leader, You: you})
	}
}

// tail is enough of an id to tell two people apart on a page, and not to name one.
func tail(id string) string { return strings.ToUpper(id[max(len(id)-2, 0):]) }

// groupGoods puts the name of what is sold on a group's page.
func (w *web) groupGoods(ctx context.Context, t page.Tongue, o group.Offer, v *groupView) error {
	g, err := w.goods(ctx, []catalog.ID{catalog.ID(o.Product)})
	if err != nil || len(g.products) == 0 {
		return err
	}
	v.Name = g.products[0].Title.In(t.Lang)
	return nil
}

func groupBadge(t page.Tongue, g group.Group) page.Badge {
	tones := map[group.State]string{group.Forming: "wait", group.Formed: "done", group.Failed: "off",
		group.Dissolved: "off"}
	return page.Badge{Tone: tones[g.State], Text: t.T("group.state." + string(g.State))}
}

// myGroupsView is the account's list of groups.
type myGroupsView struct {
	page.Frame
	Groups []myGroup
	Code   page.Field
	More   string
	Empty  page.Empty
}

type myGroup struct {
	Href, Order string
	Name        string // of what is bought
	Badge       page.Badge
	Mine, When  string
	Need, Why   string
	Lead        bool
	Until       *page.Countdown
}

// groupsPerPage bounds a page of the account's groups.
const groupsPerPage = 20

// myGroups shows the groups that a shopper is or was in, newest first.
func (w *web) myGroups(rw http.ResponseWriter, r *http.Request) error {
	f := w.account(rw, r, "groups")
	t, ctx, who := w.set.In(f.Lang), r.Context(), shopperOf(r.Context())
	v := myGroupsView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.groups_none"), Text: t.T("shopweb.groups_none_text"),
		Href: "/", Action: t.T("shopweb.browse")}}
	if w.Groups == nil {
		return w.set.Render(rw, r, http.StatusOK, "me-groups", v)
	}
	at, wrong := w.byCode(r, who)
	if at != "" {
		return see(rw, r, at)
	}
	status := http.StatusOK
	v.Code = page.Field{ID: "code", Name: "code", Kind: "text", Label: t.T("shopweb.group_code_given"), Auto: "off",
		Required: true, Length: 64, Value: r.URL.Query().Get("code")}
	if wrong != nil {
		if fault.Of(wrong) == fault.Internal {
			return wrong
		}
		v.Code.Error, status = t.Fault(wrong), fault.Of(wrong).Status()
	}
	all, err := w.Groups.ByShopper(ctx, who, order.ID(page.Place(r.URL.Query(), "before", "ord")), groupsPerPage)
	if err != nil {
		return err
	}
	for _, m := range all {
		one := myGroup{Order: "/orders/" + string(m.Order), Mine: t.T("group.member." + string(m.State)),
			When: t.When(m.PaidAt)}
		if one.Name, err = w.boughtName(ctx, m); err != nil {
			return err
		}
		if m.Why != "" {
			one.Why = t.T("group.why." + m.Why)
		}
		if m.Group.ID != "" {
			one.Href, one.Badge, one.Lead = groupPath+m.Group.Code, groupBadge(t, m.Group), m.Group.Leader == who
		}
		if m.Group.State == group.Forming {
			until := w.groupUntil(ctx, t, m.Group)
			one.Until, one.Need = &until, need(t, m.Group)
		}
		v.Groups = append(v.Groups, one)
	}
	if len(all) == groupsPerPage {
		v.More = groupsPath + "?" + url.Values{"before": {string(all[len(all)-1].Order)}}.Encode()
	}
	return w.set.Render(rw, r, status, "me-groups", v)
}

// byCode is the page of the group whose code, or whose whole link, was typed or pasted; "" where none was.
func (w *web) byCode(r *http.Request, who string) (string, error) {
	typed := strings.TrimSpace(r.URL.Query().Get("code"))
	if typed == "" {
		return "", nil
	}
	g, err := w.Groups.Show(r.Context(), who, typed[strings.LastIndex(typed, "/")+1:])
	if err != nil {
		return "", err
	}
	return groupPath + g.Code, nil
}

// boughtName is the title of what a member bought, as it was when they did.
func (w *web) boughtName(ctx context.Context, m group.Mine) (string, error) {
	o, err := w.Orders.Order(ctx, m.Shopper, m.Order)
	if err != nil {
		return "", err
	}
	for _, l := range o.Lines() {
		if l.No == m.Line {
			return l.Title, nil
		}
	}
	return "", nil
}

// quoteIn prices the basket with the place in a group that it wants; where that cannot be had, the page says why and
// shows what it costs alone.
func (w *web) quoteIn(ctx context.Context, who, claim string, b checkout.Basket, v *checkoutView) (checkout.Quote,
	error) {
	if claim == "" {
		return w.quote(ctx, who, b, v)
	}
	b.Group = claim
	q, err := w.quote(ctx, who, b, v)
	if err == nil || !own(err) && fault.Of(err) != fault.NotFound {
		return q, err
	}
	wrong := w.set.In(b.Lang).Fault(err)
	b.Group = ""
	q, err = w.quote(ctx, who, b, v)
	v.Wrong = wrong
	return q, err
}

// orderGroup is what an order's page says of the group that it was bought in.
type orderGroup struct {
	Href        string
	Badge       page.Badge
	Moved, Need string // that it leads another group than it was for; how many are missing
	Until       *page.Countdown
	Share       *groupShare // nil where nobody can join
}

// groupSought is what the pages before a payment say of the place in a group that is bought.
type groupSought struct {
	Size, Need string
	Until      *page.Countdown
	Text       string
	Late       bool // paying now does not lead into the group
}

// soughtOf is the place in a group that an order, quoted or waiting for its payment, is for; nil where it is for none.
func (w *web) soughtOf(ctx context.Context, t page.Tongue, o order.Order) (*groupSought, error) {
	if w.Groups == nil || o.State != "" && o.State != order.AwaitingPayment {
		return nil, nil
	}
	all, err := w.Groups.Sought(ctx, o)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	g, now := all[0].Group, clock.Now(ctx, w.Clock)
	v := &groupSought{Size: t.T("shopweb.group_size", "n", all[0].Offer.Size()), Text: t.T("shopweb.group_how")}
	opens := all[0].Offer.Opens(now)
	switch {
	case all[0].In:
		v.Text, v.Late = t.T("shopweb.group_twice"), true
	case g.ID == "" && opens:
	case g.ID != "" && g.Takes(now):
		until := w.groupUntil(ctx, t, g)
		v.Need, v.Until, v.Text = need(t, g), &until, t.T("shopweb.group_joins")
		if all[0].Twin {
			v.Text = t.T("shopweb.group_twin")
		}
	case g.State == group.Failed || g.State == group.Forming && !now.Before(g.Deadline):
		v.Text, v.Late = t.T("shopweb.group_late"), true
	case !opens:
		v.Text, v.Late = t.T("shopweb.group_ended"), true
	default:
		v.Text, v.Late = t.T("shopweb.group_filled"), true
	}
	return v, nil
}

// groupOf is the group that an order was bought in; nil where there is none. Its link begins with origin.
func (w *web) groupOf(ctx context.Context, t page.Tongue, o order.Order, origin string) (*orderGroup, error) {
	if w.Groups == nil {
		return nil, nil
	}
	all, err := w.Groups.OfOrder(ctx, o.Shopper, o.ID)
	for _, m := range all {
		if m.Group.Code == "" {
			continue
		}
		v := &orderGroup{Href: groupPath + m.Group.Code, Badge: groupBadge(t, m.Group)}
		moved, err := m.Moved(o)
		if err != nil {
			return nil, err
		}
		if moved {
			v.Moved = t.T("shopweb.group_moved")
		}
		if m.State == group.Waiting && m.Group.Takes(clock.Now(ctx, w.Clock)) {
			until := w.groupUntil(ctx, t, m.Group)
			v.Need, v.Until, v.Share = need(t, m.Group), &until, &groupShare{m.Group.Code, origin + v.Href}
		}
		return v, nil
	}
	return nil, err
}
