package merchantweb

import (
	"context"
	"net/url"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
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

func TestAMerchantJoinsASale(t *testing.T) {
	s := open(t)
	s.tea.Get("/desk/sales").Must(200, "现在没有可报名的活动", "还没有报名")
	_, sale := s.fair(campaign.Rule{QuantityMin: 5, PenaltyPPM: 100_000})
	p := s.tea.Get("/desk/sales").Must(200, "整点秒杀", "承诺库存至少 5 件").Follow("双11").Must(200, "龙井茶", "¥19.90").MustNot("跑鞋")
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
