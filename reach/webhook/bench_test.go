package webhook_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/party/audit"
	"hutong/reach/webhook"
	"hutong/trade/aftersale"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

func schemas() []db.Schema { return append(tradetest.Schemas(), audit.Schema, webhook.Schema) }

// got is one message that a program received.
type got struct {
	id, timestamp, signature, body string
}

// program is a shop's own program that listens.
type program struct {
	*httptest.Server
	mu     sync.Mutex
	got    []got
	status int
	answer string
	hold   chan struct{} // when there is one, every answer waits for it
	here   chan struct{} // told of each message that arrives
}

func newProgram(t *testing.T) *program {
	p := &program{status: http.StatusNoContent, here: make(chan struct{}, 1000)}
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	p.mu.Lock()
	if err == nil {
		p.got = append(p.got, got{r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"),
			r.Header.Get("webhook-signature"), string(body)})
	}
	status, answer, hold := p.status, p.answer, p.hold
	p.mu.Unlock()
	p.here <- struct{}{}
	if hold != nil {
		<-hold
	}
	w.WriteHeader(status)
	io.WriteString(w, answer)
}

func (p *program) all() []got {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]got(nil), p.got...)
}

func (p *program) answers(status int, answer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.answer = status, answer
}

// files are cases as trade/aftersale would read them.
type files map[aftersale.ID]aftersale.Case

func (f files) Case(_ context.Context, _ aftersale.Party, id aftersale.ID) (aftersale.Case, error) {
	c, ok := f[id]
	if !ok {
		return c, fault.New(fault.NotFound, "aftersale.not_found")
	}
	return c, nil
}

type bench struct {
	*tradetest.Market
	t     *testing.T
	Hooks *webhook.Service
	Bus   *event.Bus
	cases files
	shop  string
	set   webhook.Settings
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		b := &bench{t: t, Market: tradetest.New(t, d), cases: files{}, set: webhook.DefaultSettings()}
		b.shop = b.Shop("first")
		b.set.Loopback, b.set.Timeout = true, 5*time.Second
		b.set.Roots = x509.NewCertPool()
		lender := httptest.NewTLSServer(http.NotFoundHandler()) // all test servers have this certificate
		b.set.Roots.AddCert(lender.Certificate())
		lender.Close()
		b.use()
		test(t, b)
	})
}

// use makes the service anew with the settings as they are now.
func (b *bench) use() {
	b.Hooks = webhook.New(webhook.Deps{DB: b.DB, Clock: b.Clock, IDs: b.IDs, Rand: rand.Reader, Cases: b.cases}, b.set)
	b.t.Cleanup(b.Hooks.Close)
	b.Bus = event.NewBus(b.DB, b.Clock, slog.New(slog.DiscardHandler))
	b.Hooks.Listen(b.Bus)
}

func (b *bench) listen(url string, topics ...webhook.Topic) (webhook.Endpoint, webhook.Secret) {
	b.t.Helper()
	e, secret, err := b.Hooks.Make(ctx, webhook.Make{Shop: b.shop, URL: url, Topics: topics})
	b.Must(err)
	return e, secret
}

// change tells that products of the shop changed.
func (b *bench) change(n int) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		for range n {
			if err := event.Emit(tx, b.IDs, event.Event{Topic: "product.changed", Subject: b.shop, Shop: b.shop,
				At: b.Clock.Now(), Body: `{"ids":["prd_1"]}`}); err != nil {
				return err
			}
		}
		return nil
	}))
	b.dispatch()
}

// dispatch tells what happened, twice each time, as it may be.
func (b *bench) dispatch() {
	b.t.Helper()
	var rows [][]any
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(`SELECT id, topic, subject, shop_id, shopper_id, body, at_us FROM outbox`, func(r db.Row) error {
			var v [6]string
			var at int64
			err := r.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &at)
			rows = append(rows, []any{v[0], v[1], v[2], v[3], v[4], v[5], at})
			return err
		})
	}))
	for range 2 {
		_, err := b.Bus.Dispatch(ctx)
		b.Must(err)
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			var failed int64
			if _, err := tx.One(`SELECT COUNT(*) FROM outbox_failures`, nil, &failed); err != nil || failed > 0 {
				return errors.Join(err, errors.New("a consumer failed"))
			}
			return tx.Insert("outbox", []string{"id", "topic", "subject", "shop_id", "shopper_id", "body", "at_us"}, rows)
		}))
	}
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM outbox`); return err }))
}

// deliver runs the job until nothing is due, and waits for what it started.
func (b *bench) deliver() {
	b.t.Helper()
	for {
		n, err := b.Hooks.Deliver(ctx)
		b.Must(err)
		b.Hooks.Wait()
		if n == 0 {
			return
		}
	}
}

func (b *bench) log(e webhook.EndpointID, s webhook.State) []webhook.Delivery {
	b.t.Helper()
	all, err := b.Hooks.Deliveries(ctx, b.shop, webhook.Query{Endpoint: e, State: s})
	b.Must(err)
	return all
}

func (b *bench) endpoint(id webhook.EndpointID) webhook.Endpoint {
	b.t.Helper()
	all, err := b.Hooks.Endpoints(ctx, b.shop)
	b.Must(err)
	for _, e := range all {
		if e.ID == id {
			return e
		}
	}
	b.t.Fatal("no endpoint")
	return webhook.Endpoint{}
}

func (b *bench) refused(err error, code string) {
	b.t.Helper()
	if !fault.Is(err, code) {
		b.t.Errorf("got %v, want %s", err, code)
	}
}
