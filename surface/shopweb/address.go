package shopweb

import (
	"context"
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/party/shopper"
	"hutong/surface/page"
)

// newAddress asks first where to - a province of China, or another country - and then for the rest: two short forms
// instead of a list of three thousand districts, and no script.
func (w *web) newAddress(rw http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	a := addressForm{next: q.Get("next"), region: q.Get("region"), old: q.Get("old")}
	if a.old == "" {
		return w.showAddress(rw, r, a, nil)
	}
	was, err := w.Shoppers.Address(r.Context(), shopper.ID(shopperOf(r.Context())), shopper.AddressID(a.old))
	if err != nil {
		return err
	}
	if a.given = was; a.region == "" {
		a.region = page.RegionOf(was)
	}
	return w.showAddress(rw, r, a, nil)
}

// addressForm is what was typed so far.
type addressForm struct {
	next, region string // region is "CN-33", or a country
	old          string // the address that is edited, "" for a new one
	given        shopper.Address
}

func (w *web) showAddress(rw http.ResponseWriter, r *http.Request, a addressForm, refused error) error {
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title = t.T("shopweb.new_address")
	next := page.Back(a.next, "/checkout")
	f.Here = "/addresses/new?" + url.Values{"next": {next}, "region": {a.region}}.Encode()
	v := addressView{Frame: f, Next: next, Old: a.old, Headline: f.Title}
	if a.old != "" {
		v.Headline = t.T("shopweb.edit_address")
	}
	v.Region = page.Field{ID: "region", Name: "region", Kind: "select", Label: t.T("shopweb.region"), Required: true,
		Options: page.Regions(t, a.region)}
	faults := t.FaultsOf(refused, "division", "region", "recipient", "phone", "street", "postcode")
	if country, province, ok := page.CutRegion(a.region); ok {
		v.RegionCode = a.region
		v.Fields = page.AddressFields(t, country, province, a.given, faults)
	}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = faults.General, fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "address", v)
}

// addAddress keeps the address and goes back to where it is needed, with it chosen.
func (w *web) addAddress(rw http.ResponseWriter, r *http.Request) error {
	form := addressForm{next: page.Back(r.PostFormValue("next"), "/checkout"), region: r.PostFormValue("region"),
		old: r.PostFormValue("old")}
	country, _, ok := page.CutRegion(form.region)
	if !ok {
		return w.showAddress(rw, r, form, fault.New(fault.Invalid, "shopper.country").At("country"))
	}
	form.given = shopper.Address{Country: country, Division: r.PostFormValue("division"), Region: r.PostFormValue("state"),
		Recipient: r.PostFormValue("recipient"), Phone: r.PostFormValue("phone"), Street: r.PostFormValue("street"),
		Postcode: r.PostFormValue("postcode")}
	kept, err := w.keepAddress(r.Context(), form)
	if err != nil {
		if !own(err) {
			return err
		}
		return w.showAddress(rw, r, form, err)
	}
	u, err := url.Parse(form.next)
	if err != nil {
		return see(rw, r, "/checkout")
	}
	if u.Path == "/me/addresses" {
		page.Flash(rw, "good", "shopweb.address_kept")
		return see(rw, r, u.Path)
	}
	q := u.Query()
	q.Set("address", string(kept.ID))
	u.RawQuery = q.Encode()
	return see(rw, r, u.String())
}

func (w *web) keepAddress(ctx context.Context, form addressForm) (shopper.Address, error) {
	who := shopper.ID(shopperOf(ctx))
	if form.old != "" {
		return w.Shoppers.ReplaceAddress(ctx, who, shopper.AddressID(form.old), form.given)
	}
	return w.Shoppers.AddAddress(ctx, who, form.given)
}

// addressesView is the address book.
type addressesView struct {
	page.Frame
	Addresses []addressRow
	New       string
	Empty     page.Empty
}

type addressRow struct {
	ID, Recipient, Phone, Whole, Edit string
	First                             bool
}

// addresses is the address book; the first is offered first when something is bought.
func (w *web) addresses(rw http.ResponseWriter, r *http.Request) error {
	f := w.account(rw, r, "addresses")
	t := w.set.In(f.Lang)
	all, err := w.Shoppers.Addresses(r.Context(), shopper.ID(shopperOf(r.Context())))
	if err != nil {
		return err
	}
	next := url.Values{"next": {"/me/addresses"}}
	v := addressesView{Frame: f, New: "/addresses/new?" + next.Encode()}
	v.Empty = page.Empty{Title: t.T("shopweb.addresses_none"), Text: t.T("shopweb.addresses_none_text"), Href: v.New,
		Action: t.T("shopweb.new_address")}
	for i, a := range all {
		next.Set("old", string(a.ID))
		v.Addresses = append(v.Addresses, addressRow{ID: string(a.ID), Recipient: a.Recipient, Phone: a.Phone,
			Whole: a.Whole(), First: i == 0, Edit: "/addresses/new?" + next.Encode()})
	}
	return w.set.Render(rw, r, http.StatusOK, "me-addresses", v)
}

// changeAddresses takes an address out of the book ("drop"), or makes it the first ("first").
func (w *web) changeAddresses(rw http.ResponseWriter, r *http.Request) error {
	who, name := shopper.ID(shopperOf(r.Context())), shopper.AddressID(r.PostFormValue("address"))
	var err error
	key := "shopweb.address_dropped"
	if r.PostFormValue("do") == "first" {
		key = "shopweb.address_first"
		_, err = w.Shoppers.PreferAddress(r.Context(), who, name)
	} else {
		err = w.Shoppers.ForgetAddress(r.Context(), who, name)
	}
	if err != nil {
		return err
	}
	page.Flash(rw, "good", key)
	return see(rw, r, "/me/addresses")
}
