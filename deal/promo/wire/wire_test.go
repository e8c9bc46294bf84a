package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/standard"
	"hutong/deal/promo/wire"
)

var (
	kinds = standard.Kinds()
	now   = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
)

const basket = `{"currency": "CNY", "threshold_mode": "parallel", "now": "2026-11-11T00:00:00+08:00",
 "lines": [{"id": "1", "shop": "A", "sku": "a", "category": "c", "unit_price": 1000, "quantity": 2}],
 "promotions": [{"id": "v", "kind": "voucher", "shop": "A", "threshold": 1000, "off": 300,
   "funding": [{"party": "platform", "ppm": 400000}, {"party": "merchant", "ppm": 600000}],
   "from": "2026-11-11T00:00:00+08:00", "until": "2026-11-12T00:00:00+08:00", "excludes": ["redpacket"]},
  {"id": "r", "kind": "redpacket", "off": 5}, {"id": "w", "kind": "voucher", "off": 7},
  {"id": "z", "kind": "direct", "skus": ["z"], "off": 7}],
 "vouchers": ["v"]}`

func price(question string) (wire.Answer, error) {
	q, err := wire.Read(strings.NewReader(question), kinds, now)
	if err != nil {
		return wire.Answer{}, err
	}
	return q.Price()
}

// TestAQuestionIsAnswered, member by member.
func TestAQuestionIsAnswered(t *testing.T) {
	a, err := price(basket)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"currency":"CNY","total":1700,"list_total":2000,"threshold_mode":"parallel","lines":[{"id":"1","list":2000,` +
		`"after_unit_stages":2000,"paid":1700,"unit_refunds":[850,850],"discounts":[{"promotion":"v","kind":"voucher",` +
		`"amount":300,"funding":[{"party":"platform","amount":120},{"party":"merchant","amount":180}]}]}],` +
		`"applied":[{"promotion":"v","amount":300,"base":2000}],"refused":[{"promotion":"r","code":"promo.excluded"},` +
		`{"promotion":"w","code":"promo.not_claimed"},{"promotion":"z","code":"promo.no_line"}],"hints":[]}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestTheSmallestQuestion: what may be left out has its default, and lists that are empty are lists.
func TestTheSmallestQuestion(t *testing.T) {
	a, err := price(`{"currency": "JPY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 199, "quantity": 1}]}`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(a)
	if err != nil || a.Total != 199 || a.Mode != promo.Parallel || bytes.Contains(got, []byte("null")) {
		t.Errorf("%s, %v", got, err)
	}
}

func TestNowIsWhenNobodySaysOtherwise(t *testing.T) {
	for until, want := range map[string]int64{"2026-11-11T08:00:00+08:00": 1000, "2026-11-11T00:00:00.000001Z": 900} {
		a, err := price(`{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 1000, "quantity": 1}],
		 "promotions": [{"id": "r", "kind": "redpacket", "off": 100, "until": "` + until + `"}]}`)
		if err != nil || a.Total != want {
			t.Errorf("until %s: %+v, %v", until, a, err)
		}
	}
}

// TestWhatIsMalformedIsRefused at its field, each by changing one thing of a basket that is taken (FAULTS M1, M2, M4,
// M14, M20).
func TestWhatIsMalformedIsRefused(t *testing.T) {
	long := strings.Repeat(`{"id": "1", "shop": "A", "sku": "a", "unit_price": 1, "quantity": 1},`, 150_000)
	for name, c := range map[string]struct{ old, with, code, field string }{
		"an unknown member":       {`"currency"`, `"colour": 1, "currency"`, "json.unknown", "colour"},
		"an unknown line member":  {`"sku": "a"`, `"sku": "a", "colour": 1`, "json.unknown", "lines.0.colour"},
		"an unknown term":         {`"off": 5`, `"off": 5, "colour": 1`, "json.unknown", "promotions.1.colour"},
		"a term of another kind":  {`"off": 5`, `"off": 5, "tiers": []`, "json.unknown", "promotions.1.tiers"},
		"an unknown funder field": {`"ppm": 400000`, `"ppm": 400000, "x": 1`, "json.unknown", "promotions.0.funding.0.x"},
		"an unknown kind":         {`"kind": "redpacket"`, `"kind": "coupon"`, "promo.kind", "promotions.1.kind"},
		"an unknown mode":         {`"parallel"`, `"sideways"`, "promo.mode", "threshold_mode"},
		"an unknown currency":     {`"CNY"`, `"XXQ"`, "promo.currency", "currency"},
		"no currency":             {`"currency": "CNY", `, ``, "promo.currency", "currency"},
		"a fraction":              {`"unit_price": 1000`, `"unit_price": 10.5`, "json.type", "lines.0.unit_price"},
		"a fraction of nothing":   {`"unit_price": 1000`, `"unit_price": 10.0`, "json.type", "lines.0.unit_price"},
		"an exponent":             {`"quantity": 2`, `"quantity": 1e3`, "json.type", "lines.0.quantity"},
		"a huge exponent":         {`"quantity": 2`, `"quantity": 1e400`, "json.type", "lines.0.quantity"},
		"a text":                  {`"quantity": 2`, `"quantity": "2"`, "json.type", "lines.0.quantity"},
		"2^63":                    {`"quantity": 2`, `"quantity": 9223372036854775808`, "json.type", "lines.0.quantity"},
		"no quantity":             {`, "quantity": 2`, ``, "promo.quantity", "lines.0.quantity"},
		"zero pieces":             {`"quantity": 2`, `"quantity": 0`, "promo.quantity", "lines.0.quantity"},
		"minus one piece":         {`"quantity": 2`, `"quantity": -1`, "promo.quantity", "lines.0.quantity"},
		"a null":                  {`"quantity": 2`, `"quantity": null`, "json.type", "lines.0.quantity"},
		"no price":                {`"unit_price": 1000, `, ``, "promo.required", "lines.0.unit_price"},
		"no SKU":                  {`"sku": "a", `, ``, "promo.required", "lines.0.sku"},
		"no shop":                 {`"shop": "A", "sku"`, `"sku"`, "promo.required", "lines.0.shop"},
		"no line id":              {`"id": "1", `, ``, "promo.required", "lines.0.id"},
		"a negative price":        {`"unit_price": 1000`, `"unit_price": -1`, "promo.price", "lines.0.unit_price"},
		"too large a line":        {`"unit_price": 1000`, `"unit_price": 9223372036854775807`, "promo.overflow", "lines.0.unit_price"},
		"a negative threshold":    {`"threshold": 1000`, `"threshold": -1`, "promo.terms", "promotions.0.threshold"},
		"a negative cut":          {`"off": 5`, `"off": -5`, "promo.terms", "promotions.1.off"},
		"a member twice":          {`"off": 5`, `"off": 5, "off": 6`, "json.duplicate", "promotions.1.off"},
		"M14: 99.99 % is funded":  {`400000`, `399900`, "promo.funding_sum", "promotions.0.funding"},
		"M14: 100.01 % is funded": {`400000`, `400100`, "promo.funding_sum", "promotions.0.funding"},
		"a promotion twice":       {`"id": "r"`, `"id": "v"`, "promo.twice", "promotions.1.id"},
		"a line twice":            {`"lines": [`, `"lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 1, "quantity": 1}, `, "promo.line_twice", "lines.1.id"},
		"a scope of no SKUs":      {`"kind": "redpacket"`, `"kind": "redpacket", "skus": []`, "promo.skus", "promotions.1.skus"},
		"no time":                 {`"now": "2026-11-11T00:00:00+08:00"`, `"now": "tomorrow"`, "promo.time", "now"},
		"no time of a window":     {`"from": "2026-11-11T00:00:00+08:00"`, `"from": "2026-11-11"`, "json.type", "promotions.0.from"},
		"a voucher that is none":  {`["v"]`, `[7]`, "json.type", "vouchers.0"},
		"no object":               {basket, `[]`, "json.object", ""},
		"nothing":                 {basket, ``, "json.malformed", ""},
		"two objects":             {basket, basket + basket, "json.malformed", ""},
		"a half":                  {`"vouchers": ["v"]}`, `"vouchers": ["v"`, "json.malformed", "vouchers"},
		"too deep":                {`["v"]`, strings.Repeat("[", 40) + strings.Repeat("]", 40), "json.too_deep", ""},
		"too large":               {`"lines": [`, `"lines": [` + long, "json.too_large", ""},
	} {
		question := strings.Replace(basket, c.old, c.with, 1)
		if question == basket {
			t.Fatalf("%s: the basket does not say %s", name, c.old)
		}
		_, err := price(question)
		f := fault.As(err)
		if f == nil || f.Code != c.code || f.Kind != fault.Invalid {
			t.Errorf("%s: %v, want %s at %s", name, err, c.code, c.field)
			continue
		}
		if f.Field != c.field && name != "a half" {
			t.Errorf("%s: at %q, want %q", name, f.Field, c.field)
		}
		for _, p := range f.Params {
			if p.Name == "field" && p.Value != f.Field && f.Code != "promo.required" {
				t.Errorf("%s: says %v of %s", name, p.Value, f.Field)
			}
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

func TestAQuestionThatCannotBeRead(t *testing.T) {
	if _, err := wire.Read(broken{}, kinds, now); !fault.Is(err, "json.malformed") {
		t.Errorf("%v", err)
	}
}

// TestUnitRefundsAddUp for a line whose price its units do not divide.
func TestUnitRefundsAddUp(t *testing.T) {
	for quantity := range int64(50) {
		a, err := price(`{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 33, "quantity": ` +
			strconv.FormatInt(quantity+1, 10) + `}], "promotions": [{"id": "r", "kind": "redpacket", "off": 7}]}`)
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		for _, u := range a.Lines[0].UnitRefunds {
			sum += u
		}
		if sum != a.Total || int64(len(a.Lines[0].UnitRefunds)) != quantity+1 {
			t.Errorf("%d pieces cost %d and bring back %v", quantity+1, a.Total, a.Lines[0].UnitRefunds)
		}
	}
}

// FuzzRead: whatever comes, it is refused or priced soundly, and a refusal is the caller's.
func FuzzRead(f *testing.F) {
	f.Add([]byte(basket))
	f.Add([]byte(`{"currency":"CNY","lines":[{"id":"1","shop":"A","sku":"a","unit_price":` + strconv.Itoa(math.MaxInt64) + `,"quantity":1}]}`))
	for _, k := range kinds.List() {
		f.Add([]byte(strings.Replace(basket, "redpacket", k.Name, 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := wire.Read(bytes.NewReader(data), kinds, now)
		var a promo.Answer
		if err == nil {
			var rules *promo.Rules
			if rules, err = promo.Compile(q.Mode, q.Promotions); err == nil {
				a, err = rules.Price(q.Basket)
			}
		}
		if err != nil {
			if fault.Of(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		promotest.Hold(t, q.Basket, a)
	})
}
