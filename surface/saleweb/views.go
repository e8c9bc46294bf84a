package saleweb

import "hutong/surface/page"

// view is a page: a heading, what stands above, and parts.
type view struct {
	page.Frame
	Heading, Lead string
	Badge         *page.Badge
	Acts          []page.Act
	Wrong         string
	Tabs          *page.Tabs
	Parts         []part
}

// part is one part of a page.
type part struct {
	ID, Title, Lead string
	Boxed           bool
	Stats           []page.Stat
	Facts           []fact
	Table           *page.Table
	Why             *page.Why
	Codes           *page.Field
	Form            *form
	Dialogs         []page.Dialog
}

// fact is one thing that is known.
type fact struct {
	Name, Text string
	Badge      *page.Badge
}

// form asks for something in the page itself. Method is "get" for a question.
type form struct {
	Action, Method string
	Hidden         []page.Pair
	Wrong          string
	Fields         []page.Field
	Sets           []fieldset
	Acts           []page.Act
}

// fieldset is fields that belong together.
type fieldset struct {
	Legend string
	Row    bool // side by side where there is room
	Line   bool // a field and what can be done with the line, always side by side
	Hidden []page.Pair
	Fields []page.Field
	Acts   []page.Act
	Found  []found
	None   string // that nothing was found
}

// found is one thing that was looked for, with the button that takes it.
type found struct {
	Name, Sub string
	Act       page.Act
}

// under puts a page below a section: the way back stands above it.
func (v *view) under(t page.Tongue, href, key string) {
	v.Way = []page.Crumb{{Href: href, Text: t.T(key)}, {Text: v.Heading}}
}

// columns names columns by their texts: "#" before a key sets it to the right, "*" makes it wide on a phone.
func columns(t page.Tongue, keys ...string) []page.Column {
	all := make([]page.Column, len(keys))
	for i, key := range keys {
		switch key[0] {
		case '#':
			all[i] = page.Column{Name: t.T("saleweb." + key[1:]), Num: true}
		case '*':
			all[i] = page.Column{Name: t.T("saleweb." + key[1:]), Wide: true}
		default:
			all[i] = page.Column{Name: t.T("saleweb." + key)}
		}
	}
	return all
}

func badge(t page.Tongue, tone, key string) *page.Badge {
	return &page.Badge{Tone: tone, Text: t.T("saleweb." + key)}
}
