package merchantweb

import (
	"net/http"

	"hutong/base/fault"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/surface/page"
)

// returnsView asks where a shop wants goods back, in two steps that work without script: a region, then the rest.
type returnsView struct {
	Recipient, Phone, Whole string // as it is kept; empty while the shop has not said so
	Region                  page.Field
	Code                    string // the region that the fields are for
	Fields                  []page.Field
	Wrong                   string
}

// returnsOf shows the address that is kept, or what was typed where that was refused.
func (w *web) returnsOf(t page.Tongue, r *http.Request, shop string, faults page.Faults) (returnsView, error) {
	kept, err := w.Shops.Returns(r.Context(), merchant.ID(shop))
	v := returnsView{Wrong: faults.General}
	if kept.Set() {
		v.Recipient, v.Phone, v.Whole = kept.Recipient, kept.Phone, kept.Whole()
	}
	given, region := kept.Address, r.URL.Query().Get("returns")
	switch {
	case faults.Any():
		given, region = typedAddress(r), r.PostFormValue("returns")
	case region == "" && kept.Set():
		region = page.RegionOf(kept.Address)
	}
	v.Region = page.Field{ID: "returns-region", Name: "returns", Kind: "select", Label: t.T("merchantweb.returns_region"),
		Required: true, Options: page.Regions(t, region)}
	if country, province, ok := page.CutRegion(region); ok {
		v.Code, v.Fields = region, page.AddressFields(t, country, province, given, faults)
		for i := range v.Fields {
			v.Fields[i].ID = "returns-" + v.Fields[i].ID
		}
	}
	return v, err
}

func typedAddress(r *http.Request) shopper.Address {
	country, _, _ := page.CutRegion(r.PostFormValue("returns"))
	return shopper.Address{Country: country, Division: r.PostFormValue("division"), Region: r.PostFormValue("state"),
		Recipient: r.PostFormValue("recipient"), Phone: r.PostFormValue("phone"), Street: r.PostFormValue("street"),
		Postcode: r.PostFormValue("postcode")}
}

// saveReturns keeps where the shop wants goods back.
func (w *web) saveReturns(rw http.ResponseWriter, r *http.Request) error {
	if _, _, ok := page.CutRegion(r.PostFormValue("returns")); !ok {
		return w.settled(rw, r, "returns", fault.New(fault.Invalid, "shopper.country").At("country"))
	}
	_, err := w.Shops.SetReturns(r.Context(), merchant.ID(shopOf(r)), typedAddress(r))
	return w.settled(rw, r, "returns", err)
}
