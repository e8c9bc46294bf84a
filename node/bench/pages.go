package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"hutong/base/clock"
)

// PagesResult is what pages were measured to carry: public ones, which are the same for everybody and kept as bytes,
// and personal ones, which are made for who asks.
type PagesResult struct {
	Public   PageRate `json:"public"`
	Personal PageRate `json:"personal"`
	Conns    int      `json:"conns"`
	Errors   int      `json:"errors"`
	First    string   `json:"first_error,omitempty"`
}

// PageRate is how many pages a second were answered and how long one took.
type PageRate struct {
	PerS  float64 `json:"per_s"`
	P50MS float64 `json:"p50_ms"`
	P99MS float64 `json:"p99_ms"`
	Pages int     `json:"pages"`
}

// Held tells whether every page was answered.
func (r PagesResult) Held() bool { return r.Errors == 0 && r.Public.Pages > 0 && r.Personal.Pages > 0 }

// String is two lines for a person.
func (r PagesResult) String() string {
	line := func(name string, p PageRate) string {
		return fmt.Sprintf("%s pages, %d connections: %.0f/s, p50 %.1f ms, p99 %.1f ms", name, r.Conns, p.PerS, p.P50MS,
			p.P99MS)
	}
	return line("public", r.Public) + "\n" + line("personal", r.Personal) + fmt.Sprintf("\n%d errors", r.Errors)
}

// Pages measures the shop's pages on a server of its own with 10,000 products, over Options.Conns connections, each
// asking for packed pages as a browser does: public ones as a visitor who has just come, personal ones with a session
// and a cart. Seconds is the length of each of the two measurements.
func Pages(ctx context.Context, o Options, tell func(string)) (r PagesResult, err error) {
	dir, err := os.MkdirTemp("", "hutong-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tell("starting the server")
	addr, stop, pid, err := Start(ctx, o.Program, "sqlite:"+filepath.Join(dir, "market.db"))
	if err != nil {
		return r, err
	}
	b := &bench{Options: o, clock: &clock.System{}, addr: addr, pid: pid, tell: tell}
	r, err = b.pages()
	return r, errors.Join(err, stop())
}

// productLink finds the products on a page.
var productLink = regexp.MustCompile(`href="(/p/[a-z0-9_]+)`)

func (b *bench) pages() (r PagesResult, err error) {
	closeAll, err := b.dialAll()
	defer closeAll()
	if err != nil {
		return r, err
	}
	if err := b.call("/bench/guests", want{N: b.Conns}, &b.guests); err != nil {
		return r, err
	}
	public := []string{"/", "/search", "/search?q=%E5%95%86%E5%93%81", "/shop/bench"}
	status, home, err := b.conns[0].do(request{method: "GET", path: "/search"})
	if err != nil || status != 200 {
		return r, fmt.Errorf("bench: /search: %d %w", status, err)
	}
	for _, m := range productLink.FindAllSubmatch(home, -1) {
		public = append(public, string(m[1]))
	}
	if err := b.fillCarts(); err != nil {
		return r, err
	}
	r.Conns = b.Conns
	var sum tally
	if r.Public, sum = b.rate("public", public, nil); sum.first != nil {
		r.Errors, r.First = sum.errors, sum.first.Error()
	}
	if r.Personal, sum = b.rate("personal", []string{"/cart", "/orders", "/addresses/new"}, b.guests); sum.first != nil {
		r.Errors, r.First = r.Errors+sum.errors, sum.first.Error()
	}
	return r, nil
}

func (b *bench) dialAll() (closeAll func(), err error) {
	closeAll = func() {
		for _, k := range b.conns {
			k.close()
		}
	}
	for range b.Conns {
		k, err := dial(b.addr)
		if err != nil {
			return closeAll, err
		}
		b.conns = append(b.conns, k)
	}
	return closeAll, nil
}

// fillCarts puts something into every guest's cart: an empty one is no page to measure.
func (b *bench) fillCarts() error {
	var offers []string
	if err := b.call("/bench/offers", want{Stock: Spread}, &offers); err != nil {
		return err
	}
	for i, g := range b.guests {
		for n := range 3 {
			status, answer, err := b.conns[0].do(request{method: "PUT", bearer: g.Token, body: []byte(`{"quantity":1}`),
				key: fmt.Sprint("fill-", n), path: "/api/v1/cart/lines/" + offers[(i*3+n)%len(offers)]})
			if err != nil || status != 200 {
				return fmt.Errorf("bench: cart: %d %s %w", status, answer, err)
			}
		}
	}
	return nil
}

// rate asks for pages in turn on every connection, with the sessions of guests if there are any.
func (b *bench) rate(name string, paths []string, who []guest) (PageRate, tally) {
	window := time.Duration(b.Seconds) * time.Second
	b.tell(fmt.Sprintf("%s pages, %d connections, %v", name, b.Conns, window))
	turns := make([]int, b.Conns)
	all, took := b.drive(window, func(i int, k *conn, t *tally) bool {
		turns[i]++
		path := paths[(i+turns[i])%len(paths)]
		r := request{method: "GET", path: path, browser: true}
		if len(who) > 0 {
			r.bearer = who[i].Token
		}
		status, _, err := k.do(r)
		if err != nil || status != 200 {
			t.fail(fmt.Errorf("%s: %d %w", path, status, err))
			return err == nil
		}
		return true
	})
	sum := merge(all)
	return PageRate{PerS: float64(sum.requests) / took.Seconds(), P50MS: sum.percentile(0.50),
		P99MS: sum.percentile(0.99), Pages: sum.requests - sum.errors}, sum
}
