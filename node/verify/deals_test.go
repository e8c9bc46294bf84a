package verify

import (
	"context"
	"math/rand/v2"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

// TestC9_MoneyIdentityOfHundredThousandOrders is the master property of RULES C9: of every order of a market with random
// discounts, random shares of the funders and random partial refunds, before shipping, on the way and after settlement,
// what the shopper paid and others paid for the shopper is what shops, operator and carriers got. It is told twice: by
// the auditor, and order by order from the books alone.
func TestC9_MoneyIdentityOfHundredThousandOrders(t *testing.T) {
	const orders = 100_000
	d := dbtest.SQLite(t, db.Options{Readers: 2}, schemas()...)
	f := newFiller(t, d)
	f.chance = rand.New(rand.NewPCG(11, 11))
	f.fill(orders, saleDay)
	f.stockUp()
	f.close()
	r, err := Run(context.Background(), d, Options{})
	if err != nil || !r.OK {
		t.Fatal(err, broken(r.Checks))
	}
	var settled, funded, unequal int64
	err = d.Read(context.Background(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*), SUM(CASE WHEN funding > 0 THEN 1 ELSE 0 END),
				SUM(CASE WHEN paid + funding <> shops + fees + freight THEN 1 ELSE 0 END)
			FROM (SELECT t.order_id,
				SUM(CASE t.kind WHEN 'capture' THEN t.amount WHEN 'refund_asked' THEN -t.amount ELSE 0 END) AS paid,
				SUM(CASE t.kind WHEN 'funding' THEN t.amount WHEN 'funding_back' THEN -t.amount ELSE 0 END) AS funding,
				SUM(CASE t.kind WHEN 'goods' THEN t.amount WHEN 'goods_back' THEN -t.amount ELSE 0 END) AS shops,
				SUM(CASE t.kind WHEN 'fee' THEN t.amount WHEN 'fee_back' THEN -t.amount ELSE 0 END) AS fees,
				SUM(CASE t.kind WHEN 'freight' THEN t.amount WHEN 'freight_back' THEN -t.amount ELSE 0 END) AS freight
				FROM transfers t JOIN orders o ON o.id = t.order_id AND o.state = 'completed' GROUP BY t.order_id) m`,
			nil, &settled, &funded, &unequal)
		return err
	})
	if err != nil || unequal != 0 || settled < orders/2 || funded < orders/4 {
		t.Fatalf("%d settled orders, %d with funding, %d do not add up: %v", settled, funded, unequal, err)
	}
}
