package merchant_test

import (
	"fmt"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/merchant"
)

// A shop that is opened in the instant in which it takes its application back is gone, or open with its papers.
func TestAShopThatIsOpenedKeepsItsPapers(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		for round := range 20 {
			cmd := tea()
			cmd.Code = fmt.Sprint("tea-", round)
			s, err := m.Apply(t.Context(), cmd)
			if err != nil {
				t.Fatal(err)
			}
			papers := merchant.Papers{Shop: s.ID, Holder: "茶业有限公司", Licence: "91350100M000100Y43"}
			if _, err := m.SavePapers(t.Context(), papers); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for n := range 6 {
				all.Go(func() {
					do := m.Withdraw
					if n%2 == 0 {
						do = m.Reopen
					}
					if err := do(t.Context(), s.ID); err != nil && !fault.Is(err, "merchant.not_applied") &&
						!fault.Is(err, "merchant.not_found") {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if _, err := m.Shop(t.Context(), s.ID); fault.Is(err, "merchant.not_found") {
				continue
			}
			if _, found, err := m.Papers(t.Context(), s.ID); err != nil || !found {
				t.Fatalf("round %d: it is open without its papers: %v", round, err)
			}
		}
	})
}
