package voucher_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/shopper"
)

// settle gives a shopper a delivery address.
func (m *market) settle(who, phone, street, area string) {
	m.t.Helper()
	_, err := m.shoppers.AddAddress(context.Background(), shopper.ID(who), shopper.Address{Country: "CN", Division: area,
		Recipient: "王小明", Phone: phone, Street: street})
	m.ok(err)
}

// TestP3_FarmingByNewAccounts: a voucher for new shoppers is bound to what accounts of one person share: a second
// account with the same phone number or the same address, however it is typed, gets none; nor does an order to the same
// address or from the same payment account use a second one.
func TestP3_FarmingByNewAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.Audience = voucher.Audience{Kind: voucher.NewShoppers}
		tpl := m.publish(of)
		first, phone, street, other, old, blank := m.shopper(), m.shopper(), m.shopper(), m.shopper(), m.shopper(), m.shopper()
		m.settle(first, "13800138000", "文三路 90 号 5-1", "330106")
		m.settle(phone, "+8613800138000", "解放路 1 号", "330102")
		m.settle(street, "13900139000", "文三路90号５－1", "330106")
		m.settle(other, "13700137000", "文三路 91 号", "330106")
		m.settle(old, "13600136000", "体育场路 1 号", "330102")
		m.bought[old] = true

		v := m.claimed(first, tpl)
		for who, code := range map[string]string{phone: "voucher.limit_reached", street: "voucher.limit_reached",
			old: "voucher.audience", blank: "voucher.identity"} {
			_, err := m.claim(who, tpl)
			m.want(err, code)
		}
		w := m.claimed(other, tpl)

		m.ok(m.use("ord_1", v, 4_000, "account1", "place1"))
		m.want(m.use("ord_2", w, 4_000, "account2", "place1"), "voucher.marked")
		m.want(m.use("ord_2", w, 4_000, "account1", "place2"), "voucher.marked")
		m.ok(m.use("ord_2", w, 4_000, "account2", "place2"))

		bought := m.claimed(m.withHome("13500135000", "曙光路 7 号"), tpl)
		if len(m.usable(bought.Shopper)) != 1 {
			t.Fatal("a new shopper cannot use it")
		}
		m.bought[bought.Shopper] = true
		if len(m.usable(bought.Shopper)) != 0 {
			t.Fatal("who bought meanwhile is still new")
		}
	})
}

func (m *market) withHome(phone, street string) string {
	who := m.shopper()
	m.settle(who, phone, street, "330106")
	return who
}

// TestP3_MarksCannotBeTurnedBack: what is kept of a phone number or an address names nobody.
func TestP3_MarksCannotBeTurnedBack(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		who := m.withHome("13800138000", "文三路 90 号")
		a, b := voucher.NewPartyMarks([]byte("one")), voucher.NewPartyMarks([]byte("two"))
		m.ok(m.db.Read(t.Context(), func(tx *db.Tx) error {
			of, err := a.Marks(tx, []string{who, "shr_nobody"})
			m.ok(err)
			other, err := b.Marks(tx, []string{who})
			m.ok(err)
			if len(of[who]) != 2 || len(of["shr_nobody"]) != 0 {
				t.Errorf("marks %v", of)
			}
			for i, mark := range of[who] {
				if len(mark) != 32 || mark == other[who][i] {
					t.Errorf("the mark %q", mark)
				}
			}
			return nil
		}))
	})
}

// TestP10_CodesCannotBeTried: wrong codes are counted for a shopper and a network, in the database; after that many in
// an hour a right one is not looked at either.
func TestP10_CodesCannotBeTried(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.Codes, of.Listed = 20, false
		tpl := m.publish(of)
		codes, err := m.Draw(t.Context(), voucher.Draw{Template: tpl, Count: 3})
		m.ok(err)
		who, other := m.shopper(), m.shopper()
		redeem := func(ctx context.Context, who, code string) (voucher.Claimed, error) {
			return m.Redeem(ctx, voucher.Redeem{Shopper: who, Code: code})
		}
		for range 9 {
			_, err := redeem(t.Context(), who, strings.Repeat("2", 20))
			m.want(err, "voucher.code")
		}
		got, err := redeem(t.Context(), who, " "+strings.ToUpper(codes[0])+" ") // as typed; a right one costs no try
		m.ok(err)
		again, err := redeem(t.Context(), who, codes[0])
		if m.ok(err); !again.Replayed || again.Voucher.ID != got.Voucher.ID || got.Voucher.Origin != voucher.FromCode {
			t.Fatalf("%+v, again %+v", got, again)
		}
		_, err = redeem(t.Context(), who, "nonsense")
		m.want(err, "voucher.code")
		_, err = redeem(t.Context(), who, codes[1])
		m.want(err, "voucher.tries")
		if wait := fault.As(err).RetryAfter; wait.Minutes() != 60 {
			t.Errorf("to wait: %s", wait)
		}
		_, err = redeem(t.Context(), other, codes[0]) // another's, used: no other answer than an unknown one
		m.want(err, "voucher.code")

		home := context.WithValue(t.Context(), audit.Network{}, netip.MustParseAddr("203.0.113.7"))
		for range 20 {
			_, err := redeem(home, m.shopper(), "nonsense")
			m.want(err, "voucher.code")
		}
		_, err = redeem(home, m.shopper(), codes[1])
		m.want(err, "voucher.tries")
		m.clock.Advance(60 * 60 * 1e9)
		if _, err = redeem(home, who, codes[1]); !fault.Is(err, "voucher.limit_reached") { // tries are back; one each
			t.Fatal(err)
		}
		_, err = redeem(home, other, codes[1])
		m.ok(err)
		m.clock.Advance(25 * 60 * 60 * 1e9)
		if n, err := m.Sweep(t.Context()); err != nil || n == 0 {
			t.Fatalf("%d tries were forgotten: %v", n, err)
		}
	})
}

// TestP10_CodesAtRestOpenNothing: the tables hold no code, and a code has 80 bits at least.
func TestP10_CodesAtRestOpenNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.Codes = 100
		tpl := m.publish(of)
		codes, err := m.Draw(t.Context(), voucher.Draw{Template: tpl, Count: 100})
		m.ok(err)
		seen, letters := map[string]bool{}, map[rune]bool{}
		for _, c := range codes {
			bare := strings.ReplaceAll(c, "-", "")
			if seen[bare] = true; len(bare) != 20 {
				t.Fatalf("the code %q", c)
			}
			for _, r := range bare {
				letters[r] = true
			}
		}
		if len(seen) != 100 || len(letters) != 31 { // 20 × log2(31) = 99 bits
			t.Fatalf("%d codes of %d letters", len(seen), len(letters))
		}
		m.ok(m.db.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Each(`SELECT hash FROM voucher_codes`, func(r db.Row) error {
				var hash string
				err := r.Scan(&hash)
				if len(hash) != 64 || seen[hash] {
					t.Errorf("the row %q", hash)
				}
				return err
			})
		}))
		_, err = m.Draw(t.Context(), voucher.Draw{Template: tpl, Count: 1})
		m.want(err, "voucher.codes_left")
		for _, n := range []int{0, -1, voucher.DrawMax + 1} {
			_, err = m.Draw(t.Context(), voucher.Draw{Template: tpl, Count: n})
			m.want(err, "voucher.codes")
		}
	})
}

// TestP10_KillSwitchAndAlarm: a template that is claimed too fast is slowed down and somebody is told; one that is
// paused gives nothing and is used by nobody, at once, also by orders that are on their way; and it can be opened again.
func TestP10_KillSwitchAndAlarm(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.PerMinute, of.Codes = 2, 5
		tpl, who := m.publish(of), m.shopper()
		v := m.claimed(who, tpl)
		m.claimed(m.shopper(), tpl)
		for range 3 {
			_, err := m.claim(m.shopper(), tpl)
			m.want(err, "voucher.too_fast")
		}
		if n := m.events(voucher.Alarm); n != 1 {
			t.Fatalf("%d alarms", n)
		}
		m.clock.Advance(60 * 1e9)
		m.claimed(m.shopper(), tpl)
		codes, err := m.Draw(t.Context(), voucher.Draw{Template: tpl, Count: 1})
		m.ok(err)

		turn := func(to voucher.TemplateState) error {
			return m.Turn(t.Context(), voucher.Turn{Template: tpl, To: to, Reason: "leaked"})
		}
		m.ok(turn(voucher.TemplatePaused))
		m.ok(turn(voucher.TemplatePaused))
		m.want(m.use("ord_1", v, 4_000), "quota.closed")
		_, err = m.claim(m.shopper(), tpl)
		m.want(err, "voucher.closed")
		_, err = m.Redeem(t.Context(), voucher.Redeem{Shopper: m.shopper(), Code: codes[0]})
		m.want(err, "voucher.closed")
		_, err = m.Draw(t.Context(), voucher.Draw{Template: tpl, Count: 1})
		m.want(err, "voucher.closed")
		if all, err := m.Promotions(t.Context()); err != nil || len(all) != 0 || len(m.usable(who)) != 0 {
			t.Fatalf("a paused template is priced: %v, %v", all, err)
		}
		m.ok(turn(voucher.TemplateOpen))
		m.ok(m.use("ord_1", v, 4_000))
		m.ok(turn(voucher.TemplateEnded))
		_, err = m.claim(m.shopper(), tpl)
		m.want(err, "voucher.closed")
		m.want(turn(voucher.TemplateOpen), "voucher.state")
		m.ok(turn(voucher.TemplateVoid))
		if m.states(who) != "void " {
			t.Fatalf("of a void template: %s", m.states(who))
		}
	})
}

func (m *market) events(topic event.Topic) (n int64) {
	m.t.Helper()
	m.ok(m.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM outbox WHERE topic = $1`, topic)
		return err
	}))
	return n
}

// TestP13_ARedPacketNeverBecomesMoney: what comes back of an order comes back as a red packet, with the end that its
// template says, and once; it is in no way more than it was.
func TestP13_ARedPacketNeverBecomesMoney(t *testing.T) {
	for _, c := range []struct {
		back  voucher.OnReturn
		days  int64
		state string
		until int64 // days after the start
	}{{voucher.KeepTime, 0, "open ", 20}, {voucher.RenewTime, 30, "open ", 45}, {voucher.Forfeit, 0, "void ", 20}} {
		t.Run("return "+string(c.back), func(t *testing.T) {
			onBoth(t, func(t *testing.T, m *market) {
				of := packet(1_000, 10, false)
				of.OnReturn, of.RenewDays = c.back, c.days
				who := m.shopper()
				v := m.claimed(who, m.publish(of))
				if v.Amount != 100 || v.InBasket().Amount != 100 {
					t.Fatalf("%+v", v)
				}
				m.ok(m.use("ord_1", v, 60)) // the order owed no more than 60: the rest is gone with the use
				by, err := m.UsedBy(t.Context(), []string{"ord_0", "ord_1"})
				if m.ok(err); len(by) != 1 || by[v.ID] != "ord_1" {
					t.Fatalf("used by %v", by)
				}
				m.clock.Advance(15 * day)
				m.ok(m.comeBack("ord_1", v))
				all, err := m.Wallet(t.Context(), who)
				m.ok(err)
				got := all[0]
				if m.states(who) != c.state || got.Amount != 100 || !got.Until.Equal(start.Add(time.Duration(c.until)*day)) {
					t.Fatalf("came back as %+v", got)
				}
				if c.back == voucher.Forfeit {
					m.want(m.use("ord_2", v, 100), "voucher.used")
					return
				}
				m.ok(m.use("ord_2", v, 100))
				m.want(m.use("ord_3", v, 100), "voucher.used")
			})
		})
	}
}

// comeBack is a voucher's order given back whole before it was shipped, as trade/order does it.
func (m *market) comeBack(order string, v voucher.Voucher) error {
	return m.write(func(tx *db.Tx) error {
		again, err := m.ComeBack(tx, m.clock.Now(), []string{"grp_1", string(v.ID)})
		if err != nil || len(again) == 0 || again[0] != "grp_1" {
			m.t.Errorf("%v come back, %v", again, err)
		}
		var backs []quota.Back
		for _, name := range again[1:] {
			backs = append(backs, quota.Back{Order: order, Quota: quota.Voucher(name), Amount: 1})
		}
		return quota.GiveBack(tx, backs)
	})
}

// staff is somebody of the market's, allowed to ask and to decide.
func (m *market) staff() login.Principal {
	return login.Principal{Role: login.Operator, Login: login.ID(m.ids.New("lgn")),
		May: login.SetOf(login.MarketFeesAsk, login.MarketFeesApprove)}
}

// TestP15_FourEyes: what may cost much, and what is given to named shoppers, takes two people, of whom neither is the
// one who wrote or asked; every step stands in the record, and who was given most can be looked up.
func TestP15_FourEyes(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ask, decide := []login.Permission{login.MarketFeesAsk}, []login.Permission{login.MarketFeesApprove}
		desk, err := approval.New(m.db, m.clock, m.ids, voucher.PublishKind(m.Service, ask, decide),
			voucher.GrantKind(m.Service, ask, decide))
		m.ok(err)
		writer, asker, decider := m.staff(), m.staff(), m.staff()
		as := func(p login.Principal) context.Context { return audit.As(t.Context(), p.Audited()) }
		of := terms()
		of.Threshold, of.Off, of.Issue = 50_000, 50_000, 1_000
		tpl, err := m.Draft(as(writer), voucher.Draft{Terms: of})
		m.ok(err)
		err = m.Publish(as(writer), voucher.Publish{Template: tpl.ID, Version: 1})
		m.want(err, "voucher.second_person")
		request := func(kind string, payload any) approval.ID {
			r, err := desk.Ask(as(asker), approval.Ask{By: asker, Kind: kind, Subject: string(tpl.ID), Payload: payload})
			m.ok(err)
			return r.ID
		}
		decision := func(by login.Principal, r approval.ID) error {
			_, err := desk.Decide(as(by), approval.Decide{By: by, Request: r, Approve: true})
			return err
		}
		r := request(voucher.PublishRequest, voucher.PublishPayload{Version: 1})
		m.want(decision(asker, r), "approval.own")
		m.want(decision(writer, r), "approval.own")
		m.ok(decision(decider, r))

		friend, other := m.shopper(), m.shopper()
		for range 3 {
			r = request(voucher.GrantRequest, voucher.GrantPayload{Shoppers: []string{friend, friend}})
			m.want(decision(asker, r), "approval.own")
			m.ok(decision(decider, r))
			m.want(decision(decider, r), "approval.decided")
		}
		r = request(voucher.GrantRequest, voucher.GrantPayload{Shoppers: []string{other}})
		m.ok(decision(decider, r))
		given, err := m.Given(t.Context(), start)
		if m.ok(err); len(given) != 2 || given[0].Shopper != friend || given[0].Vouchers != 3 ||
			given[0].By != string(asker.Login) {
			t.Fatalf("given: %+v", given)
		}
		page, err := audit.New(m.db, m.clock, m.ids).Entries(t.Context(), audit.Query{Subject: string(tpl.ID)})
		if m.ok(err); len(page.Entries) != 2 || page.Entries[0].What != "voucher.published" ||
			page.Entries[0].Who != string(decider.Login) || page.Entries[1].Who != string(writer.Login) {
			t.Fatalf("the record says %+v", page.Entries)
		}
		_, err = desk.Ask(as(asker), approval.Ask{By: asker, Kind: voucher.GrantRequest, Subject: string(tpl.ID),
			Payload: voucher.GrantPayload{Shoppers: []string{"somebody"}}})
		m.want(err, "voucher.grant")
	})
}

// TestIC3_TakingBackOrUsing: of a use and a cancel at once one wins, and a cancelled voucher stays so.
func TestIC3_TakingBackOrUsing(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		tpl := m.publish(terms())
		for i := range 20 {
			v := m.claimed(m.shopper(), tpl)
			order := m.ids.New("ord")
			done := make(chan error)
			go func() {
				err := m.use(order, v, 1)
				for errors.Is(err, quota.ErrRaced) {
					err = m.use(order, v, 1)
				}
				done <- err
			}()
			cancelled := m.Cancel(t.Context(), voucher.Cancel{Voucher: v.ID, Reason: "test"})
			used := <-done
			if (cancelled == nil) == (used == nil) {
				t.Fatalf("%d: cancel %v, use %v", i, cancelled, used)
			}
			want := "void "
			if used == nil {
				want = "used "
				m.want(cancelled, "voucher.used")
			} else {
				m.ok(m.Cancel(t.Context(), voucher.Cancel{Voucher: v.ID}))
			}
			if got := m.states(v.Shopper); got != want {
				t.Fatalf("%s, want %s", got, want)
			}
		}
		foreign := m.claimed(m.shopper(), m.publishFor("shp_a", terms()))
		m.want(m.Cancel(t.Context(), voucher.Cancel{Shop: "shp_b", Voucher: foreign.ID}), "voucher.not_found")
		m.want(m.Cancel(t.Context(), voucher.Cancel{Voucher: voucher.ID(m.ids.New("vch"))}), "voucher.not_found")
	})
}
