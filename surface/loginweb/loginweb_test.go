package loginweb_test

import (
	"net/http"
	"testing"

	"hutong/goods/catalog"
	"hutong/surface/loginweb"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/surface/shopweb"
)

// stand is a market with the pages of logging in, the shop's, and a visitor.
type stand struct {
	*webtest.Market
	*pagetest.Browser
	handler    http.Handler
	cup, shirt catalog.ID
}

func open(t testing.TB) *stand {
	t.Helper()
	m := webtest.New(t)
	c := m.Pages(loginweb.Texts, shopweb.Texts)
	shop, err := shopweb.New(shopweb.Deps{Pages: c, DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Logins: m.Logins,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Carts: m.Carts, Checkout: m.Checkout, Orders: m.Orders,
		Pay: m.Pay, Ship: m.Ship, Cases: m.Cases, Search: m.Search, Pictures: m.Pictures})
	m.Must(err)
	own, err := loginweb.New(loginweb.Deps{Pages: c, Logins: m.Logins, Carts: m.Carts})
	m.Must(err)
	s := &stand{Market: m}
	tea := m.Shop("tea", "巷口茶舍", "Corner Tea")
	s.cup, _ = m.Sell(webtest.Goods{Shop: tea, Category: "fb-1", Zh: "龙井茶", En: "Longjing tea", Prices: []int64{1990},
		Pieces: 5})
	s.shirt, _ = m.Sell(webtest.Goods{Shop: tea, Category: "aa-1", Zh: "跑步衫", En: "Running shirt", Prices: []int64{9900},
		Pieces: 5})
	s.handler = m.Handler(c, append(shop, own...)...)
	s.Browser = pagetest.New(t, s.handler)
	return s
}

func TestLoggingInKeepsTheCart(t *testing.T) {
	s := open(t)
	s.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	s.Get("/register").Submit("注册", map[string]string{"name": "ming", "password": "short"}).Must(400, "密码")
	s.Get("/register?next=/cart").Submit("注册", map[string]string{"name": "ming", "password": "long enough"}).
		Must(200, "龙井茶", "退出")
	other := pagetest.At(t, s.Base())
	other.Get("/p/"+string(s.shirt)).Submit("加入购物车", nil)
	login := other.Get("/login?next=//evil.example")
	login.Submit("登录", map[string]string{"name": "ming", "password": "wrong password"}).Must(401, "用户名或密码不正确")
	login.Submit("登录", map[string]string{"name": "ming", "password": "long enough"}).Must(200, "新品上架")
	other.Get("/cart").Must(200, "龙井茶", "跑步衫").Submit("退出", nil).Must(200, "登录")
	other.Get("/cart").Must(200, "购物车还是空的")
}
