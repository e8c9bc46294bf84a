// Package index is a search index in memory: it finds products by their words, filters and counts them by
// category, shop, price and stock, and puts them in order. It is the same for every storage engine, because
// it knows none.
//
// An Index is a list of parts that never change; a change adds a part, marks old products as dead and swaps
// the list in one step, so a search works on one state from beginning to end and never waits. Small parts
// are merged into larger ones. Scores are whole numbers and depend on the products alone, not on how they
// came into the index.
//
// Read this file first, then segment.go (how words are kept), search.go (how a query runs) and match.go
// (what matches).
package index

import (
	"hutong/base/fault"
)

// Doc is one product that can be found.
type Doc struct {
	ID          string // newer products have larger ids
	Shop        string
	Category    string
	Title       []string // in each language
	Brand       string
	Attributes  []string
	Description []string // plain text
	Codes       []string // article numbers and barcodes
	CreatedUS   int64
	Value
}

// Value is what changes often about a product.
type Value struct {
	Price    int64 // the lowest price, in minor units
	Shown    int64 // what pages show, by which products are put in order, filtered and counted; 0: Price
	Currency string
	InStock  bool
}

// Sort is an order of the products found.
type Sort string

// The orders. Products that are alike in it come newest first.
const (
	Relevance Sort = "relevance" // the best match first; without words the newest
	PriceUp   Sort = "price_up"
	PriceDown Sort = "price_down"
	Newest    Sort = "newest"
)

// Valid tells whether s is one of the orders.
func (s Sort) Valid() bool {
	return s == Relevance || s == PriceUp || s == PriceDown || s == Newest
}

// Query is what is asked for. Zero fields do not restrict.
type Query struct {
	Text     string
	Category string // this one and all below it
	Shop     string
	Currency string // of the prices
	PriceMin int64  // inclusive, in minor units
	PriceMax int64  // inclusive
	InStock  bool   // only what is in stock
	Sort     Sort   // "" is Relevance
	Cursor   string // Result.Next of the page before
	Limit    int    // 1..LimitMax
}

// The limits of a query.
const (
	TextMax  = 300 // characters: the longest title
	LimitMax = 100
)

// Result is one page of what was found.
type Result struct {
	IDs    []string
	Total  int    // on all pages
	Next   string // "" on the last page
	Loose  bool   // nothing holds all words: these hold most of them
	Facets Facets
}

// Facets count what was found, each as if its own restriction were not there.
type Facets struct {
	Categories []Count // the next level below the one asked for, the fullest first
	Shops      []Count // the fullest first
	Prices     []Band  // ascending
	InStock    int
	OutOfStock int
}

// Count is how many products fall under one category or shop.
type Count struct {
	ID    string
	Count int
}

// Band is how many products cost at least From and less than Until; 0 is no limit.
type Band struct {
	From, Until int64
	Count       int
}

func invalid(code, field string, params ...fault.Param) error {
	return fault.New(fault.Invalid, code, params...).At(field)
}
