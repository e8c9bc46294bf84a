package merchantweb

import (
	_ "embed"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/group"
)

// groupsPath is where goods are offered to groups.
const groupsPath = "/desk/groups"

// groupsPerPage bounds both lists of the page.
const groupsPerPage = 50

//go:embed text-groups.json
var groupTextJSON []byte

var groupTexts = text.MustParse(groupTextJSON)

// groupRoutes are the pages about buying together.
func (w *web) groupRoutes() []gate.Route {
	if w.Groups == nil {
		return nil
	}
	return []gate.Route{row("groups", http.MethodGet, groupsPath, login.SaleRead, w.groups),
		row("groups.change", http.MethodPost, groupsPath, login.SaleWrite, w.changeGroups)}
}

// groups lists what the shop offers to groups, and its goods to offer.
func (w *web) groups(rw http.ResponseWriter, r *http.Request) error { return w.showGroups(rw, r, nil) }

func (w *web) showGroups(rw http.ResponseWriter, r *http.Request, refused error) error {
	f, t := w.begin(rw, r, groupsPath, "merchantweb.groups")
	f.Here = groupsPath
	v := listView{Frame: f, Heading: t.T("merchantweb.groups"), Intro: t.T("merchantweb.groups_text")}
	names, err := w.groupGoods(r, t, &v)
	if err != nil {
		return err
	}
	if v.Table, err = w.groupTable(r, t, names); err != nil {
		return err
	}
	if chosen := r.FormValue("offer"); chosen != "" && gate.Who(r.Context()).Can(login.SaleWrite) {
		v.Dialogs = []page.Dialog{w.groupDialog(r, t, names[chosen], refused)}
	} else if refused != nil {
		v.Wrong = t.Fault(refused)
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-list", v)
}

// groupGoods puts the shop's goods below, each with the way to offer it, and tells what the offers are called.
func (w *web) groupGoods(r *http.Request, t page.Tongue, v *listView) (map[string]string, error) {
	goods, err := w.Catalog.ByShop(r.Context(), catalog.ByShop{Shop: shopOf(r), State: catalog.Listed,
		Cursor: r.URL.Query().Get("at"), Limit: groupsPerPage})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(goods.Products))
	for i, p := range goods.Products {
		ids[i] = string(p.ID)
	}
	offers, err := w.Offers.ByProducts(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	table := page.Table{ID: "goods", Caption: t.T("merchantweb.group_goods"), Columns: []page.Column{
		{Name: t.T("merchantweb.group_goods"), Wide: true}, {Name: t.T("merchantweb.group_solo"), Num: true},
		{Name: t.T("merchantweb.group_acts")}}, Empty: page.Empty{Title: t.T("merchantweb.group_no_goods")}}
	names, may := map[string]string{}, gate.Who(r.Context()).Can(login.SaleWrite)
	cells := t.SKUCells(goods.Products)
	for _, p := range goods.Products {
		for _, k := range p.SKUs {
			o, sold := offerOfSKU(offers[string(p.ID)], string(k.ID))
			if !sold {
				continue
			}
			cell := cells[string(k.ID)]
			names[string(o.ID)] = cell.Text
			one := page.Row{ID: string(o.ID), Cells: []page.Cell{cell, {Text: t.Money(o.Price())}, {}}}
			if may {
				one.Cells[2].Acts = []page.Act{{Text: t.T("merchantweb.group_this"), Href: groupsPath + "?" +
					url.Values{"offer": {string(o.ID)}, "at": {r.URL.Query().Get("at")}}.Encode()}}
			}
			table.Rows = append(table.Rows, one)
		}
	}
	if goods.Next != "" {
		table.Pager.Next = groupsPath + "?" + url.Values{"at": {goods.Next}}.Encode()
	}
	v.Second = &secondTable{Heading: t.T("merchantweb.group_goods"), Table: table}
	return names, nil
}

func offerOfSKU(all []offer.Offer, sku string) (offer.Offer, bool) {
	for _, o := range all {
		if o.SKU == sku && o.State == offer.Listed {
			return o, true
		}
	}
	return offer.Offer{}, false
}

var groupTones = map[group.OfferState]string{group.Open: "go", group.Stopped: "wait", group.Withdrawn: "off"}

// groupTable is what the shop offers to groups. Who is in them is not told: those who are see it.
func (w *web) groupTable(r *http.Request, t page.Tongue, names map[string]string) (page.Table, error) {
	table := page.Table{ID: "groups", Caption: t.T("merchantweb.groups"), Columns: []page.Column{
		{Name: t.T("merchantweb.group_goods"), Wide: true}, {Name: t.T("merchantweb.group_terms")},
		{Name: t.T("merchantweb.group_when")}, {Name: t.T("merchantweb.group_formed"), Num: true},
		{Name: t.T("merchantweb.state")}, {Name: t.T("merchantweb.group_acts")}},
		Empty: page.Empty{Title: t.T("merchantweb.groups_none"), Text: t.T("merchantweb.groups_none_text")}}
	before := group.OfferID(page.Place(r.URL.Query(), "before", "gof"))
	all, err := w.Groups.ByShop(r.Context(), shopOf(r), before, groupsPerPage)
	if err != nil {
		return table, err
	}
	may := gate.Who(r.Context()).Can(login.SaleWrite)
	for _, o := range all {
		name, err := w.groupTitle(r, t, o.Offer, names)
		if err != nil {
			return table, err
		}
		table.Rows = append(table.Rows, groupRow(t, o, name, may))
	}
	if len(all) == groupsPerPage {
		table.Pager.Next = groupsPath + "?" + url.Values{"before": {string(all[len(all)-1].ID)}}.Encode()
	}
	return table, nil
}

// groupTitle is what an offer's goods are called, also when they are not on this page of the shop's goods.
func (w *web) groupTitle(r *http.Request, t page.Tongue, o group.Offer, names map[string]string) (string, error) {
	if name := names[o.Goods]; name != "" {
		return name, nil
	}
	found, err := w.Catalog.Products(r.Context(), []catalog.ID{catalog.ID(o.Product)})
	return t.SKUCells(found)[o.SKU].Text, err
}

func groupRow(t page.Tongue, o group.Standing, name string, may bool) page.Row {
	badge := page.Badge{Tone: groupTones[o.State], Text: t.T("group.offer_state." + string(o.State))}
	var terms []string
	for _, s := range o.Steps {
		terms = append(terms, t.T("merchantweb.group_step", "n", s.Size, "price", t.Money(money.New(s.Price, o.Currency))))
	}
	when := page.Cell{Text: t.When(o.CreatedAt)}
	if !o.Until.IsZero() {
		when.Sub = t.T("merchantweb.group_ends", "time", t.When(o.Until))
	}
	one := page.Row{ID: string(o.ID), Cells: []page.Cell{{Text: name, Href: "/p/" + o.Product},
		{Text: strings.Join(terms, "; "), Sub: t.T("merchantweb.group_hours", "n", int64(o.Window.Hours()))}, when,
		{Text: t.Count(o.Groups), Sub: t.T("merchantweb.group_forming", "n", o.Forming)}, {Badge: &badge}, {}}}
	if !may {
		return one
	}
	acts := map[group.OfferState][]group.OfferState{group.Open: {group.Stopped, group.Withdrawn},
		group.Stopped: {group.Open, group.Withdrawn}}[o.State]
	for _, to := range acts {
		one.Cells[5].Acts = append(one.Cells[5].Acts, page.Act{Text: t.T("merchantweb.group_to_" + string(to)), Name: "to",
			Value: string(to), Bad: to == group.Withdrawn})
	}
	one.Cells[5].Post, one.Cells[5].Hidden = groupsPath, []page.Pair{{Name: "turn", Value: string(o.ID)}}
	return one
}

// groupFields are the fields that a refusal can be about.
var groupFields = []string{"size", "price", "steps", "window", "per_shopper", "until", "offer", "places"}

// groupDialog asks for the terms.
func (w *web) groupDialog(r *http.Request, t page.Tongue, name string, refused error) page.Dialog {
	faults := t.FaultsOf(refused, groupFields...)
	d := page.Dialog{ID: "group", Open: t.T("merchantweb.group_set_up"), Title: t.T("merchantweb.group_set_up"),
		Text: name, Show: true, Action: groupsPath, Wrong: faults.General,
		Confirm: page.Act{Text: t.T("merchantweb.group_set_up"), Main: true},
		Hidden:  []page.Pair{{Name: "offer", Value: r.FormValue("offer")}}}
	for _, field := range []string{"offer", "places"} {
		if wrong := faults.At(field); wrong != "" {
			d.Wrong = wrong
		}
	}
	add := func(kind, name, kept string) *page.Field {
		d.Fields = append(d.Fields, page.Field{ID: "group-" + name, Name: name, Kind: kind, Error: faults.At(name),
			Label: t.T("merchantweb.group_" + name), Value: value(r, faults, name, kept)})
		return &d.Fields[len(d.Fields)-1]
	}
	size := add("number", "size", "2")
	size.Min, size.Max, size.Required = "2", strconv.Itoa(group.SizeMax), true
	price := add("text", "price", "")
	price.Mode, price.Required, price.After = "decimal", true, string(w.Currency)
	add("text", "steps", "").Hint = t.T("merchantweb.group_steps_hint")
	add("number", "window", "24").Hint = t.T("merchantweb.group_window_hint")
	add("number", "per_shopper", "").Hint = t.T("merchantweb.group_per_shopper_hint")
	add("date", "until", "").Hint = t.T("merchantweb.group_until_hint")
	stacks := add("check", "stacks", "")
	stacks.Value, stacks.Checked = "on", r.PostFormValue("stacks") != ""
	return d
}

// changeGroups sets an offer up, or turns one.
func (w *web) changeGroups(rw http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	said := "merchantweb.group_is_set_up"
	var err error
	if id := r.PostFormValue("turn"); id != "" {
		to := group.OfferState(r.PostFormValue("to"))
		if !to.Valid() {
			return fault.New(fault.Invalid, "merchantweb.form")
		}
		_, err = w.Groups.Turn(r.Context(), shopOf(r), group.OfferID(id), to)
		said = "merchantweb.group_is_" + string(to)
	} else {
		var cmd group.SetUp
		if cmd, err = w.setUpOf(r); err == nil {
			_, err = w.Groups.SetUp(r.Context(), cmd)
		}
	}
	if err == nil {
		page.Flash(rw, "good", said)
		http.Redirect(rw, r, groupsPath, http.StatusSeeOther)
		return nil
	}
	if !page.Own(err) || fault.Of(err) == fault.NotFound {
		return err
	}
	return w.showGroups(rw, r, err)
}

// setUpOf reads the form. Codes: merchantweb.price_wrong, page.number_wrong, group.ladder.
func (w *web) setUpOf(r *http.Request) (cmd group.SetUp, err error) {
	form := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	number := func(name string, most int64) (n int64) {
		if form(name) == "" || err != nil {
			return 0
		}
		var wrong error
		if n, wrong = strconv.ParseInt(form(name), 10, 64); wrong != nil || n < 0 || n > most {
			err = fault.New(fault.Invalid, "merchantweb.group_number").At(name)
		}
		return n
	}
	cmd = group.SetUp{Shop: shopOf(r), Goods: form("offer"), Stacks: form("stacks") != "",
		Steps:      []group.Step{{Size: number("size", group.SizeMax)}},
		Window:     time.Duration(number("window", int64(group.WindowMax/time.Hour))) * time.Hour,
		PerShopper: number("per_shopper", group.LimitMax)}
	if err != nil {
		return cmd, err
	}
	if cmd.Steps[0].Price, err = money.ParseMinor(form("price"), w.Currency); err != nil {
		return cmd, fault.New(fault.Invalid, "merchantweb.price_wrong").At("price")
	}
	for part := range strings.FieldsFuncSeq(form("steps"), func(c rune) bool { return strings.ContainsRune(",，;； ", c) }) {
		size, price, _ := strings.Cut(strings.Replace(part, "：", ":", 1), ":")
		s := group.Step{}
		if s.Size, err = strconv.ParseInt(size, 10, 64); err == nil {
			s.Price, err = money.ParseMinor(price, w.Currency)
		}
		if err != nil {
			return cmd, fault.New(fault.Invalid, "merchantweb.group_steps_wrong").At("steps")
		}
		cmd.Steps = append(cmd.Steps, s)
	}
	if day := form("until"); day != "" {
		last, err := time.ParseInLocation(time.DateOnly, day, w.zone())
		if err != nil {
			return cmd, fault.New(fault.Invalid, "group.times").At("until")
		}
		cmd.Until = last.AddDate(0, 0, 1) // the day named is the last that still counts
	}
	return cmd, nil
}
