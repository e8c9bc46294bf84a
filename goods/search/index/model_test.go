package index

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search/words"
)

// model answers the same questions as an Index by looking at every product, without any of its structures.
type model struct {
	docs  map[string]Doc
	terms map[string][4]map[string]bool // of each product that there was
	tree  map[string]taxonomy.Node
}

var testNodes = []taxonomy.Node{
	{ID: "a"}, {ID: "a-1", Parent: "a"}, {ID: "a-1-1", Parent: "a-1"}, {ID: "a-1-2", Parent: "a-1"},
	{ID: "b"}, {ID: "a-2", Parent: "a"}, {ID: "b-1", Parent: "b"},
}

func newModel() *model {
	m := &model{docs: map[string]Doc{}, terms: map[string][4]map[string]bool{},
		tree: map[string]taxonomy.Node{}}
	for _, n := range testNodes {
		m.tree[n.ID] = n
	}
	return m
}

// within tells whether category c is root or below it.
func (m *model) within(c, root string) bool {
	for root != "" && c != "" && c != root {
		c = m.tree[c].Parent
	}
	return c == root || root == ""
}

// fields are the terms of a product in its four fields, the least important first.
func fields(d Doc) (all [4]map[string]bool) {
	var c words.Cutter
	texts := [4][]string{d.Description, append(slices.Clone(d.Attributes), d.Codes...), {d.Brand}, d.Title}
	for i := range all {
		all[i] = map[string]bool{}
		for _, text := range texts[i] {
			c.Terms(text, func(term []byte) { all[i][string(term)] = true })
		}
	}
	return all
}

// strength is how well a unit matches a product, twice, plus one if in the title; 0 is not at all.
func strength(u words.Unit, all [4]map[string]bool) (best int) {
	weights := [4]int{2, 6, 16, 32}
	note := func(divide int, share func(terms map[string]bool) (part, of int)) {
		sum, title := 0, 0
		for i, terms := range all {
			if part, of := share(terms); part > 0 {
				sum += weights[i] * part
				divide = of * max(divide/of, 1)
				title = i / 3
			}
		}
		if sum > 0 {
			best = max(best, max(sum/divide, 1)*2+title)
		}
	}
	if u.Words == nil {
		note(1, func(terms map[string]bool) (part, of int) { return denseShare(u, terms) })
	}
	for _, alternative := range u.Words {
		note(1, func(terms map[string]bool) (part, of int) { return truth(hasAll(terms, alternative)), 1 })
	}
	if u.Prefix != "" {
		longer := map[string]bool{}
		for _, terms := range all {
			for term := range terms {
				longer[term] = strings.HasPrefix(term, u.Prefix)
			}
		}
		for term, ok := range longer {
			note(2, func(terms map[string]bool) (part, of int) { return truth(ok && terms[term]), 1 })
		}
	}
	return best
}

func denseShare(u words.Unit, terms map[string]bool) (part, of int) {
	if len(u.Pairs) == 0 {
		return truth(terms[u.Chars[0]]), 1
	}
	if !hasAll(terms, u.Chars) {
		return 0, 1
	}
	for _, pair := range u.Pairs {
		part += truth(terms[pair])
	}
	if 2*part < len(u.Pairs) {
		part = 0
	}
	return part, len(u.Pairs)
}

func hasAll(terms map[string]bool, wanted []string) bool {
	for _, w := range wanted {
		if !terms[w] {
			return false
		}
	}
	return true
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ranked is a product with its place in the order.
type ranked struct {
	id  string
	key int64
}

// answer is everything that a query finds, on one page.
func (m *model) answer(q Query) (found []ranked, r Result) {
	tallies, needed, loose := m.tallies(q)
	r.Loose = loose
	categories, shops, bands := map[string]int{}, map[string]int{}, make([]int, len(niceMax))
	for id, t := range tallies {
		if strings.TrimSpace(q.Text) != "" && t.units&isCode == 0 && (needed == 0 || int(t.units) < needed) {
			continue
		}
		d := m.docs[id]
		category, shop := m.within(d.Category, q.Category), q.Shop == "" || q.Shop == d.Shop
		price := d.Price >= q.PriceMin && (q.PriceMax == 0 || d.Price <= q.PriceMax)
		stock := !q.InStock || d.InStock
		if q.Currency != "" && q.Currency != d.Currency {
			continue
		}
		if category && shop && price && stock {
			found = append(found, ranked{id, m.key(q, d, t)})
			for c := d.Category; c != ""; c = m.tree[c].Parent {
				if m.tree[c].Parent == q.Category {
					categories[c]++
				}
			}
		}
		shops[d.Shop] += truth(category && price && stock)
		bands[niceBand(d.Price)] += truth(category && shop && stock)
		r.Facets.InStock += truth(category && shop && price && d.InStock)
		r.Facets.OutOfStock += truth(category && shop && price && !d.InStock)
	}
	slices.SortFunc(found, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(b.id, a.id))
	})
	r.Total = len(found)
	r.Facets.Categories, r.Facets.Shops, r.Facets.Prices = counts(categories), counts(shops), bandsOf(bands)
	return found, r
}

func (m *model) tallies(q Query) (all map[string]tally, needed int, loose bool) {
	all = map[string]tally{}
	parsed := words.Parse(q.Text)
	for id := range m.docs {
		all[id] = tally{}
	}
	for _, u := range parsed.Units {
		strengths := map[string]int{}
		for id := range m.docs {
			if s := strength(u, m.terms[id]); s > 0 {
				strengths[id] = s
			}
		}
		weight := 0
		for n := len(m.docs) / max(len(strengths), 1); n > 0; n /= 2 {
			weight++
		}
		for id, s := range strengths {
			t := all[id]
			t.units, t.title, t.score = t.units+1, t.title+uint16(s%2), t.score+uint32(s/2*weight)
			all[id] = t
		}
	}
	most, code := 0, false
	for id, t := range all {
		most = max(most, int(t.units))
		for _, c := range m.docs[id].Codes {
			if parsed.Code != "" && words.Code(c) == parsed.Code {
				t.units |= isCode
				all[id] = t
				code = true
			}
		}
	}
	needed = len(parsed.Units)
	if !code && most > 0 && most < needed {
		return all, most, true
	}
	return all, needed, false
}

func (m *model) key(q Query, d Doc, t tally) int64 {
	switch {
	case q.Sort == PriceUp:
		return -d.Price
	case q.Sort == PriceDown:
		return d.Price
	case q.Sort == Newest || strings.TrimSpace(q.Text) == "":
		return d.CreatedUS
	}
	var c words.Cutter
	length, titles := 0, 0
	for _, title := range d.Title {
		if n := c.Terms(title, func([]byte) {}); n > 0 {
			length, titles = length+n, titles+1
		}
	}
	return relevance(t, min(length/max(titles, 1), 255))
}

func counts(n map[string]int) (all []Count) {
	for id, count := range n {
		if count > 0 {
			all = append(all, Count{id, count})
		}
	}
	fullestFirst(all)
	return all
}

func TestIndexAnswersAsALookAtEveryProduct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, m := New(NewTree(testNodes)), newModel()
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			change(t, x, m)
			if size := x.Size(); size.Products != len(m.docs) {
				t.Fatalf("%d products, want %d", size.Products, len(m.docs))
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "queries") {
			compare(t, x, m, query().Draw(t, "query"))
		}
	})
}

// compare pages through the index and compares all that it says.
func compare(t *rapid.T, x *Index, m *model, q Query) {
	want, first := m.answer(q)
	for at := 0; ; at += q.Limit {
		got, err := x.Search(q)
		if err != nil {
			t.Fatal(err)
		}
		expected := first
		for _, r := range want[min(at, len(want)):min(at+q.Limit, len(want))] {
			expected.IDs = append(expected.IDs, r.id)
		}
		more := at+q.Limit < len(want)
		if more != (got.Next != "") {
			t.Fatalf("next page %q after %d of %d", got.Next, at, len(want))
		}
		q.Cursor, got.Next = got.Next, ""
		if len(got.IDs) == 0 {
			got.IDs = nil
		}
		if !reflect.DeepEqual(got, expected) {
			t.Fatalf("%+v from %d:\ngot  %+v\nwant %+v\ndocs %+v", q, at, got, expected, m.docs)
		}
		if !more {
			return
		}
	}
}

// change does one random thing to both.
func change(t *rapid.T, x *Index, m *model) {
	ids := rapid.SliceOfN(rapid.IntRange(0, 30), 0, 6)
	switch rapid.IntRange(0, 9).Draw(t, "change") {
	case 0:
		gone := names(ids.Draw(t, "gone"))
		x.Delete(gone...)
		for _, id := range gone {
			delete(m.docs, id)
		}
	case 1:
		shop := rapid.SampledFrom(testShops).Draw(t, "shop")
		x.DeleteShop(shop)
		maps.DeleteFunc(m.docs, func(_ string, d Doc) bool { return d.Shop == shop })
	case 2:
		out := map[string]bool{}
		for _, id := range names(ids.Draw(t, "sold out")) {
			out[id] = true
		}
		x.SetSoldOut(out)
		for id, d := range m.docs {
			d.InStock = !out[id]
			m.docs[id] = d
		}
	case 3:
		values := map[string]Value{}
		for _, id := range names(ids.Draw(t, "values")) {
			values[id] = value().Draw(t, "value")
		}
		var unknown []string
		for id, v := range values {
			if d, known := m.docs[id]; known {
				d.Value = v
				m.docs[id] = d
			} else {
				unknown = append(unknown, id)
			}
		}
		slices.Sort(unknown)
		if got := x.SetValues(values); !slices.Equal(got, unknown) {
			t.Fatalf("unknown %v, want %v", got, unknown)
		}
	default:
		docs := rapid.SliceOfN(doc(), 0, 12).Draw(t, "docs")
		x.Put(slices.Clone(docs))
		for _, d := range docs {
			m.docs[d.ID], m.terms[d.ID] = d, fields(d)
		}
	}
}

func names(numbers []int) (ids []string) {
	for _, n := range numbers {
		ids = append(ids, fmt.Sprintf("prd_%02d", n))
	}
	return ids
}

var testShops = []string{"shp_a", "shp_b", "shp_c"}

var testWords = []string{"tea", "teas", "Cup", "cups", "usb-c", "USB", "wi-fi", "16gb", "16", "gb",
	"iphone11", "iphone", "11", "box", "boxes", "battery", "Batteries", "the", "for", "茶叶", "茶", "绿茶叶",
	"手机壳", "手机保护壳", "耳机", "蓝牙耳机", "蓝牙无线耳机", "红色的茶", "的", "tn-2110", "TN2110",
	"x1-carbon-v-2-3", "茶叶茶叶"}

func phrase(most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		all := rapid.SliceOfN(rapid.SampledFrom(testWords), 0, most).Draw(t, "words")
		return strings.Join(all, rapid.SampledFrom([]string{" ", "", ", "}).Draw(t, "between"))
	})
}

func value() *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		return Value{Price: rapid.SampledFrom([]int64{1, 99, 100, 101, 5_000, 120_000}).Draw(t, "price"),
			Currency: rapid.SampledFrom([]string{"CNY", "USD"}).Draw(t, "currency"),
			InStock:  rapid.Bool().Draw(t, "in stock")}
	})
}

func doc() *rapid.Generator[Doc] {
	return rapid.Custom(func(t *rapid.T) Doc {
		return Doc{
			ID:          names([]int{rapid.IntRange(0, 30).Draw(t, "id")})[0],
			Shop:        rapid.SampledFrom(testShops).Draw(t, "shop"),
			Category:    rapid.SampledFrom([]string{"", "a", "a-1", "a-1-1", "a-1-2", "a-2", "b"}).Draw(t, "in"),
			Title:       []string{phrase(4).Draw(t, "zh"), phrase(4).Draw(t, "en")},
			Brand:       phrase(1).Draw(t, "brand"),
			Attributes:  []string{phrase(3).Draw(t, "attribute")},
			Description: []string{phrase(6).Draw(t, "description")},
			Codes:       []string{rapid.SampledFrom([]string{"", "TN-2110", "0095205603217"}).Draw(t, "code")},
			CreatedUS:   rapid.Int64Range(1, 5).Draw(t, "created"),
			Value:       value().Draw(t, "value"),
		}
	})
}

func query() *rapid.Generator[Query] {
	return rapid.Custom(func(t *rapid.T) Query {
		texts := rapid.OneOf(phrase(3), rapid.SampledFrom([]string{"", "", " ", "te", "usb", "ip", "bat",
			"95205603217", "095205603217", "!?"}))
		prices := rapid.SampledFrom([]int64{0, 0, 99, 100, 5_000})
		q := Query{
			Text:     texts.Draw(t, "text"),
			Category: rapid.SampledFrom([]string{"", "", "a", "a-1", "b"}).Draw(t, "category"),
			Shop:     rapid.SampledFrom([]string{"", "", "", "shp_a", "shp_b", "shp_none"}).Draw(t, "shop"),
			Currency: rapid.SampledFrom([]string{"", "", "", "CNY", "GBP"}).Draw(t, "currency"),
			PriceMin: prices.Draw(t, "min"),
			PriceMax: prices.Draw(t, "max"),
			InStock:  rapid.Bool().Draw(t, "in stock"),
			Sort:     rapid.SampledFrom([]Sort{"", "", Relevance, PriceUp, PriceDown, Newest}).Draw(t, "sort"),
			Limit:    rapid.IntRange(1, 7).Draw(t, "limit"),
		}
		if q.PriceMax > 0 && q.PriceMin > q.PriceMax {
			q.PriceMin, q.PriceMax = q.PriceMax, q.PriceMin
		}
		return q
	})
}
