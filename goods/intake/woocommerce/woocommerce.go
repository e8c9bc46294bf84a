// Package woocommerce reads WooCommerce's product export: a simple product is one row; a variable product is a row of
// its own whose variations, each naming it as Parent, may stand anywhere in the file. Grouped and external products
// have nothing of their own to sell and are refused.
//
// A reduced price that the export limits to certain days is not taken: the offer would outlive it. Read this file
// first, then variable.go.
package woocommerce

import (
	"context"
	"html"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// Name is the format's name and the source of its products.
const Name = "woocommerce"

// Format reads WooCommerce product CSV.
type Format struct{}

// Name is "woocommerce".
func (Format) Name() string { return Name }

var need = []string{"Type", "SKU", "Name", "Regular price"}

// Sniff knows the export by its column names.
func (Format) Sniff(head []byte) bool { return intake.HasColumns(head, need...) }

// Read gives the products, a variable one as soon as its last variation was read.
func (Format) Read(
	ctx context.Context, src *intake.Source, emit func(intake.Product) error, reject func(intake.Reject),
) error {
	r := &reader{emit: emit, families: newFamilies()}
	// The first look tells which rows belong together; what is wrong with a row is said at the second.
	if err := r.each(ctx, src, func(intake.Reject) {}, r.families.note); err != nil {
		return err
	}
	r.families.join()
	return r.each(ctx, src, reject, r.row)
}

type reader struct {
	emit     func(intake.Product) error
	families *families
	unit     string // of the weight column
	weight   string // name of the weight column
}

// each runs fn on every row of the file.
func (r *reader) each(
	ctx context.Context, src *intake.Source, reject func(intake.Reject), fn func(*intake.Sheet) error,
) error {
	sheet, err := intake.OpenSheet(ctx, src, 0, need, reject)
	if err != nil {
		return err
	}
	defer sheet.Close()
	r.weightColumn(sheet)
	for sheet.Next() {
		if err := fn(sheet); err != nil {
			return err
		}
	}
	return sheet.Err()
}

// weightColumn finds "Weight (kg)", whose name holds the shop's unit.
func (r *reader) weightColumn(s *intake.Sheet) {
	for _, column := range s.Columns() {
		if unit, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(column)), "weight ("); ok {
			r.weight, r.unit = column, strings.TrimSuffix(unit, ")")
		}
	}
}

// kind is the first word of Type that says how the product is sold; "virtual" and "downloadable" do not.
func kind(s *intake.Sheet) string {
	for word := range strings.SplitSeq(s.Get("Type"), ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		if word != "" && word != "virtual" && word != "downloadable" {
			return word
		}
	}
	return ""
}

func (r *reader) row(s *intake.Sheet) error {
	switch k := kind(s); k {
	case "simple":
		return r.simple(s)
	case "variable":
		return r.member(s, r.families.parentKey(s), false)
	case "variation":
		key := r.families.familyOf(s.Get("Parent"))
		if key == "" {
			s.Reject("intake.parent_missing", "parent", fault.P("parent", s.Get("Parent")))
			return nil
		}
		return r.member(s, key, true)
	default:
		s.Reject("intake.type_unsupported", "type", fault.P("type", s.Get("Type")))
		return nil
	}
}

func (r *reader) simple(s *intake.Sheet) error {
	p := r.product(s)
	if sku, ok := r.sku(s); ok {
		p.SKUs = []intake.SKU{sku}
	} else {
		p.Refused = 1
	}
	for _, a := range pairs(s) {
		p.Attributes = append(p.Attributes, intake.Attribute{Name: a.name, Value: strings.Join(a.values, ", ")})
	}
	return r.emit(p)
}

// product reads what simple and variable products have in common.
func (r *reader) product(s *intake.Sheet) intake.Product {
	categories := intake.SplitList(s.Get("Categories"), ',')
	p := intake.Product{
		Source: Name, ExternalID: id(s), Line: s.Line(), Title: html.UnescapeString(s.Get("Name")),
		DescriptionHTML: description(s), Brand: s.Get("Brands"), Tags: intake.SplitList(s.Get("Tags"), ','),
		Pictures:  intake.SplitList(s.Get("Images"), ','),
		Published: s.Get("Published") == "1" && s.Get("Visibility in catalog") != "hidden",
	}
	for i, c := range categories {
		path := intake.SplitList(html.UnescapeString(c), '>')
		if i == 0 {
			p.CategoryPath = path
		} else if len(path) > 0 {
			p.Tags = append(p.Tags, path[len(path)-1])
		}
	}
	return p
}

// id is the export's number, which stays when the merchant renames the product's code.
func id(s *intake.Sheet) string {
	if n := s.Get("ID"); n != "" {
		return n
	}
	return s.Get("SKU")
}

// description gives the long text, else the short one. The export writes line ends as the two characters \n, and the
// shop shows blank lines as paragraphs.
func description(s *intake.Sheet) string {
	text := s.Get("Description")
	if text == "" {
		text = s.Get("Short description")
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\n`, "\n"), "\r\n", "\n")
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n\n", "<p>"), "\n", "<br>")
}

// sku reads what is sold of a row; it rejects the row and is false when a figure cannot be read.
func (r *reader) sku(s *intake.Sheet) (intake.SKU, bool) {
	stock, ok := intake.Count(s.Get("Stock"))
	if !ok {
		s.Reject("intake.bad_stock", "stock", fault.P("value", s.Get("Stock")))
		return intake.SKU{}, false
	}
	if s.Get("In stock?") == "0" {
		none := int64(0)
		stock = &none
	}
	grams, ok := intake.Grams(s.Get(r.weight), r.unit)
	if !ok {
		s.Reject("intake.bad_weight", "weight", fault.P("value", s.Get(r.weight)))
		return intake.SKU{}, false
	}
	sku := intake.SKU{
		ExternalID: id(s), Code: s.GetCode("SKU"), Line: s.Line(), Stock: stock, WeightG: grams,
		Barcode: s.GetCode("GTIN, UPC, EAN, or ISBN"),
	}
	sku.Price, sku.ListPrice = prices(s)
	if pictures := intake.SplitList(s.Get("Images"), ','); len(pictures) > 0 {
		sku.Picture = pictures[0]
	}
	return sku, true
}

func prices(s *intake.Sheet) (price, list string) {
	regular, sale := s.Get("Regular price"), s.Get("Sale price")
	limited := s.Get("Date sale price starts") != "" || s.Get("Date sale price ends") != ""
	if sale == "" || limited {
		return regular, ""
	}
	return sale, regular
}

// pair is one of a row's numbered attributes.
type pair struct {
	name   string
	values []string
}

// attributesMax is how many numbered attributes are looked for.
const attributesMax = 100

func pairs(s *intake.Sheet) []pair {
	var out []pair
	for i := 1; i <= attributesMax; i++ {
		prefix := "Attribute " + strconv.Itoa(i)
		if !s.Has(prefix + " name") {
			return out
		}
		if name := s.Get(prefix + " name"); name != "" {
			values := intake.SplitList(html.UnescapeString(s.Get(prefix+" value(s)")), ',')
			out = append(out, pair{html.UnescapeString(name), values})
		}
	}
	return out
}
