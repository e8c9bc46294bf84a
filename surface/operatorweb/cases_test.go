package operatorweb

import (
	"strings"
	"testing"

	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// TestACaseIsDecidedOnItsPage: with a reason, which stands as it was typed where it is refused; the record keeps it, and
// what was refused can still be refunded.
func TestACaseIsDecidedOnItsPage(t *testing.T) {
	s := open(t)
	who, id := s.Paid(s.cup, 2, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	_, err := s.Ship.Dispatch(t.Context(), ship.Dispatch{Shop: s.cup.Shop, Order: order.ID(id), Seq: 1})
	s.Must(err)
	_, err = s.Cases.Open(t.Context(), aftersale.Open{Shopper: who, Order: order.ID(id), Seq: 1, Key: "k",
		Reason: aftersale.Damaged, Note: "碎了"})
	s.Must(err)
	p := s.Get("/operator/cases").Must(200, "逾期视为同意").Follow("商品破损").Must(200, "买家：碎了", "2 件 龙井茶", "逾期视为同意")
	long := strings.Repeat("长", 501)
	wrong := p.Submit("不支持退款", map[string]string{"note": long}).Must(400)
	if wrong.Wrong("note") == "" || !strings.Contains(wrong.Body, long) || !strings.Contains(wrong.Body, ` aria-invalid="true"`) {
		t.Error("what was typed is gone, or nothing is said at its field")
	}
	if told := p.Submit("不支持退款", nil).Must(400).Wrong("note"); told == "" {
		t.Error("a decision without a reason is told nothing")
	}
	p = p.Submit("不支持退款", map[string]string{"note": "照片里是好的"}).Must(200, "已处理", "平台：照片里是好的", "仍可退款").
		MustNot("不支持退款 ")
	s.Get("/operator/audit").Must(200, "平台不支持退款申请", "照片里是好的")
	p.Submit("退款", map[string]string{"note": "新照片属实"}).Must(200, "平台：新照片属实", "¥39.80").MustNot("平台处理")
	s.Get("/operator/audit").Must(200, "平台同意退款申请")
	s.Get("/operator/cases/cas_other").Must(404)
}
