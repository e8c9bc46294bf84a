package paper

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var at = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

func slip(rows int) Document {
	d := Document{Title: "装箱单 Packing slip", Subtitle: "胡同小铺 · Hutong Corner", Code: "ord_01jcdefghjkmnpqrstvwxyz012",
		Facts: []Fact{{"订单 Order", "ord_01jcdefghjkmnpqrstvwxyz012"}, {"收件人 To", "李雷 Lei Li, 138 0013 8000"},
			{"地址 Address", strings.Repeat("浙江省杭州市西湖区文三路 1 号古荡新村 12 幢 3 单元 502 室，", 3)}},
		Table: Table{Columns: []Column{{"商品 Goods", 5, false}, {"规格 Choice", 2, false}, {"数量 Pieces", 1, true},
			{"金额 Amount", 2, true}}},
		Sums: []Fact{{"合计 Total", "¥1,234.50"}}, Foot: "谢谢惠顾！Thank you — “see you” soon… €"}
	for i := range rows {
		d.Table.Rows = append(d.Table.Rows, []string{fmt.Sprintf("青花瓷杯 %d：a cup that keeps tea warm for hours and hours", i),
			"蓝色 / 大", "2", "¥19.90"})
	}
	return d
}

func pages(t *testing.T, data []byte, err error) int {
	t.Helper()
	if err != nil || !bytes.HasPrefix(data, []byte("%PDF-")) {
		t.Fatalf("%v, %.20q", err, data)
	}
	return bytes.Count(data, []byte("/Type /Page\n"))
}

func TestDocumentsTakeThePagesTheyNeed(t *testing.T) {
	data, err := A4(at, slip(3), slip(60))
	if n := pages(t, data, err); n < 4 || n > 6 {
		t.Errorf("%d pages", n)
	}
	again, err := A4(at, slip(3), slip(60))
	if err != nil || !bytes.Equal(data, again) {
		t.Error("the same content gives other bytes")
	}
	if len(data) > 200<<10 {
		t.Errorf("%d bytes: whole fonts are in the file", len(data))
	}
	keep(t, "slip.pdf", data)
}

func TestOneLabelAPage(t *testing.T) {
	l := Label{Carrier: "速达快递 Courier", Number: "HT0123456789CN", ToName: "收 To", FromName: "寄 From",
		To: []string{"李雷 138 0013 8000", "浙江省杭州市西湖区文三路 1 号古荡新村 12 幢 3 单元 502 室"}, From: []string{"胡同小铺", "北京市东城区"},
		Facts: []Fact{{"订单 Order", "ord_01jcdefghjkmnpqrstvwxyz012"}, {"件数 Pieces", "3"}}}
	data, err := Labels(at, l, l)
	if n := pages(t, data, err); n != 2 {
		t.Errorf("%d pages", n)
	}
	keep(t, "label.pdf", data)
}

// keep leaves a file for somebody to look at, if asked to.
func keep(t *testing.T, name string, data []byte) {
	dir := os.Getenv("HUTONG_KEEP")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Error(err)
	}
}

// TestLinesFitAndLoseNothing: every letter stands on some line, in order, and no line is wider than its place.
func TestLinesFitAndLoseNothing(t *testing.T) {
	s := newSheet(at, a4Width, a4Height, margin)
	s.page()
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("ab cd, 杭州。W—…1 ")), 0, 80, -1)
	rapid.Check(t, func(t *rapid.T) {
		text, width := letters.Draw(t, "text"), rapid.Float64Range(10, 60).Draw(t, "width")
		lines := s.wrap(text, width)
		for _, l := range lines {
			if s.wide(l) > width+0.1 {
				t.Fatalf("%q is %f wide, its place %f", l, s.wide(l), width)
			}
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := bare(strings.Join(lines, "")); got != bare(text) {
			t.Fatalf("%q became %q", text, lines)
		}
	})
}

// FuzzAnyTextPrints: names and titles are whatever shoppers and merchants type.
func FuzzAnyTextPrints(f *testing.F) {
	for _, s := range []string{"", "李雷", "a\x00b\u202e", "𠮷野家 👨‍👩‍👧", "\xff\xfe", strings.Repeat("W", 3000), "مرحبا ไทย"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Document{Title: s, Code: s, Facts: []Fact{{s, s}}, Foot: s,
			Table: Table{Columns: []Column{{s, 1, false}, {s, 1, true}}, Rows: [][]string{{s, s}, {s}}}}
		data, err := A4(at, d)
		pages(t, data, err)
		data, err = Labels(at, Label{Carrier: s, Number: s, To: []string{s}, From: []string{s}})
		pages(t, data, err)
	})
}
