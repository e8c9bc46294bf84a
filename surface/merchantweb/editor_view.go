package merchantweb

import (
	"fmt"

	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/surface/page"
)

// fill puts the form into its page; wrong is what is refused about a field.
func (f *editorForm) fill(t page.Tongue, v *editorView, wrong func(field string) string) {
	line := func(name, value string, most int) page.Field {
		return page.Field{ID: name, Name: name, Kind: "text", Label: t.T("merchantweb.edit_" + name), Value: value,
			Length: most, Error: wrong(name), Auto: "off"}
	}
	v.Head = []page.Field{line("title_zh", f.title.Zh, catalog.TitleMax), line("title_en", f.title.En, catalog.TitleMax),
		line("brand", f.brand, catalog.NameMax)}
	v.Head[0].Hint = t.T("merchantweb.edit_title_hint")
	f.fillCategory(t, v, wrong)
	for _, d := range []struct{ name, value string }{{"description_zh", f.description.Zh},
		{"description_en", f.description.En}} {
		v.Texts = append(v.Texts, page.Field{ID: d.name, Name: d.name, Kind: "area", Rows: 5, Value: d.value,
			Label: t.T("merchantweb.edit_" + d.name), Length: catalog.DescriptionMax, Error: wrong(d.name)})
	}
	v.Texts[0].Hint = t.T("merchantweb.edit_description_hint")
	if f.large {
		v.TooMany = t.T("merchantweb.large_product", "max", variantsMax)
		return
	}
	for i, o := range f.options {
		name, values := fmt.Sprintf("option_%d", i), fmt.Sprintf("values_%d", i)
		v.Options = append(v.Options, optionView{Legend: t.T("merchantweb.option_n", "n", i+1),
			Name: page.Field{ID: name, Name: name, Kind: "text", Value: o.name, Length: 2*catalog.NameMax + 3, Auto: "off",
				Label: t.T("merchantweb.option_name"), Holder: t.T("merchantweb.option_name_holder")},
			Values: page.Field{ID: values, Name: values, Kind: "area", Value: o.values, Label: t.T("merchantweb.option_values"),
				Hint: t.T("merchantweb.option_values_hint"), Error: wrong(fmt.Sprintf("options.%d.values", i))}})
	}
	if e := wrong("options"); e != "" {
		v.Options[0].Values.Error = e
	}
	f.fillMatrix(t, v, wrong)
}

func (f *editorForm) fillCategory(t page.Tongue, v *editorView, wrong func(field string) string) {
	words := f.categoryWords
	if words == "" && f.category != "" {
		words = categoryName(t, f.category)
	}
	v.Category = page.Field{ID: "category", Name: "category", Kind: "text", Label: t.T("merchantweb.edit_category"),
		Value: words, Hint: t.T("merchantweb.edit_category_hint"), Error: wrong("category"), Auto: "off"}
	if f.category != "" {
		v.Category.Hint = categoryPath(t, f.category)
	}
	if f.categoryWords == "" {
		if f.category != "" {
			v.Hidden = append(v.Hidden, page.Pair{Name: "category_id", Value: f.category})
		}
		return
	}
	choose := page.Field{ID: "category-id", Name: "category_id", Kind: "radios", Required: true,
		Label: t.T("merchantweb.choose_category"), Options: []page.Group{{}}}
	for _, n := range categoriesLike(f.categoryWords) {
		choose.Options[0].Options = append(choose.Options[0].Options, page.Option{Value: n.ID,
			Text: catalog.Words{Zh: n.Zh, En: n.En}.In(t.Lang), Sub: categoryPath(t, n.ID), Selected: n.ID == f.category})
	}
	if len(choose.Options[0].Options) == 0 {
		v.Category.Error = t.T("merchantweb.no_category", "words", f.categoryWords)
		return
	}
	choose.Required = false
	v.Categories = &choose
}

func categoryName(t page.Tongue, id string) string {
	n, known := taxonomy.Find(id)
	if !known {
		return ""
	}
	words := catalog.Words{Zh: n.Zh, En: n.En}
	return words.In(t.Lang)
}

// fillMatrix makes a row of fields for each choice.
func (f *editorForm) fillMatrix(t page.Tongue, v *editorView, wrong func(field string) string) {
	options := f.parsed()
	all := choices(options)
	sold := 0
	for i, row := range f.rows {
		name := t.T("merchantweb.only_variant")
		if len(options) > 0 {
			chosen := catalog.Choose(options, all[i])
			name = chosen.In(t.Lang)
		}
		at := sold
		if row.sell {
			sold++
		} else {
			at = -1
		}
		field := func(n, key, value, mode, refused string) page.Field {
			id := fmt.Sprintf("%s_%d", n, i)
			return page.Field{ID: id, Name: id, Kind: "text", Label: t.T("merchantweb." + key), Value: value, Mode: mode,
				Auto: "off", Length: catalog.NameMax, Error: wrong(fmt.Sprintf("skus.%d.%s", at, refused))}
		}
		one := variantView{No: i, Name: name, SKU: row.sku, Key: row.key, StockWas: row.stockWas, Sell: row.sell,
			Price:   field("price", "price", row.price, "decimal", "price"),
			List:    field("list", "list", row.list, "decimal", "list"),
			Floor:   field("floor", "floor", row.floor, "decimal", "floor"),
			Stock:   field("stock", "stock", row.stock, "numeric", "stock"),
			Code:    field("code", "map_sku", row.code, "", "code"),
			Barcode: field("barcode", "map_barcode", row.barcode, "", "barcode"),
			Gram:    field("grams", "grams", row.grams, "numeric", "weight_g")}
		if row.held > 0 {
			one.Held = t.T("merchantweb.n_promised", "n", t.Count(row.held))
		}
		v.Matrix = append(v.Matrix, one)
	}
}
