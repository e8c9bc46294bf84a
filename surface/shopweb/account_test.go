package shopweb

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"hutong/base/event"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/picture"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// raw is a file of the market as this visitor reads it.
func (s *stand) raw(path string) string { return s.Get(path).Body }

func TestAProductPageSaysWhatEachChoiceCosts(t *testing.T) {
	s := open(t)
	s.Must(s.Stock.SetStock(context.Background(), s.sport, s.shirts[1].SKU, 3))
	s.Get("/p/"+string(s.shirt)).Must(200, "小", "¥99.00", "¥109.00", "仅剩 3 件", "（无此款）", "送至 上海市", "包邮", "还没有评价")
	s.Get("/p/"+string(s.cup)).Must(200, "库存紧张，仅剩 5 件", "运费 ¥8.00", "发货前可随时退款")
}

func TestAPictureSaysWhatTheMerchantSaysOfIt(t *testing.T) {
	s := open(t)
	p, err := s.Catalog.Product(t.Context(), s.cup)
	s.Must(err)
	if len(p.Pictures) == 0 {
		t.Fatal("the cup has no picture")
	}
	s.Must(s.Catalog.Describe(t.Context(), catalog.Describe{Shop: p.Shop, Product: p.ID, Picture: p.Pictures[0],
		Words: catalog.Words{Zh: "青瓷杯，侧面", En: "a celadon cup from the side"}}))
	if !strings.Contains(s.raw("/p/"+string(s.cup)), `alt="青瓷杯，侧面"`) {
		t.Error("the gallery reads something else out")
	}
}

func TestWhatIsAboutTheReaderIsReadBesideTheKeptPage(t *testing.T) {
	s := open(t)
	visitor := &other{t: t, handler: s.handler}
	path := "/p/" + string(s.cup) + "/yours"
	if got := visitor.send("GET", path, nil, true); got.Code != http.StatusNoContent {
		t.Errorf("a visitor gets %d", got.Code)
	}
	if got := visitor.send("GET", path, nil, false); got.Header().Get("Location") != "/p/"+string(s.cup) {
		t.Errorf("without script: %d", got.Code)
	}
	o := s.guestSession(t)
	o.send("GET", "/p/"+string(s.shirt), nil, false)
	o.send("GET", "/p/"+string(s.cup), nil, false)
	if strings.Contains(o.send("GET", path, nil, true).Body.String(), `id="favour"`) {
		t.Error("a button that says the same is put under somebody's finger anew")
	}
	got := o.send("POST", "/favourites", url.Values{"product": {string(s.cup)}, "do": {"keep"}}, true)
	if !strings.Contains(got.Body.String(), "已收藏") || got.Header().Get("HX-Trigger") == "" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	body := o.send("GET", path, nil, true).Body.String()
	for _, want := range []string{"已收藏", "送至 上海市", "最近看过", "跑步衫"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in %s", want, body)
		}
	}
	if strings.Contains(o.send("GET", "/p/"+string(s.cup), nil, false).Body.String(), "已收藏") {
		t.Error("a kept page holds what is about one reader")
	}
}

func TestTheCartCountsAsItIsChanged(t *testing.T) {
	s := open(t)
	o := s.guestSession(t)
	cup := string(s.cups[0].ID)
	got := o.send("POST", "/cart", url.Values{"offer": {cup}, "quantity": {"2"}, "product": {string(s.cup)}}, true)
	if body := got.Body.String(); !strings.Contains(body, `id="mine"`) || strings.Contains(body, "<html") {
		t.Errorf("taking answers %q", body)
	}
	part := func(form url.Values) string {
		t.Helper()
		got := o.send("POST", "/cart", form, true)
		if got.Code != 200 || strings.Contains(got.Body.String(), "<html") {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		return got.Body.String()
	}
	if body := part(url.Values{"offer": {cup}, "set": {"1"}, "quantity": {"2"}, "step": {"1"}}); !strings.Contains(body, "¥59.70") {
		t.Error("one more is not counted")
	}
	if body := part(url.Values{"offer": {cup}, "set": {"1"}, "quantity": {"3"}, "step": {"-1"}}); !strings.Contains(body, "¥39.80") {
		t.Error("one less is not counted")
	}
	if body := part(url.Values{"offer": {cup}, "set": {"1"}, "quantity": {"99999"}}); !strings.Contains(body, "notice-bad") {
		t.Error("a refusal is not shown")
	}
	off := o.send("GET", "/cart?picked=1", nil, true).Body.String()
	if !strings.Contains(off, "¥0.00") || !strings.Contains(off, "已选 0 种") {
		t.Error("what is not ticked is counted")
	}
	if to := o.send("GET", "/checkout?picked=1", nil, false).Header().Get("Location"); to != "/cart" {
		t.Errorf("nothing ticked leads to %q", to)
	}
	moved := o.send("POST", "/cart/keep", url.Values{"offer": {cup}, "product": {string(s.cup)}}, true).Body.String()
	if !strings.Contains(moved, "购物车还是空的") {
		t.Error("what was saved for later is still in the cart")
	}
	if body := o.send("GET", "/me/favourites", nil, false).Body.String(); !strings.Contains(body, "龙井茶") {
		t.Error("it is not among the favourites")
	}
}

func TestGoodsThatCannotBeSentBackAreConfirmed(t *testing.T) {
	s := open(t)
	id, _ := s.Sell(webtest.Goods{Shop: s.tea, Category: "fb-2-10-7", Zh: "鲜桃", En: "Fresh peaches",
		Prices: []int64{2990}, Pieces: 9})
	s.Get("/p/"+string(id)).Must(200, "不支持七天无理由退货").Submit("加入购物车", nil)
	c := s.addressed().Must(200, "以下商品不支持七天无理由退货", "鲜桃")
	form := url.Values{"token": {c.Field("token")}, "back": {"/checkout"}}
	s.Post("/checkout", form).Must(422, "请先确认哪些商品不能无理由退货")
	form.Set("final", "1")
	s.Post("/checkout", form).Must(200, "待付款")
}

func TestOrdersAreFilteredByWhatWaits(t *testing.T) {
	s := open(t)
	o := s.ordered(t)
	s.Get("/orders?show=ship").Must(200, "跑步衫")
	s.Get("/orders?show=pay").Must(200, "没有待付款的订单").MustNot("跑步衫")
	s.Get("/orders?show=review").Must(200, "没有待评价的商品")
	id := order.ID(strings.TrimPrefix(o.Path, "/orders/"))
	_, err := s.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: s.sport, Order: id, Seq: 1})
	s.Must(err)
	s.Get("/orders?show=receive").Must(200, "跑步衫")
	sent := s.Get(o.Path).Must(200, "运单号")
	sent.Submit("提交退款申请", map[string]string{"units.1": "1", "reason": "damaged"}).Must(200, "提交申请", "退款到账")
	s.Get("/orders?show=refund").Must(200, "商品破损", "钟楼运动")
	s.Get("/me").Must(200, "待收货", "你正以访客身份购物")
}

// received is an order of this visitor that arrived.
func (s *stand) received(t testing.TB) string {
	t.Helper()
	o := s.ordered(t)
	id := order.ID(strings.TrimPrefix(o.Path, "/orders/"))
	_, err := s.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: s.sport, Order: id, Seq: 1})
	s.Must(err)
	s.Get(o.Path).Submit("确认收货", nil).Must(200, "已完成", "写评价")
	return o.Path
}

func TestAReceivedLineIsReviewed(t *testing.T) {
	s := open(t)
	path := s.received(t)
	form := s.Get("/orders?show=review").Must(200, "跑步衫").Follow("跑步衫").Follow("写评价").Must(200, "打几颗星")
	s.Post(form.Path, url.Values{"text": {"没打星"}}).Must(400, "没打星", "打几颗星")
	s.Post(form.Path, url.Values{"stars": {"4"}, "text": {"跑起来很轻"}}).Must(200, "评价已发布", "已评价 4 星")
	s.Clock.Advance(keepFor)
	s.Get("/p/"+string(s.shirt)).Must(200, "4.0", "跑起来很轻", "已购买")
	s.Get("/p/"+string(s.shirt)+"/reviews?show=4").Must(200, "跑起来很轻", "举报")
	s.Get("/p/"+string(s.shirt)+"/reviews?show=5").Must(200, "还没有评价")
	mine := s.Get("/me/reviews").Must(200, "跑步衫", "跑起来很轻", "追加评价")
	mine.Submit("发布追评", map[string]string{"text": "洗了三次没变形"}).Must(200, "洗了三次没变形").MustNot("追加评价")
	s.Get(path + "/review?line=9").Must(404)
	stranger := pagetest.At(t, s.Base())
	stranger.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	stranger.Get(path + "/review?line=1").Must(404)
	stranger.Get("/p/"+string(s.shirt)+"/reviews").Submit("举报", map[string]string{"reason": "spam"}).Must(200, "已收到举报")
	s.Get("/shop/sport").Must(200, "4.0")
}

func TestReviewPicturesAreMadeAnew(t *testing.T) {
	s := open(t)
	o := s.guestSession(t)
	who, id := o.who.Shopper, ""
	s.Must(s.Carts.Put(context.Background(), who, s.shirts[0].ID, 1))
	id = s.bought(t, o)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	s.Must(form.WriteField("stars", "5"))
	part, err := form.CreateFormFile("pictures", "../../evil.html")
	s.Must(err)
	s.Must(png.Encode(part, image.NewNRGBA(image.Rect(0, 0, 9, 9))))
	s.Must(form.Close())
	got := o.upload("/orders/"+id+"/review?line=1", form.FormDataContentType(), &body)
	if got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	page := o.send("GET", "/p/"+string(s.shirt)+"/reviews", nil, false).Body.String()
	if !strings.Contains(page, `class="said-pics"`) || strings.Contains(page, "evil") {
		t.Error("the picture is not shown, or under the name it came with")
	}
	var lie bytes.Buffer
	form = multipart.NewWriter(&lie)
	s.Must(form.WriteField("stars", "5"))
	part, err = form.CreateFormFile("pictures", "cat.png")
	s.Must(err)
	_, err = io.WriteString(part, "<script>alert(1)</script>")
	s.Must(err)
	s.Must(form.Close())
	if got := o.upload("/orders/"+id+"/review?line=1", form.FormDataContentType(), &lie); got.Code < 400 || got.Code >= 500 {
		t.Errorf("what is no picture: %d", got.Code)
	}
}

// TestA6_WhoLooksOnTakesNothingHome: an operator whom a shopper lets look on sees pages, and takes no file away with all
// that the market knows of them.
func TestA6_WhoLooksOnTakesNothingHome(t *testing.T) {
	s, ctx := open(t), context.Background()
	s.Market.Login(login.Shopper, "ming", "")
	s.Market.Login(login.Operator, "boss", "")
	own, ming, err := s.Logins.Login(ctx, "ming", webtest.Password, text.Zh)
	s.Must(err)
	_, boss, err := s.Logins.Login(ctx, "boss", webtest.Password, text.Zh)
	s.Must(err)
	code, _, err := s.Logins.Consent(ctx, ming)
	s.Must(err)
	token, _, err := s.Logins.Help(ctx, boss, code)
	s.Must(err)
	for token, want := range map[string]int{own: http.StatusOK, token: http.StatusForbidden} {
		o := &other{t, s.handler, token, ming}
		if got := o.send("GET", "/me/export", nil, false); got.Code != want {
			t.Errorf("%d, want %d: %.100s", got.Code, want, got.Body)
		}
		if got := o.send("GET", "/me/data", nil, false); got.Code != http.StatusOK {
			t.Errorf("the page: %d", got.Code)
		}
	}
}

// TestPicturesOfNoReviewAreNotKept: whoever has an order could fill the market's disk with pictures of reviews that are
// refused.
func TestPicturesOfNoReviewAreNotKept(t *testing.T) {
	s := open(t)
	o := s.guestSession(t)
	send := func(id string, stars string, seeds ...uint8) int {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		s.Must(form.WriteField("stars", stars))
		for _, seed := range seeds {
			part, err := form.CreateFormFile("pictures", "cat.png")
			s.Must(err)
			s.Must(png.Encode(part, pale(seed)))
		}
		s.Must(form.Close())
		return o.upload("/orders/"+id+"/review?line=1", form.FormDataContentType(), &body).Code
	}
	kept := func(seed uint8) bool {
		var body bytes.Buffer
		s.Must(png.Encode(&body, pale(seed)))
		id, err := s.Pictures.Identify(&body)
		s.Must(err)
		f, err := s.Pictures.Open(id, picture.Small)
		return err == nil && f.Close() == nil
	}
	s.Must(s.Carts.Put(context.Background(), o.who.Shopper, s.shirts[0].ID, 1))
	unpaid := s.placed(t, o)
	if code := send(unpaid, "5", 1); code != http.StatusUnprocessableEntity || kept(1) {
		t.Errorf("of an order that is not paid: %d, kept: %v", code, kept(1))
	}
	s.Must(s.Carts.Put(context.Background(), o.who.Shopper, s.shirts[0].ID, 1))
	id := s.bought(t, o)
	if code := send(id, "6", 2); code != http.StatusBadRequest || kept(2) {
		t.Errorf("with six stars: %d, kept: %v", code, kept(2))
	}
	if code := send(id, "5", 3, 4, 5, 6, 7, 8, 9); code != http.StatusBadRequest || kept(3) {
		t.Errorf("seven pictures: %d, kept: %v", code, kept(3))
	}
	if code := send(id, "5", 3, 4); code != http.StatusSeeOther || !kept(3) || !kept(4) {
		t.Errorf("a review: %d", code)
	}
	if code := send(id, "5", 3, 4); code != http.StatusSeeOther {
		t.Errorf("pressed twice: %d", code)
	}
	if code := send(id, "5", 10); code < 400 || kept(10) {
		t.Errorf("another review of the same: %d, kept: %v", code, kept(10))
	}
}

// pale is a small picture of one colour.
func pale(seed uint8) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 9, 9))
	draw.Draw(img, img.Rect, image.NewUniform(color.NRGBA{seed, 200, 200, 255}), image.Point{}, draw.Src)
	return img
}

func (o *other) upload(path, kind string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, body)
	r.Header.Set("Content-Type", kind)
	r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: o.token})
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

// placed lets a session order what is in its cart.
func (s *stand) placed(t testing.TB, o *other) string {
	t.Helper()
	address := url.Values{"next": {"/checkout"}, "region": {"CN-33"}}
	for k, v := range hangzhou {
		address.Set(k, v)
	}
	o.send("POST", "/addresses/new", address, false)
	body := o.send("GET", "/checkout", nil, false).Body.String()
	_, rest, _ := strings.Cut(body, `name="token" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	to := o.send("POST", "/checkout", url.Values{"token": {token}, "back": {"/checkout"}}, false).Header().Get("Location")
	return strings.TrimPrefix(to, "/orders/")
}

// bought lets a session buy and receive what is in its cart.
func (s *stand) bought(t testing.TB, o *other) string {
	t.Helper()
	id := s.placed(t, o)
	o.send("POST", "/orders/"+id+"/pay", url.Values{"wallet": {"redbean"}}, false)
	s.PayNewest(id)
	_, err := s.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: s.sport, Order: order.ID(id), Seq: 1})
	s.Must(err)
	s.Must(s.Orders.Receive(context.Background(), o.who.Shopper, order.ID(id), 1))
	return id
}

// How many notices wait is asked for beside the kept pages, and only by those who are logged in.
func TestUnreadNoticesAreCountedBesideTheKeptPage(t *testing.T) {
	s := open(t)
	bus := event.NewBus(s.DB, s.Clock, slog.New(slog.DiscardHandler))
	s.Notices.Listen(bus)
	s.Login(login.Shopper, "ming", "")
	token, who, err := s.Logins.Enter(t.Context(), login.Enter{Name: "ming", Password: webtest.Password})
	s.Must(err)
	o, visitor := &other{t, s.handler, token, who}, &other{t: t, handler: s.handler}
	if got := o.send("GET", "/me/unread", nil, true); got.Code != http.StatusNoContent {
		t.Errorf("nothing to read: %d %s", got.Code, got.Body)
	}
	s.Must(s.Carts.Put(t.Context(), who.Shopper, s.shirts[0].ID, 1))
	s.bought(t, o)
	_, err = bus.Dispatch(t.Context())
	s.Must(err)
	if got := o.send("GET", "/me/unread", nil, true).Body.String(); !strings.Contains(got, `<span class="pip pip-unread">`) {
		t.Errorf("the number is %q", got)
	}
	const asks = `hx-get="/me/unread"`
	if !strings.Contains(o.send("GET", "/", nil, false).Body.String(), asks) {
		t.Error("the page of somebody who is logged in does not ask")
	}
	if strings.Contains(visitor.send("GET", "/", nil, false).Body.String(), asks) {
		t.Error("a visitor's page asks for notices")
	}
	if at := o.send("GET", "/me/unread", nil, false).Header().Get("Location"); at != "/me/notices" {
		t.Errorf("without script it leads to %q", at)
	}
	inbox := o.send("GET", "/me/notices", nil, false).Body.String()
	_, rest, _ := strings.Cut(inbox, `name="up_to" value="`)
	newest, _, _ := strings.Cut(rest, `"`)
	o.send("POST", "/me/notices/read", url.Values{"up_to": {newest}}, false)
	if got := o.send("GET", "/me/unread", nil, true); got.Code != http.StatusNoContent {
		t.Errorf("all is read: %d %s", got.Code, got.Body)
	}
}

func TestTheAddressBook(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	s.Get("/me/addresses").Must(200, "还没有收货地址")
	add := func(street string) {
		form := map[string]string{}
		for k, v := range hangzhou {
			form[k] = v
		}
		form["street"] = street
		s.Get("/addresses/new?next=/me/addresses&region=CN-33").Submit("保存并使用", form).Must(200, "地址已保存")
		s.Clock.Advance(1e9)
	}
	add("甲路 1 号")
	add("乙路 2 号")
	book := s.Get("/me/addresses").Must(200, "默认", "甲路 1 号", "乙路 2 号")
	if strings.Index(book.Body, "乙路") > strings.Index(book.Body, "甲路") {
		t.Error("the newest is not the default")
	}
	s.Clock.Advance(1e9)
	book = book.Submit("设为默认", nil).Must(200, "已设为默认地址")
	if strings.Index(book.Body, "乙路") < strings.Index(book.Body, "甲路") {
		t.Error("the chosen one is not the default")
	}
	book = book.Follow("修改").Must(200, "修改收货地址").Submit("保存并使用", map[string]string{"street": "丙路 3 号"})
	book.Must(200, "丙路 3 号").MustNot("甲路 1 号")
	book.Submit("删除", nil).Must(200, "地址已删除")
}

func TestTheAccountOfAShopper(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	token, who, err := s.Logins.Enter(context.Background(), login.Enter{Name: "ming", Password: webtest.Password})
	s.Must(err)
	o := &other{t, s.handler, token, who}
	_, _, err = s.Logins.Enter(context.Background(), login.Enter{Name: "ming", Password: webtest.Password})
	s.Must(err)
	reads := func(path string, words ...string) {
		t.Helper()
		got := o.send("GET", path, nil, false)
		for _, w := range words {
			if got.Code != 200 || !strings.Contains(got.Body.String(), w) {
				t.Errorf("%s: %d, no %q", path, got.Code, w)
			}
		}
	}
	reads("/me", "退出", "待付款", "我的数据")
	if at := o.send("GET", "/me/sessions", nil, false).Header().Get("Location"); at != "/account/security#sessions" {
		t.Errorf("the sessions are at %s", at)
	}
	reads("/me/notices", "还没有消息", "邮件提醒", "商家发货")
	o.send("POST", "/me/notices", url.Values{"mail": {"shipped"}}, false)
	got := o.send("GET", "/me/notices", nil, false).Body.String()
	if strings.Count(got, " checked") != 1 {
		t.Errorf("%d mails are wanted", strings.Count(got, " checked"))
	}
	file := o.send("GET", "/me/export", nil, false)
	if !strings.Contains(file.Header().Get("Content-Disposition"), "attachment") ||
		!strings.Contains(file.Body.String(), who.Shopper) {
		t.Errorf("the export: %v", file.Header())
	}
	reads("/me/data", "注销后无法恢复", "评价保留")
	if got := o.send("POST", "/me/erase", url.Values{"sure": {"maybe"}}, false); got.Code != 400 {
		t.Errorf("erased without being sure: %d", got.Code)
	}
	if got := o.send("POST", "/me/erase", url.Values{"sure": {"注销"}}, false); got.Header().Get("Location") != "/" {
		t.Errorf("erasing: %d %s", got.Code, got.Body)
	}
	if got := o.send("GET", "/me", nil, false); got.Code == 200 {
		t.Errorf("an erased shopper's session reads %d", got.Code)
	}
}

func TestErasingWaitsForAnOrderUnderWay(t *testing.T) {
	s := open(t)
	s.ordered(t)
	s.Get("/me/data").Must(200, "现在还不能注销").MustNot("永久注销")
	s.Post("/me/erase", url.Values{"sure": {"注销"}}).MustNot("新品上架")
	s.Get("/orders").Must(200, "跑步衫")
}

func TestSearchHelpsOn(t *testing.T) {
	s := open(t)
	o := s.guestSession(t)
	if body := o.send("GET", "/suggest?q="+url.QueryEscape("跑步"), nil, true).Body.String(); !strings.Contains(body,
		`href="/search?q=%E8%B7%91%E6%AD%A5%E8%A1%AB"`) {
		t.Errorf("suggested: %s", body)
	}
	if to := o.send("GET", "/suggest?q=tea", nil, false).Header().Get("Location"); to != "/search?q=tea" {
		t.Errorf("without script: %q", to)
	}
	s.Get("/search?q=nothinglikethis").Must(200, "没有找到相关商品", "新品上架", "龙井茶")
	s.Get("/search?q=茶&stock=1&max=5").Must(200, "不超过 ¥5.00", "清除筛选").Follow("不超过").Must(200, "龙井茶")
	s.Get("/shop/tea?q=龙井").Must(200, "“龙井”的搜索结果", "龙井茶").MustNot("跑步衫")
}

func TestAShopOpensWithAShelfOfEachCategory(t *testing.T) {
	s := open(t)
	if body := s.raw("/shop/tea"); strings.Contains(body, "shelf-row") {
		t.Error("a shop of one category has a shelf of it")
	}
	for i, category := range []string{"fb-1", "fb-1", "fb-1", "hg-3", "hg-3", "hg-3", "hg-3"} {
		name := "item " + string(rune('a'+i))
		s.Sell(webtest.Goods{Shop: s.tea, Category: category, Zh: name, En: name, Prices: []int64{100}, Pieces: 1})
	}
	s.Clock.Advance(keepFor)
	p := s.Get("/shop/tea").Must(200, "饮食/烟酒", "家居与园艺")
	if n := strings.Count(p.Body, "shelf-row"); n != 2 {
		t.Errorf("%d shelves", n)
	}
	if strings.Contains(s.raw("/shop/tea?category=fb"), "shelf-row") {
		t.Error("a narrowed list has shelves above it")
	}
}
