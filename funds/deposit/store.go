package deposit

import (
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
)

func insert(tx *db.Tx, m Move, seq int64) error {
	return tx.Insert("deposit_moves", []string{"id", "shop_id", "currency", "amount", "ref", "by_login", "at_us",
		"ledger_seq"}, [][]any{{m.ID, m.Shop, string(m.Currency), m.Amount, m.Ref, string(m.By), clock.Micros(m.At), seq}})
}

// moves are a shop's, newest first.
func moves(tx *db.Tx, shop string, c money.Currency, limit int) ([]Move, error) {
	return db.List(tx, func(r db.Row) (m Move, err error) {
		var at int64
		err = r.Scan(&m.ID, &m.Shop, &m.Currency, &m.Amount, &m.Ref, &m.By, &at)
		m.At = clock.FromMicros(at)
		return m, err
	}, `SELECT id, shop_id, currency, amount, ref, by_login, at_us FROM deposit_moves
		WHERE shop_id = $1 AND currency = $2 ORDER BY id DESC LIMIT $3`, shop, c, limit)
}
