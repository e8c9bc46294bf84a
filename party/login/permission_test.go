package login

import (
	"slices"
	"testing"
)

func TestTheTableOfPermissionsIsWhole(t *testing.T) {
	if len(grants) > 64 {
		t.Fatal("more permissions than bits")
	}
	seen := map[Permission]bool{}
	for _, g := range grants {
		if seen[g.permission] || len(g.holders) == 0 {
			t.Errorf("%s stands twice or is nobody's", g.permission)
		}
		seen[g.permission] = true
		for _, side := range []Role{Merchant, Operator} {
			fits := g.side == "" || g.side == side
			if Fits(g.permission, side) != fits || slices.Contains(g.holders, first(side)) != fits {
				t.Errorf("%s and %s", g.permission, side)
			}
			for _, r := range StaffRoles(side) {
				if slices.Contains(g.holders, r) && !fits {
					t.Errorf("A6: %s holds %s of the other side", r, g.permission)
				}
				if got := PermissionsOf(r).Has(g.permission); got != slices.Contains(g.holders, r) {
					t.Errorf("%s, %s: %v", r, g.permission, got)
				}
			}
		}
	}
	for _, side := range []Role{Merchant, Operator} {
		for _, r := range StaffRoles(side) {
			set := PermissionsOf(r)
			if !set.Has(Self) || !set.Within(PermissionsOf(first(side))) || parsePermissions(set.String()) != set ||
				SetOf(set.List()...) != set {
				t.Errorf("%s: %s", r, set)
			}
		}
	}
	if PermissionsOf("") != 0 || PermissionsOf("root") != 0 || PermissionsOf(Owner).Has("") || SetOf("x") != 0 ||
		parsePermissions("x  y") != 0 || Fits("", Merchant) || Permissions(0).Has(Self) || StaffRoles(Shopper) != nil {
		t.Error("A3: something unknown may do something")
	}
	for _, p := range PermissionsOf(Auditor).List() {
		switch p {
		case Self, MarketRead, MarketOrders, MarketBooks, MarketVerify, MarketSuspense, MarketShops, MarketStaff, MarketAudit,
			MarketSale:
		default:
			t.Errorf("an auditor changes: %s", p)
		}
	}
}

func TestA6_NobodyGrantsMoreThanTheyHold(t *testing.T) {
	by := Principal{Role: Merchant, Shop: "shp_a", Login: "lgn_00000000000000000000000001", Staff: Manager,
		May: PermissionsOf(Viewer) | SetOf(StaffManage)}
	for role, may := range map[StaffRole]bool{Viewer: true, Clerk: false, Finance: false, Manager: false, Owner: false} {
		if err := mayGrant(by, role); (err == nil) != may {
			t.Errorf("grants %s: %v", role, err)
		}
		other := Login{ID: "lgn_00000000000000000000000002", Role: Merchant, Shop: "shp_a", Staff: role}
		if err := mayChange(by, other); (err == nil) != may {
			t.Errorf("changes %s: %v", role, err)
		}
	}
}
