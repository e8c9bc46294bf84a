// Package page is the face that all pages share: the frame around them, one stylesheet, the small parts that they are
// made of, the binding of texts to a language, and how a refusal is shown.
//
// Everything is server-rendered html/template and works without script. page.js makes what is there nicer (a countdown
// that counts, a dialog that floats). live.js reads a page anew on news: a third of a kilobyte where htmx takes
// eighteen, and an order that turns from unpaid to paid changes all over. A page that swaps parts of itself asks for
// htmx by Frame.Htmx. No script is inline and none evaluates text. The package reads no service and decides nothing:
// the webs beside it (shopweb, merchantweb, operatorweb) fill its views.
//
// Read this file first, then set.go (templates), public.go (pages kept as bytes), and the components, each with its
// template: parts.go (html/_parts.html), goods.go (_goods.html), forms.go (_forms.html), table.go (_table.html) and
// chart.go (_chart.html). Package story shows them all in every state.
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
	Description string  // for search engines; "" leaves it out
	Here        string  // path and query of this page, to come back to
	Query       string  // what stands in the search box
	Nav         []Link  // of a desk: its sections
	Way         []Crumb // how one got here, above the content; the last is this page
	Me          Me
	Public      bool // kept as bytes: the personal part is put in for each request
	Notice      Notice
	Toast       Toast  // what the last action did, in the corner; a Notice where it must be read
	Live        string // where the page listens for news, "" for none
	Htmx        bool   // the page swaps parts of itself: loads htmx and its extension for server-sent events
	Refresh     int    // without script, read again after so many seconds; 0: never
	RequestID   string // shown where something failed
}

// Framed is the frame itself; embedding a Frame makes a struct a View.
func (f Frame) Framed() Frame { return f }

// View is the data of one page.
type View interface{ Framed() Frame }

// Me is what the frame says about who is looking. It is never part of a page kept as bytes.
type Me struct {
	In       bool   // somebody is logged in by name
	Merchant bool   // has a desk
	Operator bool   // runs the market
	Cart     int    // lines in the cart
	Inbox    string // where a desk's notices are, "" for none
	Unread   int64  // of them

	Helper, For string // the operator who looks on, and at whose place: the ends of their ids; "" for all others
}

// Notice is one sentence above the content. Tone is "good", "bad" or "plain".
type Notice struct{ Tone, Text string }

// Link is a way to another page.
type Link struct {
	Href, Text string
	Current    bool
	Count      int    // shown beside the text when above zero
	Icon       string // of a desk's section
	Head       string // in a desk's Nav: the heading of the group that begins here
}
