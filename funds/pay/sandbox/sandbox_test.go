package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/funds/pay/redbean"
	"hutong/funds/pay/sandbox"
)

var ctx = context.Background()

// street is a market with Redbean alone, wired as a node wires it, and a merchant's door that can be shut.
type street struct {
	*paytest.Bench
	company *sandbox.Company
	wallet  *redbean.Wallet
	mu      sync.Mutex
	heard   int
	shut    bool
}

// ServeHTTP is the market's hook.
func (s *street) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.heard++
	shut := s.shut
	s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if shut || err != nil || r.Method != http.MethodPost || r.URL.Path != "/hook/pay/redbean" || r.Host != "market" {
		http.Error(w, "shut", http.StatusServiceUnavailable)
		return
	}
	reply, err := s.Pay.Notify(r.Context(), "redbean", r.Header, body)
	if err != nil {
		http.Error(w, err.Error(), fault.Of(err).Status())
		return
	}
	w.Header().Set("Content-Type", reply.ContentType)
	w.WriteHeader(reply.Status)
	fmt.Fprintf(w, "%s", reply.Body)
}

func onBoth(t *testing.T, test func(t *testing.T, s *street)) {
	dbtest.Each(t, paytest.Schemas, func(t *testing.T, d *db.DB) {
		s := &street{}
		s.Bench = paytest.NewBench(t, d, func(b *paytest.Bench) []pay.Provider {
			s.company = sandbox.New(b.DB, b.Clock, b.IDs, slog.New(slog.DiscardHandler))
			s.wallet = redbean.New(s.company, b.Clock, redbean.Options{Account: "mch-1",
				Secret: []byte("a shared key of thirty-two bytes"), Payee: sandbox.Payee{Name: "胡同", Short: "HUTONG",
					City: "HANGZHOU", Country: "CN", MCC: "5999"}})
			s.company.Speak(s.wallet)
			return []pay.Provider{s.wallet}
		})
		s.company.Connect(sandbox.Wire(s), "http://market/hook/pay")
		test(t, s)
	})
}

// bill begins an order and finds its bill by the QR code, as the wallet's app does.
func (s *street) bill(t *testing.T) (pay.Attempt, sandbox.Bill) {
	t.Helper()
	a, how := s.Begin(t, s.Sell(t, money.New(1990, "CNY")), "redbean")
	b, err := s.wallet.Scan(ctx, how.QR)
	if err != nil || b.Trade != string(a.ID) || b.Amount != a.Amount || b.Payee != "胡同" || b.Order != a.Order {
		t.Fatalf("scanned %+v, %v", b, err)
	}
	return a, b
}

func (s *street) payBill(t *testing.T, b sandbox.Bill, how sandbox.Behaviour) {
	t.Helper()
	paid, err := s.company.PayBill(ctx, "redbean", b.No, how)
	if err != nil || paid.State != sandbox.Paid || paid.Txn == "" {
		t.Fatalf("%+v, %v", paid, err)
	}
}

func (s *street) want(t *testing.T, a pay.Attempt, state string, heard int) {
	t.Helper()
	if got := s.Till.Order(t, a.Order).State; got != state || s.heard != heard {
		t.Errorf("the order is %s after %d notifications, want %s after %d", got, s.heard, state, heard)
	}
}

func (s *street) deliver(t *testing.T) int {
	t.Helper()
	n, err := s.company.Deliver(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPayTellsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		a, b := s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{})
		s.want(t, a, "paid", 1)
		s.payBill(t, b, sandbox.Behaviour{}) // pressed again: told again, paid once
		s.want(t, a, "paid", 2)
		if now := s.Attempt(t, a); now.Captured != 1990 {
			t.Errorf("%+v", now)
		}
		if n := s.deliver(t); n != 0 {
			t.Errorf("%d notices are left", n)
		}
	})
}

func TestPayTellsThreeTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		a, b := s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{Times: 3})
		s.want(t, a, "paid", 3)
	})
}

func TestPayTellsLate(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		a, b := s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{Late: 30 * time.Second, Times: 2})
		s.Clock.Advance(29 * time.Second)
		if n := s.deliver(t); n != 0 {
			t.Errorf("told %d early", n)
		}
		s.want(t, a, "waiting", 0)
		s.Clock.Advance(time.Second)
		if n := s.deliver(t); n != 1 {
			t.Errorf("told %d", n)
		}
		s.want(t, a, "paid", 2)
		s.Clock.Advance(time.Hour)
		if n := s.deliver(t); n != 0 {
			t.Errorf("told %d again", n)
		}
	})
}

// A notice that is dropped is found out by asking.
func TestPayTellsNever(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		a, b := s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{Drop: true, Late: time.Second})
		s.Clock.Advance(time.Minute)
		if n := s.deliver(t); n != 0 {
			t.Errorf("told %d", n)
		}
		if _, err := s.Pay.Poll(ctx); err != nil {
			t.Fatal(err)
		}
		s.want(t, a, "paid", 0)
	})
}

// A merchant who does not answer is told again, less and less often, and at last no more.
func TestPayTellsAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		s.shut = true
		a, b := s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{})
		s.want(t, a, "waiting", 1)
		s.Clock.Advance(15 * time.Second)
		s.deliver(t)
		s.want(t, a, "waiting", 2)
		s.shut = false
		s.deliver(t)
		s.want(t, a, "waiting", 2)
		s.Clock.Advance(30 * time.Second)
		s.deliver(t)
		s.want(t, a, "paid", 3)

		s.shut = true
		_, b = s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{})
		for range 500 {
			s.Clock.Advance(time.Minute)
			s.deliver(t)
		}
		if s.heard != 3+8 {
			t.Errorf("told %d times, want 8", s.heard-3)
		}
	})
}

func TestBillsRefuse(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		payIt := func(no string, how sandbox.Behaviour) error {
			_, err := s.company.PayBill(ctx, "redbean", no, how)
			return err
		}
		is := func(err error, code string) {
			t.Helper()
			if !fault.Is(err, code) {
				t.Errorf("got %v, want %s", err, code)
			}
		}
		_, b := s.bill(t)
		is(payIt("bil_x", sandbox.Behaviour{}), "sandbox.no_bill")
		is(payIt(b.No, sandbox.Behaviour{Times: 21}), "sandbox.behaviour")
		is(payIt(b.No, sandbox.Behaviour{Late: -1}), "sandbox.behaviour")
		if _, err := s.company.Bill(ctx, "bluejay", b.No); !fault.Is(err, "sandbox.no_bill") {
			t.Errorf("another wallet shows the bill: %v", err)
		}
		is(s.company.CloseBill(ctx, "redbean", "bil_x"), "sandbox.no_bill")
		for range 2 {
			if err := s.company.CloseBill(ctx, "redbean", b.No); err != nil {
				t.Error(err)
			}
		}
		is(payIt(b.No, sandbox.Behaviour{}), "sandbox.closed")
		_, b = s.bill(t)
		s.Clock.Advance(sandbox.Life)
		is(payIt(b.No, sandbox.Behaviour{}), "sandbox.expired")
		_, b = s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{})
		is(s.company.CloseBill(ctx, "redbean", b.No), "sandbox.paid")
		if _, err := s.wallet.Scan(ctx, "https://evil.example/"); !fault.Is(err, "emvco.malformed") {
			t.Errorf("scanned something else: %v", err)
		}
		_, err := s.company.GiveBack(ctx, "att_x", sandbox.Refund{Wallet: "redbean", No: "r", Amount: money.New(1, "CNY")})
		is(err, "sandbox.no_bill")
	})
}

// Paying and refusing at once, by many fingers: one of them wins, and money is taken once.
func TestPayAgainstClose(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		for range 10 {
			a, b := s.bill(t)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { _, _ = s.company.PayBill(ctx, "redbean", b.No, sandbox.Behaviour{}) })
				wg.Go(func() { _ = s.company.CloseBill(ctx, "redbean", b.No) })
			}
			wg.Wait()
			end, err := s.company.Bill(ctx, "redbean", b.No)
			if err != nil {
				t.Fatal(err)
			}
			paid := s.Till.Order(t, a.Order).State == "paid"
			if paid != (end.State == sandbox.Paid) || end.State == sandbox.Unpaid {
				t.Errorf("the bill is %s and the order paid: %v", end.State, paid)
			}
		}
	})
}

// However many refunds come at once, no bill gives back more than was paid, and one number gives once.
func TestRefundsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		a, b := s.bill(t)
		s.payBill(t, b, sandbox.Behaviour{})
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				_, err := s.company.GiveBack(ctx, string(a.ID), sandbox.Refund{Wallet: "redbean",
					No: fmt.Sprint("r", i%15), Amount: money.New(500, "CNY")})
				if err != nil && !fault.Is(err, "sandbox.refund_too_large") && !fault.Is(err, "sandbox.again") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		end, err := s.company.Bill(ctx, "redbean", b.No)
		if err != nil || end.Refunded != 1500 {
			t.Errorf("%+v, %v", end, err)
		}
	})
}

// The wire carries what a network would: method, path, headers, body, status, answer.
func TestWire(t *testing.T) {
	rt := sandbox.Wire(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.RequestURI+" "+r.Host+" "+r.Header.Get("X-Sent"))
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK) // too late, as on a network
		fmt.Fprintf(w, "heard %s", body)
	}))
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://market/a?b=c", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Sent", "yes")
	res, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusTeapot || string(body) != "heard hello" ||
		res.Header.Get("X-Seen") != "PUT /a?b=c market yes" {
		t.Errorf("%d %q %v, %v", res.StatusCode, body, res.Header, err)
	}
	empty, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://market/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rt.RoundTrip(empty); err != nil {
		t.Error(err)
	}
}

// TestGive: the company sends the merchant's own money to whoever paid a bill, once for each number, and the bill gives
// back no less for it.
func TestGive(t *testing.T) {
	onBoth(t, func(t *testing.T, s *street) {
		a, b := s.bill(t)
		r := sandbox.Refund{Wallet: "redbean", No: "top", Amount: money.New(100_000, "CNY")}
		if _, err := s.company.Give(ctx, string(a.ID), r); !fault.Is(err, "sandbox.not_paid") {
			t.Errorf("before it is paid: %v", err)
		}
		s.payBill(t, b, sandbox.Behaviour{})
		first, err := s.company.Give(ctx, string(a.ID), r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.company.Give(ctx, string(a.ID), r)
		if err != nil || again.Txn != first.Txn {
			t.Errorf("twice: %+v, %v", again, err)
		}
		if end, err := s.company.Bill(ctx, "redbean", b.No); err != nil || end.Refunded != 0 {
			t.Errorf("the bill says %d, %v", end.Refunded, err)
		}
	})
}
