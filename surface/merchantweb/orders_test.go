package merchantweb

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/party/login"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

func TestManyOrdersArePickedPrintedAndShipped(t *testing.T) {
	s := open(t)
	_, first := s.Paid(s.cup, 2, checkout.CarrierChoice{})
	s.Clock.Advance(3 * time.Hour)
	_, second := s.Paid(s.cup, 3, checkout.CarrierChoice{Carrier: "selfpickup", Pickup: "gate"})
	s.tea.Get("/desk").Must(200, "待发货的订单", "3 小时").Follow("待发货的订单").Must(200, short(first), short(second))
	both := url.Values{"order": {first, second}}
	choose := func(do string) *pagetest.Page {
		return s.tea.Post("/desk/orders", url.Values{"do": {do}, "order": {first, second, first}})
	}
	choose("pick").Must(200, "2 单，1 种规格，共 5 件", "龙井茶", short(first)+" × 2")
	for _, file := range []string{"pick", "slips"} {
		if p := s.tea.Get("/desk/orders/" + file + ".pdf?" + both.Encode()); p.Status != 200 || !strings.HasPrefix(p.Body, "%PDF") {
			t.Errorf("%s: %d", file, p.Status)
		}
	}
	s.tea.Get("/desk/orders/labels.pdf?"+both.Encode()).Must(409, "还没发货")
	p := choose("ship").Must(200, "发货 2 单", "按买家所选").Submit("发货 2 单", map[string]string{"carrier": "courier"})
	p.Must(200, "2 单中 2 单已发货", "已发货")
	if strings.Contains(p.Body, `name="carrier"`) {
		t.Error("what has left can be shipped again")
	}
	sent, err := s.Ship.Sent(context.Background(), s.cup.Shop, order.ID(second))
	s.Must(err)
	if len(sent) != 1 || sent[0].Carrier != "selfpickup" {
		t.Errorf("the pickup was given to %+v", sent)
	}
	again := s.tea.Post("/desk/orders/ship", both).Must(200, "2 单中 2 单已发货")
	if !bytes.Contains([]byte(again.Body), []byte(sent[0].TrackingNo)) {
		t.Error("shipping twice is not answered with the same parcel")
	}
	if p := s.tea.Get("/desk/orders/labels.pdf?" + both.Encode()); !strings.HasPrefix(p.Body, "%PDF") {
		t.Errorf("labels: %d", p.Status)
	}
	choose("pick").Must(200, "所选订单都不需要拣货")
	s.sport.Get("/desk/orders/slips.pdf?" + both.Encode()).Must(404)
	s.sport.Get("/desk/orders/pick?" + both.Encode()).Must(404)
	s.sport.Post("/desk/orders/ship", both).Must(404)
}

func TestOrdersAreFoundSortedAndRefused(t *testing.T) {
	s := open(t)
	_, first := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	_, second := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	list := s.tea.Get("/desk/orders").Must(200)
	if strings.Index(list.Body, first) < strings.Index(list.Body, second) {
		t.Error("not the newest first")
	}
	list = list.Follow("下单时间").Must(200)
	if strings.Index(list.Body, first) > strings.Index(list.Body, second) {
		t.Error("not the oldest first")
	}
	for _, words := range []string{first, first[len(first)-8:], short(first), strings.ToUpper(first)} {
		list.Submit("筛选", map[string]string{"q": words}).Must(200, short(first)).MustNot(short(second))
	}
	list.Submit("筛选", map[string]string{"q": "nothing"}).Must(200, "没有找到这个订单")
	s.sport.Get("/desk/orders?q="+first).Must(200, "没有找到这个订单")
	s.tea.Get("/desk/orders?show=nonsense").Must(404)
	s.tea.Post("/desk/orders", url.Values{"do": {"pick"}}).Must(200, "请先勾选订单")
	s.tea.Post("/desk/orders", url.Values{"do": {"burn"}, "order": {first}}).Must(404)
	s.tea.Get("/desk/orders/pick").Must(400)
}

// A viewer reads orders, and sees no address of anybody on paper.
func TestA6_AViewerPrintsAndShipsNothing(t *testing.T) {
	s := open(t)
	_, id := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	_, err := s.Logins.Register(context.Background(), login.Register{Role: login.Merchant, Name: "looker",
		Password: webtest.Password, Shop: s.cup.Shop, Staff: login.Viewer})
	s.Must(err)
	b := pagetest.At(t, s.tea.Base())
	s.in(b, "looker").Must(200, "待发货的订单").MustNot("资金", "员工", "填写退货地址")
	one := url.Values{"order": {id}}
	b.Get("/desk/orders").Must(200, "拣货单").MustNot("打印发货单")
	for _, path := range []string{"/desk/orders/slips.pdf", "/desk/orders/labels.pdf", "/desk/orders/ship"} {
		if p := b.Get(path + "?" + one.Encode()); p.Status != 403 && p.Status != 404 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	for _, do := range []string{"slips", "ship"} {
		b.Post("/desk/orders", url.Values{"do": {do}, "order": {id}}).Must(404)
	}
	if p := b.Post("/desk/orders/ship", one); p.Status != 403 && p.Status != 404 {
		t.Errorf("ship: %d", p.Status)
	}
	if p := b.Get("/desk/orders/"+id).Must(200, "请发货"); strings.Contains(p.Body, "13800138000") {
		t.Error("a viewer reads where somebody lives")
	}
}
