package settle

import (
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
)

func charged(tx *db.Tx, id string) (bool, error) {
	_, known, err := db.Value[int64](tx, `SELECT amount FROM charges WHERE id = $1`, id)
	return known, err
}

func givenBack(tx *db.Tx, id string) (bool, error) {
	_, known, err := db.Value[int64](tx, `SELECT amount FROM charges_back WHERE id = $1`, id)
	return known, err
}

// chargeIn reads a charge, locked: of two that would give it back, one waits.
func chargeIn(tx *db.Tx, id string) (c Charge, found bool, err error) {
	all, err := db.List(tx, scanCharge, selectCharge+` FROM charges WHERE id = $1 {lock}`, id)
	if err != nil || len(all) == 0 {
		return c, false, err
	}
	return all[0], true, nil
}

var chargeColumns = []string{"id", "shop_id", "currency", "amount", "source", "why", "at_us", "ledger_seq"}

func (c Charge) row() []any {
	return []any{c.ID, c.Shop, string(c.Currency), c.Amount, string(c.From), c.Why, clock.Micros(c.At), c.ledgerSeq}
}

func insertCharge(tx *db.Tx, c Charge) error {
	if err := tx.Insert("charges", chargeColumns, [][]any{c.row()}); err != nil {
		return err
	}
	// A shop that owes has a statement, once it has sold something.
	_, err := tx.Exec(`INSERT INTO claim_parties (party, currency) VALUES ($1, $2)
		ON CONFLICT (party, currency) DO NOTHING`, ledger.Merchant(c.Shop), c.Currency)
	return err
}

func insertBack(tx *db.Tx, c Charge) error {
	return tx.Insert("charges_back", chargeColumns, [][]any{c.row()})
}

const selectCharge = `SELECT id, shop_id, currency, amount, source, why, at_us, ledger_seq`

func scanCharge(r db.Row) (c Charge, err error) {
	var at int64
	err = r.Scan(&c.ID, &c.Shop, &c.Currency, &c.Amount, &c.From, &c.Why, &at, &c.ledgerSeq)
	c.At = clock.FromMicros(at)
	return c, err
}

func chargesOf(tx *db.Tx, shop string) ([]Charge, error) {
	return db.List(tx, scanCharge, selectCharge+` FROM charges WHERE shop_id = $1
		UNION ALL SELECT id, shop_id, currency, -amount, source, why, at_us, ledger_seq FROM charges_back WHERE shop_id = $1
		ORDER BY 3, 8 DESC`, shop)
}

func onDeposit(tx *db.Tx, shop string, c money.Currency, limit int) ([]Charge, error) {
	const which = ` WHERE shop_id = $1 AND currency = $2 AND source = 'deposit'`
	return db.List(tx, scanCharge, selectCharge+` FROM charges`+which+`
		UNION ALL SELECT id, shop_id, currency, -amount, source, why, at_us, ledger_seq FROM charges_back`+which+`
		ORDER BY 8 DESC LIMIT $3`, shop, c, limit)
}

// sumCharges adds up what a shop was charged of what it is owed within a range of the books, and what it was given
// back.
func sumCharges(tx *db.Tx, s span) (charged, returned int64, err error) {
	for table, into := range map[string]*int64{"charges": &charged, "charges_back": &returned} {
		*into, _, err = db.Value[int64](tx, `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM `+table+`
			WHERE shop_id = $1 AND currency = $2 AND ledger_seq > $3 AND ledger_seq <= $4 AND source = 'owed'`,
			s.shop, s.currency, s.from, s.cut)
		if err != nil {
			return 0, 0, err
		}
	}
	return charged, returned, nil
}

// LineOf names a line of an order.
type LineOf struct {
	Order string
	Line  int
}

// Bases are what lines of orders come to by now, as fees are on: what was paid for them, by whomever, less what
// went back. A line that never was claimed is absent.
func Bases(tx *db.Tx, orders []string) (map[LineOf]int64, error) {
	all := map[LineOf]int64{}
	err := tx.EachKey(`SELECT order_id, line_no, base FROM claim_lines
		WHERE order_id IN ({keys}) AND what = '' AND line_no > 0`, orders, func(r db.Row) error {
		var l LineOf
		var base int64
		err := r.Scan(&l.Order, &l.Line, &base)
		all[l] += base
		return err
	})
	return all, err
}
