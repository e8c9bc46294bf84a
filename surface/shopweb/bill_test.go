package shopweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/order"
)

// owing is a member whose earnest for a running shirt is paid and whose cart holds a tea: 80.00 and 19.90 reach the 90.00
// together of which 10.00 are taken off.
func owing(t *testing.T, s *stand) (lead *pagetest.Browser, balance string) {
	item := s.Presell(s.shirts[0], 9000, 1000, 2000, `{"id":"cross","kind":"crossshop","every":9000,"off":1000,
		"title":{"zh":"跨店满减","en":"Across shops"}}`)
	lead = s.member(t, "lily")
	lead.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
	c := lead.Get("/checkout?presale=enr_1&buy="+item.Offer+"&pieces=1").Must(200, "我同意定金规则", "应付总额 ¥80.00", "现在付定金 ¥10.00", "之后付尾款 ¥70.00")
	o := lead.Post("/checkout", url.Values{"token": {c.Field("token")}, "agreed": {"1"}})
	balance = strings.TrimPrefix(o.Path, "/orders/")
	o.Must(200, "待付定金").Submit("用蓝鹊钱包支付", nil)
	s.PayNewest(balance)
	s.Tell()
	lead.Get("/orders/"+balance).Must(200, "定金已付，待付尾款", "尾款 2026年11月11日 12:10 – ").MustNot("等你付款")
	lead.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	lead.Get("/cart").Must(200, "龙井茶").MustNot("待付尾款")
	s.Clock.Set(item.Opens)
	return lead, balance
}

// TestALostEarnestSaysNoNothing: an earnest within the law's fifth is lost whole, and nobody reads of ¥0.00 that goes back.
func TestALostEarnestSaysNoNothing(t *testing.T) {
	s := open(t)
	lead, balance := owing(t, s)
	at := "/orders/" + balance
	lead.Get(at).Must(200, "现在取消：定金 ¥10.00 不退。").MustNot("退还")
	s.Clock.Advance(48 * time.Hour)
	for range 2 { // before the job has looked, and after
		lead.Get(at).Must(200, "尾款未支付，定金 ¥10.00 归商家。").MustNot("退还", "现在取消")
		_, err := s.Orders.Expire(context.Background())
		s.Must(err)
	}
	lead.Get(at).Must(200, "已关闭，定金不退")
}

func picked(s *stand, page, balance string) string {
	return page + "?picked=1&tick=" + string(s.cups[0].ID) + "&balance=" + balance
}

// TestABalanceIsPaidWithGoodsFromTheCart goes the whole way of a shopper: the cart shows the open balance, ticking it
// prices both together, one payment pays both, and each order says so.
func TestABalanceIsPaidWithGoodsFromTheCart(t *testing.T) {
	s := open(t)
	lead, balance := owing(t, s)
	lead.Get("/cart").Must(200, "待付尾款", "跑步衫", "定金 ¥10.00 已付", "单独付尾款").MustNot("−¥")
	lead.Get(picked(s, "/cart", balance)).Must(200, "−¥10.00")
	if p := lead.Get("/checkout?picked=1&balance=" + balance); p.Path != "/orders/"+balance {
		t.Errorf("a balance alone leads to %s", p.Path)
	}
	c := lead.Get(picked(s, "/checkout", balance)).Must(200, "待付尾款", "取消其中任何一个")
	o := c.Submit("提交订单", nil).Must(200, "合并付款", "跑步衫", "取消其中任何一个")
	id := strings.TrimPrefix(o.Path, "/orders/")
	lead.Get("/cart").Must(200).MustNot("待付尾款")
	lead.Get("/orders/"+balance).Must(200, "合并付款", "去合并付款").MustNot("用红豆钱包支付")
	o.Submit("用红豆钱包支付", nil).Must(200, "打开红豆钱包扫一扫")
	s.PayNewest(id)
	for _, page := range []string{id, balance} {
		lead.Get("/orders/"+page).Must(200, "已付款", "一次付清", "红豆钱包，共").MustNot("去合并付款", "取消订单")
	}
}

// TestCancellingPutsTheBalanceBack: the shopper cancels the goods' order, and the balance is in the cart again.
func TestCancellingPutsTheBalanceBack(t *testing.T) {
	s := open(t)
	lead, balance := owing(t, s)
	o := lead.Get(picked(s, "/checkout", balance)).Submit("提交订单", nil)
	o.Submit("取消订单", nil).Must(200, "已取消")
	lead.Get("/cart").Must(200, "待付尾款", "跑步衫")
	lead.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	o = lead.Get(picked(s, "/checkout", balance)).Submit("提交订单", nil)
	s.Must(s.Orders.Cancel(t.Context(), who(t, s, balance), order.ID(balance)))
	o = lead.Get(o.Path).Must(200, "已取消", "这个订单随之取消")
	lead.Get("/cart").Must(200).MustNot("龙井茶")
	lead.Get("/orders/" + balance).MustNot("再次购买")
	o.Submit("再次购买", nil).Must(200, "龙井茶")
	if n := lead.Get(o.Path).Submit("再次购买", nil).Must(200, "龙井茶").Field("quantity"); n != "1" {
		t.Errorf("pressed twice puts %s in", n)
	}
	other := pagetest.At(t, s.Base())
	other.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	other.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
	other.Get(picked(s, "/checkout", balance)).Must(200).MustNot("跑步衫", "提交订单")
}

func who(t *testing.T, s *stand, id string) string {
	t.Helper()
	o, err := s.Orders.Any(t.Context(), order.ID(id))
	s.Must(err)
	if _, _, err := s.Orders.Bill(t.Context(), "shr_another", o.ID); !fault.Is(err, "order.not_found") {
		t.Errorf("another's bill: %v", err)
	}
	return o.Shopper
}

// TestTheBillPagesHoldInABrowser opens the pages of paying together in Chromium.
func TestTheBillPagesHoldInABrowser(t *testing.T) {
	s := open(t)
	lead, balance := owing(t, s)
	token, _, err := s.Logins.Enter(t.Context(), login.Enter{Name: "lily", Password: webtest.Password})
	s.Must(err)
	as := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: token})
		s.handler.ServeHTTP(w, r)
	})
	look := func(pages map[string]string) {
		for _, l := range browsertest.Two() {
			b := browsertest.Open(t, as, l)
			for name, path := range pages {
				b.Go(path)
				b.Check()
				b.Shot("shop-bill-" + name)
			}
		}
	}
	look(map[string]string{"cart": picked(s, "/cart", balance), "checkout": picked(s, "/checkout", balance)})
	o := lead.Get(picked(s, "/checkout", balance)).Submit("提交订单", nil)
	o.Submit("用红豆钱包支付", nil)
	look(map[string]string{"order": o.Path, "balance": "/orders/" + balance})
	s.PayNewest(strings.TrimPrefix(o.Path, "/orders/"))
	look(map[string]string{"paid": o.Path})
}
