package paytest

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
)

func (l *Till) sell(ctx context.Context, amount money.Money, expires time.Time) (string, error) {
	o := Order{ID: l.ids.New("ord"), Amount: amount, State: "waiting", Expires: expires}
	return o.ID, l.db.Write(ctx, func(tx *db.Tx) error { return insertOrder(tx, o) })
}

// Order reads an order.
func (l *Till) Order(t testing.TB, id string) (o Order) {
	t.Helper()
	err := l.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		o, err = readOrder(tx, id, "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Change changes an order.
func (l *Till) Change(t testing.TB, id string, change func(*Order)) {
	t.Helper()
	err := l.db.Write(context.Background(), func(tx *db.Tx) error {
		o, err := readOrder(tx, id, "{lock}")
		if err != nil {
			return err
		}
		change(&o)
		return updateOrder(tx, o)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Balance reads an account of the ledger.
func (b *Bench) Balance(t testing.TB, a ledger.Account, c money.Currency) (n int64) {
	t.Helper()
	err := b.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		n, err = ledger.Balance(tx, a, c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// CheckBooks fails the test unless the chain of the ledger holds and the wallets hold exactly what stands in escrow, in
// suspense and on its way back.
func (b *Bench) CheckBooks(t testing.TB, c money.Currency) {
	t.Helper()
	err := b.DB.Read(context.Background(), func(tx *db.Tx) error {
		_, breaks, err := ledger.CheckChain(tx, c, 1)
		if len(breaks) > 0 {
			t.Errorf("the ledger is broken: %+v", breaks)
		}
		if err != nil {
			return err
		}
		all, err := ledger.Standings(tx)
		sum := int64(0)
		for _, s := range all {
			if s.Currency == c {
				sum += s.Net()
			}
			if s.Account.MustCover() && s.Net() < 0 {
				t.Errorf("%s holds %d", s.Account, s.Net())
			}
		}
		if sum != 0 {
			t.Errorf("the books are off by %d", sum)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
