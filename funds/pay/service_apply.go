package pay

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// The events of this room. The subject of both is the order, "" when there is none.
const (
	// TopicRefunded is emitted when a wallet has paid a refund out, or the operator has by hand.
	TopicRefunded event.Topic = "refund.succeeded"
	// TopicSuspended is emitted when a fact matched nothing: somebody should look.
	TopicSuspended event.Topic = "payment.suspended"
)

// ApplyFacts takes facts into the books, however they came, and returns when they are committed. It is
// idempotent and does not care about order: any mixture of repeats leads to the same end (FAULTS R9 - R14).
// Each fact stands for itself: when one is refused the others are applied, and the error tells of the refused
// ones.
//
// A wallet that is told of an amount, currency, account or attempt that does not fit gets no order paid: the
// fact goes to suspense (A8, R13). Codes: pay.malformed (nothing is applied), pay.busy.
func (s *Service) ApplyFacts(ctx context.Context, facts []Fact) ([]Result, error) {
	if len(facts) > FactsMax {
		return nil, fault.New(fault.Invalid, "pay.malformed", fault.P("field", "facts")).At("facts")
	}
	for _, f := range facts {
		if err := f.Check(); err != nil {
			return nil, err
		}
	}
	if len(facts) == 0 {
		return nil, nil
	}
	return s.lane.submit(ctx, s.marked(facts), clock.Now(ctx, s.clock))
}

// marked replaces who paid by its mark, before anything is kept.
func (s *Service) marked(facts []Fact) []Fact {
	all := slices.Clone(facts)
	for i, f := range all {
		if f.Payer != "" && s.mark != nil {
			all[i].Payer = s.mark(f.Provider, f.Payer)
		} else {
			all[i].Payer = ""
		}
	}
	return all
}

// applyBatch is the lane's transaction.
func (s *Service) applyBatch(all []*waiting) error {
	var b *batch
	err := s.db.Write(context.Background(), func(tx *db.Tx) error {
		b = newBatch(s, tx, all)
		return b.run()
	})
	if err != nil {
		return err
	}
	for i, w := range b.order {
		*w.result = b.results[i]
		if b.results[i].Effect == Suspended {
			s.counters.suspended.Add(1)
			s.log.Warn("payment in suspense", slog.Any("fact", w.fact.Key()), slog.String("reason", b.results[i].Reason))
		}
	}
	return nil
}

// batch is the working set of one transaction of the lane.
type batch struct {
	*Service
	tx       *db.Tx
	at       time.Time  // the latest time at which one of the facts became known
	order    []*waiting // by key
	all      []*incoming
	results  []Result
	attempts map[AttemptID]Attempt
	parts    map[AttemptID][]Attempt // by bill, of those that the attempts lead

	credits   []credited
	transfers []ledger.Transfer
	returns   []Refund
	touched   []AttemptID // whose waiting refunds may be met by what was taken back
	suspense  []suspended
	events    []event.Event
}

func newBatch(s *Service, tx *db.Tx, all []*waiting) *batch {
	b := &batch{Service: s, tx: tx, order: slices.Clone(all), results: make([]Result, len(all))}
	slices.SortStableFunc(b.order, func(x, y *waiting) int { return byKey(&x.incoming, &y.incoming) })
	for _, w := range b.order {
		b.all = append(b.all, &w.incoming)
		if w.at.After(b.at) {
			b.at = w.at
		}
	}
	return b
}

// run takes the new facts of the batch into the books. Captures go first, so that a refund finds the capture
// that it belongs to in the same batch.
func (b *batch) run() error {
	fresh, err := insertFacts(b.tx, b.all)
	if err != nil {
		return err
	}
	var captures, refunds []int
	var named []string
	for i, in := range b.all {
		switch {
		case !fresh[i]:
			b.results[i].Effect = Duplicated
			continue
		case in.fact.Kind == KindCapture:
			captures = append(captures, i)
		default:
			refunds = append(refunds, i)
		}
		named = append(named, string(in.fact.Attempt))
	}
	if len(named) == 0 {
		return nil
	}
	if b.attempts, err = loadAttempts(b.tx, named); err != nil {
		return err
	}
	if b.parts, err = partsOf(b.tx, b.attempts); err != nil {
		return err
	}
	if err := b.capture(captures); err != nil {
		return err
	}
	if err := b.refund(refunds); err != nil {
		return err
	}
	return b.save()
}

// capture asks the orders whether they take the money.
func (b *batch) capture(captures []int) error {
	slices.SortFunc(captures, func(i, j int) int { return byTime(b.all[i], b.all[j]) })
	var offered []int // of each offer, the fact that it is a part of
	var all []Capture
	for _, i := range captures {
		in := b.all[i]
		a, known := b.attempts[in.fact.Attempt]
		if why := unlike(in.fact, a, known); why != "" {
			b.suspend(i, why)
			b.transfers = append(b.transfers, suspenseIn(in.fact))
			continue
		}
		for _, c := range offers(a, b.parts, Capture{At: in.at, PaidAt: in.fact.At, Payer: in.fact.Payer}) {
			offered, all = append(offered, i), append(all, c)
		}
	}
	verdicts, err := b.ask(all)
	if err != nil {
		return err
	}
	for n, i := range offered {
		b.credit(i, all[n], verdicts[n])
	}
	return nil
}

func (b *batch) ask(offers []Capture) ([]Verdict, error) {
	if len(offers) == 0 {
		return nil, nil
	}
	verdicts, err := b.purchases.Captured(b.tx, b.at, offers)
	if err != nil {
		return nil, err
	}
	if len(verdicts) != len(offers) {
		panic("pay: Purchases.Captured did not answer every capture")
	}
	alike(offers, verdicts)
	return verdicts, nil
}

// credit books one capture: kept by the order, or on its way back whole.
func (b *batch) credit(i int, c Capture, v Verdict) {
	f := b.all[i].fact
	b.credits = append(b.credits, credited{c.Attempt, f.Txn, c.Amount, v.Taken})
	b.transfers = append(b.transfers, ledger.Transfer{Debit: ledger.Wallet(c.Wallet), Credit: ledger.Escrow,
		Amount: c.Amount, Currency: c.Currency, Kind: ledger.Capture, Order: c.Order, Ref: string(c.Attempt)})
	b.results[i] = Result{Effect: Applied}
	if v.Taken {
		for _, t := range v.Then {
			t.Ref = string(c.Attempt)
			b.transfers = append(b.transfers, t)
		}
		return
	}
	b.results[i] = Result{Effect: Returned, Reason: v.Reason}
	r := Refund{ID: RefundID(b.ids.New("rfd")), Order: c.Order, Attempt: c.Attempt, Wallet: c.Wallet, Txn: f.Txn,
		Amount: money.New(c.Amount, c.Currency), Reason: v.Reason, State: Asked, Created: b.all[i].at}
	b.returns, b.touched = append(b.returns, r), append(b.touched, r.Attempt)
	b.transfers = append(b.transfers, refundAsked(r))
}

// refund books money that a wallet says it gave back: one of our refunds is done, or the wallet acted by
// itself. The latter is kept as an open break, and counted on its attempt so that it meets the next refunds, and the
// order is told, which sends no goods for it (FAULTS R11, R15).
func (b *batch) refund(refunds []int) error {
	if len(refunds) == 0 {
		return nil
	}
	named := make([]string, len(refunds))
	for n, i := range refunds {
		named[n] = string(b.all[i].fact.Refund)
	}
	if err := b.holdOdd(refunds, named); err != nil {
		return err
	}
	known, err := lockRefunds(b.tx, named)
	if err != nil {
		return err
	}
	var done []string
	var at []time.Time
	var back [][]any
	var orders []string
	for _, i := range refunds {
		in := b.all[i]
		r, found := known[in.fact.Refund]
		why := unlikeRefund(in.fact, r, found)
		a, attempted := b.attempts[in.fact.Attempt]
		if odd := unlike(in.fact, a, attempted); why == "" && odd != "" && r.Attempt != "" {
			why = odd
		}
		if why == "" {
			r.State = RefundSucceeded
			known[r.ID] = r
			done, at = append(done, string(r.ID)), append(at, in.at)
			b.results[i] = Result{Effect: Applied}
			b.transfers = append(b.transfers, refundDone(r))
			b.events = append(b.events, refunded(r, in.at))
			continue
		}
		b.suspend(i, why)
		if unlike(in.fact, a, attempted) == "" {
			b.touched = append(b.touched, a.ID)
			for _, c := range offers(a, b.parts, Capture{}) { // it is of the bill: of any part of it
				back, orders = append(back, []any{c.Attempt, in.fact.Amount.Minor}), append(orders, c.Order)
			}
		}
	}
	if len(orders) > 0 { // orders are locked before attempts
		if err := b.purchases.TakenBack(b.tx, b.at, orders); err != nil {
			return err
		}
	}
	if err := finishRefunds(b.tx, done, at); err != nil {
		return err
	}
	return chargeBack(b.tx, back)
}

// holdOdd holds the orders of whose payments something is taken back, as it looks, before the refunds that are named.
func (b *batch) holdOdd(refunds []int, named []string) error {
	known, err := readRefunds(b.tx, named)
	if err != nil {
		return err
	}
	var orders []string
	for _, i := range refunds {
		f := b.all[i].fact
		r, found := known[f.Refund]
		a, attempted := b.attempts[f.Attempt]
		if unlikeRefund(f, r, found) == "" || unlike(f, a, attempted) != "" {
			continue
		}
		for _, c := range offers(a, b.parts, Capture{}) {
			orders = append(orders, c.Order)
		}
	}
	if len(orders) == 0 {
		return nil
	}
	return b.purchases.HoldOrders(b.tx, orders)
}

func (b *batch) suspend(i int, why string) {
	in := b.all[i]
	b.results[i] = Result{Effect: Suspended, Reason: why}
	b.suspense = append(b.suspense, suspended{in, why})
	b.events = append(b.events, event.Event{Topic: TopicSuspended, Subject: b.attempts[in.fact.Attempt].Order,
		At: in.at, Body: event.Body(map[string]any{"provider": in.fact.Provider, "txn": in.fact.Txn,
			"kind": in.fact.Kind, "amount": in.fact.Amount, "reason": why})})
}

// save writes what was decided, one statement per table. The ledger comes last: its head is the busiest row.
func (b *batch) save() error {
	effects := make([]Effect, len(b.results))
	for i, r := range b.results {
		effects[i] = r.Effect
	}
	if err := creditAttempts(b.tx, b.credits); err != nil {
		return err
	}
	if err := insertRefunds(b.tx, b.returns); err != nil {
		return err
	}
	if err := insertSuspense(b.tx, b.suspense); err != nil {
		return err
	}
	left, err := lockUnmet(b.tx, b.touched)
	if err != nil {
		return err
	}
	met, err := b.meetWaiting(b.tx, b.at, left)
	if err != nil {
		return err
	}
	if err := saveOutcomes(b.tx, b.all, effects); err != nil {
		return err
	}
	if err := event.Emit(b.tx, b.ids, b.events...); err != nil {
		return err
	}
	return ledger.Post(b.tx, b.at, append(b.transfers, met...))
}

func refunded(r Refund, at time.Time) event.Event {
	return event.Event{Topic: TopicRefunded, Subject: r.Order, At: at, Body: event.Body(map[string]any{
		"refund": r.ID, "order": r.Order, "case": r.Case, "amount": r.Amount, "reason": r.Reason,
		"by_hand": r.State == RefundByHand})}
}

func suspenseIn(f Fact) ledger.Transfer {
	return ledger.Transfer{Debit: ledger.Wallet(f.Provider), Credit: ledger.Suspense, Amount: f.Amount.Minor,
		Currency: f.Amount.Currency, Kind: ledger.SuspenseIn, Ref: f.Txn}
}

func refundAsked(r Refund) ledger.Transfer {
	return ledger.Transfer{Debit: ledger.Escrow, Credit: ledger.Refunding(r.Wallet), Amount: r.Amount.Minor,
		Currency: r.Amount.Currency, Kind: ledger.RefundAsked, Order: r.Order, Ref: string(r.ID)}
}

func refundDone(r Refund) ledger.Transfer {
	return ledger.Transfer{Debit: ledger.Refunding(r.Wallet), Credit: ledger.Wallet(r.Wallet), Amount: r.Amount.Minor,
		Currency: r.Amount.Currency, Kind: ledger.RefundDone, Order: r.Order, Ref: string(r.ID)}
}
