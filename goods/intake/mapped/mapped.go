// Package mapped reads any CSV file through a column mapping that a merchant has saved: a small JSON file that says
// which column holds which field. Rows with one id that stand together are one product.
package mapped

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// Mapping is the saved file. Columns maps a field to the name of its column; title and price must be there, and id or
// sku to know a product again by.
type Mapping struct {
	Source     string            `json:"source"`                // who the products come from, such as "warehouse"
	Columns    map[string]string `json:"columns"`               // field to column
	Options    []string          `json:"options"`               // columns that a shopper chooses by, each its own name
	Attributes []string          `json:"attributes"`            // columns that are facts
	Delimiter  string            `json:"delimiter"`             // one character; "" finds it
	List       string            `json:"list_separator"`        // between tags and pictures, default ","
	Path       string            `json:"category_separator"`    // between the levels of a category, default ">"
	WeightUnit string            `json:"weight_unit"`           // g, kg, lb or oz, default g
	InMinor    bool              `json:"prices_in_minor_units"` // 1990 means 19.90
}

// fields are what a column can be mapped to.
var fields = []string{
	"barcode", "brand", "category", "description", "floor_price", "id", "list_price", "pictures", "price", "published",
	"sku", "stock", "tags", "title", "weight",
}

var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

const mappingMax = 64 << 10

// Parse reads a mapping. It answers intake.bad_mapping with what is wrong.
func Parse(r io.Reader) (Mapping, error) {
	var m Mapping
	data, err := io.ReadAll(io.LimitReader(r, mappingMax+1))
	if err != nil {
		return m, err
	}
	if len(data) > mappingMax {
		return m, bad("it is too long")
	}
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, bad(err.Error())
	}
	if d.More() {
		return m, bad("there is something behind it")
	}
	return m, m.valid()
}

func bad(reason string) error {
	return fault.New(fault.Invalid, "intake.bad_mapping", fault.P("reason", reason)).At("mapping")
}

func (m *Mapping) valid() error {
	for _, field := range slices.Sorted(maps.Keys(m.Columns)) {
		if !slices.Contains(fields, field) {
			return bad("columns: " + field)
		}
	}
	switch {
	case !sourceName.MatchString(m.Source):
		return bad("source")
	case m.Columns["title"] == "":
		return bad("columns.title")
	case m.Columns["price"] == "":
		return bad("columns.price")
	case m.Columns["id"] == "" && m.Columns["sku"] == "":
		return bad("columns.id")
	case m.Delimiter != "" && !oneByte(m.Delimiter):
		return bad("delimiter")
	case m.List != "" && !oneByte(m.List):
		return bad("list_separator")
	case m.Path != "" && !oneByte(m.Path):
		return bad("category_separator")
	case len(m.Options) > intake.OptionsMax:
		return bad("options")
	}
	if _, ok := intake.Grams("1", m.unit()); !ok {
		return bad("weight_unit")
	}
	return nil
}

// oneByte tells whether s is one ASCII character that can stand between columns.
func oneByte(s string) bool {
	return len(s) == 1 && s[0] < 0x80 && !strings.ContainsAny(s, "\"\r\n\x00\\")
}

func (m *Mapping) unit() string {
	if m.WeightUnit == "" {
		return "g"
	}
	return m.WeightUnit
}

func first(s string, otherwise byte) byte {
	if s == "" {
		return otherwise
	}
	return s[0]
}

// Format reads CSV through its Mapping.
type Format struct{ Mapping Mapping }

// Name is "mapped".
func (Format) Name() string { return "mapped" }

// Sniff knows a file that has all the mapped columns.
func (f Format) Sniff(head []byte) bool { return intake.HasColumns(head, f.need()...) }

func (f Format) need() []string {
	need := slices.Sorted(maps.Values(f.Mapping.Columns))
	return slices.Concat(need, f.Mapping.Options, f.Mapping.Attributes)
}

// Read gives the products in the file's order.
func (f Format) Read(
	ctx context.Context, src *intake.Source, emit func(intake.Product) error, reject func(intake.Reject),
) error {
	sheet, err := intake.OpenSheet(ctx, src, first(f.Mapping.Delimiter, 0), f.need(), reject)
	if err != nil {
		return err
	}
	defer sheet.Close()
	var open *intake.Product
	finish := func() error {
		if open == nil {
			return nil
		}
		p := *open
		open = nil
		return emit(p)
	}
	row := row{&f.Mapping, sheet}
	for sheet.Next() {
		id := row.id()
		if id == "" {
			sheet.Reject("intake.no_id", "id")
			continue
		}
		if open == nil || open.ExternalID != id {
			if err := finish(); err != nil {
				return err
			}
			p := row.product(id)
			open = &p
		}
		row.variant(open)
	}
	if err := finish(); err != nil {
		return err
	}
	return sheet.Err()
}

// row is the current row, seen through the mapping.
type row struct {
	m *Mapping
	s *intake.Sheet
}

// get is the value of a field, "" when it is not mapped.
func (r row) get(field string) string {
	column := r.m.Columns[field]
	if column == "" {
		return ""
	}
	return r.s.Get(column)
}

func (r row) code(field string) string {
	column := r.m.Columns[field]
	if column == "" {
		return ""
	}
	return r.s.GetCode(column)
}

func (r row) id() string {
	if r.m.Columns["id"] != "" {
		return r.get("id")
	}
	return r.get("sku")
}

func (r row) product(id string) intake.Product {
	list := first(r.m.List, ',')
	p := intake.Product{
		Source: r.m.Source, ExternalID: id, Line: r.s.Line(), Title: r.get("title"),
		DescriptionHTML: r.get("description"), Brand: r.get("brand"),
		CategoryPath: intake.SplitList(r.get("category"), first(r.m.Path, '>')),
		Tags:         intake.SplitList(r.get("tags"), list), Pictures: intake.SplitList(r.get("pictures"), list),
		Published: published(r.get("published")),
	}
	for _, name := range r.m.Options {
		p.Options = append(p.Options, intake.Option{Name: name})
	}
	for _, name := range r.m.Attributes {
		if value := r.s.Get(name); value != "" {
			p.Attributes = append(p.Attributes, intake.Attribute{Name: name, Value: value})
		}
	}
	return p
}

// published is true unless the file says no.
func published(s string) bool {
	switch strings.ToLower(s) {
	case "0", "no", "n", "false", "否":
		return false
	}
	return true
}

func (r row) variant(p *intake.Product) {
	stock, ok := intake.Count(r.get("stock"))
	if !ok {
		r.s.Reject("intake.bad_stock", "stock", fault.P("value", r.get("stock")))
		p.Refused++
		return
	}
	grams, ok := intake.Grams(r.get("weight"), r.m.unit())
	if !ok {
		r.s.Reject("intake.bad_weight", "weight", fault.P("value", r.get("weight")))
		p.Refused++
		return
	}
	if len(p.SKUs) > intake.SKUsMax { // enough for Check to refuse the product
		return
	}
	sku := intake.SKU{
		Code: r.code("sku"), Line: r.s.Line(), Price: r.get("price"), ListPrice: r.get("list_price"),
		InMinor: r.m.InMinor, Stock: stock, Barcode: r.code("barcode"), WeightG: grams,
	}
	if r.m.Columns["floor_price"] != "" {
		floor := r.get("floor_price")
		sku.FloorPrice = &floor
	}
	for i, name := range r.m.Options {
		value := r.s.Get(name)
		sku.Values = append(sku.Values, value)
		p.Options[i].Values = append(p.Options[i].Values, value)
	}
	if sku.ExternalID = intake.SKUKey(sku.Values); sku.ExternalID == "" {
		sku.ExternalID = p.ExternalID
	}
	p.SKUs = append(p.SKUs, sku)
}
