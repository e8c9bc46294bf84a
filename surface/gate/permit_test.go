package gate_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hutong/party/audit"
)

func TestA6_WhatARoleMayNotDoIsRefusedAndTold(t *testing.T) {
	o := options()
	var told []string
	o.Denied = func(ctx context.Context, route string) {
		who, _ := ctx.Value(audit.Actor{}).(audit.Person)
		told = append(told, route+" "+who.Who+" "+who.For)
	}
	m := market(t, o)
	for _, c := range []struct{ as, method, path, code string }{
		{"clerk", "POST", "/desk/staff", "gate.permission"},
		{"clerk", "GET", "/api/v1/desk", "gate.permission"},
		{"looker", "POST", "/desk/staff", "gate.read_only"},
		{"helper", "POST", "/cart", "gate.read_only"},
		{"auditor", "GET", "/operator", "gate.permission"},
		{"merchant", "POST", "/desk/staff", ""},
		{"looker", "GET", "/desk", ""},
		{"helper", "POST", "/logout", ""},
	} {
		w := ask{method: c.method, path: c.path, cookie: c.as}.of(m)
		if c.code == "" && w.Code != 200 || c.code != "" && (w.Code != 403 || !strings.Contains(w.Body.String(), c.code)) {
			t.Errorf("%s %s: %d %s", c.as, c.path, w.Code, w.Body)
		}
	}
	want := []string{"desk.staff lgn_c ", "api.desk lgn_c ", "desk.staff lgn_o lgn_m", "cart lgn_o shr_s", "operator lgn_a "}
	if !slices.Equal(told, want) {
		t.Fatalf("%q", told)
	}
}

func TestAKeyInACookieIsNobodys(t *testing.T) {
	people["htk_x"] = people["program"]
	defer delete(people, "htk_x")
	m := market(t, options())
	if w := (ask{method: "GET", path: "/desk", cookie: "htk_x"}).of(m); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	if w := (ask{method: "GET", path: "/desk", bearer: "htk_x"}).of(m); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
}
