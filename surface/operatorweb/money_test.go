package operatorweb

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/surface/page"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// Every account and every kind of transfer of the books is told in words, in both languages.
func TestTheBooksHaveWords(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []text.Lang{text.Zh, text.En} {
		said := set.In(lang)
		for _, a := range []ledger.Account{ledger.Escrow, ledger.Suspense, ledger.Earnest, ledger.Fees, ledger.Wallet("x"),
			ledger.Refunding("x"), ledger.Merchant("x"), ledger.Carrier("x"), ledger.Funder("x"), ledger.Payout("x"), ledger.OwnBank,
			ledger.Deposit("x"), ledger.Bank("x")} {
			for _, key := range []string{"account_", "sum_", "hint_"} {
				if !said.Has("operatorweb." + key + a.Class()) {
					t.Errorf("%s: %s%s has no words", lang, key, a.Class())
				}
			}
		}
		for _, k := range ledger.Kinds() {
			if word(said, "kind", string(k)) == string(k) {
				t.Errorf("%s: %s has no words", lang, k)
			}
		}
	}
}

// A fee takes two people: whoever asks cannot decide, and it holds only from its day on.
func TestAFeeTakesTwoPeople(t *testing.T) {
	s := open(t)
	form := func(rate, from string) map[string]string {
		return map[string]string{"who": "shop " + s.tea, "rate": rate, "from": from}
	}
	p := s.Get("/operator/fees?shop="+s.tea).Must(200, "0.6 %", "没有单独的规定")
	for _, bad := range [][3]string{{"x", "2026-12-01", "rate"}, {"101", "2026-12-01", "rate"}, {"1", "2026-11-12", "from"}, {"1", "soon", "from"}} {
		if wrong := p.Submit("申请调整费率", form(bad[0], bad[1])).Wrong(bad[2]); wrong == "" {
			t.Errorf("%v was taken", bad)
		}
	}
	p.Submit("申请调整费率", form("1.25", "2026-12-01")).Must(200, "等另一位同事决定", "巷口茶舍：费率改为 1.25 %")
	s.Get("/operator/approvals").Must(200, "撤回").MustNot("拒绝")
	other := pagetest.New(t, s.handler)
	s.enter(other, "second")
	other.Get("/operator").Must(200, "待决定的申请 1")
	s.Get("/operator").MustNot("待决定的申请")
	other.Get("/operator/approvals").Submit("同意", nil).Must(200, "已同意，改动生效", "boss → second")
	s.Get("/operator/fees").Must(200, "1.25 %", "已公布")
	s.Get("/operator/shops/"+s.tea).Must(200, "自 2026年12月1日 00:00 起", "1.25 %")
	s.Get("/operator/fees").Submit("申请调整费率", form("2", "2027-01-01")).Must(200)
	s.Get("/operator/approvals").Submit("撤回", nil).Must(200, "已撤回", "没有等待决定的申请")
}

// received is an order that its shopper has received, a day ago.
func (s *stand) received(t *testing.T) {
	t.Helper()
	who, id := s.Paid(s.cup, 2, checkout.CarrierChoice{})
	_, err := s.Ship.Dispatch(t.Context(), ship.Dispatch{Shop: s.tea, Order: order.ID(id), Seq: 1})
	s.Must(err)
	s.Must(s.Orders.Receive(t.Context(), who, order.ID(id), 1))
	s.Clock.Advance(24 * time.Hour)
}

func TestStatementsArePaidOut(t *testing.T) {
	s := open(t)
	s.received(t)
	_, err := s.Settle.Close(t.Context(), s.tea, s.Clock.Now())
	s.Must(err)
	p := s.Get("/operator/statements").Must(200, "巷口茶舍", "待打款")
	p.Follow("巷口茶舍").Must(200, "货款 ¥39.80", "0.6 %", "明细")
	p.Submit("打款", nil).Must(422, "还没有收款账户", "待打款").MustNot("已打款")
	s.Account(s.tea)
	p.Submit("打款", nil).Must(200, "已打款，并记入账本").MustNot("待打款")
	s.Get("/operator/audit").Must(200, "打款")
	s.Post("/operator/statements", url.Values{"statement": {"stm_none"}}).Must(404)
}

// A refund after the statement comes off the payout, and the page says so.
func TestAPayoutIsWhatTheBooksOwe(t *testing.T) {
	s := open(t)
	s.received(t)
	all, err := s.Settle.Close(t.Context(), s.tea, s.Clock.Now())
	s.Must(err)
	s.Account(s.tea)
	take := func(id string, minor int64) {
		s.Must(s.DB.Write(t.Context(), func(tx *db.Tx) error {
			return settle.Take(tx, settle.Charge{ID: id, Shop: s.tea, Currency: "CNY", Amount: minor, Why: "test",
				At: s.Clock.Now()})
		}))
	}
	take("one", all[0].Due-1_000)
	p := s.Get("/operator/statements").Must(200, "现可付 ¥10.00，已付 ¥0.00")
	p.Submit("打款", nil).Must(200, "已付 ¥10.00，并记入账本", "暂不打款").MustNot("现可付")
	s.Get("/operator").MustNot("待打款的结算单")
	s.Post("/operator/statements", url.Values{"statement": {string(all[0].ID)}}).Must(422, "账本上现在不欠这家店铺")
}

// The heads of the desk's tables sort: up, down, and back.
func TestTablesAreSortedByTheirHeads(t *testing.T) {
	s := open(t)
	other := s.Shop("sport", "奔跑体育", "Run Sports")
	first := func(path string) string {
		t.Helper()
		body := s.Get(path).Must(200).Body
		_, rows, _ := strings.Cut(body, "<tbody")
		tea, sport := strings.Index(rows, "/operator/shops/"+s.tea), strings.Index(rows, "/operator/shops/"+other)
		if tea < 0 || sport < 0 {
			t.Fatalf("%s lists not both shops", path)
		}
		if tea < sport {
			return "tea"
		}
		return "sport"
	}
	up, down := first("/operator/shops?by=shop"), first("/operator/shops?by=-shop")
	if up == down {
		t.Errorf("up and down begin with %s", up)
	}
	if got := first("/operator/shops?by=nonsense"); got != first("/operator/shops") {
		t.Errorf("an unknown column sorts: %s", got)
	}
	body := s.Get("/operator/shops?by=shop&state=open").Must(200).Body
	for _, want := range []string{`aria-sort="ascending"`, `href="/operator/shops?by=-shop&amp;state=open"`,
		`href="/operator/shops?by=payable&amp;state=open"`, `name="by" value="shop"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	s.Paid(s.cup, 2, checkout.CarrierChoice{})
	if body := s.Get("/operator/books?by=-balance").Must(200).Body; !strings.Contains(body, `href="/operator/books"`) {
		t.Error("the third press does not lead back")
	}
	s.Get("/operator/statements?by=due").Must(200)
}

func TestMoneyInSuspenseIsSentBackOnceOrMatched(t *testing.T) {
	s := open(t)
	s.Get("/operator/suspense").Must(200, "没有待核款项").MustNot("认领款项")
	_, err := s.Pay.ApplyFacts(context.Background(), []pay.Fact{{Provider: "redbean", Txn: "T-1", Kind: pay.KindCapture,
		Attempt: "att_none", Amount: money.New(500, "CNY"), Account: "HT-1", At: s.Clock.Now()}})
	s.Must(err)
	s.Get("/operator").Must(200, "待核款项 1")
	p := s.Get("/operator/suspense").Must(200, "T-1", "¥5.00", "待处理", "红豆钱包", "收款").MustNot("> capture", ">redbean")
	p.Submit("认领", map[string]string{"attempt": "att_none"}).Must(422, "认领款项")
	p.Submit("原路退回", nil).Must(200, "没有待核款项", "已安排原路退回")
	p.Submit("原路退回", nil).Must(404)
	s.Get("/operator/audit").Must(200, "退回待核款项")
}

func TestARateIsReadExactly(t *testing.T) {
	for given, want := range map[string]int64{"0.6": 6_000, "0": 0, "100": 1_000_000, " 1.25 % ": 12_500, "0.0001": 1, "12.": 120_000} {
		if got, err := parseRate(given); got != want || err != nil {
			t.Errorf("%q: %d %v", given, got, err)
		}
		if back, _ := parseRate(page.Percent(want)); back != want {
			t.Errorf("%s is read as %d", page.Percent(want), back)
		}
	}
	for _, bad := range []string{"", ".", "-1", "1e2", "100.0001", "1.00001", "1,5", "99999999999999999999"} {
		if got, err := parseRate(bad); err == nil {
			t.Errorf("%q: %d", bad, got)
		}
	}
}

// A refund that a wallet would not pay out is shown to the operator, who sends it again; money is never forgotten
// there.
func TestARefusedRefundIsSentAgain(t *testing.T) {
	s := open(t)
	s.Get("/operator/suspense").MustNot("钱包退不出的退款")
	_, id := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	s.Must(s.DB.Write(t.Context(), func(tx *db.Tx) error {
		asked, err := s.Pay.Ask(tx, s.Clock.Now(), []pay.RefundAsk{{Order: string(id), Case: "cas", Amount: 100, Currency: "CNY",
			Reason: "guarantee.back"}})
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE refunds SET state = 'refused', next_try_us = 0 WHERE id = $1`, asked[0])
		return err
	}))
	s.Get("/operator").Must(200, "退不出的退款 1")
	p := s.Get("/operator/suspense").Must(200, "钱包退不出的退款", "¥1.00", "红豆钱包")
	p.Submit("重新退款", nil).Must(200, "已重新提交退款").MustNot("钱包退不出的退款")
	p.Submit("重新退款", nil).Must(404)
	s.Get("/operator/audit").Must(200, "重新退款")
}
