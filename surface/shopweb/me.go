package shopweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"hutong/deal/voucher"
	"hutong/party/shopper"
	"hutong/reach/notice"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/order"
)

// accountPath is the page about the reader.
const accountPath = "/me"

// room is one of the account's pages.
type room struct{ key, path, icon string }

var rooms = []room{{"me", accountPath, "me"}, {"orders", "/orders", "orders"},
	{"vouchers", walletPath, "ticket"}, {"groups", groupsPath, "people"},
	{"invites", invitesPath, "people"},
	{"favourites", "/me/favourites", "heart"}, {"lately", "/me/lately", "clock"},
	{"reviews", "/me/reviews", "book"}, {"addresses", "/me/addresses", "pin"},
	{"notices", "/me/notices", "bell"}, {"security", "/account/security", "lock"},
	{"data", "/me/data", "key"}}

// open tells whether a page is there for the caller: passwords and passkeys are for those with a login.
func (one room) open(r *http.Request) bool {
	return one.key != "security" || gate.Who(r.Context()).Login != ""
}

// account begins a page of the account, with the ways to the others beside it.
func (w *web) account(rw http.ResponseWriter, r *http.Request, here string) page.Frame {
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title = t.T("shopweb.me_" + here)
	if here == "reviews" || here == "favourites" {
		f.Title = t.T("shopweb.my_" + here)
	}
	for _, one := range rooms {
		if one.open(r) {
			f.Nav = append(f.Nav, page.Link{Href: one.path, Text: t.T("shopweb.me_" + one.key), Icon: one.icon,
				Current: one.key == here})
		}
	}
	f.Notice = t.TakeFlash(rw, r)
	return f
}

// meView is the account at a glance.
type meView struct {
	page.Frame
	Name   string
	Guest  bool
	Enrol  string
	Orders []page.Link
	Tiles  []tile
}

type tile struct{ Href, Icon, Name, Text string }

// me is the account's first page: what waits, and the ways to everything else.
func (w *web) me(rw http.ResponseWriter, r *http.Request) error {
	f := w.account(rw, r, "me")
	t, ctx := w.set.In(f.Lang), r.Context()
	v := meView{Frame: f, Guest: gate.Who(ctx).Login == "",
		Enrol: "/register?" + url.Values{"next": {accountPath}}.Encode()}
	if !v.Guest {
		all, err := w.Logins.Contacts(ctx, gate.Who(ctx))
		if err != nil {
			return err
		}
		if len(all) > 0 {
			v.Name = all[0]
		}
	}
	if err := w.waiting(ctx, t, &v); err != nil {
		return err
	}
	if err := w.tiles(r, t, &v); err != nil {
		return err
	}
	return w.set.Render(rw, r, http.StatusOK, "me", v)
}

// waiting counts, among the newest orders, what waits for somebody.
func (w *web) waiting(ctx context.Context, t page.Tongue, v *meView) error {
	all, err := w.Orders.ByShopper(ctx, shopperOf(ctx), "", ordersRead)
	if err != nil {
		return err
	}
	for _, show := range []string{"pay", "ship", "receive", "review", "refund"} {
		l := page.Link{Href: showHref(show, ""), Text: t.T("shopweb.show_" + show)}
		for _, o := range all {
			if show == "refund" || show == "review" && o.State == order.AwaitingPayment {
				continue
			}
			fits, err := w.fits(ctx, o, show)
			if err != nil {
				return err
			}
			if fits {
				l.Count++
			}
		}
		v.Orders = append(v.Orders, l)
	}
	return nil
}

func (w *web) tiles(r *http.Request, t page.Tongue, v *meView) error {
	ctx := r.Context()
	who := shopper.ID(shopperOf(ctx))
	favourites, err := w.Shoppers.Favourites(ctx, who)
	if err != nil {
		return err
	}
	seen, err := w.Shoppers.Lately(ctx, who)
	if err != nil {
		return err
	}
	addresses, err := w.Shoppers.Addresses(ctx, who)
	if err != nil {
		return err
	}
	unread := int64(0)
	if w.Notices != nil {
		if unread, err = w.Notices.Unread(ctx, notice.To{Kind: notice.Shopper, ID: string(who)}); err != nil {
			return err
		}
	}
	held, err := w.held(ctx)
	if err != nil {
		return err
	}
	held = slices.DeleteFunc(held, func(one voucher.Voucher) bool { return one.State != voucher.Open })
	texts := map[string]string{"vouchers": t.T("shopweb.tile_vouchers", "n", len(held)),
		"favourites": t.T("shopweb.n_products", "n", len(favourites)),
		"lately":     t.T("shopweb.n_products", "n", len(seen)), "addresses": t.T("shopweb.n_addresses", "n", len(addresses)),
		"notices": t.T("shopweb.n_unread", "n", unread), "reviews": t.T("shopweb.tile_reviews"),
		"invites":  t.T("shopweb.tile_invites"),
		"security": t.T("shopweb.tile_security"), "data": t.T("shopweb.tile_data")}
	for _, one := range rooms[2:] {
		if one.open(r) {
			v.Tiles = append(v.Tiles, tile{one.path, one.icon, t.T("shopweb.me_" + one.key), texts[one.key]})
		}
	}
	return nil
}

// keptView is a list of products: favourites, or what was seen lately.
type keptView struct {
	page.Frame
	Cards  []keptCard
	Clear  string // where the list is emptied; "" for one that is not
	Remove string // where one is taken out
	Empty  page.Empty
}

type keptCard struct {
	page.Card
	Product string
}

// favourites are the products that the shopper keeps.
func (w *web) favourites(rw http.ResponseWriter, r *http.Request) error {
	f := w.account(rw, r, "favourites")
	t := w.set.In(f.Lang)
	all, err := w.Shoppers.Favourites(r.Context(), shopper.ID(shopperOf(r.Context())))
	if err != nil {
		return err
	}
	v := keptView{Frame: f, Remove: "/favourites", Empty: page.Empty{Title: t.T("shopweb.favourites_none"),
		Text: t.T("shopweb.favourites_none_text"), Href: "/", Action: t.T("shopweb.browse")}}
	return w.showKept(rw, r, v, all)
}

// seenLately are the products that the shopper looked at.
func (w *web) seenLately(rw http.ResponseWriter, r *http.Request) error {
	f := w.account(rw, r, "lately")
	t := w.set.In(f.Lang)
	all, err := w.Shoppers.Lately(r.Context(), shopper.ID(shopperOf(r.Context())))
	if err != nil {
		return err
	}
	v := keptView{Frame: f, Clear: "/me/lately", Empty: page.Empty{Title: t.T("shopweb.lately_none"),
		Text: t.T("shopweb.lately_none_text"), Href: "/", Action: t.T("shopweb.browse")}}
	return w.showKept(rw, r, v, all)
}

func (w *web) showKept(rw http.ResponseWriter, r *http.Request, v keptView, products []string) error {
	cards, err := w.cards(r.Context(), w.set.In(v.Lang), idsOf(products))
	if err != nil {
		return err
	}
	for _, c := range cards {
		v.Cards = append(v.Cards, keptCard{c, c.Href[len("/p/"):]})
	}
	return w.set.Render(rw, r, http.StatusOK, "me-products", v)
}

// forgetLately empties the list of products looked at.
func (w *web) forgetLately(rw http.ResponseWriter, r *http.Request) error {
	if err := w.Shoppers.ForgetLately(r.Context(), shopper.ID(shopperOf(r.Context()))); err != nil {
		return err
	}
	page.Flash(rw, "good", "shopweb.lately_forgotten")
	return see(rw, r, "/me/lately")
}

// sessions leads to the page that is one for everybody who looks after their own login.
func (w *web) sessions(rw http.ResponseWriter, r *http.Request) error {
	return see(rw, r, "/account/security#sessions")
}

// unread answers htmx with how many notices wait to be read: the number beside the account. To everybody else the
// inbox says so.
func (w *web) unread(rw http.ResponseWriter, r *http.Request) error {
	if !page.Partial(r) || w.Notices == nil {
		return see(rw, r, "/me/notices")
	}
	n, err := w.Notices.Unread(r.Context(), inboxOf(r))
	if err != nil {
		return err
	}
	if n == 0 {
		rw.WriteHeader(http.StatusNoContent)
		return nil
	}
	return w.set.RenderPart(rw, r, page.Part{Page: "me-notices", Define: "unread", Data: n})
}
