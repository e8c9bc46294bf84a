package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

func exec(t *testing.T, d *db.DB, q string, args ...any) {
	t.Helper()
	err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(q, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

func breaksOf(t *testing.T, d *db.DB, from int64) (breaks []ledger.Break) {
	t.Helper()
	read(t, d, func(tx *db.Tx) (err error) {
		_, breaks, err = ledger.CheckChain(tx, "CNY", from)
		return err
	})
	return breaks
}

// TestIM4_TamperedRowIsNamed changes one row of the books behind the ledger's back, in every column that a person
// could gain from, and asks whether the chain names exactly that row.
func TestIM4_TamperedRowIsNamed(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		var ts []ledger.Transfer
		for i := range 40 {
			ts = append(ts, post(t, d, capture(fmt.Sprint("ord_", i), 1000))...)
		}
		victim := ts[16]
		for column, changed := range map[string]any{
			"amount": int64(1), "credit": "suspense", "debit": "wallet:bluebean", "order_id": "ord_39",
			"kind": "suspense_in", "shop_id": "shp_x", "ref": "att_2", "line_no": int64(1), "at_us": int64(5),
			"hash": ts[3].Hash, "id": ts[3].ID,
		} {
			var was string
			numeric := column == "amount" || column == "line_no" || column == "at_us"
			read(t, d, func(tx *db.Tx) error {
				_, err := tx.One(`SELECT CAST(`+column+` AS TEXT) FROM transfers WHERE seq = 17`, nil, &was)
				return err
			})
			exec(t, d, `UPDATE transfers SET `+column+` = $1 WHERE seq = 17`, changed)
			breaks := breaksOf(t, d, 1)
			if len(breaks) == 0 || breaks[0].Seq != 17 || column != "id" && breaks[0].ID != victim.ID {
				t.Errorf("%s: %v, want row 17", column, breaks)
			}
			if column != "hash" && len(breaks) != 1 {
				t.Errorf("%s: the other rows are blamed too: %v", column, breaks)
			}
			if len(breaksOf(t, d, 19)) != 0 {
				t.Errorf("%s: a check from 19 on sees %v", column, breaksOf(t, d, 19))
			}
			if numeric {
				exec(t, d, `UPDATE transfers SET `+column+` = CAST($1 AS BIGINT) WHERE seq = 17`, was)
			} else {
				exec(t, d, `UPDATE transfers SET `+column+` = $1 WHERE seq = 17`, was)
			}
			if left := breaksOf(t, d, 1); len(left) != 0 {
				t.Fatalf("%s put back: %v", column, left)
			}
		}
		exec(t, d, `DELETE FROM transfers WHERE seq = 17`)
		if breaks := breaksOf(t, d, 1); len(breaks) != 1 || breaks[0].Seq != 17 || breaks[0].Reason != "missing" {
			t.Errorf("a removed row: %v", breaks)
		}
		exec(t, d, `DELETE FROM transfers WHERE seq = 40`)
		if breaks := breaksOf(t, d, 19); len(breaks) != 1 || breaks[0].Reason != "head" {
			t.Errorf("a cut-off end: %v", breaks)
		}
	})
}

// TestSchema_RefusesWhatTheCodeWould: the tables refuse on their own what no correct code writes.
func TestSchema_RefusesWhatTheCodeWould(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		post(t, d, capture("ord_1", 500))
		const insert = `INSERT INTO transfers (id, chain, seq, at_us, debit, credit, amount, currency, kind, order_id,
			line_no, shop_id, ref, hash) VALUES `
		for q, want := range map[string]error{
			insert + `('t', 'CNY', 2, 0, 'a', 'b', 0, 'CNY', 'k', '', 0, '', '', '')`:      db.ErrCheck,
			insert + `('t', 'CNY', 2, 0, 'a', 'a', 1, 'CNY', 'k', '', 0, '', '', '')`:      db.ErrCheck,
			insert + `('t', 'CNY', 2, 0, 'a', 'b', 1, 'USD', 'k', '', 0, '', '', '')`:      db.ErrCheck,
			insert + `('t', 'CNY', 2, 0, 'escrow', 'b', 1, 'CNY', 'k', '', 0, '', '', '')`: db.ErrCheck,
			insert + `('t', 'CNY', 1, 0, 'a', 'b', 1, 'CNY', 'k', '', 0, '', '', '')`:      db.ErrUnique,
			`UPDATE ledger_accounts SET debits = 501 WHERE account = 'escrow'`:             db.ErrCheck,
		} {
			err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(q); return err })
			if !errors.Is(err, want) {
				t.Errorf("%s\n got %v, want %v", q, err, want)
			}
		}
	})
}

// TestPost_ManyWriters: whoever posts at the same time gets places without gaps or repeats, and no order's escrow is
// given away twice.
func TestPost_ManyWriters(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		const writers, rounds = 8, 12
		var wg sync.WaitGroup
		refused := make([]int, writers)
		for w := range writers {
			wg.Go(func() {
				for i := range rounds {
					order := fmt.Sprint("ord_", i) // all writers meet at the same orders
					err := tryPost(d, []ledger.Transfer{capture(order, 100), capture("ord_x", 1)})
					if err != nil {
						t.Error(err)
					}
					switch err := tryPost(d, []ledger.Transfer{ask(order, 150)}); {
					case fault.Is(err, "ledger.overdrawn"):
						refused[w]++
					case err != nil:
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		no := 0
		for _, n := range refused {
			no += n
		}
		want := int64(writers*rounds*3 - no)
		read(t, d, func(tx *db.Tx) error {
			count, breaks, err := ledger.CheckChain(tx, "CNY", 1)
			head, headErr := ledger.Head(tx, "CNY")
			if count != want || head != want || len(breaks) != 0 {
				t.Errorf("%d links, head %d, want %d; %v", count, head, want, breaks)
			}
			return errors.Join(err, headErr)
		})
		if no == 0 {
			t.Error("nobody asked for more than there was: the race was not tried")
		}
	})
}

func TestPost_CurrenciesHaveChainsOfTheirOwn(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		usd := capture("ord_2", 700)
		usd.Currency = "USD"
		ts := post(t, d, capture("ord_1", 500), usd, capture("ord_3", 300))
		if ts[0].Seq != 1 || ts[1].Seq != 1 || ts[2].Seq != 2 {
			t.Errorf("places %d, %d, %d", ts[0].Seq, ts[1].Seq, ts[2].Seq)
		}
		// Money of one currency never covers another.
		refund := ask("ord_2", 1)
		if err := tryPost(d, []ledger.Transfer{refund}); !fault.Is(err, "ledger.overdrawn") {
			t.Errorf("a refund in another currency: %v", err)
		}
		read(t, d, func(tx *db.Tx) error {
			for c, want := range map[money.Currency]int64{"CNY": 2, "USD": 1, "EUR": 0} {
				if head, err := ledger.Head(tx, c); err != nil || head != want {
					t.Errorf("%s ends at %d, want %d (%v)", c, head, want, err)
				}
			}
			return nil
		})
	})
}

func TestPost_NothingIsNothing(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	post(t, d)
	read(t, d, func(tx *db.Tx) error {
		count, breaks, err := ledger.CheckChain(tx, "CNY", 1)
		if count != 0 || len(breaks) != 0 {
			t.Errorf("an empty chain: %d, %v", count, breaks)
		}
		return err
	})
}

// TestCheckChain_LongerThanAWindow reads a chain in several pieces.
func TestCheckChain_LongerThanAWindow(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	ts := make([]ledger.Transfer, 4500)
	for i := range ts {
		ts[i] = capture(fmt.Sprint("ord_", i), 1)
	}
	post(t, d, ts...)
	read(t, d, func(tx *db.Tx) error {
		for from, want := range map[int64]int64{1: 4500, 2001: 2500, 4500: 1, 4501: 0} {
			count, breaks, err := ledger.CheckChain(tx, "CNY", from)
			if err != nil || count != want || len(breaks) != 0 {
				t.Errorf("from %d: %d read, want %d; %v, %v", from, count, want, breaks, err)
			}
		}
		return nil
	})
}

func TestService_Reads(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		ctx, s := context.Background(), ledger.New(d)
		ts := post(t, d, capture("ord_1", 500), capture("ord_2", 300), ask("ord_1", 200))
		books, err := s.Books(ctx)
		if err != nil || len(books) != 3 || books[0].Account != ledger.Escrow || books[0].Net() != 600 ||
			books[0].Credits != 800 || books[0].Debits != 200 {
			t.Errorf("books: %+v, %v", books, err)
		}
		var pages []ledger.Standing
		for after := (ledger.Standing{}); len(pages) < 9; after = pages[len(pages)-1] {
			all, err := s.BooksAfter(ctx, after, 1)
			if err != nil {
				t.Fatal(err)
			}
			if pages = append(pages, all...); len(all) == 0 {
				break
			}
		}
		if !slices.Equal(pages, books) {
			t.Errorf("by pages: %+v", pages)
		}
		mine, err := s.OfOrder(ctx, "ord_1")
		if err != nil || !slices.Equal(mine, []ledger.Transfer{ts[0], ts[2]}) {
			t.Errorf("of ord_1: %v, %v", mine, err)
		}
		if none, err := s.OfOrder(ctx, ""); err != nil || len(none) != 0 {
			t.Errorf("of no order: %v, %v", none, err)
		}
		last, err := s.Last(ctx, "CNY", 0, 2)
		if err != nil || !slices.Equal(last, []ledger.Transfer{ts[2], ts[1]}) {
			t.Errorf("last two: %v, %v", last, err)
		}
		last, err = s.Last(ctx, "CNY", last[1].Seq, 2)
		if err != nil || !slices.Equal(last, ts[:1]) {
			t.Errorf("before those: %v, %v", last, err)
		}
	})
}

func TestHold_TellsTheNextPlace(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		for want := range int64(2) {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				place, err := ledger.Hold(tx, "CNY")
				if place != want+1 {
					t.Errorf("next place is %d, want %d", place, want+1)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			post(t, d, capture("ord_1", 1))
		}
	})
}
