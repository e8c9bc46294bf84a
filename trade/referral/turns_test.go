package referral_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/fault"
	"hutong/trade/referral"
)

// Whoever opens a link twice at once came by it once, and is not told of a defect.
func TestALinkOpenedTwiceAtOnceBindsOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.open(10)
		by, friend := b.person(), b.person()
		code, err := b.R.Code(ctx, by.id, "")
		b.Must(err)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := b.R.Bind(ctx, referral.Bind{Shopper: friend.id, Code: code}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		b.see(by, "bound")
	})
}

// Of programmes that are opened at once one is open, and the others are told of it.
func TestOneProgrammeIsOpened(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 4 {
			drafts := make([]referral.ProgrammeID, 6)
			for n := range drafts {
				p, err := b.R.Draft(ctx, b.terms(10))
				b.Must(err)
				drafts[n] = p.ID
			}
			var all sync.WaitGroup
			var opened atomic.Int64
			for _, id := range drafts {
				all.Go(func() {
					if err := b.R.Seed(ctx, id); err == nil {
						opened.Add(1)
					} else if !fault.Is(err, "referral.other_open") {
						t.Error(err)
					}
				})
			}
			if all.Wait(); opened.Load() != 1 {
				t.Errorf("%d are open", opened.Load())
			}
			if p, found, err := b.R.InForce(ctx); err != nil || !found {
				t.Fatal(found, err)
			} else {
				b.Must(b.R.Stop(ctx, p.ID))
			}
		}
	})
}
