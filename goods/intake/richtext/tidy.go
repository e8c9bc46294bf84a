package richtext

import "strings"

// tidy drops what would not be seen: empty blocks, blanks and line breaks at the ends of a block, doubled blanks.
func tidy(doc Doc) Doc {
	return Doc(tidyAll(doc))
}

func tidyAll(nodes []*Node) []*Node {
	kept := nodes[:0]
	for _, n := range nodes {
		if n.block() {
			if n.Kids = tidyBlock(n); len(n.Kids) == 0 {
				continue
			}
		}
		kept = append(kept, n)
	}
	return kept
}

// tidyBlock gives the kids of a block that are worth keeping.
func tidyBlock(n *Node) []*Node {
	if n.list() {
		return tidyAll(n.Kids)
	}
	t := trimmer{}
	kids := t.trim(n.Kids)
	t.cutEnd()
	return prune(kids)
}

// trimmer walks the text of one block from left to right. It trims blanks at the start of each line as it goes; what
// must go at the end of a line is known only when the line ends, so it remembers the last text and the last breaks.
type trimmer struct {
	last    *Node   // the text that ends the line so far, nil at the start of a line
	breaks  []*Node // the breaks behind it
	started bool    // something is to be seen since the block, or the last nested list, began
}

func (t *trimmer) trim(nodes []*Node) []*Node {
	for i, n := range nodes {
		switch {
		case n.Kind == Text:
			t.text(n)
		case n.Kind == Break:
			t.lineBreak(n)
		case n.list():
			t.cutEnd()
			n.Kids = tidyAll(n.Kids)
			t.last, t.started = nil, false
		default:
			nodes[i].Kids = t.trim(n.Kids)
		}
	}
	return nodes
}

func (t *trimmer) text(n *Node) {
	if t.last == nil || strings.HasSuffix(t.last.Text, " ") {
		n.Text = strings.TrimLeft(n.Text, " ")
	}
	if n.Text != "" {
		t.last, t.breaks, t.started = n, nil, true
	}
}

func (t *trimmer) lineBreak(n *Node) {
	if t.last != nil {
		t.last.Text = strings.TrimRight(t.last.Text, " ")
		t.last = nil
	}
	if !t.started || len(t.breaks) >= 2 { // no break at the start, no more than one empty line
		n.Kind = Text // an empty text, which prune drops
		return
	}
	t.breaks = append(t.breaks, n)
}

// cutEnd trims what the block, or the part before a nested list, ends with.
func (t *trimmer) cutEnd() {
	if t.last != nil {
		t.last.Text = strings.TrimRight(t.last.Text, " ")
	}
	for _, n := range t.breaks {
		n.Kind = Text
	}
	t.breaks = nil
}

// prune drops empty texts, emphasis of nothing and lists of nothing, and joins texts that stand beside each other.
func prune(nodes []*Node) []*Node {
	kept := make([]*Node, 0, len(nodes))
	for _, n := range nodes {
		switch {
		case n.Kind == Break:
		case n.Kind == Text:
			if n.Text == "" {
				continue
			}
			if end := len(kept) - 1; end >= 0 && kept[end].Kind == Text {
				kept[end] = &Node{Kind: Text, Text: kept[end].Text + n.Text}
				continue
			}
		case n.list():
			if len(n.Kids) == 0 {
				continue
			}
		default:
			if n.Kids = prune(n.Kids); len(n.Kids) == 0 {
				continue
			}
		}
		kept = append(kept, n)
	}
	return kept
}
