package notice_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/reach/notice"
	"hutong/reach/notice/mail"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

func schemas() []db.Schema { return append(tradetest.Schemas(), notice.Schema) }

// book is who has which address.
type book map[notice.To]string

func (b book) Emails(_ context.Context, all []notice.To) (map[notice.To]string, error) {
	got := maps.Clone(b)
	maps.DeleteFunc(got, func(t notice.To, _ string) bool { return !slices.Contains(all, t) })
	return got, nil
}

// post takes mails, or fails as told.
type post struct {
	mu   sync.Mutex
	sent []mail.Message
	err  error
}

func (p *post) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.sent = append(p.sent, m)
	}
	return p.err
}

type bench struct {
	*tradetest.Market
	t       *testing.T
	Notices *notice.Service
	Bus     *event.Bus
	Hub     *event.Hub
	post    *post
	book    book
	shop    string
	who     string
	address string
}

func newBench(t *testing.T, d *db.DB) *bench {
	b := &bench{t: t, Market: tradetest.New(t, d, tradetest.Purse("red")), post: &post{}, book: book{}, Hub: event.NewHub()}
	b.Bus = event.NewBus(d, b.Clock, slog.New(slog.DiscardHandler))
	b.use(b.post)
	b.Notices.Listen(b.Bus)
	b.shop = b.Shop("first")
	b.who, b.address = b.Shopper()
	b.book[b.shopper()] = "lily@example.com"
	return b
}

// use makes the notices with that sender.
func (b *bench) use(sender notice.Sender) {
	set := notice.DefaultSettings()
	set.PublicAt = "https://shop.example"
	b.Notices = notice.New(notice.Deps{DB: b.DB, Clock: b.Clock, IDs: b.IDs, Rand: rand.Reader, Hub: b.Hub,
		Orders: b.Orders, Book: b.book, Sender: sender}, set)
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { test(t, newBench(t, d)) })
}

func (b *bench) shopper() notice.To { return notice.To{Kind: notice.Shopper, ID: b.who} }
func (b *bench) seller() notice.To  { return notice.To{Kind: notice.Shop, ID: b.shop} }

func (b *bench) place() checkout.Placed {
	b.t.Helper()
	o := b.Sell(b.shop, "tea", 1000, 50)
	return b.Place(b.who, b.address, checkout.BasketLine{Offer: string(o.ID), Quantity: 1})
}

func (b *bench) pay(p checkout.Placed) {
	b.t.Helper()
	if v := b.Capture(p, b.IDs.New("att")); !v.Taken {
		b.t.Fatalf("not paid: %+v", v)
	}
}

func (b *bench) ship(o order.ID) {
	b.t.Helper()
	now := b.Clock.Now()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		return b.Orders.Shipped(tx, now, []order.Shipment{{Order: o, Seq: 1, Shop: b.shop, Carrier: "cart",
			ConfirmBy: now.AddDate(0, 0, 10)}})
	}))
}

func (b *bench) deliver(o order.ID) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		return b.Orders.Delivered(tx, b.Clock.Now(), []order.SubKey{{Order: o, Seq: 1}})
	}))
}

func (b *bench) emit(e event.Event) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { return event.Emit(tx, b.IDs, e) }))
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

func (b *bench) send() {
	b.t.Helper()
	for {
		n, err := b.Notices.Send(ctx)
		b.Must(err)
		if n == 0 {
			return
		}
	}
}

func (b *bench) inbox(to notice.To) (topics string, all []notice.Notice) {
	b.t.Helper()
	all, err := b.Notices.Inbox(ctx, to, "", 100)
	b.Must(err)
	for _, n := range all {
		topics = string(n.Topic) + " " + topics
	}
	return topics, all
}

func (b *bench) log(s notice.State) []notice.Notice {
	b.t.Helper()
	all, err := b.Notices.Sent(ctx, notice.LogQuery{State: s, Channel: notice.Mail})
	b.Must(err)
	return all
}

func (b *bench) refused(err error, code string) {
	b.t.Helper()
	if !fault.Is(err, code) {
		b.t.Errorf("got %v, want %s", err, code)
	}
}

var hour = time.Hour
