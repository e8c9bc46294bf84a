// Package shopify reads Shopify's product export: the rows of one handle, which stand together, are one product. Its
// first row holds the texts, every row may hold a variant of up to three options and a picture.
//
// It never takes gift cards, which are money and not goods.
package shopify

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// Name is the format's name and the source of its products.
const Name = "shopify"

const optionsMax = 3

// Format reads Shopify product CSV.
type Format struct{}

// Name is "shopify".
func (Format) Name() string { return Name }

// Sniff knows the export by three columns that no other has together.
func (Format) Sniff(head []byte) bool {
	return intake.HasColumns(head, "Handle", "Title", "Variant Price")
}

// Read gives the products in the file's order.
func (Format) Read(
	ctx context.Context, src *intake.Source, emit func(intake.Product) error, reject func(intake.Reject),
) error {
	sheet, err := intake.OpenSheet(ctx, src, 0, []string{"Handle", "Title", "Variant Price"}, reject)
	if err != nil {
		return err
	}
	defer sheet.Close()
	var open *product
	finish := func() error {
		if open == nil {
			return nil
		}
		p := open
		open = nil
		return p.emit(emit)
	}
	for sheet.Next() {
		handle := sheet.Get("Handle")
		if handle == "" {
			sheet.Reject("intake.no_id", "id")
			continue
		}
		if open == nil || open.ExternalID != handle {
			if err := finish(); err != nil {
				return err
			}
			open = begin(sheet, handle)
		}
		open.row(sheet)
	}
	if err := finish(); err != nil {
		return err
	}
	return sheet.Err()
}

// product is one handle whose rows are being read.
type product struct {
	intake.Product
	pictures []picture
	refused  bool // it is of a kind that is not taken
	first    bool // the next row is its first
}

type picture struct {
	url      string
	position int
}

func begin(s *intake.Sheet, handle string) *product {
	p := &product{first: true}
	p.Product = intake.Product{
		Source: Name, ExternalID: handle, Line: s.Line(),
		Title: s.Get("Title"), DescriptionHTML: s.Get("Body (HTML)"), Brand: s.Get("Vendor"),
		CategoryPath: category(s), Tags: intake.SplitList(s.Get("Tags"), ','),
		Attributes: attributes(s), Published: published(s),
	}
	for i := 1; i <= optionsMax; i++ {
		if name := s.Get("Option" + strconv.Itoa(i) + " Name"); name != "" {
			p.Options = append(p.Options, intake.Option{Name: name})
		}
	}
	if strings.EqualFold(s.Get("Gift Card"), "true") {
		s.Reject("intake.type_unsupported", "type", fault.P("type", "gift card"))
		p.refused = true
	}
	return p
}

// category prefers the standard category of newer exports to the merchant's own type.
func category(s *intake.Sheet) []string {
	for _, column := range []string{"Product Category", "Google Shopping / Google Product Category"} {
		if path := s.Get(column); strings.Contains(path, ">") {
			return intake.SplitList(path, '>')
		}
	}
	if kind := s.Get("Type"); kind != "" {
		return []string{kind}
	}
	return nil
}

// published needs both of the export's switches, where it has them.
func published(s *intake.Sheet) bool {
	if s.Has("Published") && !strings.EqualFold(s.Get("Published"), "true") {
		return false
	}
	status := s.Get("Status")
	return status == "" || strings.EqualFold(status, "active")
}

// attributes are the facts among the columns, and the merchant's own fields.
func attributes(s *intake.Sheet) []intake.Attribute {
	var out []intake.Attribute
	for _, name := range []string{"Gender", "Age Group", "MPN", "Condition"} {
		if value := s.Get("Google Shopping / " + name); value != "" {
			out = append(out, intake.Attribute{Name: name, Value: value})
		}
	}
	for _, column := range s.Columns() {
		name, _, own := strings.Cut(column, " (product.metafields.")
		if value := s.Get(column); own && value != "" {
			out = append(out, intake.Attribute{Name: name, Value: value})
		}
	}
	return out
}

// row adds one row: a variant, a picture or both.
func (p *product) row(s *intake.Sheet) {
	first := p.first
	p.first = false
	if p.refused {
		return
	}
	if url := s.Get("Image Src"); url != "" && len(p.pictures) <= intake.PicturesMax {
		p.pictures = append(p.pictures, picture{url, position(s, len(p.pictures))})
	}
	switch {
	case first || isVariant(s):
		p.variant(s)
	case s.Get("Image Src") == "":
		s.Reject("intake.no_variant", "")
	}
}

// isVariant tells a variant's row from one that only adds a picture.
func isVariant(s *intake.Sheet) bool {
	return s.Get("Variant Price") != "" || s.Get("Variant SKU") != "" || s.Get("Option1 Value") != ""
}

// position is the picture's stated place; without one it stays where it stands.
func position(s *intake.Sheet, at int) int {
	if n, err := strconv.Atoi(s.Get("Image Position")); err == nil && n > 0 {
		return n
	}
	return at + 1
}

func (p *product) variant(s *intake.Sheet) {
	stock, ok := intake.Count(s.Get("Variant Inventory Qty"))
	if !ok {
		s.Reject("intake.bad_stock", "stock", fault.P("value", s.Get("Variant Inventory Qty")))
		p.Refused++
		return
	}
	grams, ok := intake.Grams(s.Get("Variant Grams"), "g")
	if !ok {
		s.Reject("intake.bad_weight", "weight", fault.P("value", s.Get("Variant Grams")))
		p.Refused++
		return
	}
	if len(p.SKUs) > intake.SKUsMax { // enough for Check to refuse the product
		return
	}
	values := make([]string, len(p.Options))
	for i := range values {
		values[i] = s.Get("Option" + strconv.Itoa(i+1) + " Value")
	}
	key := intake.SKUKey(values)
	if key == "" {
		key = p.ExternalID
	}
	p.SKUs = append(p.SKUs, intake.SKU{
		ExternalID: key, Code: s.GetCode("Variant SKU"), Line: s.Line(), Values: values,
		Price: s.Get("Variant Price"), ListPrice: compareAt(s), Stock: stock,
		Barcode: s.GetCode("Variant Barcode"), WeightG: grams, Picture: s.Get("Variant Image"),
	})
}

// compareAt drops the zero that some exports write for "none".
func compareAt(s *intake.Sheet) string {
	price := s.Get("Variant Compare At Price")
	if strings.Trim(price, "0.") == "" {
		return ""
	}
	return price
}

func (p *product) emit(emit func(intake.Product) error) error {
	if p.refused {
		return nil
	}
	slices.SortStableFunc(p.pictures, func(a, b picture) int { return a.position - b.position })
	for _, pic := range p.pictures {
		p.Pictures = append(p.Pictures, pic.url)
	}
	p.plain()
	for i, o := range p.Options {
		for _, s := range p.SKUs {
			o.Values = append(o.Values, s.Values[i])
		}
		p.Options[i] = o
	}
	return emit(p.Product)
}

// plain takes away the option that Shopify writes for a product without options: Title, with the value Default Title.
func (p *product) plain() {
	if len(p.Options) != 1 || p.Options[0].Name != "Title" || len(p.SKUs) != 1 {
		return
	}
	if p.SKUs[0].Values[0] != "Default Title" {
		return
	}
	p.Options, p.SKUs[0].Values = nil, nil
	p.SKUs[0].ExternalID = p.ExternalID
}
