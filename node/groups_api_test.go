package node_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestGroupsOverTheAPI: a shop opens goods to groups, a shopper opens one by a quote's claim, another one joins it by
// its link, it forms; of the next one nobody comes, the operator withdraws the offer and it is paid back.
func TestGroupsOverTheAPI(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		x, op := m.login("merchant-x"), m.login("operator")
		terms := fmt.Sprintf(`{"offer":%q,"steps":[{"size":2,"price":{"minor":1500,"currency":"CNY"}}],"hours":24}`, o.ID)
		for _, wrong := range [][2]string{{`"CNY"`, `"USD"`}, {`"CNY"`, `""`}, {`"hours":24`, `"hours":-5`}} { // M7
			code := map[bool]string{true: "group.window", false: "api.currency"}[wrong[0] == `"hours":24`]
			x.refused(400, code, "POST", "/api/v1/merchant/group-offers", strings.Replace(terms, wrong[0], wrong[1], 1))
		}
		op.refused(400, "api.filter", "GET", "/api/v1/operator/groups?state=none", "")
		offer := x.must(201, "POST", "/api/v1/merchant/group-offers", terms).text("group_offer")
		x.refused(409, "group.taken", "POST", "/api/v1/merchant/group-offers", terms)
		m.login("merchant-y").refused(404, "group.offer_not_found", "POST",
			"/api/v1/merchant/group-offers/"+offer+"/state", `{"to":"stopped"}`)
		m.at(m.clock.Now())
		boxes := m.anonymous().must(200, "GET", "/api/v1/products/"+o.Product+"/groups", "").items()
		if len(boxes) != 1 || boxes[0]["open"] != "open:"+offer {
			t.Fatalf("%v", boxes)
		}
		a, b := m.guest("a"), m.guest("b")
		code := a.together(string(o.ID), "open:"+offer)
		shown := b.must(200, "GET", "/api/v1/groups/"+code, "")
		if shown.text("state") != "forming" || shown.tree()["need"] != 1.0 || shown.tree()["mine"] != nil {
			t.Fatalf("%s", shown.body)
		}
		b.together(string(o.ID), shown.text("join"))
		if got := b.must(200, "GET", "/api/v1/groups/"+code, ""); got.text("state") != "formed" {
			t.Fatalf("%s", got.body)
		}
		c := m.guest("c")
		lonely := c.together(string(o.ID), "open:"+offer)
		if mine := x.must(200, "GET", "/api/v1/merchant/group-offers", "").items(); mine[0]["forming"] != 1.0 ||
			mine[0]["formed"] != 1.0 {
			t.Fatalf("the shop sees %v", mine)
		}
		page := op.page(op.request("GET", "/operator/groups", ""))
		for _, want := range []string{"Stop new groups", "Withdraw and pay back", "Forming"} {
			if page.status != 200 || !strings.Contains(string(page.body), want) {
				t.Fatalf("%d without %q: %s", page.status, want, page.body)
			}
		}
		x.refused(404, "gate.not_found", "POST", "/api/v1/operator/group-offers/"+offer+"/halt", `{"to":"withdrawn"}`)
		op.must(200, "POST", "/api/v1/operator/group-offers/"+offer+"/halt", `{"to":"withdrawn"}`)
		m.runGroups() // the group ends
		m.runGroups() // its member is paid back
		if got := c.must(200, "GET", "/api/v1/groups/"+lonely, ""); got.text("state") != "failed" ||
			got.tree()["mine"].(map[string]any)["state"] != "refunded" {
			t.Fatalf("%s", got.body)
		}
		failed := op.must(200, "GET", "/api/v1/operator/groups?state=failed", "").items()
		if len(failed) != 1 || failed[0]["pay_backs"] != 1.0 || failed[0]["waiting"] != 0.0 {
			t.Fatalf("the operator sees %v", failed)
		}
		m.audit()
	})
}

// together buys one piece with a claim, pays, and gives the code of the group that it is in.
func (c *caller) together(offer, claim string) string {
	c.m.t.Helper()
	c.buyIn(offer, claim)
	mine := c.must(200, "GET", "/api/v1/me/groups", "").items()
	if len(mine) == 0 {
		c.m.t.Fatal("no place in a group")
	}
	code, _ := mine[0]["code"].(string)
	return code
}
