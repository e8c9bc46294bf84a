package richtext

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of a tree: what is nested deeper is kept as text of the level above.
const (
	listDepthMax   = 4
	inlineDepthMax = 2 // one strong and one em
)

// Parse reads HTML, however broken, in one pass over its tokens.
func Parse(src string) Doc {
	b := builder{}
	z := html.NewTokenizer(strings.NewReader(strings.ToValidUTF8(src, "\uFFFD")))
	for {
		switch z.Next() {
		case html.ErrorToken: // a string reader ends, it does not fail
			b.closeAll()
			return tidy(b.doc)
		case html.TextToken:
			if b.skipping == 0 {
				b.text(string(z.Text()))
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			b.start(atom.Lookup(name))
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			if a := atom.Lookup(name); !dropped[a] {
				b.start(a)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			b.end(atom.Lookup(name))
		}
	}
}

// builder holds the open nodes: at most one chain of lists and items, one block that takes text, and its emphasis.
type builder struct {
	doc      Doc
	chain    []*Node // open lists and items, outermost first
	block    *Node   // the open paragraph, heading or item
	inline   []*Node // open emphasis inside block
	skipped  atom.Atom
	skipping int // how many elements skipped are open
	tooDeep  int // lists that were not opened and will be ended
}

// dropped elements vanish with all that they hold.
var dropped = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Iframe: true, atom.Object: true, atom.Svg: true, atom.Math: true,
	atom.Template: true, atom.Noscript: true, atom.Textarea: true, atom.Title: true, atom.Select: true,
	atom.Noembed: true, atom.Noframes: true, atom.Xmp: true, atom.Plaintext: true, atom.Canvas: true,
	atom.Audio: true, atom.Video: true, atom.Applet: true, atom.Frameset: true,
}

// breaking elements start a new paragraph where they start and where they end.
var breaking = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true,
	atom.Main: true, atom.Aside: true, atom.Nav: true, atom.Blockquote: true, atom.Pre: true, atom.Hr: true,
	atom.Table: true, atom.Tr: true, atom.Caption: true, atom.Figure: true, atom.Figcaption: true, atom.Dl: true,
	atom.Dt: true, atom.Dd: true, atom.Form: true, atom.Fieldset: true, atom.Legend: true, atom.Details: true,
	atom.Summary: true, atom.Address: true, atom.Center: true,
}

var headings = map[atom.Atom]Kind{
	atom.H1: Heading3, atom.H2: Heading3, atom.H3: Heading3, atom.H4: Heading4, atom.H5: Heading5, atom.H6: Heading6,
}

var emphases = map[atom.Atom]Kind{
	atom.B: Strong, atom.Strong: Strong, atom.I: Emphasis, atom.Em: Emphasis, atom.Cite: Emphasis,
}

func (b *builder) start(a atom.Atom) {
	if b.skipping > 0 {
		if a == b.skipped {
			b.skipping++
		}
		return
	}
	switch {
	case dropped[a]:
		b.skipped, b.skipping = a, 1
	case breaking[a]:
		b.endBlock()
	case headings[a] != 0:
		b.endBlock()
		b.heading(headings[a])
	case emphases[a] != 0:
		b.emphasis(emphases[a])
	case a == atom.Ul:
		b.list(Bullets)
	case a == atom.Ol:
		b.list(Numbers)
	case a == atom.Li:
		b.item()
	case a == atom.Br:
		b.lineBreak()
	case a == atom.Td || a == atom.Th:
		b.text(" ")
	}
}

func (b *builder) end(a atom.Atom) {
	if b.skipping > 0 {
		if a == b.skipped {
			b.skipping--
		}
		return
	}
	switch {
	case breaking[a] || headings[a] != 0:
		b.endBlock()
	case emphases[a] != 0:
		b.endEmphasis(emphases[a])
	case a == atom.Ul || a == atom.Ol:
		b.endList()
	case a == atom.Li:
		b.endItem()
	}
}

// text adds to the innermost open node; without one it opens a paragraph, or an item inside a list.
func (b *builder) text(raw string) {
	clean := collapse(raw)
	if clean == "" || clean == " " && b.block == nil {
		return
	}
	b.add(&Node{Kind: Text, Text: clean})
}

func (b *builder) add(n *Node) {
	b.open()
	into := b.block
	if len(b.inline) > 0 {
		into = b.inline[len(b.inline)-1]
	}
	into.Kids = append(into.Kids, n)
}

// open makes sure that there is a block that takes text.
func (b *builder) open() {
	if b.block != nil {
		return
	}
	if len(b.chain) > 0 {
		b.item()
		return
	}
	b.block = &Node{Kind: Paragraph}
	b.doc = append(b.doc, b.block)
}

func (b *builder) lineBreak() {
	if b.block != nil {
		b.add(&Node{Kind: Break})
	}
}

func (b *builder) heading(k Kind) {
	if len(b.chain) == 0 { // inside a list a heading is text of its own line
		b.block = &Node{Kind: k}
		b.doc = append(b.doc, b.block)
	}
}

// endBlock ends a paragraph or heading; inside an item, which may hold several paragraphs, it breaks the line.
func (b *builder) endBlock() {
	b.inline = nil
	if len(b.chain) == 0 {
		b.block = nil
		return
	}
	if b.block != nil && !endsWithBreak(b.block) { // "</p><p>" is one end of a line
		b.lineBreak()
	}
}

func endsWithBreak(n *Node) bool {
	return len(n.Kids) > 0 && n.Kids[len(n.Kids)-1].Kind == Break
}

func (b *builder) emphasis(k Kind) {
	if len(b.inline) == inlineDepthMax || len(b.inline) == 1 && b.inline[0].Kind == k {
		return
	}
	n := &Node{Kind: k}
	b.add(n)
	b.inline = append(b.inline, n)
}

func (b *builder) endEmphasis(k Kind) {
	for i, n := range b.inline {
		if n.Kind == k {
			b.inline = b.inline[:i]
			return
		}
	}
}

// list opens a list, inside the open item if there is one.
func (b *builder) list(k Kind) {
	if len(b.chain) >= 2*listDepthMax-1 { // deeper items join the innermost list
		b.tooDeep++
		return
	}
	b.inline = nil
	n := &Node{Kind: k}
	if len(b.chain) == 0 {
		b.doc = append(b.doc, n)
	} else {
		if b.block == nil {
			b.item()
		}
		b.block.Kids = append(b.block.Kids, n)
	}
	b.block = nil
	b.chain = append(b.chain, n)
}

// item starts an item of the innermost list, and a list if there is none.
func (b *builder) item() {
	b.inline = nil
	if len(b.chain) == 0 {
		b.block = nil
		b.list(Bullets)
	}
	b.endItem()
	b.block = &Node{Kind: Item}
	list := b.chain[len(b.chain)-1]
	list.Kids = append(list.Kids, b.block)
	b.chain = append(b.chain, b.block)
}

// endItem ends the innermost open item, and stops at its list.
func (b *builder) endItem() {
	b.inline = nil
	if last := len(b.chain) - 1; last >= 0 && b.chain[last].Kind == Item {
		b.chain = b.chain[:last]
		b.block = nil
	}
}

// endList ends the innermost list and goes back to the item around it.
func (b *builder) endList() {
	if b.tooDeep > 0 {
		b.tooDeep--
		return
	}
	b.endItem()
	if len(b.chain) == 0 {
		return
	}
	b.chain = b.chain[:len(b.chain)-1]
	b.block = nil
	if len(b.chain) > 0 {
		b.block = b.chain[len(b.chain)-1]
	}
}

func (b *builder) closeAll() { b.block, b.inline, b.chain = nil, nil, nil }

// collapse makes every run of blanks one space and drops characters that are not seen: controls and the marks that
// turn the direction of the text around them.
func collapse(raw string) string {
	if collapsed(raw) {
		return raw
	}
	var out strings.Builder
	out.Grow(len(raw))
	blank := false
	for _, r := range raw {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\v':
			if !blank {
				out.WriteByte(' ')
			}
			blank = true
			continue
		case hidden(r):
			continue
		}
		blank = false
		out.WriteRune(r)
	}
	return out.String()
}

// collapsed tells of most texts quickly that there is nothing to do: plain ASCII with single spaces.
func collapsed(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == ' ' && i > 0 && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

func hidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF
}

// Line makes a plain text one clean line: blanks folded, controls and direction marks gone, UTF-8 mended.
func Line(plain string) string {
	return strings.Trim(collapse(strings.ToValidUTF8(plain, "\uFFFD")), " ")
}
