package operatorweb

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"hutong/base/checkup"
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/base/rollout"
	"hutong/base/setting"
	"hutong/base/text"
	"hutong/base/tune"
	"hutong/deal/promo"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/loginweb"
	"hutong/surface/page"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/surface/saleweb"
	"hutong/surface/shopweb"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/review"
	"hutong/trade/tally"
)

type stand struct {
	*webtest.Market
	*pagetest.Browser // the operator
	cup               offer.Offer
	tea               string // a shop
	deps              Deps
	handler           http.Handler
	found             []checkup.Check
	broken            error
	hold              chan struct{} // an audit waits for it, when it is not nil
}

func open(t testing.TB) *stand {
	t.Helper()
	m := webtest.New(t)
	s := &stand{Market: m, tea: m.Shop("tea", "巷口茶舍", "Corner Tea")}
	_, cups := m.Sell(webtest.Goods{Shop: s.tea, Category: "fb-1", Zh: "龙井茶", En: "Longjing tea", Prices: []int64{1990}, Pieces: 10})
	s.cup = cups[0]
	s.rooms(t)
	m.Login(login.Operator, "boss", "")
	m.Login(login.Operator, "second", "")
	m.Login(login.Merchant, "tea", s.tea)
	c := m.Pages(Texts, shopweb.Texts, loginweb.Texts, approval.Texts, rollout.Texts, tune.Texts, checkup.Texts, event.Texts,
		audit.Texts, review.Texts, verify, saleweb.Texts, promo.Texts, standard.Texts, rulebook.Texts)
	s.deps.Pages, s.deps.Sale.Pages = c, c
	routes, err := New(s.deps)
	m.Must(err)
	doors, err := loginweb.New(loginweb.Deps{Pages: c, Logins: m.Logins, Carts: m.Carts})
	m.Must(err)
	set, err := page.NewSet(c)
	m.Must(err)
	doors = append(doors, gate.Route{Name: "test.static", Method: http.MethodGet, Path: "/static/{file}", Roles: gate.Anyone(),
		Page: true, Handler: set.Assets()})
	s.handler = m.Handler(c, append(routes, doors...)...)
	s.Browser = pagetest.New(t, s.handler)
	s.enter(s.Browser, "boss")
	return s
}

// verify stands for the auditor's own words, which stand above this package.
var verify = text.Bundle{"verify.stock.promised": {Zh: "占用等于各订单之和", En: "held pieces are those of the orders"}}

// rooms are those that webtest has not.
func (s *stand) rooms(t testing.TB) {
	ctx := context.Background()
	s.Must(s.DB.Migrate(ctx, setting.Schema, audit.Schema, approval.Schema, rollout.Schema, checkup.Schema, tally.Schema,
		review.Schema, rulebook.Schema, ruleset.Schema))
	log := slog.New(slog.DiscardHandler)
	bus, count := event.NewBus(s.DB, s.Clock, log), tally.New(s.DB, s.Clock)
	count.Listen(bus)
	s.deps = Deps{Clock: s.Clock, Zone: time.FixedZone("Beijing", 8*3600), Currency: "CNY", Shops: s.Shops, Ledger: s.Ledger, Cases: s.Cases,
		Settle: s.Settle, Pay: s.Pay, Orders: s.Orders, Ship: s.Ship, Tally: count, Bus: bus, Search: s.Search, Logins: s.Logins,
		Payouts: s.Payouts,
		Board:   job.NewBoard(s.Clock), Audit: audit.New(s.DB, s.Clock, s.IDs),
		Groups:    s.Market.Groups,
		Campaigns: s.Campaigns, Places: s.Places, DB: s.DB, Catalog: s.Catalog, Reviews: review.New(review.Deps{DB: s.DB, Clock: s.Clock, IDs: s.IDs, Orders: s.Orders, Catalog: s.Catalog})}
	s.deps.Checkups = checkup.New(checkup.Deps{DB: s.DB, Clock: s.Clock, IDs: s.IDs, Log: log,
		Auditor: func(context.Context) ([]checkup.Check, error) {
			if s.hold != nil {
				<-s.hold
			}
			return s.found, s.broken
		}})
	t.Cleanup(s.deps.Checkups.Close)
	var err error
	s.deps.Tune, err = tune.New(ctx, s.DB, s.Clock, []tune.Spec{
		{Name: "order.pay_minutes", Group: "orders", Kind: tune.Count, Default: "15", Min: 5, Max: 60, Unit: "tune.unit_minutes", Later: true},
		{Name: "market.name_zh", Group: "market", Kind: tune.Words, Default: "胡同", Min: 1, Max: 9},
		{Name: "intake.fetch_pictures", Group: "goods", Kind: tune.Flag, Default: tune.No}}, nil)
	s.Must(err)
	s.deps.Switches, err = rollout.New(ctx, s.DB, s.Clock, nil)
	s.Must(err)
	s.promotions(ctx)
}

// promotions makes the rule book and whoever agrees to it.
func (s *stand) promotions(ctx context.Context) {
	book := rulebook.New(rulebook.Deps{DB: s.DB, Clock: s.Clock, IDs: s.IDs, Kinds: standard.Kinds(), Settings: rulebook.Defaults()})
	rules, err := ruleset.New(ctx, ruleset.Deps{DB: s.DB, Clock: s.Clock, Log: slog.New(slog.DiscardHandler),
		Sources: []ruleset.Source{{Name: "rulebook", List: book.List}}})
	s.Must(err)
	ask, decide := []login.Permission{login.SaleWrite, login.MarketSaleAsk}, []login.Permission{login.SaleWrite, login.MarketSaleApprove}
	s.deps.Approvals, err = approval.New(s.DB, s.Clock, s.IDs, s.Settle.FeeKind(), rulebook.PublishKind(book, ask, decide),
		voucher.PublishKind(s.Vouchers, ask, decide), voucher.GrantKind(s.Vouchers, ask, decide))
	s.Must(err)
	s.deps.Sale = &saleweb.Rooms{Clock: s.Clock, DB: s.DB, Currency: "CNY", Catalog: s.Catalog, Shops: s.Shops, Promotions: book,
		Vouchers: s.Vouchers, Rules: rules, Approvals: s.deps.Approvals}
}

func (s *stand) enter(b *pagetest.Browser, name string) {
	b.Get("/login?way=password&next=/operator").Submit("登录", map[string]string{"name": name, "password": webtest.Password}).
		Must(200, "今日")
}

// tell lets the market's statistics hear what happened.
func (s *stand) tell() {
	_, err := s.deps.Bus.Dispatch(context.Background())
	s.Must(err)
	_, err = s.deps.Tally.Flush(context.Background())
	s.Must(err)
}

func TestTemplatesFitTheirViews(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []text.Lang{text.Zh, text.En} {
		if err := templatecheck.CheckHTML(set.Template(lang, "desk"), deskView{}); err != nil {
			t.Error(err)
		}
	}
}

func TestTheNumbersOfToday(t *testing.T) {
	s := open(t)
	s.Get("/operator").Must(200, "还没有成交", "有事需要看一眼", "还没有对过")
	s.Clock.Set(s.Clock.Now().Add(-4 * time.Hour))
	for range 20 {
		s.deps.Tally.Viewed(s.tea)
	}
	s.Paid(s.cup, 2, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	s.tell()
	s.Get("/operator").Must(200, "成交额 ¥39.80", "付款订单 1", "转化率 5.0 %", "巷口茶舍", "100.0 %")
	s.Clock.Set(s.Clock.Now().Add(24 * time.Hour))
	s.Paid(s.cup, 3, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	s.tell()
	s.Clock.Advance(time.Hour)
	s.Get("/operator").Must(200, "成交额 ¥59.70", "比昨天此时 50%")
	s.Get("/operator?of=week").Must(200, "成交额 ¥99.50", "付款订单 2", "前 7 天")
}

func TestTheBooksShowWhereTheMoneyIs(t *testing.T) {
	s := open(t)
	_, id := s.Paid(s.cup, 2, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	s.Get("/operator/books").Must(200, "担保中 ¥39.80", "钱包代管 ¥39.80", "红豆钱包", "借贷相等：各 ¥39.80")
	s.Get("/operator/orders").Must(200, "巷口茶舍", "¥39.80", "已付款").Follow(id[len(id)-8:]).
		Must(200, "龙井茶 × 2", "红豆钱包", "收款", "已收款", "待付款", "钱包 · 付款到账").
		MustNot("succeeded", "capture", "awaiting_payment", "captured")
	_, err := s.Cases.Refund(t.Context(), aftersale.Refund{By: aftersale.Party{Operator: true}, Order: order.ID(id), Seq: 1,
		Reason: aftersale.OutOfStock, Key: "k"})
	s.Must(err)
	s.Get("/operator/orders/"+id).Must(200, "已取消", "退款申请", "商家缺货 2 件 龙井茶", "退款中", "商家缺货", "申请退款", "平台 · 退款").
		MustNot("refund_asked", "asked", "cancelled", "refunded", "operator ·")
	s.Get("/operator/orders/"+id+"?lang=en").Must(200, "On its way", "Refund decided", "Operator · refunded")
	s.Get("/operator/orders?lang=zh-CN").Must(200)
	s.Get("/operator/orders/ord_0000000000000000000000000a").Must(404)
}

// TestRefundRequestsAreListed: what is open, whom it waits for, and the way to its order.
func TestRefundRequestsAreListed(t *testing.T) {
	s := open(t)
	_, id := s.Paid(s.cup, 2, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	s.Get("/operator/cases").Must(200, "没有退款申请")
	_, err := s.Cases.Refund(t.Context(), aftersale.Refund{By: aftersale.Party{Operator: true}, Order: order.ID(id), Seq: 1,
		Reason: aftersale.OutOfStock, Key: "k"})
	s.Must(err)
	s.Get("/operator/cases?of=all").Must(200, "商家缺货", "巷口茶舍", "¥39.80").Follow("商家缺货").Must(200, "2 件 龙井茶").MustNot("平台处理").
		Follow(id).Must(200, "商家缺货 2 件 龙井茶")
	s.Get("/operator/cases?of=open").Must(200, "没有退款申请")
	s.Get("/operator/cases?of=all&lang=en").Must(200, "Refund requests", "The shop answers")
	s.Get("/operator/cases?lang=zh-CN").Must(200)
}

func TestAnOrderIsFoundByItsNumberOrTheEndOfIt(t *testing.T) {
	s := open(t)
	_, id := s.Paid(s.cup, 1, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	for _, asked := range []string{id, id[len(id)-8:], "…" + id[len(id)-6:]} {
		s.Get("/operator/orders?q="+url.QueryEscape(asked)).Must(200, id, "龙井茶 × 1")
	}
	s.Get("/operator/orders?q=zzzz").Must(200, "没有找到这个订单")
	s.Get("/operator/orders?q="+url.QueryEscape("' OR 1=1 --")).Must(200, "没有找到这个订单")
	s.Get("/operator/orders?shop="+s.tea).Must(200, id[len(id)-8:])
	s.Get("/operator/orders?shop=shp_none").Must(200, "还没有订单")
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
			"actor": {"shopper", "merchant", "carrier", "wallet", "time", "operator", "market"},
			"cause": {"shopper", "expired", "shipped", "delivered", "received", "auto_received", "captured", "captured_late",
				"refunded", "free", order.WhyAccount},
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
	s.found = []checkup.Check{{Name: "stock.promised", Rule: "I-K3", OK: true, Counted: 12_345}}
	run := func() *pagetest.Page { return s.Get("/operator/integrity").Submit("立即对账", nil) }
	run().Must(200, "对账完成", "一切正常", "占用等于各订单之和", "12,345", "boss").Follow("2026年11月11日").Must(200, "一次对账", "I-K3")
	s.Get("/operator").Must(200, "一切正常")
	s.Clock.Advance(30 * time.Hour)
	s.tell()
	s.Get("/operator").Must(200, "有事需要看一眼", "30 小时")
	s.found = append(s.found, checkup.Check{Name: "ledger.chain", Counted: 3, Broken: 1, Rows: []string{"seq=2 hash=…"}})
	run().Must(200, "有承诺没有守住", "1 处不成立", "seq=2")
	s.broken = errors.New("disk gone")
	run().Must(200, "没能完成", "有承诺没有守住").MustNot("disk gone")
	s.Get("/operator/integrity/chk_none").Must(404)
}

// An audit that is under way is shown as such, and a second one is refused.
func TestAnAuditUnderWay(t *testing.T) {
	s := open(t)
	s.Must(s.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO checkups (id, asked_by, state, began_us, ended_us, ok, checks, counted, broken, body)
			VALUES ('chk_1', '', 'running', $1, 0, FALSE, 0, 0, 0, '')`, clock.Micros(s.Clock.Now()))
		return err
	}))
	s.Get("/operator/integrity").Must(200, "正在进行", "系统自动")
	s.Post("/operator/integrity", nil).Must(409, "正在对账，请稍候")
}

func TestJobsAndDeadLetters(t *testing.T) {
	s := open(t)
	s.Get("/operator/jobs").Must(200, "没有任务", "每个事件都送达了")
	fails := errors.New("no such table: x")
	one := s.deps.Board.Watch(job.Job{Name: "settle.close", Every: time.Hour, Run: func(context.Context) (int, error) { return 2, fails }})[0]
	for range 3 {
		_, _ = one.Run(t.Context())
	}
	s.deps.Bus.On("test.happened", "listener", func(context.Context, event.Event) error { return errors.New("cannot") })
	s.Must(s.DB.Write(t.Context(), func(tx *db.Tx) error {
		return event.Emit(tx, s.IDs, event.Event{Topic: "test.happened", Subject: "x", At: s.Clock.Now()})
	}))
	s.tell()
	s.Get("/operator").Must(200, "有承诺没有守住", "出错的任务 1", "另有 1 个在重试")
	p := s.Get("/operator/jobs").Must(200, "零点结算", "连续失败 3 次", "no such table: x", "test.happened", "cannot")
	p.Submit("再送一次", nil).Must(200, "已安排再送一次")
	p.Follow("零点结算").Must(200, "每 1 小时", "no such table: x")
	s.Post("/operator/jobs", url.Values{"event": {"evt_none"}, "consumer": {"x"}}).Must(404, "这个事件已经送达")
	s.Get("/operator/jobs/none").Must(404)
	s.Get("/operator/audit").Must(200, "重送事件", "listener", "boss")
}

func TestAShopIsReviewedOpenedClosedAndReopened(t *testing.T) {
	s := open(t)
	applied, err := s.Shops.Apply(t.Context(), merchant.OpenShop{Code: "new", Name: text.Entry{Zh: "新巷小铺", En: "New Lane"}})
	s.Must(err)
	s.Get("/operator").Must(200, "等你处理", "待审核的店铺 1").Follow("待审核的店铺").Must(200, "新巷小铺")
	p := s.Get("/operator/shops?state=applied").Must(200, "新巷小铺", "待审核").MustNot("巷口茶舍")
	p = p.Follow("新巷小铺").Must(200, "这家店铺提交了申请", "没有提交")
	if wrong := p.Submit("同意开店", map[string]string{"reason": " "}).Must(400).Wrong("reason"); wrong == "" {
		t.Error("no reason was asked for")
	}
	p = p.Submit("退回补充", map[string]string{"reason": "缺少营业执照"}).Must(200, "已退回", "待审核", "缺少营业执照")
	p = p.Submit("同意开店", map[string]string{"reason": "资质齐全"}).Must(200, "店铺已开放", "营业中")
	p = p.Submit("关店", map[string]string{"reason": "卖假货"}).Must(200, "已关店")
	p.Submit("重新开店", map[string]string{"reason": "已整改"}).Must(200, "营业中")
	s.Get("/operator/audit?q="+string(applied.ID)).Must(200, "店铺状态变更", "资质齐全", "卖假货", "营业中 → 已关店", "boss")
	s.Get("/operator/shops?q=lane").Must(200, "新巷小铺").MustNot("巷口茶舍")
	s.Post("/operator/shops", url.Values{"shop": {"shp_none"}, "to": {"closed"}, "reason": {"none"}}).Must(404)
	s.Post("/operator/shops", url.Values{"shop": {s.tea}, "to": {"deleted"}, "reason": {"none"}}).Must(404)
	s.Get("/operator/shops/shp_none").Must(404)
}

func TestStaffAreInvitedAndTheirRolesChanged(t *testing.T) {
	s := open(t)
	p := s.Get("/operator/staff").Must(200, "second", "管理员", "你自己")
	p.Submit("邀请同事", map[string]string{"role": "support"}).Must(200, "/join", "邀请链接")
	p = s.Get("/operator/staff").Must(200, "未使用的邀请").MustNot("/join")
	p.Submit("撤回", nil).Must(200, "已更改").MustNot("未使用的邀请")
	p.Submit("改为审计", nil).Must(200, "已更改")
	s.Post("/operator/staff", url.Values{"do": {"role admin"}, "login": {"log_none"}}).Must(404)
	other := pagetest.New(t, s.handler)
	s.enter(other, "second")
	other.Get("/operator/staff").Must(200).MustNot("邀请同事", "移除")
	other.Get("/operator").MustNot("灰度开关")
	other.Get("/operator/settings").Must(403)
}

func TestSettingsAreCheckedAndSaved(t *testing.T) {
	s := open(t)
	p := s.Get("/operator/settings").Must(200, "付款时限", "下次启动后生效")
	if wrong := p.Submit("保存", map[string]string{"order.pay_minutes": "4"}).Must(400).Wrong("order.pay_minutes"); wrong == "" {
		t.Error("too short a time was taken")
	}
	p.Submit("保存", map[string]string{"order.pay_minutes": "30"}).Must(200, "已保存，改动 1 项", "等下次启动生效", "默认：15")
	s.Post("/operator/settings", url.Values{"secret.checkout": {"x"}}).Must(200, "改动 0 项")
	if n := s.deps.Tune.Count("order.pay_minutes"); n != 30 {
		t.Error(n)
	}
}

func TestSwitches(t *testing.T) {
	s := open(t)
	p := s.Get("/operator/switches").Must(200, "没有开关")
	p.Submit("保存", map[string]string{"name": "Bad Name!", "share": "5"}).Must(400)
	p.Submit("保存", map[string]string{"name": "new_cashier", "share": "12.5", "channels": "web app"}).Must(200, "new_cashier", "12.5 %", "web app")
	s.Get("/operator/switches?name=new_cashier").Must(200, "更改 new_cashier").Submit("保存", map[string]string{"share": "100"}).Must(200, "所有人")
	p.Submit("保存", map[string]string{"name": "new_cashier", "share": "1"}).Must(409)
	s.Get("/operator/switches").Submit("关闭", nil).Must(200, "关闭").Submit("打开", nil).Must(200, "所有人").Submit("删除", nil).Must(200, "没有开关")
}

func TestLookingOnTakesConsent(t *testing.T) {
	s := open(t)
	p := s.Get("/operator/help").Must(200, "只能看")
	if wrong := p.Submit("开始查看", map[string]string{"code": "aaaa-bbbb-cccc"}).Wrong("code"); wrong == "" {
		t.Error("a code that is none was taken")
	}
	_, who, err := s.Logins.Login(t.Context(), "tea", webtest.Password, text.Zh)
	s.Must(err)
	code, _, err := s.Logins.Consent(t.Context(), who)
	s.Must(err)
	p.Submit("开始查看", map[string]string{"code": code})
	s.Get("/operator").Must(404) // the operator looks on as the merchant now, whose desk this is not
}

func TestLanguagesAndCategories(t *testing.T) {
	s := open(t)
	s.Get("/operator/catalog").Must(200, "简体中文", "展示中", "未展示", "在售商品 1")
	s.Get("/operator/reviews").Must(200, "没有待处理的举报")
	s.Get("/operator/reviews?of=all").Must(200, "还没有评价")
}

// elsewhere are the sections whose rooms this stand does not have; their routes are tried as every role in node.
var elsewhere = map[string]bool{"notices": true, "bring": true, "segments": true}

func TestOnlyTheOperatorSeesTheDesk(t *testing.T) {
	s := open(t)
	tea := pagetest.At(t, s.Base())
	tea.Get("/login?way=password").Submit("登录", map[string]string{"name": "tea", "password": webtest.Password})
	for _, tab := range tabs {
		if elsewhere[tab.key] {
			continue
		}
		s.Get(tab.href).Must(200)
		tea.Get(tab.href).Must(404)
		pagetest.At(t, s.Base()).Get(tab.href).Must(200, "登录").MustNot("账本")
	}
}

// Each role of the market's staff reads the sections that it may, is not shown the others, and is offered no form that
// it may not send.
func TestEachRoleSeesItsSections(t *testing.T) {
	s := open(t)
	s.Paid(s.cup, 1, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	_, boss, err := s.Logins.Login(t.Context(), "boss", webtest.Password, text.Zh)
	s.Must(err)
	staff, err := s.Logins.Staff(t.Context(), boss)
	s.Must(err)
	for _, role := range login.StaffRoles(login.Operator)[1:] {
		for _, m := range staff {
			if m.Name == "second" {
				s.Must(s.Logins.SetStaffRole(t.Context(), boss, m.Login, role))
			}
		}
		b, may := pagetest.New(t, s.handler), login.PermissionsOf(role)
		s.enter(b, "second")
		nav := strings.Join(b.Get("/operator").Links(), " ") + " "
		for _, tab := range tabs[1:] {
			if elsewhere[tab.key] {
				continue
			}
			if shown := strings.Contains(nav, tab.href+" "); shown != may.Has(tab.needs) {
				t.Errorf("%s is shown to %s: %v", tab.href, role, shown)
			}
			if !may.Has(tab.needs) {
				b.Get(tab.href).Must(403)
				continue
			}
			b.Get(tab.href).Must(200)
		}
		b.Get("/operator/shops/" + s.tea).Must(200)
		if role == login.Auditor { // reads everything, and is offered nothing that changes
			b.Get("/operator/staff").MustNot("邀请同事")
			b.Get("/operator/fees").MustNot("另一位同事同意之后才公布")
			b.Get("/operator/shops/" + s.tea).MustNot("关店")
		}
	}
}
