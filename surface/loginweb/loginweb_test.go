package loginweb_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"hutong/base/setting"
	"hutong/goods/catalog"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/loginweb"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/surface/shopweb"
	"hutong/trade/cart"
	"hutong/trade/order"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// sent is a sender of codes that keeps the last one.
type sent struct {
	mu sync.Mutex
	login.Message
	count int
}

func (s *sent) Send(_ context.Context, m login.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Message = m
	s.count++
	return nil
}

// stand is a market with the pages of logging in, the shop's, and a visitor.
type stand struct {
	*webtest.Market
	*pagetest.Browser
	handler    http.Handler
	sent       *sent
	shop       string
	cup, shirt catalog.ID
}

// with is how the login room of a stand is plugged.
type with func(*login.Plugs)

func open(t testing.TB, options ...with) *stand {
	t.Helper()
	m := webtest.New(t)
	m.Must(m.DB.Migrate(t.Context(), setting.Schema, audit.Schema))
	s := &stand{Market: m, sent: &sent{}}
	c := m.Pages(loginweb.Texts, shopweb.Texts)
	shop, err := shopweb.New(shopweb.Deps{Pages: c, DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Logins: m.Logins,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Carts: m.Carts, Checkout: m.Checkout, Orders: m.Orders,
		Pay: m.Pay, Ship: m.Ship, Cases: m.Cases, Search: m.Search, Pictures: m.Pictures})
	m.Must(err)
	own, err := loginweb.New(loginweb.Deps{Pages: c, Logins: m.Logins, Shops: m.Shops, Carts: m.Carts, Orders: m.Orders})
	m.Must(err)
	s.shop = m.Shop("tea", "巷口茶舍", "Corner Tea")
	s.cup, _ = m.Sell(webtest.Goods{Shop: s.shop, Category: "fb-1", Zh: "龙井茶", En: "Longjing tea", Prices: []int64{1990},
		Pieces: 5})
	s.shirt, _ = m.Sell(webtest.Goods{Shop: s.shop, Category: "aa-1", Zh: "跑步衫", En: "Running shirt",
		Prices: []int64{9900}, Pieces: 5})
	s.handler = m.Handler(c, append(append(shop, own...), desks()...)...)
	s.Browser = pagetest.New(t, s.handler)
	plugs := login.Plugs{Sender: s.sent, Heirs: []login.Heir{cart.Person{}, order.Person{}},
		Passkeys: login.RelyingParty{ID: "localhost", Name: "Hutong", Origins: []string{s.local()}}}
	for _, o := range options {
		o(&plugs)
	}
	m.Must(m.Logins.Plug(plugs))
	return s
}

// desks stand in for the desks' first pages.
func desks() []gate.Route {
	say := func(what string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(what)) })
	}
	return []gate.Route{
		{Name: "test.desk", Method: "GET", Path: "/desk", Roles: []login.Role{login.Merchant}, Needs: login.Self,
			Handler: say("the desk"), Page: true},
		{Name: "test.operator", Method: "GET", Path: "/operator", Roles: []login.Role{login.Operator}, Needs: login.Self,
			Handler: say("the market's desk"), Page: true},
	}
}

// local is the stand's address by its name, where passkeys are good.
func (s *stand) local() string { return strings.Replace(s.Base(), "127.0.0.1", "localhost", 1) }

// visitor is another browser.
func (s *stand) visitor(t testing.TB) *pagetest.Browser { return pagetest.At(t, s.Base()) }

// byCode logs a visitor in, and gives the page that they come to.
func (s *stand) byCode(t testing.TB, b *pagetest.Browser, address string) *pagetest.Page {
	t.Helper()
	p := b.Get("/login").Submit("获取验证码", map[string]string{"address": address}).Must(200, "输入验证码", address)
	return p.Submit("确认", map[string]string{"code": s.sent.Code})
}

func TestLoggingInKeepsTheCart(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	s.Get("/register").Submit("注册", map[string]string{"name": "ming", "password": "short"}).Must(400, "密码")
	s.Get("/register?next=/cart").Submit("注册", map[string]string{"name": "ming", "password": "long enough"}).
		Must(200, "龙井茶", "账号已开通", "我的")
	other := s.visitor(t)
	other.Get("/p/"+string(s.shirt)).Submit("加入购物车", nil)
	page := other.Get("/login?next=/cart&way=password")
	page.Submit("登录", map[string]string{"name": "ming", "password": "wrong password"}).Must(401, "用户名或密码不正确")
	page.Submit("登录", map[string]string{"name": "ming", "password": "long enough"}).
		Must(200, "龙井茶", "跑步衫", "购物车里的 1 种商品")
	other.Post("/logout", nil).Must(200, "登录").MustNot("我的")
	other.Get("/cart").Must(200, "购物车还是空的")
}

func TestACodeLogsInAndOpensAnAccount(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	p := s.Get("/login?next=/cart").Submit("获取验证码", map[string]string{"address": " 138 0013 8000 "}).
		Must(200, "输入验证码", "138 0013 8000").MustNot("演示")
	if s.sent.Address != "+8613800138000" || !s.sent.Phone {
		t.Errorf("sent to %s", s.sent.Address)
	}
	wrong := p.Submit("确认", map[string]string{"code": "x"}).Must(401)
	if wrong.Wrong("code") == "" {
		t.Error("nothing is said beside the field")
	}
	wrong.Submit("确认", map[string]string{"code": s.sent.Code}).Must(200, "龙井茶", "账号已开通", "我的")
	other := s.visitor(t)
	s.byCode(t, other, "13800138000").Must(200, "我的")
	other.Get("/cart").Must(200, "龙井茶")
	s.visitor(t).Get("/login/code").Must(200, "请先填写邮箱或手机号")
}

func TestADemoShowsTheCode(t *testing.T) {
	s := open(t, func(p *login.Plugs) { p.Sender = loginweb.OnPage{} })
	p := s.Get("/login").Submit("获取验证码", map[string]string{"address": "ming@example.com"}).Must(200, "演示")
	_, code, _ := strings.Cut(p.Body, "<output>")
	code, _, _ = strings.Cut(code, "</output>")
	p.Submit("确认", map[string]string{"code": code}).Must(200, "我的")
}

func TestAMarketWithoutASenderSaysSo(t *testing.T) {
	s := open(t, func(p *login.Plugs) { p.Sender = nil; p.Passkeys = login.RelyingParty{} })
	p := s.Get("/login").Must(200, "还没有接入短信和邮件", "密码").MustNot("获取验证码", "通行密钥", "单点登录")
	s.Login(login.Shopper, "ming", "")
	p.Submit("登录", map[string]string{"name": "ming", "password": webtest.Password}).Must(200, "我的")
}

func TestEachGoesWhereTheirRoleBegins(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	s.Login(login.Merchant, "boss", s.shop)
	s.Login(login.Operator, "chief", "")
	for _, c := range []struct{ name, next, at string }{
		{"ming", "", "/"}, {"ming", "/cart", "/cart"}, {"ming", "/desk", "/"}, {"ming", "/login?next=/login", "/"},
		{"boss", "", "/desk"}, {"boss", "/operator", "/desk"}, {"boss", "/checkout", "/desk"}, {"boss", "/desk?x=1", "/desk?x=1"},
		{"chief", "", "/operator"}, {"chief", "/desk", "/operator"}, {"chief", "/operator", "/operator"},
	} {
		got := s.visitor(t).Post("/login", url.Values{"name": {c.name}, "password": {webtest.Password}, "next": {c.next}})
		if got.Path != c.at {
			t.Errorf("%s with next %q comes to %s, want %s", c.name, c.next, got.Path, c.at)
		}
	}
}
