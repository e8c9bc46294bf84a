package intake

import (
	"strings"
	"sync"

	"hutong/goods/catalog/taxonomy"
)

// categories finds a category of the market by its name in either language.
type categories struct {
	byName map[string][]taxonomy.Node // in the tree's order, so a parent before its children
}

var loadCategories = sync.OnceValues(func() (*categories, error) {
	nodes, err := taxonomy.Load()
	if err != nil {
		return nil, err
	}
	c := &categories{byName: make(map[string][]taxonomy.Node, 2*len(nodes))}
	for _, n := range nodes {
		for _, name := range []string{n.En, n.Zh} {
			key := strings.ToLower(name)
			c.byName[key] = append(c.byName[key], n)
		}
	}
	return c, nil
})

// find gives the id of the market's category for a merchant's path: that of the deepest of its names that the market
// has. Of several with one name it takes the one below most of the path's other names, then the one nearest to a root.
// Without any it is "": the merchant or the operator places the product later.
func (c *categories) find(path []string) string {
	for i := len(path) - 1; i >= 0; i-- {
		for _, name := range names(path[i]) {
			if at, ok := c.best(name, path[:i]); ok {
				return at.ID
			}
		}
	}
	return ""
}

// names are what a merchant's category may be called in the market: "Hoodies & Sweatshirts" may be either.
func names(own string) []string {
	whole := strings.ToLower(own)
	all := []string{whole}
	for _, part := range strings.FieldsFunc(whole, func(r rune) bool { return r == '&' || r == '/' || r == '、' }) {
		if part = strings.TrimSpace(part); part != "" && part != whole {
			all = append(all, part)
		}
	}
	return all
}

func (c *categories) best(name string, above []string) (best taxonomy.Node, found bool) {
	most := -1
	for _, n := range c.byName[name] {
		shared := 0
		for _, a := range taxonomy.Path(n.ID) {
			shared += common(a, above)
		}
		better := shared > most || shared == most && n.Depth < best.Depth
		if better {
			best, most, found = n, shared, true
		}
	}
	return best, found
}

func common(n taxonomy.Node, above []string) int {
	for _, a := range above {
		for _, name := range names(a) {
			if name == strings.ToLower(n.En) || name == n.Zh {
				return 1
			}
		}
	}
	return 0
}
