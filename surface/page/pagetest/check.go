package pagetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// checker walks a page and notes what breaks the rules.
type checker struct {
	doc   *html.Node
	ids   map[string]int
	h1    int
	wrong []string
}

func (c *checker) say(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

func (c *checker) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		c.attributes(n)
		c.element(n)
	}
	if n.Type == html.TextNode && missing(strings.TrimSpace(n.Data)) {
		c.say("%q: a text is missing", n.Data)
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.walk(k)
	}
}

// attributes: nothing inline (the page's policy would block it), ids once, texts found.
func (c *checker) attributes(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			c.say("<%s %s>: nothing may be inline", n.Data, a.Key)
		case a.Key == "id":
			c.ids[a.Val]++
		case (a.Key == "href" || a.Key == "action" || a.Key == "src") && strings.HasPrefix(a.Val, "javascript:"):
			c.say("<%s>: a script as an address", n.Data)
		case a.Key == "aria-describedby" || a.Key == "aria-labelledby":
			c.named(n, a)
		}
		if missing(a.Val) {
			c.say("<%s %s=%q>: a text is missing", n.Data, a.Key, a.Val)
		}
	}
}

// named holds an attribute that names other elements to those that there are.
func (c *checker) named(n *html.Node, a html.Attribute) {
	for id := range strings.FieldsSeq(a.Val) {
		if byID(c.doc, id) == nil {
			c.say("<%s %s>: there is no %q", n.Data, a.Key, id)
		}
	}
}

var textKey = regexp.MustCompile(`^(page|state|next|[a-z]+web|ship|carrier|wallet)\.[a-z_.]+$`)

// missing tells whether a text is the key of one: nobody wrote the sentence.
func missing(s string) bool { return textKey.MatchString(s) }

func (c *checker) element(n *html.Node) {
	switch n.Data {
	case "h1":
		c.h1++
	case "script":
		if attr(n, "src") == "" {
			c.say("an inline script")
		}
	case "style":
		c.say("an inline style")
	case "img":
		if !has(n, "alt") || attr(n, "width") == "" || attr(n, "height") == "" {
			c.say("<img src=%q>: alt, width or height is missing", attr(n, "src"))
		}
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && !c.labelled(n) {
			c.say("<%s name=%q>: no label", n.Data, attr(n, "name"))
		}
	case "a":
		if strings.TrimSpace(text(n)) == "" && attr(n, "aria-label") == "" && attr(n, "aria-hidden") == "" && !alts(n) {
			c.say("<a href=%q>: says nothing", attr(n, "href"))
		}
	case "button":
		if strings.TrimSpace(text(n)) == "" && attr(n, "aria-label") == "" {
			c.say("a button says nothing")
		}
	}
}

func alts(n *html.Node) bool {
	return slices.ContainsFunc(all(n, "img"), func(i *html.Node) bool { return attr(i, "alt") != "" })
}

func (c *checker) labelled(n *html.Node) bool {
	if attr(n, "aria-label") != "" {
		return true
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if up.Data == "label" {
			return true
		}
	}
	id := attr(n, "id")
	return id != "" && slices.ContainsFunc(all(c.doc, "label"), func(l *html.Node) bool {
		return attr(l, "for") == id && strings.TrimSpace(text(l)) != ""
	})
}

// all are the elements of those names, in order.
func all(n *html.Node, names ...string) (found []*html.Node) {
	if n == nil {
		return nil
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && slices.Contains(names, d.Data) {
			found = append(found, d)
		}
	}
	return found
}

func inside(n, in *html.Node) bool {
	for up := n; up != nil; up = up.Parent {
		if up == in {
			return true
		}
	}
	return false
}

func byID(n *html.Node, id string) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && attr(d, "id") == id {
			return d
		}
	}
	return nil
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// text is what a node says, with single spaces.
func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
