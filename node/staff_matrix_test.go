package node_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/party/audit"
	"hutong/party/login"
	"hutong/surface/gate"
)

// desk is everybody of the desks: staff of every role, a shop's program, and an operator who looks on.
type desk struct {
	*crowd
	who map[*caller]login.Principal
}

func (c *crowd) desk() *desk {
	d := &desk{c, map[*caller]login.Principal{}}
	for side, name := range map[login.Role]string{login.Merchant: "merchant-x", login.Operator: "operator"} {
		_, first, err := c.Login.Login(c.t.Context(), name, password, "")
		c.ok(err)
		for _, role := range login.StaffRoles(side) {
			link, _, err := c.Login.Invite(c.t.Context(), login.Invite{By: first, Role: role})
			c.ok(err)
			token, who, err := c.Login.Join(c.t.Context(), login.Join{Token: link, Name: "the-" + string(role), Password: password})
			c.ok(err)
			d.who[&caller{m: c.market, name: string(role), token: token}] = who
			if role != login.Owner {
				continue
			}
			key, _, err := c.Login.MakeKey(c.t.Context(), login.MakeKey{By: who, Name: "erp", Lasts: time.Hour,
				Scopes: []login.Permission{login.StockWrite}})
			c.ok(err)
			d.add("program", key)
			code, _, err := c.Login.Consent(c.t.Context(), who)
			c.ok(err)
			_, admin, err := c.Login.Login(c.t.Context(), "operator", password, "")
			c.ok(err)
			help, _, err := c.Login.Help(c.t.Context(), admin, code)
			c.ok(err)
			d.add("helper", help)
		}
	}
	return d
}

func (d *desk) add(name, token string) {
	who, err := d.Login.Resolve(d.t.Context(), token)
	d.ok(err)
	d.who[&caller{m: d.market, name: name, token: token}] = who
}

// may is what the table of permissions says about one route and one of the staff.
func may(row gate.Row, who login.Principal) (code string) {
	changes := row.Method != http.MethodGet
	switch { // in the order in which the gate asks
	case !slices.Contains(row.Roles, who.Role):
		return "gate.not_found"
	case who.ReadOnly() && changes && !row.Leaves:
		return "gate.read_only"
	case row.Needs != "" && !who.Can(row.Needs):
		return "gate.permission"
	}
	return ""
}

// Every route as every role of the desks: what the table of permissions forbids is refused before anything is done.
func TestA6_EveryRouteAsEveryRoleOfTheDesks(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		d := gather(t, m).desk()
		refused := 0
		for _, row := range m.routes {
			for c, who := range d.who {
				want := may(row, who)
				if want == "" && row.Method != http.MethodGet || strings.HasSuffix(row.Name, ".news") || row.Leaves {
					continue // those who may are tried by the tests of what they do; events go on; sessions must not end
				}
				got := d.try(c, row, "{}")
				forbidden := got.status == http.StatusForbidden
				if want == "" && forbidden || strings.HasPrefix(want, "gate.permission") && !forbidden ||
					want == "gate.read_only" && !forbidden || want == "gate.not_found" && got.status != http.StatusNotFound {
					t.Errorf("%s %s as %s: %d, want %q", row.Method, row.Path, c.name, got.status, want)
				}
				if forbidden {
					refused++
				}
			}
		}
		if refused < 20 {
			t.Errorf("only %d refusals: the test looks in the wrong place", refused)
		}
		p, err := m.Audit.Entries(t.Context(), audit.Query{Limit: audit.PageMax})
		m.ok(err)
		told := 0
		for _, e := range p.Entries {
			if e.What == "gate.denied" {
				told++
			}
		}
		if told != min(refused, audit.PageMax) {
			t.Errorf("%d of %d refusals are on record", told, refused)
		}
	})
}
