package flash_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/deal/flash"
)

// TestEveryLotThatWinsHasItsPieces: whatever the pieces and the limit, somebody wins, and all who win may take up to their
// limit at once without one of them finding nothing: no limit is one piece a lot.
func TestEveryLotThatWinsHasItsPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := campaign.Terms{Price: 1000, Quantity: rapid.Int64Range(1, 1_000_000_000).Draw(t, "pieces"), Lottery: true,
			Appointments: 100, PerShopper: rapid.Int64Range(0, 10_000).Draw(t, "limit")}
		i := &campaign.Item{Terms: terms.Fair()}
		lots := flash.Lots(i)
		if lots < 1 || i.PerShopper < 1 || lots > 1 && lots*i.PerShopper > i.Quantity {
			t.Fatalf("%d lots of %d pieces at %d each", lots, i.Quantity, i.PerShopper)
		}
	})
}

// TestALotteryWithoutALimitGivesOnePieceALot: the item that is sold has the limit that its lots were counted by.
func TestALotteryWithoutALimitGivesOnePieceALot(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 3, Appointments: 100, Lottery: true})
		h.at(hour(8))
		for n := range 5 {
			h.ok(h.Appoint(t.Context(), fmt.Sprintf("shr_%d", n), e.ID))
		}
		h.at(hour(10))
		l, err := h.Lottery(t.Context(), e.ID)
		i := h.campaigns.Live().Item(e.ID, hour(10))
		if err != nil || l.Lots != 3 || i.PerShopper != 1 || i.Promotions()[0].PerShopper != 1 {
			t.Errorf("%d lots of 3 pieces, %d each, %v", l.Lots, i.PerShopper, err)
		}
	})
}

// TestAnErasedShopperLeavesTheirPlace: whoever is forgotten leaves no place behind that nobody can have.
func TestAnErasedShopperLeavesTheirPlace(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 10, PerShopper: 1, Appointments: 1})
		h.at(hour(8))
		h.ok(h.Appoint(t.Context(), "shr_gone", e.ID))
		if err := h.Appoint(t.Context(), "shr_next", e.ID); !fault.Is(err, "flash.appointments_full") {
			t.Fatal(err)
		}
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error { return flash.Person{}.Erase(tx, hour(8), "shr_gone") }))
		h.ok(h.Appoint(t.Context(), "shr_next", e.ID))
		h.at(hour(10))
		if h.mayBuy("shr_next", e.ID) != nil || h.mayBuy("shr_gone", e.ID) == nil {
			t.Error("who may buy")
		}
	})
}
