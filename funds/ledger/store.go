package ledger

import (
	_ "embed"
	"slices"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
)

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "ledger", Steps: []string{schemaSQL}}

// lockHead reads the last link of a chain and holds its row until the commit.
func lockHead(tx *db.Tx, chain money.Currency) (head, error) {
	h, found, err := readHead(tx, chain, " {lock}")
	if err != nil || found {
		return h, err
	}
	const open = `INSERT INTO ledger_heads (chain, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (chain) DO NOTHING`
	if _, err := tx.Exec(open, chain, hashText(head{}.hash)); err != nil {
		return head{}, err
	}
	h, _, err = readHead(tx, chain, " {lock}")
	return h, err
}

func readHead(tx *db.Tx, chain money.Currency, lock string) (h head, found bool, err error) {
	var hash string
	const q = `SELECT seq, hash FROM ledger_heads WHERE chain = $1`
	found, err = tx.One(q+lock, []any{chain}, &h.seq, &hash)
	if found && err == nil {
		h.hash, _ = parseHash(hash) // a broken one shows as a break at the next link
	}
	return h, found, err
}

func moveHead(tx *db.Tx, chain money.Currency, to head) error {
	const q = `UPDATE ledger_heads SET seq = $2, hash = $3 WHERE chain = $1`
	_, err := tx.Exec(q, chain, to.seq, hashText(to.hash))
	return err
}

func loadAccounts(tx *db.Tx, chain money.Currency, into map[Account]*counters) error {
	const q = `SELECT account, debits, credits FROM ledger_accounts WHERE chain = $1 AND account IN ({keys})`
	return tx.EachKey(q, sortedKeys(into), func(r db.Row) error {
		var account string
		var c counters
		if err := r.Scan(&account, &c.debits, &c.credits); err != nil {
			return err
		}
		c.stored = true
		*into[Account(account)] = c
		return nil
	}, string(chain))
}

func saveAccounts(tx *db.Tx, chain money.Currency, accounts map[Account]*counters) error {
	const q = `UPDATE ledger_accounts SET debits = $3, credits = $4 WHERE chain = $1 AND account = $2`
	var changed, added [][]any
	for _, a := range sortedKeys(accounts) {
		c := accounts[Account(a)]
		row := []any{string(chain), a, c.debits, c.credits}
		if c.stored {
			changed = append(changed, row)
		} else {
			added = append(added, append(row, Account(a).MustCover()))
		}
	}
	if _, err := tx.Many(q, changed); err != nil {
		return err
	}
	return tx.Insert("ledger_accounts", []string{"chain", "account", "debits", "credits", "must_cover"}, added)
}

// sortedKeys makes what a batch does to the database independent of the order of maps.
func sortedKeys[K ~string, V any](m map[K]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, string(k))
	}
	slices.Sort(keys)
	return keys
}

// loadEscrow adds up what the escrow of each order holds. It asks for the currency, not the chain it is equal to,
// because SQLite would then read the whole chain by its primary key instead of the orders by theirs.
func loadEscrow(tx *db.Tx, chain money.Currency, into map[string]int64) error {
	const q = `SELECT order_id, debit, amount FROM transfers
		WHERE currency = $1 AND (debit = 'escrow' OR credit = 'escrow') AND order_id <> '' AND order_id IN ({keys})`
	return tx.EachKey(q, sortedKeys(into), func(r db.Row) error {
		var order, debit string
		var amount int64
		if err := r.Scan(&order, &debit, &amount); err != nil {
			return err
		}
		if Account(debit) == Escrow {
			amount = -amount
		}
		into[order] += amount
		return nil
	}, string(chain))
}

var transferColumns = []string{"id", "chain", "seq", "at_us", "debit", "credit", "amount", "currency", "kind",
	"order_id", "line_no", "shop_id", "ref", "hash"}

func insertTransfers(tx *db.Tx, ts []*Transfer) error {
	width := len(transferColumns)
	rows, cells := make([][]any, len(ts)), make([]any, 0, len(ts)*width)
	for i, t := range ts {
		cells = append(cells, t.ID, string(t.Currency), t.Seq, clock.Micros(t.At), string(t.Debit), string(t.Credit),
			t.Amount, string(t.Currency), string(t.Kind), t.Order, int64(t.Line), t.Shop, t.Ref, t.Hash)
		rows[i] = cells[i*width : (i+1)*width]
	}
	return tx.Insert("transfers", transferColumns, rows)
}

const selectTransfer = `SELECT id, seq, at_us, debit, credit, amount, currency, kind, order_id, line_no, shop_id, ref,
	hash FROM transfers `

func scanTransfer(r db.Row) (t Transfer, err error) {
	var at int64
	err = r.Scan(&t.ID, &t.Seq, &at, &t.Debit, &t.Credit, &t.Amount, &t.Currency, &t.Kind, &t.Order, &t.Line,
		&t.Shop, &t.Ref, &t.Hash)
	t.At = clock.FromMicros(at)
	return t, err
}

func transfersOf(tx *db.Tx, order string) ([]Transfer, error) {
	return db.List(tx, scanTransfer, selectTransfer+
		`WHERE order_id = $1 AND order_id <> '' ORDER BY chain, seq`, order)
}

// lastTransfers are the newest of a chain before a position, newest first.
func lastTransfers(tx *db.Tx, chain money.Currency, before int64, limit int) ([]Transfer, error) {
	return db.List(tx, scanTransfer, selectTransfer+
		`WHERE chain = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`, chain, before, limit)
}

// window is how many transfers a check reads at a time: a few hundred kilobytes.
const window = 2000

func eachTransfer(tx *db.Tx, chain money.Currency, from int64, fn func(*Transfer)) error {
	const q = selectTransfer + `WHERE chain = $1 AND seq >= $2 ORDER BY seq LIMIT $3`
	for {
		n := 0
		err := tx.Each(q, func(r db.Row) error {
			t, err := scanTransfer(r)
			if err == nil {
				n, from = n+1, t.Seq+1
				fn(&t)
			}
			return err
		}, chain, from, window)
		if err != nil || n < window {
			return err
		}
	}
}

func linkBefore(tx *db.Tx, chain money.Currency, seq int64) (head, error) {
	var h head
	var hash string
	found, err := tx.One(`SELECT seq, hash FROM transfers WHERE chain = $1 AND seq < $2 ORDER BY seq DESC LIMIT 1`,
		[]any{chain, seq}, &h.seq, &hash)
	if found && err == nil {
		h.hash, _ = parseHash(hash)
	}
	return h, err
}

func standings(tx *db.Tx) ([]Standing, error) {
	return db.List(tx, scanStanding, selectStanding+` ORDER BY chain, account`)
}

const selectStanding = `SELECT chain, account, debits, credits FROM ledger_accounts`

func scanStanding(r db.Row) (s Standing, err error) {
	err = r.Scan(&s.Currency, &s.Account, &s.Debits, &s.Credits)
	return s, err
}

func standingsAfter(tx *db.Tx, after Standing, limit int) ([]Standing, error) {
	return db.List(tx, scanStanding, selectStanding+` WHERE chain > $1 OR chain = $1 AND account > $2
		ORDER BY chain, account LIMIT $3`, string(after.Currency), string(after.Account), limit)
}
