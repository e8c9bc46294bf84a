package page

import (
	"strings"

	"hutong/party/shopper"
	"hutong/party/shopper/division"
)

// RegionOf is the region that an address's form begins with.
func RegionOf(a shopper.Address) string {
	if a.Country == shopper.China && len(a.Division) >= 2 {
		return shopper.China + "-" + a.Division[:2]
	}
	return a.Country
}

// CutRegion reads "CN-33" or "US"; ok is false for what is neither.
func CutRegion(region string) (country, province string, ok bool) {
	country, province, cut := strings.Cut(region, "-")
	if country == shopper.China {
		return country, province, cut && len(division.Cities(province)) > 0
	}
	_, known := division.FindCountry(country)
	return country, "", known && !cut
}

// Regions are the provinces of China and the other countries.
func Regions(t Tongue, chosen string) []Group {
	china := Group{Label: t.T("page.region_china")}
	for _, p := range division.Provinces() {
		code := shopper.China + "-" + p.Code
		china.Options = append(china.Options, Option{Value: code, Text: p.Name, Selected: code == chosen})
	}
	abroad := Group{Label: t.T("page.region_abroad")}
	for _, c := range division.CountriesIn(t.Lang) {
		if c.Code != shopper.China {
			abroad.Options = append(abroad.Options, Option{Value: c.Code, Text: c.In(t.Lang), Selected: c.Code == chosen})
		}
	}
	none := Group{Options: []Option{{Text: t.T("page.region_choose"), Selected: chosen == ""}}}
	return []Group{none, china, abroad}
}

// AddressFields are the fields of an address in a country, and in China in a province.
func AddressFields(t Tongue, country, province string, a shopper.Address, f Faults) []Field {
	where := Field{ID: "division", Name: "division", Kind: "select", Label: t.T("page.division"), Required: true,
		Options: areas(t, province, a.Division), Error: f.At("division")}
	if country != shopper.China {
		where = Field{ID: "state", Name: "state", Kind: "text", Label: t.T("page.state_city"), Required: true,
			Value: a.Region, Auto: "address-level1", Length: shopper.RegionMax, Error: f.At("region")}
	}
	return []Field{where,
		{ID: "street", Name: "street", Kind: "text", Label: t.T("page.street"), Hint: t.T("page.street_hint"),
			Required: true, Value: a.Street, Auto: "street-address", Length: shopper.StreetMax, Error: f.At("street")},
		{ID: "recipient", Name: "recipient", Kind: "text", Label: t.T("page.recipient"), Required: true,
			Value: a.Recipient, Auto: "name", Length: shopper.RecipientMax, Error: f.At("recipient")},
		{ID: "phone", Name: "phone", Kind: "tel", Label: t.T("page.phone"), Required: true, Value: a.Phone,
			Auto: "tel", Mode: "tel", Length: shopper.PhoneMax, Error: f.At("phone")},
		{ID: "postcode", Name: "postcode", Kind: "text", Label: t.T("page.postcode"), Value: a.Postcode,
			Auto: "postal-code", Length: shopper.PostcodeMax, Error: f.At("postcode")},
	}
}

// areas are the districts of a province under their cities.
func areas(t Tongue, province, chosen string) []Group {
	all := []Group{{Options: []Option{{Text: t.T("page.region_choose"), Selected: chosen == ""}}}}
	for _, city := range division.Cities(province) {
		g := Group{Label: city.Name}
		for _, a := range division.Areas(city.Code) {
			g.Options = append(g.Options, Option{Value: a.Code, Text: a.Name, Selected: a.Code == chosen})
		}
		all = append(all, g)
	}
	return all
}
