package operatorweb

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"hutong/surface/page"
)

// rank is where a row stands by one column: by its number, or by its text.
type rank struct {
	n    int64
	text string
}

func (p rank) compare(q rank) int {
	return cmp.Or(cmp.Compare(p.n, q.n), strings.Compare(strings.ToLower(p.text), strings.ToLower(q.text)))
}

// arrange sorts a section's rows by the column that ?by= names, "-" before it downwards, and has the heads lead to the
// other orders: up, down, and back to the desk's own. names are the columns' own, "" for one that cannot be sorted by;
// places has a place per column for each row. All rows must be there: it stands before turn.
func (s *section) arrange(r *http.Request, names []string, places [][]rank) {
	by := r.URL.Query().Get("by")
	name, down := strings.CutPrefix(by, "-")
	at := slices.Index(names, name)
	for i, one := range names {
		if one == "" {
			continue
		}
		c, next := &s.Table.Columns[i], one
		switch {
		case i == at && down:
			c.Sorted, next = "down", ""
		case i == at:
			c.Sorted, next = "up", "-"+one
		}
		q := r.URL.Query()
		q.Del("from")
		q.Set("by", next)
		if next == "" {
			q.Del("by")
		}
		c.Href = strings.TrimSuffix(r.URL.Path+"?"+q.Encode(), "?")
	}
	if name == "" || at < 0 {
		return
	}
	if s.Table.Filter != nil {
		s.Table.Filter.Keep = append(s.Table.Filter.Keep, page.Pair{Name: "by", Value: by})
	}
	order := make([]int, len(s.Table.Rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if down {
			a, b = b, a
		}
		return places[a][at].compare(places[b][at])
	})
	rows := make([]page.Row, len(order))
	for i, from := range order {
		rows[i] = s.Table.Rows[from]
	}
	s.Table.Rows = rows
}
