package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/intake/richtext"
	"hutong/goods/offer"
)

// What one product may hold: what the catalogue takes, and bounds for what it does not keep. What is longer is refused,
// never cut.
const (
	IDMax          = catalog.ExternalMax
	TitleMax       = catalog.TitleMax // characters
	DescriptionMax = catalog.DescriptionMax
	NameMax        = catalog.NameMax  // a brand, a code, a category, a tag, an option and its values, an attribute's name
	ValueMax       = catalog.ValueMax // an attribute's value
	URLMax         = 2_048
	DepthMax       = 10
	TagsMax        = 250
	OptionsMax     = catalog.OptionsMax
	ValuesMax      = catalog.ValuesMax
	SKUsMax        = catalog.SKUsMax
	PicturesMax    = catalog.PicturesMax
	AttributesMax  = catalog.AttributesMax - 2 // tags and an unknown category become attributes too
	PriceMax       = offer.PriceMax            // minor units
)

// Price is what a SKU costs, in minor units.
type Price struct {
	Unit int64
	List int64 // 0 when there is nothing to compare with
	// Floor is what a piece is never sold for less than, 0 for none; nil when the file does not say. Like
	// SKU.FloorPrice it is no part of the hash of a file without it.
	Floor *int64 `json:",omitempty"`
}

// Item is a product that can be sold as it stands: texts clean, HTML safe, one Price per SKU.
type Item struct {
	Product Product
	Prices  []Price
}

// Checker holds the rules that products must meet. It remembers the ids that it has seen, so one Checker serves one
// import of one source.
type Checker struct {
	currency money.Currency
	seen     map[[16]byte]int // first line by hashed id
}

// NewChecker makes the Checker of one import, whose prices are in that currency.
func NewChecker(c money.Currency) *Checker {
	return &Checker{currency: c, seen: map[[16]byte]int{}}
}

// Check cleans a product and refuses what cannot be sold. A SKU with a bad price is refused alone, by its line; a
// product of which no SKU is left is not taken.
func (c *Checker) Check(p Product, reject func(line int, f *fault.Error)) (Item, bool) {
	p = clean(p)
	if f := c.product(p); f != nil {
		reject(p.Line, f)
		return Item{}, false
	}
	if len(p.SKUs) == 0 {
		if p.Refused > 0 {
			return Item{}, false
		}
		reject(p.Line, fault.New(fault.Invalid, "intake.no_variant"))
		return Item{}, false
	}
	item := Item{Product: p}
	item.Product.SKUs = nil
	known := map[string]bool{}
	for _, s := range p.SKUs {
		price, f := c.sku(p, s)
		if f == nil && (known["id "+s.ExternalID] || known["of "+SKUKey(s.Values)]) {
			f = fault.New(fault.Invalid, "intake.duplicate_variant", fault.P("id", short(s.ExternalID))).At("sku")
		}
		if f != nil {
			reject(s.Line, f)
			continue
		}
		known["id "+s.ExternalID], known["of "+SKUKey(s.Values)] = true, true
		item.Product.SKUs = append(item.Product.SKUs, s)
		item.Prices = append(item.Prices, price)
	}
	if len(item.Prices) == 0 {
		return Item{}, false // every row of it was refused above
	}
	return item, true
}

func (c *Checker) product(p Product) *fault.Error {
	if p.ExternalID == "" {
		return fault.New(fault.Invalid, "intake.no_id").At("id")
	}
	key := idKey(p.Source, p.ExternalID)
	if first, twice := c.seen[key]; twice {
		return fault.New(fault.Invalid, "intake.duplicate_product",
			fault.P("id", short(p.ExternalID)), fault.P("line", first)).At("id")
	}
	if p.Title == "" {
		return fault.New(fault.Invalid, "intake.no_title").At("title")
	}
	if f := sizes(p); f != nil {
		return f
	}
	c.seen[key] = p.Line
	return nil
}

// sizes refuses what is longer than its limit, and names the field.
func sizes(p Product) *fault.Error {
	long := longest{}
	long.text("id", IDMax, p.ExternalID)
	long.text("title", TitleMax, p.Title)
	long.bytes("description", DescriptionMax, p.DescriptionHTML)
	long.text("brand", NameMax, p.Brand)
	long.text("category", NameMax, p.CategoryPath...)
	long.text("tags", NameMax, p.Tags...)
	long.text("pictures", URLMax, p.Pictures...)
	long.count("category", DepthMax, len(p.CategoryPath))
	long.count("tags", TagsMax, len(p.Tags))
	long.count("pictures", PicturesMax, len(p.Pictures))
	long.count("options", OptionsMax, len(p.Options))
	long.count("sku", SKUsMax, len(p.SKUs))
	long.count("attributes", AttributesMax, len(p.Attributes))
	for _, o := range p.Options {
		long.text("options", NameMax, o.Name)
		long.text("options", NameMax, o.Values...)
		long.count("options", ValuesMax, len(o.Values))
	}
	for _, a := range p.Attributes {
		long.text("attributes", NameMax, a.Name)
		long.text("attributes", ValueMax, a.Value)
	}
	for _, s := range p.SKUs {
		long.text("sku", IDMax, s.ExternalID)
		long.text("sku", NameMax, s.Code)
		long.text("pictures", URLMax, s.Picture)
	}
	return long.found
}

// longest keeps the first thing that passes its limit.
type longest struct{ found *fault.Error }

func (l *longest) text(field string, limit int, values ...string) {
	for _, v := range values {
		if l.found == nil && len(v) > limit && len([]rune(v)) > limit {
			l.found = fault.New(fault.Invalid, "intake.text_too_long", fault.P("max", limit)).At(field)
		}
	}
}

func (l *longest) bytes(field string, limit int, value string) {
	if l.found == nil && len(value) > limit {
		l.found = fault.New(fault.Invalid, "intake.text_too_long", fault.P("max", limit)).At(field)
	}
}

func (l *longest) count(field string, limit, n int) {
	if l.found == nil && n > limit {
		l.found = fault.New(fault.Invalid, "intake.too_many", fault.P("max", limit)).At(field)
	}
}

func (c *Checker) sku(p Product, s SKU) (Price, *fault.Error) {
	switch {
	case s.ExternalID == "":
		return Price{}, fault.New(fault.Invalid, "intake.no_id").At("sku")
	case len(s.Values) != len(p.Options) || slices.Contains(s.Values, ""):
		return Price{}, fault.New(fault.Invalid, "intake.option_missing").At("options")
	case s.WeightG < 0 || s.WeightG > WeightMaxG:
		return Price{}, fault.New(fault.Invalid, "intake.bad_weight", fault.P("value", s.WeightG)).At("weight")
	case len(s.Barcode) > catalog.BarcodeMax || strings.ContainsFunc(s.Barcode, notBarcode):
		return Price{}, fault.New(fault.Invalid, "intake.bad_barcode", fault.P("value", short(s.Barcode))).At("barcode")
	case s.Stock != nil && (*s.Stock < 0 || *s.Stock > StockMax):
		return Price{}, fault.New(fault.Invalid, "intake.bad_stock", fault.P("value", *s.Stock)).At("stock")
	case s.Price == "":
		return Price{}, fault.New(fault.Invalid, "intake.price_missing").At("price")
	}
	unit, f := c.amount(s.Price, s.InMinor, "price")
	if f != nil {
		return Price{}, f
	}
	if unit == 0 {
		return Price{}, fault.New(fault.Invalid, "intake.price_zero").At("price")
	}
	price := Price{Unit: unit}
	if price.Floor, f = c.floor(s, unit); f != nil || s.ListPrice == "" {
		return price, f
	}
	list, f := c.amount(s.ListPrice, s.InMinor, "list_price")
	if f != nil {
		return Price{}, f
	}
	if list > unit { // exports repeat the price here; a reduction of nothing is none
		price.List = list
	}
	return price, nil
}

// floor reads the floor of a SKU, nil where the file does not say.
func (c *Checker) floor(s SKU, unit int64) (*int64, *fault.Error) {
	if s.FloorPrice == nil {
		return nil, nil
	}
	var floor int64
	if *s.FloorPrice != "" {
		var f *fault.Error
		if floor, f = c.amount(*s.FloorPrice, s.InMinor, "floor_price"); f != nil {
			return nil, f
		}
	}
	if floor > unit {
		return nil, fault.New(fault.Invalid, "intake.floor_above", fault.P("value", short(*s.FloorPrice))).At("floor_price")
	}
	return &floor, nil
}

// notBarcode finds what spreadsheets make of a barcode, such as the point of 8.84E+11.
func notBarcode(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// amount reads a price, never rounding it.
func (c *Checker) amount(s string, inMinor bool, field string) (int64, *fault.Error) {
	code, params := "intake.price_syntax", []fault.Param{fault.P("value", short(s))}
	if inMinor && strings.Contains(s, ".") {
		return 0, fault.New(fault.Invalid, "intake.price_fraction", params...).At(field)
	}
	currency := c.currency
	if inMinor {
		currency = "JPY" // whole minor units read like an amount of a currency without decimals
	}
	n, err := money.ParseMinor(s, currency)
	switch {
	case err == nil && n < 0:
		code = "intake.price_negative"
	case err == nil && n > PriceMax || errors.Is(err, money.ErrRange):
		code = "intake.price_range"
	case errors.Is(err, money.ErrFraction):
		code = "intake.price_fraction"
	case err == nil:
		return n, nil
	}
	return 0, fault.New(fault.Invalid, code, params...).At(field)
}

// clean makes every text one line without hidden characters, the description safe HTML, and drops what is empty.
func clean(p Product) Product {
	p.ExternalID, p.Brand = richtext.Line(p.ExternalID), richtext.Line(p.Brand)
	p.Title = richtext.Line(p.Title)
	p.DescriptionHTML = richtext.Reduce(p.DescriptionHTML)
	p.CategoryPath, p.Tags = lines(p.CategoryPath), distinct(lines(p.Tags))
	p.Pictures = distinct(pictures(p.Pictures))
	p.Options = slices.Clone(p.Options)
	for i, o := range p.Options {
		p.Options[i] = Option{Name: richtext.Line(o.Name), Values: distinct(lines(o.Values))}
	}
	p.SKUs = slices.Clone(p.SKUs)
	for i := range p.SKUs {
		s := &p.SKUs[i]
		s.ExternalID, s.Code, s.Barcode = richtext.Line(s.ExternalID), richtext.Line(s.Code), richtext.Line(s.Barcode)
		s.Values = slices.Clone(s.Values)
		for j, v := range s.Values {
			s.Values[j] = richtext.Line(v)
		}
		s.Price, s.ListPrice = strings.TrimSpace(s.Price), strings.TrimSpace(s.ListPrice)
		if s.FloorPrice != nil {
			floor := strings.TrimSpace(*s.FloorPrice)
			s.FloorPrice = &floor
		}
		if kept := pictures([]string{s.Picture}); len(kept) == 0 {
			s.Picture = ""
		} else if len(p.Pictures) < PicturesMax && !slices.Contains(p.Pictures, kept[0]) {
			p.Pictures = append(p.Pictures, kept[0]) // a variant's own picture is one of the product's
		}
	}
	p.Attributes = slices.DeleteFunc(slices.Clone(p.Attributes), func(a Attribute) bool {
		return strings.TrimSpace(a.Name) == "" || strings.TrimSpace(a.Value) == ""
	})
	for i, a := range p.Attributes {
		p.Attributes[i] = Attribute{richtext.Line(a.Name), richtext.Line(a.Value)}
	}
	return p
}

func lines(values []string) []string {
	var out []string
	for _, v := range values {
		if v = richtext.Line(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func distinct(values []string) []string {
	var out []string
	known := make(map[string]bool, len(values))
	for _, v := range values {
		if !known[v] {
			known[v] = true
			out = append(out, v)
		}
	}
	return out
}

// pictures keeps web addresses and plain paths; anything else with a scheme, such as javascript:, is no picture.
func pictures(refs []string) []string {
	var out []string
	for _, r := range refs {
		r = strings.TrimSpace(r)
		u, err := url.Parse(r)
		if r == "" || err != nil {
			continue
		}
		web := (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
		if web || u.Scheme == "" && u.Host == "" {
			out = append(out, r)
		}
	}
	return out
}

// Hash is the content of an item in 64 hex digits, whatever the lines it stood on: two imports with one hash bring
// the same.
func (i Item) Hash(currency money.Currency) (string, error) {
	i.Product.Line, i.Product.Refused = 0, 0
	i.Product.SKUs = slices.Clone(i.Product.SKUs)
	for at := range i.Product.SKUs {
		i.Product.SKUs[at].Line = 0
	}
	content, err := json.Marshal(struct {
		Item     Item
		Currency money.Currency
	}{i, currency})
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:]), nil
}

// idKey is an id in few bytes, so that a file of a million products is remembered in little memory.
func idKey(source, id string) [16]byte {
	digest := sha256.Sum256([]byte(source + "\x00" + id))
	return [16]byte(digest[:16])
}

// short is a value as it may stand in a sentence.
func short(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
