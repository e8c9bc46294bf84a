package notice_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/party/shopper"
	"hutong/reach/notice"
	"hutong/reach/notice/mail"
	"hutong/reach/notice/mail/mailtest"
	"hutong/trade/aftersale"
)

func TestAnOrdersWayIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		news, cancel, err := b.Hub.Subscribe(b.shopper().Inbox())
		b.Must(err)
		defer cancel()
		p := b.place()
		b.dispatch()
		b.pay(p)
		b.dispatch()
		b.Clock.Advance(hour)
		b.ship(p.Order)
		b.dispatch()
		b.Clock.Advance(hour)
		b.deliver(p.Order)
		b.dispatch()
		b.emit(event.Event{Topic: pay.TopicRefunded, Subject: string(p.Order), At: b.Clock.Now(),
			Body: `{"refund":"rfd_1","amount":{"minor":300,"currency":"CNY"}}`})
		b.dispatch()
		for _, topic := range []event.Topic{aftersale.TopicOpened, aftersale.TopicAgreed, aftersale.TopicRefused,
			aftersale.TopicWithdrawn} {
			b.emit(event.Event{Topic: topic, Subject: "cas_1", Shop: b.shop, Shopper: b.who, At: b.Clock.Now(),
				Body: event.Body(map[string]any{"order": p.Order, "seq": 1})})
			b.dispatch()
		}
		if topics, all := b.inbox(b.shopper()); topics != "placed paid shipped delivered refunded case_agreed case_refused " ||
			all[2].Facts.Amount != 300 || all[0].Facts.ShopZh != "店铺first" {
			t.Errorf("the shopper read %s %+v", topics, all)
		}
		if topics, all := b.inbox(b.seller()); topics != "shop_paid shop_case shop_withdrawn " || all[2].Facts.Amount != p.Total {
			t.Errorf("the shop read %s %+v", topics, all)
		}
		select {
		case <-news:
		default:
			t.Error("the page was not woken")
		}
		b.send()
		if len(b.post.sent) != 7 || len(b.log(notice.Sent)) != 7 || len(b.log(notice.Queued)) != 0 {
			t.Fatalf("%d mails, log %+v", len(b.post.sent), b.log(""))
		}
		first := func(m mail.Message) bool { return m.Subject == "订单已提交，等待付款" } // mails go out side by side
		m := b.post.sent[max(slices.IndexFunc(b.post.sent, first), 0)]
		if m.To != "lily@example.com" || !first(m) || !strings.Contains(m.Text, "¥16.00") ||
			!strings.Contains(m.Text, "https://shop.example/orders/"+string(p.Order)) {
			t.Errorf("%q %q %q", m.To, m.Subject, m.Text)
		}
	})
}

// A guest is told on the page; placing an order is not news to one whose page shows it.
func TestAGuestHasAnInboxAndNoMail(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		delete(b.book, b.shopper())
		p := b.place()
		b.pay(p)
		b.dispatch()
		q := b.place()
		b.Must(b.Orders.Cancel(ctx, b.who, q.Order))
		b.dispatch()
		if topics, all := b.inbox(b.shopper()); topics != "paid cancelled " || all[0].Facts.Why != "shopper" {
			t.Errorf("%s %+v", topics, all)
		}
		if len(b.log("")) != 0 {
			t.Errorf("%+v", b.log(""))
		}
	})
}

func TestPreferencesHoldMailsNotTheInbox(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Must(b.Notices.SetPreference(ctx, b.shopper(), notice.Preference{Topic: notice.Placed}))
		b.refused(b.Notices.SetPreference(ctx, b.shopper(), notice.Preference{Topic: notice.ShopPaid}), "notice.topic")
		b.refused(b.Notices.SetPreference(ctx, notice.To{Kind: notice.Shopper}, notice.Preference{Topic: notice.Paid}),
			"notice.topic")
		p := b.place()
		b.dispatch()
		b.pay(p)
		b.dispatch()
		b.Must(b.Notices.SetPreference(ctx, b.shopper(), notice.Preference{Topic: notice.Paid})) // while it waits
		b.send()
		if got := b.log(notice.Skipped); len(b.post.sent) != 0 || len(got) != 2 || got[0].Reason != "switched_off" {
			t.Errorf("%v %+v", b.post.sent, got)
		}
		if topics, _ := b.inbox(b.shopper()); topics != "placed paid " {
			t.Error(topics)
		}
		all, err := b.Notices.Preferences(ctx, b.shopper())
		if err != nil || len(all) != len(notice.Topics(notice.Shopper)) || all[0].Mail || all[1].Mail || !all[2].Mail {
			t.Error(all, err)
		}
		b.Must(b.Notices.SetPreference(ctx, b.shopper(), notice.Preference{Topic: notice.Paid, Mail: true}))
		if all, err = b.Notices.Preferences(ctx, b.shopper()); err != nil || !all[1].Mail {
			t.Error(all, err)
		}
	})
}

func TestAMailIsTriedAgainUntilItIsNoUse(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.place()
		b.dispatch()
		b.post.err = errors.New("the line is dead")
		tries := int64(0)
		for range 200 { // far more than eight tries need
			if _, err := b.Notices.Send(ctx); err != nil {
				t.Fatal(err)
			}
			all := b.log("")
			if all[0].State != notice.Queued {
				break
			}
			if all[0].Tries > tries {
				tries = all[0].Tries
				wait := all[0].NextTry.Sub(b.Clock.Now())
				if most := min(30*time.Second<<(tries-1), time.Hour); wait > most || wait < most*4/5 {
					t.Errorf("after try %d a wait of %v", tries, wait)
				}
			}
			b.Clock.Advance(10 * time.Minute)
		}
		if got := b.log(notice.Failed); len(got) != 1 || got[0].Tries != 8 || got[0].Reason != "tries" {
			t.Errorf("%+v", b.log(""))
		}
		b.place()
		b.dispatch()
		b.post.err = &mail.Refusal{Step: "recipient", Code: 550, Permanent: true}
		b.send()
		if got := b.log(notice.Failed); len(got) != 2 || got[0].Tries != 1 || strings.Contains(got[0].Reason, "lily") {
			t.Errorf("%+v", got)
		}
		b.place()
		b.dispatch()
		b.Clock.Advance(49 * hour)
		b.post.err = nil
		b.send()
		if got := b.log(notice.Skipped); len(got) != 1 || got[0].Reason != "too_old" || len(b.post.sent) != 0 {
			t.Errorf("%+v", got)
		}
		b.place()
		b.dispatch()
		delete(b.book, b.shopper())
		b.send()
		if got := b.log(notice.Skipped); len(got) != 2 || got[0].Reason != "no_address" {
			t.Errorf("%+v", got)
		}
	})
}

// A node that dies while it sends leaves a mail that another one sends later, not at once.
func TestAClaimedMailIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.place()
		b.dispatch()
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { // as claimed by a node that died then
			_, err := tx.Exec(`UPDATE notices SET next_us = next_us + $1, tries = 1 WHERE state = 'queued'`,
				(2 * time.Minute).Microseconds())
			return err
		}))
		b.send()
		if len(b.post.sent) != 0 {
			t.Error("sent twice")
		}
		b.Clock.Advance(2 * time.Minute)
		b.send()
		if len(b.post.sent) != 1 {
			t.Errorf("%d mails", len(b.post.sent))
		}
	})
}

func TestA1_AnInboxIsItsOwnersOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.place()
		b.dispatch()
		b.pay(p)
		b.dispatch()
		_, mine := b.inbox(b.shopper())
		other, _ := b.Shopper()
		for _, to := range []notice.To{{Kind: notice.Shopper, ID: other}, {Kind: notice.Shopper}, b.seller(),
			{Kind: notice.Shop, ID: b.who}} {
			b.refused(b.Notices.MarkRead(ctx, to, mine[0].ID), "notice.not_found")
			b.Must(b.Notices.MarkAllRead(ctx, to, mine[0].ID))
			if to != b.seller() {
				if topics, _ := b.inbox(to); topics != "" {
					t.Error(to, topics)
				}
			}
		}
		if n, err := b.Notices.Unread(ctx, b.shopper()); err != nil || n != 2 {
			t.Error(n, err)
		}
		for range 2 {
			b.Must(b.Notices.MarkRead(ctx, b.shopper(), mine[0].ID))
		}
		if n, err := b.Notices.Unread(ctx, b.shopper()); err != nil || n != 1 {
			t.Error(n, err)
		}
		b.Must(b.Notices.MarkAllRead(ctx, b.shopper(), mine[0].ID))
		if n, err := b.Notices.Unread(ctx, b.shopper()); err != nil || n != 0 {
			t.Error(n, err)
		}
		before, err := b.Notices.Inbox(ctx, b.shopper(), mine[0].ID, 10)
		if err != nil || len(before) != 1 || before[0].ID != mine[1].ID || before[0].ReadAt.IsZero() {
			t.Error(before, err)
		}
	})
}

// TestA16_NamesAreData: what people call themselves is put in once and never read as a template.
func TestA16_NamesAreData(t *testing.T) {
	n := notice.Notice{Topic: notice.Shipped, Facts: notice.Facts{Order: "ord_1",
		ShopZh: "{order}{{.Secret}}{amount}", ShopEn: "{shop} {order"}}
	if got := n.Words(text.Zh).Body; got != "{order}{{.Secret}}{amount} 已寄出订单 ord_1 的商品。" {
		t.Error(got)
	}
	if got := n.Words(text.En).Body; got != "{shop} {order has sent the goods of order ord_1." {
		t.Error(got)
	}
}

// Every topic has its words in both languages, and every cause.
func TestEveryTopicHasWords(t *testing.T) {
	for _, k := range []notice.Kind{notice.Shopper, notice.Shop} {
		for _, topic := range notice.Topics(k) {
			n := notice.Notice{Topic: topic, Facts: notice.Facts{Order: "ord_1", Amount: 5, Currency: "CNY", ShopZh: "店",
				ShopEn: "Shop", Why: "unheard of"}}
			if strings.HasPrefix(string(topic), "sale_") {
				n.Facts.Sale = &notice.Sale{Title: text.Entry{Zh: "节", En: "Festival"}, Goods: text.Entry{Zh: "茶", En: "Tea"}}
			}
			if strings.HasPrefix(string(topic), "deposit_") {
				n.Facts.Deposit = &notice.Deposit{Hold: "dph_1", Reason: "late parcels"}
			}
			if strings.HasPrefix(string(topic), "lot_") {
				n.Facts.Lot = &notice.Lot{Title: text.Entry{Zh: "节", En: "Festival"}, Goods: text.Entry{Zh: "茶", En: "Tea"}}
			}
			if topic == notice.GroupMoved {
				n.Facts.Group = &notice.Group{Code: "ABCD2345", Need: 2, Until: time.Unix(1000, 0)}
			}
			zh, en := n.Words(text.Zh), n.Words(text.En)
			for _, w := range []string{zh.Subject, zh.Body, en.Subject, en.Body} {
				if strings.ContainsAny(w, "{}") || strings.HasPrefix(w, "notice.") || w == "" {
					t.Errorf("%s: %q", topic, w)
				}
			}
			if zh == en {
				t.Errorf("%s is the same in both languages", topic)
			}
		}
	}
}

func FuzzWordsKeepValuesAsTheyAre(f *testing.F) {
	f.Add("{shop}", "ord_1")
	f.Fuzz(func(t *testing.T, shop, o string) {
		n := notice.Notice{Topic: notice.Shipped, Facts: notice.Facts{Order: o, ShopEn: shop}}
		if got, want := n.Words(text.En).Body, shop+" has sent the goods of order "+o+"."; got != want && shop != "" {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// The whole way to a mail server on a socket, and a one-time code that is kept nowhere.
func TestMailsAndCodesReachARealServer(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		server := mailtest.Start(t, func(s *mailtest.Server) { s.STARTTLS = true })
		c, err := mail.New(mail.Options{Server: "smtp://" + server.Address, From: "Hutong <no-reply@shop.example>",
			Roots: server.Roots})
		b.Must(err)
		b.place()
		b.dispatch()
		b.use(c)
		b.send()
		if got := server.Got(); len(got) != 1 || got[0].To != "lily@example.com" || !got[0].TLS {
			t.Fatalf("%+v", got)
		}
		code := notice.Code{Address: "new@example.com", Code: "123456", Lang: text.En, GoodFor: 5 * time.Minute}
		b.Must(b.Notices.SendCode(ctx, code))
		if got := server.Got(); len(got) != 2 || got[1].To != "new@example.com" || len(b.log("")) != 1 {
			t.Errorf("%+v", got)
		}
		server.Say("RCPT", "550 no")
		b.refused(b.Notices.SendCode(ctx, code), "notice.unsent")
		b.refused(b.Notices.SendCode(ctx, notice.Code{Address: "+8613800138000", Phone: true}), "notice.no_sms")
		b.use(nil)
		b.refused(b.Notices.SendCode(ctx, code), "notice.no_mail")
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "code", code)
		if all := log.String() + fmt.Sprintf("%v %#v", code, code); strings.Contains(all, "123456") {
			t.Error(all)
		}
	})
}

func TestSweepInheritForget(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.place()
		b.dispatch()
		b.pay(p)
		b.dispatch()
		into, _ := b.Shopper()
		account := notice.To{Kind: notice.Shopper, ID: into}
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			return notice.Person{}.Inherit(tx, b.Clock.Now(), shopper.ID(b.who), shopper.ID(into))
		}))
		if topics, _ := b.inbox(account); topics != "placed paid " {
			t.Error(topics)
		}
		b.Must(b.Notices.SetPreference(ctx, account, notice.Preference{Topic: notice.Paid}))
		b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
			held, err := notice.Person{}.Export(tx, shopper.ID(into))
			if out := fmt.Sprintf("%+v", held); !strings.Contains(out, "已付款 ¥16.00") || !strings.Contains(out, "Off:[paid]") {
				t.Errorf("the export holds %s", out)
			}
			return err
		}))
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { return notice.Person{}.Erase(tx, b.Clock.Now(), shopper.ID(into)) }))
		if topics, _ := b.inbox(account); topics != "" {
			t.Error(topics)
		}
		if _, err := b.Notices.Sweep(ctx); err != nil {
			t.Error(err)
		}
		if topics, _ := b.inbox(b.seller()); topics != "shop_paid " {
			t.Error(topics)
		}
		b.Clock.Advance(180*24*hour + time.Microsecond)
		if _, err := b.Notices.Sweep(ctx); err != nil {
			t.Error(err)
		}
		if topics, _ := b.inbox(b.seller()); topics != "" {
			t.Error(topics)
		}
	})
}
