package paytest

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
)

// Script is a wallet in memory that does what a test tells it: not answer, answer late, refuse, panic, forget. Without
// instructions it behaves. It is safe for concurrent use.
type Script struct {
	Wallet string

	mu      sync.Mutex
	on      Trouble
	bills   map[pay.AttemptID]*scriptBill
	refunds map[pay.RefundID]pay.Fact
	calls   map[string]int
}

// Trouble is asked before each call - "begin", "query" or "refund" - with the id that it is about. A false answer stops
// the call, with that outcome and error; it may also wait, or panic.
type Trouble func(ctx context.Context, verb, id string) (goOn bool, o pay.Outcome, err error)

// On has the wallet ask a Trouble before each call from now on; nil: behave.
func (s *Script) On(t Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = t
}

type scriptBill struct {
	attempt  pay.Attempt
	captures []pay.Fact
	refunded int64
}

// NewScript makes a wallet that behaves.
func NewScript(name string) *Script {
	return &Script{Wallet: name, bills: map[pay.AttemptID]*scriptBill{}, refunds: map[pay.RefundID]pay.Fact{},
		calls: map[string]int{}}
}

// Name implements pay.Provider.
func (s *Script) Name() string { return s.Wallet }

// Account implements pay.Provider.
func (s *Script) Account() string { return "account-" + s.Wallet }

// Takes implements pay.Provider.
func (s *Script) Takes(money.Money) bool { return true }

// Calls tells how often a verb was called.
func (s *Script) Calls(verb string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[verb]
}

func (s *Script) before(ctx context.Context, verb, id string) (bool, pay.Outcome, error) {
	s.mu.Lock()
	s.calls[verb]++
	on := s.on
	s.mu.Unlock()
	if on == nil {
		return true, pay.OK, nil
	}
	return on(ctx, verb, id)
}

// Begin implements pay.Provider.
func (s *Script) Begin(ctx context.Context, a pay.Attempt) (pay.Begun, pay.Outcome, error) {
	if goOn, o, err := s.before(ctx, "begin", string(a.ID)); !goOn {
		return pay.Begun{}, o, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bills[a.ID] == nil {
		s.bills[a.ID] = &scriptBill{attempt: a}
	}
	return pay.Begun{Ref: "bill-" + string(a.ID), Instruction: pay.Instruction{QR: "qr-" + string(a.ID)}}, pay.OK, nil
}

// Capture has a shopper pay an attempt and gives the fact, which the market has not been told.
func (s *Script) Capture(a pay.Attempt, txn string) pay.Fact {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bills[a.ID]
	if b == nil {
		b = &scriptBill{attempt: a}
		s.bills[a.ID] = b
	}
	f := pay.Fact{Provider: s.Wallet, Txn: txn, Kind: pay.KindCapture, Attempt: a.ID, Amount: a.Amount,
		Account: s.Account(), At: a.Created}
	b.captures = append(b.captures, f)
	return f
}

// Query implements pay.Provider.
func (s *Script) Query(ctx context.Context, a pay.Attempt) ([]pay.Fact, pay.Outcome, error) {
	if goOn, o, err := s.before(ctx, "query", string(a.ID)); !goOn {
		return nil, o, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bills[a.ID]; b != nil {
		return append([]pay.Fact(nil), b.captures...), pay.OK, nil
	}
	return nil, pay.REFUSED, errors.New("paytest: no such bill")
}

// Refund implements pay.Provider.
func (s *Script) Refund(ctx context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	if goOn, o, err := s.before(ctx, "refund", string(r.ID)); !goOn {
		return nil, o, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, done := s.refunds[r.ID]; done {
		return []pay.Fact{f}, pay.OK, nil
	}
	f := pay.Fact{Provider: s.Wallet, Txn: "back-" + string(r.ID), Kind: pay.KindRefund, Attempt: r.Attempt,
		Refund: r.ID, Amount: r.Amount, Account: s.Account(), At: r.Created}
	if b := s.bills[r.Attempt]; b != nil {
		if b.refunded+r.Amount.Minor > int64(len(b.captures))*b.attempt.Amount.Minor {
			return nil, pay.REFUSED, errors.New("paytest: more than was captured")
		}
		b.refunded += r.Amount.Minor
	}
	s.refunds[r.ID] = f
	return []pay.Fact{f}, pay.OK, nil
}

// PaidBack is the sum of all refunds that left the wallet.
func (s *Script) PaidBack() (sum int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.refunds {
		sum += f.Amount.Minor
	}
	return sum
}

// keyHeader carries what stands for a signature.
const keyHeader = "Script-Key"

// Notice writes a notification of facts, as the wallet would.
func (s *Script) Notice(facts ...pay.Fact) (http.Header, []byte) {
	body, err := json.Marshal(facts)
	if err != nil {
		panic(err)
	}
	return http.Header{keyHeader: {"key of " + s.Wallet}}, body
}

// Verify implements pay.Provider.
func (s *Script) Verify(_ context.Context, h http.Header, body []byte) ([]pay.Fact, error) {
	if subtle.ConstantTimeCompare([]byte(h.Get(keyHeader)), []byte("key of "+s.Wallet)) != 1 {
		return nil, fault.New(fault.Unauthenticated, "pay.signature")
	}
	var facts []pay.Fact
	if err := json.Unmarshal(body, &facts); err != nil {
		return nil, fault.New(fault.Invalid, "pay.malformed", fault.P("field", "body")).Because(err)
	}
	return facts, nil
}

// Reply implements pay.Provider.
func (s *Script) Reply() (contentType string, body []byte) { return "text/plain", []byte("ok") }
