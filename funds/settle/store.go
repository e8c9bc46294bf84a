package settle

import (
	_ "embed"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
)

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "settle", Steps: []string{schemaSQL}}

var claimColumns = []string{"order_id", "seq", "line_no", "entry", "shop_id", "party", "currency", "base", "refunded",
	"fee", "net", "fee_rule_id", "fee_ppm", "at_us", "ledger_seq"}

func insertClaims(tx *db.Tx, claims []Claim) error {
	width := len(claimColumns)
	rows, cells := make([][]any, len(claims)), make([]any, 0, len(claims)*width)
	for i := range claims {
		c := &claims[i]
		cells = append(cells, c.Order, int64(c.Sub), int64(c.Line), int64(c.Entry), c.Shop, string(c.Party),
			string(c.Currency), c.Base, c.Refunded, c.Fee, c.Net, string(c.FeeRule), int64(c.FeePPM),
			clock.Micros(c.At), c.LedgerSeq)
		rows[i] = cells[i*width : (i+1)*width]
	}
	return tx.Insert("claims", claimColumns, rows)
}

const selectClaim = `SELECT order_id, seq, line_no, entry, shop_id, party, currency, base, refunded, fee, net,
	fee_rule_id, fee_ppm, at_us, ledger_seq FROM claims `

func scanClaim(r db.Row) (c Claim, err error) {
	var at int64
	err = r.Scan(&c.Order, &c.Sub, &c.Line, &c.Entry, &c.Shop, &c.Party, &c.Currency, &c.Base, &c.Refunded, &c.Fee,
		&c.Net, &c.FeeRule, &c.FeePPM, &at, &c.LedgerSeq)
	c.At = clock.FromMicros(at)
	return c, err
}

// loadStandings adds up the claims of orders, line by line.
func loadStandings(tx *db.Tx, orders []string) (map[key]standing, error) {
	all := map[key]standing{}
	err := tx.EachKey(selectClaim+`WHERE order_id IN ({keys})`, orders, func(r db.Row) error {
		c, err := scanClaim(r)
		if err == nil {
			s := all[c.key()]
			all[c.key()] = s.with(&c)
		}
		return err
	})
	return all, err
}

func claimsOf(tx *db.Tx, order string) ([]Claim, error) {
	return db.List(tx, scanClaim, selectClaim+`WHERE order_id = $1 ORDER BY seq, line_no, entry`, order)
}

// span is a range of the books in one currency, of one shop.
type span struct {
	shop      string
	currency  money.Currency
	from, cut int64 // above from, up to cut
}

// sumClaims adds up a shop's own claims; the freight of carriers is theirs.
func sumClaims(tx *db.Tx, s span) (sum Sums, err error) {
	const q = `SELECT COUNT(*),
		CAST(COALESCE(SUM(CASE WHEN line_no > 0 THEN base + refunded ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN line_no > 0 THEN refunded ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(fee), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN line_no = 0 THEN net ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(net), 0) AS BIGINT)
		FROM claims WHERE party = $1 AND currency = $2 AND ledger_seq > $3 AND ledger_seq <= $4`
	args := []any{ledger.Merchant(s.shop), s.currency, s.from, s.cut}
	_, err = tx.One(q, args, &sum.Claims, &sum.Gross, &sum.Refunded, &sum.Fees, &sum.Freight, &sum.Net)
	return sum, err
}

// pageOf reads a shop's claims of a span in the order of the books.
func pageOf(tx *db.Tx, s span, after Cursor, limit int) ([]Claim, error) {
	const q = selectClaim + `WHERE party = $1 AND currency = $2
		AND ledger_seq > $3 AND ledger_seq <= $4 AND ledger_seq >= $5
		AND (ledger_seq, order_id, seq, line_no, entry) > ($5, $6, $7, $8, $9)
		ORDER BY ledger_seq, order_id, seq, line_no, entry LIMIT $10`
	return db.List(tx, scanClaim, q, ledger.Merchant(s.shop), s.currency, s.from, s.cut,
		after.LedgerSeq, after.Order, after.Sub, after.Line, after.Entry, limit)
}

const selectStatement = `SELECT id, shop_id, currency, from_us, until_us, from_seq, cut_seq, claims, gross, refunded,
	fees, freight, net, carried, due, closed_us, paid_out_us FROM statements `

func scanStatement(r db.Row) (s Statement, err error) {
	var from, until, closed, paid int64
	err = r.Scan(&s.ID, &s.Shop, &s.Currency, &from, &until, &s.FromSeq, &s.CutSeq, &s.Claims, &s.Gross, &s.Refunded,
		&s.Fees, &s.Freight, &s.Net, &s.Carried, &s.Due, &closed, &paid)
	s.From, s.Until = clock.FromMicros(from), clock.FromMicros(until)
	s.Closed, s.Paid = clock.FromMicros(closed), clock.FromMicros(paid)
	return s, err
}

func insertStatement(tx *db.Tx, s *Statement) error {
	cols := []string{"id", "shop_id", "currency", "from_us", "until_us", "from_seq", "cut_seq", "claims", "gross",
		"refunded", "fees", "freight", "net", "carried", "due", "closed_us", "paid_out_us"}
	return tx.Insert("statements", cols, [][]any{{s.ID, s.Shop, s.Currency, clock.Micros(s.From),
		clock.Micros(s.Until), s.FromSeq, s.CutSeq, s.Claims, s.Gross, s.Refunded, s.Fees, s.Freight, s.Net,
		s.Carried, s.Due, clock.Micros(s.Closed), int64(0)}})
}

func first(all []Statement, err error) (Statement, bool, error) {
	if err != nil || len(all) == 0 {
		return Statement{}, false, err
	}
	return all[0], true, nil
}

// statementOf reads a shop's statement; another shop's is not found.
func statementOf(tx *db.Tx, shop string, id StatementID) (Statement, bool, error) {
	return first(db.List(tx, scanStatement, selectStatement+`WHERE id = $1 AND shop_id = $2`, id, shop))
}

// lockStatement reads a statement of any shop, for the operator to pay it, and holds it until the commit.
func lockStatement(tx *db.Tx, id StatementID) (Statement, bool, error) {
	return first(db.List(tx, scanStatement, selectStatement+`WHERE id = $1 {lock}`, id))
}

func lastStatement(tx *db.Tx, shop string, c money.Currency) (Statement, bool, error) {
	return first(db.List(tx, scanStatement, selectStatement+
		`WHERE shop_id = $1 AND currency = $2 ORDER BY from_seq DESC LIMIT 1`, shop, c))
}

func statementsOf(tx *db.Tx, shop string) ([]Statement, error) {
	return db.List(tx, scanStatement, selectStatement+`WHERE shop_id = $1 ORDER BY until_us DESC, currency`, shop)
}

// recentStatements are those of all shops, for the operator.
func recentStatements(tx *db.Tx, limit int) ([]Statement, error) {
	return db.List(tx, scanStatement, selectStatement+`ORDER BY closed_us DESC, id LIMIT $1`, limit)
}

// lastCuts are the ends of the newest periods by shop and currency.
func lastCuts(tx *db.Tx) (map[account]int64, error) {
	all := map[account]int64{}
	const q = `SELECT shop_id, currency, MAX(until_us) FROM statements GROUP BY shop_id, currency`
	err := tx.Each(q, func(r db.Row) error {
		var a account
		var until int64
		if err := r.Scan(&a.shop, &a.currency, &until); err != nil {
			return err
		}
		all[a] = until
		return nil
	})
	return all, err
}

func markPaid(tx *db.Tx, id StatementID, us int64) (int64, error) {
	return tx.Exec(`UPDATE statements SET paid_out_us = $2 WHERE id = $1 AND paid_out_us = 0`, id, us)
}

func insertRule(tx *db.Tx, r *FeeRule) error {
	const q = `INSERT INTO fee_rules (id, scope, scope_id, ppm, from_us, announced_us, opening)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err := tx.Exec(q, r.ID, r.Scope, r.ScopeID, int64(r.PPM), clock.Micros(r.From), clock.Micros(r.Announced),
		r.Opening)
	return err
}

func allRules(tx *db.Tx) ([]FeeRule, error) {
	const q = `SELECT id, scope, scope_id, ppm, from_us, announced_us, opening FROM fee_rules ORDER BY id`
	return db.List(tx, func(r db.Row) (f FeeRule, err error) {
		var from, announced int64
		err = r.Scan(&f.ID, &f.Scope, &f.ScopeID, &f.PPM, &from, &announced, &f.Opening)
		f.From, f.Announced = clock.FromMicros(from), clock.FromMicros(announced)
		return f, err
	}, q)
}

// anyClaim tells whether there is a claim of this shop, or ("") of any.
func anyClaim(tx *db.Tx, shop string) (bool, error) {
	q, args := `SELECT 1 FROM claims LIMIT 1`, []any{}
	if shop != "" {
		q, args = `SELECT 1 FROM claims WHERE party = $1 LIMIT 1`, []any{ledger.Merchant(shop)}
	}
	var one int64
	return tx.One(q, args, &one)
}
