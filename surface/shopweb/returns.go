package shopweb

import (
	"slices"

	"hutong/goods/catalog/taxonomy"
)

// finals are the categories whose goods cannot be sent back without a reason: what spoils, what lives, what is of no
// use once it was seen. The law (消费者权益保护法 §25) leaves the rest to be sent back within seven days, and asks that a
// shopper confirms this for each purchase.
var finals = []string{
	"ap-1",      // live animals
	"fb-2-1",    // bakery
	"fb-2-6",    // dairy
	"fb-2-9",    // frozen desserts
	"fb-2-10-7", // fresh and frozen fruit
	"fb-2-10-8", // fresh and frozen vegetables
	"fb-2-12",   // meat, seafood and eggs
	"fb-2-15",   // prepared foods
	"fb-2-19",   // tofu
	"gc",        // gift cards
	"hg-17-1",   // aquatic plants
	"hg-17-2",   // flowers
	"hg-17-3",   // plants
	"me-2",      // magazines and newspapers
	"so",        // software and digital goods
}

// final tells whether goods of a category cannot be sent back without a reason.
func final(category string) bool {
	return slices.ContainsFunc(finals, func(root string) bool { return taxonomy.Within(category, root) })
}
