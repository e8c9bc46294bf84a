package settle

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/party/audit"
)

// account is what a statement is made for.
type account struct {
	shop     string
	currency money.Currency
}

// closeTries bounds how often a closing that lost to another one reads again; a second loss is already rare.
const closeTries = 5

// Close closes a shop's period that ends at until, one statement per currency in which it has claims. The cut is made
// in the books, not on the clock: what is posted after it, however early it is dated, falls to the next period
// (FAULTS R24). Safe to repeat: a period that is closed answers with the statement that exists (R25).
// Codes: statement.future, statement.period_over (a later period is closed already).
func (s *Service) Close(ctx context.Context, shop string, until time.Time) ([]Statement, error) {
	if shop == "" {
		return nil, nil
	}
	var accounts []account
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { accounts, err = allAccounts(tx, shop); return err })
	if err != nil {
		return nil, err
	}
	var made []Statement
	for _, a := range accounts {
		st, _, err := s.close(ctx, a, until)
		if err != nil {
			return nil, err
		}
		if st.ID != "" {
			made = append(made, st)
		}
	}
	return made, nil
}

// CloseAll closes the period of every shop that ends at until and tells how many statements it made. One shop's
// failure does not stop the others.
func (s *Service) CloseAll(ctx context.Context, until time.Time) (done int, err error) {
	var accounts []account
	var ends map[account]int64
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if accounts, err = allAccounts(tx, ""); err == nil {
			ends, err = lastCuts(tx)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, a := range accounts {
		if end, closed := ends[a]; closed && end >= clock.Micros(until) {
			continue
		}
		_, fresh, err := s.close(ctx, a, until)
		if err != nil {
			failed = append(failed, err)
		}
		if fresh {
			done++
		}
	}
	return done, errors.Join(failed...)
}

// close closes one period. It adds up in a read, which keeps nobody waiting: claims up to a committed position of the
// books never change. The write only sets the row, and the row's keys let one closing win.
func (s *Service) close(ctx context.Context, a account, until time.Time) (st Statement, fresh bool, err error) {
	now := clock.Now(ctx, s.clock)
	until = until.UTC().Truncate(time.Microsecond)
	if until.After(now) {
		return st, false, fault.New(fault.Invalid, "statement.future").At("until")
	}
	for range closeTries {
		st, fresh = Statement{}, false
		err = s.db.Read(ctx, func(tx *db.Tx) (err error) { st, fresh, err = draft(tx, a, until, now); return err })
		if err != nil || !fresh {
			return st, false, err
		}
		err = s.db.Write(ctx, func(tx *db.Tx) error { return insertStatement(tx, &st) })
		if !errors.Is(err, db.ErrUnique) {
			return st, err == nil, err
		}
	}
	return Statement{}, false, fault.New(fault.Unavailable, "storage.busy").After(time.Second).Because(err)
}

// draft finds the statement of a period, or makes the one that is to be stored (fresh). A period without claims has
// none, unless more was given back of charges than was charged: that is paid out.
func draft(tx *db.Tx, a account, until, now time.Time) (st Statement, fresh bool, err error) {
	st, found, err := statementOf(tx, a.shop, statementID(a.shop, a.currency, until))
	if err != nil || found {
		return st, false, err
	}
	last, found, err := lastStatement(tx, a.shop, a.currency)
	if err != nil {
		return Statement{}, false, err
	}
	if found && !until.After(last.Until) {
		return Statement{}, false, fault.New(fault.Conflict, "statement.period_over", fault.P("shop", a.shop)).At("until")
	}
	cut, err := ledger.Head(tx, a.currency)
	if err != nil {
		return Statement{}, false, err
	}
	period := span{a.shop, a.currency, last.CutSeq, cut}
	sums, err := sumClaims(tx, period)
	if err != nil {
		return Statement{}, false, err
	}
	charged, returned, err := sumCharges(tx, period)
	if err != nil || sums.Claims == 0 && returned <= charged {
		return Statement{}, false, err
	}
	st = Statement{Shop: a.shop, Currency: a.currency, Until: until, CutSeq: cut, Sums: sums, Charged: charged,
		Returned: returned, Closed: now}
	st.follow(last)
	return st, true, nil
}

// Payout sends what a statement owes to the shop's bank, and at most what the books owe the shop by now: refunds and
// charges after the cut come off it. It is one transfer in the books, and a row in the record that names the account,
// in one transaction. What it could not send stays due on the statement and can be sent once the shop has earned it;
// the statement is paid out when all of it was. It is the operator's verb. Safe to repeat: a statement that is paid out
// is answered as it is.
// Codes: statement.not_found, statement.nothing_due (what it lacks is carried to the next statement),
// statement.no_account, settle.balance (the books owe the shop nothing now).
func (s *Service) Payout(ctx context.Context, id StatementID) (st Statement, err error) {
	now := clock.Now(ctx, s.clock).Truncate(time.Microsecond)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		var found bool
		st, found, err = lockStatement(tx, id)
		switch {
		case err != nil:
			return err
		case !found:
			return fault.New(fault.NotFound, "statement.not_found")
		case st.State() == PaidOut:
			return nil
		case st.Due <= 0:
			return fault.New(fault.Unprocessable, "statement.nothing_due")
		}
		account, err := s.accountOf(tx, st.Shop)
		if err != nil {
			return err
		}
		amount, err := payOut(tx, &st, now)
		if err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.ids, audit.Entry{At: now, What: "statement.paid_out", On: string(st.ID), Shop: st.Shop,
			After: audit.Facts{"due": strconv.FormatInt(st.Due, 10), "amount": strconv.FormatInt(amount, 10),
				"currency": string(st.Currency), "paid_to": account}})
	})
	if err != nil {
		return Statement{}, err
	}
	return st, nil
}

// accountOf is where a shop's money goes: without an account that two people agreed to, nowhere.
func (s *Service) accountOf(tx *db.Tx, shop string) (account string, err error) {
	if s.settings.Accounts != nil {
		account, err = s.settings.Accounts.AccountIn(tx, shop)
	}
	if err == nil && account == "" {
		err = fault.New(fault.Unprocessable, "statement.no_account")
	}
	return account, err
}

// payOut sends what can be sent of a statement and tells how much that is. The chain is held before the balance is
// read, so that no refund comes in between.
func payOut(tx *db.Tx, st *Statement, now time.Time) (int64, error) {
	if _, err := ledger.Hold(tx, st.Currency); err != nil {
		return 0, err
	}
	owed, err := ledger.Balance(tx, ledger.Merchant(st.Shop), st.Currency)
	if err != nil {
		return 0, err
	}
	amount, before := min(st.Rest(), owed), st.Sent
	if amount <= 0 {
		return 0, fault.New(fault.Unprocessable, "settle.balance")
	}
	if st.Sent += amount; st.Rest() == 0 {
		st.Paid = now
	}
	changed, err := saveSent(tx, st, before)
	if err != nil {
		return 0, err
	}
	if changed != 1 { // the row is locked, so it is as it was read
		return 0, fault.New(fault.Unavailable, "storage.busy").After(time.Second)
	}
	return amount, ledger.Post(tx, now, []ledger.Transfer{{
		Debit: ledger.Merchant(st.Shop), Credit: ledger.Payout(st.Shop), Amount: amount, Currency: st.Currency,
		Kind: ledger.PaidOut, Shop: st.Shop, Ref: string(st.ID),
	}})
}

// Payable is what each of these statements would be paid now if all of its shop's were, the oldest first: less than its
// rest, down to nothing, where later refunds and charges took up what the books owe the shop. What an older statement
// takes up counts for no newer one, so that together they are never more than the books owe, nor lack more than that.
func (s *Service) Payable(ctx context.Context, all []Statement) ([]int64, error) {
	payable := map[StatementID]int64{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		books, err := ledger.Standings(tx)
		if err != nil {
			return err
		}
		owed := map[account]int64{}
		for _, b := range books {
			if shop, ok := ledger.ShopOf(b.Account); ok {
				owed[account{shop, b.Currency}] = b.Net()
			}
		}
		shops := make([]string, len(all))
		for i := range all {
			shops[i] = all[i].Shop
		}
		slices.Sort(shops)
		return eachOpen(tx, slices.Compact(shops), func(st Statement) {
			a := account{st.Shop, st.Currency}
			payable[st.ID] = max(min(st.Rest(), owed[a]), 0)
			owed[a] -= payable[st.ID]
		})
	})
	each := make([]int64, len(all))
	for i := range all {
		each[i] = payable[all[i].ID]
	}
	return each, err
}

// Statement is one statement of a shop. Another shop's is statement.not_found.
func (s *Service) Statement(ctx context.Context, shop string, id StatementID) (st Statement, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { st, err = find(tx, shop, id); return err })
	return st, err
}

func find(tx *db.Tx, shop string, id StatementID) (Statement, error) {
	st, found, err := statementOf(tx, shop, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "statement.not_found")
	}
	return st, err
}

// linesMax bounds one page of a statement.
const linesMax = 1000

// Page asks for part of a statement's lines.
type Page struct {
	Shop      string
	Statement StatementID
	After     Cursor // the Cursor of the last line of the page before; the zero Cursor for the first
	Limit     int    // at most 1000
}

// Lines are a statement's claims down to the order line, in the order of the books. A page shorter than the limit is
// the last one. Codes: statement.not_found.
func (s *Service) Lines(ctx context.Context, p Page) (lines []ClaimLine, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		st, err := find(tx, p.Shop, p.Statement)
		if err != nil {
			return err
		}
		lines, err = pageOf(tx, span{st.Shop, st.Currency, st.FromSeq, st.CutSeq}, p.After,
			min(max(p.Limit, 1), linesMax))
		return err
	})
	return lines, err
}

// Statements are a shop's statements, newest first.
func (s *Service) Statements(ctx context.Context, shop string) (all []Statement, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = statementsOf(tx, shop); return err })
	return all, err
}

// Recent are the newest statements of all shops, for the operator.
func (s *Service) Recent(ctx context.Context, limit int) (all []Statement, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = recentStatements(tx, min(max(limit, 1), linesMax))
		return err
	})
	return all, err
}

// Totals are all claims of a shop, closed in a statement or not, by currency. What was refunded before a suborder
// completed is in gross and refunded if anything of the suborder completed; a suborder cancelled whole never was a
// claim. It reads the statements and what is newer, so it stays fast as a shop grows old.
func (s *Service) Totals(ctx context.Context, shop string) (all []Totals, err error) {
	if shop == "" {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		accounts, err := allAccounts(tx, shop)
		if err != nil {
			return err
		}
		closed, err := statementsOf(tx, shop)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			t, err := totalsOf(tx, a, closed)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return nil
	})
	return all, err
}

func totalsOf(tx *db.Tx, a account, closed []Statement) (Totals, error) {
	cut, sums := int64(0), []Sums{}
	for i := range closed {
		if closed[i].Currency == a.currency {
			cut = max(cut, closed[i].CutSeq)
			sums = append(sums, closed[i].Sums)
		}
	}
	open, err := sumClaims(tx, span{a.shop, a.currency, cut, math.MaxInt64})
	if err != nil {
		return Totals{}, err
	}
	t := Totals{Currency: a.currency, Sums: open}
	for _, c := range sums {
		t.Claims += c.Claims
		t.Gross = plus(t.Gross, c.Gross, &err)
		t.Refunded = plus(t.Refunded, c.Refunded, &err)
		t.Fees = plus(t.Fees, c.Fees, &err)
		t.Freight = plus(t.Freight, c.Freight, &err)
		t.Net = plus(t.Net, c.Net, &err)
	}
	return t, err
}

// Jobs are what settlement does by itself: close each day of the market's zone, and read the fee schedule again.
func (s *Service) Jobs() []job.Job {
	return []job.Job{
		{Name: "settle.close", Every: time.Minute, Run: func(ctx context.Context) (int, error) {
			return s.CloseAll(ctx, dayStart(clock.Now(ctx, s.clock), s.settings.Zone))
		}},
		{Name: "settle.fees", Every: 3 * time.Second, Run: func(ctx context.Context) (int, error) {
			return 0, s.Refresh(ctx)
		}},
	}
}
