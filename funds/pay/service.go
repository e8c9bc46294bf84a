package pay

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/idempotency"
	"hutong/base/money"
	"hutong/base/outside"
)

// attemptsMax bounds how often one order can be tried.
const attemptsMax = 20

// Options are what a node may set. The zero value is right.
type Options struct {
	Log         *slog.Logger
	CallTimeout time.Duration // how long a wallet may take to answer; default 5 s
	Providers   []Provider    // in the order in which they are offered
	// Mark makes of an account at a wallet a keyed hash of letters and digits that cannot be turned back; nil: who paid
	// is not kept.
	Mark func(wallet, payer string) string
	// Alone is what one person may record as refunded by hand, in minor units; nil: nothing.
	Alone func() int64
}

// Service holds the verbs of payment. Plug must be called once before it is used.
type Service struct {
	db        *db.DB
	clock     clock.Clock
	ids       event.IDs
	log       *slog.Logger
	desks     []*desk
	byName    map[string]*desk
	purchases Purchases
	mark      func(wallet, payer string) string
	alone     func() int64
	lane      lane
	counters  struct{ forged, suspended atomic.Int64 }
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids event.IDs, o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = 5 * time.Second
	}
	s := &Service{db: d, clock: c, ids: ids, log: o.Log, mark: o.Mark, alone: o.Alone, byName: map[string]*desk{}}
	for _, p := range o.Providers {
		k := newDesk(p, c, o.CallTimeout)
		s.desks = append(s.desks, k)
		s.byName[p.Name()] = k
	}
	s.lane.apply = s.applyBatch
	return s
}

// Plug sets who sells. The seller is made with this Service at hand, so it can come only afterwards.
func (s *Service) Plug(p Purchases) { s.purchases = p }

// Wallet is one way to pay, as it is offered.
type Wallet struct {
	Name      string
	Available bool // false while it does not answer: it is shown, but another one is better
}

// Wallets are the ways to pay an amount, in the node's order.
func (s *Service) Wallets(ctx context.Context, amount money.Money) []Wallet {
	now := clock.Now(ctx, s.clock)
	var all []Wallet
	for _, d := range s.desks {
		if d.Takes(amount) {
			all = append(all, Wallet{Name: d.Name(), Available: !d.line.Down(now)})
		}
	}
	return all
}

// Counters are what an operator watches: how many notifications were forged and how many facts went to
// suspense since the node started.
func (s *Service) Counters() (forged, suspended int64) {
	return s.counters.forged.Load(), s.counters.suspended.Load()
}

// Begin is the command to pay an order with a wallet.
type Begin struct {
	Order   string
	Shopper string
	Wallet  string
}

// Begin makes an attempt and tells the shopper how to pay. Safe to repeat: an attempt that is still open at the
// same wallet is given again. It records the Attempt for idempotency.Within.
//
// Codes: pay.no_wallet, pay.no_order, pay.not_payable, pay.expired, pay.too_many_attempts, pay.balance_not_open,
// pay.wallet_refused, and pay.wallet_silent: the attempt stays, Poll finds out about it, and another wallet can be
// used meanwhile.
func (s *Service) Begin(ctx context.Context, cmd Begin) (Attempt, Instruction, error) {
	d, ok := s.byName[cmd.Wallet]
	if !ok {
		return Attempt{}, Instruction{}, noWallet(fault.Invalid, cmd.Wallet)
	}
	now := clock.Now(ctx, s.clock)
	if d.line.Down(now) {
		return Attempt{}, Instruction{}, silent(nil)
	}
	var a Attempt
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if err = idempotency.Free(ctx, tx); err != nil {
			return err
		}
		a, err = s.open(tx, d, cmd, now)
		if err == nil && a.Instruction != (Instruction{}) {
			err = idempotency.Record(ctx, tx, a)
		}
		return err
	})
	if err != nil || a.Instruction != (Instruction{}) {
		return a, a.Instruction, err
	}
	got := outside.Call(ctx, d.line, func(ctx context.Context) (Begun, Outcome, error) { return d.Begin(ctx, a) })
	return s.begun(ctx, a, got)
}

// open finds the attempt to go on with, or writes a new one: before the wallet hears of it (FAULTS R12).
func (s *Service) open(tx *db.Tx, d *desk, cmd Begin, now time.Time) (Attempt, error) {
	due, err := s.purchases.Due(tx, cmd.Order)
	switch {
	case err != nil:
		return Attempt{}, err
	case cmd.Shopper == "" || due.Shopper != cmd.Shopper:
		return Attempt{}, fault.New(fault.NotFound, "pay.no_order")
	case !due.Payable:
		return Attempt{}, fault.New(fault.Conflict, "pay.not_payable")
	case !now.Before(due.ExpiresAt):
		return Attempt{}, fault.New(fault.Expired, "pay.expired")
	case now.Before(due.OpensAt):
		return Attempt{}, fault.New(fault.Conflict, "pay.balance_not_open").After(due.OpensAt.Sub(now))
	case !d.Takes(due.Amount):
		return Attempt{}, noWallet(fault.Unprocessable, cmd.Wallet)
	}
	if err := tx.Turn("pay.begin " + due.Order); err != nil { // of two at once the second goes on with the first's attempt
		return Attempt{}, err
	}
	before, err := attemptsOf(tx, cmd.Order)
	if err != nil {
		return Attempt{}, err
	}
	for _, a := range before {
		if a.goesOn(d, due, now) {
			return a.asWallet(), nil
		}
	}
	if len(before) >= attemptsMax {
		return Attempt{}, fault.New(fault.Limited, "pay.too_many_attempts", fault.P("max", attemptsMax))
	}
	a := Attempt{ID: AttemptID(s.ids.New("att")), Order: due.Order, Wallet: d.Name(), Account: d.Account(),
		Amount: due.Amount, State: Pending, LinesHash: due.LinesHash, Created: now, Expires: due.ExpiresAt}
	if len(due.Parts) == 0 {
		return a, insertAttempts(tx, []Attempt{a}, now.Add(pollPause(1)))
	}
	a.Bill, a.Whole = a.ID, due.Amount.Minor
	parts := make([]Attempt, len(due.Parts))
	for i, p := range due.Parts {
		parts[i] = a
		parts[i].ID, parts[i].Order, parts[i].Amount.Minor = partName(a.ID, i+1), p.Order, p.Amount
		parts[i].LinesHash = p.LinesHash
	}
	return a, insertAttempts(tx, parts, now.Add(pollPause(1)))
}

// goesOn tells whether an earlier attempt can be used again: the same wallet, account, amount and order
// lines.
func (a Attempt) goesOn(d *desk, due Due, now time.Time) bool {
	return (a.State == Pending || a.State == Unknown) && a.Wallet == d.Name() && a.Account == d.Account() &&
		a.Asked() == due.Amount && a.LinesHash == due.LinesHash && now.Before(a.Expires) &&
		(a.Bill != "") == (len(due.Parts) > 0) && a.leads()
}

// begun keeps the wallet's answer to Begin.
func (s *Service) begun(ctx context.Context, a Attempt, got outside.Answer[Begun]) (Attempt, Instruction, error) {
	refusal := silent(got.Err)
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		switch got.Outcome {
		case OK:
			a.State, a.Ref, a.Instruction = Pending, got.Value.Ref, got.Value.Instruction
			if err := saveBegun(tx, a, got.Value); err != nil {
				return err
			}
			return idempotency.Record(ctx, tx, a)
		case REFUSED:
			refusal = fault.New(fault.Refused, "pay.wallet_refused").Because(got.Err).At("wallet")
			_, err = setOpen(tx, a, Failed)
		default:
			_, err = setOpen(tx, a, Unknown)
		}
		return err
	})
	if err != nil {
		return a, Instruction{}, err
	}
	switch got.Outcome {
	case OK:
		return a, a.Instruction, nil
	case REFUSED:
		a.State = Failed
	default:
		a.State = Unknown
	}
	s.log.WarnContext(ctx, "wallet did not begin a payment", slog.String("wallet", a.Wallet),
		slog.String("attempt", string(a.ID)), slog.String("outcome", string(got.Outcome)), slog.Any("err", got.Err))
	return a, Instruction{}, refusal
}

// Reply is what a wallet gets to read for its notification.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
}

// Notify takes a wallet's notification. Safe to repeat, as wallets do: the reply is the same and nothing
// happens twice (FAULTS R9, R10, A9). What matches nothing is kept in suspense and answered with 202 (R13).
//
// Codes: pay.no_wallet; pay.signature and pay.malformed change nothing; pay.busy and storage.*: the wallet
// tells it again later.
func (s *Service) Notify(ctx context.Context, wallet string, headers http.Header, body []byte) (Reply, error) {
	d, ok := s.byName[wallet]
	if !ok {
		return Reply{}, noWallet(fault.NotFound, wallet)
	}
	facts, err := d.Verify(ctx, headers, body)
	if err != nil {
		if fault.Of(err) == fault.Unauthenticated {
			s.counters.forged.Add(1)
			s.log.WarnContext(ctx, "forged notification", slog.String("wallet", wallet), slog.Any("err", err))
		}
		return Reply{}, err
	}
	results, err := s.ApplyFacts(ctx, by(d.Name(), facts))
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Status: http.StatusOK}
	for _, r := range results {
		if r.Effect == Suspended {
			reply.Status = http.StatusAccepted
		}
	}
	reply.ContentType, reply.Body = d.Reply()
	return reply, nil
}

// by marks facts with who told them: a wallet cannot speak for another one.
func by(wallet string, facts []Fact) []Fact {
	for i := range facts {
		facts[i].Provider = wallet
	}
	return facts
}

func noWallet(k fault.Kind, name string) error {
	if len(name) > TextMax {
		name = name[:TextMax]
	}
	return fault.New(k, "pay.no_wallet", fault.P("wallet", name)).At("wallet")
}

func silent(cause error) *fault.Error {
	return fault.New(fault.Unavailable, "pay.wallet_silent").Because(cause).At("wallet").After(breakerPause)
}
