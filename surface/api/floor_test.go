package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestP14_AFloorIsItsShopsAlone: a shop sets it with the price, reads it with its products, and no resource of anybody
// else tells it.
func TestP14_AFloorIsItsShopsAlone(t *testing.T) {
	d := openDesk(t)
	d.Must(d.Search.Build(t.Context()))
	own := func() string {
		_, said := d.call(d.merchant, "GET", "/merchant/products", "")
		return fmt.Sprint(said)
	}
	amount := func(minor int) string { return fmt.Sprintf(`{"minor":%d,"currency":"CNY"}`, minor) }
	if strings.Contains(own(), "floor_price") {
		t.Errorf("a floor that nobody set: %s", own())
	}
	status, said := d.call(d.merchant, "PUT", d.price(), `{"price":`+amount(1990)+`,"floor_price":`+amount(1717)+`}`)
	if status != http.StatusOK || fmt.Sprint(said["floor_price"]) != "map[currency:CNY minor:1717]" {
		t.Errorf("%d %v", status, said)
	}
	status, said = d.call(d.merchant, "PUT", d.price(), `{"price":`+amount(1980)+`}`) // a program that knows of no floors
	if status != http.StatusOK || fmt.Sprint(said["floor_price"]) != "map[currency:CNY minor:1717]" || !strings.Contains(own(), "1717") {
		t.Errorf("%d %v; %s", status, said, own())
	}
	for body, code := range map[string]string{
		`{"price":` + amount(1716) + `}`:                                                       "offer.below_floor price 422",
		`{"price":` + amount(1990) + `,"floor_price":` + amount(1991) + `}`:                    "offer.floor_price floor_price 400",
		`{"price":` + amount(1990) + `,"floor_price":{"minor":1,"currency":"USD"}}`:            "offer.floor_price floor_price 400",
		`{"price":` + amount(1990) + `,"floor_price":{"minor":-1,"currency":"CNY"}}`:           "offer.floor_price floor_price 400",
		`{"price":` + amount(1990) + `,"floor_price":{"currency":"CNY"}}`:                      "api.required floor_price.minor 400",
		`{"price":{"minor":1990,"currency":"USD"},"floor_price":{"minor":1,"currency":"CNY"}}`: "offer.price price 400",
	} {
		status, said := d.call(d.merchant, "PUT", d.price(), body)
		if got := fmt.Sprint(said["code"], " ", said["field"], " ", status); got != code {
			t.Errorf("%s: %s, want %s", body, got, code)
		}
	}
	for path, session := range map[string]string{"/products": "", "/products?q=tea": "", "/products/" + d.tea.Product: "",
		"/cart": d.shopper, "/orders": d.shopper} {
		if status, said := d.call(session, "GET", path, ""); status != http.StatusOK || strings.Contains(fmt.Sprint(said), "1717") ||
			strings.Contains(fmt.Sprint(said), "floor") {
			t.Errorf("%s: %d %v", path, status, said)
		}
	}
	line := fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":1}]}`, d.tea.ID)
	if status, said := d.call(d.shopper, "POST", "/quotes", line); status != http.StatusOK && status != http.StatusCreated ||
		strings.Contains(fmt.Sprint(said), "1717") {
		t.Errorf("a quote: %d %v", status, said)
	}
	if status, said := d.call(d.merchant, "PUT", d.price(), `{"price":`+amount(1990)+`,"floor_price":`+amount(0)+`}`); status != http.StatusOK ||
		said["floor_price"] != nil || strings.Contains(own(), "floor_price") {
		t.Errorf("a floor that was taken away: %d %v", status, said)
	}
	if status, _ := d.call(d.shopper, "PUT", d.price(), `{"price":`+amount(1)+`}`); status != http.StatusForbidden && status != http.StatusNotFound {
		t.Errorf("a shopper: %d", status)
	}
}
