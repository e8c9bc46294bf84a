package page_test

import (
	"strings"
	"testing"

	"hutong/base/text"
	"hutong/party/audit"
	"hutong/surface/page"
)

// TestTheRecordIsReadByPeople: parts per million are percent, minor units are money, states and truths are words, and
// what says nothing is left out.
func TestTheRecordIsReadByPeople(t *testing.T) {
	set := newSet(t)
	for _, c := range []struct {
		before, after audit.Facts
		zh, en        string
	}{
		{audit.Facts{"share_ppm": "50000", "off": "false"}, audit.Facts{"share_ppm": "255000", "off": "true"},
			"关闭：否 → 是; 比例：5 % → 25.5 %", "off: no → yes; share: 5 % → 25.5 %"},
		{nil, audit.Facts{"amount": "7100", "currency": "JPY", "case": "", "order": ""}, "金额：JP¥7,100", "amount: ¥7,100"},
		{nil, audit.Facts{"price": "1990", "quantity": "8"}, "价格：¥19.90; 件数：8", "price: CN¥19.90; pieces: 8"},
		{audit.Facts{"state": "drafted"}, audit.Facts{"state": "published"}, "状态：草稿 → 已发布", "state: drafted → published"},
		{audit.Facts{"state": "open"}, audit.Facts{"state": "closed"}, "状态：营业中 → 已关店", "state: open → closed"},
		{audit.Facts{"topics": "order.paid"}, nil, "消息类型：order.paid → –", "topics: order.paid → –"},
		{nil, audit.Facts{"amount": "a lot", "unheard": "x"}, "金额：a lot; unheard：x", "amount: a lot; unheard: x"},
	} {
		e := audit.Entry{On: "shp_1", Before: c.before, After: c.after}
		for lang, want := range map[text.Lang]string{text.Zh: c.zh, text.En: c.en} {
			if got := strings.Join(set.In(lang).Changes(e, "CNY", "operatorweb.role_"), "; "); got != want {
				t.Errorf("%v → %v: %q, want %q", c.before, c.after, got, want)
			}
		}
	}
	for ppm, want := range map[int64]string{0: "0 %", 1: "0.0001 %", 6_000: "0.6 %", 1_000_000: "100 %", 1_250_000: "125 %"} {
		if got := page.Percent(ppm); got != want {
			t.Errorf("%d ppm: %s, want %s", ppm, got, want)
		}
	}
}
