package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"hutong/party/login"
	"hutong/surface/page/webtest"
	"hutong/trade/checkout"
)

// TestBooksAreListedByPages: each account once, in the order of the books; what is no place is refused.
func TestBooksAreListedByPages(t *testing.T) {
	d := openDesk(t)
	d.Login(login.Operator, "books", "")
	operator := d.session(fmt.Sprintf(`{"name":"books","password":%q}`, webtest.Password))
	d.Paid(d.tea, 1, checkout.CarrierChoice{})
	books, err := d.Ledger.Books(t.Context())
	d.Must(err)
	var want, got []string
	for _, s := range books {
		want = append(want, string(s.Currency)+" "+string(s.Account))
	}
	for cursor, pages := "", 0; pages <= len(want); pages++ {
		status, said := d.call(operator, "GET", "/operator/books?limit=1&cursor="+url.QueryEscape(cursor), "")
		items, _ := said["items"].([]any)
		if status != http.StatusOK || len(items) != 1 {
			t.Fatalf("%d %v", status, said)
		}
		one := items[0].(map[string]any)
		got = append(got, fmt.Sprint(one["debits"].(map[string]any)["currency"], " ", one["account"]))
		if said["next"] == nil {
			break
		}
		cursor = fmt.Sprint(said["next"])
	}
	if len(want) < 2 || !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	status, said := d.call(operator, "GET", "/operator/books?cursor=CNY", "")
	if status != http.StatusBadRequest || said["code"] != "api.cursor" || said["field"] != "cursor" {
		t.Errorf("%d %v", status, said)
	}
}
