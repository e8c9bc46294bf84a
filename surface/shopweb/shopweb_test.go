package shopweb

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"hutong/base/text"
	"hutong/deal/ruleset"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/surface/page"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// stand is a market with the shop's pages and a visitor.
type stand struct {
	*webtest.Market
	*pagetest.Browser
	tea, sport     string // shops
	cup, shirt     catalog.ID
	cups, shirts   []offer.Offer
	handler        http.Handler
	teaCategory    string
	shirtsCategory string
}

func open(t testing.TB) *stand {
	t.Helper()
	return openWith(t, webtest.New(t), nil)
}

// openWith opens the pages of a market with promotions in force.
func openWith(t testing.TB, m *webtest.Market, deals *ruleset.Service) *stand {
	t.Helper()
	c := m.Pages(Texts)
	routes, err := New(Deps{Pages: c, DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Logins: m.Logins,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Carts: m.Carts, Checkout: m.Checkout, Orders: m.Orders,
		Pay: m.Pay, Ship: m.Ship, Cases: m.Cases, Search: m.Search, Pictures: m.Pictures,
		Reviews: m.Reviews, Notices: m.Notices, Vault: m.Vault, Photos: m.Pictures, Vouchers: m.Vouchers, Flash: m.Flash,
		Groups: m.Groups, Guarantee: m.Guarantee, Deals: deals})
	m.Must(err)
	s := &stand{Market: m, teaCategory: "fb-1", shirtsCategory: "aa-1"}
	s.tea, s.sport = m.Shop("tea", "巷口茶舍", "Corner Tea"), m.Shop("sport", "钟楼运动", "Bell Tower Sports")
	s.cup, s.cups = m.Sell(webtest.Goods{Shop: s.tea, Category: s.teaCategory, Zh: "龙井茶", En: "Longjing tea",
		Prices: []int64{1990}, Pieces: 5})
	sizes := catalog.Option{Name: catalog.Words{Zh: "尺码", En: "Size"},
		Values: []catalog.Words{{Zh: "小", En: "S"}, {Zh: "大", En: "L"}, {Zh: "特大", En: "XL"}}}
	s.shirt, s.shirts = m.Sell(webtest.Goods{Shop: s.sport, Category: s.shirtsCategory, Zh: "跑步衫", En: "Running shirt",
		Options: []catalog.Option{sizes}, Choices: [][]int{{0}, {1}}, Prices: []int64{9900, 10900}, Pieces: 100})
	s.handler = m.Handler(c, routes...)
	s.Browser = pagetest.New(t, s.handler)
	return s
}

// english is another visitor, who reads English.
func (s *stand) english(t testing.TB) *pagetest.Browser {
	b := pagetest.At(t, s.Base())
	b.Lang = "en-GB,en;q=0.8"
	return b
}

func TestTemplatesFitTheirViews(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]any{"home": homeView{}, "list": listView{}, "product": productView{}, "cart": cartView{},
		"checkout": checkoutView{}, "address": addressView{}, "orders": ordersView{}, "order": orderView{},
		"reviews": reviewsView{}, "review": reviewView{}, "me": meView{}, "me-products": keptView{},
		"me-addresses": addressesView{}, "vouchers": centreView{}, "me-vouchers": walletView{}, "me-data": dataView{},
		"me-notices": noticesView{}, "me-reviews": mineView{}, "sale": hallView{}, "sale-item": saleItemView{}, "group": groupView{}, "me-groups": myGroupsView{},
		"invite": inviteView{}, "me-invites": invitesView{}}
	for _, name := range set.Names() {
		view, known := views[name]
		if !known && name != "fault" {
			t.Errorf("the page %q has no view here", name)
		}
		if !known {
			continue
		}
		if err := templatecheck.CheckHTML(set.Template(text.Zh, name), view); err != nil {
			t.Error(err)
		}
	}
}

func TestAShopperBuysFromTwoShopsAndPays(t *testing.T) {
	s := open(t)
	s.Get("/").Must(200, "新品上架", "龙井茶", "巷口茶舍")
	p := s.Get("/search?q=跑步衫").Must(200, "跑步衫").Follow("跑步衫").Must(200, "尺码", "有货", "特大")
	p = p.Follow("大").Must(200, "109")
	p.Submit("加入购物车", map[string]string{"quantity": "2"}).Must(200, "钟楼运动", "¥218.00")
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil).Must(200, "巷口茶舍", "¥19.90")
	c := s.Get("/cart").Submit("去结算", nil).Must(200, "请先填写收货地址", "运费 填写地址后计算").MustNot("包邮")
	c = c.Follow("新增收货地址").Must(200, "送到哪里").Submit("下一步", map[string]string{"region": "CN-33"})
	c = c.Must(200, "西湖区").Submit("保存并使用", map[string]string{"division": "330106", "street": "文三路 478 号",
		"recipient": "王小明", "phone": "13800138000"})
	c.Must(200, "王小明", "胡同快递", "到店自提", "价格保留至 2026年11月11日")
	c = c.Submit("到店自提", map[string]string{"remark": "请放门卫"}).Must(200, "鼓楼店")
	if kept := c.Field("remark"); kept != "请放门卫" {
		t.Errorf("of the remark %q is left", kept)
	}
	o := c.Submit("提交订单", map[string]string{"remark": "请放门口"}).Must(200, "待付款", "等你付款", "请放门口", "王小明")
	id := strings.TrimPrefix(o.Path, "/orders/")
	s.Get("/cart").Must(200, "购物车还是空的")
	o = o.Submit("用红豆钱包支付", nil).Must(200, "打开红豆钱包扫一扫")
	if !strings.Contains(o.Body, `<svg xmlns="http://www.w3.org/2000/svg" class="qr"`) {
		t.Error("no code to scan")
	}
	s.PayNewest(id)
	s.Get("/orders/"+id).Must(200, "已付款", "等商家发货").MustNot("扫码支付")
	s.Get("/orders").Must(200, "已付款", "钟楼运动")
	if at := pagetest.At(t, s.Base()).Get("/orders/" + id).Path; !strings.HasPrefix(at, "/login?") {
		t.Errorf("a stranger is sent to %s", at)
	}
	other := pagetest.At(t, s.Base())
	other.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	other.Get("/orders/"+id).Must(404, "没有这个订单")
}

// TestWhatIsPickedUpGoesToNoAddress: an order that its shopper comes for names them, and no address.
func TestWhatIsPickedUpGoesToNoAddress(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	c := s.addressed().Must(200, "文三路 478 号").Submit("到店自提", nil).Must(200, "鼓楼店")
	c.Submit("提交订单", nil).Must(200, "取货人", "王小明").MustNot("文三路 478 号", "收货地址")
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	s.Get("/checkout").Submit("提交订单", nil).Must(200, "收货地址", "文三路 478 号").MustNot("取货人")
}

func TestBuyNowDoesNotTouchTheCart(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	c := s.Get("/p/"+string(s.cup)).Submit("立即购买", map[string]string{"quantity": "2"}).Must(200, "2 × ¥19.90")
	c = c.Follow("新增收货地址").Submit("下一步", map[string]string{"region": "US"})
	c = c.Must(200, "州/省").Submit("保存并使用", map[string]string{"state": "California, San Francisco",
		"street": "1 Market St", "recipient": "Ann Lee", "phone": "+1 415 555 2671", "postcode": "94105"})
	c.Must(200, "Ann Lee").Submit("提交订单", nil).Must(200, "待付款")
	s.Get("/cart").Must(200, "龙井茶")
}

func TestCartFormsRefuseBesideWhatTheyRefuse(t *testing.T) {
	s := open(t)
	p := s.Get("/p/" + string(s.cup))
	p.Submit("加入购物车", map[string]string{"quantity": "0x1"}).Must(400, "请填写一个整数", "龙井茶", "加入购物车")
	p.Submit("加入购物车", map[string]string{"quantity": "-1"}).Must(400, "龙井茶", "加入购物车")
	p.Submit("加入购物车", map[string]string{"quantity": "99999"}).Must(400, "加入购物车")
	s.Get("/cart").Must(200, "购物车还是空的")
	p.Submit("加入购物车", map[string]string{"quantity": "0"}).Must(400, "请选 1 到 9999 件", "加入购物车")
	p.Submit("加入购物车", map[string]string{"quantity": "5"})
	p.Submit("加入购物车", map[string]string{"quantity": "0"}).Must(400) // what is in the cart stays there
	p.Submit("加入购物车", map[string]string{"quantity": "2"}).Must(200, "库存只有 5 件")
	s.Get("/cart").Submit("更新", map[string]string{"quantity": "3"}).Must(200, "¥59.70").MustNot("库存只有")
	s.Get("/cart").Submit("移除", nil).Must(200, "购物车还是空的")
	foreign := url.Values{"offer": {"off_0000000000000000000000000a"}, "quantity": {"1"}}
	if got := s.Post("/cart", foreign); got.Status != 404 {
		t.Errorf("an offer that there is not: %d", got.Status)
	}
}

func TestAnAddressFormKeepsWhatWasTypedAndNamesTheField(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	form := s.Get("/addresses/new?next=/checkout&region=CN-33")
	p := form.Submit("保存并使用", map[string]string{"division": "330106", "street": "文三路", "recipient": "王小明",
		"phone": "12"})
	if p.Must(400).Wrong("phone") == "" || p.Wrong("street") != "" || p.Field("street") != "文三路" {
		t.Errorf("phone: %q, street: %q %q", p.Wrong("phone"), p.Wrong("street"), p.Field("street"))
	}
	p = form.Submit("保存并使用", map[string]string{"division": "", "street": "文三路", "recipient": "王", "phone": "13800138000"})
	if p.Must(400).Wrong("division") == "" {
		t.Error("a missing district is not named")
	}
	s.Get("/addresses/new?region=XX&next=//evil.example").Must(200, "送到哪里").MustNot("详细地址")
}

func TestPlacingAgainAndStaleTokens(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	c := s.Get("/addresses/new?next=/checkout&region=CN-33").Submit("保存并使用", map[string]string{
		"division": "330106", "street": "文三路", "recipient": "王小明", "phone": "13800138000"})
	first, again := c.Submit("提交订单", nil), c.Submit("提交订单", nil)
	if first.Path != again.Path {
		t.Errorf("R1: pressed twice, placed %s and %s", first.Path, again.Path)
	}
	c.Submit("提交订单", map[string]string{"remark": "另一个"}).MustNot("订单详情")
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	stale := s.Get("/checkout")
	s.Clock.Advance(30 * 60e9)
	stale.Submit("提交订单", nil).Must(410, "确认订单", "提交订单")
	if got := s.Post("/checkout", url.Values{"token": {"forged"}}); got.Status < 400 {
		t.Errorf("a forged token: %d", got.Status)
	}
}

func TestOnlyTheShoppersOwnButtons(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	o := s.Get("/addresses/new?next=/checkout&region=CN-33").Submit("保存并使用", map[string]string{
		"division": "330106", "street": "文三路", "recipient": "王小明", "phone": "13800138000"}).Submit("提交订单", nil)
	other := pagetest.At(t, s.Base())
	other.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	for _, act := range []string{"/pay", "/cancel", "/receive", "/news"} {
		fields := url.Values{"wallet": {"redbean"}, "seq": {"1"}}
		got := other.Post(o.Path+act, fields)
		if act == "/news" {
			got = other.Get(o.Path + act)
		}
		if got.Status != 404 {
			t.Errorf("A1: another shopper's %s answers %d", act, got.Status)
		}
	}
	o.Submit("取消订单", nil).Must(200, "已取消")
	if got := s.Post(o.Path+"/cancel", nil).Must(409); !strings.Contains(got.Text(), "订单详情") {
		t.Error("a refusal of an order's form is not shown on the order")
	}
	if got := s.Post(o.Path+"/pay", url.Values{"wallet": {"redbean"}}); got.Status != 409 {
		t.Errorf("paying a cancelled order: %d", got.Status)
	}
}

func TestPagesSpeakBothLanguages(t *testing.T) {
	s := open(t)
	en := s.english(t)
	en.Get("/").Must(200, "Just in", "Longjing tea", "Corner Tea").MustNot("新品上架")
	en.Get("/").Follow("中文").Must(200, "新品上架")
	en.Get("/").Must(200, "新品上架")
	en.Get("/p/"+string(s.cup)+"?lang=en").Must(200, "Longjing tea", "Only 5 left")
	for _, path := range []string{"/p/prd_0000000000000000000000000a", "/c/none", "/shop/none", "/nowhere", "/pic/x/y"} {
		p := en.Get(path).Must(404, "Not found")
		if !strings.Contains(p.Body, p.Header.Get("X-Request-Id")) {
			t.Errorf("%s: the request's id is not shown", path)
		}
	}
}

func TestListsNarrowSortAndPageByLinks(t *testing.T) {
	s := open(t)
	for i := range 30 {
		name := string(rune('A'+i)) + " cup"
		s.Sell(webtest.Goods{Shop: s.tea, Category: s.teaCategory, Zh: "茶杯" + name, En: name,
			Prices: []int64{int64(1000 + i)}, Pieces: int64(i % 2)})
	}
	p := s.Get("/c/"+s.teaCategory).Must(200, "共 31 件商品", "下一页")
	p.Follow("下一页").Must(200, "回到第一页")
	p.Follow("价格从低到高").Must(200, "10.00")
	p.Follow("只看有货").Must(200, "共 16 件商品", "清除筛选").Follow("清除筛选").Must(200, "共 31 件商品")
	p.Submit("确定", map[string]string{"min": "10", "max": "10.05"}).Must(200, "共 6 件商品")
	p.Submit("确定", map[string]string{"min": "ten"}).Must(400, "价格请填写数字")
	s.Get("/search?q=茶杯").Must(200, "“茶杯”的搜索结果", "巷口茶舍")
	s.Get("/search?q=%3Cscript%3E").Must(200)
	s.Get("/search?after=forged").Must(400, "翻页位置无效")
	s.Get("/shop/sport").Must(200, "钟楼运动", "共 1 件商品")
	empty := s.Get("/search?q=nothinglikethis").Must(200, "没有找到相关商品")
	if slices.Contains(empty.Links(), "") {
		t.Error("a link leads nowhere")
	}
}

func TestOptionsLeadToTheirSKU(t *testing.T) {
	s := open(t)
	p := s.Get("/p/"+string(s.shirt)).Must(200, "尺码 小", "99")
	if !slices.Contains(p.Links(), "/p/"+string(s.shirt)+"?sku="+s.shirts[1].SKU) {
		t.Errorf("no link to the other size: %v", p.Links())
	}
	p = s.Get("/p/"+string(s.shirt)+"?sku="+s.shirts[1].SKU).Must(200, "尺码 大", "109")
	if p.Field("offer") != string(s.shirts[1].ID) {
		t.Error("the form takes another offer than the page shows")
	}
	s.Get("/p/"+string(s.shirt)+"?sku=nonsense").Must(200, "尺码 小")
}

func TestWhatIsSoldOutOrWithdrawnCannotBeTaken(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	s.Must(s.Stock.SetStock(ctx, s.tea, s.cups[0].SKU, 0))
	p := s.Get("/p/"+string(s.cup)).Must(200, "已售罄")
	if strings.Contains(p.Body, "加入购物车") {
		t.Error("what is sold out can be taken")
	}
	s.Must(s.Catalog.Withdraw(ctx, s.tea, s.cup))
	s.Clock.Advance(keepFor)
	s.Get("/p/"+string(s.cup)).Must(200, "已下架").MustNot("加入购物车")
	large := "/p/" + string(s.shirt) + "?sku=" + s.shirts[1].SKU
	s.Must(s.Offers.Withdraw(ctx, s.sport, s.shirts[1].ID))
	s.Get(large).Must(200, "已下架").MustNot("已售罄", "加入购物车")
	s.english(t).Get(large).Must(200, "No longer sold").MustNot("Sold out")
	s.Must(s.Stock.SetStock(ctx, s.sport, s.shirts[0].SKU, 3))
	s.Must(s.Catalog.Withdraw(ctx, s.sport, s.shirt))
	s.Clock.Advance(keepFor)
	s.Get(large).Must(200, "已下架").MustNot("已售罄", "仅剩")
}

func TestPicturesAndStylesAreKeptForGood(t *testing.T) {
	s := open(t)
	p := s.Get("/p/" + string(s.cup))
	_, rest, _ := strings.Cut(p.Body, `src="/pic/`)
	name, _, _ := strings.Cut(rest, `"`)
	_, css, _ := strings.Cut(p.Body, `<link rel="stylesheet" href="`)
	css, _, _ = strings.Cut(css, `"`)
	for _, path := range []string{"/pic/" + name, css} {
		if got := s.Get(path); got.Status != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, got.Status, got.Header)
		}
	}
}

// ordered is a paid order of three shirts by this visitor.
func (s *stand) ordered(t testing.TB) *pagetest.Page {
	t.Helper()
	c := s.Get("/p/"+string(s.shirt)).Submit("立即购买", map[string]string{"quantity": "3"}).Follow("新增收货地址")
	c = c.Submit("下一步", map[string]string{"region": "CN-33"}).Submit("保存并使用", map[string]string{
		"division": "330106", "street": "文三路", "recipient": "王小明", "phone": "13800138000"})
	o := c.Submit("提交订单", nil).Submit("用蓝鹊钱包支付", nil).Must(200, "打开蓝鹊钱包")
	s.PayNewest(strings.TrimPrefix(o.Path, "/orders/"))
	return s.Get(o.Path).Must(200, "已付款")
}

func TestRefundsAreAskedForByPieces(t *testing.T) {
	s := open(t)
	o := s.ordered(t).Must(200, "提交后立即原路退款")
	o.Submit("提交退款申请", map[string]string{"units.1": "0"}).Must(400, "请选择要退的商品和件数")
	o.Submit("提交退款申请", map[string]string{"units.1": "4"}).Must(422, "最多还可退 3 件")
	once := o.Submit("提交退款申请", map[string]string{"units.1": "1", "reason": "unwanted"})
	once.Must(200, "已退 1 件，¥99.00", "已退款")
	o.Submit("提交退款申请", map[string]string{"units.1": "1", "reason": "unwanted"}).Must(200, "已退 1 件").
		MustNot("已退 2 件")
	_, err := s.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: s.sport,
		Order: order.ID(strings.TrimPrefix(o.Path, "/orders/")), Seq: 1})
	s.Must(err)
	sent := s.Get(o.Path).Must(200, "运输中", "确认收货", "由商家处理")
	sent.Submit("提交退款申请", map[string]string{"units.1": "1", "reason": "damaged", "note": "碎了"}).
		Must(200, "待商家处理", "商品破损")
	sent.Submit("确认收货", nil).Must(200, "已完成")
	other := pagetest.At(t, s.Base())
	other.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	other.Post(o.Path+"/refund", url.Values{"seq": {"1"}, "units.1": {"1"}, "reason": {"other"}, "key": {"k"}}).Must(404)
}

func TestTheOrdersPageTurnsByItself(t *testing.T) {
	s := open(t)
	o := s.ordered(t)
	_, rest, _ := strings.Cut(o.Body, `data-live="`)
	live, _, _ := strings.Cut(rest, `"`)
	if live == "" {
		t.Fatal("the page does not listen")
	}
	if news := s.Get(strings.Replace(live, "at=", "at=old", 1)); !strings.Contains(news.Body, "event: news") {
		t.Errorf("what changed before the page listened is not told: %q", news.Body)
	}
	told := make(chan string, 1)
	go func() { told <- s.Get(live).Body }()
	id := order.ID(strings.TrimPrefix(o.Path, "/orders/"))
	_, err := s.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: s.sport, Order: id, Seq: 1})
	s.Must(err)
	if got := <-told; !strings.Contains(got, "event: news") {
		t.Errorf("the page was not told: %q", got)
	}
}

// BenchmarkHome is the start page through the gate, as it is asked for on a sale day.
func BenchmarkHome(b *testing.B) {
	s := open(b)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	for b.Loop() {
		s.handler.ServeHTTP(httptest.NewRecorder(), r)
	}
}
