package merchantweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo/rulebook"
	"hutong/deal/voucher"
	"hutong/goods/catalog"
	"hutong/goods/stock"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/tally"
)

// The bounds of what the first page counts.
const (
	todoMax  = 100 // a row of the list says "100+" from there on
	lowStock = 5   // pieces that can still be sold, from where a SKU is low
	lowPages = 2   // pages of the newest products that are looked through for it
)

// today is the first page: what happened today, and what is to be done.
func (w *web) today(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, t := w.begin(rw, r, "/desk", "merchantweb.today")
	shop, err := w.Shops.Shop(ctx, merchant.ID(shopOf(r)))
	if err != nil {
		return err
	}
	v := todayView{Frame: f, Name: shop.Name.Pick(t.Lang), When: dayOf(t, w.Clock.Now().In(w.zone()))}
	if v.Start, err = w.startOf(r, t, shop); err != nil {
		return err
	}
	if shop.State != merchant.Open && v.Start != nil {
		return w.set.Render(rw, r, http.StatusOK, "desk-today", v)
	}
	if err := w.numbers(ctx, t, &v, string(shop.ID), r.URL.Query().Get("by")); err != nil {
		return err
	}
	v.Trades = true
	if v.Todo, err = w.todo(r, t, string(shop.ID)); err != nil {
		return err
	}
	if v.Held, err = w.held(ctx, t, string(shop.ID)); err != nil {
		return err
	}
	unsaid, err := w.unsaid(ctx, t, shop)
	if err != nil {
		return err
	}
	v.Todo = append(v.Todo, unsaid...)
	v.Calm = page.Empty{Title: t.T("merchantweb.calm"), Text: t.T("merchantweb.calm_text")}
	return w.set.Render(rw, r, http.StatusOK, "desk-today", v)
}

// measure is a number that the chart can show.
type measure struct {
	name  string
	of    func(tally.Hour) int64
	money bool
}

var measures = []measure{
	{"orders", func(h tally.Hour) int64 { return h.Placed }, false},
	{"paid", func(h tally.Hour) int64 { return h.PaidAmount }, true},
	{"views", func(h tally.Hour) int64 { return h.Views }, false},
}

const day = 24

// numbers puts today beside yesterday: the sums up to the same hour, and the chart by hour.
func (w *web) numbers(ctx context.Context, t page.Tongue, v *todayView, shop, by string) error {
	if w.Tally == nil {
		return nil
	}
	now := w.Clock.Now().In(w.zone())
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, w.zone())
	hours, err := w.Tally.Hours(ctx, shop, midnight.Add(-day*time.Hour), midnight.Add(day*time.Hour))
	if err != nil {
		return err
	}
	so := now.Hour() + 1
	today, before := tally.Sum(hours[day:day+so]), tally.Sum(hours[:so])
	currency, err := w.currency(ctx, shop)
	if err != nil {
		return err
	}
	cash := func(n int64) string { return t.Money(money.New(n, currency)) }
	v.Stats = []page.Stat{
		stat(t, "orders", t.Count(today.Placed), today.Placed, before.Placed),
		stat(t, "paid", cash(today.PaidAmount), today.PaidAmount, before.PaidAmount),
		stat(t, "views", t.Count(today.Views), today.Views, before.Views),
		stat(t, "conversion", permille(today.Conversion()), today.Conversion(), before.Conversion()),
	}
	if !today.Converts() {
		none := page.Stat{Name: t.T("merchantweb.stat_conversion"), Value: "–", Hint: t.T("merchantweb.no_views")}
		if today.Views > 0 {
			none.Hint = t.T("merchantweb.few_views")
		}
		v.Stats[3] = none
	}
	v.Measures.Label = t.T("merchantweb.by_hour")
	shown := measures[0]
	for _, m := range measures {
		if m.name == by {
			shown = m
		}
	}
	for _, m := range measures {
		v.Measures.Links = append(v.Measures.Links, page.Link{Href: "/desk?by=" + m.name + "#hours",
			Text: t.T("merchantweb.stat_" + m.name), Current: m.name == shown.name})
	}
	v.Chart = chartOf(t, shown, hours, currency, now.Hour())
	return nil
}

// chartOf draws both days by hour; hours to come are not there yet.
func chartOf(t page.Tongue, m measure, hours []tally.Hour, c money.Currency, now int) *page.Chart {
	d := page.ChartData{ID: "hours", Title: t.T("merchantweb.stat_" + m.name), Label: t.T("merchantweb.hour"),
		Say: t.Count, Short: t.Short, Series: []page.Series{{Name: t.T("merchantweb.today")},
			{Name: t.T("merchantweb.yesterday")}}}
	if m.money {
		d.Say = func(n int64) string { return t.Money(money.New(n, c)) }
		d.Short = func(n int64) string { return t.ShortMoney(money.New(n, c)) }
	}
	best := 0
	for h := range day {
		d.Labels = append(d.Labels, fmt.Sprintf("%d:00", h))
		d.Series[0].Values = append(d.Series[0].Values, m.of(hours[day+h]))
		d.Series[1].Values = append(d.Series[1].Values, m.of(hours[h]))
		if h <= now && m.of(hours[day+h]) > m.of(hours[day+best]) {
			best = h
		}
	}
	d.Summary = t.T("merchantweb.no_hour")
	if top := m.of(hours[day+best]); top > 0 {
		d.Summary = t.T("merchantweb.best_hour", "hour", d.Labels[best], "value", d.Say(top))
	}
	return new(page.ChartOf(d))
}

// stat is a number of today with how it moved against yesterday at this time.
func stat(t page.Tongue, name, value string, now, before int64) page.Stat {
	s := page.Stat{Name: t.T("merchantweb.stat_" + name), Value: value}
	switch {
	case before == 0:
		s.Hint = t.T("merchantweb.none_yesterday")
	case now == before:
		s.Hint = t.T("merchantweb.as_yesterday")
	default:
		percent := (now - before) * 100 / before
		s.Trend = &page.Trend{Up: now > before, Good: now > before,
			Text: t.T("merchantweb.on_yesterday", "n", fmt.Sprintf("%+d", percent))}
	}
	return s
}

// dayOf is a day as readers of the language write it; at is in the market's zone.
func dayOf(t page.Tongue, at time.Time) string {
	if t.Lang == text.Zh {
		return at.Format("2006年1月2日")
	}
	return at.Format("2 January 2006")
}

// permille writes thousandths as percent: 34 is "3.4 %".
func permille(n int64) string { return fmt.Sprintf("%d.%d %%", n/10, n%10) }

// currency is what the shop earns in.
func (w *web) currency(ctx context.Context, shop string) (money.Currency, error) {
	totals, err := w.Settle.Totals(ctx, shop)
	if err != nil || len(totals) == 0 {
		return "CNY", err
	}
	return totals[0].Currency, nil
}

// todo lists the work that waits, each row with the way to it; rows of nothing are left out.
func (w *web) todo(r *http.Request, t page.Tongue, shop string) ([]todoRow, error) {
	ctx, who := r.Context(), gate.Who(r.Context())
	var rows []todoRow
	add := func(name, href, icon string, n int, hint string) {
		if n == 0 {
			return
		}
		row := todoRow{Href: href, Icon: icon, Text: t.T("merchantweb.todo_" + name), Hint: hint, Count: t.Count(int64(n))}
		if n >= todoMax {
			row.Count = t.Count(todoMax) + "+"
		}
		rows = append(rows, row)
	}
	toShip, err := w.Orders.CountByShop(ctx, shop, order.ToShip, todoMax)
	if err != nil {
		return nil, err
	}
	since, err := w.waits(ctx, t, shop)
	if err != nil {
		return nil, err
	}
	add("ship", "/desk/orders?show=to_ship&sort=oldest", "truck", toShip, since)
	if w.Cases != nil {
		all, err := w.Cases.List(ctx, aftersale.Party{Shop: shop}, aftersale.ToClose, "", todoMax)
		if err != nil {
			return nil, err
		}
		add("cases", "/desk/cases", "back", len(all), t.T("merchantweb.todo_cases_hint"))
	}
	if err := w.asked(ctx, add); err != nil {
		return nil, err
	}
	low, example, err := w.low(ctx, t, shop)
	if err != nil {
		return nil, err
	}
	add("low", "/desk/products?"+url.Values{"show": {"low"}}.Encode(), "box", low, example)
	if !who.Can(login.MoneyRead) {
		return rows, nil
	}
	if err := w.depositWaits(ctx, t, shop, add); err != nil {
		return nil, err
	}
	all, err := w.Settle.Statements(ctx, shop)
	if err != nil {
		return nil, err
	}
	payable, err := w.Settle.Payable(ctx, all)
	waiting := 0
	for _, minor := range payable {
		if minor > 0 {
			waiting++
		}
	}
	add("statements", "/desk/money", "money", waiting, t.T("merchantweb.todo_statements_hint"))
	return rows, err
}

// held tells of orders that look like work and are none: their money was taken back, so the market decides first.
func (w *web) held(ctx context.Context, t page.Tongue, shop string) (*page.Link, error) {
	n, err := w.Orders.CountByShop(ctx, shop, order.Held, todoMax)
	if err != nil || n == 0 {
		return nil, err
	}
	count := t.Count(int64(n))
	if n >= todoMax {
		count += "+"
	}
	return &page.Link{Href: "/desk/orders?show=held", Text: t.T("merchantweb.held_n", "n", count)}, nil
}

// unsaid is what the shop has not said of itself and its trade needs, for who can say it.
func (w *web) unsaid(ctx context.Context, t page.Tongue, shop merchant.Shop) (rows []todoRow, err error) {
	if !gate.Who(ctx).Can(login.ShopEdit) {
		return nil, nil
	}
	add := func(name, icon string) {
		rows = append(rows, todoRow{Href: "/desk/settings#" + name, Icon: icon, Text: t.T("merchantweb.todo_" + name),
			Hint: t.T("merchantweb.todo_" + name + "_hint"), Count: t.Count(1)})
	}
	if shop.Division == "" {
		add("origin", "truck")
	}
	back, err := w.Shops.Returns(ctx, shop.ID)
	if err == nil && !back.Set() {
		add("returns", "back")
	}
	return rows, err
}

// secondWords are where a request that waits for a second person is decided.
var secondWords = []struct {
	name, href string
	kinds      []string
}{
	{"promotions", "/desk/promotions", []string{rulebook.PublishRequest}},
	{"vouchers", "/desk/vouchers", []string{voucher.PublishRequest, voucher.GrantRequest}},
	{"payout", "/desk/payout", []string{approval.PayoutAccount}},
}

// asked adds what waits for the reader as the second person.
func (w *web) asked(ctx context.Context, add func(name, href, icon string, n int, hint string)) error {
	if w.Approvals == nil {
		return nil
	}
	who := gate.Who(ctx)
	all, err := w.Approvals.Requests(ctx, approval.Query{By: who, Limit: approval.PageMax})
	for _, s := range secondWords {
		n := 0
		for _, q := range all.Requests {
			if slices.Contains(s.kinds, q.Kind) && q.State == approval.Asked && w.Approvals.MayDecide(who, q) {
				n++
			}
		}
		add(s.name, s.href, "people", n, "")
	}
	return err
}

// waits says how long the oldest order to ship has waited.
func (w *web) waits(ctx context.Context, t page.Tongue, shop string) (string, error) {
	oldest, err := w.Orders.ByShopOldest(ctx, shop, order.ToShip, "", 1)
	if err != nil || len(oldest) == 0 {
		return "", err
	}
	return t.T("merchantweb.todo_ship_hint", "left", t.Left(w.Clock.Now().Sub(oldest[0].PaidAt))), nil
}

// low counts the SKUs of the newest products on sale that run out, and names the first.
func (w *web) low(ctx context.Context, t page.Tongue, shop string) (n int, example string, err error) {
	cursor := ""
	for range lowPages {
		all, err := w.Catalog.ByShop(ctx, catalog.ByShop{Shop: shop, Cursor: cursor, Limit: 100})
		if err != nil {
			return 0, "", err
		}
		skus, titles := listed(t, all.Products)
		few, first, err := w.few(ctx, shop, skus)
		if err != nil {
			return 0, "", err
		}
		if n == 0 && few > 0 {
			example = t.T("merchantweb.todo_low_hint", "title", titles[first.SKU], "n", first.Free())
		}
		n += few
		if cursor = all.Next; cursor == "" {
			break
		}
	}
	return n, example, nil
}

// few counts the SKUs of which few pieces are left, and gives the first one's pool.
func (w *web) few(ctx context.Context, shop string, skus []string) (n int, first stock.Pool, err error) {
	pools, err := w.Stock.PoolsBySKU(ctx, shop, skus)
	for _, sku := range skus {
		if p, there := pools[sku]; there && p.Free() <= lowStock {
			if n++; n == 1 {
				first = p
			}
		}
	}
	return n, first, err
}

// listed are the SKUs on sale, and what their products are called.
func listed(t page.Tongue, products []catalog.Product) (skus []string, titles map[string]string) {
	titles = map[string]string{}
	for _, p := range products {
		for _, k := range p.SKUs {
			if p.State == catalog.Listed {
				titles[string(k.ID)] = p.Title.In(t.Lang)
				skus = append(skus, string(k.ID))
			}
		}
	}
	return skus, titles
}
