package operatorweb

import "hutong/surface/page"

// deskView is a page of the desk: a heading, what stands above, and sections. All pages are made of it, so that they
// look and read alike.
type deskView struct {
	page.Frame
	Heading  string
	Lead     string // what the page is for, in a sentence
	Badge    *page.Badge
	Acts     []headAct
	Wrong    string // the refusal of what was asked for
	Tabs     *page.Tabs
	Lamp     *lampView
	Stats    []page.Stat
	Ahead    []section // before the charts
	Charts   []page.Chart
	Sections []section
	Again    string // the page reads itself again from there, while something is under way
}

// headAct is something to do beside the heading: a link, or a form of one button where Post is set.
type headAct struct {
	page.Act
	Post string
}

// section is one part of a page.
type section struct {
	ID, Title, Lead string
	Boxed           bool
	Badge           *page.Badge
	More            page.Link
	Notes           []page.Notice
	Stats           []page.Stat
	Facts           []fact
	Charts          []page.Chart
	Table           *page.Table
	Calendar        *page.Calendar
	Lines           []string
	Form            *form
	Choices         []choice
	Dialogs         []page.Dialog
}

// fact is one thing that is known.
type fact struct {
	Name, Text, Href, Sub string
	Code                  bool
	Badge                 *page.Badge
}

// form asks for something in the page itself.
type form struct {
	Action string
	Hidden []page.Pair
	Wrong  string
	Fields []page.Field
	Acts   []page.Act
}

// lampView is the integrity lamp: green, amber or red, in words, with the signs that it follows from. Tone is "good",
// "wait" or "bad".
type lampView struct {
	Tone, Text, When string
	Signs            []sign
}

// sign is one thing that the lamp looks at.
type sign struct{ Name, Value, Word, Href, Tone string }

// plain is a cell of plain text.
func plain(s string) page.Cell { return page.Cell{Text: s} }

// badged is a cell with a state.
func badged(b page.Badge) page.Cell { return page.Cell{Badge: &b} }

// table makes a table: its name is its id, its caption is for readers who listen.
func table(id, caption string, empty page.Empty, columns ...page.Column) *page.Table {
	return &page.Table{ID: id, Caption: caption, Columns: columns, Empty: empty}
}

// columns names columns by their texts: "#" before a key sets it to the right, "*" makes it wide on a phone.
func columns(t page.Tongue, keys ...string) []page.Column {
	all := make([]page.Column, len(keys))
	for i, key := range keys {
		switch key[0] {
		case '#':
			all[i] = page.Column{Name: t.T("operatorweb." + key[1:]), Num: true}
		case '*':
			all[i] = page.Column{Name: t.T("operatorweb." + key[1:]), Wide: true}
		default:
			all[i] = page.Column{Name: t.T("operatorweb." + key)}
		}
	}
	return all
}
