package voucher_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"hutong/deal/voucher"
)

// TestClaimsGoOnWhileAVersionIsPublished: a further version comes into force, again and again, while shoppers claim at two
// nodes: nobody is told that there is no such voucher.
func TestClaimsGoOnWhileAVersionIsPublished(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.Issue, of.Threshold, of.Off = 100_000, 100, 10
		tpl := m.publish(of)
		other := newMarket(t, m.db)
		done := make(chan struct{})
		var wg sync.WaitGroup
		for i, node := range []*market{m, other, m, other} {
			wg.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-done:
						return
					default:
					}
					if _, err := node.claim(fmt.Sprintf("shr_%d_%d", i, n), tpl); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 12 {
			of.PerShopper++
			d, err := m.Draft(context.Background(), voucher.Draft{Template: tpl, Terms: of})
			m.ok(err)
			m.ok(m.Publish(context.Background(), voucher.Publish{Template: tpl, Version: d.Newest}))
		}
		close(done)
		wg.Wait()
		if got, _, err := m.Template(context.Background(), "", tpl); err != nil || got.Version != 13 || got.Terms.PerShopper != 13 {
			t.Errorf("%+v %v", got, err)
		}
	})
}
