package shopweb

import (
	"slices"
	"testing"

	"hutong/deal/promo"
	"hutong/surface/page"
)

// TestAThresholdIsSaidOnce: what a hint says is missing is not refused beside it, and what has no hint still is.
func TestAThresholdIsSaidOnce(t *testing.T) {
	v := whyOf(page.Tongue{}, "CNY", promo.Said{
		Hints: []promo.Note{{Promotion: "near", Text: "¥20 more"}},
		Refused: []promo.Note{{Promotion: "near", Code: promo.RefusedThreshold, Text: "near: not reached"},
			{Promotion: "far", Code: promo.RefusedThreshold, Text: "far: not reached"},
			{Promotion: "near", Code: promo.RefusedExpired, Text: "near: over"}}})
	if want := []string{"far: not reached", "near: over"}; !slices.Equal(v.Refused, want) || len(v.Hints) != 1 {
		t.Errorf("refused %q beside %q", v.Refused, v.Hints)
	}
}

// TestAFloorIsSaidByItself: also where nothing was taken off at all.
func TestAFloorIsSaidByItself(t *testing.T) {
	v := whyOf(page.Tongue{}, "CNY", promo.Said{Floor: "as low as the shop lets it go"})
	if v.Floor == "" || v.Empty() || !whyOf(page.Tongue{}, "CNY", promo.Said{}).Empty() {
		t.Errorf("%+v", v)
	}
}
