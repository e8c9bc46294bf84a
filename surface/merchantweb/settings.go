package merchantweb

import (
	"context"
	"errors"
	"net/http"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/picture"
	"hutong/party/merchant"
	"hutong/party/shopper/division"
	"hutong/surface/page"
	"hutong/trade/ship"
)

// uploadMax is the most that a form with a picture brings: the picture and what is around it.
const uploadMax = picture.BytesMax + 64<<10

// settings shows what the shop says of itself, where its parcels leave from, and where it hands parcels out.
func (w *web) settings(rw http.ResponseWriter, r *http.Request) error {
	return w.showSettings(rw, r, "", nil)
}

// showSettings shows it with a refusal of one of its forms.
func (w *web) showSettings(rw http.ResponseWriter, r *http.Request, form string, refused error) error {
	ctx := r.Context()
	shop, err := w.Shops.Shop(ctx, merchant.ID(shopOf(r)))
	if err != nil {
		return err
	}
	f, t := w.begin(rw, r, "/desk/settings", "merchantweb.settings")
	f.Here = "/desk/settings"
	v := settingsView{Frame: f, Code: shop.Code, Front: "/shop/" + shop.Code,
		Logo: page.PictureURL(shop.Logo, picture.Small),
		Tint: page.TintOf(string(shop.ID)), OK: shop.State == merchant.Open}
	faults := t.FaultsOf(refused, "name_zh", "name_en", "intro_zh", "intro_en", "logo", "division", "code", "zh", "en",
		"address", "region", "recipient", "phone", "street", "postcode")
	of := func(name string) page.Faults {
		if name == form {
			return faults
		}
		return page.Faults{}
	}
	v.say(t, r, shop, of("say"))
	v.origin(t, r, shop, of("origin"))
	if v.Returns, err = w.returnsOf(t, r, string(shop.ID), of("returns")); err != nil {
		return err
	}
	if v.Points, err = w.pointTable(ctx, t, string(shop.ID)); err != nil {
		return err
	}
	v.Point = pointDialog(t, r, of("point"))
	return w.set.Render(rw, r, statusOf(refused), "desk-settings", v)
}

// value is what stands in a field: what was typed if the form was refused, what is kept otherwise.
func value(r *http.Request, faults page.Faults, name, kept string) string {
	if faults.Any() {
		return r.PostFormValue(name)
	}
	return kept
}

func (v *settingsView) say(t page.Tongue, r *http.Request, shop merchant.Shop, faults page.Faults) {
	v.Wrong = faults.General
	field := func(name, kind, kept string, max int) page.Field {
		return page.Field{ID: name, Name: name, Kind: kind, Label: t.T("merchantweb.shop_" + name), Length: max,
			Value: value(r, faults, name, kept), Error: faults.At(name), Required: name == "name_zh"}
	}
	v.Say = []page.Field{field("name_zh", "text", shop.Name.Zh, merchant.NameMax),
		field("name_en", "text", shop.Name.En, merchant.NameMax),
		field("intro_zh", "area", shop.Intro.Zh, merchant.IntroMax),
		field("intro_en", "area", shop.Intro.En, merchant.IntroMax)}
	v.Picture = page.FileDrop{ID: "logo", Name: "logo", Label: t.T("merchantweb.shop_logo"), Accept: "image/*",
		Hint: t.T("merchantweb.shop_logo_hint"), Error: faults.At("logo")}
}

// origin asks for a place in two steps that work without script: a province, then one of its areas.
func (v *settingsView) origin(t page.Tongue, r *http.Request, shop merchant.Shop, faults page.Faults) {
	chosen := value(r, faults, "division", shop.Division)
	province := r.URL.Query().Get("province")
	const digits = 2 // of a province
	if province == "" && len(chosen) > digits {
		province = chosen[:digits]
	}
	v.From = division.Name(shop.Division)
	list := page.Group{}
	for _, p := range division.Provinces() {
		list.Options = append(list.Options, page.Option{Value: p.Code, Text: p.Name, Selected: p.Code == province})
	}
	v.Province = page.Field{ID: "province", Name: "province", Kind: "select", Label: t.T("merchantweb.province"),
		Required: true, Options: []page.Group{list}}
	v.District = page.Field{ID: "division", Name: "division", Kind: "select", Label: t.T("merchantweb.area"),
		Required: true, Error: faults.At("division")}
	for _, c := range division.Cities(province) {
		g := page.Group{Label: c.Name}
		for _, a := range division.Areas(c.Code) {
			g.Options = append(g.Options, page.Option{Value: a.Code, Text: a.Name, Selected: a.Code == chosen})
		}
		v.District.Options = append(v.District.Options, g)
	}
}

func (w *web) pointTable(ctx context.Context, t page.Tongue, shop string) (page.Table, error) {
	table := page.Table{ID: "points", Caption: t.T("merchantweb.points"), Columns: []page.Column{
		{Name: t.T("merchantweb.name"), Wide: true}, {Name: t.T("merchantweb.address")},
		{Name: t.T("merchantweb.acts")}}, Empty: page.Empty{Title: t.T("merchantweb.no_points"),
		Text: t.T("merchantweb.no_points_text")}}
	points, err := w.Ship.Points(ctx, shop)
	for _, p := range points {
		table.Rows = append(table.Rows, page.Row{ID: p.Code, Cells: []page.Cell{{Text: pointName(t, p), Sub: p.Code},
			{Text: p.Address}, {Post: "/desk/settings/points", Hidden: []page.Pair{{Name: "word", Value: "close"},
				{Name: "code", Value: p.Code}}, Acts: []page.Act{{Text: t.T("merchantweb.close_point"), Bad: true}}}}})
	}
	return table, err
}

func pointDialog(t page.Tongue, r *http.Request, faults page.Faults) page.Dialog {
	d := page.Dialog{ID: "point", Open: t.T("merchantweb.add_point"), Title: t.T("merchantweb.add_point"),
		Text: t.T("merchantweb.add_point_text"), Action: "/desk/settings/points", Show: faults.Any(),
		Wrong:   faults.General,
		Hidden:  []page.Pair{{Name: "word", Value: "save"}},
		Confirm: page.Act{Text: t.T("merchantweb.save"), Main: true}}
	for _, name := range []string{"code", "zh", "en", "address"} {
		d.Fields = append(d.Fields, page.Field{ID: "point-" + name, Name: name, Kind: "text", Required: true, Length: 200,
			Label: t.T("merchantweb.point_" + name), Value: value(r, faults, name, ""), Error: faults.At(name)})
	}
	d.Fields[0].Hint = t.T("merchantweb.point_code_hint")
	return d
}

// saveSettings keeps the shop's words and picture.
func (w *web) saveSettings(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	shop, err := w.Shops.Shop(ctx, merchant.ID(shopOf(r)))
	if err != nil {
		return err
	}
	id, err := w.upload(r, w.Pictures, "logo")
	if err == nil {
		if id == "" {
			id = shop.Logo
		}
		_, err = w.Shops.Edit(ctx, merchant.EditShop{ID: shop.ID, Logo: id, Division: shop.Division,
			Name:  text.Entry{Zh: r.PostFormValue("name_zh"), En: r.PostFormValue("name_en")},
			Intro: text.Entry{Zh: r.PostFormValue("intro_zh"), En: r.PostFormValue("intro_en")}})
	}
	return w.settled(rw, r, "say", err)
}

// settled answers a form of the settings: with the page and the refusal, or with a fresh page.
func (w *web) settled(rw http.ResponseWriter, r *http.Request, form string, err error) error {
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showSettings(rw, r, form, err)
	}
	page.Flash(rw, "good", "merchantweb.saved")
	return page.See(rw, r, "/desk/settings")
}

// upload keeps the picture of a form's field, if one was chosen. The bytes are decoded and made anew by the pictures'
// room: nothing of the file's own name or type is believed.
func (w *web) upload(r *http.Request, to Pictures, field string) (string, error) {
	const inMemory = 1 << 20
	err := r.ParseMultipartForm(inMemory)
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return "", fault.New(fault.Invalid, "merchantweb.picture_big", fault.P("mb", picture.BytesMax>>20)).At(field)
	}
	if err != nil {
		return "", fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	file, head, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || err == nil && head.Size == 0 {
		return "", nil
	}
	if err != nil {
		return "", fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	defer file.Close()
	if to == nil {
		return "", fault.New(fault.Unavailable, "merchantweb.no_pictures").At(field)
	}
	p, err := to.Put(r.Context(), file)
	if err != nil {
		return "", fault.As(err).At(field)
	}
	return string(p.ID), nil
}

// saveOrigin keeps where the shop's parcels leave from.
func (w *web) saveOrigin(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	shop, err := w.Shops.Shop(ctx, merchant.ID(shopOf(r)))
	if err != nil {
		return err
	}
	code := r.PostFormValue("division")
	_, err = w.Shops.Edit(ctx, merchant.EditShop{ID: shop.ID, Logo: shop.Logo, Name: shop.Name, Intro: shop.Intro,
		Division: code})
	if err == nil {
		err = w.Ship.SetOrigin(ctx, string(shop.ID), ship.Origin{Country: "CN", Division: code})
	}
	return w.settled(rw, r, "origin", err)
}

// savePoint adds a pickup point, changes it, or closes it.
func (w *web) savePoint(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop := r.Context(), shopOf(r)
	var err error
	switch r.PostFormValue("word") {
	case "save":
		err = w.Ship.SavePoint(ctx, shop, ship.Point{Code: r.PostFormValue("code"), Zh: r.PostFormValue("zh"),
			En: r.PostFormValue("en"), Address: r.PostFormValue("address")})
	case "close":
		err = w.Ship.ClosePoint(ctx, shop, r.PostFormValue("code"))
	default:
		return fault.New(fault.NotFound, "gate.not_found")
	}
	return w.settled(rw, r, "point", err)
}
