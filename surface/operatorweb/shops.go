package operatorweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/page"
)

const shopsPerPage = 50

// shops lists the shops with what the market owes each: those that wait for a word first.
func (w *web) shops(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, "/operator/shops", "shops")
	all, err := w.Shops.Shops(r.Context())
	if err != nil {
		return err
	}
	owed, err := w.owed(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	asked, state := strings.ToLower(strings.TrimSpace(q.Get("q"))), merchant.State(q.Get("state"))
	s := section{ID: "shops", Table: table("shops", t.T("operatorweb.shops"), page.Empty{
		Title: t.T("operatorweb.no_shops"), Text: t.T("operatorweb.no_shops_text")},
		columns(t, "*shop", "since", "#payable", "state")...)}
	s.Table.Filter = shopFilter(t, q.Get("q"), state)
	slices.SortStableFunc(all, func(a, b merchant.Shop) int { return cmp.Compare(waits(b), waits(a)) })
	counts, places := map[merchant.State]int{}, [][]rank{}
	for _, shop := range all {
		counts[shop.State]++
		if state != "" && shop.State != state || asked != "" && !fits(shop, asked) {
			continue
		}
		payable, sum := sums(t, owed[string(shop.ID)])
		places = append(places, []rank{{text: shop.Name.Pick(t.Lang)}, {n: clock.Micros(shop.Created)}, {n: sum},
			{text: string(shop.State)}})
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(shop.ID), Name: shop.Name.Pick(t.Lang),
			Cells: []page.Cell{
				{Text: shop.Name.Pick(t.Lang), Sub: shop.Code, Href: "/operator/shops/" + string(shop.ID)},
				plain(t.When(shop.Created)), plain(payable), badged(shopBadge(t, shop.State))}})
	}
	s.arrange(r, []string{"shop", "since", "payable", "state"}, places)
	s.turn(r, t)
	v.Stats = []page.Stat{
		{Name: t.T("operatorweb.shop_applied"), Value: t.Count(int64(counts[merchant.Applied])),
			Href: "/operator/shops?state=applied",
			Hint: t.T("operatorweb.shop_applied_hint")},
		{Name: t.T("operatorweb.shop_open"), Value: t.Count(int64(counts[merchant.Open])),
			Href: "/operator/shops?state=open"},
		{Name: t.T("operatorweb.shop_closed"), Value: t.Count(int64(counts[merchant.Closed])),
			Href: "/operator/shops?state=closed"}}
	v.Sections = []section{s}
	return w.show(rw, r, http.StatusOK, v)
}

func waits(s merchant.Shop) int {
	if s.State == merchant.Applied {
		return 1
	}
	return 0
}

func fits(s merchant.Shop, asked string) bool {
	for _, name := range []string{s.Name.Zh, s.Name.En, s.Code, string(s.ID)} {
		if strings.Contains(strings.ToLower(name), asked) {
			return true
		}
	}
	return false
}

// turn leaves one page of a section's rows.
func (s *section) turn(r *http.Request, t page.Tongue) {
	q := r.URL.Query()
	from := number(q.Get("from"))
	whole := len(s.Table.Rows)
	from = min(max(from, 0)/shopsPerPage*shopsPerPage, max(whole-1, 0)/shopsPerPage*shopsPerPage)
	until := min(from+shopsPerPage, whole)
	s.Table.Rows = s.Table.Rows[from:until]
	link := func(from int) string {
		next := url.Values{}
		for key, values := range q {
			next[key] = values
		}
		next.Set("from", page.Itoa(int64(from)))
		return r.URL.Path + "?" + next.Encode()
	}
	if whole > shopsPerPage {
		s.Table.Pager.Text = t.T("operatorweb.pages", "from", from+1, "until", until, "n", t.Count(int64(whole)))
	}
	if from > 0 {
		s.Table.Pager.Prev = link(from - shopsPerPage)
	}
	if until < whole {
		s.Table.Pager.Next = link(until)
	}
}

func number(s string) (n int) {
	for _, c := range s[:min(len(s), 6)] {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

func shopFilter(t page.Tongue, asked string, state merchant.State) *page.Filter {
	f := &page.Filter{Action: "/operator/shops", Name: "q", Label: t.T("operatorweb.find_shop"), Query: asked}
	states := page.Group{Options: []page.Option{{Text: t.T("operatorweb.all_states")}}}
	for _, s := range []merchant.State{merchant.Applied, merchant.Open, merchant.Closed} {
		states.Options = append(states.Options, page.Option{Value: string(s), Text: shopBadge(t, s).Text,
			Selected: s == state})
	}
	f.Fields = []page.Field{{ID: "filter-state", Name: "state", Label: t.T("operatorweb.state"), Kind: "select",
		Options: []page.Group{states}}}
	if asked != "" || state != "" {
		f.Clear = "/operator/shops"
	}
	return f
}

// shopOptions are the shops as choices, by name.
func shopOptions(t page.Tongue, names map[string]string, chosen string) []page.Group {
	g := page.Group{Options: []page.Option{{Text: t.T("operatorweb.all_shops")}}}
	for id, name := range names {
		g.Options = append(g.Options, page.Option{Value: id, Text: name, Selected: id == chosen})
	}
	slices.SortFunc(g.Options[1:], func(a, b page.Option) int { return cmp.Compare(a.Text+a.Value, b.Text+b.Value) })
	return []page.Group{g}
}

func shopBadge(t page.Tongue, s merchant.State) page.Badge {
	tones := map[merchant.State]string{merchant.Applied: "wait", merchant.Open: "done", merchant.Closed: "off"}
	return page.Badge{Tone: tones[s], Text: word(t, "shop", string(s))}
}

// owed is what the market owes each shop, per currency.
func (w *web) owed(ctx context.Context) (map[string][]money.Money, error) {
	books, err := w.Ledger.Books(ctx)
	owed := map[string][]money.Money{}
	for _, s := range books {
		if shop, ok := ledger.ShopOf(s.Account); ok {
			owed[shop] = append(owed[shop], money.New(s.Net(), s.Currency))
		}
	}
	return owed, err
}

// sums writes amounts side by side, "–" for none, and adds them up for an order of the eye.
func sums(t page.Tongue, all []money.Money) (text string, sum int64) {
	var parts []string
	for _, one := range all {
		parts, sum = append(parts, t.Money(one)), sum+one.Minor
	}
	return cmp.Or(strings.Join(parts, " "), "–"), sum
}

// shop shows one shop: what is known of it, what it is charged, its orders and its money.
func (w *web) shop(rw http.ResponseWriter, r *http.Request) error {
	return w.showShop(rw, r, r.PathValue("shop"), nil)
}

func (w *web) showShop(rw http.ResponseWriter, r *http.Request, id string, refused error) error {
	shop, err := w.Shops.Shop(r.Context(), merchant.ID(id))
	if err != nil {
		return err
	}
	v, t := w.page(r, "/operator/shops", "shop")
	v.Heading = shop.Name.Pick(t.Lang)
	v.Title = v.Heading
	v.under(t, "/operator/shops", "shops")
	badge := shopBadge(t, shop.State)
	v.Badge = &badge
	v.Acts = []headAct{{Act: page.Act{Text: t.T("operatorweb.shop_page"), Href: "/shop/" + shop.Code, Icon: "shop"}}}
	if w.Deposits != nil && w.Campaigns != nil {
		v.Acts = append(v.Acts, headAct{Act: page.Act{Text: t.T("operatorweb.standing"),
			Href: "/operator/shops/" + string(shop.ID) + "/standing", Icon: "lock"}})
	}
	about, err := w.aboutShop(r, t, shop, refused)
	if err != nil {
		return err
	}
	v.Sections = []section{about}
	for _, more := range []func(*http.Request, page.Tongue, merchant.Shop) (section, error){w.shopHistory, w.shopMoney,
		w.shopFees, w.shopOrders} {
		s, err := more(r, t, shop)
		if err != nil {
			return err
		}
		if s.Title != "" {
			v.Sections = append(v.Sections, s)
		}
	}
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// aboutShop are the facts of a shop, its papers, and the word that the operator may give.
func (w *web) aboutShop(r *http.Request, t page.Tongue, shop merchant.Shop, refused error) (section, error) {
	s := section{ID: "about", Boxed: true, Facts: []fact{{Name: t.T("operatorweb.name"),
		Text: shop.Name.Zh + " · " + shop.Name.En},
		{Name: t.T("operatorweb.code"), Text: shop.Code, Code: true}, {Name: t.T("operatorweb.number"),
			Text: string(shop.ID), Code: true},
		{Name: t.T("operatorweb.since"), Text: t.When(shop.Created)}}}
	if intro := shop.Intro.Pick(t.Lang); intro != "" {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.intro"), Text: intro})
	}
	papers, found, err := w.Shops.Papers(r.Context(), shop.ID)
	if err != nil {
		return s, err
	}
	if found {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.papers"), Text: papers.Holder, Sub: papers.Licence},
			fact{Name: t.T("operatorweb.papers_given"), Text: t.When(papers.Given)})
	} else {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.papers"), Text: t.T("operatorweb.no_papers")})
	}
	if shop.State == merchant.Applied {
		s.Notes = []page.Notice{{Tone: "plain", Text: t.T("operatorweb.review_shop")}}
	}
	if may(r, login.MarketShopsManage) {
		s.Dialogs = shopDialogs(t, shop, r.PostFormValue("to"), refused)
	}
	return s, nil
}

// reasonMax bounds the reason of a decision, in characters: the record keeps it.
const reasonMax = 150

// sentBack is not a state: an application that lacks something stays one, with a note of what it lacks.
const sentBack merchant.State = "sent_back"

// shopDialogs are the words that may be given on a shop, each with its reason.
func shopDialogs(t page.Tongue, shop merchant.Shop, asked string, refused error) (all []page.Dialog) {
	words := map[merchant.State][][2]string{merchant.Open: {{string(merchant.Closed), "close"}},
		merchant.Closed:  {{string(merchant.Open), "reopen"}},
		merchant.Applied: {{string(merchant.Open), "open_shop"}, {string(sentBack), "send_back"}}}
	for _, word := range words[shop.State] {
		to, act := word[0], word[1]
		say := func(part string) string { return t.T("operatorweb."+act+part, "shop", shop.Name.Pick(t.Lang)) }
		d := page.Dialog{ID: act, Open: say(""), Title: say("_title"), Text: say("_text"), Action: "/operator/shops",
			Hidden: []page.Pair{{Name: "shop", Value: string(shop.ID)}, {Name: "to", Value: to}},
			Fields: []page.Field{{ID: act + "-reason", Name: "reason", Label: t.T("operatorweb.reason"), Kind: "text",
				Required: true, Length: reasonMax, Hint: t.T("operatorweb.reason_hint")}},
			Confirm: page.Act{Text: say(""), Main: to == string(merchant.Open), Bad: to != string(merchant.Open)}}
		if refused != nil && asked == to {
			faults := t.FaultsOf(refused, "reason")
			d.Show, d.Wrong, d.Fields[0].Error = true, faults.General, faults.At("reason")
		}
		all = append(all, d)
	}
	return all
}

const historyMax = 10

// shopHistory is what was changed about a shop lately, with the reasons.
func (w *web) shopHistory(r *http.Request, t page.Tongue, shop merchant.Shop) (s section, err error) {
	if !may(r, login.MarketAudit) {
		return s, nil
	}
	all, err := w.Audit.ByShop(r.Context(), string(shop.ID), audit.Query{Limit: historyMax})
	if err != nil || len(all.Entries) == 0 {
		return s, err
	}
	names, err := w.staffNames(r.Context())
	s = section{ID: "history", Title: t.T("operatorweb.history"),
		More:  page.Link{Href: "/operator/audit?shop=" + string(shop.ID), Text: t.T("operatorweb.audit")},
		Table: table("history", t.T("operatorweb.history"), page.Empty{}, columns(t, "*what", "change", "who_only", "at")...)}
	for _, e := range all.Entries {
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: e.ID, Cells: []page.Cell{plain(whatOf(t, e.What)),
			plain(w.changes(t, e)), plain(actor(t, names, e.Who)), plain(t.When(e.At))}})
	}
	return s, err
}

// moveShop opens, closes or reopens a shop; the reason goes into the record.
func (w *web) moveShop(rw http.ResponseWriter, r *http.Request) error {
	id, to := merchant.ID(r.PostFormValue("shop")), merchant.State(r.PostFormValue("to"))
	if to != merchant.Open && to != merchant.Closed && to != sentBack {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	if _, err := w.Shops.Shop(r.Context(), id); err != nil {
		return err
	}
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	if n := utf8.RuneCountInString(reason); n < 2 || n > reasonMax || !utf8.ValidString(reason) ||
		strings.ContainsRune(reason, 0) {
		err := fault.New(fault.Invalid, "operatorweb.reason_needed", fault.P("max", reasonMax)).At("reason")
		return w.showShop(rw, r, string(id), err)
	}
	key := map[merchant.State]string{merchant.Open: "shop_is_open", merchant.Closed: "shop_is_closed",
		sentBack: "shop_was_sent_back"}[to]
	if to == sentBack { // the shop stays where it is, and reads in its record what is missing
		to = merchant.Applied
	}
	if err := w.Shops.Move(r.Context(), merchant.Move{Shop: id, To: to, Reason: reason}); err != nil {
		return err
	}
	return see(rw, r, "/operator/shops/"+string(id), key)
}

func (w *web) shopMoney(r *http.Request, t page.Tongue, shop merchant.Shop) (s section, err error) {
	if !may(r, login.MarketBooks) {
		return s, nil
	}
	s = section{ID: "money", Title: t.T("operatorweb.money"), Lead: t.T("operatorweb.money_text"),
		More: page.Link{Href: "/operator/statements?shop=" + string(shop.ID), Text: t.T("operatorweb.statements")}}
	owed, err := w.owed(r.Context())
	if err != nil {
		return s, err
	}
	all, err := w.Settle.Totals(r.Context(), string(shop.ID))
	for _, sum := range all {
		cash := func(minor int64) string { return t.Money(money.New(minor, sum.Currency)) }
		s.Stats = append(s.Stats, page.Stat{Name: t.T("operatorweb.gross"), Value: cash(sum.Gross)},
			page.Stat{Name: t.T("operatorweb.refunded"), Value: cash(sum.Refunded)},
			page.Stat{Name: t.T("operatorweb.fees_taken"), Value: cash(sum.Fees)},
			page.Stat{Name: t.T("operatorweb.net"), Value: cash(sum.Net)})
	}
	payable, _ := sums(t, owed[string(shop.ID)])
	if len(owed[string(shop.ID)]) == 0 {
		payable = w.cash(t, 0)
	}
	s.Stats = append(s.Stats, page.Stat{Name: t.T("operatorweb.payable"),
		Value: payable, Hint: t.T("operatorweb.payable_hint")})
	return s, err
}

// shopFees are the fee that the shop pays now, and what is announced.
func (w *web) shopFees(r *http.Request, t page.Tongue, shop merchant.Shop) (s section, err error) {
	if !may(r, login.MarketBooks) {
		return s, nil
	}
	now := clock.Now(r.Context(), w.Clock)
	fees := w.Settle.Fees()
	_, ppm := fees.For(string(shop.ID), "", now)
	s = section{ID: "fee", Boxed: true, Title: t.T("operatorweb.fee"),
		More: page.Link{Href: "/operator/fees?shop=" + string(shop.ID), Text: t.T("operatorweb.change_fee")},
		Facts: []fact{{Name: t.T("operatorweb.fee_now"), Text: page.Percent(int64(ppm)),
			Sub: t.T("operatorweb.fee_now_text")}}}
	for _, rule := range fees.Rules() {
		if rule.Scope == settle.ScopeShop && rule.ScopeID == string(shop.ID) && rule.From.After(now) {
			s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.fee_from", "time", t.When(rule.From)),
				Text: page.Percent(int64(rule.PPM)), Sub: t.T("operatorweb.fee_announced", "time", t.When(rule.Announced))})
		}
	}
	return s, nil
}

func (w *web) shopOrders(r *http.Request, t page.Tongue, shop merchant.Shop) (s section, err error) {
	if !may(r, login.MarketOrders) {
		return s, nil
	}
	s, err = w.orderList(r, t, string(shop.ID), "/operator/shops/"+string(shop.ID))
	s.Title = t.T("operatorweb.orders")
	return s, err
}
