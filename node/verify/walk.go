package verify

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hutong/base/db"
)

// windowMax is how many entries of the books are read at a time.
const windowMax = 5_000

// entry is one row of the books.
type entry struct {
	id, debit, credit, currency, kind, order, shop, ref, hash string
	seq, at, amount, line                                     int64
}

// balance is an account while the books are walked: what left it and what came, and how low it ever stood.
type balance struct {
	debits, credits int64
	rule            sign
}

// sign is what an account's balance may never be.
type sign int

const (
	free     sign = iota
	notBelow      // such as escrow: it gives away only what came in
	notAbove      // a wallet: it holds what it took and gives back no more, but for what shops give on top
)

// walker reads one chain of the books from its beginning and checks, entry by entry: the shape (I-M1), the sign of
// every account that must cover (I-M3), the chain of hashes (I-M4); and in the end the stored balances (I-M2).
type walker struct {
	chain                      string
	last                       [sha256.Size]byte
	seq                        int64
	accounts                   map[string]*balance
	onTop                      int64 // what shops gave on top of payments: wallets may be short of it
	shapes, sums, signs, links *Check
	buf                        []byte
}

// walk walks all chains.
func walk(tx *db.Tx) ([]Check, error) {
	all := make([]Check, 4)
	for i, c := range []Check{{Name: "ledger.entries", Rule: "I-M1"}, {Name: "ledger.balances", Rule: "I-M2"},
		{Name: "ledger.signs", Rule: "I-M3"}, {Name: "ledger.chain", Rule: "I-M4"}} {
		all[i] = c
		all[i].Violations = []Violation{}
	}
	chains, err := db.List(tx, func(r db.Row) (c string, err error) { err = r.Scan(&c); return c, err },
		`SELECT chain FROM ledger_heads UNION SELECT chain FROM ledger_accounts ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("verify: ledger: %w", err)
	}
	for _, chain := range chains {
		w := walker{chain: chain, accounts: map[string]*balance{}, shapes: &all[0], sums: &all[1], signs: &all[2],
			links: &all[3]}
		if err := w.run(tx); err != nil {
			return nil, fmt.Errorf("verify: ledger: %w", err)
		}
	}
	for i := range all {
		all[i].OK = all[i].Total == 0
	}
	return all, nil
}

func (w *walker) run(tx *db.Tx) error {
	for {
		n := 0
		var e entry
		err := tx.Each(`SELECT id, debit, credit, currency, kind, order_id, shop_id, ref, hash, seq, at_us, amount, line_no
			FROM transfers WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3`, func(r db.Row) error {
			err := r.Scan(&e.id, &e.debit, &e.credit, &e.currency, &e.kind, &e.order, &e.shop, &e.ref, &e.hash, &e.seq,
				&e.at, &e.amount, &e.line)
			if err == nil {
				n++
				w.step(&e)
			}
			return err
		}, w.chain, w.seq, windowMax)
		if err != nil {
			return err
		}
		if n < windowMax {
			break
		}
	}
	if err := w.head(tx); err != nil {
		return err
	}
	return w.stored(tx)
}

// step takes one entry.
func (w *walker) step(e *entry) {
	w.link(e)
	w.shapes.Counted++
	from, to := class(e.debit), class(e.credit)
	if e.amount < 1 || e.debit == e.credit || e.currency != w.chain || !shaped(e.kind, from, to) ||
		e.order == "" && (from == "escrow" || to == "escrow") {
		w.shapes.note(w.name(e))
	}
	if e.kind == "forfeit_back" {
		w.onTop += e.amount
	}
	w.account(e.debit, from).debits += e.amount
	w.account(e.credit, to).credits += e.amount
	for _, a := range [...]string{e.debit, e.credit} {
		b := w.accounts[a]
		if net := b.credits - b.debits; b.rule == notBelow && net < 0 || b.rule == notAbove && net > w.onTop {
			v := w.name(e)
			v["account"], v["balance"] = a, fmt.Sprint(net)
			w.signs.note(v)
		}
	}
	if shop := w.accounts[e.debit]; e.kind == "payout" && shop.credits < shop.debits {
		v := w.name(e) // a refund may take a shop below zero, a payout never
		v["account"], v["balance"] = e.debit, fmt.Sprint(shop.credits-shop.debits)
		w.signs.note(v)
	}
	w.signs.Counted++
}

func (w *walker) name(e *entry) Violation {
	return Violation{"chain": w.chain, "seq": fmt.Sprint(e.seq), "transfer": e.id, "kind": e.kind, "debit": e.debit,
		"credit": e.credit, "amount": fmt.Sprint(e.amount), "order_id": e.order}
}

func (w *walker) account(name, class string) *balance {
	b := w.accounts[name]
	if b == nil {
		b = &balance{}
		switch class {
		case "escrow", "suspense", "earnest", "refunding", "platform", "carrier", "payout", "deposit", "own_bank":
			b.rule = notBelow
		case "wallet", "funder", "bank":
			b.rule = notAbove
		}
		w.accounts[name] = b
	}
	return b
}

func class(account string) string {
	c, _, _ := strings.Cut(account, ":")
	return c
}

// shaped tells whether a kind of transfer may lead from one class of account to another.
func shaped(kind, from, to string) bool {
	switch kind + " " + from + ">" + to {
	case "capture wallet>escrow", "refund_asked escrow>refunding", "refund_done refunding>wallet",
		"refund_again wallet>refunding", "refund_by_hand refunding>own_bank", "refund_refused refunding>escrow",
		"goods escrow>merchant", "goods_back merchant>escrow",
		"fee escrow>platform", "fee_back platform>escrow", "freight escrow>carrier", "freight_back carrier>escrow",
		"freight escrow>merchant", "freight_back merchant>escrow", "payout merchant>payout",
		"payout_back payout>merchant", "suspense_in wallet>suspense", "suspense_out suspense>refunding",
		"suspense_matched suspense>escrow", "funding funder>escrow", "funding_back escrow>funder",
		"earnest_held escrow>earnest", "earnest_freed earnest>escrow", "forfeit escrow>merchant",
		"forfeit_back merchant>escrow", "charge merchant>platform", "charge deposit>platform",
		"charge_back platform>merchant", "charge_back platform>deposit", "deposit_in bank>deposit",
		"deposit_out deposit>bank", "deposit_drawn deposit>platform", "redress deposit>escrow":
		return true
	}
	return false
}

// link checks that the entry follows the one before it. The walk goes on from the stored hash, so that one row that was
// changed is named alone.
func (w *walker) link(e *entry) {
	w.links.Counted++
	right := w.hash(e)
	stored, err := base64.RawURLEncoding.DecodeString(e.hash)
	if e.seq != w.seq+1 || err != nil || !slices.Equal(stored, right[:]) {
		v := w.name(e)
		v["hash"], v["right_hash"] = e.hash, base64.RawURLEncoding.EncodeToString(right[:])
		if e.seq != w.seq+1 {
			v["missing"] = fmt.Sprintf("%d-%d", w.seq+1, e.seq-1)
		}
		w.links.note(v)
	}
	w.seq, w.last = e.seq, [sha256.Size]byte{}
	copy(w.last[:], stored)
}

// hash is SHA-256 over the hash before and the entry in the documented form: chain, debit, credit, currency, kind,
// order, shop and ref, each behind its length in 4 bytes, then seq, time, amount and line in 8 bytes each, big endian.
func (w *walker) hash(e *entry) [sha256.Size]byte {
	b := append(w.buf[:0], w.last[:]...)
	for _, s := range [...]string{w.chain, e.debit, e.credit, e.currency, e.kind, e.order, e.shop, e.ref} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	for _, n := range [...]int64{e.seq, e.at, e.amount, e.line} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	w.buf = b
	return sha256.Sum256(b)
}

// head checks that the chain ends where its head says.
func (w *walker) head(tx *db.Tx) error {
	var seq int64
	var hash string
	found, err := tx.One(`SELECT seq, hash FROM ledger_heads WHERE chain = $1`, []any{w.chain}, &seq, &hash)
	if last := base64.RawURLEncoding.EncodeToString(w.last[:]); err == nil && (!found || seq != w.seq || hash != last) {
		w.links.note(Violation{"chain": w.chain, "head_seq": fmt.Sprint(seq), "last_seq": fmt.Sprint(w.seq),
			"head_hash": hash, "last_hash": last})
	}
	return err
}

// stored compares the balances that are kept with those that follow from the entries.
func (w *walker) stored(tx *db.Tx) error {
	err := tx.Each(`SELECT account, debits, credits FROM ledger_accounts WHERE chain = $1`, func(r db.Row) error {
		var name string
		var kept balance
		if err := r.Scan(&name, &kept.debits, &kept.credits); err != nil {
			return err
		}
		real := w.account(name, class(name))
		w.compare(name, kept, *real)
		delete(w.accounts, name)
		return nil
	}, w.chain)
	for _, name := range slices.Sorted(maps.Keys(w.accounts)) {
		w.compare(name, balance{}, *w.accounts[name])
	}
	return err
}

func (w *walker) compare(name string, kept, real balance) {
	w.sums.Counted++
	if kept.debits != real.debits || kept.credits != real.credits {
		w.sums.note(Violation{"chain": w.chain, "account": name, "debits": fmt.Sprint(kept.debits),
			"entries_debits": fmt.Sprint(real.debits), "credits": fmt.Sprint(kept.credits),
			"entries_credits": fmt.Sprint(real.credits)})
	}
}
