package shopweb

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// hangzhou is what an address form is filled with.
var hangzhou = map[string]string{"division": "330106", "street": "文三路 478 号", "recipient": "王小明",
	"phone": "13800138000"}

// addressed gives this visitor an address and shows the checkout.
func (s *stand) addressed() *pagetest.Page {
	return s.Get("/addresses/new?next=/checkout&region=CN-33").Submit("保存并使用", hangzhou)
}

// whoami is the visitor's shopper.
func (s *stand) whoami(t testing.TB) string {
	t.Helper()
	var e struct {
		Shopper string `json:"shopper"`
	}
	if err := json.Unmarshal([]byte(s.raw("/me/export")), &e); err != nil || e.Shopper == "" {
		t.Fatalf("who is this? %v", err)
	}
	return e.Shopper
}

// other is a session that speaks to the handler itself: with headers of its own, and redirects not followed.
type other struct {
	t       testing.TB
	handler http.Handler
	token   string
	who     login.Principal
}

func (s *stand) guestSession(t testing.TB) *other {
	t.Helper()
	token, who, err := s.Logins.Guest(context.Background(), text.Zh)
	s.Must(err)
	return &other{t, s.handler, token, who}
}

// send sends a form, or reads a page where there is none; htmx says whether a script asks.
func (o *other) send(method, path string, form url.Values, htmx bool) *httptest.ResponseRecorder {
	o.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if htmx {
		r.Header.Set("HX-Request", "true")
	}
	if o.token != "" {
		r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: o.token})
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

// ordersOf counts the orders of a shopper.
func (s *stand) ordersOf(who string) []order.Order {
	all, err := s.Orders.ByShopper(context.Background(), who, "", 50)
	s.Must(err)
	return all
}

func TestR16_TwoCartsBecomeOneDuringCheckout(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	checkout := s.addressed().Must(200, "1 × ¥19.90")
	me := s.whoami(t)
	elsewhere := s.guestSession(t)
	s.Must(s.Carts.Put(ctx, elsewhere.who.Shopper, s.cups[0].ID, 3))
	s.Must(s.Carts.Put(ctx, elsewhere.who.Shopper, s.shirts[0].ID, 1))
	if _, err := s.Carts.Merge(ctx, elsewhere.who.Shopper, me); err != nil {
		t.Fatal(err)
	}
	again := checkout.Submit("提交订单", nil).Must(409, "购物车刚才有变化", "3 × ¥19.90", "跑步衫")
	if n := len(s.ordersOf(me)); n != 0 {
		t.Fatalf("%d orders were placed of a cart that had changed", n)
	}
	// What joins the cart after the page was shown is no part of what is placed, and stays.
	s.Must(s.Carts.Put(ctx, me, s.shirts[0].ID, 0))
	shown := s.Get("/checkout").Must(200, "3 × ¥19.90")
	s.Must(s.Carts.Put(ctx, me, s.shirts[0].ID, 2))
	shown.Submit("提交订单", nil).Must(200, "待付款", "3 × ¥19.90").MustNot("跑步衫")
	s.Get("/cart").Must(200, "跑步衫").MustNot("龙井茶")
	again.Submit("提交订单", nil).MustNot("订单信息")
	if n := len(s.ordersOf(me)); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestR17_PriceAndStockEditedDuringCheckout(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	reprice := func(minor int64) {
		t.Helper()
		s.Must(s.Offers.Reprice(ctx, s.tea, s.cups[0].ID, money.New(minor, "CNY"), money.Money{}))
	}
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	checkout := s.addressed().Must(200, "19.90")
	s.Clock.Advance(60e9)
	reprice(2190)
	s.Get("/cart").Must(200, "加入时 ¥19.90，现在 ¥21.90")
	checkout.Submit("提交订单", nil).Must(200, "待付款", "¥19.90") // the quote's price holds while the quote does

	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	checkout = s.Get("/checkout").Must(200, "21.90")
	reprice(2390)
	s.Clock.Advance(30 * 60e9)
	lapsed := checkout.Submit("提交订单", map[string]string{"remark": "请轻放"}).
		Must(410, "价格有变：刚才 ¥21.90，现在 ¥23.90", "报价已过期")
	if kept := lapsed.Field("remark"); kept != "请轻放" {
		t.Errorf("the note to the shops is %q after the refusal", kept)
	}
	lapsed.Submit("按现在的价格提交订单", nil).Must(200, "待付款", "¥23.90")
	me := s.whoami(t)

	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	checkout = s.Get("/checkout").Must(200, "23.90")
	placed := len(s.ordersOf(me))
	s.Must(s.Stock.SetStock(ctx, s.tea, s.cups[0].SKU, 2)) // all that the two orders hold
	checkout.Submit("提交订单", nil).Must(409, "请回到购物车调整").MustNot("订单信息")
	if n := len(s.ordersOf(me)); n != placed {
		t.Errorf("%d orders, want %d: the sold out one was placed", n, placed)
	}
}

func TestA5_PricesSentByTheClientAreIgnored(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	checkout := s.addressed()
	lie := url.Values{"token": {checkout.Field("token")}, "back": {"/checkout"}, "price": {"1"}, "total": {"1"},
		"discount": {"1990"}, "unit_price": {"1"}, "freight": {"0"}, "seen": {string(s.cups[0].ID) + ".1.1"}}
	s.Post("/checkout", lie).Must(200, "待付款", "¥19.90")
	s.Post("/cart", url.Values{"offer": {string(s.cups[0].ID)}, "quantity": {"1"}, "price": {"1"}, "unit": {"1"}}).
		Must(200, "19.90")
	all := s.ordersOf(s.whoami(t))
	if len(all) != 1 || all[0].Goods != 1990 {
		t.Errorf("placed %+v", all)
	}
}

// attack is a text that would run where it is not escaped.
const attack = `<script>alert(1)</script><img src=x onerror=alert(1)>"'`

func TestA11_StoredXSS(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	evil, err := s.Shops.OpenShop(ctx, merchant.OpenShop{Code: "evil", Name: text.Entry{Zh: "坏" + attack, En: attack},
		Intro: text.Entry{Zh: attack, En: attack}})
	s.Must(err)
	id, offers := s.Sell(webtest.Goods{Shop: string(evil.ID), Category: s.teaCategory, Zh: "毒茶" + attack, En: attack,
		Prices: []int64{100}, Pieces: 50})
	s.Get("/p/"+string(id)).Submit("加入购物车", nil)
	form := map[string]string{"recipient": attack[:40]}
	for k, v := range hangzhou {
		if k != "recipient" {
			form[k] = v
		}
	}
	o := s.Get("/addresses/new?next=/checkout&region=CN-33").Submit("保存并使用", form).
		Submit("提交订单", map[string]string{"remark": attack}).Submit("用蓝鹊钱包支付", nil)
	oid := strings.TrimPrefix(o.Path, "/orders/")
	s.PayNewest(oid)
	_, err = s.Ship.Dispatch(ctx, ship.Dispatch{Shop: string(evil.ID), Order: order.ID(oid), Seq: 1})
	s.Must(err)
	s.Get("/orders/"+oid).Submit("确认收货", nil)
	s.Post("/orders/"+oid+"/review?line=1", url.Values{"stars": {"5"}, "text": {"评" + attack},
		"name": {attack[:25]}}).Must(200, "评价已发布")
	s.Post("/favourites", url.Values{"product": {string(id)}, "do": {"keep"}})
	pages := []string{"/", "/search?q=" + url.QueryEscape(attack), "/shop/evil", "/p/" + string(id),
		"/p/" + string(id) + "/reviews", "/orders", "/orders/" + oid, "/me", "/me/addresses", "/me/reviews",
		"/me/favourites", "/me/lately", "/checkout?buy=" + string(offers[0].ID) + ".1", "/search?q=%E6%AF%92%E8%8C%B6"}
	for _, path := range pages {
		body := s.Get(path).Must(200).Body
		for _, raw := range []string{"<script>alert", "<img src=x", "onerror=alert(1)>"} {
			if strings.Contains(body, raw) {
				t.Errorf("%s holds %q as it was typed", path, raw)
			}
		}
	}
	o2 := s.guestSession(t)
	got := o2.send("GET", "/suggest?q="+url.QueryEscape("毒茶"), nil, true)
	if body := got.Body.String(); !strings.Contains(body, "毒茶") || strings.Contains(body, "<script>alert") {
		t.Errorf("suggestions: %q", body)
	}
	if csp := got.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe-inline") || csp == "" {
		t.Errorf("policy %q", csp)
	}
}

func TestA20_FormsLeadNowhereElse(t *testing.T) {
	s := open(t)
	o := s.guestSession(t)
	s.Must(s.Carts.Put(context.Background(), o.who.Shopper, s.cups[0].ID, 1))
	for _, evil := range []string{"//evil.example", `/\evil.example`, "https://evil.example/x", "/\t/evil.example",
		"javascript:alert(1)", "https:evil.example"} {
		address := url.Values{"next": {evil}, "region": {"CN-33"}}
		for k, v := range hangzhou {
			address.Set(k, v)
		}
		for path, form := range map[string]url.Values{"/addresses/new": address,
			"/checkout":   {"back": {evil}, "token": {"none"}},
			"/favourites": {"product": {string(s.cup)}, "do": {"keep"}, "next": {evil}},
			"/cart":       {"offer": {string(s.cups[0].ID)}, "quantity": {"1"}, "set": {"1"}, "next": {evil}}} {
			got := o.send("POST", path, form, false)
			to := got.Header().Get("Location")
			if to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)) {
				t.Errorf("%s with %q leads to %q", path, evil, to)
			}
			if strings.Contains(got.Body.String(), `href="`+evil) {
				t.Errorf("%s links to %q", path, evil)
			}
		}
	}
}

func TestA2_ForeignIdsInBodies(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	mine, theirs := s.Browser, s.guestSession(t)
	mine.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	s.addressed()
	book, err := s.Shoppers.Addresses(ctx, shopper.ID(s.whoami(t)))
	s.Must(err)
	s.Must(s.Carts.Put(ctx, theirs.who.Shopper, s.cups[0].ID, 1))
	stolen := string(book[0].ID)
	if got := theirs.send("GET", "/checkout?address="+stolen, nil, false).Body.String(); strings.Contains(got, "文三路") ||
		strings.Contains(got, `name="token"`) {
		t.Error("another shopper's address is quoted to")
	}
	order := s.Get("/checkout").Submit("提交订单", nil).Path
	for path, form := range map[string]url.Values{
		"/me/addresses": {"address": {stolen}, "do": {"drop"}},
		"/addresses/new": {"old": {stolen}, "region": {"US"}, "state": {"CA"}, "street": {"1 A"},
			"recipient": {"A B"}, "phone": {"+14155552671"}},
		"/me/reviews":            {"review": {"rev_00000000000000000000000000"}, "text": {"x"}},
		order + "/review?line=1": {"stars": {"5"}},
		order + "/refund":        {"seq": {"1"}, "units.1": {"1"}, "reason": {"other"}, "key": {"k"}},
	} {
		if got := theirs.send("POST", path, form, false); got.Code != 404 {
			t.Errorf("%s answers %d", path, got.Code)
		}
	}
	theirs.send("POST", "/me/addresses", url.Values{"address": {stolen}, "do": {"first"}}, false)
	if after, err := s.Shoppers.Addresses(ctx, shopper.ID(s.whoami(t))); err != nil || len(after) != 1 {
		t.Errorf("%v %v", after, err)
	}
	s.Get("/me/addresses").Must(200, "文三路")
}
