package webhook_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/reach/webhook"
)

func TestAFailedMessageIsTriedAgainUnderItsID(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		p.answers(503, "come back\x1b[31m later")
		e, _ := b.listen(p.URL, webhook.ProductChanged)
		b.change(1)
		b.deliver()
		d := b.log(e.ID, webhook.Queued)[0]
		if d.Status != 503 || d.Reason != "status" || d.Excerpt != "come back [31m later" || d.Tries != 1 {
			t.Fatalf("%+v", d)
		}
		if wait := d.NextTry.Sub(b.Clock.Now()); wait < 4500*time.Millisecond || wait > 5500*time.Millisecond {
			t.Errorf("waits %v", wait)
		}
		if b.endpoint(e.ID).FailingSince.IsZero() {
			t.Error("not failing")
		}
		p.answers(200, "thanks")
		b.Clock.Advance(6 * time.Second)
		b.deliver()
		all := p.all()
		if d = b.log(e.ID, webhook.Delivered)[0]; d.Tries != 2 || d.Status != 200 || d.Excerpt != "thanks" || len(all) != 2 ||
			all[0].id != all[1].id || all[0].body != all[1].body || all[0].timestamp == all[1].timestamp {
			t.Errorf("%+v %+v", d, all)
		}
		if !b.endpoint(e.ID).FailingSince.IsZero() {
			t.Error("still failing")
		}
	})
}

func TestAnEndpointThatFailsForDaysIsSwitchedOff(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		p.answers(500, "")
		e, _ := b.listen(p.URL, webhook.ProductChanged)
		for range 5 * 24 * 2 { // half-hours of five days
			b.change(1)
			b.deliver()
			b.Clock.Advance(30 * time.Minute)
			if !b.endpoint(e.ID).On {
				t.Fatalf("off after %v", b.Clock.Now().Sub(b.endpoint(e.ID).FailingSince))
			}
			if len(p.all()) > 40 { // the rest of the five days need not be played
				b.Clock.Advance(b.endpoint(e.ID).FailingSince.Add(5 * 24 * time.Hour).Sub(b.Clock.Now()))
				break
			}
		}
		b.deliver()
		got := b.endpoint(e.ID)
		if got.On || got.Reason != "failing" || len(b.log(e.ID, webhook.Queued)) != 0 {
			t.Fatalf("%+v, %d wait", got, len(b.log(e.ID, webhook.Queued)))
		}
		failed := b.log(e.ID, webhook.Failed)
		b.refused(b.Hooks.Replay(ctx, b.shop, failed[0].ID), "webhook.off")
		_, err := b.Hooks.ReplaySince(ctx, b.shop, e.ID, time.Time{})
		b.refused(err, "webhook.off")
		before := len(p.all())
		b.change(1)
		b.deliver()
		if len(p.all()) != before {
			t.Error("told while it is off")
		}
		p.answers(200, "")
		if d, err := b.Hooks.Ping(ctx, b.shop, e.ID); err != nil || d.State != webhook.Delivered {
			t.Errorf("a ping to one that is off: %+v %v", d, err)
		}
		got, err = b.Hooks.Change(ctx, webhook.Change{Shop: b.shop, Endpoint: e.ID, URL: p.URL,
			Topics: []webhook.Topic{"product.changed"}, On: true})
		if err != nil || !got.On || got.Reason != "" || !got.FailingSince.IsZero() {
			t.Fatalf("%+v %v", got, err)
		}
		n, err := b.Hooks.ReplaySince(ctx, b.shop, e.ID, failed[1].CreatedAt)
		if err != nil || n < 2 {
			t.Errorf("%d replayed, %v", n, err)
		}
		b.deliver()
		if d, err := b.Hooks.Delivery(ctx, b.shop, failed[0].ID); err != nil || d.State != webhook.Delivered || d.Replays != 1 {
			t.Errorf("%+v %v", d, err)
		}
	})
}

func TestGoneMeansOff(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		p.answers(410, "")
		e, _ := b.listen(p.URL, webhook.ProductChanged)
		b.change(2)
		b.deliver()
		if got := b.endpoint(e.ID); got.On || got.Reason != "gone" || len(b.log(e.ID, webhook.Failed)) != 2 {
			t.Errorf("%+v %+v", got, b.log(e.ID, ""))
		}
	})
}

func TestReplayKeepsTheID(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		e, _ := b.listen(p.URL, webhook.ProductChanged)
		b.change(3)
		b.deliver()
		d := b.log(e.ID, webhook.Delivered)[0]
		for range 2 { // the second finds it waiting
			b.Must(b.Hooks.Replay(ctx, b.shop, d.ID))
		}
		b.deliver()
		all := p.all()
		if len(all) != 4 || all[3].id != string(d.ID) || all[3].body != d.Body {
			t.Errorf("%+v", all)
		}
		_, err := b.Hooks.Change(ctx, webhook.Change{Shop: b.shop, Endpoint: e.ID, URL: p.URL,
			Topics: []webhook.Topic{"product.changed"}})
		b.Must(err)
		b.refused(b.Hooks.Replay(ctx, b.shop, d.ID), "webhook.off")
	})
}

// One endpoint that hangs has four messages under way and no more, and the others do not notice.
func TestASlowEndpointStarvesNobody(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		slow, fast := newProgram(t), newProgram(t)
		slow.hold = make(chan struct{})
		b.listen(slow.URL, webhook.ProductChanged)
		b.change(20) // to the slow one alone, all due before the fast one's
		e, _ := b.listen(fast.URL, webhook.ProductChanged)
		b.change(9)
		for range 4 {
			<-slowly(t, b, slow)
		}
		for len(b.log(e.ID, webhook.Delivered)) < 9 {
			if _, err := b.Hooks.Deliver(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(slow.all()); n != 4 {
			t.Errorf("%d under way at the slow one", n)
		}
		close(slow.hold)
		b.Hooks.Wait()
	})
}

// slowly runs the job and gives where a program tells of arrivals.
func slowly(t *testing.T, b *bench, p *program) <-chan struct{} {
	t.Helper()
	if _, err := b.Hooks.Deliver(ctx); err != nil {
		t.Fatal(err)
	}
	return p.here
}

// A failing endpoint is tried with one message at a time.
func TestAFailingEndpointGetsOneAtATime(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		p.answers(500, "")
		e, _ := b.listen(p.URL, webhook.ProductChanged)
		b.change(1)
		b.deliver()
		p.mu.Lock()
		p.hold = make(chan struct{})
		p.mu.Unlock()
		b.change(5)
		n, err := b.Hooks.Deliver(ctx)
		if err != nil || n != 1 {
			t.Errorf("%d started, %v", n, err)
		}
		close(p.hold)
		b.Hooks.Wait()
		_ = e
	})
}

func TestAMessageOfADeadNodeGoesOutAgainLater(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		p.hold = make(chan struct{})
		b.listen(p.URL, webhook.ProductChanged)
		b.change(1)
		if n, err := b.Hooks.Deliver(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		<-p.here
		b.Hooks.Close() // while the message is under way
		close(p.hold)
		p.mu.Lock()
		p.hold = nil
		p.mu.Unlock()
		b.use()
		b.deliver()
		if len(p.all()) != 1 {
			t.Error("sent again at once")
		}
		b.Clock.Advance(2 * time.Minute)
		b.deliver()
		if all := p.all(); len(all) != 2 || all[0].id != all[1].id {
			t.Errorf("%+v", all)
		}
	})
}

func TestRemoveAndSweep(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		e, _ := b.listen(p.URL, webhook.ProductChanged)
		b.change(1)
		b.deliver()
		p.answers(500, "")
		b.change(1)
		b.deliver()
		b.Clock.Advance(30*24*time.Hour + time.Microsecond)
		if _, err := b.Hooks.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if all := b.log(e.ID, ""); len(all) != 1 || all[0].State != webhook.Queued {
			t.Errorf("%+v", all)
		}
		b.Must(b.Hooks.Remove(ctx, b.shop, e.ID))
		if all := b.log(e.ID, ""); len(all) != 0 {
			t.Error(all)
		}
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { // as left over by a race with the removal
			_, err := tx.Exec(`INSERT INTO webhook_deliveries (id, endpoint_id, shop_id, event_id, topic, subject, body, state,
				tries, next_us, status, reason, excerpt, took_ms, replays, created_us, done_us)
				VALUES ('msg_1', $1, $2, 'evt_1', 'order.paid', 'x', '{}', 'queued', 0, 0, 0, '', '', 0, 0, 0, 0)`, e.ID, b.shop)
			return err
		}))
		before := len(p.all())
		b.deliver()
		if all := b.log(e.ID, webhook.Failed); len(all) != 1 || all[0].Reason != "off" || len(p.all()) != before {
			t.Error(all)
		}
	})
}

func TestReasonsAreWhatTheMerchantCanActOn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		dead := newProgram(t)
		dead.Close()
		slow := newProgram(t)
		slow.hold = make(chan struct{})
		defer close(slow.hold)
		b.set.Timeout = 200 * time.Millisecond
		b.use()
		for address, want := range map[string]string{dead.URL: "network", slow.URL: "timeout"} {
			e, _ := b.listen(address, webhook.OrderPaid)
			if d, err := b.Hooks.Ping(ctx, b.shop, e.ID); err != nil || d.Reason != want {
				t.Errorf("%s: %+v %v", want, d, err)
			}
		}
		b.set.Roots, b.set.Timeout = nil, 5*time.Second
		b.use()
		p := newProgram(t)
		e, _ := b.listen(strings.Replace(p.URL, "127.0.0.1", "localhost", 1), webhook.OrderPaid)
		if d, err := b.Hooks.Ping(ctx, b.shop, e.ID); err != nil || d.Reason != "tls" || len(p.all()) != 0 {
			t.Errorf("%+v %v", d, err)
		}
	})
}
