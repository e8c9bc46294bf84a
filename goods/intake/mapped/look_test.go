package mapped_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/goods/intake/intaketest"
	"hutong/goods/intake/mapped"
)

func TestColumnsAreGuessed(t *testing.T) {
	for header, want := range map[string]mapped.Mapping{
		"Product ID,Name,Sale Price,Compare-at price,Qty,Color,Size,Weight (kg)": {Source: "csv", WeightUnit: "kg",
			Columns: map[string]string{"id": "Product ID", "title": "Name", "price": "Sale Price", "stock": "Qty",
				"list_price": "Compare-at price", "weight": "Weight (kg)"}, Options: []string{"Color", "Size"}},
		"货号;商品名称;售价;库存;颜色;备注": {Source: "csv", Options: []string{"颜色"},
			Columns: map[string]string{"id": "货号", "title": "商品名称", "price": "售价", "stock": "库存"}},
		"a,b": {Source: "csv", Columns: map[string]string{}},
	} {
		l, err := mapped.Peek(t.Context(), intaketest.Source("t.csv", []byte(header+"\n")))
		if err != nil {
			t.Fatal(err)
		}
		if got := mapped.Propose(l); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", header, got, want)
		}
	}
}

func TestALookIsTheFirstRows(t *testing.T) {
	l, err := mapped.Peek(t.Context(), intaketest.Source("t.csv", []byte("id,name\n"+strings.Repeat("1, 茶 \n", 9))))
	if err != nil || len(l.Rows) != mapped.LookRows || !slices.Equal(l.Rows[0], []string{"1", "茶"}) {
		t.Fatalf("%+v, %v", l, err)
	}
	if _, err := mapped.Peek(t.Context(), intaketest.Source("t.csv", []byte("only\n1\n"))); !fault.Is(err, "intake.no_header") {
		t.Fatal(err)
	}
}

func TestAMappingNamesWhatItLacks(t *testing.T) {
	whole := func() mapped.Mapping {
		return mapped.Mapping{Source: "csv", Columns: map[string]string{"title": "t", "price": "p", "id": "i"}}
	}
	if err := whole().Check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(m *mapped.Mapping){
		"title":   func(m *mapped.Mapping) { delete(m.Columns, "title") },
		"price":   func(m *mapped.Mapping) { delete(m.Columns, "price") },
		"id":      func(m *mapped.Mapping) { delete(m.Columns, "id") },
		"options": func(m *mapped.Mapping) { m.Options = []string{"x", "x"} },
		"mapping": func(m *mapped.Mapping) { m.WeightUnit = "stone" },
	} {
		m := whole()
		spoil(&m)
		if err := m.Check(); err == nil || fault.As(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	m := whole()
	if !m.Fits([]string{"x", "T ", "P", "I"}) || m.Fits([]string{"t", "p"}) {
		t.Error("it fits the wrong files")
	}
	if again, err := mapped.Parse(strings.NewReader(m.JSON())); err != nil || !reflect.DeepEqual(again.Columns, m.Columns) {
		t.Errorf("%+v, %v", again, err)
	}
}

// FuzzPropose: whatever the file, what is proposed names columns of it, each once, and a whole proposal can be used.
func FuzzPropose(f *testing.F) {
	f.Add([]byte("id,name,price\n1,a,2\n"))
	f.Add([]byte("商品名称\t售价\t货号\t颜色\n茶\t9\t1\t绿\n"))
	f.Add([]byte("name,name,price,PRICE,id,sku\n\"a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		src := intaketest.Source("fuzz", data)
		src.Limits.RecordBytes, src.Limits.LineBytes, src.Limits.TotalBytes = 4<<10, 4<<10, 1<<20
		l, err := mapped.Peek(t.Context(), src)
		if err != nil {
			return
		}
		m := mapped.Propose(l)
		used := slices.Clone(m.Options)
		for _, c := range m.Columns {
			used = append(used, c)
		}
		for _, c := range used {
			if !slices.Contains(l.Columns, c) {
				t.Fatalf("%q is no column of %q", c, l.Columns)
			}
		}
		if m.Check() != nil {
			return
		}
		if !m.Fits(l.Columns) {
			t.Fatalf("%+v does not fit %q", m, l.Columns)
		}
		intaketest.Hostile(t, mapped.Format{Mapping: m}, data)
	})
}
