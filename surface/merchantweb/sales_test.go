package merchantweb

import (
	"context"
	"net/url"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/ledger"
)

// fair publishes an hourly seckill channel for a day and a big sale that opens for enrolment now.
func (s *stand) fair(rule campaign.Rule) (seckill, sale campaign.Campaign) {
	ctx, now := context.Background(), s.Clock.Now()
	day := now.Truncate(24 * time.Hour).Add(-8 * time.Hour)
	days := campaign.Window{From: day, Until: day.Add(72 * time.Hour)}
	at := func(h int) time.Time { return now.Add(time.Duration(h) * time.Hour) }
	publish := func(p campaign.Plan) campaign.Campaign {
		c, err := s.Campaigns.Save(ctx, "", 0, p)
		s.Must(err)
		c, err = s.Campaigns.Publish(ctx, c.ID, c.Version)
		s.Must(err)
		return c
	}
	seckill = publish(campaign.Plan{Title: text.Entry{Zh: "整点秒杀", En: "Hourly"}, Channel: campaign.Seckill, Recruit: days,
		Timetable: campaign.EveryHour(days), Rule: rule})
	sale = publish(campaign.Plan{Title: text.Entry{Zh: "双11", En: "Double Eleven"}, Channel: campaign.Sale,
		Recruit: campaign.Window{From: at(0), Until: at(10)}, Lock: campaign.Window{From: at(12), Until: at(100)},
		Waves: []campaign.Wave{{Title: text.Entry{Zh: "第一波", En: "First"}, Phases: []campaign.Phase{{Stage: campaign.Spot,
			Window: campaign.Window{From: at(24), Until: at(48)}}}}}, Rule: rule})
	return seckill, sale
}

func TestASaleSaysWhichCategoriesItInvites(t *testing.T) {
	s := open(t)
	_, sale := s.fair(campaign.Rule{Categories: []string{"sg"}})
	s.tea.Get("/desk/sales").Must(200, "限类目：体育用品")
	s.tea.Get("/desk/sales/"+string(sale.ID)).Must(200, "限类目：体育用品").Follow("报名此商品").
		Submit("报名", map[string]string{"price": "9.90", "quantity": "5"}).Must(422, "该类目不在招商范围")
	s.tea.Get("/desk/sales?lang=en").Must(200, "only goods in Sporting Goods")
}

func TestASaleSaysItsHighestPrices(t *testing.T) {
	s := open(t)
	_, sale := s.fair(campaign.Rule{Caps: []campaign.Cap{{Price: 900}, {Category: "sg", Price: 100}}})
	s.tea.Get("/desk/sales").Must(200, "价格封顶：所有类目 ¥9.00，体育用品 ¥1.00")
	s.tea.Get("/desk/sales/"+string(sale.ID)).Must(200).Follow("报名此商品").
		Submit("报名", map[string]string{"price": "9.01", "quantity": "5"}).Must(422, "价格高于该类目的封顶价 ¥9.00")
	s.tea.Get("/desk/sales?lang=en").Must(200, "the highest price: all goods", "Sporting Goods")
}

func TestAMerchantJoinsASale(t *testing.T) {
	s := open(t)
	s.tea.Get("/desk/sales").Must(200, "现在没有可报名的活动", "还没有报名")
	_, sale := s.fair(campaign.Rule{QuantityMin: 5, PenaltyPPM: 100_000})
	p := s.tea.Get("/desk/sales").Must(200, "整点秒杀", "承诺库存至少 5 件", "锁定后退出须付违约金：承诺货值（按锁定价）的 10%").Follow("双11").Must(200, "龙井茶", "¥19.90").MustNot("跑鞋")
	p = p.Must(200, "报名截止 2026年", "起锁定价格和库存").Follow("报名此商品").
		Must(200, "第一波 · 2026年11月12日", "划线价", "CNY")
	p.Submit("报名", map[string]string{"price": "25", "quantity": "4"}).
		Must(422, "承诺库存至少 5 件；活动价不能高于日常价 ¥19.90").MustNot("1990")
	p.Submit("报名", map[string]string{"price": "9.90", "quantity": "4"}).Must(422, "不能报名", "承诺库存至少 5 件")
	p.Submit("报名", map[string]string{"price": "x", "quantity": "5"}).Must(400, "价格无效")
	p.Submit("报名", map[string]string{"price": "9.90", "quantity": "50"}).Must(422, "可用库存只有 10 件")
	p.Submit("报名", map[string]string{"price": "9.90", "quantity": "5", "strike": "99"}).Must(422, "不能标注划线价")
	l := p.Submit("报名", map[string]string{"price": "9.90", "quantity": "5"}).Must(200, "报名已提交", "待审核", "¥9.90")
	l.Follow("修改").Must(200, "修改报名").Submit("保存", map[string]string{"price": "8.90", "quantity": "6"}).Must(200, "报名已更新", "¥8.90")
	p.Submit("报名", map[string]string{"price": "9.90", "quantity": "5"}).Must(422, "已报名其他活动")

	all, err := s.Campaigns.Queue(context.Background(), "", 5)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	e, err := s.Campaigns.Decide(context.Background(), campaign.Decide{By: "lgn_op", ID: all[0].ID, Version: all[0].Version, Accept: true})
	s.Must(err)
	s.tea.Get("/desk/calendar").Must(200, "活动日历", "招商 双11", "现货 双11 · 第一波", "每天 24 场 整点秒杀", "我的报名 龙井茶 ¥8.90")
	s.sport.Get("/desk/calendar").Must(200, "双11").MustNot("我的报名")
	s.Clock.Advance(12 * time.Hour)
	_, err = s.Campaigns.Lock(context.Background())
	s.Must(err)
	at := "/desk/sales?enrolment=" + string(e.ID)
	s.tea.Get(at).Must(200, "已锁定").Submit("保存", map[string]string{"price": "9.00"}).Must(422, "锁价后价格只能下调，不得高于 ¥8.90")
	s.tea.Get(at).Submit("保存", map[string]string{"quantity": "5"}).Must(422, "锁库后库存只能增加")
	s.sport.Get(at).Must(404)
	s.sport.Post("/desk/sales", url.Values{"enrolment": {string(e.ID)}, "version": {"4"}, "price": {"1"}, "quantity": {"9"}}).Must(404)
	s.sport.Post("/desk/sales/"+string(sale.ID), url.Values{"offer": {string(s.cup.ID)}, "slot": {"w1"}, "price": {"1"},
		"quantity": {"9"}}).Must(422, "当前不在报名时间内")
	e, err = s.Campaigns.Enrolment(context.Background(), "", e.ID)
	s.Must(err)
	s.tea.Post("/desk/sales", url.Values{"enrolment": {string(e.ID)}, "version": {digits(e.Version)}, "leave": {"on"}}).
		Must(200, "已退出", "违约金 ¥5.34")
	s.tea.Get("/desk/sales/cmp_x").Must(404)
}

func digits(n int64) string { return string(rune('0' + n)) }

func TestAMerchantPicksASession(t *testing.T) {
	s := open(t)
	seckill, _ := s.fair(campaign.Rule{})
	p := s.tea.Get("/desk/sales/"+string(seckill.ID)).Follow("报名此商品").Must(200, "2026年11月11日 15:00 – 16:00", "预约名额", "抽签购买")
	p.Submit("报名", map[string]string{"price": "9.90", "quantity": "5", "appointments": "20"}).Must(200, "报名已提交", "15:00")
	s.sport.Post("/desk/sales/"+string(seckill.ID), url.Values{"offer": {string(s.cup.ID)}, "slot": {"s1"}, "price": {"1"},
		"quantity": {"9"}}).Must(400, "没有这个波次或场次")
	s.sport.Post("/desk/sales/"+string(seckill.ID), url.Values{"offer": {string(s.cup.ID)}, "slot": {"x"}, "price": {"1"},
		"quantity": {"9"}}).Must(400, "没有这个波次或场次")
}

// TestAMerchantBidsForAPlace: the way of a bid on the shop's pages, with what it is told before it pays, and what a
// loser reads.
func TestAMerchantBidsForAPlace(t *testing.T) {
	s := open(t)
	ctx, now := context.Background(), s.Clock.Now()
	s.tea.Get("/desk/sales").Must(200, "聚划算坑位").Follow("聚划算坑位").Must(200, "现在没有可申请的坑位", "还没有申请坑位")
	at := func(h int) time.Time { return now.Add(time.Duration(h) * time.Hour) }
	c, err := s.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: text.Entry{Zh: "聚划算日", En: "Juhuasuan day"},
		Channel: campaign.Juhuasuan, Recruit: campaign.Window{From: at(0), Until: at(10)},
		Lock: campaign.Window{From: at(12), Until: at(100)}, Waves: []campaign.Wave{{Title: text.Entry{Zh: "首日", En: "First day"},
			Phases: []campaign.Phase{{Stage: campaign.Spot, Window: campaign.Window{From: at(24), Until: at(48)}}}}}})
	s.Must(err)
	c, err = s.Campaigns.Publish(ctx, c.ID, c.Version)
	s.Must(err)
	o, err := s.Places.Publish(ctx, "lgn_op", place.Offer{Campaign: c.ID, Wave: 1, Places: 1, Currency: "CNY", Fee: 250_000,
		Terms: place.Guarantee, Commission: 50_000, PayBy: at(12), ShipHours: 24})
	s.Must(err)
	p := s.tea.Get("/desk/places").Must(200, "聚划算日 · 首日", "不限类目", "付款后 24 小时内发货", "¥2,500.00", "保底：佣金 5 %", "1 / 1")
	p = p.Follow("先报名商品").Follow("报名此商品").Submit("报名", map[string]string{"price": "9.90", "quantity": "5"}).
		Must(200, "聚划算还要申请坑位")
	bid := p.Follow("申请坑位").Must(200, "龙井茶", "申请不收费")
	bid.Submit("申请坑位", nil).Must(200, "坑位已申请", "待筛选", "撤回").Submit("撤回", nil).Must(200, "已撤回")
	bid.Submit("申请坑位", nil).Must(200, "坑位已申请")
	bid.Submit("申请坑位", nil).Must(409, "已经申请了坑位")
	accept := func(shop string) place.Bid {
		bids, err := s.Places.ByShop(ctx, shop, "", 1)
		s.Must(err)
		e, err := s.Campaigns.Enrolment(ctx, "", bids[0].Enrolment)
		s.Must(err)
		_, err = s.Campaigns.Decide(ctx, campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
		s.Must(err)
		b, err := s.Places.Decide(ctx, place.Decide{By: "lgn_op", ID: bids[0].ID, Version: bids[0].Version, Shortlist: true})
		s.Must(err)
		return b
	}
	b := accept(s.cup.Shop)
	pay := s.tea.Get("/desk/places").Must(200, "已入围，待付费").Follow("付坑位费").
		Must(200, "平台取消活动或坑位时全额退回", "付费后你自己退出活动，坑位费不退", "应收货款（现有 ¥0.00）")
	pay.Submit("支付 ¥2,500.00", map[string]string{"from": "owed"}).Must(422, "平台现在只欠你 ¥0.00", "支付 ¥2,500.00")
	s.sport.Post("/desk/places", url.Values{"do": {"pay"}, "bid": {string(b.ID)}, "from": {"owed"}}).Must(404)
	s.sport.Post("/desk/places", url.Values{"do": {"retract"}, "bid": {string(b.ID)}, "version": {digits(b.Version)}}).Must(404)
	s.sport.Get("/desk/places?bid="+string(b.ID)).Must(200, "聚划算日").MustNot("龙井茶")
	owe := func(shop string) {
		s.Must(s.DB.Write(ctx, func(tx *db.Tx) error {
			return ledger.Post(tx, s.Clock.Now(), []ledger.Transfer{
				{Debit: ledger.Wallet("w"), Credit: ledger.Escrow, Amount: 250_000, Currency: "CNY", Kind: ledger.Capture, Order: shop},
				{Debit: ledger.Escrow, Credit: ledger.Merchant(shop), Amount: 250_000, Currency: "CNY", Kind: ledger.Goods,
					Order: shop, Shop: shop}})
		}))
	}
	owe(s.cup.Shop)
	other, err := s.Campaigns.Enrol(ctx, campaign.Enrol{Shop: s.shoe.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1},
		Offer: s.shoe.ID, Terms: campaign.Terms{Price: s.shoe.UnitPrice / 2, Quantity: 1, Part: campaign.Part{Spot: true}}})
	s.Must(err)
	_, err = s.Places.Apply(ctx, s.shoe.Shop, o.ID, other.ID)
	s.Must(err)
	accept(s.shoe.Shop)
	owe(s.shoe.Shop)
	late := s.sport.Get("/desk/places").Follow("付坑位费")
	pay = s.tea.Get("/desk/places").Follow("付坑位费").Must(200, "现有 ¥2,500.00")
	pay.Submit("支付 ¥2,500.00", map[string]string{"from": "owed"}).Must(200, "坑位到手", "已付费", "0 / 1")
	late.Submit("支付 ¥2,500.00", map[string]string{"from": "owed"}).Must(409, "最后一个坑位刚被别人买走，没有向你收取任何费用", "现有 ¥2,500.00")
}
