package operatorweb

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/surface/saleweb"
)

// The pages of campaigns.
const (
	salesPath  = "/operator/sales"
	enrolsPath = "/operator/enrolments"
	claimsPath = "/operator/price-claims"
	salesShown = 30 // a page of any of their lists
)

//go:embed text-sales.json
var salesTextJSON []byte

// salesTexts are the sentences of these pages.
var salesTexts = text.MustParse(salesTextJSON)

func (w *web) sales() []gate.Route {
	if w.Campaigns == nil {
		return nil
	}
	return append(w.placeRoutes(),
		read("sales", salesPath, login.MarketSale, w.campaigns),
		read("calendar", calendarPath, login.MarketSale, w.calendar),
		take("sales.draft", salesPath, login.MarketSaleAsk, w.draftSale),
		read("sale", salesPath+"/{campaign}", login.MarketSale, w.campaign),
		take("sale.turn", salesPath+"/{campaign}", login.MarketSaleApprove, w.turnSale),
		read("enrolments", enrolsPath, login.MarketSale, w.enrolments),
		take("enrolments.decide", enrolsPath, login.MarketSaleApprove, w.decideEnrolment),
		read("claims", claimsPath, login.MarketSale, w.priceClaims))
}

// saleTabs lead between the pages of campaigns.
func saleTabs(t page.Tongue, here string) *page.Tabs {
	tabs := &page.Tabs{Label: t.T("operatorweb.sales")}
	for _, p := range []struct{ href, key string }{{salesPath, "sales_all"}, {enrolsPath, "enrolments"},
		{claimsPath, "price_claims"}, {calendarPath, "calendar"}} {
		tabs.Links = append(tabs.Links, page.Link{Href: p.href, Text: t.T("operatorweb." + p.key), Current: p.href == here})
	}
	return tabs
}

// campaigns lists the campaigns, and takes a draft of a new one.
func (w *web) campaigns(rw http.ResponseWriter, r *http.Request) error {
	return w.showSales(rw, r, nil)
}

func (w *web) showSales(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, salesPath, "sales")
	all, err := w.Campaigns.Campaigns(r.Context(), campaign.ID(page.Place(r.URL.Query(), "at", "cmp")), salesShown)
	if err != nil {
		return err
	}
	v.Tabs = saleTabs(t, salesPath)
	none := page.Empty{Title: t.T("operatorweb.no_sales"), Text: t.T("operatorweb.no_sales_text")}
	s := section{ID: "sales", Table: table("sales", t.T("operatorweb.sales"), none,
		columns(t, "*sale", "sale_kind", "state", "recruit", "sale_until")...)}
	for _, c := range all {
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(c.ID), Cells: []page.Cell{
			{Text: c.Title.Pick(t.Lang), Href: salesPath + "/" + string(c.ID)}, plain(word(t, "channel", string(c.Channel))),
			badged(saleBadge(t, c)), plain(spanOf(t, c.Recruit)), plain(t.When(c.Over()))}})
	}
	if len(all) == salesShown {
		s.Table.Pager.Next = salesPath + "?at=" + string(all[len(all)-1].ID)
	}
	v.Sections = []section{s}
	if may(r, login.MarketSaleAsk) {
		v.Sections = append(v.Sections, w.saleForm(r, t, nil, refused))
	}
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

func saleBadge(t page.Tongue, c campaign.Campaign) page.Badge {
	tones := map[campaign.State]string{campaign.Drafted: "wait", campaign.Published: "done", campaign.Cancelled: "off"}
	return page.Badge{Tone: tones[c.State], Text: word(t, "salestate", string(c.State))}
}

func spanOf(t page.Tongue, w campaign.Window) string {
	return t.Span(w.From, w.Until)
}

// campaign is one campaign with those who enrolled.
func (w *web) campaign(rw http.ResponseWriter, r *http.Request) error { return w.showSale(rw, r, nil) }

func (w *web) showSale(rw http.ResponseWriter, r *http.Request, refused error) error {
	c, err := w.Campaigns.Campaign(r.Context(), campaign.ID(r.PathValue("campaign")))
	if err != nil {
		return err
	}
	v, t := w.page(r, salesPath, "sales")
	v.Title, v.Heading, v.Lead = c.Title.Pick(t.Lang), c.Title.Pick(t.Lang), ""
	v.under(t, salesPath, "sales")
	badge := saleBadge(t, c)
	v.Badge = &badge
	v.Sections = []section{w.planSection(t, c, clock.Now(r.Context(), w.Clock)), ruleSection(t, c, w.Currency)}
	if may(r, login.MarketSaleApprove) {
		v.Sections = append(v.Sections, turnSection(t, c))
	}
	if may(r, login.MarketSaleAsk) && c.State == campaign.Drafted {
		was := w.planTexts(c.Plan)
		was["campaign"], was["version"] = string(c.ID), page.Itoa(c.Version)
		v.Sections = append(v.Sections, w.saleForm(r, t, was, nil))
	}
	places, err := w.placeSections(r, t, c, refused)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, places...)
	at := campaign.EnrolmentID(page.Place(r.URL.Query(), "at", "enr"))
	all, err := w.Campaigns.ByCampaign(r.Context(), c.ID, at, salesShown)
	if err != nil {
		return err
	}
	list, err := w.enrolList(r, t, all)
	if err != nil {
		return err
	}
	if len(all) == salesShown {
		list.Table.Pager.Next = salesPath + "/" + string(c.ID) + "?at=" + string(all[len(all)-1].ID)
	}
	v.Sections = append(v.Sections, list)
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// planSection says when what is.
func (w *web) planSection(t page.Tongue, c campaign.Campaign, now time.Time) section {
	s := section{ID: "plan", Boxed: true, Title: t.T("operatorweb.plan"), Facts: []fact{
		{Name: t.T("operatorweb.sale_kind"), Text: word(t, "channel", string(c.Channel))},
		{Name: t.T("operatorweb.recruit"), Text: spanOf(t, c.Recruit)}}}
	if !c.Lock.Empty() {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.lock"), Text: spanOf(t, c.Lock)})
	}
	for _, kind := range []string{"presale", "crossshop", "direct"} {
		if c.Allows(kind) {
			s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.switch_" + kind), Text: t.T("operatorweb.on")})
		}
	}
	for _, wave := range c.Waves {
		stage := campaign.StageOf(c, wave, campaign.Part{Presale: true, Spot: true}, now).Stage
		for _, p := range wave.Phases {
			s.Facts = append(s.Facts, fact{Name: wave.Title.Pick(t.Lang) + " · " + saleweb.StageWord(t, p.Stage),
				Text: spanOf(t, p.Window)})
		}
		if wave.Pieces > 0 || wave.PerShopper > 0 {
			s.Facts = append(s.Facts, fact{Name: wave.Title.Pick(t.Lang) + " · " + t.T("operatorweb.sale_together"),
				Text: t.T("operatorweb.sale_together_text", "pieces", orNone(t, wave.Pieces), "each", orNone(t, wave.PerShopper))})
		}
		s.Facts = append(s.Facts, fact{Name: wave.Title.Pick(t.Lang), Badge: &page.Badge{Tone: "go",
			Text: saleweb.StageWord(t, stage)}})
	}
	if c.Timetable != nil {
		var starts []string
		for _, m := range c.Timetable.Starts {
			starts = append(starts, minuteOfDay(m))
		}
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.days"), Text: spanOf(t, c.Timetable.Days)},
			fact{Name: t.T("operatorweb.sessions_at"), Text: strings.Join(starts, " ")},
			fact{Name: t.T("operatorweb.minutes"), Text: t.Count(c.Timetable.Minutes)})
	}
	return s
}

func minuteOfDay(m int64) string {
	return strconv.FormatInt(m/60, 10) + ":" + ("0" + strconv.FormatInt(m%60, 10))[len(strconv.FormatInt(m%60, 10))-1:]
}

// ruleSection says what an offer must meet.
func ruleSection(t page.Tongue, c campaign.Campaign, currency money.Currency) section {
	s := section{ID: "rule", Boxed: true, Title: t.T("operatorweb.sale_rule")}
	say := func(there bool, key, value string) {
		if there {
			s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.rule_" + key), Text: value})
		}
	}
	r := c.Rule
	say(len(r.Categories) > 0, "categories", saleweb.CategoryNames(t, r.Categories))
	say(len(r.Caps) > 0, "caps", saleweb.CapTexts(t, r.Caps, currency))
	say(r.Days > 0, "cap", t.T("operatorweb.rule_cap_text", "days", r.Days, "rate", page.Percent(int64(r.FactorPPM))))
	say(r.Days > 0, "new_too", t.T("operatorweb.new_too_"+strconv.FormatBool(r.NewToo)))
	say(r.DealWithin > 0, "deal_within", t.Count(r.DealWithin))
	say(r.FlashRange, "flash_range", t.T("operatorweb.on"))
	say(r.QuantityMin > 0, "quantity_min", t.Count(r.QuantityMin))
	say(r.LimitMax > 0, "limit_max", t.Count(r.LimitMax))
	say(r.PerShopDay > 0, "per_shop_day", t.Count(r.PerShopDay))
	say(r.ScoreMin > 0, "score_min", stars(r.ScoreMin))
	say(r.DepositMin > 0, "deposit_min", t.Money(money.New(r.DepositMin, currency)))
	say(r.PenaltyPPM > 0, "penalty", page.Percent(int64(r.PenaltyPPM)))
	if len(s.Facts) == 0 {
		s.Lines = []string{t.T("operatorweb.rule_none")}
	}
	return s
}

// stars writes hundredths of a star.
func stars(hundredths int64) string {
	return strconv.FormatInt(hundredths/100, 10) + "." + strconv.FormatInt(100+hundredths%100, 10)[1:]
}

// turnSection publishes a draft, and calls off what is published.
func turnSection(t page.Tongue, c campaign.Campaign) section {
	s := section{ID: "turn"}
	hidden := []page.Pair{{Name: "version", Value: page.Itoa(c.Version)}}
	ask := func(do string, bad bool) {
		s.Dialogs = append(s.Dialogs, page.Dialog{ID: "do-" + do, Open: t.T("operatorweb.sale_" + do),
			Title: t.T("operatorweb.sale_" + do), Text: t.T("operatorweb.sale_" + do + "_text"),
			Action: salesPath + "/" + string(c.ID), Hidden: hidden,
			Confirm: page.Act{Text: t.T("operatorweb.sale_" + do), Name: "do", Value: do, Main: !bad, Bad: bad}})
	}
	if c.State == campaign.Drafted {
		ask("publish", false)
	}
	if c.State != campaign.Cancelled {
		ask("cancel", true)
	}
	return s
}

func (w *web) turnSale(rw http.ResponseWriter, r *http.Request) error {
	do, err := pressed(r, "publish", "cancel")
	if err != nil {
		return err
	}
	id := campaign.ID(r.PathValue("campaign"))
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err == nil {
		turn := w.Campaigns.Publish
		if do == "cancel" {
			turn = w.Campaigns.Cancel
		}
		_, err = turn(r.Context(), id, version)
	} else {
		err = fault.New(fault.Invalid, "campaign.changed")
	}
	if err != nil && !fault.Is(err, "campaign.not_found") {
		return w.refuse(err, func(err error) error { return w.showSale(rw, r, err) })
	}
	if err != nil {
		return err
	}
	return see(rw, r, salesPath+"/"+string(id), "sale_turned")
}

// enrolments is the queue of what waits for review.
func (w *web) enrolments(rw http.ResponseWriter, r *http.Request) error {
	return w.showQueue(rw, r, nil)
}

func (w *web) showQueue(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, salesPath, "sales")
	v.Tabs = saleTabs(t, enrolsPath)
	all, err := w.Campaigns.Queue(r.Context(), campaign.EnrolmentID(page.Place(r.URL.Query(), "at", "enr")), salesShown)
	if err != nil {
		return err
	}
	s, err := w.enrolList(r, t, all)
	if err != nil {
		return err
	}
	if len(all) == salesShown {
		s.Table.Pager.Next = enrolsPath + "?at=" + string(all[len(all)-1].ID)
	}
	v.Sections = []section{s}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// enrolList is enrolments with what can be done with each.
func (w *web) enrolList(r *http.Request, t page.Tongue, all []campaign.Enrolment) (section, error) {
	shops, err := w.shopNames(r.Context(), t)
	s := section{ID: "enrolments", Title: t.T("operatorweb.enrolments"), Table: table("enrolments",
		t.T("operatorweb.enrolments"), page.Empty{Title: t.T("operatorweb.no_enrolments"),
			Text: t.T("operatorweb.no_enrolments_text")},
		columns(t, "*enrolment", "shop", "#price", "#pieces", "when", "state", "act")...)}
	decides := may(r, login.MarketSaleApprove)
	if err != nil {
		return s, err
	}
	skus := make([]string, len(all))
	for i, e := range all {
		skus[i] = e.SKU
	}
	goods, err := w.goodsCells(r.Context(), t, skus)
	for _, e := range all {
		row := enrolRow(t, e, goods[e.SKU], shops[e.Shop], decides)
		if e.Cap > 0 {
			row.Cells[0].SubHref = proofOf(r, e.Source)
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s, err
}

func enrolRow(t page.Tongue, e campaign.Enrolment, goods page.Cell, shop string, decides bool) page.Row {
	cash := func(minor int64) string { return t.Money(money.New(minor, e.Currency)) }
	if e.Cap > 0 {
		goods.Sub = t.T("operatorweb.cap_of", "cap", cash(e.Cap), "lowest", cash(e.Lowest), "source", t.Evidence(e.Source))
	}
	why := t.Reasons(e.Reasons, e.Currency)
	badge := page.Badge{Tone: enrolTones[e.State], Text: word(t, "enrol", string(e.State))}
	row := page.Row{ID: string(e.ID), Cells: []page.Cell{
		goods, plain(shop), plain(cash(e.Price)), plain(t.Count(e.Quantity)), plain(spanOf(t, e.Selling)),
		{Badge: &badge, Sub: strings.Join(why, "\n")}, {}}}
	hidden := []page.Pair{{Name: "enrolment", Value: string(e.ID)}, {Name: "version", Value: page.Itoa(e.Version)}}
	act := func(do string, main bool) page.Act {
		return page.Act{Text: t.T("operatorweb.enrol_" + do), Name: "do", Value: do, Main: main, Bad: !main}
	}
	switch {
	case decides && e.State == campaign.Applied:
		row.Cells[6] = page.Cell{Post: enrolsPath, Hidden: hidden,
			Acts: []page.Act{act("accept", true), act("refuse", false)}}
	case decides && (e.State == campaign.Accepted || e.State == campaign.Pledged):
		row.Cells[6] = page.Cell{Post: enrolsPath, Hidden: hidden, Acts: []page.Act{act("remove", false)}}
	}
	return row
}

var enrolTones = map[campaign.EnrolmentState]string{campaign.Applied: "wait", campaign.Accepted: "go",
	campaign.Pledged: "done", campaign.Refused: "off", campaign.Ended: "off", campaign.Withdrawn: "off"}

// decideEnrolment accepts, refuses or takes out.
func (w *web) decideEnrolment(rw http.ResponseWriter, r *http.Request) error {
	do, err := pressed(r, "accept", "refuse", "remove")
	if err != nil {
		return err
	}
	id, by := campaign.EnrolmentID(r.PostFormValue("enrolment")), gate.Who(r.Context()).Login
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		err = fault.New(fault.Conflict, "enrolment.changed")
	} else {
		err = w.decided(r.Context(), do, campaign.Decide{By: by, ID: id, Version: version})
	}
	if err != nil && !fault.Is(err, "enrolment.not_found") {
		return w.refuse(err, func(err error) error { return w.showQueue(rw, r, err) })
	}
	if err != nil {
		return err
	}
	return see(rw, r, enrolsPath, "enrol_decided")
}

func (w *web) decided(ctx context.Context, do string, cmd campaign.Decide) (err error) {
	if do == "remove" {
		_, err = w.Campaigns.Remove(ctx, campaign.Remove{By: cmd.By, ID: cmd.ID, Version: cmd.Version})
		return err
	}
	cmd.Accept = do == "accept"
	_, err = w.Campaigns.Decide(ctx, cmd)
	return err
}

// priceClaims lists the struck prices and percentages that history did not bear.
func (w *web) priceClaims(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, salesPath, "sales")
	v.Tabs = saleTabs(t, claimsPath)
	all, err := w.Campaigns.Reference.Refused(r.Context(), page.Place(r.URL.Query(), "at", "pcl"), salesShown)
	if err != nil {
		return err
	}
	shops, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	cash := func(minor int64) string { return t.Money(money.New(minor, w.Currency)) }
	s := section{ID: "claims", Table: table("claims", t.T("operatorweb.price_claims"),
		page.Empty{Title: t.T("operatorweb.no_claims"), Text: t.T("operatorweb.no_claims_text")},
		columns(t, "*enrolment", "shop", "#price", "#strike", "#prior", "why", "when")...)}
	skus := make([]string, len(all))
	for i, c := range all {
		skus[i] = c.SKU
	}
	goods, err := w.goodsCells(r.Context(), t, skus)
	if err != nil {
		return err
	}
	for _, c := range all {
		prior := "–"
		if c.Prior.Found() {
			prior = cash(c.Prior.Amount)
		}
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: c.ID, Cells: []page.Cell{goods[c.SKU], plain(shops[c.Shop]),
			plain(cash(c.Sale)), plain(cash(c.Strike)), plain(prior), {Text: word(t, "claim", c.Code),
				Sub: t.Evidence(c.Prior.Source), SubHref: proofOf(r, c.Prior.Source)}, plain(t.When(c.At))}})
	}
	if len(all) == salesShown {
		s.Table.Pager.Next = claimsPath + "?" + url.Values{"at": {all[len(all)-1].ID}}.Encode()
	}
	v.Sections = []section{s}
	return w.show(rw, r, http.StatusOK, v)
}

// proofOf is the page of the order that an earlier price stands written in; "" where it is none, or not for the reader.
func proofOf(r *http.Request, source string) string {
	if id := page.EvidenceOrder(source); id != "" && may(r, login.MarketOrders) {
		return "/operator/orders/" + id
	}
	return ""
}

// orNone is a bound, or that there is none.
func orNone(t page.Tongue, n int64) string {
	if n == 0 {
		return t.T("operatorweb.sale_unbounded")
	}
	return t.Count(n)
}
