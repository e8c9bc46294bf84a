// Package catalog keeps what the market sells as it is described: products, the options that a shopper
// chooses from, and the SKUs that are counted and priced elsewhere (goods/stock, goods/offer). Categories
// are goods/catalog/taxonomy.
//
// It knows no price, no stock and no file format, and it never deletes: what is no longer sold is
// withdrawn, because old orders point at it. Read this file first, then rules.go (what a product may look
// like) and save.go.
package catalog

import (
	_ "embed"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/text"
)

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var schema2SQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "catalog", Steps: []string{schemaSQL, schema2SQL}}

// Changed is the topic of the event that names the products of one shop that were created, changed,
// withdrawn or listed again. Its subject is the shop; its body is a ChangedBody.
const Changed event.Topic = "product.changed"

// ChangedBody is the body of a Changed event: at most BatchMax products.
type ChangedBody struct {
	IDs []ID `json:"ids"`
}

// ID names a product: "prd_...".
type ID string

// SKUID names a SKU: "sku_...".
type SKUID string

// PictureID names a picture whose bytes are kept elsewhere.
type PictureID string

// Words is a text in the market's languages. One of them may be empty.
type Words struct {
	Zh string `json:"zh,omitempty"`
	En string `json:"en,omitempty"`
}

// In is the text in that language, or in the other one where it is missing.
func (w Words) In(l text.Lang) string {
	if (l == text.Zh && w.Zh != "") || w.En == "" {
		return w.Zh
	}
	return w.En
}

// Empty tells whether there is no text in any language.
func (w Words) Empty() bool { return w.Zh == "" && w.En == "" }

// State says whether shoppers may find it.
type State string

// The states of a product and of a SKU. The merchant moves both ways.
const (
	Listed    State = "listed"    // shoppers find it
	Withdrawn State = "withdrawn" // kept for old orders only
)

// Option is one thing that a shopper chooses, such as a size.
type Option struct {
	Name   Words   `json:"name"`
	Values []Words `json:"values"`
}

// Attribute is one fact about a product, such as its material.
type Attribute struct {
	Name  Words `json:"name"`
	Value Words `json:"value"`
}

// Product is what is described.
type Product struct {
	ID          ID
	Shop        string // the shop's id
	Category    string // of goods/catalog/taxonomy; "" when the merchant has not said
	Title       Words
	Description Words // safe HTML, as goods/intake/richtext writes it
	Brand       string
	Pictures    []PictureID
	Options     []Option
	Attributes  []Attribute
	State       State
	Source      string // where the merchant keeps it: "shopify", "hand"
	ExternalID  string // its name there; made by Save when empty
	Position    int64  // order in the shop's own list, ascending
	CreatedAt   time.Time
	UpdatedAt   time.Time
	SKUs        []SKU // the listed ones, in order
}

// SKU is what is counted and sold: one choice among a product's options.
type SKU struct {
	ID         SKUID
	Product    ID
	Shop       string
	Code       string // the merchant's own number
	ExternalID string // its name at the source, unique in its product; made by Save when empty
	Choice     []int  // for each option of the product the index of the value
	Barcode    string
	WeightG    int64
	Picture    PictureID // "" shows the product's first
	State      State
}

// Choose is the text of a choice among options, such as "Red / XL"; it is empty when there is nothing to
// choose.
func Choose(options []Option, choice []int) Words {
	var zh, en []string
	for i, at := range choice {
		if i < len(options) && at >= 0 && at < len(options[i].Values) {
			zh = append(zh, options[i].Values[at].In(text.Zh))
			en = append(en, options[i].Values[at].In(text.En))
		}
	}
	return Words{Zh: strings.Join(zh, " / "), En: strings.Join(en, " / ")}
}

// Brief is what an order line or a cart line says about a SKU.
type Brief struct {
	SKU      SKUID
	Product  ID
	Shop     string
	Category string
	Title    Words
	Choice   Words
	Picture  PictureID
	WeightG  int64
	Code     string
	State    State // Withdrawn when either the SKU or its product is
}

// Outcome says what Save did to a product.
type Outcome string

// The outcomes of saving a product.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged" // nothing was written
)

// Saved is what Save did to one product.
type Saved struct {
	Product   ID
	Outcome   Outcome
	SKUs      []SKUID // in the order of the SKUs given
	Withdrawn []SKUID // SKUs that the product had and no longer has: withdraw their offers
	Hash      string  // of the content as it is now
}
