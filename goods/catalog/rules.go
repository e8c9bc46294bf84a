package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/goods/catalog/taxonomy"
)

// The limits of a product.
const (
	BatchMax       = 500 // products saved at once: some milliseconds of the one writer
	TitleMax       = 300 // runes, in each language: real exports reach 259
	DescriptionMax = 20_000
	NameMax        = 200    // runes of a brand, a code, an option, a value, an attribute's name
	ValueMax       = 10_000 // runes of an attribute's value: lists of compatible models are long
	OptionsMax     = 3
	ValuesMax      = 100
	SKUsMax        = 1_000
	AttributesMax  = 200
	PicturesMax    = 50
	ExternalMax    = 200
	BarcodeMax     = 50
	WeightMaxG     = 100_000_000
)

// Check tells whether Save would take the product, naming the first field that is wrong.
//
// Codes: product.* of kind invalid.
func Check(p Product) error {
	for _, rule := range []func(Product) error{checkHead, checkTexts, checkOptions, checkAttributes, checkSKUs} {
		if err := rule(p); err != nil {
			return err
		}
	}
	return nil
}

func invalid(code, field string, params ...fault.Param) error {
	return fault.New(fault.Invalid, code, params...).At(field)
}

func checkHead(p Product) error {
	if p.Shop == "" {
		return invalid("product.shop", "shop")
	}
	if p.State != Listed && p.State != Withdrawn {
		return invalid("product.state", "state")
	}
	if p.Position < 0 {
		return invalid("product.position", "position")
	}
	if _, known := taxonomy.Find(p.Category); p.Category != "" && !known {
		return invalid("product.category", "category", fault.P("category", p.Category))
	}
	if len(p.Pictures) > PicturesMax {
		return invalid("product.too_many", "pictures", fault.P("max", PicturesMax))
	}
	for i, picture := range p.Pictures {
		if err := checkLine(string(picture), fmt.Sprintf("pictures.%d", i), NameMax); err != nil {
			return err
		}
	}
	return nil
}

func checkTexts(p Product) error {
	if p.Title.Empty() {
		return invalid("product.title_missing", "title")
	}
	for _, c := range []struct {
		field, text string
		max         int
	}{
		{"title_zh", p.Title.Zh, TitleMax}, {"title_en", p.Title.En, TitleMax}, {"brand", p.Brand, NameMax},
		{"source", p.Source, NameMax}, {"external_id", p.ExternalID, ExternalMax},
	} {
		if err := checkLine(c.text, c.field, c.max); err != nil {
			return err
		}
	}
	if err := checkHTML(p.Description.Zh, "description_zh"); err != nil {
		return err
	}
	return checkHTML(p.Description.En, "description_en")
}

// checkLine refuses what is too long or cannot be kept or shown as one line of text.
func checkLine(s, field string, runesMax int) error {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return invalid("product.text", field)
	}
	return checkText(s, field, runesMax)
}

// checkText refuses what is too long or cannot be kept.
func checkText(s, field string, runesMax int) error {
	if len(s) > runesMax && utf8.RuneCountInString(s) > runesMax {
		return invalid("product.too_long", field, fault.P("max", runesMax))
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return invalid("product.text", field)
	}
	return nil
}

// tags are all that a description may hold: goods/intake/richtext writes nothing else. They are checked
// once more because pages show a description as it stands.
var tags = map[string]bool{"br": true, "p": true, "h3": true, "h4": true, "h5": true, "h6": true, "ul": true,
	"ol": true, "li": true, "strong": true, "em": true}

func checkHTML(s, field string) error {
	if len(s) > DescriptionMax {
		return invalid("product.description", field, fault.P("max", DescriptionMax))
	}
	if err := checkText(s, field, DescriptionMax); err != nil {
		return err
	}
	for {
		_, rest, found := strings.Cut(s, "<")
		if !found {
			return nil
		}
		tag, after, closed := strings.Cut(rest, ">")
		if !closed || !tags[strings.TrimPrefix(tag, "/")] {
			return invalid("product.html", field)
		}
		s = after
	}
}

func checkOptions(p Product) error {
	if len(p.Options) > OptionsMax {
		return invalid("product.too_many", "options", fault.P("max", OptionsMax))
	}
	names := map[Words]bool{}
	for i, o := range p.Options {
		field := fmt.Sprintf("options.%d", i)
		if err := checkName(o.Name, field); err != nil {
			return err
		}
		if names[o.Name] {
			return invalid("product.option_twice", field, fault.P("name", o.Name.In("")))
		}
		names[o.Name] = true
		if err := checkValues(o, field+".values"); err != nil {
			return err
		}
	}
	return nil
}

func checkValues(o Option, field string) error {
	if len(o.Values) == 0 {
		return invalid("product.values_missing", field, fault.P("name", o.Name.In("")))
	}
	if len(o.Values) > ValuesMax {
		return invalid("product.too_many", field, fault.P("max", ValuesMax))
	}
	seen := map[Words]bool{}
	for i, v := range o.Values {
		at := field + "." + strconv.Itoa(i)
		if err := checkName(v, at); err != nil {
			return err
		}
		if seen[v] {
			return invalid("product.value_twice", at, fault.P("name", v.In("")))
		}
		seen[v] = true
	}
	return nil
}

func checkName(w Words, field string) error {
	if w.Empty() {
		return invalid("product.name_missing", field)
	}
	if err := checkLine(w.Zh, field, NameMax); err != nil {
		return err
	}
	return checkLine(w.En, field, NameMax)
}

func checkAttributes(p Product) error {
	if len(p.Attributes) > AttributesMax {
		return invalid("product.too_many", "attributes", fault.P("max", AttributesMax))
	}
	for i, a := range p.Attributes {
		field := fmt.Sprintf("attributes.%d", i)
		if err := checkName(a.Name, field); err != nil {
			return err
		}
		for _, value := range []string{a.Value.Zh, a.Value.En} {
			if err := checkText(value, field, ValueMax); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkSKUs(p Product) error {
	if len(p.SKUs) == 0 {
		return invalid("product.skus_missing", "skus")
	}
	if len(p.SKUs) > SKUsMax {
		return invalid("product.too_many", "skus", fault.P("max", SKUsMax))
	}
	choices := make(map[string]bool, len(p.SKUs))
	names := make(map[string]bool, len(p.SKUs))
	for i, k := range p.SKUs {
		field := fmt.Sprintf("skus.%d", i)
		if err := checkSKU(k, p.Options, field); err != nil {
			return err
		}
		if choice := fmt.Sprint(k.Choice); choices[choice] {
			return invalid("product.choice_twice", field+".choice")
		} else {
			choices[choice] = true
		}
		name := skuName(k, p.Options)
		if names[name] {
			return invalid("product.sku_twice", field+".external_id", fault.P("id", name))
		}
		names[name] = true
	}
	return nil
}

func checkSKU(k SKU, options []Option, field string) error {
	if len(k.Choice) != len(options) {
		return invalid("product.choice", field+".choice")
	}
	for i, at := range k.Choice {
		if at < 0 || at >= len(options[i].Values) {
			return invalid("product.choice", field+".choice")
		}
	}
	if k.WeightG < 0 || k.WeightG > WeightMaxG {
		return invalid("product.weight", field+".weight_g", fault.P("max", WeightMaxG))
	}
	if len(k.Barcode) > BarcodeMax || strings.ContainsFunc(k.Barcode, notBarcode) {
		return invalid("product.barcode", field+".barcode", fault.P("max", BarcodeMax))
	}
	if err := checkLine(k.Code, field+".code", NameMax); err != nil {
		return err
	}
	if err := checkLine(string(k.Picture), field+".picture", NameMax); err != nil {
		return err
	}
	return checkLine(k.ExternalID, field+".external_id", ExternalMax)
}

func notBarcode(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// skuName is what a SKU is recognised by in its product: its name at the source, else the merchant's
// number, else its choice in words, which stays the same when values are put into another order.
func skuName(k SKU, options []Option) string {
	if k.ExternalID != "" {
		return k.ExternalID
	}
	if k.Code != "" {
		return k.Code
	}
	chosen := Choose(options, k.Choice)
	return chosen.In("")
}
