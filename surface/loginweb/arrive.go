package loginweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// had is what a guest had before logging in, to be told of.
type had struct {
	shopper      string // "" if it was no guest
	cart, orders int
}

// ordersMax bounds how many of a guest's orders are counted.
const ordersMax = 100

// hadBy is what the caller has, if that is a guest.
func (w *web) hadBy(ctx context.Context) (had, error) {
	who := gate.Who(ctx)
	if who.Login != "" || who.Shopper == "" {
		return had{}, nil
	}
	h := had{shopper: who.Shopper}
	lines, err := w.Carts.Lines(ctx, who.Shopper)
	if err != nil {
		return had{}, err
	}
	orders, err := w.Orders.ByShopper(ctx, who.Shopper, "", ordersMax)
	h.cart, h.orders = len(lines), len(orders)
	return h, err
}

// arrival is somebody who has proven who they are.
type arrival struct {
	token string
	who   login.Principal
	had   had
}

// arrive gives the browser its new session, ends the one of another login that it may have had (FAULTS A21), and tells
// what a guest's things came to.
func (w *web) arrive(rw http.ResponseWriter, r *http.Request, a arrival) error {
	ctx := r.Context()
	if was := gate.Who(ctx); was.Login != "" {
		if err := w.Logins.Logout(ctx, gate.Token(ctx)); err != nil {
			return err
		}
	}
	gate.SetSession(rw, r, a.token, w.SessionFor)
	dropKept(rw, r)
	switch {
	case a.had.cart+a.had.orders == 0 || a.who.Shopper == "":
	case a.had.shopper == a.who.Shopper:
		page.Flash(rw, "good", "loginweb.opened")
	default:
		said := "loginweb.brought"
		if a.had.orders == 0 {
			said = "loginweb.brought_cart"
		}
		page.Flash(rw, "good", said, "cart", strconv.Itoa(a.had.cart), "orders", strconv.Itoa(a.had.orders))
	}
	return nil
}

// onward is where somebody goes after logging in: back to the page that asked for it, if it is one of this market that
// their role may see (FAULTS A20), or where their role begins.
func onward(next string, role login.Role) string {
	home := map[login.Role]string{login.Merchant: "/desk", login.Operator: "/operator"}[role]
	if home == "" {
		home = "/"
	}
	next = page.Back(next, home)
	for _, door := range []string{"/login", "/logout", "/register", "/join"} {
		if under(next, door) {
			return home
		}
	}
	theirs := under(next, home)
	if role == login.Shopper {
		theirs = !under(next, "/desk") && !under(next, "/operator")
	}
	if theirs || under(next, securityPath) {
		return next
	}
	return home
}

// under tells whether an address is a path or one below it.
func under(address, path string) bool {
	rest, ok := strings.CutPrefix(address, path)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '?' || rest[0] == '#')
}

// securityPath is where everybody looks after their own ways in.
const securityPath = "/account/security"
