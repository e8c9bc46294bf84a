package merchantweb

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/edit"
	"hutong/goods/intake"
	"hutong/goods/intake/richtext"
)

// editorForm is a product as its form has it: texts as typed.
type editorForm struct {
	currency      money.Currency
	sheet         edit.Sheet // as it is saved; empty for a new product
	seen          string
	key           string // of a new one's form
	state         catalog.State
	title         catalog.Words
	description   catalog.Words
	brand         string
	category      string // its id
	categoryWords string
	options       [catalog.OptionsMax]optionForm
	rows          []variantRow
	large         bool // more variants than one form can hold: they stay as they are
}

type optionForm struct{ name, values string }

// variantRow is one row of the matrix; key is its choice in words.
type variantRow struct {
	key, sku               string
	sell                   bool
	price, list, floor     string
	stock, stockWas, grams string
	code, barcode          string
	held                   int64
}

// bilingual reads "红 | Red"; one text alone goes to the language that it is written in.
func bilingual(s string) catalog.Words {
	zh, en, both := strings.Cut(s, "|")
	zh, en = strings.TrimSpace(zh), strings.TrimSpace(en)
	if both || zh == "" {
		return catalog.Words{Zh: zh, En: en}
	}
	for _, r := range zh {
		if unicode.Is(unicode.Han, r) {
			return catalog.Words{Zh: zh}
		}
	}
	return catalog.Words{En: zh}
}

// typed is how words are typed in.
func typed(w catalog.Words) string {
	if w.Zh != "" && w.En != "" {
		return w.Zh + " | " + w.En
	}
	return w.Zh + w.En
}

// formOf is the form of a saved product.
func formOf(s edit.Sheet, c money.Currency) *editorForm {
	p := s.Product
	f := &editorForm{currency: c, sheet: s, seen: s.Hash, state: p.State, title: p.Title, description: p.Description,
		brand: p.Brand, category: p.Category}
	for i, o := range p.Options {
		values := make([]string, len(o.Values))
		for at, v := range o.Values {
			values[at] = typed(v)
		}
		f.options[i] = optionForm{typed(o.Name), strings.Join(values, "\n")}
	}
	saved := map[string]variantRow{}
	for _, k := range p.SKUs {
		o := s.Offers[k.ID]
		row := variantRow{key: keyOf(p.Options, k.Choice), sku: string(k.ID), sell: true,
			stock: strconv.FormatInt(s.OnHand[k.ID], 10), code: k.Code, barcode: k.Barcode, held: s.Held[k.ID]}
		row.stockWas = row.stock
		if o.ID != "" {
			row.price = o.Price().Decimal()
		}
		if o.ListPrice > 0 {
			row.list = money.New(o.ListPrice, o.Currency).Decimal()
		}
		if o.FloorPrice > 0 {
			row.floor = money.New(o.FloorPrice, o.Currency).Decimal()
		}
		if k.WeightG > 0 {
			row.grams = strconv.FormatInt(k.WeightG, 10)
		}
		saved[row.key] = row
	}
	f.arrange(saved, false)
	return f
}

// keyOf is a choice in words.
func keyOf(options []catalog.Option, choice []int) string {
	values := make([]string, len(choice))
	for i, at := range choice {
		if i < len(options) && at < len(options[i].Values) {
			values[i] = typed(options[i].Values[at])
		}
	}
	return intake.SKUKey(values)
}

// parsed are the options as the catalogue has them; the empty ones are left out.
func (f *editorForm) parsed() (out []catalog.Option) {
	for _, o := range f.options {
		option := catalog.Option{Name: bilingual(o.name)}
		for line := range strings.Lines(o.values) {
			if line = strings.TrimSpace(line); line != "" {
				option.Values = append(option.Values, bilingual(line))
			}
		}
		if !option.Name.Empty() || len(option.Values) > 0 {
			out = append(out, option)
		}
	}
	return out
}

// choices are all combinations of the options' values, in order; one empty choice where there are no options.
func choices(options []catalog.Option) [][]int {
	all := [][]int{{}}
	for _, o := range options {
		var next [][]int
		for _, c := range all {
			for at := range o.Values {
				next = append(next, append(append([]int{}, c...), at))
			}
		}
		if all = next; len(all) > variantsMax {
			return all
		}
	}
	return all
}

// arrange makes one row for every combination; known rows keep what was typed into them. sell says whether the others
// are for sale: newly typed ones are, those that a saved product lacks are not.
func (f *editorForm) arrange(known map[string]variantRow, sell bool) {
	options := f.parsed()
	all := choices(options)
	if f.large = len(all) > variantsMax; f.large {
		return
	}
	f.rows = nil
	first := variantRow{}
	for _, c := range all {
		key := keyOf(options, c)
		row, there := known[key]
		if !there {
			row = variantRow{key: key, sell: sell, price: first.price, list: first.list, floor: first.floor, grams: first.grams}
		} else if first.price == "" {
			first = row
		}
		f.rows = append(f.rows, row)
	}
}

// read takes over what was typed.
func (f *editorForm) read(r *http.Request) error {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f.title = catalog.Words{Zh: value("title_zh"), En: value("title_en")}
	f.description = catalog.Words{Zh: markup(value("description_zh")), En: markup(value("description_en"))}
	f.brand, f.categoryWords, f.seen = value("brand"), value("category"), value("seen")
	f.key = value("key")
	f.category = value("category_id")
	if _, known := taxonomy.Find(f.category); !known {
		f.category = ""
	}
	if f.large {
		return f.place()
	}
	for i := range f.options {
		f.options[i] = optionForm{value(fmt.Sprintf("option_%d", i)), value(fmt.Sprintf("values_%d", i))}
	}
	known, held := map[string]variantRow{}, map[string]int64{}
	for _, row := range f.rows {
		held[row.sku] = row.held
	}
	for i := range variantsMax {
		at := func(name string) string { return value(fmt.Sprintf("%s_%d", name, i)) }
		if _, there := r.PostForm[fmt.Sprintf("key_%d", i)]; !there {
			break
		}
		row := variantRow{key: at("key"), sku: at("sku"), sell: at("sell") != "", price: at("price"), list: at("list"),
			floor: at("floor"), stock: at("stock"),
			stockWas: at("stock_was"), grams: at("grams"), code: at("code"), barcode: at("barcode")}
		row.held = held[row.sku]
		known[row.key] = row
	}
	before := len(known)
	f.arrange(known, true)
	if f.large {
		f.large, f.rows = false, nil
		return fault.New(fault.Invalid, "merchantweb.too_many_variants", fault.P("max", variantsMax)).At("options")
	}
	if r.PostFormValue("do") == "matrix" || r.PostFormValue("do") == "find" {
		return nil
	}
	for _, row := range f.rows {
		if _, there := known[row.key]; !there && before > 0 {
			return fault.New(fault.Invalid, "merchantweb.new_variants").At("skus")
		}
	}
	return f.place()
}

// place finds the category that the words name. One that only one category has is taken at once.
func (f *editorForm) place() error {
	if f.categoryWords == "" {
		f.category = ""
		return nil
	}
	if n, known := taxonomy.Find(f.category); known && (named(n, f.categoryWords) || f.categoryWords == n.ID) {
		return nil
	}
	all := categoriesLike(f.categoryWords)
	if len(all) == 1 || len(all) > 1 && named(all[0], f.categoryWords) && !named(all[1], f.categoryWords) {
		f.category = all[0].ID
		return nil
	}
	return fault.New(fault.Invalid, "merchantweb.which_category").At("category")
}

func named(n taxonomy.Node, words string) bool {
	return strings.EqualFold(n.Zh, words) || strings.EqualFold(n.En, words)
}

// markup makes safe markup of what was typed: plain lines are paragraphs.
func markup(typed string) string {
	if !strings.Contains(typed, "<") {
		var b strings.Builder
		for line := range strings.Lines(typed) {
			if line = strings.TrimSpace(line); line != "" {
				b.WriteString("<p>" + strings.ReplaceAll(line, "&", "&amp;") + "</p>")
			}
		}
		typed = b.String()
	}
	return richtext.Reduce(typed)
}

// draft is what is saved. Numbers that are none are refused at their field.
func (f *editorForm) draft(sheet edit.Sheet) (edit.Draft, error) {
	d := edit.Draft{Currency: f.currency, Product: sheet.Product}
	p := &d.Product
	p.Title, p.Description, p.Brand, p.Category, p.State = f.title, f.description, f.brand, f.category, f.state
	if f.large {
		d = sheet.Draft(f.currency)
		d.Product = *p
		return d, nil
	}
	p.Options = f.parsed()
	all := choices(p.Options)
	for i, row := range f.rows {
		if !row.sell {
			continue
		}
		v, err := f.variant(row, len(d.Variants))
		if err != nil {
			return d, err
		}
		v.Choice = all[i]
		d.Variants = append(d.Variants, v)
	}
	return d, nil
}

func (f *editorForm) variant(row variantRow, at int) (v edit.Variant, err error) {
	field := func(name string) string { return fmt.Sprintf("skus.%d.%s", at, name) }
	v = edit.Variant{SKU: catalog.SKUID(row.sku), Code: row.code, Barcode: row.barcode}
	if v.Price, err = money.ParseMinor(row.price, f.currency); err != nil {
		return v, fault.New(fault.Invalid, "merchantweb.price_wrong").At(field("price"))
	}
	for _, more := range []struct {
		text, name string
		into       *int64
	}{{row.list, "list", &v.List}, {row.floor, "floor", &v.Floor}} {
		if more.text == "" {
			continue
		}
		if *more.into, err = money.ParseMinor(more.text, f.currency); err != nil {
			return v, fault.New(fault.Invalid, "merchantweb.price_wrong").At(field(more.name))
		}
	}
	whole := func(text, name string, into *int64) error {
		if text == "" {
			return nil
		}
		if *into, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fault.New(fault.Invalid, "page.number_wrong").At(field(name))
		}
		return nil
	}
	var stock int64
	if err := whole(row.stock, "stock", &stock); err != nil {
		return v, err
	}
	if err := whole(row.grams, "weight_g", &v.WeightG); err != nil {
		return v, err
	}
	if err := whole(row.stockWas, "stock", &v.StockWas); err != nil {
		return v, err
	}
	if row.stock != "" {
		v.Stock = &stock
	}
	return v, nil
}
