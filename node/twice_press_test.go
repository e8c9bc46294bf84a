package node_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"hutong/base/db"
	"hutong/node/demo"
	"hutong/surface/gate"
)

// filled are what a form sends, with something in each field that must have it, and the form's buttons.
func filled(doc, form *html.Node) (url.Values, []*html.Node) {
	fields, buttons, id := url.Values{}, []*html.Node(nil), of(form, "id")
	for n := range doc.Descendants() {
		mine := id != "" && of(n, "form") == id
		for p := n.Parent; p != nil && !mine; p = p.Parent {
			mine = p == form
		}
		if !mine {
			continue
		}
		name := of(n, "name")
		switch n.Data {
		case "button":
			buttons = append(buttons, n)
		case "select":
			fields.Set(name, firstOption(n))
		case "textarea":
			fields.Set(name, "")
			if marked(n, "required") {
				fields.Set(name, "测试")
			}
		case "input":
			fill(fields, n, name)
		}
	}
	fields.Del("")
	return fields, buttons
}

// usual is what stands in fields that a form needs without saying so.
var usual = map[string]string{"title_zh": "测试", "title_en": "Test", "from": "2026-11-20T00:00", "until": "2026-11-25T00:00",
	"claim_from": "2026-11-19T00:00", "claim_until": "2026-11-24T00:00", "budget": "100", "off": "1", "tiers": "300-50",
	"fund_platform": "100", "share": "100", "spent": "1", "issue": "5", "minimum": "1"}

func firstOption(list *html.Node) (first string) {
	for n := range list.Descendants() {
		if n.Data != "option" {
			continue
		}
		if v := of(n, "value"); marked(n, "selected") && v != "" {
			return v
		} else if first == "" {
			first = v
		}
	}
	return first
}

func marked(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func fill(fields url.Values, n *html.Node, name string) {
	v := of(n, "value")
	switch kind := of(n, "type"); kind {
	case "hidden", "submit", "file":
		fields.Set(name, v)
	case "checkbox":
		if marked(n, "checked") || marked(n, "required") {
			fields.Add(name, v)
		}
	case "radio":
		if marked(n, "checked") || fields.Get(name) == "" {
			fields.Set(name, v)
		}
	default:
		if known := usual[name]; v == "" && known != "" {
			v = known
		}
		switch {
		case v != "" || !marked(n, "required"):
		case strings.Contains(name, "password") || name == "was":
			v = demo.Password
		case kind == "email" || strings.Contains(name, "email"):
			v = "twice@example.com"
		case kind == "number" || of(n, "inputmode") == "decimal" || of(n, "inputmode") == "numeric":
			v = "1"
		case strings.Contains(kind, "datetime"):
			v = "2026-11-20T00:00"
		case kind == "date":
			v = "2026-11-20"
		case kind == "url" || strings.Contains(name, "url"):
			v = "https://erp.example.com/hook"
		case strings.Contains(name, "phone"):
			v = "13800138000"
		case name == "amount" || name == "price" || strings.HasPrefix(name, "units"):
			v = "1"
		case name == "division":
			v = "330106"
		default:
			v = "测试 " + name
		}
		fields.Set(name, v)
	}
}

// key is a text's key where a sentence should stand.
var rawKey = regexp.MustCompile(`>\s*[a-z]+web\.[a-z_.]+\s*<`)

// press sends a form as a foreign site, and then twice, and looks where it leads.
func (c *clerk) press(s sheet) {
	c.m.t.Helper()
	before := c.rows()
	if got := c.send(c.page(s, "cross-site")); got.status != http.StatusForbidden {
		c.m.t.Errorf("%s: %s from a foreign site: %d", c.name, s.action, got.status)
	}
	if also := grown(before, c.rows()); also != "" {
		c.m.t.Errorf("%s: %s from a foreign site: there are more rows of %s", c.name, s.action, also)
	}
	var first answer
	for i, lang := range []string{"zh", "en"} {
		c.lang = lang
		before = c.rows()
		got := c.send(c.page(s, "same-origin"))
		what := fmt.Sprintf("%s on %s: %s %v (%s)", c.name, s.on, s.action, s.fields, lang)
		if got.status >= 500 || got.status == http.StatusBadRequest && i == 1 && first.status < 400 {
			c.m.t.Errorf("%s: %d %.300s", what, got.status, got.body)
		}
		if got.status >= 400 && !strings.Contains(string(got.body), "<main") {
			c.m.t.Errorf("%s: %d is no page: %.300s", what, got.status, got.body)
		}
		if raw := rawKey.Find(got.body); raw != nil {
			c.m.t.Errorf("%s: %d says %s", what, got.status, raw)
		}
		if i == 0 {
			first = got
		} else if more := grown(before, c.rows()); more != "" && anew[c.routeOf(s.name)] != more {
			c.changed[what] = more
		}
	}
	c.lang = "zh"
	c.pressed[c.routeOf(s.name)]++
	if first.status < 400 {
		to, _, _ := strings.Cut(first.header.Get("Location"), "#")
		for _, path := range []string{s.on, to} {
			if strings.HasPrefix(path, "/") {
				c.queue, c.done[path] = append(c.queue, path), false // it reads otherwise now
			}
		}
	}
}

// page is a request as a browser sends it: its cookie says who it is.
func (c *clerk) page(s sheet, from string) *http.Request {
	c.m.t.Helper()
	method, body := http.MethodPost, s.fields.Encode()
	if s.fields == nil {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(c.m.t.Context(), method, c.m.url+s.action, strings.NewReader(body))
	c.m.ok(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", from)
	r.Header.Set("Accept-Language", c.lang)
	r.Header.Set("Accept", "text/html")
	r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: c.token})
	return r
}

func (c *clerk) routeOf(pattern string) string {
	for _, row := range c.m.routes {
		if row.Method+" "+row.Path == pattern {
			return row.Name
		}
	}
	return ""
}

// noted are the tables of what may be told, counted or kept of each press.
var noted = []string{"sessions", "outbox", "idempotency", "audit_entries", "checkups", "tally", "notices", "views",
	"event", "ledger_heads"}

// rows counts the rows of all tables of what counts.
func (c *clerk) rows() map[string]int64 {
	c.m.t.Helper()
	all := map[string]int64{}
	c.m.ok(c.m.DB.Read(c.m.t.Context(), func(tx *db.Tx) error {
		names, err := db.List(tx, func(r db.Row) (s string, err error) { err = r.Scan(&s); return s, err },
			`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
		for _, name := range names {
			if err != nil || slices.ContainsFunc(noted, func(n string) bool { return strings.HasPrefix(name, n) }) {
				continue
			}
			var n int64
			_, err = tx.One(`SELECT COUNT(*) FROM `+name, nil, &n)
			all[name] = n
		}
		return err
	}))
	return all
}

func grown(before, after map[string]int64) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if after[name] > before[name] {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}
