package story

import (
	"hutong/base/text"
	"hutong/surface/page"
)

// desk are the components of the desks.
func desk() []Component {
	return []Component{
		{"badge", text.Entry{Zh: "状态", En: "State badge"}, `{{template "badge" .Badge}}`,
			"page.Badge: Tongue.OrderBadge", badges},
		{"table", text.Entry{Zh: "表格", En: "Table"}, `{{template "table" .Table}}`, "page.Table", tables},
		{"stat", text.Entry{Zh: "数字", En: "Stat"},
			`<dl class="stats">{{range .Stats}}{{template "stat" .}}{{end}}</dl>`, "page.Stat", stats},
		{"chart", text.Entry{Zh: "图表", En: "Chart"}, `{{template "chart" .Chart}}`, "page.Chart: page.ChartOf",
			charts},
		{"tabs", text.Entry{Zh: "页签", En: "Tabs"}, `{{template "tabs" .Tabs}}`, "page.Tabs", tabs},
		{"pager", text.Entry{Zh: "翻页", En: "Pager"}, `{{template "pager" .Pager}}`, "page.Pager", pagers},
		{"crumbs", text.Entry{Zh: "路径", En: "Breadcrumbs"}, `{{template "crumbs" .Crumbs}}, Frame.Way`,
			"[]page.Crumb", crumbs},
	}
}

func toShip(t page.Tongue) page.Badge {
	return page.Badge{Tone: "wait", Text: t.T("state.sub.open"), Who: t.T("next.you_ships")}
}

func badges(t page.Tongue) []State {
	return []State{
		{Title: pick(t, "等人处理", "Somebody must act"), Badge: new(toShip(t))},
		{Title: pick(t, "进行中", "Under way"), Badge: &page.Badge{Tone: "go", Text: t.T("state.sub.shipped"),
			Who: t.T("next.receives")}},
		{Title: pick(t, "完成", "Done"), Badge: &page.Badge{Tone: "done", Text: t.T("state.order.completed")}},
		{Title: pick(t, "失败", "Failed"), Badge: &page.Badge{Tone: "bad", Text: pick(t, "打款失败",
			"Payout failed"), Who: pick(t, "请更新账户", "update the account")}},
		{Title: pick(t, "不再变化", "Over"), Badge: &page.Badge{Tone: "off", Text: t.T("state.order.cancelled")}},
	}
}

func tables(t page.Tongue) []State {
	orders := page.Table{ID: "orders", Caption: pick(t, "订单", "Orders"), Columns: []page.Column{
		{Name: pick(t, "订单", "Order"), Href: "/story/table?sort=order"}, {Name: pick(t, "商品", "Goods"),
			Wide: true},
		{Name: pick(t, "下单时间", "Placed"), Href: "/story/table?sort=placed", Sorted: "down"},
		{Name: pick(t, "金额", "Amount"), Href: "/story/table?sort=amount", Num: true}, {Name: pick(t, "状态",
			"State")}},
		Filter: orderFilter(t), Pager: page.Pager{Text: pick(t, "第 1–4 条，共 310 条", "1–4 of 310"),
			Next: "/story/table?after=4"},
		Bulk: &page.Bulk{Action: "/story/table", Name: "order", Acts: []page.Act{{Text: pick(t, "打印拣货单",
			"Pick list"), Name: "do", Value: "pick"},
			{Text: pick(t, "批量发货", "Ship"), Name: "do", Value: "ship", Main: true}}}}
	for i, goods := range []string{pick(t, "明前龙井 125 克 × 2", "Longjing, 125 g × 2"), pick(t, "青花盖碗",
		"Blue and white gaiwan"),
		pick(t, "一只名字特别特别长的茶杯，长到一行放不下", "A cup whose name is so long that it takes two lines"), pick(t, "竹茶则",
			"Bamboo tea scoop")} {
		orders.Rows = append(orders.Rows, orderRow(t, i, goods))
	}
	picked := orders
	picked.ID, picked.Filter, picked.Rows = "picked", nil, append([]page.Row(nil), orders.Rows[:2]...)
	picked.Rows[0].Picked = true
	nothing := page.Table{ID: "nothing", Caption: orders.Caption, Empty: page.Empty{Title: pick(t, "没有符合条件的订单",
		"No order fits"),
		Text: pick(t, "换个条件试试。", "Try other filters."), Href: "/story/table", Action: pick(t, "清除筛选",
			"Clear filters")}}
	return []State{{Title: pick(t, "排序、筛选、翻页、批量", "Sort, filter, page, act on many"), Table: &orders},
		{Title: pick(t, "选中一行", "One row picked"), Table: &picked}, {Title: pick(t, "没有结果", "Nothing found"),
			Table: &nothing},
		{Title: pick(t, "在格子里改", "Change it in place"), Table: stockTable(t)}}
}

func orderFilter(t page.Tongue) *page.Filter {
	return &page.Filter{Action: "/story/table", Name: "q", Label: pick(t, "订单号或收件人", "Number or recipient"),
		Query: "", Clear: "/story/table",
		Fields: []page.Field{{ID: "filter-state", Name: "state", Kind: "select", Label: pick(t, "状态", "State"),
			Options: []page.Group{{Options: []page.Option{
				{Text: pick(t, "全部", "All")}, {Value: "open", Text: t.T("state.sub.open"), Selected: true}}}}},
			{ID: "filter-from", Name: "from", Kind: "date", Label: pick(t, "从", "From"), Value: "2026-11-01"}}}
}

func orderRow(t page.Tongue, i int, goods string) page.Row {
	number := "HT-26111" + page.Itoa(int64(i))
	state := toShip(t)
	if i == 1 {
		state = page.Badge{Tone: "done", Text: t.T("state.sub.completed")}
	}
	return page.Row{ID: number, Name: number, Fixed: i == 1, Cells: []page.Cell{{Text: number,
		Href: "/story/table", Code: true},
		{Text: goods, Sub: pick(t, "王小明 · 杭州", "Wang Xiaoming · Hangzhou"),
			Picture: &page.Picture{Small: picture, Tint: i}},
		{Text: t.When(now)}, {Text: t.Money(yuan(int64(25600 + 1990*i)))}, {Badge: &state}}}
}

func stockTable(t page.Tongue) *page.Table {
	row := func(id, name, stock, wrong string) page.Row {
		return page.Row{ID: id, Name: name, Cells: []page.Cell{{Text: name},
			{Field: &page.CellField{Name: "stock-" + id, Value: stock, Form: "stock",
				Label: pick(t, "库存", "Stock") + " " + name, Mode: "numeric", Error: wrong}},
			{Post: "/story/table", Hidden: []page.Pair{{Name: "sku", Value: id}},
				Acts: []page.Act{{Text: pick(t, "下架", "Withdraw")}}}}}
	}
	return &page.Table{ID: "stock", Caption: pick(t, "库存", "Stock"), Columns: []page.Column{{Name: pick(t,
		"规格", "Variant"), Wide: true},
		{Name: pick(t, "库存", "Stock"), Num: true}, {Name: pick(t, "操作", "Actions")}},
		Rows: []page.Row{row("s", pick(t, "小号", "Small"), "12", ""), row("l", pick(t, "大号", "Large"), "-1",
			pick(t, "不能小于零", "Not below zero"))},
		Bulk: &page.Bulk{Action: "/story/table", Name: "sku", Acts: []page.Act{{Text: pick(t, "保存全部",
			"Save all"), Main: true}}}}
}

func stats(t page.Tongue) []State {
	return []State{{Title: pick(t, "今天", "Today"), Stats: []page.Stat{
		{Name: pick(t, "成交额", "Sales"), Value: t.Money(yuan(12873050)), Trend: &page.Trend{Up: true,
			Good: true, Text: pick(t, "比上周多 12%", "12 % on last week")}},
		{Name: pick(t, "待发货", "To ship"), Value: "38", Href: "/story/table", Hint: pick(t, "最早的已等 5 小时",
			"the oldest waits 5 hours")},
		{Name: pick(t, "退款", "Refunds"), Value: "4", Trend: &page.Trend{Up: true, Text: pick(t, "比上周多 2 笔",
			"2 more than last week")}},
		{Name: pick(t, "转化率", "Conversion"), Value: "3.4 %", Trend: &page.Trend{Text: pick(t, "比上周低 0.3",
			"0.3 below last week")}}}}}
}

func charts(t page.Tongue) []State {
	hours, today, week := []string{}, []int64{}, []int64{}
	for h := range int64(24) {
		hours = append(hours, page.Itoa(h)+":00")
		today, week = append(today, 20+(h*h*7)%190+h*6), append(week, 15+(h*13)%120+h*3)
	}
	orders := page.ChartData{ID: "orders", Title: pick(t, "每小时订单", "Orders by hour"), Summary: pick(t,
		"今天多于上周同日。", "Today is above the same day of last week."),
		Labels: hours, Label: pick(t, "小时", "Hour"), Say: t.Count, Series: []page.Series{{Name: pick(t, "今天",
			"Today"), Values: today},
			{Name: pick(t, "上周", "Last week"), Values: week}}}
	lines := orders
	lines.ID, lines.Title, lines.Lines = "lines", pick(t, "每小时订单，线", "Orders by hour, as lines"), true
	days := page.ChartData{ID: "net", Title: pick(t, "每日净额", "Net by day"), Summary: pick(t, "周三退款多。",
		"Many refunds on Wednesday."),
		Label: pick(t, "日", "Day"), Say: func(v int64) string { return t.Money(yuan(v)) },
		Short:  func(v int64) string { return t.ShortMoney(yuan(v)) },
		Labels: []string{"11-05", "11-06", "11-07", "11-08", "11-09"}, Series: []page.Series{{Name: pick(t,
			"净额", "Net"), Values: []int64{320000, 510000, -120000, 280000, 640000}}}}
	none := page.ChartData{ID: "none", Title: pick(t, "还没有数据", "Nothing yet"), Label: pick(t, "日", "Day"),
		Labels: []string{"11-10", "11-11"},
		Series: []page.Series{{Name: pick(t, "订单", "Orders"), Values: []int64{0, 0}}}}
	return []State{{Title: pick(t, "柱", "Bars"), Chart: new(page.ChartOf(orders))}, {Title: pick(t, "线",
		"Lines"), Chart: new(page.ChartOf(lines))},
		{Title: pick(t, "有负数", "Below zero"), Chart: new(page.ChartOf(days))}, {Title: pick(t, "全是零",
			"All zero"), Chart: new(page.ChartOf(none))}}
}

func tabs(t page.Tongue) []State {
	return []State{{Title: pick(t, "订单的几种", "Kinds of orders"), Tabs: &page.Tabs{Label: pick(t, "订单",
		"Orders"), Links: []page.Link{
		{Href: "/story/tabs", Text: pick(t, "待发货", "To ship"), Current: true, Count: 38},
		{Href: "/story/tabs?show=paid", Text: pick(t, "待付款", "To pay")},
		{Href: "/story/tabs?show=way", Text: pick(t, "运输中", "On their way")}, {Href: "/story/tabs?show=all",
			Text: pick(t, "全部", "All")}}}}}
}

func pagers(t page.Tongue) []State {
	return []State{
		{Title: pick(t, "第一页", "The first page"), Pager: &page.Pager{Text: pick(t, "第 1–24 条", "1–24"),
			Next: "/story/pager?after=24"}},
		{Title: pick(t, "中间", "In the middle"), Pager: &page.Pager{First: "/story/pager",
			Prev: "/story/pager?before=24", Text: "25–48", Next: "/story/pager?after=48"}},
	}
}

func crumbs(t page.Tongue) []State {
	return []State{{Title: pick(t, "商品", "A product"), Crumbs: []page.Crumb{{Href: "/", Text: pick(t, "首页",
		"Home")},
		{Href: "/story", Text: pick(t, "茶", "Tea")}, {Text: pick(t, "龙井", "Longjing")}}}}
}
