package notice_test

import (
	"strings"
	"testing"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/reach/notice"
	"hutong/trade/tradetest"
)

// TestAShopIsToldOfAnEarnestThatIsItsOwn: once, with what the law leaves it, in both languages; nothing of an order that
// was never paid, and its shopper as before.
func TestAShopIsToldOfAnEarnestThatIsItsOwn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		item := b.Presell(b.Sell(b.shop, "tea", 21000, 10), 20000, 5000, 6000)
		lost, _ := b.Preorder(b.who, b.address, item, 1), b.Preorder(b.who, b.address, item, 1)
		a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(lost.Order), Shopper: b.who, Wallet: "red"})
		b.Must(err)
		_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{tradetest.Purse("red").Captured(a, b.Clock.Now())})
		b.Must(err)
		b.dispatch()
		if topics, _ := b.inbox(b.seller()); topics != "" {
			t.Errorf("before anything is lost the shop is told %s", topics)
		}
		b.Clock.Set(item.Due)
		_, err = b.Orders.Expire(ctx)
		b.Must(err)
		b.dispatch()
		b.dispatch()
		o, err := b.Orders.Any(ctx, lost.Order)
		b.Must(err)
		topics, all := b.inbox(b.seller())
		if topics != string(notice.ShopForfeited)+" " || o.Presale.Forfeit == 0 || o.Presale.Forfeit == o.Earnest {
			t.Fatalf("the shop is told %q of %+v", topics, o.Presale)
		}
		for lang, says := range map[text.Lang]string{text.Zh: "归你", text.En: "is yours"} {
			words := all[0].Words(lang)
			amount := money.New(o.Presale.Forfeit, o.Currency).Format(string(lang))
			if !strings.Contains(words.Body, amount) || !strings.Contains(words.Body, string(lost.Order)) ||
				!strings.Contains(words.Body, says) || !strings.Contains(words.Subject, says) {
				t.Errorf("%s: %+v", lang, words)
			}
		}
		if all[0].Path() != "/desk/orders/"+string(lost.Order) {
			t.Errorf("it leads to %s", all[0].Path())
		}
		if topics, _ := b.inbox(b.shopper()); strings.Count(topics, "cancelled") != 2 {
			t.Errorf("the shopper is told %s", topics)
		}
	})
}
