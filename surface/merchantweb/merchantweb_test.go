package merchantweb

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/edit"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/reach/webhook"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/surface/saleweb"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/review"
	"hutong/trade/tally"
)

// stand is a market with two shops, each with a merchant at its desk.
type stand struct {
	*webtest.Market
	tea, sport *pagetest.Browser // the merchants
	cup, shoe  offer.Offer
	tally      *tally.Service
	reviews    *review.Service
}

func open(t testing.TB) *stand {
	t.Helper()
	m := webtest.New(t)
	s := &stand{Market: m}
	tea, sport := m.Shop("tea", "巷口茶舍", "Corner Tea"), m.Shop("sport", "钟楼运动", "Bell Tower Sports")
	_, cups := m.Sell(webtest.Goods{Shop: tea, Zh: "龙井茶", En: "Longjing tea", Prices: []int64{1990}, Pieces: 10})
	_, shoes := m.Sell(webtest.Goods{Shop: sport, Zh: "跑鞋", En: "Running shoe", Prices: []int64{29900}, Pieces: 10})
	s.cup, s.shoe = cups[0], shoes[0]
	m.Login(login.Merchant, "tea", tea)
	m.Login(login.Merchant, "sport", sport)
	c := m.Pages(Texts, saleweb.Texts, audit.Texts, review.Texts, approval.Texts, webhook.Texts)
	d := deps(t, m, c)
	s.tally, s.reviews = d.Tally, d.Reviews
	routes, err := New(d)
	m.Must(err)
	s.tea = pagetest.New(t, m.Handler(c, append(routes, doors(t, m, c)...)...))
	s.sport = pagetest.At(t, s.tea.Base())
	_, err = m.Shops.Edit(t.Context(), merchant.EditShop{ID: merchant.ID(sport), Division: "330106",
		Name: text.Entry{Zh: "钟楼运动", En: "Bell Tower Sports"}})
	m.Must(err)
	_, err = m.Shops.SetReturns(t.Context(), merchant.ID(sport), shopper.Address{Country: shopper.China, Division: "330106",
		Street: "文三路 1 号", Recipient: "仓库", Phone: "13800138000"})
	m.Must(err)
	s.in(s.sport, "sport").Must(200, "都处理完了")
	s.in(s.tea, "tea").Must(200, "填写发货地", "填写退货地址").MustNot("都处理完了")
	return s
}

// deps are all rooms that the desk can stand on.
func deps(t testing.TB, m *webtest.Market, c page.Config) Deps {
	t.Helper()
	m.Must(m.DB.Migrate(context.Background(), tally.Schema, audit.Schema, review.Schema, approval.Schema,
		webhook.Schema))
	hooks := webhook.New(webhook.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader,
		Cases: m.Cases}, webhook.DefaultSettings())
	t.Cleanup(hooks.Close)
	approvals, err := approval.New(m.DB, m.Clock, m.IDs, approval.PayoutKind(m.Payouts))
	m.Must(err)
	papers, err := picture.Open(t.TempDir())
	m.Must(err)
	t.Cleanup(func() { m.Must(papers.Close()) })
	return Deps{Pages: c, Clock: m.Clock, Shops: m.Shops, Shoppers: m.Shoppers, Catalog: m.Catalog, Offers: m.Offers,
		Stock: m.Stock, Orders: m.Orders, Ship: m.Ship, Settle: m.Settle, Cases: m.Cases, Tally: tally.New(m.DB, m.Clock),
		Logins: m.Logins, Audit: audit.New(m.DB, m.Clock, m.IDs), Payouts: m.Payouts, Approvals: approvals,
		Reviews:  review.New(review.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Orders: m.Orders, Catalog: m.Catalog}),
		Pictures: m.Pictures, Papers: papers, Webhooks: hooks, Notices: m.Notices, At: "https://market.example", Currency: "CNY",
		Campaigns: m.Campaigns, Places: m.Places, Groups: m.Groups,
		Edit: edit.New(edit.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Catalog: m.Catalog, Offers: m.Offers, Stock: m.Stock})}
}

// doors are what other webs answer in a whole market: a way to log in, style sheets, pictures.
func doors(t testing.TB, m *webtest.Market, c page.Config) []gate.Route {
	t.Helper()
	set, err := page.NewSet(c)
	m.Must(err)
	enter := func(rw http.ResponseWriter, r *http.Request) error {
		token, _, err := m.Logins.Login(r.Context(), r.FormValue("name"), webtest.Password, text.Zh)
		if err == nil {
			gate.SetSession(rw, r, token, time.Hour)
			http.Redirect(rw, r, "/desk", http.StatusSeeOther)
		}
		return err
	}
	show := func(rw http.ResponseWriter, r *http.Request) error {
		f, err := m.Pictures.Open(picture.ID(r.PathValue("picture")), picture.Size(r.PathValue("size")))
		if err == nil {
			defer f.Close()
			rw.Header().Set("Content-Type", f.Type)
			http.ServeContent(rw, r, "", time.Time{}, f)
		}
		return err
	}
	return []gate.Route{
		{Name: "test.enter", Method: http.MethodPost, Path: "/enter", Roles: gate.Anyone(), Handler: gate.Verb(enter)},
		{Name: "test.enter_by_link", Method: http.MethodGet, Path: "/enter", Roles: gate.Anyone(),
			Handler: gate.Verb(enter)},
		{Name: "test.static", Method: http.MethodGet, Path: "/static/{file}", Roles: gate.Anyone(), Handler: set.Assets()},
		{Name: "test.picture", Method: http.MethodGet, Path: "/pic/{picture}/{size}", Roles: gate.Anyone(),
			Handler: gate.Verb(show)},
	}
}

// in logs a browser in.
func (s *stand) in(b *pagetest.Browser, name string) *pagetest.Page {
	return b.Post("/enter", url.Values{"name": {name}})
}

func TestTemplatesFitTheirViews(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]any{"desk-list": listView{}, "desk-calendar": calendarView{}, "desk-today": todayView{}, "desk-ship": shipManyView{},
		"desk-order": orderView{}, "desk-pickup": pickupView{},
		"desk-product-list": productListView{}, "desk-product-bulk": bulkView{}, "desk-product": editorView{}, "desk-money": moneyView{}, "desk-imports": importsView{}, "desk-import": importView{},
		"desk-statement": statementView{}, "desk-payout": payoutView{},
		"desk-member": memberView{}, "desk-reviews": reviewsView{}, "desk-notices": noticesView{}, "desk-settings": settingsView{},
		"desk-webhook": webhookView{}, "open": openView{}, "desk-papers": papersView{}}
	for _, name := range set.Names() {
		view, known := views[name]
		if !known {
			if name != "fault" {
				t.Errorf("the page %q has no view here", name)
			}
			continue
		}
		if err := templatecheck.CheckHTML(set.Template(text.Zh, name), view); err != nil {
			t.Error(err)
		}
	}
}

func TestAMerchantShipsWhatWasPaid(t *testing.T) {
	s := open(t)
	who, id := s.Paid(s.cup, 2, checkout.CarrierChoice{})
	p := s.tea.Get("/desk/orders").Must(200, "龙井茶 × 2", "¥45.80", "待发货").Follow(id[len(id)-8:])
	p.Must(200, "王小明", "文三路 478 号", "请放门口", "胡同快递")
	p.Submit("发货", map[string]string{"tracking_no": "x"}).Must(400, "运单号").MustNot("运输中")
	p.Submit("发货", nil).Must(200, "运输中", "等买家收货")
	p.Submit("发货", nil).Must(200, "运输中")
	s.tea.Get("/desk/orders").Must(200, "这里没有订单").Follow("全部").Must(200, "运输中")
	s.Must(s.Orders.Receive(context.Background(), who, order.ID(id), 1))
	s.tea.Get("/desk/orders/"+id).Must(200, "已完成").MustNot("文三路")
	s.tea.Get("/desk/money").Must(200, "¥39.56", "余额")
}

func TestAPickupIsHandedOutOnceForItsCode(t *testing.T) {
	s := open(t)
	who, id := s.Paid(s.cup, 1, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	s.tea.Get("/desk/orders/"+id).Must(200, "鼓楼店").MustNot("运单号", "文三路 478 号", "待发货").
		Submit("可以取货", nil).Must(200, "待取货", "等买家来取", "取货人", "姓名和电话只在取货前显示").MustNot("收货人", "文三路 478 号", "运输中", "在路上")
	_, sent := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	s.tea.Get("/desk/orders/"+sent).Must(200, "运单号", "文三路 478 号")
	parcels, err := s.Ship.Parcels(context.Background(), who, order.ID(id))
	s.Must(err)
	code := parcels[0].PickupCode
	if strings.Contains(s.tea.Get("/desk/orders/"+id).Body, code) {
		t.Error("the desk shows the code that the shopper must show")
	}
	desk := s.tea.Get("/desk/pickup")
	if desk.Submit("核销", map[string]string{"code": "00000000"}).Must(422).Wrong("code") == "" {
		t.Error("a wrong code is not named at its field")
	}
	s.sport.Get("/desk/pickup").Submit("核销", map[string]string{"code": code}).Must(422)
	desk.Submit("核销", map[string]string{"code": code}).Must(200, "核销成功")
	desk.Submit("核销", map[string]string{"code": code}).Must(422).MustNot("核销成功")
}

// TestTheShopReadsWhatTheGuaranteeGaveBack: the notice of a difference leads to the order, which says it.
func TestTheShopReadsWhatTheGuaranteeGaveBack(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	who, id := s.Paid(s.cup, 2, checkout.CarrierChoice{})
	at := "/desk/orders/" + id
	s.tea.Get(at).Submit("发货", nil).Must(200).MustNot("价保")
	s.Must(s.Orders.Receive(ctx, who, order.ID(id), 1))
	s.Tell()
	s.Must(s.Offers.Reprice(ctx, s.cup.Shop, s.cup.ID, money.New(s.cup.UnitPrice-300, "CNY"), money.Money{}))
	_, err := s.Guarantee.Claim(ctx, who, order.ID(id), 1)
	s.Must(err)
	s.tea.Get(at).Must(200, "价保已退差价 ¥6.00").MustNot("平台等补")
}

// TestAnOrdersPartSaysWhatOthersPay: what the market adds to a price, and to what fell of it, is the shop's to know.
func TestAnOrdersPartSaysWhatOthersPay(t *testing.T) {
	s := open(t)
	set, err := page.NewSet(s.Pages(Texts), files)
	s.Must(err)
	o := order.Order{Currency: "CNY", State: order.Completed}
	part := order.Sub{Seq: 1, State: order.SubCompleted, Lines: []order.Line{
		{Quantity: 2, Funded: 2500, FundedBack: 1000, Lowered: 900, Topped: 400}, {Quantity: 1, Funded: 100}}}
	sub := subOf(set.In(text.En), o, part, time.Time{})
	lowered := "CN¥9.00 given back under the price guarantee, CN¥4.00 of it paid by others"
	if sub.Funded != "CN¥16.00" || sub.Lines[0].Lowered != lowered || sub.Lines[1].Lowered != "" {
		t.Errorf("others pay %q, lowered %q and %q", sub.Funded, sub.Lines[0].Lowered, sub.Lines[1].Lowered)
	}
}

func TestA1_TheDeskOfAnotherShop(t *testing.T) {
	s := open(t)
	_, id := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	s.sport.Get("/desk/orders?show=all").Must(200).MustNot("龙井茶")
	s.sport.Get("/desk/orders/" + id).Must(404)
	s.sport.Post("/desk/orders/"+id+"/ship", url.Values{"seq": {"1"}, "carrier": {"courier"}}).Must(404)
	s.sport.Get("/desk/products").Must(200, "跑鞋").MustNot("龙井茶")
	s.tea.Get("/desk/products").Must(200, "龙井茶")
	nobody := pagetest.At(t, s.tea.Base())
	if p := nobody.Get("/desk"); !strings.HasPrefix(p.Path, "/login") {
		t.Errorf("nobody is led to %s", p.Path)
	}
}

// saysWhere fills in the return address from the settings: first the region, then the rest; what is refused stands
// as it was typed, with what is wrong beside its field.
func (s *stand) saysWhere(t *testing.T, p *pagetest.Page) {
	t.Helper()
	p = p.Must(200, "还没有填写。没有退货地址").Submit("填写地址", map[string]string{"returns": "CN-33"}).Must(200)
	where := map[string]string{"division": "330106", "recipient": "李四", "phone": "12", "street": "文三路 9 号"}
	wrong := p.Submit("保存退货地址", where).Must(400, "还没有填写。没有退货地址")
	if wrong.Wrong("phone") == "" || !strings.Contains(wrong.Body, ` aria-invalid="true" autofocus>`) ||
		wrong.Field("recipient") != "李四" || wrong.Field("street") != "文三路 9 号" {
		t.Error("a wrong number is not told at its field")
	}
	wrong.Submit("保存退货地址", map[string]string{"phone": "13800138000"}).Must(200, "李四", "+8613800138000",
		"浙江省", "文三路 9 号").MustNot("还没有填写。没有退货地址")
	s.tea.Get("/desk/settings?returns=US").Must(200, "州/省、城市").Submit("保存退货地址", map[string]string{"state": "Ohio, Lima",
		"recipient": "Li", "phone": "+1 419 555 0100", "street": "1 Main St"}).Must(200, "Ohio, Lima")
	s.tea.Post("/desk/settings/returns", url.Values{"returns": {"XX"}, "street": {"1"}}).Must(400)
	s.tea.Get("/desk/record").Must(200, "修改了退货地址").MustNot("李四", "文三路")
	s.sport.Get("/desk/settings").Must(200).MustNot("李四", "Ohio")
}

func TestWhatShoppersAskBackIsAnswered(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	who, id := s.Paid(s.cup, 3, checkout.CarrierChoice{})
	s.tea.Get("/desk/orders/"+id).Submit("发货", nil).Must(200)
	ask := func(key string) {
		t.Helper()
		_, err := s.Cases.Open(ctx, aftersale.Open{Shopper: who, Order: order.ID(id), Seq: 1, Key: key,
			Lines: []order.Units{{Line: 1, Units: 1}}, Reason: aftersale.Damaged, Note: "碎了"})
		s.Must(err)
	}
	ask("first")
	p := s.tea.Get("/desk/cases").Must(200, "商品破损", "¥19.90", "待你处理").Follow(id[len(id)-8:]).Must(200, "买家：碎了")
	silent := p.Submit("拒绝", map[string]string{"note": " "}).Must(400, "待你处理")
	if wrong := silent.Wrong("note"); !strings.Contains(wrong, "请写明原因") {
		t.Errorf("a refusal without a word is told %q", wrong)
	}
	refused := p.Submit("拒绝", map[string]string{"note": "照片看不清"}).Must(200, "商家已拒绝", "商家：照片看不清")
	if strings.Contains(refused.Body, "同意并立即退款") {
		t.Error("a closed case can be answered")
	}
	p.Submit("同意并立即退款", nil).Must(409, "不允许此操作")
	ask("second")
	asked := s.tea.Get("/desk/orders/"+id).Must(200, "还没有填写退货地址")
	asked.Submit("同意，收到退货后退款", map[string]string{"note": "寄到门口"}).Must(422, "店铺设置", "寄到门口", "待你处理")
	s.saysWhere(t, asked.Follow("去填写"))
	s.tea.Get("/desk/orders/"+id).MustNot("还没有填写退货地址").Submit("同意，收到退货后退款", nil).Must(200, "待退货").
		Submit("已收到退货", nil).Must(200, "已退 1 件", "已退款")
	ask("third")
	s.tea.Get("/desk/orders/"+id).Submit("同意并立即退款", map[string]string{"note": "抱歉，这就退"}).
		Must(200, "已退 2 件", "商家：抱歉，这就退")
	s.tea.Get("/desk/cases").Must(200, "没有售后申请")
	all, err := s.Cases.ByOrder(ctx, aftersale.Party{Shop: s.cup.Shop}, order.ID(id))
	s.Must(err)
	s.sport.Post("/desk/cases/"+string(all[0].ID), url.Values{"word": {"agree"}}).Must(404)
	s.sport.Get("/desk/cases?show=all").Must(200, "没有售后申请")
}
