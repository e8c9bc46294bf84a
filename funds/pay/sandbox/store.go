package sandbox

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const selectBill = `SELECT wallet, bill_no, out_trade_no, order_ref, amount, currency, payee, account, state, txn,
	refunded, created_us, expires_us, paid_us, payer FROM sandbox_bills `

func scanBill(r db.Row) (b Bill, err error) {
	var created, expires, paid int64
	err = r.Scan(&b.Wallet, &b.No, &b.Trade, &b.Order, &b.Amount.Minor, &b.Amount.Currency, &b.Payee, &b.Account,
		&b.State, &b.Txn, &b.Refunded, &created, &expires, &paid, &b.Payer)
	b.Created, b.Expires, b.Paid = clock.FromMicros(created), clock.FromMicros(expires), clock.FromMicros(paid)
	return b, err
}

func oneBill(tx *db.Tx, q string, args ...any) (b Bill, found bool, err error) {
	err = tx.Each(q, func(r db.Row) error {
		found = true
		b, err = scanBill(r)
		return err
	}, args...)
	return b, found, err
}

func billByNo(tx *db.Tx, wallet, no string) (Bill, bool, error) {
	return oneBill(tx, selectBill+`WHERE wallet = $1 AND bill_no = $2`, wallet, no)
}

func billByTrade(tx *db.Tx, wallet, trade string) (Bill, bool, error) {
	return oneBill(tx, selectBill+`WHERE wallet = $1 AND out_trade_no = $2`, wallet, trade)
}

// billByTxn searches: it is asked for when money without an order goes back, which is rare.
func billByTxn(tx *db.Tx, wallet, txn string) (Bill, bool, error) {
	return oneBill(tx, selectBill+`WHERE wallet = $1 AND txn = $2 AND txn <> ''`, wallet, txn)
}

// insertBill makes a bill and tells whether the merchant's number was new.
func insertBill(tx *db.Tx, b Bill) (bool, error) {
	n, err := tx.Exec(`INSERT INTO sandbox_bills (wallet, bill_no, out_trade_no, order_ref, amount, currency, payee,
		account, state, txn, refunded, created_us, expires_us, paid_us, notify_us, notify_times, notify_tries)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'unpaid', '', 0, $9, $10, 0, 0, 0, 0)
		ON CONFLICT (wallet, out_trade_no) DO NOTHING`, b.Wallet, b.No, b.Trade, b.Order, b.Amount.Minor,
		b.Amount.Currency, b.Payee, b.Account, clock.Micros(b.Created), clock.Micros(b.Expires))
	return n == 1, err
}

// payBill takes the shopper's money, if nobody was faster, and notes when the merchant is to be told, 0 if at once.
func payBill(tx *db.Tx, b Bill, notify time.Time, times int) (bool, error) {
	n, err := tx.Exec(`UPDATE sandbox_bills SET state = 'paid', txn = $3, paid_us = $4, notify_us = $5, notify_times = $6,
		payer = $7 WHERE wallet = $1 AND bill_no = $2 AND state = 'unpaid'`,
		b.Wallet, b.No, b.Txn, clock.Micros(b.Paid), clock.Micros(notify), times, b.Payer)
	return n == 1, err
}

func closeBill(tx *db.Tx, wallet, no string) (bool, error) {
	n, err := tx.Exec(`UPDATE sandbox_bills SET state = 'closed' WHERE wallet = $1 AND bill_no = $2 AND state = 'unpaid'`,
		wallet, no)
	return n == 1, err
}

// giveBack counts money as refunded, if the bill has that much left.
func giveBack(tx *db.Tx, b Bill, amount int64) (bool, error) {
	n, err := tx.Exec(`UPDATE sandbox_bills SET refunded = refunded + $3
		WHERE wallet = $1 AND bill_no = $2 AND state = 'paid' AND amount - refunded >= $3`, b.Wallet, b.No, amount)
	return n == 1, err
}

// insertRefund stores a refund and tells whether the merchant's number was new.
func insertRefund(tx *db.Tx, r Refund) (bool, error) {
	n, err := tx.Exec(`INSERT INTO sandbox_refunds (wallet, out_refund_no, bill_no, txn, amount, currency, state, done_us)
		VALUES ($1, $2, $3, $4, $5, $6, 'done', $7) ON CONFLICT (wallet, out_refund_no) DO NOTHING`,
		r.Wallet, r.No, r.Bill, r.Txn, r.Amount.Minor, r.Amount.Currency, clock.Micros(r.Done))
	return n == 1, err
}

func scanRefund(row db.Row) (r Refund, err error) {
	var done int64
	err = row.Scan(&r.Wallet, &r.No, &r.Bill, &r.Txn, &r.Amount.Minor, &r.Amount.Currency, &done)
	r.Done = clock.FromMicros(done)
	return r, err
}

const selectRefund = `SELECT wallet, out_refund_no, bill_no, txn, amount, currency, done_us FROM sandbox_refunds `

func refundByNo(tx *db.Tx, wallet, no string) (r Refund, found bool, err error) {
	err = tx.Each(selectRefund+`WHERE wallet = $1 AND out_refund_no = $2`, func(row db.Row) error {
		found = true
		r, err = scanRefund(row)
		return err
	}, wallet, no)
	return r, found, err
}

// later is a notice that waits for its time.
type later struct {
	bill         Bill
	due          int64
	times, tries int
}

// claimNotices takes the notices that are due and moves their time on, so that one that fails is told again.
func claimNotices(tx *db.Tx, now time.Time, limit int64) ([]later, error) {
	const find = `SELECT wallet, bill_no, notify_us, notify_times, notify_tries FROM sandbox_bills
		WHERE notify_us > 0 AND notify_us <= $1 ORDER BY notify_us LIMIT $2`
	found, err := db.List(tx, func(r db.Row) (l later, err error) {
		err = r.Scan(&l.bill.Wallet, &l.bill.No, &l.due, &l.times, &l.tries)
		return l, err
	}, find, clock.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	const take = `UPDATE sandbox_bills SET notify_tries = $4, notify_us = $5
		WHERE wallet = $1 AND bill_no = $2 AND notify_us = $3`
	rows := make([][]any, len(found))
	for i, l := range found {
		rows[i] = []any{l.bill.Wallet, l.bill.No, l.due, l.tries + 1, clock.Micros(nextTry(now, l.tries+1))}
	}
	changed, err := tx.Many(take, rows)
	if err != nil {
		return nil, err
	}
	var mine []later
	for i, l := range found {
		if changed[i] != 1 {
			continue
		}
		if l.bill, _, err = billByNo(tx, l.bill.Wallet, l.bill.No); err != nil {
			return nil, err
		}
		mine = append(mine, l)
	}
	return mine, nil
}

// retryNotice notes that the first try to tell the merchant failed.
func retryNotice(tx *db.Tx, b Bill, at time.Time) error {
	_, err := tx.Exec(`UPDATE sandbox_bills SET notify_us = $3, notify_tries = 1 WHERE wallet = $1 AND bill_no = $2`,
		b.Wallet, b.No, clock.Micros(at))
	return err
}

// endNotice notes that the merchant was told.
func endNotice(tx *db.Tx, b Bill) error {
	_, err := tx.Exec(`UPDATE sandbox_bills SET notify_us = 0 WHERE wallet = $1 AND bill_no = $2`, b.Wallet, b.No)
	return err
}
