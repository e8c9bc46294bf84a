package intake

import (
	"maps"
	"strings"
	"unicode"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// entry is an item on its way into the market, with what was found out about it.
type entry struct {
	item            Item
	category        string
	position        int64
	stored          map[string]catalog.PictureID // pictures that are here, by what the file calls them
	pictures        []catalog.PictureID          // of the product, in order
	missing, broken int                          // pictures that are nowhere, or none
	hash            string
	before          memory       // what the last import left
	after           memory       // what this one leaves
	fresh           bool         // no import brought it before
	why             *fault.Error // of one that is refused
}

// match gives the offers of SKUs that an earlier import brought, each with its price in the file.
func (e *entry) match(mine []offer.Offer, do func(o offer.Offer, p Price)) {
	for i, s := range e.item.Product.SKUs {
		was, known := e.before.figures[s.ExternalID]
		for _, o := range mine {
			if known && o.SKU == string(was.SKU) {
				do(o, e.item.Prices[i])
			}
		}
	}
}

// words put a text under the language that it is written in; shoppers of the other one see it too.
func words(s string) catalog.Words {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return catalog.Words{Zh: s}
		}
	}
	return catalog.Words{En: s}
}

// product makes the catalogue's product of an item.
func (e *entry) product(shop string) catalog.Product {
	p := e.item.Product
	out := catalog.Product{
		Shop: shop, Category: e.category, Title: words(p.Title), Description: words(p.DescriptionHTML), Brand: p.Brand,
		Pictures: e.pictures, Attributes: e.facts(), State: catalog.Withdrawn, Source: p.Source,
		ExternalID: p.ExternalID, Position: e.position,
	}
	if p.Published {
		out.State = catalog.Listed
	}
	places := make([]map[string]int, len(p.Options))
	for i, o := range p.Options {
		option := catalog.Option{Name: words(o.Name)}
		places[i] = make(map[string]int, len(o.Values))
		for at, v := range o.Values {
			option.Values = append(option.Values, words(v))
			places[i][v] = at
		}
		out.Options = append(out.Options, option)
	}
	for _, s := range p.SKUs {
		sku := catalog.SKU{
			Code: s.Code, ExternalID: s.ExternalID, Barcode: s.Barcode, WeightG: s.WeightG, Picture: e.stored[s.Picture],
		}
		for i, v := range s.Values {
			sku.Choice = append(sku.Choice, places[i][v])
		}
		out.SKUs = append(out.SKUs, sku)
	}
	return out
}

// facts are the product's attributes, and what the catalogue has no field for: tags, and a category that the market
// does not know.
func (e *entry) facts() []catalog.Attribute {
	p := e.item.Product
	var out []catalog.Attribute
	for _, a := range p.Attributes {
		out = append(out, catalog.Attribute{Name: words(a.Name), Value: words(a.Value)})
	}
	if len(p.CategoryPath) > 0 && e.category == "" {
		path := strings.Join(p.CategoryPath, " / ")
		out = append(out, catalog.Attribute{Name: catalog.Words{Zh: "原类目", En: "Category"}, Value: words(path)})
	}
	if tags := joinUpTo(p.Tags, catalog.ValueMax); tags != "" {
		out = append(out, catalog.Attribute{Name: catalog.Words{Zh: "标签", En: "Tags"}, Value: words(tags)})
	}
	return out
}

// joinUpTo joins as many whole words as fit.
func joinUpTo(parts []string, limit int) string {
	var b strings.Builder
	for _, p := range parts {
		if b.Len()+len(p)+2 > limit {
			break
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p)
	}
	return b.String()
}

// arrange puts the pictures that are here into the file's order.
func (e *entry) arrange() {
	e.pictures = nil
	for _, ref := range e.item.Product.Pictures {
		if id, ok := e.stored[ref]; ok {
			e.pictures = append(e.pictures, id)
		}
	}
}

// reuse takes pictures that were fetched after an earlier import.
func (e *entry) reuse(all []link) {
	for _, l := range all {
		if _, here := e.stored[l.url]; !here && l.state == stored {
			e.stored[l.url] = l.picture
		}
	}
	e.arrange()
}

// links are the product's pictures that lie elsewhere, whether they were fetched or not.
func (e *entry) links() []link {
	var out []link
	for at, ref := range e.item.Product.Pictures {
		if !isLink(ref) {
			continue
		}
		l := link{product: e.after.product, position: int64(at), url: ref, state: recorded}
		if id, here := e.stored[ref]; here {
			l.state, l.picture = stored, id
		}
		out = append(out, l)
	}
	return out
}

// remote counts the pictures that lie elsewhere and are not here.
func (e *entry) remote() int {
	n := 0
	for _, ref := range e.item.Product.Pictures {
		if _, here := e.stored[ref]; !here && isLink(ref) {
			n++
		}
	}
	return n
}

// receipts find or make the pools of the SKUs. A SKU that is new to the product starts with the stock that the file
// states, and with none where it states nothing.
func (e *entry) receipts(shop string, skus []catalog.SKUID) []stock.Receipt {
	out := make([]stock.Receipt, len(skus))
	for i, s := range e.item.Product.SKUs {
		out[i] = stock.Receipt{Shop: shop, SKU: string(skus[i]), Ref: "import"}
		if _, known := e.before.figures[s.ExternalID]; !known && s.Stock != nil {
			out[i].Quantity = *s.Stock
		}
	}
	return out
}

// counts are the stock figures that differ from what the last file stated.
func (e *entry) counts(skus []catalog.SKUID) []stock.Count {
	var out []stock.Count
	for i, s := range e.item.Product.SKUs {
		was, known := e.before.figures[s.ExternalID]
		if known && s.Stock != nil && (was.Stock == nil || *was.Stock != *s.Stock) {
			out = append(out, stock.Count{SKU: string(skus[i]), Pieces: *s.Stock, Floor: true, Ref: "import"})
		}
	}
	return out
}

func (e *entry) listings(cmd Import, saved catalog.Saved) []offer.Listing {
	out := make([]offer.Listing, len(saved.SKUs))
	for i, sku := range saved.SKUs {
		price := e.item.Prices[i]
		out[i] = offer.Listing{
			Shop: cmd.Shop, Product: string(saved.Product), SKU: string(sku), Currency: cmd.Currency,
			UnitPrice: price.Unit, ListPrice: price.List, FloorPrice: price.Floor,
		}
	}
	return out
}

// figures are what is remembered of the SKUs: those of this file, and those that earlier files had.
func (e *entry) figures(skus []catalog.SKUID) map[string]figure {
	all := maps.Clone(e.before.figures)
	if all == nil {
		all = make(map[string]figure, len(skus))
	}
	for i, s := range e.item.Product.SKUs {
		f := figure{SKU: skus[i], Stock: s.Stock}
		if f.Stock == nil {
			f.Stock = all[s.ExternalID].Stock // silence does not change what was said
		}
		all[s.ExternalID] = f
	}
	return all
}
