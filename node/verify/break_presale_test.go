package verify

import (
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

// presaleIn finds a presale by where it stands.
func presaleIn(state string) string {
	return `SELECT MIN(order_id) FROM presales WHERE state = '` + state + `'`
}

// paidBill and openBill find a bill at the wallets.
const (
	paidBill = `SELECT MIN(bill) FROM attempts WHERE bill <> '' AND captured > 0 AND refunded < captured`
	openBill = `SELECT MIN(t.bill) FROM attempts t JOIN orders o ON o.id = t.order_id
		WHERE t.bill <> '' AND o.bill <> '' AND t.state = 'pending'`
)

// billedIn finds a balance that is paid with goods, by where its order stands, and leadIn the goods' order.
func billedIn(state string) string {
	return `SELECT MIN(id) FROM orders WHERE bill <> '' AND id <> bill AND state = '` + state + `'`
}

func leadIn(state string) string {
	return `SELECT MIN(bill) FROM orders WHERE bill <> '' AND id <> bill AND state = '` + state + `'`
}

// unbilled are damages to what is paid together.
var unbilled = []damage{
	{check: "pay.bills", key: openBill, do: []string{`UPDATE attempts SET amount = amount + 1 WHERE bill = $1 AND id <> bill`}},
	{check: "pay.bills", key: openBill, do: []string{`UPDATE attempts SET state = 'failed' WHERE bill = $1 AND id <> bill`}},
	{check: "pay.bills", key: openBill, do: []string{`UPDATE attempts SET bill = bill || 'x' WHERE bill = $1 AND id <> bill`}},
	{check: "pay.bills", key: paidBill, do: []string{`UPDATE attempts SET whole = whole + 1 WHERE bill = $1 AND id <> bill`}},
	{check: "pay.bills", key: paidBill, also: "pay.attempts ledger.orders presale.payments",
		do: []string{`UPDATE attempts SET captured = 0, refunded = 0 WHERE bill = $1 AND id <> bill`}},
	{check: "pay.bills", key: paidBill, also: "order.bills",
		do: []string{`UPDATE attempts SET provider_txn = '' WHERE bill = $1 AND id <> bill`}},
	{check: "order.bills", key: leadIn("cancelled"), do: []string{`UPDATE orders SET bill = '' WHERE bill = $1 AND id <> bill`}},
	{check: "order.bills", key: billedIn("cancelled"), do: []string{`UPDATE orders SET paid_us = paid_us + 1 WHERE id = $1`}},
	{check: "order.bills", key: leadIn("awaiting_payment"),
		do: []string{`UPDATE orders SET bill = '' WHERE bill = $1 AND id <> bill`}},
	{check: "order.bills", key: billedIn("awaiting_payment"),
		do: []string{`UPDATE presales SET fixed_us = 0 WHERE order_id = $1`}},
	{check: "order.bills", key: billedIn("awaiting_payment"), do: []string{`UPDATE orders SET bill = (SELECT MAX(id)
		FROM orders WHERE bill = id AND state = 'cancelled' AND paid_us = 0) WHERE id = $1`}},
	{check: "order.bills", key: billedIn("awaiting_payment"), also: "order.lists tenant.addresses",
		do: []string{`UPDATE orders SET shopper_id = 'shr_x' WHERE id = $1`}},
}

// takenIn finds an order whose earnest its wallet took back, by where its presale stands.
func takenIn(state string) string {
	return `SELECT MIN(p.order_id) FROM presales p JOIN attempts t ON t.order_id = p.order_id
		WHERE t.charged_back > 0 AND p.state = '` + state + `'`
}

// untaken are damages to what wallets took back.
var untaken = []damage{
	{check: "pay.taken", key: takenIn("earnest_paid"), do: []string{`UPDATE orders SET taken_us = 0 WHERE id = $1`}},
	{check: "pay.taken", key: presaleIn("balance_paid"), do: []string{`UPDATE orders SET taken_us = 1 WHERE id = $1`}},
	{check: "pay.taken", key: takenIn("taken_back"), do: []string{`UPDATE orders SET taken_us = 1 WHERE id = $1`}},
	{check: "pay.taken", key: takenIn("earnest_paid"),
		do: []string{`UPDATE suborders SET shipped_us = (SELECT taken_us FROM orders WHERE id = $1) + 1 WHERE order_id = $1`}},
	{check: "pay.taken", key: takenIn("taken_back"),
		do: []string{`UPDATE attempts SET met = met - 1 WHERE order_id = $1`}},
	{check: "pay.taken", key: takenIn("earnest_paid"), also: "pay.attempts ledger.orders ledger.explained",
		do: []string{`INSERT INTO refunds (id, order_id, attempt_id, case_id, wallet, txn, amount, currency, reason, extra,
			state, tries, next_try_us, created_us, done_us) SELECT 'rfd_left', order_id, id, 'x', wallet, provider_txn, 1, 'CNY',
			'', FALSE, 'refused', 1, 0, created_us, 0 FROM attempts WHERE order_id = $1 AND charged_back > met`}},
	{check: "pay.taken", key: takenIn("taken_back"), also: "pay.refunds ledger.explained",
		do: []string{`UPDATE refunds SET state = 'succeeded' WHERE order_id = $1`}},
	{check: "pay.suspense", key: `SELECT s.txn FROM suspense s JOIN attempts t ON t.id = s.attempt_id
			JOIN presales p ON p.order_id = t.order_id WHERE p.state = 'taken_back'`,
		do: []string{`UPDATE suspense SET state = 'open' WHERE txn = $1`}},
	{check: "pay.attempts", key: `SELECT t.id FROM attempts t JOIN suspense s ON s.attempt_id = t.id
			WHERE s.kind = 'refund' AND s.state = 'refunded'`,
		do: []string{`UPDATE suspense SET state = 'open' WHERE attempt_id = $1`}},
	{check: "presale.orders", key: takenIn("taken_back"),
		do: []string{`UPDATE orders SET reason = 'shopper' WHERE id = $1`}},
	{check: "ledger.orders", key: takenIn("taken_back"), also: "ledger.chain",
		do: []string{`UPDATE transfers SET order_id = 'ord_x' WHERE order_id = $1 AND kind = 'refund_done'`}},
}

// unpresold are damages to presales, in a market of presales.
var unpresold = []damage{
	{check: "presale.liability", key: presaleIn("earnest_paid"), also: "ledger.chain ledger.balances ledger.signs",
		do: []string{`UPDATE transfers SET amount = amount + 1 WHERE order_id = $1 AND kind = 'earnest_held'`}},
	{check: "presale.liability", key: presaleIn("balance_paid"), also: "ledger.chain presale.payments",
		do: []string{`UPDATE transfers SET order_id = 'ord_x' WHERE order_id = $1 AND kind = 'earnest_freed'`}},
	{check: "ledger.explained", key: `SELECT 'earnest'`, also: "ledger.balances",
		do: []string{`UPDATE ledger_accounts SET credits = credits + 1 WHERE account = $1`}},
	{check: "presale.orders", key: presaleIn("earnest_paid"), do: []string{`UPDATE presales SET forfeit = earnest
		WHERE order_id = $1`}},
	{check: "presale.orders", key: presaleIn("lapsed"), do: []string{`DELETE FROM presales WHERE order_id = $1`}},
	{check: "presale.orders", key: presaleIn("forfeited"),
		do: []string{`UPDATE orders SET reason = 'shopper' WHERE id = $1`}},
	{check: "presale.orders", key: presaleIn("balance_paid"), also: "presale.liability presale.payments presale.ships",
		do: []string{`UPDATE presales SET state = 'earnest_due' WHERE order_id = $1`}},
	{check: "presale.payments", key: presaleIn("balance_paid"), also: "pay.attempts pay.facts order.money " +
		"ledger.orders ledger.explained",
		do: []string{`UPDATE attempts SET captured = captured + 1, amount = amount + 1 WHERE order_id = $1
			AND id = (SELECT MAX(id) FROM attempts WHERE order_id = $1)`}},
	{check: "presale.payments", key: presaleIn("earnest_paid"), also: "ledger.chain",
		do: []string{`UPDATE transfers SET ref = 'att_x' WHERE order_id = $1 AND kind = 'earnest_held'`}},
	{check: "presale.ships", key: presaleIn("balance_paid"),
		do: []string{`UPDATE presales SET ship_by_us = ship_by_us + 1 WHERE order_id = $1`}},
	{check: "presale.ships", key: presaleIn("forfeited"),
		do: []string{`UPDATE presales SET ship_by_us = due_us, ship_days = 3 WHERE order_id = $1`}},
	{check: "presale.ended", key: presaleIn("forfeited"), also: "claim.sums",
		do: []string{`UPDATE claim_lines SET base = base + 1, net = net + 1 WHERE order_id = $1`}},
	{check: "presale.ended", key: presaleIn("returned"), also: "pay.attempts ledger.explained order.escrow",
		do: []string{`UPDATE refunds SET extra = FALSE WHERE order_id = $1`}},
	{check: "presale.ended", key: presaleIn("forfeited"), also: "claim.lines claim.orphans",
		do: []string{`UPDATE claim_lines SET what = '' WHERE order_id = $1`}},
}

// TestI_C7_EveryCheckSeesItsDamage breaks one thing at a time in a market of presales.
func TestI_C7_EveryCheckSeesItsDamage(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		m := newPresold(t, d)
		m.every()
		m.holds()
		disarm(t, d)
		for _, w := range unpresold {
			t.Run(w.check, func(t *testing.T) { w.prove(t, d) })
		}
		for _, w := range untaken {
			t.Run(w.check, func(t *testing.T) { w.prove(t, d) })
		}
		for _, w := range unbilled {
			t.Run(w.check, func(t *testing.T) { w.prove(t, d) })
		}
		m.holds()
	})
}
