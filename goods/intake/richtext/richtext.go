// Package richtext reduces a merchant's HTML to a small tree of paragraphs, headings, lists, emphasis and line breaks,
// and writes that tree back as HTML. Nothing of the input's markup is ever copied out: every tag of the output is
// written by this package, without attributes, and every text is escaped. Links become their text; scripts, styles,
// frames and pictures vanish.
//
// It is not a filter: what it does not know is not there. Read this file first, then build.go.
package richtext

import (
	"html"
	"strings"
)

// Kind is what a node of the tree is.
type Kind uint8

// The kinds of node.
const (
	Text Kind = iota
	Break
	Strong
	Emphasis
	Paragraph
	Heading3
	Heading4
	Heading5
	Heading6
	Bullets
	Numbers
	Item
)

// tags are the allow-list: nothing else is ever written.
var tags = [...]string{
	Strong: "strong", Emphasis: "em", Paragraph: "p", Heading3: "h3", Heading4: "h4", Heading5: "h5", Heading6: "h6",
	Bullets: "ul", Numbers: "ol", Item: "li",
}

// Node is one piece of a text.
type Node struct {
	Kind Kind
	Text string // of a Text node, not escaped
	Kids []*Node
}

// Doc is a text: paragraphs, headings and lists.
type Doc []*Node

// Reduce reads HTML, however broken, and gives safe HTML: Parse(src).HTML().
func Reduce(src string) string { return Parse(src).HTML() }

// Plain gives safe HTML for a text that is not HTML: its line ends become line breaks, blank lines paragraphs.
func Plain(text string) string {
	escaped := html.EscapeString(strings.ReplaceAll(text, "\r\n", "\n"))
	escaped = strings.ReplaceAll(escaped, "\n\n", "<p>")
	return Reduce(strings.ReplaceAll(escaped, "\n", "<br>"))
}

// HTML writes the text with the tags p, h3 to h6, ul, ol, li, strong, em and br, none of them with attributes.
func (d Doc) HTML() string {
	var b strings.Builder
	for _, n := range d {
		n.write(&b)
	}
	return b.String()
}

func (n *Node) write(b *strings.Builder) {
	switch n.Kind {
	case Text:
		b.WriteString(html.EscapeString(n.Text))
		return
	case Break:
		b.WriteString("<br>")
		return
	}
	tag := tags[n.Kind]
	b.WriteString("<" + tag + ">")
	for _, kid := range n.Kids {
		kid.write(b)
	}
	b.WriteString("</" + tag + ">")
}

// String is the text without any markup, one line a block, for search and for summaries.
func (d Doc) String() string {
	var b strings.Builder
	for _, n := range d {
		n.plain(&b)
	}
	return strings.TrimSpace(b.String())
}

func (n *Node) plain(b *strings.Builder) {
	if n.block() && b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
		b.WriteByte('\n')
	}
	switch n.Kind {
	case Text:
		b.WriteString(n.Text)
	case Break:
		b.WriteByte('\n')
	}
	for _, kid := range n.Kids {
		kid.plain(b)
	}
	if n.block() {
		b.WriteByte('\n')
	}
}

func (n *Node) block() bool { return n.Kind >= Paragraph }
func (n *Node) list() bool  { return n.Kind == Bullets || n.Kind == Numbers }
