package page_test

import (
	"testing"
	"testing/fstest"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// TestWhatStandsAloneBeginsWithACapital: refusals, the state of a case and its reason are written to stand in a sentence;
// on a page they begin one. What begins with a name keeps it as it is written.
func TestWhatStandsAloneBeginsWithACapital(t *testing.T) {
	texts := text.Merge(page.Texts, aftersale.Texts, ship.Texts, text.MustParse([]byte(
		`{"x.named": {"zh": "{name}用过了", "en": "{name} was used"}, "x.plain": {"zh": "不行", "en": "not so"}}`)))
	set, err := page.NewSet(page.Config{Texts: texts, Zone: time.UTC},
		fstest.MapFS{"html/one.html": {Data: []byte(`{{define "main"}}{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	en := set.In(text.En)
	for _, s := range []aftersale.State{aftersale.Opened, aftersale.Agreed, aftersale.Refunded, aftersale.Refused,
		aftersale.Withdrawn} {
		for _, reader := range []page.Area{page.Shop, page.Desk, page.Operator} {
			if said := en.CaseBadge(reader, aftersale.Case{State: s}).Text; said[0] < 'A' || said[0] > 'Z' {
				t.Errorf("a badge reads %q", said)
			}
		}
	}
	for _, r := range aftersale.ReasonsFor(true) {
		if said := en.CaseReason(r); said[0] < 'A' || said[0] > 'Z' {
			t.Errorf("a reason reads %q", said)
		}
	}
	for _, m := range en.Moments(ship.Shipment{Events: []ship.Event{{Code: ship.Moving}, {Code: ship.Signed}}}) {
		if m.Text[0] < 'A' || m.Text[0] > 'Z' {
			t.Errorf("a parcel's moment reads %q", m.Text)
		}
	}
	for code, want := range map[string]string{"x.plain": "Not so", "x.named": "sku_1 was used"} {
		if said := en.Fault(fault.New(fault.Conflict, code, fault.P("name", "sku_1"))); said != want {
			t.Errorf("%s reads %q, want %q", code, said, want)
		}
	}
	if said := set.In(text.Zh).Fault(fault.New(fault.Conflict, "x.plain")); said != "不行" {
		t.Errorf("in Chinese: %q", said)
	}
}

// TestWhatIsPickedUpIsNotSent: nobody reads that a parcel is sent, or is on its way, that the shopper comes for.
func TestWhatIsPickedUpIsNotSent(t *testing.T) {
	tongue := newSet(t).In(text.Zh)
	for _, c := range []struct {
		state             order.SubState
		pickup, desk, sum string
	}{
		{order.SubOpen, "", "待发货 等你发货", "已付款 等商家发货"},
		{order.SubOpen, "front", "待备货 等你备货", "已付款 等商家备货"},
		{order.SubShipped, "", "运输中 等买家收货", "运输中 等你收货"},
		{order.SubShipped, "front", "待取货 等买家取货", "待取货 等你取货"},
	} {
		sub := order.Sub{State: c.state, Pickup: c.pickup}
		o := order.Order{State: order.Paid, Subs: []order.Sub{sub}}
		desk, sum := tongue.SubBadge(page.Desk, o, sub), tongue.OrderBadge(page.Shop, o)
		if got := desk.Text + " " + desk.Who; got != c.desk {
			t.Errorf("%s %q: the shop reads %q, want %q", c.state, c.pickup, got, c.desk)
		}
		if got := sum.Text + " " + sum.Who; got != c.sum {
			t.Errorf("%s %q: the shopper reads %q, want %q", c.state, c.pickup, got, c.sum)
		}
		o.Subs = append(o.Subs, order.Sub{State: c.state})
		if got := tongue.OrderBadge(page.Shop, o).Who; got != "等商家发货" && got != "等你收货" {
			t.Errorf("an order of which a part is sent: %q", got)
		}
	}
}

// TestACaseIsReadFromItsReadersSide: the shopper reads what they did and have to do, the shop what it has to, and nobody
// that the shop refused what others ended.
func TestACaseIsReadFromItsReadersSide(t *testing.T) {
	texts := text.Merge(page.Texts, aftersale.Texts)
	set, err := page.NewSet(page.Config{Texts: texts, Zone: time.UTC},
		fstest.MapFS{"html/one.html": {Data: []byte(`{{define "main"}}{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		state              aftersale.State
		last               string
		shop, desk, market string
	}{
		{aftersale.Opened, "shopper", "待商家处理", "待你处理", "待商家处理"},
		{aftersale.Agreed, "merchant", "商家已同意，请寄回商品", "商家已同意，待退货", "商家已同意，待退货"},
		{aftersale.Withdrawn, "shopper", "已撤回", "买家已撤回", "买家已撤回"},
		{aftersale.Refused, "merchant", "商家已拒绝", "商家已拒绝", "商家已拒绝"},
		{aftersale.Refused, "operator", "平台未支持", "平台未支持", "平台未支持"},
		{aftersale.Refused, "market", "已关闭", "已关闭", "已关闭"},
	} {
		one := aftersale.Case{State: c.state, Steps: []aftersale.Step{{To: c.state, Actor: c.last}}}
		for reader, want := range map[page.Area]string{page.Shop: c.shop, page.Desk: c.desk, page.Operator: c.market} {
			if said := set.In(text.Zh).CaseBadge(reader, one).Text; said != want {
				t.Errorf("%s by %s: %q reads %q, want %q", c.state, c.last, reader, said, want)
			}
		}
	}
}
