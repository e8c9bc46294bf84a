package voucher

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPacketsStayWithinWhatIsSaidOfThem: whatever is drawn, a red packet is worth no less and no more than is said
// beforehand, and the average is what they come to together.
func TestPacketsStayWithinWhatIsSaidOfThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := Terms{Kind: KindRedPacket, Issue: rapid.Int64Range(1, 300).Draw(t, "n"),
			Random: rapid.Bool().Draw(t, "random"), Seed: rapid.Uint64().Draw(t, "seed")}
		terms.Total = terms.Issue + rapid.Int64Range(0, 1_000_000).Draw(t, "over")
		all, err := packets(terms.Total, terms.Issue, terms.Random, terms.Seed)
		if err != nil {
			t.Fatal(err)
		}
		least, most, average := terms.Packets()
		if slices.Min(all) < least || slices.Max(all) > most || average != terms.Total/terms.Issue {
			t.Fatalf("%d to %d, said %d to %d, %d on average", slices.Min(all), slices.Max(all), least, most, average)
		}
	})
}
