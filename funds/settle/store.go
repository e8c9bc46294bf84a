package settle

import (
	_ "embed"
	"slices"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
)

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var earnestSQL string

//go:embed schema_charges.sql
var chargesSQL string

//go:embed schema_sent.sql
var sentSQL string

//go:embed schema_back.sql
var backSQL string

//go:embed schema_raised.sql
var raisedSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "settle", Steps: []string{schemaSQL, earnestSQL, chargesSQL, sentSQL, backSQL, raisedSQL}}

var claimColumns = []string{"order_id", "seq", "entry", "party", "shop_id", "currency", "base", "refunded", "fee",
	"freight", "net", "at_us", "ledger_seq"}

var lineColumns = []string{"order_id", "seq", "line_no", "entry", "base", "refunded", "fee", "net", "fee_rule_id",
	"fee_ppm"}

func insertClaims(tx *db.Tx, claims []Claim, lines []ClaimLine) error {
	rows := cut(len(claims), len(claimColumns), func(cells []any, i int) []any {
		c := &claims[i]
		return append(cells, c.Order, int64(c.Sub), int64(c.Entry), string(c.Party), c.Shop, string(c.Currency),
			c.Base, c.Refunded, c.Fee, c.Freight, c.Net, clock.Micros(c.At), c.LedgerSeq)
	})
	if err := tx.Insert("claims", claimColumns, rows); err != nil {
		return err
	}
	if err := addParties(tx, claims); err != nil {
		return err
	}
	rows = cut(len(lines), len(lineColumns), func(cells []any, i int) []any {
		l := &lines[i]
		return append(cells, l.Order, int64(l.Sub), int64(l.Line), int64(l.Entry), l.Base, l.Refunded, l.Fee, l.Net,
			string(l.FeeRule), int64(l.FeePPM))
	})
	return tx.Insert("claim_lines", lineColumns, rows)
}

// insertEarnest stores one claim of earnest money with its line.
func insertEarnest(tx *db.Tx, c *Claim, l *ClaimLine) error {
	if err := insertClaims(tx, []Claim{*c}, nil); err != nil {
		return err
	}
	row := []any{l.Order, int64(l.Sub), int64(l.Line), int64(l.Entry), l.Base, l.Refunded, l.Fee, l.Net,
		string(l.FeeRule), int64(l.FeePPM), string(l.What)}
	return tx.Insert("claim_lines", append(slices.Clone(lineColumns), "what"), [][]any{row})
}

// addParties notes whose first claims these are.
func addParties(tx *db.Tx, claims []Claim) error {
	seen := map[[2]string]bool{}
	var rows [][]any
	for i := range claims {
		p := [2]string{string(claims[i].Party), string(claims[i].Currency)}
		if !seen[p] {
			seen[p] = true
			rows = append(rows, []any{p[0], p[1]})
		}
	}
	const q = `INSERT INTO claim_parties (party, currency) VALUES ($1, $2) ON CONFLICT (party, currency) DO NOTHING`
	_, err := tx.Many(q, rows)
	return err
}

// cut makes n rows that share one allocation.
func cut(n, width int, add func(cells []any, i int) []any) [][]any {
	rows, cells := make([][]any, n), make([]any, 0, n*width)
	for i := range rows {
		cells = add(cells, i)
		rows[i] = cells[i*width : (i+1)*width]
	}
	return rows
}

const (
	selectClaim = `SELECT order_id, seq, entry, party, shop_id, currency, base, refunded, fee, freight, net, at_us,
		ledger_seq FROM claims `
	selectLine = `SELECT l.order_id, l.seq, l.line_no, l.entry, l.base, l.refunded, l.fee, l.net, l.fee_rule_id,
		l.fee_ppm, l.what, c.at_us, c.ledger_seq FROM `
)

func scanClaim(r db.Row) (c Claim, err error) {
	var at int64
	err = r.Scan(&c.Order, &c.Sub, &c.Entry, &c.Party, &c.Shop, &c.Currency, &c.Base, &c.Refunded, &c.Fee,
		&c.Freight, &c.Net, &at, &c.LedgerSeq)
	c.At = clock.FromMicros(at)
	return c, err
}

func scanLine(r db.Row) (l ClaimLine, err error) {
	var at int64
	err = r.Scan(&l.Order, &l.Sub, &l.Line, &l.Entry, &l.Base, &l.Refunded, &l.Fee, &l.Net, &l.FeeRule, &l.FeePPM,
		&l.What, &at, &l.LedgerSeq)
	l.At = clock.FromMicros(at)
	return l, err
}

// loadStandings adds up the claims of orders, line by line.
func loadStandings(tx *db.Tx, orders []string) (*standings, error) {
	all := &standings{subs: map[subKey]*subStanding{}, lines: map[lineKey]*lineStanding{}}
	err := tx.EachKey(selectClaim+`WHERE order_id IN ({keys}) ORDER BY order_id, seq, entry`, orders,
		func(r db.Row) error {
			c, err := scanClaim(r)
			if err == nil {
				all.claim(&c)
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	const lines = `SELECT order_id, seq, line_no, base, fee_rule_id, fee_ppm FROM claim_lines
		WHERE order_id IN ({keys})`
	err = tx.EachKey(lines, orders, func(r db.Row) error {
		var l ClaimLine
		err := r.Scan(&l.Order, &l.Sub, &l.Line, &l.Base, &l.FeeRule, &l.FeePPM)
		if err == nil {
			all.line(&l)
		}
		return err
	})
	return all, err
}

func claimsOf(tx *db.Tx, order string) ([]Claim, error) {
	return db.List(tx, scanClaim, selectClaim+`WHERE order_id = $1 ORDER BY seq, entry, party`, order)
}

// span is a range of the books in one currency, of one shop.
type span struct {
	shop      string
	currency  money.Currency
	from, cut int64 // above from, up to cut
}

// sumClaims adds up a shop's own claims; the freight of carriers is theirs.
func sumClaims(tx *db.Tx, s span) (sum Sums, err error) {
	const q = `SELECT COUNT(*), CAST(COALESCE(SUM(base + refunded), 0) AS BIGINT),
		CAST(COALESCE(SUM(refunded), 0) AS BIGINT), CAST(COALESCE(SUM(fee), 0) AS BIGINT),
		CAST(COALESCE(SUM(freight), 0) AS BIGINT), CAST(COALESCE(SUM(net), 0) AS BIGINT)
		FROM claims WHERE party = $1 AND currency = $2 AND ledger_seq > $3 AND ledger_seq <= $4`
	args := []any{ledger.Merchant(s.shop), s.currency, s.from, s.cut}
	_, err = tx.One(q, args, &sum.Claims, &sum.Gross, &sum.Refunded, &sum.Fees, &sum.Freight, &sum.Net)
	return sum, err
}

// pageOf reads the lines of a shop's claims of a span in the order of the books. A freight line is the shop's own if
// its claim has freight; otherwise it belongs to the carrier's claim of the same entry.
func pageOf(tx *db.Tx, s span, after Cursor, limit int) ([]ClaimLine, error) {
	const q = selectLine + `claims c
		JOIN claim_lines l ON l.order_id = c.order_id AND l.seq = c.seq AND l.entry = c.entry
		WHERE c.party = $1 AND c.currency = $2 AND c.ledger_seq > $3 AND c.ledger_seq <= $4 AND c.ledger_seq >= $5
		AND (c.ledger_seq, l.order_id, l.seq, l.line_no, l.entry) > ($5, $6, $7, $8, $9)
		AND (l.line_no > 0 OR c.freight <> 0)
		ORDER BY c.ledger_seq, l.order_id, l.seq, l.line_no, l.entry LIMIT $10`
	return db.List(tx, scanLine, q, ledger.Merchant(s.shop), s.currency, s.from, s.cut,
		after.LedgerSeq, after.Order, after.Sub, after.Line, after.Entry, limit)
}

const selectStatement = `SELECT id, shop_id, currency, from_us, until_us, from_seq, cut_seq, claims, gross, refunded,
	fees, freight, net, carried, due, closed_us, paid_out_us, charged, returned, sent FROM statements `

func scanStatement(r db.Row) (s Statement, err error) {
	var from, until, closed, paid int64
	err = r.Scan(&s.ID, &s.Shop, &s.Currency, &from, &until, &s.FromSeq, &s.CutSeq, &s.Claims, &s.Gross, &s.Refunded,
		&s.Fees, &s.Freight, &s.Net, &s.Carried, &s.Due, &closed, &paid,
		&s.Charged, &s.Returned, &s.Sent)
	s.From, s.Until = clock.FromMicros(from), clock.FromMicros(until)
	s.Closed, s.Paid = clock.FromMicros(closed), clock.FromMicros(paid)
	return s, err
}

func insertStatement(tx *db.Tx, s *Statement) error {
	cols := []string{"id", "shop_id", "currency", "from_us", "until_us", "from_seq", "cut_seq", "claims", "gross",
		"refunded", "fees", "freight", "net", "carried", "due", "closed_us", "paid_out_us", "charged", "returned"}
	return tx.Insert("statements", cols, [][]any{{s.ID, s.Shop, s.Currency, clock.Micros(s.From),
		clock.Micros(s.Until), s.FromSeq, s.CutSeq, s.Claims, s.Gross, s.Refunded, s.Fees, s.Freight, s.Net,
		s.Carried, s.Due, clock.Micros(s.Closed), int64(0), s.Charged, s.Returned}})
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

// eachOpen gives the statements of shops of which something is still to be paid out, the oldest of a shop first.
func eachOpen(tx *db.Tx, shops []string, fn func(Statement)) error {
	return tx.EachKey(selectStatement+`WHERE shop_id IN ({keys}) AND paid_out_us = 0 AND due > 0
		ORDER BY shop_id, currency, from_seq`, shops, func(r db.Row) error {
		st, err := scanStatement(r)
		if err == nil {
			fn(st)
		}
		return err
	})
}

// allAccounts are the shops that ever had a claim, by shop and currency; of one shop, or ("") of all.
func allAccounts(tx *db.Tx, shop string) (all []account, err error) {
	q, args := `SELECT party, currency FROM claim_parties ORDER BY party, currency`, []any{}
	if shop != "" {
		q = `SELECT party, currency FROM claim_parties WHERE party = $1 ORDER BY currency`
		args = append(args, ledger.Merchant(shop))
	}
	err = tx.Each(q, func(r db.Row) error {
		var party ledger.Account
		var currency money.Currency
		err := r.Scan(&party, &currency)
		if shop, ok := ledger.ShopOf(party); ok {
			all = append(all, account{shop, currency})
		}
		return err
	}, args...)
	return all, err
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

// saveSent stores how much of a statement is paid out, after it was less.
func saveSent(tx *db.Tx, s *Statement, before int64) (int64, error) {
	var paid int64
	if !s.Paid.IsZero() {
		paid = clock.Micros(s.Paid)
	}
	return tx.Exec(`UPDATE statements SET sent = $2, paid_out_us = $3 WHERE id = $1 AND sent = $4 AND paid_out_us = 0`,
		s.ID, s.Sent, paid, before)
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
