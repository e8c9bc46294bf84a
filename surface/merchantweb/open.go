package merchantweb

import (
	"net/http"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/picture"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// openRoutes are where a shop begins: signing up, for anybody, and its papers.
func (w *web) openRoutes() []gate.Route {
	if w.Logins == nil {
		return nil
	}
	door := func(name, method string, h func(http.ResponseWriter, *http.Request) error) gate.Route {
		return gate.Route{Name: "desk." + name, Method: method, Path: "/open", Roles: gate.Anyone(), Page: true,
			BodyMax: 16 << 10, Handler: gate.Verb(h)}
	}
	give := row("papers.save", http.MethodPost, "/desk/papers", login.ShopEdit, w.savePapers)
	give.BodyMax = uploadMax
	routes := []gate.Route{door("open", http.MethodGet, w.open), door("open.sign_up", http.MethodPost, w.signUp),
		row("papers", http.MethodGet, "/desk/papers", login.ShopEdit, w.papers), give}
	if w.Papers == nil {
		return routes
	}
	return append(routes, row("papers.picture", http.MethodGet, "/desk/papers/licence", login.ShopEdit, w.ownLicence),
		gate.Route{Name: "desk.licence", Method: http.MethodGet, Path: "/operator/licences/{shop}", Page: true,
			Roles: []login.Role{login.Operator}, Needs: login.MarketShops, Handler: gate.Verb(w.anyLicence)})
}

// open shows the form with which a shop begins.
func (w *web) open(rw http.ResponseWriter, r *http.Request) error {
	if gate.Who(r.Context()).Role == login.Merchant {
		return page.See(rw, r, "/desk")
	}
	return w.showOpen(rw, r, nil)
}

func (w *web) showOpen(rw http.ResponseWriter, r *http.Request, refused error) error {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	f.Title, f.Here = t.T("merchantweb.open"), "/open"
	faults := t.FaultsOf(refused, "shop", "code", "name", "password")
	v := openView{Frame: f, Wrong: faults.General, Steps: page.StepsOf(t.T("merchantweb.open"), 0,
		t.T("merchantweb.step_sign_up"), t.T("merchantweb.step_papers"), t.T("merchantweb.step_product"))}
	field := func(name, kind, auto, hint string, max int) page.Field {
		x := page.Field{ID: name, Name: name, Kind: kind, Label: t.T("merchantweb.open_" + name), Required: true, Auto: auto,
			Length: max, Value: r.PostFormValue(name), Error: faults.At(name)}
		if hint != "" {
			x.Hint = t.T("merchantweb.open_" + hint)
		}
		return x
	}
	v.Shop = []page.Field{field("shop", "text", "organization", "", merchant.NameMax),
		field("code", "text", "off", "code_hint", 40)}
	v.You = []page.Field{field("name", "text", "username", "name_hint", login.NameMax),
		field("password", "password", "new-password", "password_hint", login.PasswordMax)}
	v.Shop[1].Before, v.You[1].Value = "/shop/", ""
	return w.set.Render(rw, r, statusOf(refused), "open", v)
}

// signUp makes the shop, which waits for the operator, and the login of its owner, and opens the owner's session. When
// the login is refused the shop is taken back, so that its code is free; a crash between the two leaves an application
// without an owner, which the operator sees and can only leave closed.
func (w *web) signUp(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	name := strings.TrimSpace(r.PostFormValue("shop"))
	shop, err := w.Shops.Apply(ctx, merchant.OpenShop{Code: strings.TrimSpace(r.PostFormValue("code")),
		Name: text.Entry{Zh: name, En: name}})
	if err == nil {
		err = w.owner(rw, r, shop)
	} else if field := fault.As(err).Field; field == "name_zh" || field == "name_en" {
		err = fault.As(err).At("shop")
	}
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showOpen(rw, r, err)
	}
	return page.See(rw, r, "/desk/papers")
}

func (w *web) owner(rw http.ResponseWriter, r *http.Request, shop merchant.Shop) error {
	ctx, name, password := r.Context(), r.PostFormValue("name"), login.Password(r.PostFormValue("password"))
	_, err := w.Logins.Register(ctx, login.Register{Role: login.Merchant, Name: name, Password: password,
		Shop: string(shop.ID), Self: true})
	if err != nil {
		if back := w.Shops.Withdraw(ctx, shop.ID); back != nil {
			return back
		}
		return err
	}
	token, _, err := w.Logins.Login(ctx, name, password, gate.Lang(ctx))
	if err == nil {
		gate.SetSession(rw, r, token, w.SessionFor)
	}
	return err
}

// papers shows what the shop handed in, to be changed until the operator has decided.
func (w *web) papers(rw http.ResponseWriter, r *http.Request) error { return w.showPapers(rw, r, nil) }

func (w *web) showPapers(rw http.ResponseWriter, r *http.Request, refused error) error {
	ctx := r.Context()
	shop, err := w.Shops.Shop(ctx, merchant.ID(shopOf(r)))
	if err != nil {
		return err
	}
	given, there, err := w.Shops.Papers(ctx, shop.ID)
	if err != nil {
		return err
	}
	f, t := w.begin(rw, r, "/desk", "merchantweb.papers")
	f.Here = "/desk/papers"
	faults := t.FaultsOf(refused, "holder", "licence", "picture")
	step := 1
	if there {
		step = 2
	}
	v := papersView{Frame: f, Wrong: faults.General, Open: shop.State == merchant.Applied, Given: given,
		Steps: page.StepsOf(t.T("merchantweb.open"), step, t.T("merchantweb.step_sign_up"), t.T("merchantweb.step_papers"),
			t.T("merchantweb.step_product"))}
	v.Fields = []page.Field{{ID: "holder", Name: "holder", Kind: "text", Label: t.T("merchantweb.holder"), Required: true,
		Hint: t.T("merchantweb.holder_hint"), Length: merchant.HolderMax, Auto: "organization",
		Value: value(r, faults, "holder", given.Holder), Error: faults.At("holder")},
		{ID: "licence", Name: "licence", Kind: "text", Label: t.T("merchantweb.licence"), Required: true,
			Hint: t.T("merchantweb.licence_hint"), Length: merchant.LicenceMax + 10, Auto: "off",
			Value: value(r, faults, "licence", given.Licence), Error: faults.At("licence")}}
	v.Picture = page.FileDrop{ID: "picture", Name: "picture", Label: t.T("merchantweb.licence_picture"), Accept: "image/*",
		Hint: t.T("merchantweb.licence_picture_hint"), Error: faults.At("picture"), Required: given.Picture == ""}
	return w.set.Render(rw, r, statusOf(refused), "desk-papers", v)
}

// savePapers keeps what the shop hands in for the operator's review.
func (w *web) savePapers(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop := r.Context(), merchant.ID(shopOf(r))
	was, _, err := w.Shops.Papers(ctx, shop)
	if err != nil {
		return err
	}
	id, err := w.upload(r, w.Papers, "picture")
	if err == nil && id == "" {
		id = was.Picture
	}
	if err == nil && id == "" {
		err = fault.New(fault.Invalid, "merchantweb.picture_missing").At("picture")
	}
	if err == nil {
		_, err = w.Shops.SavePapers(ctx, merchant.Papers{Shop: shop, Holder: r.PostFormValue("holder"),
			Licence: r.PostFormValue("licence"), Picture: id})
	}
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showPapers(rw, r, err)
	}
	page.Flash(rw, "good", "merchantweb.papers_given")
	return page.See(rw, r, "/desk")
}

// ownLicence shows the shop the picture that it handed in.
func (w *web) ownLicence(rw http.ResponseWriter, r *http.Request) error {
	return w.licence(rw, r, merchant.ID(shopOf(r)))
}

// anyLicence shows it to the operator's reviewers.
func (w *web) anyLicence(rw http.ResponseWriter, r *http.Request) error {
	return w.licence(rw, r, merchant.ID(r.PathValue("shop")))
}

func (w *web) licence(rw http.ResponseWriter, r *http.Request, shop merchant.ID) error {
	p, there, err := w.Shops.Papers(r.Context(), shop)
	if err != nil {
		return err
	}
	if !there || p.Picture == "" {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	f, err := w.Papers.Open(picture.ID(p.Picture), picture.Large)
	if err != nil {
		return err
	}
	defer f.Close()
	h := rw.Header()
	h.Set("Content-Type", f.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	http.ServeContent(rw, r, "", time.Time{}, f)
	return nil
}
