package node_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/party/shopper"
	"hutong/reach/notice"
)

// drawn has the draw made and told, twice as it may be, and gives what each shopper's inbox holds.
func (m *market) drawn(shoppers ...string) (inboxes [][]notice.Notice) {
	m.t.Helper()
	for range 2 {
		for _, j := range m.Jobs() {
			if j.Name == "flash.draw" || j.Name == "flash.tell" {
				for range 4 {
					_, err := j.Run(m.t.Context())
					m.ok(err)
				}
			}
		}
		m.settle()
	}
	for _, who := range shoppers {
		all, err := m.Notices.Inbox(m.t.Context(), notice.To{Kind: notice.Shopper, ID: who}, "", 10)
		m.ok(err)
		inboxes = append(inboxes, all)
	}
	return inboxes
}

// TestWhoEnteredALotteryIsTold: one of two won and reads at which price, from when until when, with the way there; the
// other reads that they did not. Who was erased before the news came has no inbox again.
func TestWhoEnteredALotteryIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		item, from := m.session(m.offers[0], campaign.Terms{Price: 990, Quantity: 2, PerShopper: 1, Appointments: 9, Lottery: true})
		m.at(from.Add(-time.Hour))
		who := []string{"shr_a", "shr_b", "shr_c", "shr_d"}
		for _, s := range who {
			m.ok(m.Flash.Appoint(t.Context(), s, item))
		}
		m.at(from.Add(-10 * time.Minute))
		_, err := m.Flash.Draw(t.Context())
		m.ok(err)
		m.ok(m.DB.Write(t.Context(), func(tx *db.Tx) error {
			return flash.Person{}.Erase(tx, m.clock.Now(), shopper.ID(who[3]))
		}))
		won := 0
		for n, all := range m.drawn(who...) {
			if n == 3 {
				if len(all) != 0 {
					t.Errorf("who was erased is told %+v", all)
				}
				continue
			}
			if len(all) != 1 || all[0].Path() != "/sale/"+string(item) {
				t.Fatalf("%s is told %+v", who[n], all)
			}
			zh, en := all[0].Words(text.Zh), all[0].Words(text.En)
			mine, err := m.Flash.Appointments(t.Context(), who[n])
			m.ok(err)
			if mine[item].Won {
				won++
				for _, word := range []string{"9.90", "11:00", "12:00", "celadon tea cup", "On the hour"} {
					if !strings.Contains(en.Body, word) {
						t.Errorf("%q does not say %s", en.Body, word)
					}
				}
				if all[0].Topic != notice.LotWon || !strings.Contains(zh.Subject, "中签了：青瓷茶杯") {
					t.Error(zh, all[0].Topic)
				}
			} else if all[0].Topic != notice.LotLost || !strings.Contains(en.Body, "yours was not among them") {
				t.Error(en, all[0].Topic)
			}
		}
		if won == 0 {
			t.Error("nobody is told that they won")
		}
	})
}

// TestNobodyIsToldOfALotThatBuysNothing: the operator took the item out before the draw, or the market was away until
// its sale was over.
func TestNobodyIsToldOfALotThatBuysNothing(t *testing.T) {
	for name, gone := range map[string]bool{"removed": true, "over": false} {
		t.Run(name, func(t *testing.T) {
			m := open(t, onSQLite(t))
			item, from := m.session(m.offers[0], campaign.Terms{Price: 990, Quantity: 2, PerShopper: 1, Appointments: 9, Lottery: true})
			m.at(from.Add(-time.Hour))
			m.ok(m.Flash.Appoint(t.Context(), "shr_a", item))
			if gone {
				e, err := m.Campaigns.Enrolment(t.Context(), m.offers[0].Shop, item)
				m.ok(err)
				_, err = m.Campaigns.Remove(t.Context(), campaign.Remove{By: "lgn_op", ID: item, Version: e.Version, Why: "wrong price"})
				m.ok(err)
				m.at(from.Add(-10 * time.Minute))
			} else {
				m.at(from.Add(time.Hour))
			}
			if all := m.drawn("shr_a")[0]; len(all) != 0 {
				t.Errorf("%+v", all)
			}
			if l, err := m.Flash.Lottery(t.Context(), item); err != nil || l.Drawn.IsZero() {
				t.Error("it was not drawn", l, err)
			}
		})
	}
}
