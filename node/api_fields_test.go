package node_test

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// bodyOf is the schema of an operation's body; found is false where it has none.
func (d apiDocument) bodyOf(op json.RawMessage) (s apiSchema, found bool) {
	var v struct {
		RequestBody struct {
			Content map[string]struct{ Schema apiSchema }
		}
	}
	if json.Unmarshal(op, &v) != nil {
		return s, false
	}
	content, found := v.RequestBody.Content["application/json"]
	return d.named(content.Schema), found
}

func (d apiDocument) named(s apiSchema) apiSchema {
	if s.Ref != "" {
		return d.Components.Schemas[path.Base(s.Ref)]
	}
	return s
}

func (s apiSchema) is(kind string) bool {
	switch t := s.Type.(type) {
	case string:
		return t == kind
	case []any:
		return slices.Contains(t, any(kind))
	}
	return false
}

// likely are values that an operation may go on with; the rest is made up by kind.
func (c *crowd) likely(name string) (any, bool) {
	v, ok := map[string]any{"currency": "CNY", "offer": string(c.offers[0].ID), "code": "nova", "zh": "新店", "en": "Nova",
		"scope": "shop", "id": string(c.shops[0].ID), "from": "2028-02-29T00:00:00Z", "country": "CN", "division": "330106",
		"recipient": "李雷", "phone": "13800138000", "street": "文三路", "postcode": "310012", "payee": "market", "wallet": "redbean",
		"reason": "other", "order": c.order, "size": 2, "hours": 24, "minor": 100, "to": "open", "ppm": 5000}[name]
	return v, ok
}

// sample is a body that might be taken.
func (c *crowd) sample(d apiDocument, s apiSchema, name string) any {
	s = d.named(s)
	if v, ok := c.likely(name); ok {
		return v
	}
	switch {
	case s.is("object"):
		all := map[string]any{}
		for name, p := range s.Properties {
			all[name] = c.sample(d, p, name)
		}
		delete(all, "$schema")
		return all
	case s.is("array"):
		return []any{c.sample(d, *s.Items, "")}
	case s.is("integer"):
		return 1
	case s.is("boolean"):
		return false
	}
	return "x"
}

// oddBodies are such bodies with one value each that is likely refused.
func (c *crowd) oddBodies(d apiDocument, s apiSchema, name string) (all []any) {
	s = d.named(s)
	switch {
	case s.is("object") && len(s.Properties) > 0:
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			for _, v := range c.oddBodies(d, s.Properties[name], name) {
				whole := c.sample(d, s, "").(map[string]any)
				whole[name] = v
				all = append(all, whole)
			}
		}
	case s.is("array"):
		all = append(all, []any{})
		for _, v := range c.oddBodies(d, *s.Items, "") {
			all = append(all, []any{v})
		}
	case s.is("integer"):
		all = []any{0, -1, 4_000_000_000, 9_000_000_000_000_000}
	case s.is("string"):
		all = []any{"", "zz", "\x1b", strings.Repeat("长", 1100)}
	}
	return all
}

// TestRefusalsNameFieldsOfTheDocument drives every operation with bodies of which one value is odd: the field that a
// refusal names is one that the caller could have sent.
func TestRefusalsNameFieldsOfTheDocument(t *testing.T) {
	m := open(t, onSQLite(t))
	c := gather(t, m)
	a, x, o := c.who[3], c.who[4], c.who[5]
	doc, refused := m.document(), map[string]bool{}
	for _, at := range slices.Sorted(maps.Keys(doc.Paths)) {
		who := a
		if strings.HasPrefix(at, "/merchant") {
			who = x
		} else if strings.HasPrefix(at, "/operator") {
			who = o
		}
		for method, op := range doc.Paths[at] {
			s, found := doc.bodyOf(op)
			if !found || at == "/sessions" {
				continue
			}
			for _, body := range append(c.oddBodies(doc, s, ""), c.sample(doc, s, "")) {
				raw, err := json.Marshal(body)
				m.ok(err)
				got := who.call(strings.ToUpper(method), c.fill("/api/v1"+at), string(raw))
				field := got.text("field")
				first, _, _ := strings.Cut(field, ".")
				_, known := s.Properties[first]
				if field != "" && !known && !strings.Contains(at, "{"+field+"}") && field != "Idempotency-Key" {
					t.Errorf("%s %s refuses %.80s at %s: %.200s", method, at, raw, field, got.body)
				}
				refused[got.text("code")] = true
			}
		}
	}
	for _, code := range []string{"offer.price", "stock.quantity", "merchant.name", "fee.scope_id", "group.size", "group.window"} {
		if !refused[code] {
			t.Errorf("nothing was refused for %s: %v", code, slices.Sorted(maps.Keys(refused)))
		}
	}
}
