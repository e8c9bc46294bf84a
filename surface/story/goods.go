package story

import (
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay/emvco"
	"hutong/surface/page"
)

// goods are the components of what is sold.
func goods() []Component {
	return []Component{
		{"price", text.Entry{Zh: "价格", En: "Price"}, `{{template "price" .Price}}`,
			"page.Price: Tongue.PriceOf", prices},
		{"card", text.Entry{Zh: "商品卡", En: "Product card"}, `{{template "card" .}}`, "page.Card", cards},
		{"gallery", text.Entry{Zh: "图集", En: "Gallery"}, `{{template "gallery" .Gallery}}`, "page.Gallery",
			galleries},
		{"stars", text.Entry{Zh: "评分", En: "Stars"}, `{{template "stars" .Stars}}`, "page.Stars", stars},
		{"countdown", text.Entry{Zh: "倒计时", En: "Countdown"}, `{{template "countdown" .Ends}}`,
			"page.Countdown", countdowns},
		{"qr", text.Entry{Zh: "二维码卡", En: "QR card"}, `{{template "qr-card" .QR}}`, "page.QRCard", codes},
		{"moments", text.Entry{Zh: "时间线", En: "Timeline"}, `{{template "moments" .Moments}}`,
			"[]page.Moment: Tongue.Moments", moments},
		{"steps", text.Entry{Zh: "步骤", En: "Steps"}, `{{template "steps" .Steps}}`, "page.Steps: page.StepsOf",
			steps},
	}
}

func yuan(minor int64) money.Money { return money.New(minor, "CNY") }

func prices(t page.Tongue) []State {
	because := t.PriceOf(yuan(129900), yuan(159900), false)
	because.Reason = pick(t, "双十一直降", "11.11 price")
	return []State{
		{Title: pick(t, "普通", "Plain"), Price: new(t.PriceOf(yuan(1990), yuan(0), false))},
		{Title: pick(t, "划线价", "With the price before"), Price: new(t.PriceOf(yuan(10900), yuan(15900),
			false))},
		{Title: pick(t, "为什么便宜", "With the reason"), Price: &because},
		{Title: pick(t, "几种规格里最低的", "The lowest of several"), Price: new(t.PriceOf(yuan(9900), yuan(12900),
			true))},
		{Title: pick(t, "商品页上", "On a product's page"), Price: &because, Big: true},
		{Title: pick(t, "很大的数", "A large amount"), Price: new(t.PriceOf(yuan(123456789), yuan(0), false))},
		{Title: pick(t, "没有小数的货币", "A currency without cents"), Price: new(t.PriceOf(money.New(1280, "JPY"),
			money.New(0, "JPY"), false))},
	}
}

// picture is where the drawing of all prepared goods is; real ones have the picture service's.
const picture = Path + "/picture.svg"

func cards(t page.Tongue) []State {
	card := func(n int, zh, en string, now, was int64) page.Card {
		return page.Card{Href: "/story/card", Title: pick(t, zh, en), Picture: picture, Tint: n, Shop: pick(t,
			"巷口茶舍", "Lane Tea House"),
			Price: t.PriceOf(yuan(now), yuan(was), false)}
	}
	rich := card(1, "明前龙井 125 克礼盒装", "Longjing, first flush, 125 g in a box", 12800, 16800)
	rich.Price.Reason, rich.Sold = pick(t, "满减后", "after voucher"), pick(t, "已售 1,200", "1,200 sold")
	rich.Tags = []string{pick(t, "包邮", "Free delivery"), pick(t, "7 天无理由", "7-day returns")}
	rich.Stars = &page.Stars{Tenths: 47, Text: "4.7"}
	few, out := card(2, "青花盖碗", "Blue and white gaiwan", 8800, 0), card(3, "竹茶则", "Bamboo tea scoop", 1990, 0)
	few.Few, out.SoldOut = 3, true
	bare := card(4, "紫砂壶", "Yixing teapot", 45800, 0)
	bare.Picture = ""
	long := card(5, "一只名字特别特别长的茶杯，长到两行都放不下，只好在第二行的末尾省略掉", "A cup whose name is so long that two lines "+
		"do not hold it, so that it is cut off at the end of the second", 123456700, 0)
	long.Shop = pick(t, "一家名字也很长的手工陶瓷器皿专营店", "A shop with a name that is rather long as well")
	return []State{{Title: pick(t, "货架", "A shelf"), Cards: []page.Card{
		card(0, "茉莉花茶 100 克", "Jasmine tea, 100 g", 3990, 0), rich, few, out, bare, long}}}
}

func galleries(t page.Tongue) []State {
	g := page.Gallery{Label: pick(t, "商品图片", "Pictures of the product")}
	for i, name := range []string{pick(t, "正面", "Front"), pick(t, "侧面", "Side"), pick(t, "细节", "Detail")} {
		g.Pictures = append(g.Pictures, page.Picture{ID: "picture-" + page.Itoa(int64(i+1)), Large: picture,
			Small: picture, Alt: name, Tint: i})
	}
	one := page.Gallery{Label: g.Label, Pictures: []page.Picture{{ID: "picture-none", Tint: 4}}}
	return []State{{Title: pick(t, "三张图", "Three pictures"), Gallery: &g}, {Title: pick(t, "没有图",
		"No picture"), Gallery: &one}}
}

func stars(t page.Tongue) []State {
	return []State{
		{Title: pick(t, "多数满意", "Most are content"), Stars: &page.Stars{Tenths: 46, Text: "4.6", Count: pick(t,
			"1,024 条评价", "1,024 reviews")}},
		{Title: pick(t, "一半", "Half"), Stars: &page.Stars{Tenths: 25, Text: "2.5", Count: pick(t, "12 条评价",
			"12 reviews")}},
		{Title: pick(t, "没人喜欢", "Nobody likes it"), Stars: &page.Stars{Tenths: 10, Text: "1.0", Count: pick(t,
			"1 条评价", "1 review")}},
		{Title: pick(t, "只有数字", "Just the number"), Stars: &page.Stars{Tenths: 50, Text: "5.0"}},
	}
}

func countdowns(t page.Tongue) []State {
	left := func(d time.Duration) *page.Countdown {
		return &page.Countdown{Before: pick(t, "距结束", "Sale ends in"), Ends: now.Add(d), Now: now,
			At: pick(t, "结束时间", "Sale ends on"), Over: pick(t, "活动已结束", "The sale is over")}
	}
	return []State{
		{Title: pick(t, "几小时后", "In hours"), Countdown: left(11*time.Hour + 29*time.Minute + 59*time.Second)},
		{Title: pick(t, "几天后", "In days"), Countdown: left(75 * time.Hour)},
		{Title: pick(t, "马上", "At once"), Countdown: left(4 * time.Second)},
		{Title: pick(t, "已经结束", "Over"), Countdown: left(-time.Minute)},
	}
}

func codes(t page.Tongue) []State {
	svg, err := emvco.QR("https://market.example/wallet/pay/20261111")
	if err != nil {
		panic(err) // the text is a constant that fits
	}
	price := t.PriceOf(yuan(23790), yuan(0), false)
	card := page.QRCard{Title: pick(t, "用红豆钱包付款", "Pay with Red Bean"), Price: &price, Code: page.Drawing(svg),
		Label: pick(t, "付款二维码", "QR code to pay"), Text: pick(t, "打开红豆钱包扫一扫，付好这里会自己变。",
			"Scan it with Red Bean. This page turns by itself once you have paid."),
		Href: "/story/qr", Action: pick(t, "打开红豆钱包", "Open Red Bean"),
		Until: &page.Countdown{Before: pick(t, "请在", "Pay within"), Ends: now.Add(14 * time.Minute), Now: now,
			Over: pick(t, "已过期", "Lapsed")}}
	pickup := page.QRCard{Title: pick(t, "取件码", "Pickup code"), Code: page.Drawing(svg), Label: pick(t,
		"取件二维码", "QR code for pickup"),
		Text: pick(t, "给店员看：8264", "Show it in the shop: 8264")}
	return []State{{Title: pick(t, "付款", "To pay"), QR: &card}, {Title: pick(t, "到店取件", "To pick up"),
		QR: &pickup}}
}

func moments(t page.Tongue) []State {
	at := func(h int, zh, en, where string) page.Moment {
		when := now.Add(-time.Duration(h) * time.Hour)
		return page.Moment{At: t.When(when), ISO: when.Format(time.RFC3339), Text: pick(t, zh, en),
			Where: where}
	}
	all := []page.Moment{at(0, "派送中，快递员正在路上", "Out for delivery", pick(t, "杭州西湖", "Xihu, Hangzhou")),
		at(7, "到达目的地", "Arrived in your city", pick(t, "杭州", "Hangzhou")), at(20, "运输中", "On its way", ""),
		at(26, "已揽收", "Picked up", pick(t, "上海", "Shanghai"))}
	all[0].Now = true
	return []State{{Title: pick(t, "一个包裹", "A parcel"), Moments: all}, {Title: pick(t, "刚开始", "Just begun"),
		Moments: all[:1]}}
}

func steps(t page.Tongue) []State {
	names := []string{pick(t, "下单", "Placed"), pick(t, "付款", "Paid"), pick(t, "发货", "Shipped"), pick(t, "收货",
		"Received")}
	at := func(here int) *page.Steps {
		return new(page.StepsOf(pick(t, "订单进度", "Progress of the order"), here,
			names...))
	}
	linked := page.StepsOf(pick(t, "开店步骤", "Opening a shop"), 1, pick(t, "注册", "Sign up"), pick(t, "资料",
		"Papers"), pick(t, "上架", "First product"))
	linked.Steps[0].Href, linked.Steps[1].Sub = "/story/steps", pick(t, "约 1 分钟", "about a minute")
	return []State{{Title: pick(t, "开头", "The start"), Steps: at(0)}, {Title: pick(t, "中途", "On the way"),
		Steps: at(2)},
		{Title: pick(t, "全部完成", "All done"), Steps: at(4)}, {Title: pick(t, "能回到上一步", "With a way back"),
			Steps: &linked}}
}
