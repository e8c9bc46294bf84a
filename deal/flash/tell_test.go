package flash_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/party/shopper"
)

// parts are what was told of the draw, and to whom, in the order in which it was told.
func (h *hall) parts() (parts []flash.Part, told map[string][]bool) {
	h.t.Helper()
	told = map[string][]bool{}
	h.ok(h.db.Read(h.t.Context(), func(tx *db.Tx) error {
		var err error
		parts, err = db.List(tx, func(r db.Row) (p flash.Part, err error) {
			var body string
			if err = r.Scan(&body); err == nil {
				err = json.Unmarshal([]byte(body), &p)
			}
			return p, err
		}, `SELECT body FROM outbox WHERE topic = $1 ORDER BY id`, flash.TopicDrawn)
		for _, p := range parts {
			who, fails := flash.Entrants(tx, p)
			if fails != nil {
				return fails
			}
			for _, name := range who {
				told[name] = append(told[name], p.Won)
			}
		}
		return err
	}))
	return parts, told
}

// TestADrawIsToldInBatchesWinnersFirst: 1,203 entrants, of whom one took over a winning guest's account, and one was
// erased before anybody listened. Two nodes tell at once; each person is told once, and further rounds tell nobody.
func TestADrawIsToldInBatchesWinnersFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 6, PerShopper: 2, Appointments: 5000, Lottery: true})
		h.at(hour(8))
		var rows [][]any
		for n := range 1203 {
			name := fmt.Sprintf("shr_%04d", n)
			rows = append(rows, []any{e.ID, name, name, false, int64(1)})
		}
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error {
			return tx.Insert("appointments", []string{"item_id", "entered_as", "shopper_id", "won", "at_us"}, rows)
		}))
		if n, err := h.Tell(t.Context()); n != 0 || err != nil {
			t.Fatal("told before the draw", n, err)
		}
		h.at(hour(10).Add(-10 * time.Minute))
		var won, lost []string
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error {
			return tx.Each(`SELECT entered_as, won FROM appointments ORDER BY entered_as`, func(r db.Row) error {
				var name string
				var has bool
				err := r.Scan(&name, &has)
				if has {
					won = append(won, name)
				} else {
					lost = append(lost, name)
				}
				return err
			})
		}))
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error {
			// A winning guest logs in to an account whose own lot was not drawn: both stay, and the account has won.
			_, err := tx.Exec(`UPDATE appointments SET shopper_id = $1 WHERE entered_as = $2`, lost[7], won[0])
			return err
		}))
		rounds := 0
		for range 20 {
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					if _, err := h.Tell(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			rounds++
		}
		h.ok(h.db.Write(t.Context(), func(tx *db.Tx) error { // erased after the telling began, before anybody listened
			return flash.Person{}.Erase(tx, h.clock.Now(), shopper.ID(lost[9]))
		}))
		parts, told := h.parts()
		if len(parts) != 4 || !parts[0].Won || parts[1].Won {
			t.Fatalf("%+v after %d rounds", parts, rounds)
		}
		if len(won) != 3 || len(told) != 1201 {
			t.Errorf("%d people were told", len(told))
		}
		for who, results := range told {
			wins := slices.Contains(won[1:], who) || who == lost[7]
			if len(results) != 1 || results[0] != wins {
				t.Errorf("%s was told %v", who, results)
			}
		}
	})
}
