package shopper_test

import (
	"crypto/rand"
	"fmt"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/party/audit"
	"hutong/party/shopper"
)

// Who is erased in the instant in which they change an address leaves none behind.
func TestAnAddressThatIsReplacedAsItsShopperIsErasedGoesToo(t *testing.T) {
	kept := append([]db.Schema{event.Schema, audit.Schema}, schemas...)
	dbtest.Each(t, kept, func(t *testing.T, d *db.DB) {
		m := open(d)
		vault := shopper.NewVault(d, m.clock, id.NewMaker(m.clock, rand.Reader))
		for range 10 {
			who := m.someone(t)
			var all sync.WaitGroup
			begin := make(chan struct{})
			for n := range 8 {
				home := hangzhou()
				home.Street = fmt.Sprint("文三路 ", n, " 号")
				old := m.add(t, who, home)
				home.Street = fmt.Sprint("解放路 ", n, " 号")
				all.Go(func() {
					<-begin
					_, err := m.ReplaceAddress(t.Context(), who, old.ID, home)
					if err != nil && !fault.Is(err, "shopper.not_found") && !fault.Is(err, "shopper.address_not_found") {
						t.Error(err)
					}
				})
			}
			all.Go(func() {
				<-begin
				if err := vault.Erase(t.Context(), who); err != nil {
					t.Error(err)
				}
			})
			close(begin)
			all.Wait()
			if left, err := m.Addresses(t.Context(), who); err != nil || len(left) != 0 {
				t.Fatalf("%d addresses are left, %v", len(left), err)
			}
		}
	})
}
