package page_test

import (
	"testing"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/surface/page"
)

func TestReasonsNameAmountsAndScoresAsReadersDo(t *testing.T) {
	tongue := newSet(t).In(text.Zh)
	got := tongue.Reasons([]campaign.Reason{{Code: "enrolment.not_below", Params: map[string]string{"price": "3990"}},
		{Code: "enrolment.score", Params: map[string]string{"has": "405", "min": "450"}},
		{Code: "enrolment.quantity", Params: map[string]string{"min": "5"}}}, "CNY")
	want := []string{"活动价不能高于日常价 ¥39.90", "店铺评分 4.05 低于要求 4.50", "承诺库存至少 5 件"}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("%q, want %q", got, want)
			break
		}
	}
	if page.Score(500) != "5.00" {
		t.Error(page.Score(500))
	}
}

// TestEvidenceIsNamed: where an earlier price stands is told in words, an order by its number.
func TestEvidenceIsNamed(t *testing.T) {
	zh := newSet(t).In(text.Zh)
	for source, want := range map[string]string{"": "", "ord_1": "订单 ord_1", "off_1@3": "店铺当时的标价", "enr_1": "当时的活动价"} {
		if got := zh.Evidence(source); got != want {
			t.Errorf("%q is told as %q, want %q", source, got, want)
		}
	}
	if page.EvidenceOrder("enr_1") != "" || page.EvidenceOrder("ord_1") != "ord_1" {
		t.Error("what is no order leads to one")
	}
}
