package merchantweb

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/funds/settle"
	"hutong/goods/offer"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// settled sells n pieces of an offer to their receipt.
func (s *stand) settled(o offer.Offer, n int64) (id string) {
	ctx := context.Background()
	who, id := s.Paid(o, n, checkout.CarrierChoice{})
	s.tea.Post("/desk/orders/ship", map[string][]string{"order": {id}}).Must(200)
	s.Must(s.Orders.Receive(ctx, who, order.ID(id), 1))
	return id
}

// closed closes the shop's day.
func (s *stand) closed() settle.Statement {
	s.Clock.Advance(24 * time.Hour)
	all, err := s.Settle.Close(context.Background(), s.cup.Shop, s.Clock.Now())
	s.Must(err)
	return all[0]
}

func TestMoneyStandsWhereItIsToldDownToTheLine(t *testing.T) {
	s := open(t)
	s.tea.Get("/desk/money").Must(200, "担保中 ¥0.00", "余额 ¥0.00", "还没有结算单")
	id := s.settled(s.cup, 2)
	s.Paid(s.cup, 1, checkout.CarrierChoice{})
	s.tea.Get("/desk/money").Must(200, "担保中 ¥19.90", "余额 ¥39.56", "待打款 ¥0.00")
	st := s.closed()
	p := s.tea.Get("/desk/money").Must(200, "待打款 ¥39.56", "等平台打款").Follow("截至")
	p.Must(200, short(id), "龙井茶", "¥39.80", "¥0.24", "0.6 %", "¥39.56")
	if pdf := s.tea.Get("/desk/money/" + string(st.ID) + "/statement.pdf"); !strings.HasPrefix(pdf.Body, "%PDF") {
		t.Errorf("pdf: %d", pdf.Status)
	}
	s.Account(s.cup.Shop)
	_, err := s.Settle.Payout(context.Background(), st.ID)
	s.Must(err)
	s.tea.Get("/desk/money").Must(200, "余额 ¥0.00", "已打款 ¥39.56")
	for _, end := range []string{"", "/lines.csv", "/statement.pdf"} {
		s.sport.Get("/desk/money/" + string(st.ID) + end).Must(404)
	}
	s.tea.Get("/desk/money/" + string(st.ID) + "?after=nonsense").Must(400)
	last := s.tea.Get("/desk/money/" + string(st.ID) + "?after=9000000000.x.1.1.0")
	last.Must(200, "这一期没有明细")
}

// TestAStatementThatIsHeldBackSaysSo: refunds after a statement take up what it pays, all of it or a part; nobody is told
// that the market pays then.
func TestAStatementThatIsHeldBackSaysSo(t *testing.T) {
	s, ctx := open(t), context.Background()
	id := s.settled(s.cup, 2)
	st := s.closed()
	back := func(units int64) {
		_, err := s.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: s.cup.Shop}, Order: order.ID(id), Seq: 1,
			Lines: []order.Units{{Line: 1, Units: units}}, Reason: aftersale.Damaged, Key: s.IDs.New("req")})
		s.Must(err)
	}
	back(1)
	s.tea.Get("/desk").Must(200, "待打款的结算单")
	s.tea.Get("/desk/money").Must(200, "等平台打款 ¥19.78；其余 ¥19.78")
	back(1)
	s.tea.Get("/desk").Must(200).MustNot("待打款的结算单")
	for _, at := range []string{"", "/" + string(st.ID)} {
		s.tea.Get("/desk/money"+at).Must(200, "暂不打款", "还有 ¥39.56").MustNot("等平台打款")
	}
}

// TestWhatIsLeftOfAStatementIsSaid: of one that was paid in part the rest is paid once the shop has earned again, and one
// with nothing due carries nothing.
func TestWhatIsLeftOfAStatementIsSaid(t *testing.T) {
	s, ctx := open(t), context.Background()
	id := s.settled(s.cup, 2)
	st := s.closed()
	back := func(units int64) {
		_, err := s.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: s.cup.Shop}, Order: order.ID(id), Seq: 1,
			Lines: []order.Units{{Line: 1, Units: units}}, Reason: aftersale.Damaged, Key: s.IDs.New("req")})
		s.Must(err)
	}
	back(1)
	account, err := s.Payouts.Draft(ctx, merchant.ID(s.cup.Shop), merchant.PayoutAccount{Holder: "巷口茶业有限公司",
		Bank: "工商银行杭州分行", Number: "6222021234567894"})
	s.Must(err)
	s.Must(s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.Payouts.Adopt(tx, s.Clock.Now(), merchant.ID(s.cup.Shop), account.ID)
	}))
	_, err = s.Settle.Payout(ctx, st.ID)
	s.Must(err)
	back(1)
	s.tea.Get("/desk/money").Must(200, "余额 -¥19.78 退款或扣款多于收入", "部分已打款", "还有 ¥19.78")
	s.settled(s.cup, 2)
	s.closed()
	s.tea.Get("/desk/money").Must(200, "等平台打其余 ¥19.78", "无需打款").MustNot("转入下期")
}

func TestA17_ASpreadsheetRunsNothingOfOurs(t *testing.T) {
	for _, bad := range []string{`=HYPERLINK("http://evil")`, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "　=1", "|x", "＝1"} {
		if got := cell(bad); !strings.HasPrefix(got, "'") {
			t.Errorf("%q is written as %q", bad, got)
		}
	}
	for _, good := range []string{"", "龙井茶", "a=b", "'=1"} {
		if got := cell(good); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
	s := open(t)
	_, evil := s.Sell(webtest.Goods{Shop: s.cup.Shop, Zh: "=cmd|'/C calc'!A0", En: "=1+1", Prices: []int64{1000}, Pieces: 5})
	s.settled(evil[0], 1)
	st := s.closed()
	file := s.tea.Get("/desk/money/" + string(st.ID) + "/lines.csv")
	if kind := file.Header.Get("Content-Type"); kind != "text/csv; charset=utf-8" ||
		file.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q %v", kind, file.Header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll()
	s.Must(err)
	found := false
	for _, row := range rows {
		for _, c := range row {
			if strings.HasPrefix(c, "=") {
				t.Errorf("a formula: %q", row)
			}
			found = found || strings.HasPrefix(c, "'=cmd")
		}
	}
	if !found || rows[1][5] != "10.00" {
		t.Errorf("%q", rows)
	}
}

func TestAPayoutAccountTakesTwoPeople(t *testing.T) {
	s := open(t)
	account := map[string]string{"holder": "巷口茶业有限公司", "bank": "工商银行杭州分行", "number": "6222021234567894"}
	p := s.tea.Get("/desk/money").Must(200, "还没有收款账户").Follow("设置收款账户").Must(200, "两个人")
	if wrong := p.Submit("提出申请", map[string]string{"holder": "a", "bank": "b", "number": "x"}).Must(400).Wrong("number"); wrong == "" {
		t.Error("a wrong number is not named at its field")
	}
	s.Clock.Advance(login.ProofFor + time.Second)
	if at := p.Submit("提出申请", account).Path; at != "/login?again=1&next=%2Fdesk%2Fpayout" {
		t.Errorf("an old proof leads to %s", at)
	}
	s.in(s.tea, "tea")
	p = p.Submit("提出申请", account).Must(200, "申请已提出", "待审批", "撤回").MustNot("同意 拒绝")
	if strings.Contains(p.Body, "6222021234567894") {
		t.Error("the account stands on the page in the clear")
	}
	p.Submit("提出申请", account).Must(409, "已有待审批")
	own := strings.Split(p.Body, `action="/desk/payout/`)[1]
	own = own[:strings.Index(own, `"`)]
	s.tea.Post("/desk/payout/"+own, map[string][]string{"word": {"approve"}}).Must(403, "不能审批自己")
	s.sport.Post("/desk/payout/"+own, map[string][]string{"word": {"approve"}}).Must(404)
	_, err := s.Logins.Register(context.Background(), login.Register{Role: login.Merchant, Name: "partner",
		Password: webtest.Password, Shop: s.cup.Shop})
	s.Must(err)
	b := pagetest.At(t, s.tea.Base())
	s.in(b, "partner")
	s.tea.Get("/desk").Must(200).MustNot("等你确认的收款账户")
	b.Get("/desk").Must(200, "等你确认的收款账户")
	b.Get("/desk/payout").Must(200).Submit("同意", nil).Must(200, "新账户已生效", "•••• 7894")
	s.tea.Get("/desk/money").Must(200, "•••• 7894", "工商银行")
}
