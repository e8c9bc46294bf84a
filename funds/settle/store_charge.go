package settle

import (
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/funds/ledger"
)

func charged(tx *db.Tx, id string) (bool, error) {
	_, known, err := db.Value[int64](tx, `SELECT amount FROM charges WHERE id = $1`, id)
	return known, err
}

func insertCharge(tx *db.Tx, c Charge) error {
	err := tx.Insert("charges", []string{"id", "shop_id", "currency", "amount", "why", "at_us", "ledger_seq"},
		[][]any{{c.ID, c.Shop, string(c.Currency), c.Amount, c.Why, clock.Micros(c.At), c.ledgerSeq}})
	if err != nil {
		return err
	}
	// A shop that owes has a statement, once it has sold something.
	_, err = tx.Exec(`INSERT INTO claim_parties (party, currency) VALUES ($1, $2)
		ON CONFLICT (party, currency) DO NOTHING`, ledger.Merchant(c.Shop), c.Currency)
	return err
}

func chargesOf(tx *db.Tx, shop string) ([]Charge, error) {
	return db.List(tx, func(r db.Row) (c Charge, err error) {
		var at int64
		err = r.Scan(&c.ID, &c.Shop, &c.Currency, &c.Amount, &c.Why, &at, &c.ledgerSeq)
		c.At = clock.FromMicros(at)
		return c, err
	}, `SELECT id, shop_id, currency, amount, why, at_us, ledger_seq FROM charges WHERE shop_id = $1
		ORDER BY currency, ledger_seq DESC`, shop)
}

// sumCharges adds up what a shop was charged within a range of the books.
func sumCharges(tx *db.Tx, s span) (int64, error) {
	sum, _, err := db.Value[int64](tx, `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM charges
		WHERE shop_id = $1 AND currency = $2 AND ledger_seq > $3 AND ledger_seq <= $4`, s.shop, s.currency, s.from, s.cut)
	return sum, err
}
