package operatorweb

import (
	"net/http"
	"net/url"

	"hutong/base/money"
	"hutong/party/login"
	"hutong/surface/page"
	"hutong/trade/group"
)

const groupsPath = "/operator/groups"

// groupStates are the tabs of the page of groups.
var groupStates = []group.State{group.Forming, group.Formed, group.Failed, group.Dissolved}

var groupTones = map[group.State]string{group.Forming: "wait", group.Formed: "done", group.Failed: "off",
	group.Dissolved: "off"}

// groups lists the groups of the market: those that run, those that formed, and those that failed with what goes back.
func (w *web) groups(rw http.ResponseWriter, r *http.Request) error { return w.showGroups(rw, r, nil) }

func (w *web) showGroups(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, groupsPath, "groups")
	q := r.URL.Query()
	state := group.State(q.Get("of"))
	if !state.Valid() {
		state = group.Forming
	}
	const some = 30
	all, err := w.Groups.Watch(r.Context(), state, group.ID(page.Place(r.URL.Query(), "at", "grp")), some+1)
	if err != nil {
		return err
	}
	shops, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	v.Tabs = &page.Tabs{Label: t.T("operatorweb.groups")}
	for _, s := range groupStates {
		v.Tabs.Links = append(v.Tabs.Links, page.Link{Href: groupsPath + "?of=" + string(s),
			Text: word(t, "group", string(s)), Current: s == state})
	}
	s := section{ID: "groups", Table: table("groups", t.T("operatorweb.groups"),
		page.Empty{Title: t.T("operatorweb.no_groups"), Text: t.T("operatorweb.no_groups_text")},
		columns(t, "*group", "shop", "#members", "#pay_backs", "state", "act")...)}
	for _, g := range all[:min(len(all), some)] {
		s.Table.Rows = append(s.Table.Rows, groupRow(t, g, shops[g.Shop], may(r, login.MarketSaleApprove)))
	}
	if len(all) > some {
		s.Table.Pager.Next = groupsPath + "?" + url.Values{"of": {string(state)}, "at": {string(all[some-1].ID)}}.Encode()
	}
	v.Sections = []section{s}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

func groupRow(t page.Tongue, g group.Watched, shop string, may bool) page.Row {
	price := ""
	if len(g.Offer.Steps) > 0 {
		price = t.Money(money.New(g.Offer.Steps[0].Price, g.Offer.Currency))
	}
	back := t.Count(g.PayBacks)
	if g.Waiting > 0 {
		back = t.T("operatorweb.pay_backs_waiting", "n", t.Count(g.PayBacks), "waiting", t.Count(g.Waiting))
	}
	badge := page.Badge{Tone: groupTones[g.State], Text: word(t, "group", string(g.State))}
	if g.Why != "" {
		badge.Who = t.T("group.why." + g.Why)
	}
	cells := []page.Cell{{Text: t.T("operatorweb.group_of", "n", t.Count(g.Size), "price", price),
		Sub: string(g.ID) + " · " + t.When(g.Deadline), Href: "/p/" + g.Offer.Product}, plain(shop),
		plain(t.Count(g.Paid) + " / " + t.Count(g.Places)), plain(back), badged(badge), {}}
	if may && g.Offer.State != group.Withdrawn {
		acts := []page.Act{{Text: t.T("operatorweb.group_withdraw"), Name: "to", Value: string(group.Withdrawn), Bad: true}}
		if g.Offer.State == group.Open {
			acts = append([]page.Act{{Text: t.T("operatorweb.group_stop"), Name: "to", Value: string(group.Stopped)}}, acts...)
		}
		cells[5] = page.Cell{Post: groupsPath, Hidden: []page.Pair{{Name: "offer", Value: string(g.Offer.ID)}}, Acts: acts}
	} else if g.Offer.State == group.Withdrawn {
		cells[5] = plain(t.T("operatorweb.group_withdrawn"))
	}
	return page.Row{ID: string(g.ID), Cells: cells}
}

// haltGroups stops or withdraws one shop's offer to groups.
func (w *web) haltGroups(rw http.ResponseWriter, r *http.Request) error {
	_, err := w.Groups.Halt(r.Context(), group.OfferID(r.PostFormValue("offer")), group.OfferState(r.PostFormValue("to")))
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showGroups(rw, r, err) })
	}
	return see(rw, r, groupsPath, "group_halted")
}
