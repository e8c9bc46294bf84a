package shopper

import "hutong/base/id"

// The bounds of a shopper's lists of products. The oldest give way.
const (
	FavouritesMax = 500
	LatelyMax     = 60
)

// list is one of a shopper's two lists of products. Its table is one of two constants.
type list struct {
	table string
	max   int
}

var (
	favourites = list{"favourites", FavouritesMax}
	lately     = list{"seen_products", LatelyMax}
)

// products drops what cannot be a product's id, and repeats.
func products(given []string) []string {
	var good []string
	seen := map[string]bool{}
	for _, p := range given {
		if id.Valid(p, "prd") && !seen[p] {
			seen[p] = true
			good = append(good, p)
		}
	}
	return good
}
