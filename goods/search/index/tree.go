package index

import "hutong/goods/catalog/taxonomy"

// Tree numbers the categories so that everything below one is a range of numbers. Number 0 is no category.
type Tree struct {
	ids    []string // by number
	parent []uint16
	last   []uint16 // the largest number below, or the category's own
	number map[string]uint16
}

// NewTree numbers categories, of which each stands after its parent.
func NewTree(nodes []taxonomy.Node) *Tree {
	t := &Tree{ids: make([]string, 1, len(nodes)+1), parent: make([]uint16, len(nodes)+1),
		last: make([]uint16, len(nodes)+1), number: make(map[string]uint16, len(nodes))}
	children := map[string][]string{}
	for _, n := range nodes {
		children[n.Parent] = append(children[n.Parent], n.ID)
	}
	t.walk(children, "", 0)
	return t
}

func (t *Tree) walk(children map[string][]string, id string, number uint16) {
	for _, child := range children[id] {
		n := uint16(len(t.ids))
		t.ids = append(t.ids, child)
		t.number[child] = n
		t.parent[n] = number
		t.walk(children, child, n)
	}
	t.last[number] = uint16(len(t.ids) - 1)
}

// Len is the number of categories, with "none".
func (t *Tree) Len() int { return len(t.ids) }

// span is the range of numbers of a category and all below it; known is false for an unknown one.
func (t *Tree) span(id string) (first, last uint16, known bool) {
	if id == "" {
		return 0, t.last[0], true
	}
	first, known = t.number[id]
	return first, t.last[first], known
}

// below visits the categories directly below one.
func (t *Tree) below(number uint16, visit func(child, last uint16)) {
	for child := number + 1; child != 0 && child <= t.last[number]; child = t.last[child] + 1 {
		visit(child, t.last[child])
	}
}
