package saleweb

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hutong/base/money"
	"hutong/goods/offer"
)

// ticket is a shop's voucher of 40 off 300, in the days of the stand's clock.
func ticket() map[string]string {
	return map[string]string{"title_zh": "满减券", "title_en": "Ticket", "threshold": "300", "off": "40",
		"claim_from": "2026-11-01T00:00", "claim_until": "2026-11-29T00:00", "from": "2026-11-01T00:00",
		"until": "2026-11-30T00:00", "issue": "100", "per_shopper": "1", "codes": "20", "audience": "all"}
}

// code is how a code is written.
var code = regexp.MustCompile(`\b[0-9a-z]{5}(-[0-9a-z]{5}){3}\b`)

func TestAShopHandsOutVouchers(t *testing.T) {
	s := open(t)
	s.tea.Get("/desk/vouchers").Must(200, "还没有优惠券").Follow("新建优惠券").Must(200)
	form := s.tea.Get("/desk/vouchers/new")
	for name, bad := range map[string]string{"off": "x", "issue": "0", "claim_until": "2026-12-20T00:00", "ppm": "200"} {
		f := ticket()
		f[name] = bad
		if got := form.Submit("保存草稿", f); got.Status < 400 || got.Wrong(name) == "" {
			t.Errorf("%s: %d\n%s", name, got.Status, got.Text())
		}
	}
	v := form.Submit("保存草稿", ticket()).Must(200, "草稿已保存", "满 ¥300.00 减 ¥40.00", "最多 ¥4,000.00")
	s.sport.Get(v.Path).Must(404)
	s.sport.Post(v.Path, url.Values{"do": {"draw"}, "count": {"1"}}).Must(404)
	o := v.Submit("发布", nil).Must(200, "已发布", "发放中", "生成券码")
	shown := o.Submit("生成并显示", map[string]string{"count": "3"}).Must(200, "只显示这一次", "3 个券码")
	if n := len(code.FindAllString(shown.Text(), -1)); n != 3 {
		t.Errorf("%d codes in %s", n, shown.Text())
	}
	o.Submit("生成并显示", map[string]string{"count": "30"}).Must(429)
	csv := o.Submit("生成并下载 CSV", map[string]string{"count": "2"})
	if got := strings.Fields(csv.Body); csv.Status != 200 || len(got) != 3 || got[0] != "code" {
		t.Errorf("%d %q", csv.Status, got)
	}
	s.tea.Get(v.Path).Must(200, "已生成券码").MustNot("只显示这一次")
	o = s.tea.Get(v.Path).Submit("暂停", map[string]string{"reason": "试试"}).Must(200, "已暂停")
	o = o.Submit("恢复发放", nil).Must(200, "发放中")
	e := o.Follow("修改为下一版本").Must(200)
	e.Submit("保存草稿", map[string]string{"off": "50"}).Must(422, "已发布的优惠内容不能更改")
	e.Submit("保存草稿", map[string]string{"issue": "200"}).Must(200, "第 1 版生效，最新草稿第 2 版").Submit("发布", nil).Must(200, "第 2 版")
	o = s.tea.Get(v.Path).Submit("停止发放", nil).Must(200, "已停止发放")
	o.Submit("全部作废", nil).Must(200, "已作废")
	s.tea.Get("/desk/vouchers").Must(200, "满减券", "已作废", "0 / 200")
}

// TestTheSimulatorCountsARandomRedPacket: what nobody knows before the claim is counted at its average, and is said so.
func TestTheSimulatorCountsARandomRedPacket(t *testing.T) {
	s := open(t)
	f := ticket()
	f["title_zh"], f["title_en"], f["total"], f["random"] = "手气红包", "Luck", "200", "on"
	sent := url.Values{"kind": {"redpacket"}}
	for name, value := range f {
		sent.Set(name, value)
	}
	s.tea.Post("/desk/vouchers/new", sent).Must(200).Submit("发布", nil).Must(200)
	s.tea.Get("/desk/promotions/try?sku1="+s.cup.SKU+"&n1=1").
		Must(200, "“手气红包”金额随机，¥0.03 至 ¥100.01，这里按平均 ¥2.00 计算。", "¥199.00 ¥197.00 手气红包")
	s.tea.Get("/desk/promotions/try?sku1="+s.cup.SKU+"&n1=1&claim=on").Must(200, "手气红包：红包抵 ¥2.00", "这里按平均 ¥2.00 计算").
		MustNot("商家允许的最低价")
	floor := money.New(19_850, "CNY")
	_, err := s.Offers.Price(t.Context(), offer.Pricing{Shop: s.cup.Shop, Offer: s.cup.ID, Unit: s.cup.Price(),
		List: money.New(0, "CNY"), Floor: &floor})
	s.Must(err)
	s.tea.Get("/desk/promotions/try?sku1="+s.cup.SKU+"&n1=1&claim=on").
		Must(200, "手气红包：红包抵 ¥0.50", "已减到商家允许的最低价，不再继续减", "¥199.00 ¥198.50 手气红包")
}

func TestAShopsDearVoucherTakesTwo(t *testing.T) {
	s := open(t)
	f := ticket()
	f["issue"] = "1000"
	v := s.tea.Get("/desk/vouchers/new").Submit("保存草稿", f).Must(200)
	v.Submit("发布", nil).Must(422, "请申请由第二个人批准", "¥40,000.00")
	v.Submit("申请另一人审批", nil).Must(200, "待批准")
	s.tea2.Get(v.Path).Submit("批准", nil).Must(200, "发放中")
	who, _ := s.Buyer()
	s.tea.Get(v.Path).Submit("直接发给买家", map[string]string{"shoppers": who}).Must(200, "已申请", "待批准")
	s.tea2.Get(v.Path).Submit("批准", nil).Must(200, "1,000")
	s.boss.Get("/operator/vouchers/given").Must(200, who, f["title_zh"])
}

func TestTheMarketsRedPackets(t *testing.T) {
	s := open(t)
	f := ticket()
	for _, name := range []string{"threshold", "off"} {
		delete(f, name)
	}
	f["total"] = "500"
	form := s.boss.Get("/operator/vouchers/new?kind=redpacket").Must(200, "拼手气")
	if got := form.Submit("保存草稿", f); got.Status != 422 || got.Wrong("fund_platform") == "" {
		t.Errorf("nobody pays: %d", got.Status)
	}
	f["fund_platform"] = "100"
	form.Submit("保存草稿", f).Must(200, "100 个红包，共 ¥500.00", "平台 100%").Submit("发布", nil).Must(200, "发放中")
	s.boss.Get("/operator/vouchers").Must(200, "红包", "0 / 100").Follow("谁拿得最多").Must(200, "近 30 天没有直接发放")
	s.tea.Get("/desk/vouchers").Must(200, "还没有优惠券")
}

// TestAVoucherIsForGoodsThatThereAre: SKUs that do not exist, and of a shop's voucher those of another shop, are refused
// beside their field in the same words, and what was asked for stays in the form.
func TestAVoucherIsForGoodsThatThereAre(t *testing.T) {
	s := open(t)
	f := ticket()
	f["fund_platform"] = "100"
	form := s.boss.Get("/operator/vouchers/new")
	f["skus"] = s.cup.SKU + " sku_none"
	got := form.Submit("保存草稿", f)
	if got.Status != 422 || got.Wrong("skus") != "这里没有商品规格（SKU）sku_none，请核对" || !strings.Contains(got.Body, s.cup.SKU) {
		t.Errorf("%d %q", got.Status, got.Wrong("skus"))
	}
	f["skus"] = s.cup.SKU + " " + s.shoe.SKU
	form.Submit("保存草稿", f).Must(200, "草稿已保存")
	sent := url.Values{"kind": {"voucher"}, "skus": {s.shoe.SKU}}
	for name, value := range ticket() {
		sent.Set(name, value)
	}
	wrong := s.tea.Post("/desk/vouchers/new", sent).Must(422, "这里没有商品规格（SKU）"+s.shoe.SKU)
	if wrong.Wrong("skus") == "" {
		t.Errorf("it is not said beside the field: %s", wrong.Text())
	}
	sent.Set("skus", s.cup.SKU)
	s.tea.Post("/desk/vouchers/new", sent).Must(200, "草稿已保存")
}
