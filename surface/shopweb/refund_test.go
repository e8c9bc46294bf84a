package shopweb

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// TestARefundAsksForWhatIsThere: the form offers what is not asked for already, for reasons that can be meant; one that is
// refused stands as it was written, with what is wrong beside it.
func TestARefundAsksForWhatIsThere(t *testing.T) {
	s := open(t)
	o := s.ordered(t)
	if strings.Contains(o.Must(200, "商家缺货").Body, "商品破损") {
		t.Error("goods that were not sent are called broken")
	}
	early := o.Submit("提交退款申请", map[string]string{"units.1": "99"}).Must(422)
	if said := early.Wrong("units.1"); !strings.Contains(said, "3") {
		t.Errorf("too many pieces of what was not sent are told %q", said)
	}
	id := order.ID(strings.TrimPrefix(o.Path, "/orders/"))
	_, err := s.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: s.sport, Order: id, Seq: 1})
	s.Must(err)
	p := s.Get(o.Path).Must(200, "商品破损").MustNot("商家缺货")
	wrong := p.Submit("提交退款申请", map[string]string{"units.1": "99", "reason": "damaged", "note": "袖口开线"}).Must(422, "袖口开线")
	if said := wrong.Wrong("units.1"); !strings.Contains(said, "3") || !strings.Contains(wrong.Body, `<details class="fold" open>`) ||
		!strings.Contains(wrong.Body, ` aria-invalid="true" autofocus>`) {
		t.Errorf("too many pieces are told %q", said)
	}
	wrong.Submit("提交退款申请", map[string]string{"units.1": "2"}).Must(200, "2 件 跑步衫", "商品破损", "你：袖口开线", "最多 1 件").
		Submit("提交退款申请", map[string]string{"units.1": "1"}).Must(200, "1 件 跑步衫").
		MustNot("提交退款申请").
		Submit("撤回申请", nil).Must(200, "申请已撤回", "已撤回 商品", "最多 2 件").
		Submit("撤回申请", nil).Must(200, "最多 3 件").MustNot("撤回申请")
	s.sendsBack(t, o.Path)
	s.Post(o.Path+"/withdraw", url.Values{"case": {"cas_other"}}).Must(404)
}

// sendsBack asks for a piece that the silent shop takes back: the page says that nobody answered, that no address is known
// yet, and the address once the shop has said it.
func (s *stand) sendsBack(t *testing.T, path string) {
	t.Helper()
	ctx := context.Background()
	s.Get(path).Submit("提交退款申请", map[string]string{"units.1": "1", "reason": "damaged"}).Must(200, "逾期视为同意")
	s.Clock.Advance(6 * 24 * time.Hour)
	_, err := s.Cases.AgreeSilent(ctx)
	s.Must(err)
	s.Get(path).Must(200, "商家未按时答复，已视为同意", "商家还没有填写退货地址", "前填写退货地址，逾期直接退款").
		MustNot("寄回地址", "请及时寄回", "逾期视为同意")
	_, err = s.Shops.SetReturns(ctx, merchant.ID(s.sport), shopper.Address{Country: "CN", Division: "330106",
		Recipient: "李四", Phone: "13800138000", Street: "文三路 9 号"})
	s.Must(err)
	s.Get(path).Must(200, "寄回地址", "李四", "文三路 9 号", "请及时寄回").MustNot("商家还没有填写退货地址", "逾期直接退款")
}

// TestAShopThatNeverSaysWhere: the shopper reads that the money comes without the goods.
func TestAShopThatNeverSaysWhere(t *testing.T) {
	s := open(t)
	ctx, path := context.Background(), s.received(t)
	s.Get(path).Submit("提交退款申请", map[string]string{"units.1": "1", "reason": "damaged"}).Must(200, "逾期视为同意")
	for _, does := range []func(context.Context) (int, error){s.Cases.AgreeSilent, s.Cases.RefundNowhere} {
		s.Clock.Advance(5 * 24 * time.Hour)
		n, err := does(ctx)
		if s.Must(err); n != 1 {
			t.Fatalf("%d cases were decided", n)
		}
	}
	s.Get(path).Must(200, "已直接退款，商品归你", "已退款").MustNot("逾期直接退款", "商家还没有填写退货地址")
}
