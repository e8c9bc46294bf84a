package merchantweb

import (
	"net/url"
	"testing"
)

// TestP14_AFloorIsSetInTheEditor: of each variant, refused beside its field, shown again to its shop and to nobody else.
func TestP14_AFloorIsSetInTheEditor(t *testing.T) {
	i := openImport(t)
	path := "/desk/products/" + i.cup.Product
	p := i.tea.Get(path).Must(200, "底价（CNY）", "买家也看不到它")
	for value, code := range map[string]string{"19.91": "底价不能高于售价", "x": "", "-1": "底价不能高于售价"} {
		wrong := p.Submit("保存", map[string]string{"floor_0": value}).Must(400)
		if said := wrong.Wrong("floor_0"); said == "" || code != "" && said != code {
			t.Errorf("a floor of %s: %q", value, said)
		}
	}
	p = p.Submit("保存", map[string]string{"floor_0": "17.77"}).Must(200, "已保存")
	if p.Field("floor_0") != "17.77" || i.offer().FloorPrice != 1777 || i.offer().Version != 1 {
		t.Fatalf("%s: %+v", p.Field("floor_0"), i.offer())
	}
	seen := p
	p = p.Submit("保存", map[string]string{"floor_0": ""}).Must(200, "已保存")
	if p.Field("floor_0") != "" || i.offer().FloorPrice != 0 {
		t.Fatalf("%s: %+v", p.Field("floor_0"), i.offer())
	}
	seen.Submit("保存", map[string]string{"floor_0": "18"}).Must(409, "另一处改过")
	i.sport.Get(path).Must(404)
	i.tea.Lang = "en"
	i.tea.Get(path).Must(200, "Floor price (CNY)", "shoppers never see it")
}

// TestP14_ManyFloorsAreSetAfterAsking: as a share of each price or as one amount; then no price of many falls below.
func TestP14_ManyFloorsAreSetAfterAsking(t *testing.T) {
	i := openImport(t)
	cup := i.cup.Product
	p := i.bulk("floor", nil, cup).Must(200, "给 1 件商品设底价", "售价的百分比", "固定金额")
	if p.Submit("预览", map[string]string{"by": "101"}).Must(400).Wrong("by") == "" {
		t.Error("more than the whole price is not refused beside its field")
	}
	p = p.Submit("预览", map[string]string{"by": "85%"}).Must(200, "¥0.00", "¥16.92")
	if i.offer().FloorPrice != 0 {
		t.Fatal("set before it was confirmed")
	}
	p.Submit("确认底价", nil).Must(200, "已完成")
	if got := i.offer(); got.FloorPrice != 1692 || got.UnitPrice != 1990 {
		t.Fatalf("%+v", got)
	}
	i.bulk("price", url.Values{"kind": {"price_amount"}, "by": {"-3"}, "sure": {"1"}}, cup).Must(422, "低于它的底价 ¥16.92")
	i.bulk("floor", url.Values{"kind": {"floor_amount"}, "by": {"19.91"}}, cup).Must(422, "售价低于这个底价")
	i.bulk("floor", url.Values{"kind": {"floor_amount"}, "by": {"0"}, "sure": {"1"}}, cup).Must(200, "已完成")
	if i.offer().FloorPrice != 0 {
		t.Fatal("a floor is not taken away")
	}
	i.bulk("floor", url.Values{"kind": {"floor_rate"}, "by": {"50"}, "sure": {"1"}}, i.shoe.Product).Must(404)
}
