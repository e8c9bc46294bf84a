package notice_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/event"
	"hutong/base/text"
	"hutong/reach/notice"
	"hutong/trade/aftersale"
)

// TestSilenceIsSaidBothWays: the shop that is asked reads by when it answers and what its silence means; the shopper reads
// that it was agreed because nobody answered, and nothing of that where the shop did.
func TestSilenceIsSaidBothWays(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := b.place()
		says := func(topic event.Topic, to notice.To, more map[string]any) (zh, en string) {
			t.Helper()
			body := map[string]any{"order": p.Order, "seq": 1}
			for k, v := range more {
				body[k] = v
			}
			b.Clock.Advance(time.Minute)
			b.emit(event.Event{Topic: topic, Subject: "cas_1", Shop: b.shop, Shopper: b.who, At: b.Clock.Now(),
				Body: event.Body(body)})
			b.dispatch()
			_, all := b.inbox(to)
			newest := all[0]
			return newest.Words(text.Zh).Body, newest.Words(text.En).Body
		}
		by := b.Clock.Now().AddDate(0, 0, 5)
		zh, en := says(aftersale.TopicOpened, b.seller(), map[string]any{"by": by})
		if !strings.Contains(zh, text.When(text.Zh, by)) || !strings.Contains(zh, "逾期视为同意") ||
			!strings.Contains(en, text.When(text.En, by)) || !strings.Contains(en, "silence") {
			t.Errorf("the shop reads %s / %s", zh, en)
		}
		if zh, _ = says(aftersale.TopicOpened, b.seller(), nil); strings.Contains(zh, "视为同意") {
			t.Errorf("where silence never agrees the shop reads %s", zh)
		}
		zh, en = says(aftersale.TopicAgreed, b.shopper(), map[string]any{"why": "silent"})
		if !strings.Contains(zh, "没有按时答复") || !strings.Contains(en, "did not answer") {
			t.Errorf("the shopper reads %s / %s", zh, en)
		}
		if zh, _ = says(aftersale.TopicAgreed, b.shopper(), nil); strings.Contains(zh, "没有按时答复") {
			t.Errorf("after the shop's word the shopper reads %s", zh)
		}
	})
}
