// Package search finds products: listed ones of open shops that have an offer. It keeps an index in memory
// (goods/search/index), built from the tables when the node starts and kept by events; it stores nothing of
// its own.
//
// What it says may be a moment old; what a purchase costs and whether it can be had is decided by the
// tables alone. Read this file first, then service.go and store.go (what a product is found by).
package search

import (
	_ "embed"

	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/search/index"
)

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Query is what is asked for.
type Query = index.Query

// Sort is an order of the products found.
type Sort = index.Sort

// The orders. Products that are alike in it come newest first.
const (
	Relevance = index.Relevance
	PriceUp   = index.PriceUp
	PriceDown = index.PriceDown
	Newest    = index.Newest
)

// Facets count what was found, each as if its own restriction were not there.
type Facets = index.Facets

// Count is how many products fall under one category or shop.
type Count = index.Count

// Band is how many products cost at least From and less than Until; 0 is no limit.
type Band = index.Band

// Result is one page of what was found.
type Result struct {
	Hits    []catalog.ID
	Total   int    // on all pages
	Next    string // the next page's Query.Cursor; "" on the last page
	Loose   bool   // nothing holds all words: these hold most of them
	Partial bool   // the index is still being built: older products may be missing
	Facets  Facets
}

// Card is what a list shows about a product.
type Card struct {
	Product   catalog.ID
	Shop      string
	ShopCode  string
	ShopName  catalog.Words
	Title     catalog.Words
	Picture   catalog.PictureID
	Currency  string
	Price     int64  // of the cheapest offer, in minor units
	PriceTop  int64  // of the dearest
	ListPrice int64  // the struck price of the cheapest; 0: none
	Offer     string // the only offer; "" when there is something to choose
	InStock   bool
}

// Suggestion completes what is being typed.
type Suggestion struct {
	Text     string
	Category string // the category that Text names; "" when it is a text to search for
}
