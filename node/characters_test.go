package node_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hutong/surface/gate"
)

// TestOddCharactersInAddresses goes over the whole route table as everybody: a NUL or broken UTF-8 in a path is not
// found, in a query it is the caller's mistake, alike on both engines and whoever asks.
func TestOddCharactersInAddresses(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		c := gather(t, m)
		c.plain()
		paths := 0
		for _, row := range m.routes {
			for _, odd := range []string{"%00", "a%00b", "%ff", "%e8%8c"} {
				path := hole.ReplaceAllStringFunc(row.Path, func(h string) string {
					if h == "{$}" {
						return ""
					}
					return odd
				})
				if strings.Contains(path, odd) {
					paths++
					c.odd(row, path, http.StatusNotFound)
				}
				if row.Name == "shop.order.news" {
					continue
				}
				c.odd(row, c.fill(row.Path)+"?q="+odd+"&cursor="+odd+"&after="+odd+"&next="+odd, http.StatusBadRequest)
			}
		}
		if paths < 100 {
			t.Errorf("only %d paths with an object in them were found", paths)
		}
		m.audit()
	})
}

func (c *crowd) odd(row gate.Row, path string, want int) {
	c.t.Helper()
	for _, who := range c.who {
		var got answer
		switch {
		case row.Page && row.Method == http.MethodPost:
			got = who.form(path, c.fields())
		case row.Method == http.MethodGet:
			got = who.call(row.Method, path, "")
		default:
			got = who.call(row.Method, path, `{}`)
		}
		if got.status != want {
			c.t.Errorf("%s: %s %s (%s): %d, want %d: %.200s", who.name, row.Method, path, row.Name, got.status, want, got.body)
		}
	}
}

// texts are fields of forms beside those of crowd.fields.
var texts = []string{"recipient", "phone", "street", "region", "division", "postcode", "remark", "token", "name", "password",
	"reason", "carrier", "tracking_no", "code", "do", "zh", "en", "list", "address", "case", "lang"}

// plain lets everybody take answers as they are: packing thousands of pages would be most of the work.
func (c *crowd) plain() {
	for _, who := range c.who {
		who.plain = true
	}
}

// TestOddCharactersInForms puts what a browser's form never sends into one field after the other: it is never a defect
// of the market, and never stops it.
func TestOddCharactersInForms(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		c := gather(t, m)
		c.plain()
		for _, row := range m.routes {
			if !row.Page || row.Method != http.MethodPost || row.Name == "login.leave" {
				continue
			}
			names := slices.Concat(texts, slices.Collect(maps.Keys(c.fields())))
			for i, name := range names {
				fields := c.fields()
				fields.Set(name, []string{"a\x00b", "\xff"}[i%2])
				for _, who := range c.who {
					if !slices.Contains(row.Roles, c.role[who]) {
						continue
					}
					if got := who.form(c.fill(row.Path), fields); got.status >= http.StatusInternalServerError {
						t.Errorf("%s: %s with an odd %s: %d %.300s", who.name, row.Name, name, got.status, got.body)
					}
				}
			}
		}
		m.audit()
	})
}
