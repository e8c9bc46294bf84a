// Package page is the face that all pages share: the frame around them, one stylesheet, the small parts that they are
// made of, the binding of texts to a language, and how a refusal is shown.
//
// Everything is server-rendered html/template and works without script; the only script wakes a page that waits for
// news. The package reads no service and decides nothing: the webs beside it (shopweb, merchantweb, operatorweb) fill
// its views. Read this file first, then set.go (templates), parts.go (components), public.go (pages kept as bytes).
package page

import (
	_ "embed"

	"hutong/base/text"
)

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Area says for whom a page is; the frame differs.
type Area string

// The areas.
const (
	Shop     Area = "shop"
	Desk     Area = "desk"     // a merchant's
	Operator Area = "operator" // the operator's
	Plain    Area = "plain"    // nothing but the wordmark: login, wallet
)

// Frame is what every page has around its own content. A page's view embeds it.
type Frame struct {
	Lang        text.Lang
	Area        Area
	Title       string
	Description string // for search engines; "" leaves it out
	Here        string // path and query of this page, to come back to
	Query       string // what stands in the search box
	Nav         []Link // of a desk
	Me          Me
	Public      bool // kept as bytes: the personal part is put in for each request
	Notice      Notice
	Live        string // where the page listens for news, "" for none
	Refresh     int    // without script, read again after so many seconds; 0: never
	RequestID   string // shown where something failed
}

// Framed is the frame itself; embedding a Frame makes a struct a View.
func (f Frame) Framed() Frame { return f }

// View is the data of one page.
type View interface{ Framed() Frame }

// Me is what the frame says about who is looking. It is never part of a page kept as bytes.
type Me struct {
	In       bool // somebody is logged in by name
	Merchant bool // has a desk
	Operator bool // runs the market
	Cart     int  // lines in the cart
}

// Notice is one sentence above the content. Tone is "good", "bad" or "plain".
type Notice struct{ Tone, Text string }

// Link is a way to another page.
type Link struct {
	Href, Text string
	Current    bool
	Count      int // shown beside the text when above zero
}
