package redbean_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/funds/pay/redbean"
	"hutong/funds/pay/sandbox"
)

var (
	secret = []byte("a shared key of thirty-two bytes")
	payee  = sandbox.Payee{Name: "胡同集市", Short: "HUTONG", City: "HANGZHOU", Country: "CN", MCC: "5999"}
)

func TestConformance(t *testing.T) {
	paytest.Run(t, func(_ *testing.T, b *paytest.Bench) paytest.Wallet {
		c := sandbox.New(b.DB, b.Clock, b.IDs, slog.New(slog.DiscardHandler))
		w := redbean.New(c, b.Clock, redbean.Options{Account: "mch-1", Secret: secret, Payee: payee})
		other := redbean.New(c, b.Clock, redbean.Options{Account: "mch-1",
			Secret: []byte("somebody else's thirty-two bytes"), Payee: payee})
		return paytest.Wallet{Provider: w, Pay: paytest.PayBill(c), Close: paytest.CloseBill(c),
			Notice: paytest.Notices(w, b.Clock), Forged: paytest.Notices(other, b.Clock)}
	})
}

// What a notification looks like is a contract: other people's programs write it.
func TestWireForm(t *testing.T) {
	c := clock.NewManual(paytest.Start)
	w := redbean.New(nil, c, redbean.Options{Account: "mch-1", Secret: secret, Payee: payee})
	h := http.Header{}
	body := `{"event":"bill.paid","mch_id":"mch-1","transaction_id":"t1","out_trade_no":"att_1","amount":1990,` +
		`"currency":"CNY","completed_at":1794340800000000}`
	h.Set(redbean.HeaderTimestamp, "1794340800")
	h.Set(redbean.HeaderNonce, "n1")
	// printf '1794340800\nn1\n%s\n' "$body" | openssl dgst -sha256 -hmac "$secret" -binary | base64
	h.Set(redbean.HeaderSignature, "6rTk1FgHfn3laOshuxnOT5FyrpuP1b58wd+mBCom/hw=")
	facts, err := w.Verify(context.Background(), h, []byte(body))
	want := pay.Fact{Provider: "redbean", Txn: "t1", Kind: pay.KindCapture, Attempt: "att_1",
		Amount: money.New(1990, "CNY"), Account: "mch-1", At: paytest.Start}
	if err != nil || len(facts) != 1 || facts[0] != want {
		t.Errorf("read %+v, %v", facts, err)
	}
}

func TestShortKeyIsADefect(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a wallet with a short key runs")
		}
	}()
	redbean.New(nil, clock.NewManual(paytest.Start), redbean.Options{Secret: []byte("short")})
}

// Whatever comes in, signed or not, is read as facts that hold or refused; never a panic, never a half.
func FuzzVerify(f *testing.F) {
	c := clock.NewManual(paytest.Start)
	w := redbean.New(nil, c, redbean.Options{Account: "mch-1", Secret: secret, Payee: payee})
	fact := pay.Fact{Provider: "redbean", Txn: "t1", Kind: pay.KindRefund, Attempt: "att_1", Refund: "rfd_1",
		Amount: money.New(1990, "CNY"), Account: "mch-1", At: paytest.Start}
	_, body := paytest.Notices(w, c)(fact)
	f.Add(body, "1794340800", "n", "c2ln")
	f.Add([]byte(`{"event":"bill.paid","amount":1e3,"amount":2}`), "", "", "")
	f.Fuzz(func(t *testing.T, body []byte, stamp, nonce, sig string) {
		h := http.Header{redbean.HeaderTimestamp: {stamp}, redbean.HeaderNonce: {nonce}, redbean.HeaderSignature: {sig}}
		if facts, err := w.Verify(context.Background(), h, body); err == nil || len(facts) > 0 {
			t.Fatalf("believed an unsigned notification: %+v", facts)
		}
		facts, err := redbean.Decode(body)
		if err != nil {
			if fault.Of(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, f := range facts {
			if err := f.Check(); err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
		}
	})
}
