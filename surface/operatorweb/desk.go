package operatorweb

import (
	"context"
	"net/http"
	"slices"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// tab is a section of the desk, and what staff need to see it.
type tab struct {
	href, key, icon string
	needs           login.Permission
	head            string // begins a group
}

// tabs are the desk's sections, by how often they are needed.
var tabs = []tab{
	{"/operator", "today", "chart", login.MarketRead, ""},
	{"/operator/orders", "orders", "orders", login.MarketOrders, "head_market"},
	{casesPath, "cases", "money", login.MarketOrders, ""},
	{"/operator/shops", "shops", "shop", login.MarketShops, ""},
	{"/operator/reviews", "reviews", "heart", login.MarketReviews, ""},
	{salesPath, "sales", "ticket", login.MarketSale, ""},
	{"/operator/promotions", "promotions", "ticket", login.MarketSale, ""},
	{"/operator/vouchers", "vouchers", "wallet", login.MarketSale, ""},
	{groupsPath, "groups", "people", login.MarketSale, ""},
	{"/operator/invites", "bring", "people", login.MarketSale, ""},
	{"/operator/segments", "segments", "filter", login.MarketSale, ""},
	{"/operator/notices", "notices", "bell", login.MarketNotices, ""},
	{"/operator/catalog", "catalog", "globe", login.MarketRead, ""},
	{"/operator/books", "books", "book", login.MarketBooks, "head_money"},
	{"/operator/statements", "statements", "wallet", login.MarketBooks, ""},
	{"/operator/fees", "fees", "money", login.MarketBooks, ""},
	{"/operator/suspense", "suspense", "alert", login.MarketSuspense, ""},
	{"/operator/approvals", "approvals", "check", login.MarketBooks, ""},
	{"/operator/integrity", "integrity", "lock", login.MarketRead, "head_health"},
	{"/operator/jobs", "jobs", "clock", login.MarketRead, ""},
	{"/operator/audit", "audit", "search", login.MarketAudit, ""},
	{"/operator/staff", "staff", "people", login.MarketStaff, "head_rights"},
	{"/operator/help", "help", "me", login.MarketHelp, ""},
	{"/operator/switches", "switches", "filter", login.MarketSwitches, ""},
	{"/operator/settings", "settings", "gear", login.MarketSettings, ""},
}

// page begins a page of the desk: at is the path of the section that it belongs to, key the text of its heading.
func (w *web) page(r *http.Request, at, key string) (deskView, page.Tongue) {
	f := page.FrameOf(r, page.Operator)
	t := w.set.In(f.Lang)
	f.Title = t.T("operatorweb." + key)
	if r.Method != http.MethodGet {
		f.Here = at // a form's address shows nothing when it is asked for
	} else if r.URL.RawQuery != "" {
		f.Here += "?" + r.URL.RawQuery
	}
	head := ""
	for _, l := range tabs {
		if l.head != "" {
			head = l.head
		}
		missing := l.key == "reviews" && w.Reviews == nil || l.key == "notices" && w.Notices == nil ||
			l.key == "sales" && w.Campaigns == nil || l.key == "groups" && w.Groups == nil ||
			l.key == "cases" && w.Cases == nil ||
			(l.key == "promotions" || l.key == "vouchers") && w.Sale == nil ||
			l.key == "bring" && (w.Sale == nil || w.Sale.Referrals == nil) ||
			l.key == "segments" && (w.Sale == nil || w.Sale.Segments == nil)
		if missing || !may(r, l.needs) {
			continue
		}
		link := page.Link{Href: l.href, Text: t.T("operatorweb." + l.key), Icon: l.icon, Current: l.href == at}
		if head != "" {
			link.Head, head = t.T("operatorweb."+head), ""
		}
		f.Nav = append(f.Nav, link)
	}
	v := deskView{Frame: f, Heading: f.Title}
	if lead := "operatorweb.lead_" + key; t.Has(lead) {
		v.Lead = t.T(lead)
	}
	return v, t
}

// under puts a page below a section: the way back stands above it.
func (v *deskView) under(t page.Tongue, href, key string) {
	v.Way = []page.Crumb{{Href: href, Text: t.T("operatorweb." + key)}, {Text: v.Heading}}
}

// show answers with the page; what a redirect had to say stands above it.
func (w *web) show(rw http.ResponseWriter, r *http.Request, status int, v deskView) error {
	if v.Notice.Text == "" && r.Method == http.MethodGet {
		v.Notice = w.set.In(v.Lang).TakeFlash(rw, r)
	}
	return w.set.Render(rw, r, status, "desk", v)
}

// pressed is which of a form's buttons was pressed. A word that none of them says is refused, and never taken for one
// of them: an act that cannot be taken back would be done by a slip.
func pressed(r *http.Request, buttons ...string) (string, error) {
	do := r.PostFormValue("do")
	if !slices.Contains(buttons, do) {
		return "", fault.New(fault.NotFound, "gate.not_found")
	}
	return do, nil
}

// see sends the browser on to read a page after a form was taken, and says there what was done.
func see(rw http.ResponseWriter, r *http.Request, to, key string, pairs ...string) error {
	if key != "" {
		page.Flash(rw, "good", "operatorweb."+key, pairs...)
	}
	return page.See(rw, r, to)
}

// may tells whether the caller holds a permission: what they may not do is not offered. The gate refuses it anyway.
func may(r *http.Request, p login.Permission) bool { return gate.Who(r.Context()).Can(p) }

// staffNames are the names of the market's staff by login.
func (w *web) staffNames(ctx context.Context) (map[string]string, error) {
	all, err := w.Logins.Staff(ctx, gate.Who(ctx))
	names := make(map[string]string, len(all))
	for _, m := range all {
		if names[string(m.Login)] = m.Name; m.Name == "" {
			names[string(m.Login)] = brief(string(m.Login))
		}
	}
	return names, err
}

// shopNames are the names of all shops by id.
func (w *web) shopNames(ctx context.Context, t page.Tongue) (map[string]string, error) {
	all, err := w.Shops.Shops(ctx)
	names := make(map[string]string, len(all))
	for _, s := range all {
		names[string(s.ID)] = s.Name.Pick(t.Lang)
	}
	return names, err
}

// brief is the end of an id, which tells two of them apart on one page.
func brief(id string) string {
	if len(id) <= 12 {
		return id
	}
	return "…" + id[len(id)-8:]
}
