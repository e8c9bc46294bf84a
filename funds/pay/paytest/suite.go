package paytest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/emvco"
)

// Wallet is an adapter under test, with what the suite needs of the other end of its wire.
type Wallet struct {
	Provider pay.Provider
	// Pay has the shopper pay the bill of an attempt; the market is not told.
	Pay func(ctx context.Context, a pay.Attempt) error
	// Close has the shopper refuse it.
	Close func(ctx context.Context, a pay.Attempt) error
	// Notice writes a notification of a fact, signed as the wallet does at the Bench's time.
	Notice func(f pay.Fact) (http.Header, []byte)
	// Forged writes the same, signed with somebody else's key of the same kind.
	Forged func(f pay.Fact) (http.Header, []byte)
}

// suite is one adapter on one database.
type suite struct {
	*Bench
	w Wallet
}

// Run proves that a wallet keeps the promises of pay.Provider, on every engine.
func Run(t *testing.T, open func(t *testing.T, b *Bench) Wallet) {
	dbtest.Each(t, Schemas, func(t *testing.T, d *db.DB) {
		s := &suite{}
		s.Bench = NewBench(t, d, func(b *Bench) []pay.Provider {
			s.w = open(t, b)
			return []pay.Provider{s.w.Provider}
		})
		for _, c := range []struct {
			name string
			run  func(*testing.T)
		}{
			{"BeginTwice", s.beginTwice}, {"Replay", s.replay}, {"DoubleCallback", s.doubleCallback},
			{"WrongFacts", s.wrongFacts}, {"LateSuccessAfterCancel", s.lateSuccess}, {"RefundTwice", s.refundTwice},
			{"Closed", s.closed}, {"BadSignature", s.badSignature}, {"Age", s.age}, {"Garbage", s.garbage},
		} {
			t.Run(c.name, c.run)
		}
		s.CheckBooks(t, "CNY")
	})
}

// paid begins an order, has it paid, and gives the fact that the wallet tells when it is asked.
func (s *suite) paid(t *testing.T) (pay.Attempt, pay.Fact) {
	t.Helper()
	ctx := context.Background()
	a, _ := s.Begin(t, s.Sell(t, money.New(1990, "CNY")), s.w.Provider.Name())
	if facts, o, err := s.w.Provider.Query(ctx, a); len(facts) != 0 || o != pay.OK || err != nil {
		t.Fatalf("an unpaid bill: %v, %s, %v", facts, o, err)
	}
	if err := s.w.Pay(ctx, a); err != nil {
		t.Fatal(err)
	}
	facts, o, err := s.w.Provider.Query(ctx, a)
	if len(facts) != 1 || o != pay.OK || err != nil {
		t.Fatalf("a paid bill: %v, %s, %v", facts, o, err)
	}
	f := facts[0]
	f.Provider = s.w.Provider.Name()
	if f.Kind != pay.KindCapture || f.Attempt != a.ID || f.Amount != a.Amount || f.Account != a.Account ||
		f.Txn == "" || !f.At.Equal(s.Clock.Now()) {
		t.Fatalf("the fact is %+v", f)
	}
	return a, f
}

// notify sends a notification and gives the status of the reply.
func (s *suite) notify(h http.Header, body []byte) (int, error) {
	r, err := s.Pay.Notify(context.Background(), s.w.Provider.Name(), h, body)
	return r.Status, err
}

func (s *suite) state(t *testing.T, a pay.Attempt, order string, attempt pay.State) {
	t.Helper()
	if got := s.Till.Order(t, a.Order).State; got != order {
		t.Errorf("the order is %s, want %s", got, order)
	}
	if got := s.Attempt(t, a).State; got != attempt {
		t.Errorf("the attempt is %s, want %s", got, attempt)
	}
}

func (s *suite) beginTwice(t *testing.T) {
	ctx := context.Background()
	a, how := s.Begin(t, s.Sell(t, money.New(123456, "CNY")), s.w.Provider.Name())
	again, o, err := s.w.Provider.Begin(ctx, a)
	if o != pay.OK || err != nil || again.Ref != a.Ref || again.Instruction != how {
		t.Errorf("begun again: %+v, %s, %v; first %+v", again, o, err, how)
	}
	if how.QR == "" && how.URL == "" {
		t.Error("the shopper is not told how to pay")
	}
	if how.QR != "" && strings.HasPrefix(how.QR, "000201") {
		p, err := emvco.Parse(how.QR)
		if err != nil || p.Amount != a.Amount || !p.Dynamic {
			t.Errorf("the QR code says %+v, %v", p, err)
		}
	}
	more := a
	more.Amount.Minor++
	if _, o, _ := s.w.Provider.Begin(ctx, more); o != pay.REFUSED {
		t.Errorf("the same attempt with another amount: %s", o)
	}
}

// replay: the same bytes again, the same fact in other bytes, and the same fact by another way are one payment.
func (s *suite) replay(t *testing.T) {
	a, f := s.paid(t)
	h, body := s.w.Notice(f)
	for range 3 {
		if status, err := s.notify(h, body); status != http.StatusOK || err != nil {
			t.Fatalf("%d, %v", status, err)
		}
	}
	if status, err := s.notify(s.w.Notice(f)); status != http.StatusOK || err != nil {
		t.Fatalf("signed anew: %d, %v", status, err)
	}
	got, err := s.Pay.ApplyFacts(context.Background(), []pay.Fact{f})
	if err != nil || got[0].Effect != pay.Duplicated {
		t.Errorf("by asking: %+v, %v: the wallet tells another number than in its notification", got, err)
	}
	s.state(t, a, "paid", pay.Succeeded)
	if now := s.Attempt(t, a); now.Captured != a.Amount.Minor || now.Refunded != 0 || now.Txn != f.Txn {
		t.Errorf("the attempt is %+v", now)
	}
}

func (s *suite) doubleCallback(t *testing.T) {
	a, f := s.paid(t)
	var wg sync.WaitGroup
	for range 16 {
		h, body := s.w.Notice(f)
		wg.Go(func() {
			if status, err := s.notify(h, body); status != http.StatusOK || err != nil {
				t.Errorf("%d, %v", status, err)
			}
		})
	}
	wg.Wait()
	s.state(t, a, "paid", pay.Succeeded)
	if now := s.Attempt(t, a); now.Captured != a.Amount.Minor {
		t.Errorf("captured %d", now.Captured)
	}
}

// wrongFacts: a genuine notification of something else than what is owed pays nothing.
func (s *suite) wrongFacts(t *testing.T) {
	a, f := s.paid(t)
	for reason, spoil := range map[string]func(*pay.Fact){
		"amount":          func(f *pay.Fact) { f.Amount.Minor-- },
		"currency":        func(f *pay.Fact) { f.Amount.Currency = "USD" },
		"account":         func(f *pay.Fact) { f.Account = "somebody-else" },
		"unknown_attempt": func(f *pay.Fact) { f.Attempt = "att_unknown" },
	} {
		wrong := f
		spoil(&wrong)
		wrong.Txn += "-" + reason
		if status, err := s.notify(s.w.Notice(wrong)); status != http.StatusAccepted || err != nil {
			t.Errorf("%s: %d, %v", reason, status, err)
		}
	}
	s.state(t, a, "waiting", pay.Pending)
	open, err := s.Pay.Suspense(context.Background())
	if err != nil || len(open) != 4 {
		t.Fatalf("%d in suspense, %v", len(open), err)
	}
	for _, item := range open {
		if !strings.HasSuffix(item.Txn, "-"+item.Reason) {
			t.Errorf("%s is in suspense because of %s", item.Txn, item.Reason)
		}
	}
	if status, err := s.notify(s.w.Notice(f)); status != http.StatusOK || err != nil {
		t.Fatalf("the right one: %d, %v", status, err)
	}
	s.state(t, a, "paid", pay.Succeeded)
}

// lateSuccess: money for an order that is cancelled goes back whole, by itself, once.
func (s *suite) lateSuccess(t *testing.T) {
	a, f := s.paid(t)
	s.Till.Change(t, a.Order, func(o *Order) { o.State = "cancelled" })
	for range 2 {
		if status, err := s.notify(s.w.Notice(f)); status != http.StatusOK || err != nil {
			t.Fatalf("%d, %v", status, err)
		}
	}
	s.Send(t)
	s.state(t, a, "cancelled", pay.Succeeded)
	all := s.Refunds(t, a.Order)
	if len(all) != 1 || all[0].State != pay.RefundSucceeded || all[0].Amount != a.Amount {
		t.Errorf("refunds: %+v", all)
	}
	if left := s.Balance(t, ledger.Refunding(s.w.Provider.Name()), "CNY"); left != 0 {
		t.Errorf("%d is still on its way back", left)
	}
}

func (s *suite) refundTwice(t *testing.T) {
	ctx, p := context.Background(), s.w.Provider
	a, f := s.paid(t)
	if _, err := s.notify(s.w.Notice(f)); err != nil {
		t.Fatal(err)
	}
	r := pay.Refund{ID: pay.RefundID(s.IDs.New("rfd")), Order: a.Order, Attempt: a.ID, Wallet: p.Name(), Txn: f.Txn,
		Amount: money.New(1000, "CNY")}
	first, o, err := p.Refund(ctx, r)
	if o != pay.OK || err != nil {
		t.Fatalf("%s, %v", o, err)
	}
	again, o, err := p.Refund(ctx, r)
	if o != pay.OK || err != nil || !slices.Equal(first, again) {
		t.Errorf("the same refund again: %+v, %s, %v; first %+v", again, o, err, first)
	}
	r.Amount.Minor++
	if _, o, _ := p.Refund(ctx, r); o != pay.REFUSED {
		t.Errorf("the same number with another amount: %s", o)
	}
	r.ID, r.Amount.Minor = pay.RefundID(s.IDs.New("rfd")), 991
	if _, o, _ := p.Refund(ctx, r); o != pay.REFUSED {
		t.Errorf("more than is left: %s", o)
	}
	r.Amount.Minor = 990
	if _, o, err := p.Refund(ctx, r); o != pay.OK {
		t.Errorf("exactly what is left: %s, %v", o, err)
	}
}

func (s *suite) closed(t *testing.T) {
	ctx := context.Background()
	a, _ := s.Begin(t, s.Sell(t, money.New(500, "CNY")), s.w.Provider.Name())
	if err := s.w.Close(ctx, a); err != nil {
		t.Fatal(err)
	}
	if facts, o, _ := s.w.Provider.Query(ctx, a); o != pay.REFUSED || len(facts) != 0 {
		t.Errorf("a closed bill: %v, %s", facts, o)
	}
	if err := s.w.Pay(ctx, a); err == nil {
		t.Error("a closed bill was paid")
	}
	never := a
	never.ID = pay.AttemptID(s.IDs.New("att"))
	if _, o, _ := s.w.Provider.Query(ctx, never); o != pay.REFUSED {
		t.Errorf("a bill that never was: %s", o)
	}
	s.Clock.Advance(time.Minute)
	if _, err := s.Pay.Poll(ctx); err != nil {
		t.Fatal(err)
	}
	s.state(t, a, "waiting", pay.Failed)
}

// badSignature: nothing that the wallet did not sign, bit by bit, is believed.
func (s *suite) badSignature(t *testing.T) {
	a, f := s.paid(t)
	h, body := s.w.Notice(f)
	refused := func(what string, h http.Header, body []byte) {
		t.Helper()
		status, err := s.notify(h, body)
		if !kind(err, fault.Unauthenticated) || status != 0 {
			t.Errorf("%s: %d, %v", what, status, err)
		}
	}
	for name := range h {
		if name == "Content-Type" {
			continue // says nothing; a signature may stand in the body as well
		}
		less, changed, twice := h.Clone(), h.Clone(), h.Clone()
		less.Del(name)
		refused("without "+name, less, body)
		changed.Set(name, "1"+changed.Get(name))
		refused("another "+name, changed, body)
		twice.Add(name, h.Get(name))
		refused("two of "+name, twice, body)
	}
	for i := 0; i < len(body); i += 7 {
		other := slices.Clone(body)
		other[i] ^= 1
		refused("a changed byte "+string(body[:i]), h, other)
	}
	refused("cut", h, body[:len(body)-1])
	refused("longer", h, append(slices.Clone(body), ' '))
	refused("empty", h, nil)
	fh, fbody := s.w.Forged(f)
	refused("another key", fh, fbody)
	s.state(t, a, "waiting", pay.Pending)
	if forged, _ := s.Pay.Counters(); forged == 0 {
		t.Error("nobody counts forged notifications")
	}
	if status, err := s.notify(h, body); status != http.StatusOK || err != nil {
		t.Errorf("the genuine one: %d, %v", status, err)
	}
}

func kind(err error, k fault.Kind) bool { return err != nil && fault.Of(err) == k }

// age: a notification counts for 300 seconds (FAULTS A9).
func (s *suite) age(t *testing.T) {
	a, f := s.paid(t)
	h, body := s.w.Notice(f)
	s.Clock.Advance(301 * time.Second)
	if _, err := s.notify(h, body); !kind(err, fault.Unauthenticated) {
		t.Errorf("301 s old: %v", err)
	}
	s.state(t, a, "waiting", pay.Pending)
	h, body = s.w.Notice(f)
	s.Clock.Advance(300 * time.Second)
	if status, err := s.notify(h, body); status != http.StatusOK || err != nil {
		t.Errorf("300 s old: %d, %v", status, err)
	}
	s.state(t, a, "paid", pay.Succeeded)
}

// garbage: what is genuine and makes no sense is refused, and changes nothing.
func (s *suite) garbage(t *testing.T) {
	a, f := s.paid(t)
	for name, spoil := range map[string]func(*pay.Fact){
		"no amount":       func(f *pay.Fact) { f.Amount.Minor = 0 },
		"negative amount": func(f *pay.Fact) { f.Amount.Minor = -1990 },
		"no currency":     func(f *pay.Fact) { f.Amount.Currency = "XQX" },
		"no number":       func(f *pay.Fact) { f.Txn = "" },
		"a long number":   func(f *pay.Fact) { f.Txn = strings.Repeat("9", 65) },
		"a newline":       func(f *pay.Fact) { f.Txn = "1\n2" },
	} {
		odd := f
		spoil(&odd)
		if status, err := s.notify(s.w.Notice(odd)); status != 0 || !kind(err, fault.Invalid) {
			t.Errorf("%s: %d, %v", name, status, err)
		}
	}
	s.state(t, a, "waiting", pay.Pending)
}
