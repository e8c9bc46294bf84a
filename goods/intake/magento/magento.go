// Package magento reads Magento 2's product files in both of their shapes: the export (sku, product_type, name, price,
// additional_attributes, configurable_variations) and the plain one of its sample data (category, name, sku, price,
// qty, one column per attribute).
//
// A configurable is one product whose simple children, rows of their own somewhere in the file, are its SKUs. Bundles,
// grouped products and gift cards are refused. Rows that only translate a product for one store view are passed over.
// Read this file first, then configurable.go.
package magento

import (
	"context"
	"html"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// Name is the format's name and the source of its products.
const Name = "magento"

// Format reads Magento 2 product CSV. The files do not say what weights are in; WeightUnit does, and is Magento's own
// default, pounds, when empty.
type Format struct{ WeightUnit string }

// Name is "magento".
func (Format) Name() string { return Name }

// Sniff knows both shapes by their column names.
func (Format) Sniff(head []byte) bool {
	return intake.HasColumns(head, "sku", "product_type", "name", "price") ||
		intake.HasColumns(head, "category", "name", "sku", "price", "qty")
}

var need = []string{"sku", "name", "price"}

// Read gives the products, a configurable as soon as it and its last child were read.
func (f Format) Read(
	ctx context.Context, src *intake.Source, emit func(intake.Product) error, reject func(intake.Reject),
) error {
	r := &reader{emit: emit, unit: f.WeightUnit, families: newFamilies()}
	if r.unit == "" {
		r.unit = "lb"
	}
	// The first look tells which simple products are children; what is wrong with a row is said at the second.
	if err := r.each(ctx, src, func(intake.Reject) {}, r.families.note); err != nil {
		return err
	}
	r.families.join()
	return r.each(ctx, src, reject, r.row)
}

type reader struct {
	emit     func(intake.Product) error
	families *families
	unit     string
}

// each runs fn on every row that is a product's own.
func (r *reader) each(
	ctx context.Context, src *intake.Source, reject func(intake.Reject), fn func(*intake.Sheet) error,
) error {
	sheet, err := intake.OpenSheet(ctx, src, 0, need, reject)
	if err != nil {
		return err
	}
	defer sheet.Close()
	for sheet.Next() {
		if sheet.Get("store_view_code") != "" {
			continue
		}
		if err := fn(sheet); err != nil {
			return err
		}
	}
	return sheet.Err()
}

// kind is the product's type. The plain shape has none: what has bundle options is a bundle there.
func kind(s *intake.Sheet) string {
	if s.Has("product_type") {
		return strings.ToLower(s.Get("product_type"))
	}
	if s.Get("bundle_options") != "" {
		return "bundle"
	}
	return "simple"
}

func (r *reader) row(s *intake.Sheet) error {
	sku := s.Get("sku")
	if sku == "" {
		s.Reject("intake.no_id", "id")
		return nil
	}
	switch k := kind(s); k {
	case "simple", "virtual", "downloadable":
		if parent := r.families.parentOf(sku); parent != "" {
			return r.member(s, parent, false)
		}
		return r.emit(r.simple(s))
	case "configurable":
		return r.member(s, sku, true)
	default:
		s.Reject("intake.type_unsupported", "type", fault.P("type", k))
		return nil
	}
}

func (r *reader) simple(s *intake.Sheet) intake.Product {
	p := product(s)
	p.Attributes = attributes(s, nil)
	if sku, ok := r.sku(s); ok {
		p.SKUs = []intake.SKU{sku}
	} else {
		p.Refused = 1
	}
	return p
}

// product reads what simple and configurable products have in common, but for the attributes.
func product(s *intake.Sheet) intake.Product {
	p := intake.Product{
		Source: Name, ExternalID: s.Get("sku"), Line: s.Line(), Title: html.UnescapeString(s.Get("name")),
		DescriptionHTML: s.Get("description"), Pictures: pictures(s), Published: published(s),
	}
	if p.DescriptionHTML == "" {
		p.DescriptionHTML = s.Get("short_description")
	}
	p.CategoryPath, p.Tags = categories(s)
	return p
}

func published(s *intake.Sheet) bool {
	online := s.Get("product_online")
	return (online == "" || online == "1") && !strings.EqualFold(s.Get("visibility"), "Not Visible Individually")
}

// categories gives the first path as the product's place; of the others the last names become tags.
func categories(s *intake.Sheet) (path, tags []string) {
	if s.Has("category") { // the plain shape: one name a line, the first two from the root down
		names := intake.SplitList(s.Get("category"), '\n')
		place := min(2, len(names))
		return names[:place], names[place:]
	}
	for _, c := range intake.SplitList(s.Get("categories"), ',') {
		names := intake.SplitList(c, '/')
		if len(names) > 0 && names[0] == rootCategory {
			names = names[1:]
		}
		switch {
		case len(names) == 0:
		case path == nil:
			path = names
		default:
			tags = append(tags, names[len(names)-1])
		}
	}
	return path, tags
}

// rootCategory is what every path starts with; shoppers never see it.
const rootCategory = "Default Category"

func pictures(s *intake.Sheet) []string {
	all := append([]string{s.Get("base_image")}, intake.SplitList(s.Get("additional_images"), ',')...)
	return slices.DeleteFunc(all, func(p string) bool { return p == "" || p == "no_selection" })
}

// sku reads what is sold of a row; it rejects the row and is false when a figure cannot be read.
func (r *reader) sku(s *intake.Sheet) (intake.SKU, bool) {
	stock, ok := intake.Count(s.Get("qty"))
	if !ok {
		s.Reject("intake.bad_stock", "stock", fault.P("value", s.Get("qty")))
		return intake.SKU{}, false
	}
	if s.Get("is_in_stock") == "0" {
		none := int64(0)
		stock = &none
	}
	grams, ok := intake.Grams(s.Get("weight"), r.unit)
	if !ok {
		s.Reject("intake.bad_weight", "weight", fault.P("value", s.Get("weight")))
		return intake.SKU{}, false
	}
	sku := intake.SKU{ExternalID: s.Get("sku"), Code: s.Get("sku"), Line: s.Line(), Stock: stock, WeightG: grams}
	sku.Price, sku.ListPrice = prices(s)
	if own := pictures(s); len(own) > 0 {
		sku.Picture = own[0]
	}
	return sku, true
}

// prices takes a special price only when it has no dates: the offer would outlive it.
func prices(s *intake.Sheet) (price, list string) {
	regular, special := s.Get("price"), s.Get("special_price")
	if special == "" || s.Get("special_price_from_date") != "" || s.Get("special_price_to_date") != "" {
		return regular, ""
	}
	return special, regular
}

// notFacts are columns and attributes that say nothing to a shopper.
var notFacts = map[string]bool{
	"category": true, "name": true, "sku": true, "price": true, "qty": true, "description": true,
	"attribute_set": true, "special_price": true, "bundle_options": true, "has_options": true,
	"required_options": true, "weight": true, "product_type": true, "visibility": true, "product_online": true,
	"base_image": true, "additional_images": true, "short_description": true, "is_in_stock": true,
	"special_price_from_date": true, "special_price_to_date": true, "store_view_code": true,
}

// attributes gives the facts of a row: in the plain shape its further columns, otherwise additional_attributes. What
// is chosen per variant is none.
func attributes(s *intake.Sheet, chosen []string) []intake.Attribute {
	var out []intake.Attribute
	add := func(name string, values []string) {
		if !notFacts[name] && !slices.Contains(chosen, name) && len(values) > 0 {
			value := html.UnescapeString(strings.Join(values, ", "))
			out = append(out, intake.Attribute{Name: intake.Label(name), Value: value})
		}
	}
	if s.Has("product_type") {
		for _, p := range assignments(s.Get("additional_attributes")) {
			add(p.name, intake.SplitList(p.value, '|'))
		}
		return out
	}
	for _, column := range s.Columns() {
		add(strings.ToLower(strings.TrimSpace(column)), intake.SplitList(s.Get(column), '\n'))
	}
	return out
}
