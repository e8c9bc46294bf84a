package operatorweb

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/deal/reference"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/surface/page"
	"hutong/trade/checkout"
)

// slips presses what none of a form's buttons says: it is taken for none of them.
func (s *stand) slips(at string, also url.Values) {
	also.Set("do", "slip")
	s.Post(at, also).Must(404, "没有这个页面")
}

func TestASaleIsPlannedPublishedAndReviewed(t *testing.T) {
	s := open(t)
	p := s.Get("/operator/sales").Must(200, "还没有活动", "新活动")
	fill := map[string]string{"title_zh": "双11", "title_en": "Double Eleven", "channel": "sale",
		"recruit_from": "2026-11-11", "recruit_until": "2026-11-12", "lock_from": "2026-11-13 00:00:00",
		"lock_until": "2026-11-30", "waves": "# 第一波 | First wave\nspot 2026-11-15 00:00:00 ~ 2026-11-15 21:59:59",
		"days": "30", "factor": "90", "quantity_min": "5", "score_min": "4.50", "deposit_min": "1000"}
	bad := func(name, value, want string) {
		t.Helper()
		was := fill[name]
		fill[name] = value
		if got := p.Submit("保存草稿", fill); got.Status < 400 {
			t.Errorf("%s %q: %d", name, value, got.Status)
		} else {
			got.Must(got.Status, want)
		}
		fill[name] = was
	}
	bad("lock_from", "tomorrow", "不是有效的时间")
	bad("waves", "spot 2026-11-15 ~ 2026-11-15", "波次写法无效")
	bad("factor", "900", "报名规则的数值无效")
	bad("title_en", "", "名称须有中文和英文")
	bad("categories", "没有的类目", "没有叫“没有的类目”的类目")
	fill["score_min"] = ""
	fill["deposit_min"] = ""
	c := p.Submit("保存草稿", fill).Must(200, "草稿已保存", "双11", "未发布", "2026", "22:00", "近 30 天最低成交价的 90 %", "第一波 · 现货")
	c.Must(200, "修改草稿", "# 第一波 | First wave", "spot 2026-11-15 00:00:00 ~ 2026-11-15 21:59:59")
	for name, want := range map[string]string{"factor": "90", "score_min": "", "lock_from": "2026-11-13 00:00:00",
		"lock_until": "2026-11-30 23:59:59", "days": "30"} {
		if got := c.Field(name); got != want {
			t.Errorf("a draft is changed from %s %q, want %q", name, got, want)
		}
	}
	whole := map[string]string{"waves": fill["waves"]} // the test's browser joins the lines of a text; a real one does not
	old := c
	c = c.Submit("保存草稿", whole).Must(200, "草稿已保存", "第一波 · 现货", "22:00", "近 30 天最低成交价的 90 %")
	old.Submit("保存草稿", whole).Must(409, "活动已被他人修改", "修改草稿")
	s.slips(c.Path, url.Values{"version": {"2"}})
	c = s.Get(c.Path).Must(200, "修改草稿")
	c.Submit("发布", nil).Must(200, "活动状态已更新", "已发布").MustNot("修改草稿")
	c.Submit("发布", nil).Must(409, "活动已被他人修改")
	s.Get("/operator/calendar").Must(200, "双11", "招商", "2026年11月", "11月13日 周五", "按市场时间")
	s.Get("/operator/calendar?view=week&from=2026-11-16").Must(200, "11月16日 周一 – 11月22日 周日", "价格锁定").MustNot("招商")
	s.Get("/operator/calendar?from=2199-01-01").Must(200, "这段时间没有安排")

	cups := s.cup
	all, err := s.Campaigns.Campaigns(context.Background(), "", 1)
	s.Must(err)
	_, id := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	s.Clock.Advance(time.Minute)
	e, err := s.Campaigns.Enrol(context.Background(), campaign.Enrol{Shop: cups.Shop, Campaign: all[0].ID,
		Slot: campaign.Slot{Wave: 1}, Offer: cups.ID, Terms: campaign.Terms{Price: cups.UnitPrice / 2, Quantity: 5, Part: campaign.Part{Spot: true}}})
	s.Must(err)
	if e.State != campaign.Applied {
		t.Fatal(e.Reasons)
	}
	s.Get("/operator").Must(200, "待审核报名")
	q := s.Get("/operator/enrolments").Must(200, "龙井茶", "待审核").MustNot(cups.SKU)
	q.Must(200, "最低成交 ¥", "（订单 "+id+"）")
	if !strings.Contains(q.Body, `href="/operator/orders/`+id) {
		t.Error("the order that a price is proven by is not linked")
	}
	s.slips("/operator/enrolments", url.Values{"enrolment": {string(e.ID)}, "version": {page.Itoa(e.Version)}})
	q.Submit("通过", nil).Must(200, "已处理", "没有报名")
	q.Submit("拒绝", nil).Must(409, "报名已被他人处理")
	s.Get("/operator/sales/"+string(all[0].ID)).Must(200, "已通过").Submit("移出活动", nil).Must(200, "已处理")
	s.Get("/operator/sales/"+string(all[0].ID)).Must(200, "已退出").Submit("取消活动", nil).Must(200, "已取消")
	s.Get("/operator/sales/cmp_x").Must(404)
}

func TestASaleInvitesCategories(t *testing.T) {
	s := open(t)
	p := s.Get("/operator/sales").Must(200, "限类目", "每行一个名称或编号")
	c := p.Submit("保存草稿", map[string]string{"title_zh": "茶季", "title_en": "Tea season", "channel": "daily",
		"recruit_from": "2026-11-11", "recruit_until": "2026-11-20", "days_from": "2026-11-15", "days_until": "2026-11-16",
		"starts": "0:00", "minutes": "1440", "categories": "Tea & Infusions"}).Must(200, "草稿已保存", "限类目", "茶")
	all, err := s.Campaigns.Campaigns(context.Background(), "", 1)
	s.Must(err)
	tea := all[0].Rule.Categories
	if len(tea) != 1 {
		t.Fatalf("invited: %q", tea)
	}
	c = c.Submit("保存草稿", map[string]string{"caps": "Tea & Infusions 39"}).Must(200, "草稿已保存", "类目封顶价", "茶饮品 ¥39.00", tea[0]+" 39.00").
		Submit("保存草稿", map[string]string{"caps": " 99.90\n\n" + tea[0] + " 39.90\n"}).Must(200, "草稿已保存", "所有类目 ¥99.90，茶饮品 ¥39.90")
	for _, wrong := range []string{"39.905", "没有的类目 39", "茶饮品", "0", "1\n2"} {
		c.Submit("保存草稿", map[string]string{"caps": wrong}).Must(400)
	}
	c.Must(200, tea[0]) // where the draft is changed; elsewhere its name stands
	c.Submit("保存草稿", map[string]string{"categories": "", "caps": ""}).Must(200, "草稿已保存", "没有特别要求")
	lines := strings.Repeat("Tea & Infusions\n", 2) + "Coffee\n"
	if got, err := categoriesOf(lines); err != nil || len(got) != 2 {
		t.Errorf("categories of %q: %q, %v", lines, got, err)
	}
}

func TestRefusedPriceClaimsAreReported(t *testing.T) {
	s := open(t)
	s.Get("/operator/price-claims").Must(200, "没有被拒的划线价")
	o := s.cup
	_, err := s.Campaigns.Reference.Publish(context.Background(), reference.Claim{Shop: o.Shop, Offer: string(o.ID), SKU: o.SKU,
		Sale: 1000, Strike: 99_900, From: s.Clock.Now(), Until: s.Clock.Now().AddDate(0, 0, 1)})
	if err == nil {
		t.Fatal("nobody ever paid that")
	}
	s.Get("/operator/price-claims").Must(200, "¥999.00", "此前无成交", "龙井茶").MustNot(o.SKU)
	_, id := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	s.Clock.Advance(24 * time.Hour)
	_, err = s.Campaigns.Reference.Publish(context.Background(), reference.Claim{Shop: o.Shop, Offer: string(o.ID), SKU: o.SKU,
		Sale: 1000, Strike: 99_900, From: s.Clock.Now(), Until: s.Clock.Now().AddDate(0, 0, 1)})
	if err == nil {
		t.Fatal("nobody ever paid so much")
	}
	s.Get("/operator/price-claims").Must(200, "订单 "+id).Follow("订单 "+id).Must(200, id, "待发货")
}

// TestPlacesAreOfferedBidForAndCalledOff is the operator's part of a Juhuasuan sale.
func TestPlacesAreOfferedBidForAndCalledOff(t *testing.T) {
	s := open(t)
	ctx, cups := context.Background(), s.cup
	p := s.Get("/operator/sales").Submit("保存草稿", map[string]string{"title_zh": "聚划算日", "title_en": "Juhuasuan day",
		"channel": "juhuasuan", "recruit_from": "2026-11-11", "recruit_until": "2026-11-12", "lock_from": "2026-11-13 00:00:00",
		"lock_until": "2026-11-30", "waves": "# 首日 | First day\nspot 2026-11-15 00:00:00 ~ 2026-11-15 21:59:59"}).
		Must(200, "草稿已保存", "聚划算").MustNot("发布坑位")
	p = p.Submit("发布", nil).Must(200, "还没有发布坑位", "发布坑位", "付费截止时间")
	fill := map[string]string{"wave": "1", "places": "1", "fee": "2500", "terms": "guarantee", "commission": "5",
		"pay_by": "2026-11-12 18:00:00", "ship_hours": "24"}
	for name, bad := range map[string][2]string{"fee": {"x", "坑位费应大于 0"}, "commission": {"101", "佣金比例应在 0 到 100% 之间"},
		"pay_by": {"2026-11-14 00:00:00", "不晚于活动锁定"}, "places": {"one", "请填整数"}, "ship_hours": {"0", "承诺发货时间"}} {
		was := fill[name]
		fill[name] = bad[0]
		p.Submit("发布坑位", fill).Must(400, bad[1])
		fill[name] = was
	}
	p = p.Submit("发布坑位", fill).Must(200, "坑位已发布", "首日 · 不限类目", "0 / 1", "¥2,500.00", "保底，佣金 5 %", "竞坑中")
	all, err := s.Campaigns.Campaigns(ctx, "", 1)
	s.Must(err)
	open, err := s.Places.Openings(ctx, all[0].ID)
	s.Must(err)
	e, err := s.Campaigns.Enrol(ctx, campaign.Enrol{Shop: cups.Shop, Campaign: all[0].ID, Slot: campaign.Slot{Wave: 1},
		Offer: cups.ID, Terms: campaign.Terms{Price: cups.UnitPrice / 2, Quantity: 5, Part: campaign.Part{Spot: true}}})
	s.Must(err)
	bid, err := s.Places.Apply(ctx, cups.Shop, open[0].ID, e.ID)
	s.Must(err)
	p.Follow("首日 · 不限类目").Must(200, "龙井茶", "待筛选", "商品报名还没审核", "不入围").MustNot("入围 不入围")
	s.Get("/operator/enrolments").Submit("通过", nil).Must(200, "已处理")
	bids := s.Get("/operator/sales/"+string(all[0].ID)+"/places/"+string(open[0].ID)).Must(200, "入围 不入围")
	s.slips(bids.Path, url.Values{"bid": {string(bid.ID)}, "version": {page.Itoa(bid.Version)}})
	bids.Submit("入围", nil).Must(200, "已入围，待付费")
	bids.Submit("入围", nil).Must(409, "已被他人处理")
	s.Must(s.DB.Write(ctx, func(tx *db.Tx) error {
		return ledger.Post(tx, s.Clock.Now(), []ledger.Transfer{
			{Debit: ledger.Wallet("w"), Credit: ledger.Escrow, Amount: 250_000, Currency: "CNY", Kind: ledger.Capture, Order: "o"},
			{Debit: ledger.Escrow, Credit: ledger.Merchant(cups.Shop), Amount: 250_000, Currency: "CNY", Kind: ledger.Goods, Order: "o",
				Shop: cups.Shop}})
	}))
	mine, err := s.Places.ByShop(ctx, cups.Shop, "", 1)
	s.Must(err)
	_, err = s.Places.Pay(ctx, place.Pay{Shop: cups.Shop, ID: mine[0].ID, From: settle.Owed})
	s.Must(err)
	bids = s.Get("/operator/sales/"+string(all[0].ID)+"/places/"+string(open[0].ID)).Must(200, "已付费", "1 / 1", "取消并退费")
	bids.Submit("撤回坑位", map[string]string{"note": "场地取消"}).Must(200, "已处理", "已取消，费用已退", "场地取消", "已撤回", "0 / 1")
	bids.Submit("取消并退费", nil).Must(409)
	s.Get("/operator/sales/" + string(all[0].ID) + "/places/plo_x").Must(404)
	s.Get("/operator/sales/cmp_x/places/" + string(open[0].ID)).Must(404)
}
