package webhook_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/party/audit"
	"hutong/reach/webhook"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// The example of the Standard Webhooks specification.
func TestSignatureIsTheStandardsOwn(t *testing.T) {
	const secret = webhook.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	at := time.Unix(1614265330, 0)
	const body = `{"test": 2432232314}`
	got, err := webhook.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, secret)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want || err != nil {
		t.Fatalf("%s %v, want %s", got, err, want)
	}
	for _, c := range []struct {
		name                      string
		id                        webhook.DeliveryID
		timestamp, signatures, of string
		now                       time.Time
		want                      bool
	}{
		{"as sent", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", got, body, at, true},
		{"beside another", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,AAAA v2,x " + got, body, at, true},
		{"another id", "msg_x", "1614265330", got, body, at, false},
		{"another body", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", got, body + " ", at, false},
		{"another time", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265331", got, body, at, false},
		{"no time", "msg_p5jXN8AQM9LWM0D4loKWxJek", "", got, body, at, false},
		{"no signature", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,", body, at, false},
		{"A9: replayed later", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", got, body, at.Add(301 * time.Second), false},
		{"from the future", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", got, body, at.Add(-301 * time.Second), false},
	} {
		if secret.Verify(c.id, c.timestamp, c.signatures, c.of, c.now) != c.want {
			t.Errorf("%s is not %v", c.name, c.want)
		}
	}
	if webhook.Secret("x").Verify("m", "1", "v1,", "", time.Unix(1, 0)) {
		t.Error("a secret that is none verifies")
	}
}

// The whole way of an order, with every event told twice: each message arrives once, signed, and names nobody.
func TestAnOrdersWayIsToldToItsShopOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p, other := newProgram(t), newProgram(t)
		e, secret := b.listen(p.URL+"/hook?x=1", "order.*", "refund.*", webhook.ProductChanged)
		second := b.Shop("second")
		_, _, err := b.Hooks.Make(ctx, webhook.Make{Shop: second, URL: other.URL, Topics: []webhook.Topic{"order.shipped"}})
		b.Must(err)
		who, address := b.Shopper()
		tea, cup := b.Sell(b.shop, "tea", 1000, 50), b.Sell(second, "cup", 500, 50)
		placed := b.Place(who, address, checkout.BasketLine{Offer: string(tea.ID), Quantity: 2},
			checkout.BasketLine{Offer: string(cup.ID), Quantity: 1})
		b.Capture(placed, b.IDs.New("att"))
		b.dispatch()
		o, err := b.Orders.Any(ctx, placed.Order)
		b.Must(err)
		mine := int64(1)
		if o.Subs[1].Shop == b.shop {
			mine = 2
		}
		b.Clock.Advance(time.Hour)
		now := b.Clock.Now()
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			return b.Orders.Shipped(tx, now, []order.Shipment{{Order: o.ID, Seq: mine, Shop: b.shop, Carrier: "cart",
				ConfirmBy: now.AddDate(0, 0, 10)}})
		}))
		b.dispatch()
		b.Clock.Advance(time.Hour)
		b.Must(b.Orders.Receive(ctx, who, o.ID, mine))
		b.cases["cas_1"] = aftersale.Case{ID: "cas_1", Order: o.ID, Seq: mine, Shop: b.shop, State: aftersale.Refunded,
			Amount: 300, Currency: "CNY", Shopper: who}
		for _, topic := range []event.Topic{aftersale.TopicOpened, aftersale.TopicRefunded} {
			b.emit(event.Event{Topic: topic, Subject: "cas_1", Shop: b.shop, Shopper: who, At: b.Clock.Now()})
		}
		for _, c := range []string{"cas_1", "", "cas_none"} {
			b.emit(event.Event{Topic: "refund.succeeded", Subject: string(o.ID), At: b.Clock.Now(), Body: event.Body(
				map[string]any{"refund": "rfd_1", "case": c, "amount": map[string]any{"minor": 300, "currency": "CNY"}})})
		}
		b.dispatch()
		b.deliver()
		types := map[string]int{}
		for _, m := range p.all() {
			name, _, _ := strings.Cut(strings.TrimPrefix(m.body, `{"type":"`), `"`)
			types[name]++
			if !secret.Verify(webhook.DeliveryID(m.id), m.timestamp, m.signature, m.body, b.Clock.Now()) {
				t.Errorf("not signed: %+v", m)
			}
			for _, bad := range []string{who, address, "李雷", "138", "文三路", second} {
				if strings.Contains(m.body, bad) {
					t.Errorf("%s is in %s", bad, m.body)
				}
			}
			if len(m.body) > 1000 {
				t.Errorf("%d bytes", len(m.body))
			}
			if name == "order.paid" && !strings.Contains(m.body, fmt.Sprintf(`"amount":%d,`, 2000+600)) {
				t.Errorf("the amount is not the shop's own: %s", m.body)
			}
		}
		want := map[string]int{"order.paid": 1, "order.shipped": 1, "order.completed": 1, "refund.asked": 1,
			"refund.made": 1, "refund.succeeded": 1, "product.changed": 1}
		if fmt.Sprint(types) != fmt.Sprint(want) || len(other.all()) != 0 {
			t.Errorf("told %v, want %v; the other shop %v", types, want, other.all())
		}
		if n := len(b.log(e.ID, webhook.Delivered)); n != 7 {
			t.Errorf("%d delivered", n)
		}
	})
}

func (b *bench) emit(e event.Event) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { return event.Emit(tx, b.IDs, e) }))
}

func TestACancelledOrderIsTold(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		b.listen(p.URL, webhook.OrderCancelled)
		who, address := b.Shopper()
		placed := b.Place(who, address, checkout.BasketLine{Offer: string(b.Sell(b.shop, "tea", 1000, 50).ID), Quantity: 2})
		b.Must(b.Orders.Cancel(ctx, who, placed.Order))
		b.dispatch()
		b.deliver()
		if all := p.all(); len(all) != 1 || !strings.Contains(all[0].body, `"state":"cancelled"`) {
			t.Error(all)
		}
	})
}

// TestA10_NoMessageLeavesForAPrivateAddress: neither when the address is given nor when its name is dialled.
func TestA10_NoMessageLeavesForAPrivateAddress(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		port := p.URL[strings.LastIndex(p.URL, ":"):]
		b.set.Loopback = false
		b.use()
		for _, address := range []string{p.URL, "http://example.com/", "https://127.0.0.1/", "https://[::1]/",
			"https://169.254.169.254/latest", "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://u:p@example.com/",
			"https://example.com:8443/", "https://example.com/#x", "file:///etc/passwd", "gopher://x/", "https:///x", "",
			"https://exa mple.com/", "https://例.com/", "https://x\\@y/", "//x/", "https://" + strings.Repeat("a", 500)} {
			_, _, err := b.Hooks.Make(ctx, webhook.Make{Shop: b.shop, URL: address, Topics: []webhook.Topic{"order.paid"}})
			b.refused(err, "webhook.url")
		}
		for _, name := range []string{"https://localhost/", "https://0x7f000001/", "https://2130706433/", "https://127.1/"} {
			e, _ := b.listen(name, webhook.OrderPaid)
			d, err := b.Hooks.Ping(ctx, b.shop, e.ID)
			if err != nil || d.State != webhook.Failed || d.Reason != "address" && d.Reason != "network" {
				t.Errorf("%s: %+v %v", name, d, err)
			}
			if name == "https://localhost/" && d.Reason != "address" {
				t.Errorf("%s was not judged: %+v", name, d)
			}
			b.Must(b.Hooks.Remove(ctx, b.shop, e.ID))
		}
		// An endpoint of the time when the operator allowed this machine is judged anew.
		e, _ := b.listen("https://example.com/", webhook.OrderPaid)
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE webhook_endpoints SET url = $1`, "https://localhost"+port)
			return err
		}))
		if d, err := b.Hooks.Ping(ctx, b.shop, e.ID); err != nil || d.Reason != "address" {
			t.Errorf("%+v %v", d, err)
		}
		if len(p.all()) != 0 {
			t.Error("a message arrived")
		}
	})
}

func TestA10_ARedirectIsAFailure(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		target := newProgram(t)
		away := httptest.NewTLSServer(http.RedirectHandler(target.URL, http.StatusTemporaryRedirect))
		defer away.Close()
		e, _ := b.listen(away.URL, webhook.ProductChanged)
		d, err := b.Hooks.Ping(ctx, b.shop, e.ID)
		if err != nil || d.Status != 307 || d.Reason != "status" || d.State != webhook.Failed || len(target.all()) != 0 {
			t.Errorf("%+v %v %v", d, err, target.all())
		}
	})
}

func TestA1_AnotherShopsEndpointIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		e, _ := b.listen(p.URL, webhook.ProductChanged)
		b.change(1)
		b.deliver()
		d := b.log(e.ID, "")[0]
		for _, shop := range []string{b.Shop("second"), ""} {
			_, err := b.Hooks.Change(ctx, webhook.Change{Shop: shop, Endpoint: e.ID, URL: p.URL,
				Topics: []webhook.Topic{"order.paid"}})
			b.refused(err, "webhook.not_found")
			_, _, err = b.Hooks.Rotate(ctx, shop, e.ID)
			b.refused(err, "webhook.not_found")
			b.refused(b.Hooks.Remove(ctx, shop, e.ID), "webhook.not_found")
			_, err = b.Hooks.Ping(ctx, shop, e.ID)
			b.refused(err, "webhook.not_found")
			_, err = b.Hooks.Delivery(ctx, shop, d.ID)
			b.refused(err, "webhook.delivery_not_found")
			b.refused(b.Hooks.Replay(ctx, shop, d.ID), "webhook.delivery_not_found")
			_, err = b.Hooks.ReplaySince(ctx, shop, e.ID, time.Time{})
			b.refused(err, "webhook.not_found")
			all, err := b.Hooks.Deliveries(ctx, shop, webhook.Query{Endpoint: e.ID})
			hooks, err2 := b.Hooks.Endpoints(ctx, shop)
			if err != nil || err2 != nil || len(all)+len(hooks) != 0 {
				t.Error(all, hooks, err, err2)
			}
		}
		if len(p.all()) != 1 {
			t.Error(p.all())
		}
	})
}

func TestAfterARotationBothSecretsSignForAWhile(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		e, old := b.listen(p.URL, webhook.ProductChanged)
		_, fresh, err := b.Hooks.Rotate(ctx, b.shop, e.ID)
		b.Must(err)
		ok := func(secret webhook.Secret) bool {
			all := p.all()
			m := all[len(all)-1]
			return secret.Verify(webhook.DeliveryID(m.id), m.timestamp, m.signature, m.body, b.Clock.Now())
		}
		b.Clock.Advance(24*time.Hour - time.Second)
		b.change(1)
		b.deliver()
		if !ok(old) || !ok(fresh) {
			t.Error("within a day of the change one of the secrets does not sign")
		}
		b.Clock.Advance(time.Second)
		b.change(1)
		b.deliver()
		if ok(old) || !ok(fresh) {
			t.Error("the old secret signs for ever, or the new one does not")
		}
		entries, err := audit.New(b.DB, b.Clock, b.IDs).ByShop(ctx, b.shop, audit.Query{})
		if err != nil || len(entries.Entries) != 3 || entries.Entries[0].What != "webhook.rotated" {
			t.Error(entries, err)
		}
	})
}

// TestA34_SecretsAreNotPrinted: a secret is revealed by asking for it, never by printing what holds it.
func TestA34_SecretsAreNotPrinted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		e, secret := b.listen("https://127.0.0.1/", webhook.OrderPaid)
		if !strings.HasPrefix(secret.Reveal(), "whsec_") || len(secret.Reveal()) != 50 {
			t.Error(secret.Reveal())
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "e", e, "s", secret)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "e", e, "s", secret)
		all := log.String() + fmt.Sprintf("%v %+v %#v %s", e, e, secret, secret)
		if strings.Contains(all, secret.Reveal()) {
			t.Error(all)
		}
	})
}

func TestTopicsAndNumberOfEndpointsAreBounded(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for _, bad := range [][]webhook.Topic{nil, {"order.*", "nothing"}, {"*"}, {"webhook.ping"}, {"order"}, {".*"}} {
			_, _, err := b.Hooks.Make(ctx, webhook.Make{Shop: b.shop, URL: "https://127.0.0.1/", Topics: bad})
			b.refused(err, "webhook.topics")
		}
		e, _ := b.listen("https://127.0.0.1/", "refund.*", "refund.asked")
		if len(e.Topics) != 6 {
			t.Error(e.Topics)
		}
		again := webhook.Make{Shop: b.shop, URL: "https://127.0.0.1/", Topics: []webhook.Topic{"order.paid"}}
		_, _, err := b.Hooks.Make(ctx, again) // the form was sent twice
		b.refused(err, "webhook.known")
		for n := range webhook.EndpointsMax - 1 {
			b.listen(fmt.Sprint("https://127.0.0.1/", n), webhook.OrderPaid)
		}
		_, _, err = b.Hooks.Make(ctx, again)
		b.refused(err, "webhook.many")
	})
}

func TestWaitsGrowAndEnd(t *testing.T) {
	now := time.Unix(0, 0)
	last, total := time.Duration(0), time.Duration(0)
	for tries := int64(1); ; tries++ {
		at, again := webhook.Next(tries, now, rand.Reader)
		if !again {
			if tries != 10 || total < 60*time.Hour || total > 90*time.Hour {
				t.Errorf("%d tries in %v", tries, total)
			}
			return
		}
		if wait := at.Sub(now); wait <= last {
			t.Errorf("try %d waits %v after %v", tries, wait, last)
		} else {
			last, total = wait, total+wait
		}
	}
}

func TestExcerptIsPlainText(t *testing.T) {
	if got := webhook.Excerpt([]byte("a\x00\u202e\xff\nb" + strings.Repeat("字", 600))); !strings.HasPrefix(got,
		"a  \ufffd\nb字") || len([]rune(got)) != 500 {
		t.Errorf("%q", got)
	}
}
