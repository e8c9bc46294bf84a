package mapped

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// Fields are what a column can be mapped to, the most wanted first.
func Fields() []string {
	return []string{"title", "price", "id", "sku", "stock", "list_price", "floor_price", "description", "brand",
		"category", "tags", "pictures", "barcode", "weight", "published"}
}

// Look is the beginning of a CSV file: its columns and first rows, for somebody who is to say what they hold.
type Look struct {
	Columns []string
	Rows    [][]string
}

// LookRows is how many rows a Look shows at most.
const LookRows = 5

// columnsMax is how many columns can be offered to choose from.
const columnsMax = 200

// Peek reads the beginning of a CSV file. It answers intake.no_header where there are no columns to choose from, and
// what a file that cannot be read answers.
func Peek(ctx context.Context, src *intake.Source) (Look, error) {
	sheet, err := intake.OpenSheet(ctx, src, 0, nil, func(intake.Reject) {})
	if err != nil {
		return Look{}, err
	}
	defer sheet.Close()
	var l Look
	for _, c := range sheet.Columns() {
		l.Columns = append(l.Columns, strings.TrimSpace(c))
	}
	if len(l.Columns) < 2 {
		return Look{}, fault.New(fault.Invalid, "intake.no_header")
	}
	if len(l.Columns) > columnsMax {
		return Look{}, fault.New(fault.Invalid, "intake.too_many_columns")
	}
	for len(l.Rows) < LookRows && sheet.Next() {
		row := make([]string, len(l.Columns))
		for i, c := range l.Columns {
			row[i] = sheet.Get(c)
		}
		l.Rows = append(l.Rows, row)
	}
	return l, sheet.Err()
}

// known are the names that exports give to what a column holds, without blanks and signs, in lower case.
var known = map[string][]string{
	"title": {"title", "name", "productname", "producttitle", "itemname", "商品名称", "商品标题", "标题", "名称", "品名",
		"宝贝标题", "产品名称"},
	"price": {"price", "saleprice", "unitprice", "sellingprice", "retailprice", "售价", "价格", "单价", "销售价", "现价"},
	"id": {"id", "productid", "handle", "spu", "itemid", "itemno", "productcode", "商品编号", "商品id", "产品编号", "货号",
		"款号"},
	"sku":         {"sku", "skucode", "skuid", "variantsku", "sku编码", "规格编码", "商家编码", "商品编码"},
	"stock":       {"stock", "qty", "quantity", "inventory", "instock", "stockqty", "库存", "数量", "库存数量", "现货"},
	"list_price":  {"listprice", "compareatprice", "msrp", "regularprice", "rrp", "原价", "划线价", "市场价", "吊牌价"},
	"floor_price": {"floorprice", "floor", "minprice", "minimumprice", "lowestprice", "底价", "最低价", "最低售价", "保底价"},
	"description": {"description", "body", "bodyhtml", "details", "描述", "详情", "商品描述", "商品详情", "介绍"},
	"brand":       {"brand", "vendor", "manufacturer", "品牌"},
	"category":    {"category", "categories", "type", "producttype", "类目", "分类", "商品分类", "类别"},
	"tags":        {"tags", "tag", "keywords", "标签", "关键词"},
	"pictures":    {"pictures", "picture", "images", "image", "imageurl", "imagesrc", "photo", "图片", "主图", "商品图片"},
	"barcode":     {"barcode", "ean", "gtin", "upc", "ean13", "条码", "条形码", "国际条码"},
	"weight":      {"weight", "grams", "weightg", "weightkg", "重量", "毛重", "重量g", "重量kg", "重量克"},
	"published":   {"published", "active", "status", "visible", "上架", "是否上架"},
}

// options are the names of columns that a shopper chooses by.
var options = []string{"size", "color", "colour", "颜色", "尺码", "尺寸", "规格", "款式", "口味"}

// Propose guesses from the names of the columns what they hold. A field that no name tells is left out.
func Propose(l Look) Mapping {
	m := Mapping{Source: "csv", Columns: map[string]string{}}
	taken := map[int]bool{}
	for _, field := range Fields() {
		for i, c := range l.Columns {
			if !taken[i] && slices.Contains(known[field], plain(c)) {
				m.Columns[field], taken[i] = c, true
				break
			}
		}
	}
	for i, c := range l.Columns {
		if !taken[i] && slices.Contains(options, plain(c)) && len(m.Options) < intake.OptionsMax {
			m.Options = append(m.Options, c)
		}
	}
	if weight := plain(m.Columns["weight"]); strings.HasSuffix(weight, "kg") {
		m.WeightUnit = "kg"
	}
	return m
}

// plain is a column's name without blanks, signs and case.
func plain(column string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t_-./()（）:：*", r) {
			return -1
		}
		return r
	}, strings.ToLower(column))
}

// Fits tells whether a file with these columns has all that the mapping needs.
func (m Mapping) Fits(columns []string) bool {
	for _, need := range (Format{m}).need() {
		if !slices.ContainsFunc(columns, func(c string) bool { return key(c) == key(need) }) {
			return false
		}
	}
	return true
}

// key is what two names of one column have in common.
func key(column string) string { return strings.ToLower(strings.TrimSpace(column)) }

// Check refuses a mapping that lacks something, naming the field. Codes: intake.mapping_column, intake.mapping_twice,
// intake.bad_mapping.
func (m Mapping) Check() error {
	lacks := func(field string) error { return fault.New(fault.Invalid, "intake.mapping_column").At(field) }
	switch {
	case m.Columns["title"] == "":
		return lacks("title")
	case m.Columns["price"] == "":
		return lacks("price")
	case m.Columns["id"] == "" && m.Columns["sku"] == "":
		return lacks("id")
	}
	for i, o := range m.Options {
		if slices.ContainsFunc(m.Options[:i], func(p string) bool { return key(p) == key(o) }) {
			return fault.New(fault.Invalid, "intake.mapping_twice", fault.P("column", o)).At("options")
		}
	}
	return m.valid()
}

// JSON is the mapping as Parse reads it.
func (m Mapping) JSON() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic("mapped: " + err.Error()) // texts only: a defect of this package
	}
	return string(b)
}
