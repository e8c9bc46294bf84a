package shopweb

import (
	"html/template"

	"hutong/goods/catalog"
	"hutong/surface/page"
)

// homeView is the start page.
type homeView struct {
	page.Frame
	Hero    []string // pictures
	Lanes   []lane
	Shelves []shelf
	Shops   []shopCard
	Empty   page.Empty
}

// lane is the way into a category.
type lane struct {
	Href, Text, Picture string
	Tint                int
}

type shelf struct {
	Title, Href string
	Cards       []page.Card
}

type shopCard struct {
	Href, Name, Intro, Logo, Initial string
	Tint                             int
}

// listView is every page that lists products: a category, a shop, an answer to a search.
type listView struct {
	page.Frame
	Crumbs   []page.Crumb
	Shop     shopCard // of a shop's page
	Rating   *page.Stars
	Vouchers []page.Link // of a shop's page: what can be claimed
	Find     string      // of a shop's page: where its own search is sent
	Text     string      // what was searched for
	Actives  []page.Link // what the list is narrowed by, each a way without it
	Shelf    shelf       // beside an empty answer
	Leads    []shelf     // of a shop's page: some of each category
	Headline string
	Found    string
	Kids     []page.Link
	Facets   []facet
	Band     band
	Filtered bool
	Clear    string
	Sorts    []page.Link
	Cards    []page.Card
	Pager    page.Pager
	Empty    page.Empty
	Wrong    string
}

type facet struct {
	Title string
	Links []facetLink
	Price bool // the form for a price band belongs here
}

type facetLink struct {
	Href, Text string
	Count      int64
	On         bool
}

// band is the form that asks for a price band.
type band struct {
	Action   string
	Keep     []hidden
	Min, Max string
}

type hidden struct{ Name, Value string }

// productView is one product with one of its SKUs chosen.
type productView struct {
	page.Frame
	ID, Name, Brand string
	Crumbs          []page.Crumb
	Gallery         page.Gallery
	alts            map[catalog.PictureID]catalog.Words // what the merchant says of the pictures
	Wrong           string
	HasPrice        bool
	Price           page.Price
	Ends            *page.Countdown // of the price, where it ends soon
	Ordinary        string          // what it costs when no promotion lowers it
	Options         []option
	Stock           stockLine
	Offer           string // "" when it cannot be bought
	Max, Quantity   int64
	Seller          shopCard
	Facts           []page.Stat
	Description     template.HTML
	Yours           yoursView
	Said            saidView
	Final           bool // cannot be sent back without a reason
	Groups          []groupBox
	Presale         *presaleBox
	Sessions        []page.Link // of sales that are not its price now
	Elsewhere       []page.Link // other choices that are sold to groups, or ahead of time
	More            []page.Card
}

// yoursView is the part of a product's page that is about its reader: the kept page holds it as it is for a visitor,
// and htmx puts the reader's own in its place. "product-yours" and "lately" are filled with it.
type yoursView struct {
	Product, SKU string
	Kept         bool
	Deliver      *deliverView
	Lately       []page.Card
}

// deliverView is the promise of delivery to one place.
type deliverView struct{ To, Text, Freight string }

type option struct {
	Name, Chosen string
	Choices      []choice
}

// choice is a value of an option; without Href no SKU has it. Out says why its SKU cannot be bought.
type choice struct {
	Href, Text, Price, Few, Out string
	On                          bool
}

// stockLine says how many there are. Tone is "in", "few" or "out".
type stockLine struct{ Tone, Text string }
