package paytest

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
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
