package shopweb

import (
	"context"
	"net/http"

	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// quantityMax bounds what a page offers to take of one thing; the rooms hold their own limits.
const quantityMax = 9_999

// frame begins a page: who is looking and how much is in the cart. A cart that cannot be read is no reason not to show
// the page: it shows no number then.
func (w *web) frame(r *http.Request, title string) page.Frame {
	f := page.FrameOf(r, page.Shop)
	f.Title, f.Htmx = title, true
	if who := gate.Who(r.Context()); who.Shopper != "" {
		if lines, err := w.Carts.Lines(r.Context(), who.Shopper); err == nil {
			f.Me.Cart = len(lines)
		}
	}
	return f
}

// public is the frame of a page that is kept for everybody: nothing of the one who asked first is left in it.
func public(f page.Frame, here string) page.Frame {
	f.Public, f.Me, f.Here, f.RequestID = true, page.Me{}, here, ""
	return f
}

// shopperOf is who buys; routes that need one are closed to all others.
func shopperOf(ctx context.Context) string { return gate.Who(ctx).Shopper }

// guest makes sure that somebody is there to own a cart: a visitor becomes a guest with the first thing taken.
func (w *web) guest(rw http.ResponseWriter, r *http.Request) (string, error) {
	who := gate.Who(r.Context())
	if who.Shopper != "" {
		return who.Shopper, nil
	}
	token, fresh, err := w.Logins.Guest(r.Context(), gate.Lang(r.Context()))
	if err != nil {
		return "", err
	}
	gate.SetSession(rw, r, token, w.SessionFor)
	return fresh.Shopper, nil
}

// What all webs share, by the names that it has here.
var (
	see        = page.See
	number     = page.Number
	pictureURL = page.PictureURL
)

// own is page.Own, where what is not found has a page of its own.
func own(err error) bool { return page.Own(err) && fault.Of(err) != fault.NotFound }

func categoryName(l text.Lang, n taxonomy.Node) string {
	if l == text.Zh {
		return n.Zh
	}
	return n.En
}

func validSKU(s string) bool { return id.Valid(s, "sku") }

// everyone and buyers are who may use a page.
var (
	everyone = gate.Anyone()
	buyers   = []login.Role{login.Shopper}
	takers   = []login.Role{login.Anonymous, login.Shopper}
)
