package page_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/webtest"
	"hutong/surface/shopweb"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// shop is a shop's pages over a market with some goods.
func shop(t testing.TB) http.Handler {
	t.Helper()
	m := webtest.New(t)
	c := m.Pages(shopweb.Texts)
	routes, err := shopweb.New(shopweb.Deps{Pages: c, DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Logins: m.Logins,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Carts: m.Carts, Checkout: m.Checkout, Orders: m.Orders,
		Pay: m.Pay, Ship: m.Ship, Cases: m.Cases, Search: m.Search, Pictures: m.Pictures})
	m.Must(err)
	tea := m.Shop("tea", "巷口茶舍", "Corner Tea")
	for _, name := range [][2]string{{"龙井茶", "Longjing tea"}, {"茉莉花茶", "Jasmine tea"}, {"普洱茶", "Pu-erh tea"},
		{"铁观音", "Tieguanyin"}, {"青花盖碗", "Blue and white gaiwan"}, {"竹茶则", "Bamboo tea scoop"}} {
		m.Sell(webtest.Goods{Shop: tea, Category: "fb-1", Zh: name[0], En: name[1], Prices: []int64{1990}, Pieces: 5})
	}
	return m.Handler(c, routes...)
}

// firstMax is what the first page may weigh without its pictures: a second on a slow phone's line.
const firstMax = 60_000

func TestTheFirstPageIsLightAndQuick(t *testing.T) {
	b := browsertest.Open(t, shop(t), browsertest.Look{})
	b.Slow(4)
	b.Go("/")
	if w := b.Weight(); w == 0 || w > firstMax {
		t.Errorf("%d bytes of HTML, CSS and script, at most %d", w, firstMax)
	}
	p := b.Paint()
	if p.Shift > 0.01 {
		t.Errorf("the layout shifts by %.3f", p.Shift)
	}
	// A market that was just built on a machine that does much else paints late at first: the best of some visits
	// counts, and only CI, where nothing else runs, holds it to the promise.
	for range 5 {
		b.Go("/")
		p.Largest = min(p.Largest, b.Paint().Largest)
	}
	t.Logf("%d bytes, painted after %v", b.Weight(), p.Largest)
	if p.Largest > time.Second && strings.Contains(os.Getenv("HUTONG_REQUIRE"), "chromium") {
		t.Errorf("painted after %v", p.Largest)
	}
}

func TestTheFrameHoldsInABrowser(t *testing.T) {
	h := shop(t)
	for _, look := range browsertest.Four() {
		t.Run(look.String(), func(t *testing.T) {
			b := browsertest.Open(t, h, look)
			b.Allow("404")
			for name, path := range map[string]string{"home": "/", "list": "/search?q=%E8%8C%B6", "fault": "/p/none",
				"login": "/login", "cart": "/cart"} {
				b.Go(path)
				b.Check()
				b.Shot("frame/" + name)
			}
			if look.Lang == text.Zh && !look.Dark {
				b.Focus()
			}
		})
	}
}
