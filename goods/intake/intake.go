// Package intake brings a merchant's export files into the market: the formats in its sub-folders read a file into the
// neutral Product below, Check refuses what cannot be sold and says why, and Service.Import writes the rest in batches
// through the catalogue, the offers and the stock, so that a second import of the same file changes nothing.
//
// It never rounds a price, never guesses a currency and never follows what a file says: a cell is text, whatever it
// starts with. Read this file first, then rules.go.
package intake

import (
	"context"

	"hutong/base/fault"
	"hutong/base/text"
)

// Product is one product of an export, in the same shape whatever the format.
type Product struct {
	Source          string // which kind of system it comes from, such as "shopify"
	ExternalID      string // its id there
	Line            int    // physical line of its first row
	Title           string
	DescriptionHTML string // as in the file; Check makes it safe
	Brand           string
	CategoryPath    []string // from the root down
	Tags            []string
	Options         []Option
	Pictures        []string // URLs, or paths below the folder of pictures
	SKUs            []SKU
	Attributes      []Attribute
	Published       bool
	Refused         int // variants that the format has rejected already
}

// Option is something to choose, such as a size, with its values in the file's order.
type Option struct {
	Name   string
	Values []string
}

// Attribute is one stated fact, its value exactly as the file writes it.
type Attribute struct{ Name, Value string }

// SKU is one variant of a product.
type SKU struct {
	ExternalID string
	Code       string // the merchant's own code, often empty
	Line       int
	Values     []string // one per option
	Price      string   // exactly as in the file
	ListPrice  string   // the price it is compared with, "" when none
	FloorPrice *string  `json:",omitempty"` // never sold for less, "" when none; nil when the file does not say
	InMinor    bool     // the prices are whole minor units, not decimals
	Stock      *int64   // nil when the file does not say
	Barcode    string
	WeightG    int64
	Picture    string
}

// Reject is one refused row.
type Reject struct {
	File   string
	Line   int    // physical line, 0 when it is about the whole file
	Code   string // such as intake.price_fraction
	Field  string // the neutral field it is about, "" when none
	Params []fault.Param
}

// Message says in that language what is wrong.
func (r Reject) Message(l text.Lang) string { return r.sentence(Texts, l) }

func (r Reject) sentence(texts text.Bundle, l text.Lang) string {
	pairs := make([]any, 0, 2*len(r.Params))
	for _, p := range r.Params {
		pairs = append(pairs, p.Name, p.Value)
	}
	return texts.Text(l, r.Code, pairs...)
}

// Format reads one kind of export file.
type Format interface {
	// Name is what --format says, such as "shopify"; it is also the Source of the products.
	Name() string
	// Sniff tells from the first bytes of the unzipped file whether this is its kind.
	Sniff(head []byte) bool
	// Read gives every product of the file to emit, in the file's order, and every row that cannot be read to reject.
	// It stops at emit's first error. A file that cannot be read on gives a fault: intake.too_big, intake.bad_gzip,
	// intake.not_utf8, intake.no_header or intake.columns_missing. Reading the same file twice gives the same.
	Read(ctx context.Context, src *Source, emit func(Product) error, reject func(Reject)) error
}
