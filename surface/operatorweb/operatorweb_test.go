package operatorweb

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/party/login"
	"hutong/surface/page"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/surface/shopweb"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

type stand struct {
	*webtest.Market
	*pagetest.Browser // the operator
	cup               offer.Offer
	report            Report
	broken            error
}

func open(t testing.TB) *stand {
	t.Helper()
	m := webtest.New(t)
	s := &stand{Market: m}
	tea := m.Shop("tea", "巷口茶舍", "Corner Tea")
	_, cups := m.Sell(webtest.Goods{Shop: tea, Zh: "龙井茶", En: "Longjing tea", Prices: []int64{1990}, Pieces: 10})
	s.cup = cups[0]
	m.Login(login.Operator, "boss", "")
	m.Login(login.Merchant, "tea", tea)
	c := m.Pages(Texts, shopweb.Texts)
	routes, err := New(Deps{Pages: c, Clock: m.Clock, Shops: m.Shops, Ledger: m.Ledger, Settle: m.Settle, Pay: m.Pay,
		Orders: m.Orders, Ship: m.Ship, Verify: func(context.Context) (Report, error) { return s.report, s.broken }})
	m.Must(err)
	shop, err := shopweb.New(shopweb.Deps{Pages: c, DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Logins: m.Logins,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Carts: m.Carts, Checkout: m.Checkout, Orders: m.Orders,
		Pay: m.Pay, Ship: m.Ship, Cases: m.Cases, Search: m.Search, Pictures: m.Pictures})
	m.Must(err)
	s.Browser = pagetest.New(t, m.Handler(c, append(routes, shop...)...))
	s.Get("/login").Submit("登录", map[string]string{"name": "boss", "password": webtest.Password}).Must(200, "账本")
	return s
}

func TestTemplatesFitTheirViews(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]any{"books": booksView{}, "all-orders": ordersView{}, "one-order": orderView{},
		"suspense": suspenseView{}, "all-shops": shopsView{}}
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

func TestTheBooksShowWhereTheMoneyIs(t *testing.T) {
	s := open(t)
	s.Get("/operator").Must(200, "启动后还没有对过账")
	_, id := s.Paid(s.cup, 2, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	s.Get("/operator").Must(200, "担保中 ¥39.80", "钱包代管 ¥39.80", "红豆钱包")
	s.Get("/operator/orders").Must(200, "巷口茶舍", "¥39.80", "已付款").Follow(id[len(id)-8:]).
		Must(200, "龙井茶 × 2", "红豆钱包", "收款", "已收款", "待付款", "钱包 · 付款到账").
		MustNot("succeeded", "capture", "awaiting_payment", "captured")
	_, err := s.Cases.Refund(t.Context(), aftersale.Refund{By: aftersale.Party{Operator: true}, Order: order.ID(id), Seq: 1,
		Reason: aftersale.OutOfStock, Key: "k"})
	s.Must(err)
	s.Get("/operator/orders/"+id).Must(200, "已取消", "退款中", "商家缺货", "申请退款", "平台 · 退款").
		MustNot("refund_asked", "asked", "cancelled", "refunded", "operator ·")
	s.Get("/operator/orders/"+id+"?lang=en").Must(200, "On its way", "Refund decided", "Operator · refunded")
	s.Get("/operator/orders?lang=zh-CN").Must(200)
	s.Get("/operator/orders/ord_0000000000000000000000000a").Must(404)
}

// TestEveryCodeHasWords: a code that the rooms write into their tables is never shown as it is.
func TestEveryCodeHasWords(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []text.Lang{text.Zh, text.En} {
		tongue := set.In(lang)
		say := map[string][]string{
			"actor": {"shopper", "merchant", "carrier", "wallet", "time", "operator"},
			"cause": {"shopper", "expired", "shipped", "delivered", "received", "auto_received", "captured", "captured_late",
				"refunded"},
		}
		for _, s := range []pay.State{pay.Pending, pay.Succeeded, pay.Failed, pay.Cancelled, pay.Unknown} {
			say["attempt"] = append(say["attempt"], string(s))
			if attemptBadge(tongue, s).Tone == "" {
				t.Errorf("a payment that is %s has no tone", s)
			}
		}
		for _, s := range []pay.RefundState{pay.Asked, pay.RefundSucceeded, pay.RefundRefused} {
			say["refund"] = append(say["refund"], string(s))
			if refundBadge(tongue, s).Tone == "" {
				t.Errorf("a refund that is %s has no tone", s)
			}
		}
		for _, k := range []ledger.Kind{ledger.Capture, ledger.RefundAsked, ledger.RefundDone, ledger.RefundRefused,
			ledger.Goods, ledger.Fee, ledger.Freight, ledger.GoodsBack, ledger.FeeBack, ledger.FreightBack, ledger.PaidOut,
			ledger.PayoutBack, ledger.SuspenseIn, ledger.SuspenseOut, ledger.SuspenseMatched} {
			say["kind"] = append(say["kind"], string(k))
		}
		say["kind"] = append(say["kind"], string(pay.KindCapture), string(pay.KindRefund))
		for of, codes := range say {
			for _, code := range codes {
				if key := "operatorweb." + of + "_" + code; !tongue.Has(key) {
					t.Errorf("%s has no words", key)
				}
			}
		}
		for _, s := range []string{"awaiting_payment", "paid", "completed", "cancelled"} {
			if stateWord(tongue, 0, s) == s {
				t.Errorf("an order that is %s has no words", s)
			}
		}
		for _, s := range []string{"open", "shipped", "delivered", "completed", "cancelled"} {
			if stateWord(tongue, 1, s) == s {
				t.Errorf("a part that is %s has no words", s)
			}
		}
	}
}

func TestTheLampShowsTheLastAudit(t *testing.T) {
	s := open(t)
	s.report = Report{OK: true, Took: 5 * time.Millisecond, Checks: []Check{{Name: "stock.promised", Rule: "I-K3", OK: true,
		Counted: 12_345}}}
	s.Get("/operator").Submit("立即对账", nil).Must(200, "1 项检查全部成立", "stock.promised", "12,345")
	s.report = Report{Checks: []Check{{Name: "ledger.chain", Counted: 3, Broken: 1, Rows: []string{"seq=2 hash=…"}}}}
	s.Get("/operator").Submit("立即对账", nil).Must(200, "有检查不成立", "1 处不成立", "seq=2")
	s.broken = errors.New("disk gone")
	s.Get("/operator").Submit("立即对账", nil).Must(500).MustNot("disk gone")
	s.Get("/operator").Must(200, "有检查不成立")
}

func TestMoneyInSuspenseIsSentBackOnce(t *testing.T) {
	s := open(t)
	s.Get("/operator/suspense").Must(200, "没有待核款项")
	_, err := s.Pay.ApplyFacts(context.Background(), []pay.Fact{{Provider: "redbean", Txn: "T-1", Kind: pay.KindCapture,
		Attempt: "att_none", Amount: money.New(500, "CNY"), Account: "HT-1", At: s.Clock.Now()}})
	s.Must(err)
	p := s.Get("/operator/suspense").Must(200, "T-1", "¥5.00", "待处理", "红豆钱包", "收款").MustNot("> capture", ">redbean")
	p.Submit("原路退回", nil).Must(200, "没有待核款项")
	p.Submit("原路退回", nil).Must(404)
}

func TestShopsAreClosedAndReopened(t *testing.T) {
	s := open(t)
	p := s.Get("/operator/shops").Must(200, "巷口茶舍", "营业中")
	p = p.Submit("关店", nil).Must(200, "已关店")
	p.Submit("重新开店", nil).Must(200, "营业中")
	s.Post("/operator/shops", url.Values{"shop": {"shp_none"}, "to": {"closed"}}).Must(404)
	s.Post("/operator/shops", url.Values{"shop": {"shp_none"}, "to": {"deleted"}}).Must(404)
}

func TestOnlyTheOperatorSeesTheDesk(t *testing.T) {
	s := open(t)
	tea := pagetest.At(t, s.Base())
	tea.Get("/login").Submit("登录", map[string]string{"name": "tea", "password": webtest.Password})
	for _, path := range []string{"/operator", "/operator/orders", "/operator/suspense", "/operator/shops"} {
		tea.Get(path).Must(404)
		pagetest.At(t, s.Base()).Get(path).Must(200, "登录").MustNot("账本")
	}
}
