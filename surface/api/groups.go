package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/trade/group"
	"hutong/trade/order"
)

// groupStep is a price that holds from so many members on.
type groupStep struct {
	Size  int64       `json:"size"`
	Price money.Money `json:"price" doc:"a piece"`
}

// groupOfferForm is what goods cost when they are bought together. A quote whose claims name one of open and private
// opens a group once it is paid.
type groupOfferForm struct {
	Offer      string      `json:"group_offer"`
	Goods      string      `json:"offer" doc:"the one line of a quote"`
	Product    string      `json:"product"`
	State      string      `json:"state"`
	Steps      []groupStep `json:"steps" doc:"everybody pays the first; what a further one saves is given back"`
	Places     int64       `json:"places" doc:"members at most"`
	Hours      int64       `json:"hours" doc:"how long a group may form"`
	PerShopper int64       `json:"per_shopper"`
	Open       string      `json:"open,omitempty" doc:"the claim that opens a group"`
	Private    string      `json:"private,omitempty" doc:"the claim that opens one for those who have its link alone"`
	Groups     []groupForm `json:"groups" doc:"that anybody may join"`
	Forming    *int64      `json:"forming,omitempty" doc:"for the merchant: groups under way"`
	Formed     *int64      `json:"formed,omitempty"`
	Members    *int64      `json:"members,omitempty" doc:"of formed groups"`
}

// groupForm is one group. Who is in it is nobody's business but its own.
type groupForm struct {
	Group    string       `json:"group"`
	Offer    string       `json:"group_offer"`
	Code     string       `json:"code,omitempty" doc:"of its link"`
	Join     string       `json:"join,omitempty" doc:"the claim that joins it"`
	State    string       `json:"state"`
	Why      string       `json:"why,omitempty" doc:"deadline, withdrawn, sold_out, left or returned"`
	Size     int64        `json:"size"`
	Places   int64        `json:"places"`
	Members  int64        `json:"members"`
	Need     int64        `json:"need" doc:"how many are missing"`
	Price    *money.Money `json:"price,omitempty"`
	Deadline string       `json:"deadline"`
	Mine     *placeForm   `json:"mine,omitempty"`
	PayBacks *int64       `json:"pay_backs,omitempty" doc:"for the operator: payments that go back or went back"`
	Waiting  *int64       `json:"waiting,omitempty" doc:"of those, on their way"`
}

// placeForm is the caller's place in a group.
type placeForm struct {
	Order string `json:"order"`
	State string `json:"state" doc:"waiting, lowering, in, refunding, refunded or left"`
	Why   string `json:"why,omitempty"`
}

type groupTerms struct {
	Offer      string      `json:"offer" doc:"one of the shop's"`
	Steps      []groupStep `json:"steps"`
	Places     int64       `json:"places,omitempty" doc:"members at most of a ladder; 0: as many as the market lets"`
	Hours      int64       `json:"hours"`
	PerShopper int64       `json:"per_shopper,omitempty"`
	Stacks     bool        `json:"stacks,omitempty" doc:"vouchers and the like may come off the group's price"`
}

type turnBody struct {
	To string `json:"to" enum:"open,stopped,withdrawn"`
}

func groupOfferOf(o group.Offer) groupOfferForm {
	f := groupOfferForm{Offer: string(o.ID), Goods: o.Goods, Product: o.Product, State: string(o.State), Places: o.Places,
		Hours: int64(o.Window / time.Hour), PerShopper: o.PerShopper, Steps: []groupStep{}, Groups: []groupForm{}}
	for _, s := range o.Steps {
		f.Steps = append(f.Steps, groupStep{s.Size, money.New(s.Price, o.Currency)})
	}
	return f
}

func groupOf(g group.Group, o group.Offer) groupForm {
	f := groupForm{Group: string(g.ID), Offer: string(g.Offer), State: string(g.State), Why: g.Why, Size: g.Size,
		Places: g.Places, Members: g.Paid, Need: g.Need(), Deadline: at(g.Deadline)}
	if g.Price > 0 {
		price := money.New(g.Price, o.Currency)
		f.Price = &price
	}
	return f
}

// joinable adds what lets somebody in.
func joinable(f groupForm, g group.Group, now time.Time) groupForm {
	f.Code = g.Code
	if g.Takes(now) {
		f.Join = group.ClaimJoin(g)
	}
	return f
}

func (a *api) groups() []op {
	return []op{
		get("group.offers", "/products/{product}/groups", "What a product costs together, and the groups that can be joined.",
			everyone, a.groupBoxes),
		get("group", "/groups/{group}", "One group, by its link's code, or by its id if it is public or the caller's.",
			everyone, a.group),
		get("group.mine", "/me/groups", "The caller's places in groups, newest first.", shoppers, a.myGroups).
			takes(limitParam, cursorOf("ord")),
		get("merchant.group.list", "/merchant/group-offers", "The shop's offers to groups; groups are counted, and who is "+
			"in one that has not formed is not told.", merchants, a.groupOffers).takes(limitParam, cursorOf("gof")),
		write(http.MethodPost, "merchant.group.open", "/merchant/group-offers", merchants, a.openToGroups).
			says("Sell goods to groups. The terms never change: other terms are another offer.").creates().
			calls("window", "hours", "size", "steps", "price", "steps"),
		write(http.MethodPost, "merchant.group.turn", "/merchant/group-offers/{group_offer}/state", merchants,
			func(c *call, in turnBody) (groupOfferForm, error) {
				o, err := a.Groups.Turn(c.ctx, c.who.Shop, group.OfferID(c.path("group_offer")), group.OfferState(in.To))
				return groupOfferOf(o), err
			}).says("Stop an offer to groups, open it again, or withdraw it: what is forming then fails and is paid back."),
		get("operator.group.list", "/operator/groups", "Groups of the market, newest first.", operators, a.watchGroups).
			takes(param{name: "state", help: "forming, formed, failed or dissolved"}, limitParam, cursorOf("grp")),
		write(http.MethodPost, "operator.group.halt", "/operator/group-offers/{group_offer}/halt", operators,
			func(c *call, in turnBody) (groupOfferForm, error) {
				o, err := a.Groups.Halt(c.ctx, group.OfferID(c.path("group_offer")), group.OfferState(in.To))
				return groupOfferOf(o), err
			}).says("Stop or withdraw one shop's offer to groups. It stands in the record."),
	}
}

func (a *api) groupBoxes(c *call) (page[groupOfferForm], error) {
	out := page[groupOfferForm]{Items: []groupOfferForm{}}
	if _, err := a.Catalog.Product(c.ctx, catalog.ID(c.path("product"))); err != nil {
		return out, err
	}
	all, err := a.Groups.OfProduct(c.ctx, c.path("product"))
	for _, b := range all {
		f := groupOfferOf(b.Offer)
		if b.Opens {
			f.Open, f.Private = group.ClaimOpen(b.Offer.ID, false), group.ClaimOpen(b.Offer.ID, true)
		}
		for _, g := range b.Groups {
			f.Groups = append(f.Groups, joinable(groupOf(g, b.Offer), g, a.Groups.Now(c.ctx)))
		}
		out.Items = append(out.Items, f)
	}
	return out, err
}

func (a *api) group(c *call) (groupForm, error) {
	v, err := a.Groups.Show(c.ctx, c.who.Shopper, c.path("group"))
	f := joinable(groupOf(v.Group, v.Offer), v.Group, a.Groups.Now(c.ctx))
	if v.Mine != nil {
		f.Mine = placeOf(*v.Mine)
	}
	return f, err
}

func placeOf(m group.Member) *placeForm {
	return &placeForm{Order: string(m.Order), State: string(m.State), Why: m.Why}
}

func (a *api) myGroups(c *call) (page[groupForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[groupForm]{}, err
	}
	all, err := a.Groups.ByShopper(c.ctx, c.who.Shopper, order.ID(c.text("cursor")), limit+1)
	forms := make([]groupForm, len(all))
	for i, m := range all {
		forms[i] = joinable(groupOf(m.Group, m.Offer), m.Group, a.Groups.Now(c.ctx))
		forms[i].Mine = placeOf(m.Member)
	}
	return paged(forms, limit, func(f groupForm) string { return f.Mine.Order }), err
}

func (a *api) groupOffers(c *call) (page[groupOfferForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[groupOfferForm]{}, err
	}
	all, err := a.Groups.ByShop(c.ctx, c.who.Shop, group.OfferID(c.text("cursor")), limit+1)
	forms := make([]groupOfferForm, len(all))
	for i := range all {
		forms[i] = groupOfferOf(all[i].Offer)
		forms[i].Forming, forms[i].Formed, forms[i].Members = &all[i].Forming, &all[i].Groups, &all[i].Members
	}
	return paged(forms, limit, func(f groupOfferForm) string { return f.Offer }), err
}

func (a *api) openToGroups(c *call, in groupTerms) (groupOfferForm, error) {
	cmd := group.SetUp{Shop: c.who.Shop, Goods: in.Offer, Places: in.Places, Stacks: in.Stacks, PerShopper: in.PerShopper,
		Window: time.Duration(min(max(in.Hours, -1), int64(group.WindowMax/time.Hour)+1)) * time.Hour}
	for i, s := range in.Steps {
		if err := a.priced(s.Price, "steps."+strconv.Itoa(i)+".price"); err != nil {
			return groupOfferForm{}, err
		}
		cmd.Steps = append(cmd.Steps, group.Step{Size: s.Size, Price: s.Price.Minor})
	}
	o, err := a.Groups.SetUp(c.ctx, cmd)
	return groupOfferOf(o), err
}

func (a *api) watchGroups(c *call) (page[groupForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[groupForm]{}, err
	}
	state := group.State(c.text("state"))
	if state != "" && !slices.Contains([]group.State{group.Forming, group.Formed, group.Failed, group.Dissolved}, state) {
		return page[groupForm]{}, fault.New(fault.Invalid, "api.filter").At("state")
	}
	all, err := a.Groups.Watch(c.ctx, state, group.ID(c.text("cursor")), limit+1)
	forms := make([]groupForm, len(all))
	for i := range all {
		forms[i] = groupOf(all[i].Group, all[i].Offer)
		forms[i].PayBacks, forms[i].Waiting = &all[i].PayBacks, &all[i].Waiting
	}
	return paged(forms, limit, func(f groupForm) string { return f.Group }), err
}
