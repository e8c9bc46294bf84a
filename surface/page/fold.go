package page

import (
	"html/template"
	"strings"
	"text/template/parse"
)

// fold writes into a language's templates what is the same on every page: sentences without parameters, icons, the
// addresses of assets. A page asks for a hundred of them, and each call cost as much as a line of a list. Templates are
// folded before they are executed first; a page that is for one reader then costs a third less.
func (t Tongue) fold(a *Assets, all *template.Template) {
	for _, one := range all.Templates() {
		if one.Tree != nil && one.Tree.Root != nil {
			t.foldList(a, one.Tree.Root)
		}
	}
}

func (t Tongue) foldList(a *Assets, list *parse.ListNode) {
	if list == nil {
		return
	}
	kept := list.Nodes[:0]
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			t.foldList(a, n.List)
			t.foldList(a, n.ElseList)
		case *parse.WithNode:
			t.foldList(a, n.List)
			t.foldList(a, n.ElseList)
		case *parse.RangeNode:
			t.foldList(a, n.List)
			t.foldList(a, n.ElseList)
		}
		words, constant := t.constant(a, n)
		before, text := last(kept)
		switch {
		case !constant || text && unquoted(before.Text):
			kept = append(kept, n)
		case text: // one piece of text instead of two
			before.Text = append(before.Text[:len(before.Text):len(before.Text)], words...)
		default:
			kept = append(kept, &parse.TextNode{NodeType: parse.NodeText, Pos: n.Position(), Text: words})
		}
	}
	list.Nodes = kept
}

func last(nodes []parse.Node) (*parse.TextNode, bool) {
	if len(nodes) == 0 {
		return nil, false
	}
	n, ok := nodes[len(nodes)-1].(*parse.TextNode)
	return n, ok
}

// unquoted tells whether what follows is the value of an attribute without quotes, where more must be escaped.
func unquoted(before []byte) bool { return len(before) > 0 && before[len(before)-1] == '=' }

// constant is what a node writes if that is always the same: text, or a call with nothing but words. Our pages hold no
// script and no style, so that it stands in text or between quotes.
func (t Tongue) constant(a *Assets, n parse.Node) ([]byte, bool) {
	if text, ok := n.(*parse.TextNode); ok {
		return text.Text, true
	}
	action, ok := n.(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 || len(action.Pipe.Cmds) != 1 {
		return nil, false
	}
	var words []string
	for _, arg := range action.Pipe.Cmds[0].Args {
		switch arg := arg.(type) {
		case *parse.IdentifierNode:
			words = append(words, arg.Ident)
		case *parse.StringNode:
			words = append(words, arg.Text)
		default:
			return nil, false
		}
	}
	return t.call(a, words)
}

// call is what a call with nothing but words writes.
func (t Tongue) call(a *Assets, words []string) ([]byte, bool) {
	plain := func(s string) ([]byte, bool) { return []byte(template.HTMLEscapeString(s)), true }
	switch strings.Join(words, " ") {
	case "other":
		return plain(t.other())
	case "account":
		return plain(t.account)
	}
	if len(words) != 2 {
		return nil, false
	}
	switch words[0] {
	case "t":
		return plain(t.T(words[1]))
	case "icon":
		return []byte(icon(words[1])), true
	case "asset":
		return plain(a.URL(words[1]))
	}
	return nil, false
}
