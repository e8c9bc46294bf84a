package saleweb

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/deal/quota"
)

// fill is a shop's spend and save.
func fill() map[string]string {
	return map[string]string{"title_zh": "满三百减四十", "title_en": "Forty off three hundred", "tiers": "300 40\n500 80",
		"from": "2026-11-11T00:00", "until": "2026-11-20T00:00", "budget": "1000"}
}

// TestKindsToExcludeAreWrittenAsInVouchers: with commas or without.
func TestKindsToExcludeAreWrittenAsInVouchers(t *testing.T) {
	s := open(t)
	f := fill()
	f["excludes"] = "voucher, redpacket，points"
	d := s.tea.Get("/desk/promotions/new?kind=spend").Submit("保存草稿", f).Must(200, "草稿已保存")
	if kept := d.Follow("修改为下一版本").Must(200).Field("excludes"); kept != "voucher redpacket points" {
		t.Errorf("kept %q", kept)
	}
}

func TestAShopDraftsTriesPublishesAndStops(t *testing.T) {
	s := open(t)
	s.tea.Get("/desk/promotions").Must(200, "还没有优惠活动").Follow("新建优惠").Must(200, "满减档位", "龙井茶")
	p := s.tea.Get("/desk/promotions/new?kind=spend").Must(200)
	for name, bad := range map[string][2]string{"tiers": {"300", "每行写两个数"}, "budget": {"x", "金额无效"},
		"category": {"没有的类目", "没有叫"}, "until": {"2026-11-01T00:00", "结束"}} {
		f := fill()
		f[name] = bad[0]
		got := p.Submit("保存草稿", f)
		if got.Status < 400 || got.Wrong(name) == "" {
			t.Errorf("%s: %d %q\n%s", name, got.Status, got.Wrong(name), got.Text())
		}
	}
	nameless := fill()
	nameless["title_zh"], nameless["title_en"] = "", ""
	if p.Submit("保存草稿", nameless).Wrong("title_zh") == "" {
		t.Error("a promotion without any name is taken")
	}
	one := fill()
	one["title_en"], one["category"] = "", "茶饮品"
	s.tea.Lang = "en"
	p.Submit("保存草稿", one).Must(200, "满三百减四十", "category Tea")
	s.tea.Lang = "zh-CN"
	d := p.Submit("保存草稿", fill()).Must(200, "草稿已保存", "草稿", "满 ¥300.00 减 ¥40.00", "最多 ¥1,000.00")
	s.sport.Get(d.Path).Must(404)
	s.sport.Post(d.Path, url.Values{"do": {"publish"}, "version": {"1"}}).Must(404)
	s.sport.Get("/desk/promotions").Must(200, "还没有优惠活动")
	try := d.Follow("价格试算").Must(200, "最多可能花费")
	try = try.Submit("加入", map[string]string{"add": s.cup.SKU, "at": "2026-11-12T00:00"}).Must(200, "¥199.00")
	try = try.Submit("试算", map[string]string{"n1": "2"}).
		Must(200, "¥398.00", "¥358.00", "加上草稿：¥358.00", "没有任何优惠", "每件商品的最低价")
	try.Submit("试算", map[string]string{"n1": "0"}).Must(400, "请填写正整数")
	try.Submit("移除", nil).Must(200).MustNot("每件商品的最低价")
	s.boss.Get("/operator/promotions/try?sku1="+s.cup.SKU+"&n1=3").Must(200, "¥597.00").MustNot("加上草稿") // there is none
	found := s.boss.Get("/operator/promotions/try").Submit("查找", map[string]string{"find": s.cup.SKU}).Must(200, "¥199.00")
	found.Submit("查找", map[string]string{"find": "zzqqx"}).Must(200, "没有找到在售的“zzqqx”")
	found = found.Submit("查找", map[string]string{"find": "鞋"}).Must(200, "加入")
	found.Submit("加入", nil).Must(200, "每件商品的最低价")
	s.tea.Get("/desk/promotions/try?sku1="+s.shoe.SKU+"&n1=1").Must(400, "没有这个在售规格")
	l := d.Submit("发布", nil).Must(200, "已发布")
	d.Submit("发布", nil).Must(409)
	s.tea.Get("/desk/promotions").Must(200, "满三百减四十", "¥0.00 / ¥1,000.00", "剩余 ¥1,000.00", "充足")
	edit := l.Follow("修改为下一版本").Must(200)
	edit.Must(200, "300.00 40.00", "500.00 80.00")
	edit.Submit("保存草稿", map[string]string{"budget": "2000"}).Must(200, "第 1 版仍在生效")
	l.Submit("立即停止", nil).Must(200, "已停止")
	if n := s.rooms.Rules.Rules().Len(); n != 0 {
		t.Errorf("%d rules hold", n)
	}
}

// TestEveryKindIsDrafted: each kind of both desks, read back as it was written.
func TestEveryKindIsDrafted(t *testing.T) {
	s := open(t)
	name := map[string]string{"title_zh": "名称", "title_en": "Name"}
	for path, c := range map[string]struct {
		fill map[string]string
		want string
	}{
		"/desk kind=price":         {map[string]string{"unit_price": "9.90"}, "活动价 ¥9.90"},
		"/desk kind=direct":        {map[string]string{"rate_ppm": "12.5"}, "每件减 12.5%"},
		"/desk kind=gift":          {map[string]string{"buy": "3", "get": "1"}, "买 3 送 1"},
		"/operator kind=crossshop": {map[string]string{"every": "300", "off": "50", "fund_platform": "60", "fund_merchant": "40"}, "跨店每满 ¥300.00 减 ¥50.00"},
		"/operator kind=subsidy":   {map[string]string{"off": "5", "fund_platform": "80", "fund_others": "brand_x 20"}, "brand_x 20%"},
		"/operator kind=redpacket": {map[string]string{"off": "3", "fund_platform": "100"}, "红包 ¥3.00"},
		"/operator kind=spend":     {map[string]string{"tiers": "100 10", "fund_platform": "100", "shop": s.cup.Shop}, "巷口茶舍"},
		"/operator kind=points":    {map[string]string{"points": "100", "worth": "1", "cap_ppm": "50", "fund_platform": "100"}, "100 积分抵 ¥1.00，最多 50%"},
	} {
		base, kind, _ := strings.Cut(path, " ")
		b := s.tea
		if base == "/operator" {
			b = s.boss
		}
		for k, v := range name {
			c.fill[k] = v
		}
		p := b.Get(base+"/promotions/new?"+kind).Submit("保存草稿", c.fill).Must(200, "草稿已保存", c.want)
		p.Follow("修改为下一版本").Must(200).Submit("保存草稿", nil).Must(200, "草稿已保存", c.want)
	}
	p := s.boss.Get("/operator/promotions/new?kind=crossshop")
	none := p.Submit("保存草稿", map[string]string{"title_zh": "名", "off": "50"}).Wrong("every")
	if none != "请填写大于 0 的数" {
		t.Errorf("a threshold of nothing is told %q", none)
	}
	bad := map[string]string{"title_zh": "名", "title_en": "N", "every": "300", "off": "50", "fund_platform": "60", "fund_merchant": "30"}
	if got := p.Submit("保存草稿", bad); got.Status < 400 || got.Wrong("fund_platform") == "" {
		t.Errorf("90 %%: %d", got.Status)
	}
	s.boss.Get("/operator/promotions?of=all").Must(200, "巷口茶舍", "全部商品")
}

// TestTheMarketNeedsASecondPerson above the limit; whoever drafted is none.
func TestTheMarketNeedsASecondPerson(t *testing.T) {
	s := open(t)
	d := s.boss.Get("/operator/promotions/new?kind=subsidy").Submit("保存草稿", map[string]string{"title_zh": "百亿补贴",
		"title_en": "Subsidy", "off": "5", "fund_platform": "100", "budget": "20000"}).Must(200)
	d.Submit("发布", nil).Must(422, "最多可能支出 ¥20,000.00，超过一个人可以决定的 ¥10,000.00")
	d.Submit("申请另一人审批", nil).Must(200, "已申请", "待批准", "撤回申请")
	s.boss.Get(d.Path).MustNot("批准者")
	s.second.Get(d.Path).Must(200, "待批准").Submit("批准", nil).Must(200, "已批准", "生效中")
	ctx := context.Background()
	id := d.Path[strings.LastIndex(d.Path, "/")+1:]
	for spent, want := range map[int64]string{1_850_000: "不足一成", 150_000: "已用完"} {
		if want == "已用完" && !strings.Contains(s.boss.Get("/operator/promotions").Text(), "不足一成") {
			continue
		}
		s.Must(s.DB.Write(ctx, func(tx *db.Tx) error {
			b, err := quota.LoadBook(tx, []string{quota.Budget(id)})
			if err == nil {
				err = b.Take("ord_"+want, []quota.Need{{Quota: quota.Budget(id), Amount: spent}})
			}
			if err == nil {
				err = b.Save(tx)
			}
			return err
		}))
		s.boss.Get("/operator/promotions").Must(200, want)
	}
}

// TestTheOperatorStopsAShops, and can do nothing else with it.
func TestTheOperatorStopsAShops(t *testing.T) {
	s := open(t)
	d := s.tea.Get("/desk/promotions/new?kind=spend").Submit("保存草稿", fill()).Submit("发布", nil).Must(200, "已发布")
	at := strings.Replace(d.Path, "/desk/", "/operator/", 1)
	p := s.boss.Get(at).Must(200, "立即停止").MustNot("修改为下一版本")
	s.boss.Post(at, url.Values{"do": {"publish"}, "version": {"1"}}).Must(404)
	p.Submit("立即停止", nil).Must(200, "已停止")
	s.tea.Get(d.Path).Must(200, "已停止")
}

// TestAnyBasketIsTriedAtTheMarket: over two shops, by SKU numbers.
func TestAnyBasketIsTriedAtTheMarket(t *testing.T) {
	s := open(t)
	s.boss.Get("/operator/promotions/new?kind=crossshop").Submit("保存草稿", map[string]string{"title_zh": "跨店满减",
		"title_en": "Over shops", "every": "300", "off": "50", "fund_platform": "50", "fund_merchant": "50"}).Must(200).
		Follow("价格试算").Submit("查找", map[string]string{"find": s.cup.SKU}).Submit("查找", map[string]string{"find": "跑鞋"}).
		Submit("加入", nil).
		Must(200, "¥498.00", "¥448.00", "跨店满减", "平台")
}
