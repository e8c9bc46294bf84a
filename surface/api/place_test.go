package api

import (
	"fmt"
	"strings"
	"testing"
)

// TestAPlaceIsReadAsStrictlyAsAnyBody: nearly every body is a token alone, which is opened before it is read; whatever
// else stands in one is refused by its name, and nothing is placed by it.
func TestAPlaceIsReadAsStrictlyAsAnyBody(t *testing.T) {
	d := openDesk(t)
	home := d.did(d.shopper, 201, "POST", "/addresses", `{"country":"CN","division":"330106","recipient":"王小明",
		"phone":"13800138000","street":"文三路 1 号"}`)["address"]
	token := d.did(d.shopper, 200, "POST", "/quotes", fmt.Sprintf(`{"address":%q,"lines":[{"offer":%q,"quantity":1}]}`, home,
		d.tea.ID))["token"].(string)
	alone := `{"token":"` + token + `"}`
	for _, x := range []struct{ body, code, field string }{
		{`{"token":"` + token + `","price":1}`, "json.unknown", "price"},
		{`{"token":"` + token + `","token":"` + token + `"}`, "json.duplicate", "token"},
		{`{"token":"` + token + `\u0000"}`, "api.text", ""},
		{alone + "{}", "json.malformed", ""},
		{alone + `"}`, "json.malformed", ""},
		{`{"token":"` + token + "\n" + `"}`, "json.malformed", "token"},
		{`{"token":"` + token + `","remark":{}}`, "json.type", "remark"},
		{`{"token":"x` + token[1:] + `"}`, "checkout.token", "token"},
		{`{"token":""}`, "checkout.token", "token"},
		{`{}`, "checkout.token", "token"},
		{`{"token":"` + token + "\r" + `"}`, "json.malformed", "token"},
		{strings.Repeat(" ", placeMax) + alone, "gate.body", ""},
	} {
		status, said := d.call(d.shopper, "POST", "/orders", x.body)
		field, _ := said["field"].(string)
		if status/100 != 4 || said["code"] != x.code || field != x.field {
			t.Errorf("%.40q...%q: %d %v, want %s at %q", x.body, x.body[max(0, len(x.body)-20):], status, said, x.code, x.field)
		}
	}
	if all := d.did(d.shopper, 200, "GET", "/orders", "")["items"].([]any); len(all) != 0 {
		t.Fatalf("placed by what was refused: %v", all)
	}
	// The same token in every way that JSON can write it places one order.
	placed := d.did(d.shopper, 201, "POST", "/orders", alone)["order"]
	for _, body := range []string{alone, " " + alone + "\r\n", `{"token":"\u0063` + token[1:] + `"}`,
		`{"remark":"","token":"` + token + `"}`} {
		if again := d.did(d.shopper, 201, "POST", "/orders", body)["order"]; again != placed {
			t.Errorf("%.40q placed %v, not %v", body, again, placed)
		}
	}
	if status, said := d.call(d.shopper, "POST", "/orders", `{"remark":"快","token":"`+token+`"}`); said["code"] != "checkout.mismatch" {
		t.Errorf("another remark: %d %v", status, said)
	}
}
