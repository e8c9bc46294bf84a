package api

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// TestShopsAreListedByPages: each open shop once, the oldest first, however short the pages are; others on none.
func TestShopsAreListedByPages(t *testing.T) {
	d := openDesk(t)
	var want []string
	for _, code := range []string{"one", "two", "three"} {
		d.Shop(code, "店", "Shop")
	}
	all, err := d.Shops.Shops(t.Context())
	d.Must(err)
	d.Must(d.Shops.Close(t.Context(), all[1].ID))
	for i, s := range all {
		if i != 1 {
			want = append(want, string(s.ID))
		}
	}
	var got []string
	for cursor, pages := "", 0; ; pages++ {
		status, said := d.call("", "GET", "/shops?limit=2&cursor="+cursor, "")
		items, _ := said["items"].([]any)
		if status != http.StatusOK || len(items) > 2 || pages > len(all) {
			t.Fatalf("%d %v", status, said)
		}
		for _, s := range items {
			got = append(got, fmt.Sprint(s.(map[string]any)["shop"]))
		}
		if said["next"] == nil {
			break
		}
		cursor = fmt.Sprint(said["next"])
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for query, code := range map[string]string{"limit=0": "api.limit limit", "limit=101": "api.limit limit",
		"cursor=ord_x": "api.cursor cursor"} {
		status, said := d.call("", "GET", "/shops?"+query, "")
		if got := fmt.Sprint(said["code"], " ", said["field"]); status != http.StatusBadRequest || got != code {
			t.Errorf("%s: %d %s, want %s", query, status, got, code)
		}
	}
}
