package settle

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Settings are what an operator may set about settlement.
type Settings struct {
	DefaultPPM money.PPM      // the fee where no rule says otherwise
	Zone       *time.Location // whose midnights end the periods
	Accounts   Accounts       // where shops are paid out to; nil: nowhere, so that nothing is paid out
}

// Accounts knows where the shops' money goes.
type Accounts interface {
	// AccountIn names the account that a shop is paid out to, "" while it has none.
	AccountIn(tx *db.Tx, shop string) (string, error)
}

// Defaults are the settings of a new market: 0.6 % and periods that end at midnight in Shanghai, which is UTC+8 all
// year round.
func Defaults() Settings {
	return Settings{DefaultPPM: 6_000, Zone: time.FixedZone("Asia/Shanghai", 8*60*60)}
}

// Service is the room's verbs.
type Service struct {
	db       *db.DB
	clock    clock.Clock
	ids      IDs
	settings Settings

	refresh sync.Mutex // one reading at a time, so that an older one never replaces a newer one
	fees    atomic.Pointer[Fees]
}

// New makes the Service and reads the fee schedule.
func New(ctx context.Context, d *db.DB, c clock.Clock, ids IDs, set Settings) (*Service, error) {
	if set.DefaultPPM < 0 || set.DefaultPPM > money.Whole {
		return nil, fault.New(fault.Invalid, "fee.rate", fault.P("ppm", int64(set.DefaultPPM))).At("default_ppm")
	}
	if set.Zone == nil {
		set.Zone = time.UTC
	}
	s := &Service{db: d, clock: c, ids: ids, settings: set}
	return s, s.Refresh(ctx)
}

// Fees is the newest reading of the fee schedule: no lock, no allocation, no database. A node that did not make a
// change itself sees it a few seconds later, which is harmless: changes are announced days ahead.
func (s *Service) Fees() *Fees { return s.fees.Load() }

// Refresh reads the fee schedule again. It is a job.
func (s *Service) Refresh(ctx context.Context) error {
	s.refresh.Lock()
	defer s.refresh.Unlock()
	return s.db.Read(ctx, func(tx *db.Tx) error {
		rules, err := allRules(tx)
		if err == nil {
			s.fees.Store(NewFees(s.settings.DefaultPPM, rules))
		}
		return err
	})
}

// SetFee announces a fee from a start date on, at least 7 days ahead (FAULTS I-P5). Immediate starts at once and is
// for opening a market or a shop: it is refused once the scope has a settled sale. Orders already placed keep the fee
// they were placed with.
// Codes: fee.scope, fee.scope_id, fee.rate, fee.notice, fee.not_opening, fee.same_start.
func (s *Service) SetFee(ctx context.Context, cmd SetFee) (r FeeRule, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) {
		r, err = s.SetFeeIn(tx, now, cmd)
		return err
	})
	if err != nil {
		return FeeRule{}, err
	}
	return r, s.Refresh(context.WithoutCancel(ctx))
}

// SetFeeIn is SetFee in the caller's transaction, such as that of the approval of a second person. The reading of the
// schedule changes with the next Refresh, seconds later. Codes: those of SetFee.
func (s *Service) SetFeeIn(tx *db.Tx, now time.Time, cmd SetFee) (FeeRule, error) {
	if cmd.Immediate && cmd.From.IsZero() {
		cmd.From = now
	}
	cmd.From = cmd.From.UTC().Truncate(time.Microsecond)
	if err := cmd.Check(now); err != nil {
		return FeeRule{}, err
	}
	r := FeeRule{ID: RuleID(s.ids.New("fee")), Scope: cmd.Scope, ScopeID: cmd.ScopeID, PPM: cmd.PPM,
		From: cmd.From, Announced: now, Opening: cmd.Immediate}
	return r, addRule(tx, &r)
}

func addRule(tx *db.Tx, r *FeeRule) error {
	if r.Opening {
		shop := ""
		if r.Scope == ScopeShop {
			shop = r.ScopeID
		}
		late, err := anyClaim(tx, shop)
		if err != nil {
			return err
		}
		if late {
			return fault.New(fault.Unprocessable, "fee.not_opening").At("immediate")
		}
	}
	err := insertRule(tx, r)
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, "fee.same_start").At("from").Because(err)
	}
	return err
}

// Accrue turns completed suborders into claims and moves their money from escrow to shops, operator and carriers, in
// the caller's transaction. A suborder is accrued once: a second time is refused with settle.accrued.
// Codes: settle.accrued, settle.line, settle.amount, and those of ledger.Post.
func (s *Service) Accrue(tx *db.Tx, at time.Time, sales []Sale) error {
	p := posting{at: at}
	if err := p.accrueAll(sales); err != nil {
		return err
	}
	return p.save(tx, "settle.accrued")
}

// Reverse takes back what refunds undo of claims that exist, and moves the money back into escrow, in the caller's
// transaction: call it before the refund is asked for, which takes the money from there. A refund whose figures are
// not those of the claim, such as one told twice, is refused with settle.changed.
// Codes: settle.not_accrued, settle.changed, settle.line, settle.amount, and those of ledger.Post.
func (s *Service) Reverse(tx *db.Tx, at time.Time, refunds []Refunded) error {
	return change(tx, at, refunds, (*posting).takeBackAll)
}

// Raise adds to claims that exist what their lines are worth more since the rest of their order was priced again, out
// of its escrow, in the caller's transaction: each says what it was worth before, and is after, which is more. Figures
// that are not those of the claim are refused with settle.changed. Codes: those of Reverse.
func (s *Service) Raise(tx *db.Tx, at time.Time, raised []Refunded) error {
	return change(tx, at, raised, (*posting).raiseAll)
}

func change(tx *db.Tx, at time.Time, refunds []Refunded, add func(*posting, []Refunded, *standings) error) error {
	sorted := slices.Clone(refunds)
	slices.SortStableFunc(sorted, func(a, b Refunded) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Sub, b.Sub))
	})
	orders := make([]string, 0, len(sorted))
	for i := range sorted {
		if i == 0 || sorted[i].Order != sorted[i-1].Order {
			orders = append(orders, sorted[i].Order)
		}
	}
	standings, err := loadStandings(tx, orders)
	if err != nil {
		return err
	}
	p := posting{at: at}
	if err := add(&p, sorted, standings); err != nil {
		return err
	}
	return p.save(tx, "settle.changed")
}

// save posts the transfers, then stores the claims with their position in the books.
func (p *posting) save(tx *db.Tx, twice string) error {
	if err := ledger.Post(tx, p.at, p.transfers); err != nil {
		return err
	}
	err := p.place(func(c money.Currency) (int64, error) { return ledger.Hold(tx, c) })
	if err != nil {
		return err
	}
	err = insertClaims(tx, p.claims, p.lines)
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, twice, fault.P("order", p.claims[0].Order)).Because(err)
	}
	return err
}

// ClaimsOf are the claims of one order, by suborder, entry and party.
func ClaimsOf(tx *db.Tx, order string) ([]Claim, error) { return claimsOf(tx, order) }

// Funded is what a funder pays of one order for the shopper, aside from the claims: it leaves what the shop earns as it
// is.
type Funded struct {
	Order    string
	Shop     string // the shop it is about
	Currency money.Currency
	Share
}

// Fund books what funders pay into the escrow of orders, in the caller's transaction. Not safe to repeat: the caller's
// own record is. Codes: those of ledger.Post.
func Fund(tx *db.Tx, at time.Time, all []Funded) error { return fund(tx, at, all, false) }

// FundBack is the opposite of Fund: funders get it back out of the escrow. Codes: those of ledger.Post.
func FundBack(tx *db.Tx, at time.Time, all []Funded) error { return fund(tx, at, all, true) }

func fund(tx *db.Tx, at time.Time, all []Funded, back bool) error {
	ts := make([]ledger.Transfer, len(all))
	for i, f := range all {
		ts[i] = ledger.Transfer{Debit: ledger.Funder(f.Party), Credit: ledger.Escrow, Amount: f.Amount,
			Currency: f.Currency, Kind: ledger.Funding, Order: f.Order, Shop: f.Shop}
		if back {
			ts[i].Debit, ts[i].Credit, ts[i].Kind = ts[i].Credit, ts[i].Debit, ledger.FundingBack
		}
	}
	return ledger.Post(tx, at, ts)
}
