package shopweb

import (
	"context"
	"strings"
	"testing"
	"time"

	"hutong/surface/page/pagetest"
	"hutong/trade/group"
)

// homeless adds an address on the way to a checkout.
var homeless = map[string]string{"division": "330106", "street": "文三路", "recipient": "王小明",
	"phone": "13800138000"}

// pays goes from a checkout page to a paid order that was told of.
func (s *stand) pays(t *testing.T, checkout *pagetest.Page) string {
	t.Helper()
	o := checkout.Must(200, "¥14.90").Submit("提交订单", nil)
	id := strings.TrimPrefix(o.Path, "/orders/")
	o.Submit("用蓝鹊钱包支付", nil)
	s.PayNewest(id)
	s.Tell()
	return id
}

// TestAGroupIsOpenedSharedAndJoined goes the way of two shoppers: one opens a group on the product's page and shares its
// link, the other joins by it.
func TestAGroupIsOpenedSharedAndJoined(t *testing.T) {
	s := open(t)
	offer := s.cups[0]
	o := s.Group(group.SetUp{Shop: s.tea, Goods: string(offer.ID), Steps: []group.Step{{Size: 2, Price: 1490}},
		Window: time.Hour})
	lead := s.member(t, "lily")
	p := lead.Get("/p/"+string(s.cup)).Must(200, "拼团", "2 人团", "¥14.90", "发起拼团")
	lead.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
	first := s.pays(t, p.Follow("发起拼团"))
	mine := lead.Get("/me/groups").Must(200, "我的拼团", "拼团中", "等待成团", "还差 1 人", "团长")
	page := mine.Follow("查看拼团").Must(200, "邀请好友", "口令", "你", "还差 1 人", "拼团规则")
	v, err := s.Groups.Show(context.Background(), "", strings.TrimPrefix(page.Path, "/group/"))
	s.Must(err)
	if link := page.Must(200, v.Code).Field("link"); link != lead.Base()+"/group/"+v.Code {
		t.Errorf("friends are sent %q", link)
	}

	s.Clock.Advance(keepFor)
	visitor := pagetest.At(t, s.Base())
	visitor.Get("/p/"+string(s.cup)).Must(200, "这些人正在拼", "还差 1 人").Follow("去拼团").
		Must(200, "参加这个团", "拼友", "团长").MustNot("你")
	friend := s.member(t, "ming")
	friend.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
	list := friend.Get("/me/groups")
	if said := list.Submit("找到这个团", map[string]string{"code": "ZZZZZZZZ"}).Must(404).Wrong("code"); said != "没有这个团" {
		t.Errorf("a code of no group is told %q", said)
	}
	for _, typed := range []string{" " + strings.ToLower(v.Code), "https://hutong.example/group/" + v.Code} {
		if at := list.Submit("找到这个团", map[string]string{"code": typed}).Must(200).Path; at != "/group/"+v.Code {
			t.Errorf("%q leads to %s", typed, at)
		}
	}
	s.pays(t, friend.Get("/group/"+v.Code).Follow("参加这个团"))
	lead.Get("/group/"+v.Code).Must(200, "已成团", "拼团成功", "拼友").MustNot("还差", "邀请好友")
	friend.Get("/me/groups").Must(200, "已成团", "拼团成功").MustNot("团长")
	lead.Get("/orders/"+first).Must(200, "等商家发货").Follow("查看拼团").Must(200, "已成团")
	third := s.member(t, "hanmei")
	third.Get("/group/"+v.Code).Must(200, "已成团", "自己发起拼团").MustNot("参加这个团")
	third.Get(buyIn(string(offer.ID), group.ClaimJoin(v.Group))).Must(200, "这个团已满", "¥19.90")
	third.Get(buyIn(string(offer.ID), group.ClaimOpen(o.ID, false))).Must(200, "¥14.90")
	third.Get("/group/nonsense").Must(404)
}

// TestWhoPaysForAFullGroupIsToldThatTheyLead: two go for the last place; who pays second reads on the order's page and in
// the inbox that they lead a new group, how many are missing until when, and what to share.
func TestWhoPaysForAFullGroupIsToldThatTheyLead(t *testing.T) {
	s := open(t)
	s.Group(group.SetUp{Shop: s.tea, Goods: string(s.cups[0].ID), Steps: []group.Step{{Size: 2, Price: 1490}},
		Window: time.Hour})
	enter := func(name string) *pagetest.Browser {
		who := s.member(t, name)
		who.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
		return who
	}
	lead, first, second := enter("lily"), enter("ming"), enter("hanmei")
	own := s.pays(t, lead.Get("/p/"+string(s.cup)).Follow("发起拼团"))
	code := lead.Get("/me/groups").Follow("查看拼团").Path
	lead.Get("/orders/"+own).Must(200, "还差 1 人", "口令", strings.TrimPrefix(code, "/group/")).MustNot("原团已满")
	lead.Get("/p/"+string(s.cup)).Follow("发起拼团").Must(200, "拼团 · 2 人团", "付款后把链接发给朋友")
	asked := second.Get(code).Follow("参加这个团").Must(200, "拼团 · 2 人团 · 还差 1 人", "付款后进团")
	late := asked.Submit("提交订单", nil).Must(200, "拼团 · 2 人团 · 还差 1 人", "付款后进团")
	one := s.pays(t, first.Get(code).Follow("参加这个团"))
	first.Get("/orders/"+one).Must(200, "查看拼团").MustNot("原团已满", "还差", "口令")
	two := strings.TrimPrefix(late.Path, "/orders/")
	s.Clock.Advance(time.Minute)
	late = second.Get(late.Path).Must(200, "拼团 · 2 人团", "你要参加的团已满。现在付款会为你开新团").MustNot("付款后进团", "还差")
	late.Submit("用蓝鹊钱包支付", nil)
	s.PayNewest(two)
	s.Tell()
	until := s.Clock.Now().Add(time.Hour).In(time.FixedZone("", 8*3600))
	o := second.Get("/orders/"+two).Must(200, "付款时原团已满，你已成为新团团长", "还差 1 人", until.Format("15:04"))
	o.MustNot("你要参加的团已满")
	next := o.Follow("查看拼团").Must(200, "邀请好友", "团长").Path
	if next == code {
		t.Fatal("it is the group that was full")
	}
	if link := o.Field("link"); link != second.Base()+next {
		t.Errorf("friends are sent %q", link)
	}
	o.Must(200, "口令", strings.TrimPrefix(next, "/group/"))
	n := second.Get("/me/notices").Must(200, "原团已满，你已成为新团团长", "还差 1 人", until.Format("15:04"),
		strings.TrimPrefix(next, "/group/"))
	if at := n.Follow("原团已满，你已成为新团团长").Must(200, "邀请好友").Path; at != next {
		t.Errorf("the notice leads to %s, not to %s", at, next)
	}
	for _, other := range []*pagetest.Browser{lead, first} {
		other.Get("/me/notices").MustNot("原团已满，你")
	}
	s.pays(t, enter("wei").Get(next).Follow("参加这个团"))
	second.Get("/orders/"+two).Must(200, "原团已满", "查看拼团").MustNot("还差", "口令")
}

// TestAnOfferThatTheShopEndsPromisesNothing: who has ordered, to open a group or for one that has filled, and not paid yet,
// reads that the shop has ended the offer, and what a payment comes to.
func TestAnOfferThatTheShopEndsPromisesNothing(t *testing.T) {
	s := open(t)
	o := s.Group(group.SetUp{Shop: s.tea, Goods: string(s.cups[0].ID), Steps: []group.Step{{Size: 2, Price: 1490}}})
	who := s.member(t, "lily")
	who.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
	waits := who.Get("/p/"+string(s.cup)).Follow("发起拼团").Submit("提交订单", nil).Must(200, "付款后把链接发给朋友")
	_, err := s.Groups.Turn(context.Background(), o.Shop, o.ID, group.Stopped)
	s.Must(err)
	who.Get(waits.Path).Must(200, "店铺已结束拼团。现在付款会全额自动退回").MustNot("付款后把链接发给朋友")
	_, err = s.Groups.Turn(context.Background(), o.Shop, o.ID, group.Open)
	s.Must(err)
	who.Get(waits.Path).Must(200, "付款后把链接发给朋友")
}

// TestAWaitingOrderSaysSo: its shopper reads that it waits for the group, not for the merchant.
func TestAWaitingOrderSaysSo(t *testing.T) {
	s := open(t)
	s.Group(group.SetUp{Shop: s.tea, Goods: string(s.cups[0].ID), Steps: []group.Step{{Size: 3, Price: 1490}}})
	lead := s.member(t, "lily")
	lead.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
	id := s.pays(t, lead.Get("/p/"+string(s.cup)).Follow("发起私密拼团（凭链接加入）"))
	lead.Get("/orders/"+id).Must(200, "等待成团", "人齐成团后商家发货").MustNot("等商家发货", "商家会尽快发货")
	s.Clock.Advance(keepFor)
	lead.Get("/p/"+string(s.cup)).Must(200, "发起拼团").MustNot("这些人正在拼")
	s.Clock.Advance(24 * time.Hour)
	_, err := s.Groups.Close(context.Background())
	s.Must(err)
	_, err = s.Groups.Settle(context.Background())
	s.Must(err)
	lead.Get("/me/groups").Must(200, "龙井茶", "拼团失败", "已退款", "到时人数不足")
	lead.Get("/orders/"+id).Must(200, "退款")
}
