package index

import (
	"fmt"
	"slices"
	"testing"
)

// TestWhatPagesShowIsWhatIsSortedAndFiltered: order, filter and bands go by the shown price, through merges, changes of
// values and back.
func TestWhatPagesShowIsWhatIsSortedAndFiltered(t *testing.T) {
	x := New(NewTree(testNodes))
	for i := range 20 { // so that parts are merged
		d := tea(fmt.Sprintf("prd_%02d", i))
		d.Price = int64(1000 + i)
		x.Put([]Doc{d})
	}
	last := Query{Sort: PriceUp, Limit: 1}
	if n := x.SetShown(map[string]int64{"prd_19": 7, "prd_18": 1018, "prd_x": 1}); n != 1 {
		t.Fatalf("%d changed", n)
	}
	if got := ids(t, x, last); !slices.Equal(got, []string{"prd_19"}) {
		t.Errorf("the cheapest is %v", got)
	}
	if got := ids(t, x, Query{PriceMax: 10}); !slices.Equal(got, []string{"prd_19"}) {
		t.Errorf("up to 10 there are %v", got)
	}
	if v, _ := x.Value("prd_19"); v.Price != 1019 || v.Shown != 7 {
		t.Errorf("%+v", v)
	}
	for i := range 20 {
		x.Put([]Doc{tea(fmt.Sprintf("prd_more%02d", i))})
	}
	if got := ids(t, x, last); !slices.Equal(got, []string{"prd_19"}) {
		t.Errorf("after merges the cheapest is %v", got)
	}
	x.SetValues(map[string]Value{"prd_19": {Price: 1019}, "prd_03": {Price: 1003, Shown: 3}})
	if got := ids(t, x, last); !slices.Equal(got, []string{"prd_03"}) {
		t.Errorf("after a change the cheapest is %v", got)
	}
	shop, all := x.In(Scope{Shops: []string{"shp_a", "shp_none"}}, 0), x.In(Scope{All: true}, 0)
	if len(shop) != 40 || len(all) != 40 || len(x.In(Scope{Categories: []string{"none"}}, 0)) != 0 ||
		len(x.In(Scope{All: true}, 9)) != 10 {
		t.Errorf("%d of the shop, %d in all", len(shop), len(all))
	}
}
