package merchantweb

import (
	"cmp"
	"context"
	_ "embed"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/catalog"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/surface/saleweb"
)

// The pages of sales to join.
const (
	salesPath     = "/desk/sales"
	salesPerPage  = 30
	sessionsAhead = 3 * 24 * time.Hour // how far ahead sessions are offered
)

//go:embed text-sales.json
var salesTextJSON []byte

// salesTexts are the sentences of these pages.
var salesTexts = text.MustParse(salesTextJSON)

func (w *web) saleRoutes() []gate.Route {
	if w.Campaigns == nil {
		return nil
	}
	get, post := http.MethodGet, http.MethodPost
	return append(w.placeRoutes(), row("sales", get, salesPath, login.SaleRead, w.sales),
		row("calendar", get, calendarPath, login.SaleRead, w.calendar),
		row("sales.change", post, salesPath, login.SaleWrite, w.changeEnrolment),
		row("sale", get, salesPath+"/{campaign}", login.SaleRead, w.sale),
		row("sale.enrol", post, salesPath+"/{campaign}", login.SaleWrite, w.enrol))
}

// sales lists what can be joined, and what the shop has enrolled.
func (w *web) sales(rw http.ResponseWriter, r *http.Request) error { return w.showSales(rw, r, nil) }

func (w *web) showSales(rw http.ResponseWriter, r *http.Request, refused error) error {
	f, t := w.begin(rw, r, salesPath, "merchantweb.sales")
	f.Here = salesPath
	now := clock.Now(r.Context(), w.Clock)
	v := listView{Frame: f, Heading: t.T("merchantweb.sales"), Intro: t.T("merchantweb.sales_text"),
		Tabs: w.saleTabs(t, salesPath),
		Table: page.Table{ID: "open", Caption: t.T("merchantweb.sales_open"), Columns: []page.Column{
			{Name: t.T("merchantweb.sale_name"), Wide: true}, {Name: t.T("merchantweb.sale_kind")},
			{Name: t.T("merchantweb.sale_recruit")}, {Name: t.T("merchantweb.sale_rule")}},
			Empty: page.Empty{Title: t.T("merchantweb.no_sales"), Text: t.T("merchantweb.no_sales_text")}}}
	for _, c := range w.Campaigns.Live().Campaigns {
		if c.Recruit.Holds(now) {
			v.Table.Rows = append(v.Table.Rows, page.Row{ID: string(c.ID), Cells: []page.Cell{
				{Text: c.Title.Pick(t.Lang), Href: salesPath + "/" + string(c.ID)},
				{Text: t.T("merchantweb.sale_" + string(c.Channel))}, {Text: t.When(c.Recruit.Until)},
				{Text: w.ruleText(t, c.Rule)}}})
		}
	}
	st, err := w.Campaigns.StandingOf(r.Context(), shopOf(r))
	if err != nil {
		return err
	}
	v.Intro += " " + t.T("merchantweb.sale_standing", "deposit", t.Money(money.New(st.Deposit, w.Currency))) + " "
	if st.Score > 0 || st.Source != "" {
		v.Intro += t.T("merchantweb.sale_score", "score", page.Score(st.Score),
			"source", cmp.Or(st.Source, "–"))
	} else {
		v.Intro += t.T("merchantweb.sale_score_none")
	}
	mine, err := w.mySales(r, t)
	if err != nil {
		return err
	}
	v.Second = mine
	if id := r.FormValue("enrolment"); id != "" && (r.Method == http.MethodPost || r.URL.Query().Has("enrolment")) {
		d, err := w.changeDialog(r, t, campaign.EnrolmentID(id), refused)
		if err != nil {
			return err
		}
		v.Dialogs = append(v.Dialogs, d)
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-list", v)
}

// ruleText is what a campaign asks for, in a sentence each.
func (w *web) ruleText(t page.Tongue, r campaign.Rule) string {
	var all []string
	say := func(there bool, key string, pairs ...any) {
		if there {
			all = append(all, t.T("merchantweb.rule_"+key, pairs...))
		}
	}
	say(len(r.Categories) > 0, "categories", "names", saleweb.CategoryNames(t, r.Categories))
	say(len(r.Caps) > 0, "caps", "caps", saleweb.CapTexts(t, r.Caps, w.Currency))
	limit := "cap"
	if r.NewToo {
		limit = "cap_new"
	}
	say(r.Days > 0, limit, "days", r.Days, "percent", r.FactorPPM.Percent())
	say(r.DealWithin > 0, "deal", "days", r.DealWithin)
	say(r.QuantityMin > 0, "quantity", "n", r.QuantityMin)
	say(r.LimitMax > 0, "limit", "n", r.LimitMax)
	say(r.PerShopDay > 0, "shop_day", "n", r.PerShopDay)
	say(r.FlashRange, "flash")
	say(r.DepositMin > 0, "deposit", "amount", t.Money(money.New(r.DepositMin, w.Currency)))
	say(r.ScoreMin > 0, "score", "n", page.Score(r.ScoreMin))
	say(r.PenaltyPPM > 0, "penalty", "percent", r.PenaltyPPM.Percent())
	if len(all) == 0 {
		return t.T("merchantweb.rule_none")
	}
	return strings.Join(all, t.T("merchantweb.comma"))
}

// mySales is the table of the shop's enrolments.
func (w *web) mySales(r *http.Request, t page.Tongue) (*secondTable, error) {
	at := campaign.EnrolmentID(page.Place(r.URL.Query(), "at", "enr"))
	all, err := w.Campaigns.ByShop(r.Context(), shopOf(r), at, salesPerPage)
	if err != nil {
		return nil, err
	}
	goods, err := w.skus(r.Context(), t, all)
	if err != nil {
		return nil, err
	}
	s := &secondTable{Heading: t.T("merchantweb.sales_mine"), Table: page.Table{ID: "mine",
		Caption: t.T("merchantweb.sales_mine"), Columns: []page.Column{{Name: t.T("merchantweb.sale_goods"), Wide: true},
			{Name: t.T("merchantweb.sale_price"), Num: true}, {Name: t.T("merchantweb.sale_pieces"), Num: true},
			{Name: t.T("merchantweb.when")}, {Name: t.T("merchantweb.state")}, {Name: t.T("merchantweb.acts")}},
		Empty: page.Empty{Title: t.T("merchantweb.no_enrolments")}}}
	may := gate.Who(r.Context()).Can(login.SaleWrite)
	for _, e := range all {
		s.Table.Rows = append(s.Table.Rows, enrolmentRow(t, e, goods[e.SKU], may))
	}
	if len(all) == salesPerPage {
		s.Table.Pager.Next = salesPath + "?at=" + string(all[len(all)-1].ID)
	}
	return s, nil
}

// skus are how the SKUs of enrolments are shown.
func (w *web) skus(ctx context.Context, t page.Tongue, all []campaign.Enrolment) (map[string]page.Cell, error) {
	var ids []catalog.ID
	for _, e := range all {
		if !slices.Contains(ids, catalog.ID(e.Product)) {
			ids = append(ids, catalog.ID(e.Product))
		}
	}
	products, err := w.Catalog.Products(ctx, ids)
	return t.SKUCells(products), err
}

var enrolTones = map[campaign.EnrolmentState]string{campaign.Applied: "wait", campaign.Accepted: "go",
	campaign.Pledged: "done", campaign.Refused: "off", campaign.Ended: "off", campaign.Withdrawn: "off"}

func enrolmentRow(t page.Tongue, e campaign.Enrolment, goods page.Cell, may bool) page.Row {
	badge := page.Badge{Tone: enrolTones[e.State], Text: t.T("merchantweb.enrol_" + string(e.State))}
	why := t.Reasons(e.Reasons, e.Currency)
	if e.Note != "" {
		why = append(why, e.Note)
	}
	if e.Penalty > 0 {
		why = append(why, t.T("merchantweb.penalty", "amount", t.Money(money.New(e.Penalty, e.Currency))))
	}
	row := page.Row{ID: string(e.ID), Cells: []page.Cell{goods,
		{Text: t.Money(money.New(e.Price, e.Currency))},
		{Text: t.Count(e.Quantity)}, {Text: t.Span(e.Selling.From, e.Selling.Until)},
		{Badge: &badge, Sub: strings.Join(why, "\n")}, {}}}
	if may && e.State.Open() {
		row.Cells[5] = page.Cell{Acts: []page.Act{{Text: t.T("merchantweb.change"),
			Href: salesPath + "?enrolment=" + string(e.ID)}}}
	}
	return row
}

// changeDialog asks for another price and pledge, or takes the enrolment back.
func (w *web) changeDialog(r *http.Request, t page.Tongue, id campaign.EnrolmentID, refused error) (page.Dialog,
	error) {
	e, err := w.Campaigns.Enrolment(r.Context(), shopOf(r), id)
	if err != nil {
		return page.Dialog{}, err
	}
	faults := t.FaultsOf(refused, "price", "quantity")
	value := func(name, now string) string {
		if r.Method == http.MethodPost {
			return r.PostFormValue(name)
		}
		return now
	}
	plainPrice := money.New(e.Price, e.Currency).Decimal()
	return page.Dialog{ID: "change", Open: t.T("merchantweb.change"), Show: true,
		Title: t.T("merchantweb.change_enrolment"),
		Text:  t.T("merchantweb.change_enrolment_text"), Action: salesPath, Wrong: faults.General,
		Hidden: []page.Pair{{Name: "enrolment", Value: string(id)}, {Name: "version", Value: page.Itoa(e.Version)}},
		Fields: []page.Field{{ID: "price", Name: "price", Kind: "text", Mode: "decimal", Required: true,
			After: string(e.Currency), Label: t.T("merchantweb.sale_price"),
			Value: value("price", plainPrice), Error: faults.At("price")},
			{ID: "quantity", Name: "quantity", Kind: "number", Min: "1", Required: true, Label: t.T("merchantweb.sale_pieces"),
				Value: value("quantity", page.Itoa(e.Quantity)), Error: faults.At("quantity")},
			{ID: "leave", Name: "leave", Kind: "check", Value: "on", Label: t.T("merchantweb.leave"),
				Hint: t.T("merchantweb.leave_text")}},
		Confirm: page.Act{Text: t.T("merchantweb.save"), Main: true}}, nil
}

// changeEnrolment changes an enrolment or takes it back.
func (w *web) changeEnrolment(rw http.ResponseWriter, r *http.Request) error {
	id, shop := campaign.EnrolmentID(r.PostFormValue("enrolment")), shopOf(r)
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		err = fault.New(fault.Conflict, "enrolment.changed")
	} else if r.PostFormValue("leave") != "" {
		_, err = w.Campaigns.Withdraw(r.Context(), shop, id, version)
	} else {
		var price, quantity int64
		if price, quantity, err = w.amounts(r); err == nil {
			_, err = w.Campaigns.Change(r.Context(), campaign.Change{Shop: shop, ID: id, Version: version, Price: price,
				Quantity: quantity})
		}
	}
	if page.Own(err) && !fault.Is(err, "enrolment.not_found") {
		return w.showSales(rw, r, err)
	}
	if err != nil {
		return err
	}
	page.Flash(rw, "good", "merchantweb.enrol_changed")
	return page.See(rw, r, salesPath)
}

// amounts reads a price and a number of pieces.
func (w *web) amounts(r *http.Request) (price, quantity int64, err error) {
	if price, err = money.ParseMinor(strings.TrimSpace(r.PostFormValue("price")), w.Currency); err != nil {
		return 0, 0, fault.New(fault.Invalid, "enrolment.price").At("price").Because(err)
	}
	if quantity, err = strconv.ParseInt(strings.TrimSpace(r.PostFormValue("quantity")), 10, 64); err != nil {
		return 0, 0, fault.New(fault.Invalid, "enrolment.pieces").At("quantity").Because(err)
	}
	return price, quantity, nil
}
