package index

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hutong/base/fault"
	"hutong/goods/search/words"
)

func tea(id string) Doc {
	return Doc{ID: id, Shop: "shp_a", Title: []string{"tea " + id}, CreatedUS: 1, Value: Value{Price: 100}}
}

func ids(t testing.TB, x *Index, q Query) []string {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = LimitMax
	}
	r, err := x.Search(q)
	if err != nil {
		t.Fatal(err)
	}
	return r.IDs
}

// TestPagesAreStableWhileProductsComeAndGo turns pages while products are added, repriced and taken out
// between them: whatever was there all the time is shown exactly once, in the order of the first page.
func TestPagesAreStableWhileProductsComeAndGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, m := New(NewTree(testNodes)), newModel()
		for range 4 {
			change(t, x, m)
		}
		q := query().Draw(t, "query")
		q.InStock, q.PriceMin, q.PriceMax, q.Limit = false, 0, 0, 3
		before, _ := m.answer(q)
		var shown []string
		touched := map[string]bool{}
		for pages := 0; ; pages++ {
			r, err := x.Search(q)
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, r.IDs...)
			if q.Cursor = r.Next; q.Cursor == "" || pages > 20 {
				break
			}
			disturb(t, x, touched)
		}
		var want, got []string
		for _, r := range before {
			if !touched[r.id] {
				want = append(want, r.id)
			}
		}
		for _, id := range shown {
			if !touched[id] {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v shows %v, want %v", q, got, want)
		}
	})
}

func disturb(t *rapid.T, x *Index, touched map[string]bool) {
	for _, d := range rapid.SliceOfN(doc(), 0, 5).Draw(t, "between") {
		touched[d.ID] = true
		if rapid.Bool().Draw(t, "put") {
			x.Put([]Doc{d})
		} else {
			x.Delete(d.ID)
		}
	}
}

func TestSearchDoesNotWaitForAChange(t *testing.T) {
	x := New(NewTree(testNodes))
	x.Put([]Doc{tea("prd_1")})
	x.mu.Lock() // a change is under way
	defer x.mu.Unlock()
	if got := ids(t, x, Query{Text: "tea"}); !slices.Equal(got, []string{"prd_1"}) {
		t.Fatal(got)
	}
}

func TestSearchesAndChangesAtOnce(t *testing.T) {
	x := New(NewTree(testNodes))
	var changes, searches sync.WaitGroup
	done := make(chan struct{})
	for worker := range 2 {
		changes.Go(func() {
			for i := range 150 {
				id := fmt.Sprintf("prd_%d_%02d", worker, i%40)
				x.Put([]Doc{tea(id)})
				x.SetSoldOut(map[string]bool{id: i%2 == 0})
				x.SetValues(map[string]Value{id: {Price: int64(i)}})
				if i%3 == 0 {
					x.Delete(id)
				}
			}
		})
	}
	for range 2 {
		searches.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, err := x.Search(Query{Text: "tea", Limit: LimitMax})
				unique := slices.Compact(slices.Sorted(slices.Values(r.IDs)))
				if err != nil || len(unique) != len(r.IDs) || r.Facets.InStock+r.Facets.OutOfStock != r.Total {
					t.Errorf("a search sees half of a change: %+v %v", r, err)
					return
				}
			}
		})
	}
	changes.Wait()
	close(done)
	searches.Wait()
}

func TestPartsStayFew(t *testing.T) {
	x := New(NewTree(testNodes))
	for i := range 2_000 {
		x.Put([]Doc{tea(fmt.Sprintf("prd_%04d", i*7%2_000))})
		if parts := x.Size().Parts; parts > 12 {
			t.Fatalf("%d parts for %d products", parts, i+1)
		}
	}
	for i := range 1_990 {
		x.Delete(fmt.Sprintf("prd_%04d", i))
	}
	if size := x.Size(); size.Products != 10 || size.Posts > 10*20 || size.Terms > 100 {
		t.Fatalf("the dead stay: %+v", size)
	}
}

func TestLimitsAndUnknownNames(t *testing.T) {
	x := New(NewTree(testNodes))
	x.Put([]Doc{tea("prd_1"), tea("prd_2")})
	for _, c := range []struct {
		q    Query
		want int
	}{
		{Query{Limit: -5}, 1}, {Query{Limit: 1_000}, 2}, {Query{Shop: "shp_none"}, 0}, {Query{Currency: "XXX"}, 0},
		{Query{Text: strings.Repeat("茶", TextMax)}, 0}, {Query{Text: "\xff\x00"}, 0},
	} {
		r, err := x.Search(c.q)
		if err != nil || len(r.IDs) != c.want {
			t.Errorf("%+v: %v %v", c.q, r.IDs, err)
		}
	}
}

func TestBands(t *testing.T) {
	prices := func(list ...int64) []int {
		counts := make([]int, len(niceMax))
		for _, p := range list {
			counts[niceBand(p)]++
		}
		return counts
	}
	for _, c := range []struct {
		counts []int
		want   []Band
	}{
		{prices(), nil},
		{prices(100, 101, 150), nil},
		{prices(99, 100), []Band{{0, 100, 1}, {100, 0, 1}}},
		{prices(1, 3, 7, 15, 30, 60, 150), []Band{{0, 5, 2}, {5, 20, 2}, {20, 100, 2}, {100, 0, 1}}},
		{prices(9, 9, 9, 9, 9, 9, 9, 1_000_000_000_000_000_000), []Band{{0, 10, 7}, {10, 0, 1}}},
	} {
		if got := bandsOf(c.counts); !reflect.DeepEqual(got, c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

func TestTreeNumbersWhatIsBelowAsARange(t *testing.T) {
	tree, m := NewTree(testNodes), newModel()
	for _, root := range testNodes {
		first, last, known := tree.span(root.ID)
		for _, n := range testNodes {
			number := tree.number[n.ID]
			if !known || (number >= first && number <= last) != m.within(n.ID, root.ID) {
				t.Errorf("%s in %s", n.ID, root.ID)
			}
		}
		var children []string
		tree.below(first, func(child, _ uint16) { children = append(children, tree.ids[child]) })
		for _, n := range testNodes {
			if slices.Contains(children, n.ID) != (n.Parent == root.ID) {
				t.Errorf("children of %s: %v", root.ID, children)
			}
		}
	}
	if _, _, known := tree.span("z"); known {
		t.Error("an unknown category is known")
	}
}

// FuzzTitleFindsItself indexes a text as a title and asks for it.
func FuzzTitleFindsItself(f *testing.F) {
	for _, seed := range []string{"Wi-Fi 16GB 茶叶 iPhone11", "蓝牙无线耳机的 a-b-c-d-e", "the", "HP 17\" Core™2 Duo ®"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x := New(NewTree(testNodes))
		x.Put([]Doc{{ID: "prd_1", Title: []string{text}}, tea("prd_2")})
		r, err := x.Search(Query{Text: text, Limit: 10})
		if utf8.RuneCountInString(text) > TextMax {
			if !fault.Is(err, "search.text_long") {
				t.Fatal(err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if has := len(words.Parse(text).Units) > 0; has && (r.Loose || !slices.Contains(r.IDs, "prd_1")) {
			t.Fatalf("%q does not find itself: %+v", text, r)
		}
	})
}

// TestACursorThatWasChangedIsNone: whatever bit of it is another one.
func TestACursorThatWasChangedIsNone(t *testing.T) {
	x := New(NewTree(testNodes))
	x.Put([]Doc{tea("prd_1"), tea("prd_2"), tea("prd_3")})
	q := Query{Text: "tea", Limit: 1}
	r, err := x.Search(q)
	if err != nil || r.Next == "" {
		t.Fatal(r, err)
	}
	b, err := base64.RawURLEncoding.DecodeString(r.Next)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(b) {
		odd := slices.Clone(b)
		odd[bit/8] ^= 1 << (bit % 8)
		q.Cursor = base64.RawURLEncoding.EncodeToString(odd)
		if _, err := x.Search(q); !fault.Is(err, "search.cursor") {
			t.Errorf("bit %d: %v", bit, err)
		}
	}
}

// FuzzCursor turns pages with anything.
func FuzzCursor(f *testing.F) {
	x := New(NewTree(testNodes))
	x.Put([]Doc{tea("prd_1"), tea("prd_2"), tea("prd_3")})
	q := Query{Text: "tea cup", Limit: 1}
	r, err := x.Search(q)
	if err != nil || r.Next == "" {
		f.Fatal(r, err)
	}
	f.Add(r.Next)
	f.Fuzz(func(t *testing.T, cursor string) {
		q := q
		q.Cursor = cursor
		if _, err := x.Search(q); err != nil && !fault.Is(err, "search.cursor") {
			t.Fatal(err)
		}
		q.Text = "cup tea"
		if _, err := x.Search(q); cursor != "" && err == nil {
			t.Fatalf("the cursor %q of another query is taken", cursor)
		}
	})
}

func TestAFieldOutweighsThoseBelowIt(t *testing.T) {
	for i, weight := range fieldWeights {
		below := 0
		for _, w := range fieldWeights[:i] {
			below += w
		}
		if weight <= below {
			t.Errorf("field %d counts %d, those below it %d", i, weight, below)
		}
	}
	for mask := 1; mask < 1<<maskBits; mask++ {
		if exactValue[mask]>>1 < prefixValue[mask]>>1 || prefixValue[mask]>>1 == 0 {
			t.Errorf("mask %04b: %d exact, %d for a prefix", mask, exactValue[mask], prefixValue[mask])
		}
		if exactValue[mask] >= 1<<valueBits {
			t.Errorf("mask %04b: %d does not fit", mask, exactValue[mask])
		}
	}
}
