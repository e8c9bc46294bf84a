package ledger

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/money"
)

// Post appends transfers to the books, in the order given and in the caller's transaction, and sets ID, Seq, At and
// Hash of each. Each currency has a chain of its own; its head row stays locked until the commit, so the order of
// sequence numbers is the order of commits.
//
// Money must be there before it is given away: a batch that would take the escrow of an order, the suspense account
// or a refund on its way below zero is refused whole with ledger.overdrawn (FAULTS M22). Not safe to repeat: the
// caller's own guard must make sure that a fact is posted once.
//
// Codes: ledger.kind, ledger.amount, ledger.line, ledger.currency, ledger.order_missing, ledger.overdrawn,
// ledger.range.
func Post(tx *db.Tx, at time.Time, ts []Transfer) error {
	all := make([]*Transfer, len(ts))
	for i := range ts {
		if err := ts[i].check(); err != nil {
			return err
		}
		all[i] = &ts[i]
	}
	// Heads are always locked in the order of currencies, so that two batches never wait for each other.
	slices.SortStableFunc(all, func(a, b *Transfer) int { return cmp.Compare(a.Currency, b.Currency) })
	at = at.UTC().Truncate(time.Microsecond) // what is hashed is what is stored
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Currency == all[0].Currency {
			n++
		}
		if err := postChain(tx, at, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func postChain(tx *db.Tx, at time.Time, ts []*Transfer) error {
	chain := ts[0].Currency
	b, err := loadBook(tx, chain, ts)
	if err != nil {
		return err
	}
	var l linker
	for _, t := range ts {
		if err := b.apply(t); err != nil {
			return err
		}
		l.seal(&b.head, at, t)
	}
	if err := insertTransfers(tx, ts); err != nil {
		return err
	}
	if err := saveAccounts(tx, chain, b.accounts); err != nil {
		return err
	}
	return moveHead(tx, chain, b.head)
}

func loadBook(tx *db.Tx, chain money.Currency, ts []*Transfer) (*book, error) {
	b := &book{accounts: map[Account]*counters{}, escrow: map[string]int64{}}
	for _, t := range ts {
		for _, a := range [...]Account{t.Debit, t.Credit} {
			if b.accounts[a] == nil {
				b.accounts[a] = &counters{}
			}
		}
		if t.Debit == Escrow {
			b.escrow[t.Order] = 0
		}
	}
	var err error
	if b.head, err = lockHead(tx, chain); err != nil {
		return nil, err
	}
	if err := loadAccounts(tx, chain, b.accounts); err != nil {
		return nil, err
	}
	return b, loadEscrow(tx, chain, b.escrow)
}

// Head is the sequence number of the last transfer in a currency's chain, 0 when there is none. Everything up to it
// is committed, apart from what this transaction wrote itself.
func Head(tx *db.Tx, currency money.Currency) (int64, error) {
	h, _, err := readHead(tx, currency, "")
	return h.seq, err
}

// Hold locks a currency's chain until the commit and tells the position of the next transfer in it. What is filed
// under that position by this transaction comes after every cut of the books made so far.
func Hold(tx *db.Tx, currency money.Currency) (int64, error) {
	h, err := lockHead(tx, currency)
	return h.seq + 1, err
}

// Balance is what an account holds in a currency: credits minus debits, 0 for an account never used. What a
// provider holds for the market shows as a wallet below zero.
func Balance(tx *db.Tx, a Account, currency money.Currency) (int64, error) {
	accounts := map[Account]*counters{a: {}}
	err := loadAccounts(tx, currency, accounts)
	return accounts[a].credits - accounts[a].debits, err
}

// Standings are the counters of all accounts, by currency and account.
func Standings(tx *db.Tx) ([]Standing, error) { return standings(tx) }

// ByOrder are the transfers of one order, oldest first.
func ByOrder(tx *db.Tx, order string) ([]Transfer, error) { return transfersOf(tx, order) }

// CheckChain recomputes a currency's chain from a position on (1: all of it) and tells how many transfers it read and
// where the chain does not hold: the row that was changed, the gap where one was removed, or the head.
func CheckChain(tx *db.Tx, currency money.Currency, from int64) (count int64, breaks []Break, err error) {
	c := checker{chain: currency}
	if c.last, err = linkBefore(tx, currency, from); err != nil {
		return 0, nil, err
	}
	if err = eachTransfer(tx, currency, from, c.add); err != nil {
		return 0, nil, err
	}
	h, _, err := readHead(tx, currency, "")
	c.end(h)
	return c.count, c.breaks, err
}

// Service answers questions about the books in reads of its own.
type Service struct{ db *db.DB }

// New makes the Service.
func New(d *db.DB) *Service { return &Service{db: d} }

// Books are the counters of all accounts, by currency and account: the operator's first page.
func (s *Service) Books(ctx context.Context) (all []Standing, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = Standings(tx); return err })
	return all, err
}

// BooksAfter is a page of Books: the accounts after one, of its currency and those that follow; the zero Standing is
// before all.
func (s *Service) BooksAfter(ctx context.Context, after Standing, limit int) (all []Standing, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = standingsAfter(tx, after, limit); return err })
	return all, err
}

// OfOrder are the transfers of one order, oldest first.
func (s *Service) OfOrder(ctx context.Context, order string) (all []Transfer, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = ByOrder(tx, order); return err })
	return all, err
}

// pageMax bounds one page of transfers.
const pageMax = 200

// Last are the newest transfers of a currency before a sequence number (0: from the end), newest first.
func (s *Service) Last(ctx context.Context, currency money.Currency, before int64, limit int) ([]Transfer, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	var all []Transfer
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = lastTransfers(tx, currency, before, min(max(limit, 1), pageMax))
		return err
	})
	return all, err
}
