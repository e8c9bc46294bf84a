package bluejay_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/funds/pay/bluejay"
	"hutong/funds/pay/paytest"
	"hutong/funds/pay/sandbox"
)

var options = bluejay.Options{Account: "app-1", Seed: bytes.Repeat([]byte{7}, 32), Pages: "https://pay.example/wallet",
	Payee: sandbox.Payee{Name: "胡同集市", Short: "HUTONG", City: "HANGZHOU", Country: "CN", MCC: "5999"}}

func TestConformance(t *testing.T) {
	paytest.Run(t, func(_ *testing.T, b *paytest.Bench) paytest.Wallet {
		c := sandbox.New(b.DB, b.Clock, b.IDs, slog.New(slog.DiscardHandler))
		w := bluejay.New(c, b.Clock, options)
		others := options
		others.Seed = bytes.Repeat([]byte{8}, 32)
		return paytest.Wallet{Provider: w, Pay: paytest.PayBill(c), Close: paytest.CloseBill(c),
			Notice: paytest.Notices(w, b.Clock), Forged: paytest.Notices(bluejay.New(c, b.Clock, others), b.Clock)}
	})
}

// signed writes a notification by hand, apart from the code under test.
func signed(body string) []byte {
	key := ed25519.NewKeyFromSeed(options.Seed)
	return []byte(body + "&sign=" + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(body))))
}

const genuine = "app_id=app-1&currency=CNY&gmt_payment=1794340800000&notify_type=trade_paid&out_trade_no=att_1&" +
	"sign_type=Ed25519&timestamp=1794340800&total_amount=19.90&trade_no=t1"

// What a notification looks like is a contract: other people's programs write it.
func TestWireForm(t *testing.T) {
	w := bluejay.New(nil, clock.NewManual(paytest.Start), options)
	facts, err := w.Verify(context.Background(), nil, signed(genuine))
	want := pay.Fact{Provider: "bluejay", Txn: "t1", Kind: pay.KindCapture, Attempt: "att_1",
		Amount: money.New(1990, "CNY"), Account: "app-1", At: paytest.Start}
	if err != nil || len(facts) != 1 || facts[0] != want {
		t.Errorf("read %+v, %v", facts, err)
	}
}

// FAULTS A7: a genuine signature does not save a message that names another algorithm, or none.
func TestA7_AlgorithmIsNotTheMessagesToChoose(t *testing.T) {
	w := bluejay.New(nil, clock.NewManual(paytest.Start), options)
	for _, other := range []string{"none", "MD5", "HMAC", "", "ed25519"} {
		body := signed(strings.Replace(genuine, "sign_type=Ed25519", "sign_type="+other, 1))
		if facts, err := w.Verify(context.Background(), nil, body); !refused(err, fault.Unauthenticated) {
			t.Errorf("%q: %+v, %v", other, facts, err)
		}
	}
	without := signed(strings.Replace(genuine, "sign_type=Ed25519&", "", 1))
	for _, body := range [][]byte{without, []byte(genuine), []byte(genuine + "&sign="), signed("")} {
		if facts, err := w.Verify(context.Background(), nil, body); !refused(err, fault.Unauthenticated) {
			t.Errorf("%s: %+v, %v", body, facts, err)
		}
	}
}

func refused(err error, k fault.Kind) bool { return err != nil && fault.Of(err) == k }

// A genuine notification with a field that is unknown or there twice is not guessed at.
func TestUnknownAndDoubleFields(t *testing.T) {
	w := bluejay.New(nil, clock.NewManual(paytest.Start), options)
	for _, body := range []string{genuine + "&z=1", strings.Replace(genuine, "currency=CNY", "currency=CNY&currency=CNY", 1),
		strings.Replace(genuine, "19.90", "19.901", 1), strings.Replace(genuine, "19.90", "1e3", 1),
		strings.Replace(genuine, "trade_paid", "trade_other", 1)} {
		if facts, err := w.Verify(context.Background(), nil, signed(body)); !refused(err, fault.Invalid) {
			t.Errorf("%s: %+v, %v", body, facts, err)
		}
	}
}

func TestLink(t *testing.T) {
	paytest.OnSQLite(t, func(b *paytest.Bench) []pay.Provider {
		return []pay.Provider{bluejay.New(sandbox.New(b.DB, b.Clock, b.IDs, slog.New(slog.DiscardHandler)), b.Clock, options)}
	}, func(b *paytest.Bench) {
		a, how := b.Begin(t, b.Sell(t, money.New(100, "JPY")), "bluejay")
		if want := "https://pay.example/wallet/bluejay/" + a.Ref; how.URL != want || how.QR == "" {
			t.Errorf("%+v, want %s and a QR code", how, want)
		}
	})
}

// Whatever comes in is read as facts that hold or refused; never a panic, never a half.
func FuzzVerify(f *testing.F) {
	w := bluejay.New(nil, clock.NewManual(paytest.Start), options)
	f.Add(signed(genuine))
	f.Add([]byte(genuine))
	f.Add([]byte("sign=a&sign=b&%zz"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := w.Verify(context.Background(), nil, body)
		if err != nil && fault.Of(err) != fault.Unauthenticated && fault.Of(err) != fault.Invalid {
			t.Fatalf("%v", err)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return
		}
		facts, err := bluejay.Decode(form)
		if err != nil && fault.Of(err) != fault.Invalid {
			t.Fatalf("%v", err)
		}
		for _, f := range facts {
			if bad := f.Check(); err == nil && bad != nil {
				t.Fatalf("%+v: %v", f, bad)
			}
		}
	})
}
