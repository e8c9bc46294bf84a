package merchantweb

import (
	"context"
	"net/url"
	"testing"

	"hutong/trade/group"
)

func TestAMerchantSellsToGroups(t *testing.T) {
	s := open(t)
	p := s.tea.Get("/desk/groups").Must(200, "还没有拼团活动", "龙井茶", "¥19.90").MustNot("跑鞋")
	p = p.Follow("设拼团价").Must(200, "成团人数", "龙井茶")
	p.Submit("发布拼团", map[string]string{"size": "1", "price": "9.90"}).Must(400, "成团人数须为 2 至 200 人")
	p.Submit("发布拼团", map[string]string{"size": "3", "price": "x"}).Must(400, "价格请填写数字")
	p.Submit("发布拼团", map[string]string{"size": "3", "price": "19.90"}).Must(400, "低于单独购买价")
	p.Submit("发布拼团", map[string]string{"size": "3", "price": "9.90", "steps": "5"}).Must(400, "阶梯价格式应为")
	p.Submit("发布拼团", map[string]string{"size": "3", "price": "9.90", "steps": "5:9.90"}).Must(400, "阶梯人数须逐档增加")
	p.Submit("发布拼团", map[string]string{"size": "3", "price": "9.90", "window": "x"}).Must(400, "有效的整数")
	p.Submit("发布拼团", map[string]string{"size": "3", "price": "9.90", "until": "2020-01-01"}).Must(400, "结束时间")
	l := p.Submit("发布拼团", map[string]string{"size": "3", "price": "9.90", "steps": "5：8.90，10:7.90", "window": "12",
		"per_shopper": "2", "until": "2026-12-31"}).Must(200, "拼团已发布", "3 人 ¥9.90; 5 人 ¥8.90; 10 人 ¥7.90", "进行中",
		"成团时限 12 小时")
	p.Submit("发布拼团", map[string]string{"size": "2", "price": "9.90"}).Must(409, "已有进行中的拼团活动")
	all, err := s.Groups.ByShop(context.Background(), s.cup.Shop, "", 9)
	s.Must(err)
	if len(all) != 1 || !all[0].Ladder() || all[0].PerShopper != 2 || all[0].Places != group.PlacesMax {
		t.Fatalf("%+v", all)
	}
	l.Submit("停止开新团", nil).Must(200, "已停止开新团", "恢复开团").Submit("恢复开团", nil).Must(200, "进行中")
	turn := url.Values{"turn": {string(all[0].ID)}, "to": {"withdrawn"}}
	s.sport.Post("/desk/groups", turn).Must(404)
	s.sport.Post("/desk/groups", url.Values{"offer": {string(s.cup.ID)}, "size": {"3"}, "price": {"1"}}).Must(404)
	s.tea.Post("/desk/groups", turn).Must(200, "已下架", "在拼的团会自动退款")
	s.tea.Post("/desk/groups", url.Values{"turn": {string(all[0].ID)}, "to": {"open"}}).Must(409, "不允许此操作")
	s.tea.Post("/desk/groups", url.Values{"turn": {string(all[0].ID)}, "to": {"x"}}).Must(400)
}
