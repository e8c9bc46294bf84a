package operatorweb

import (
	"cmp"
	"net/http"
	"slices"

	"hutong/base/text"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search"
	"hutong/surface/page"
)

// catalog shows which languages and categories the market has. A category is shown to shoppers while something in it
// is for sale; nobody has to switch it.
func (w *web) catalog(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, "/operator/catalog", "catalog")
	size := w.Search.Size()
	languages := section{ID: "languages", Title: t.T("operatorweb.languages"), Lead: t.T("operatorweb.languages_text"),
		Table: table("languages", t.T("operatorweb.languages"), page.Empty{}, columns(t, "*language", "code",
			"#sentences", "state")...)}
	for _, l := range []text.Lang{text.Zh, text.En} {
		said := int64(0)
		for _, e := range w.Pages.Texts {
			if l == text.Zh && e.Zh != "" || l == text.En && e.En != "" {
				said++
			}
		}
		languages.Table.Rows = append(languages.Table.Rows,
			page.Row{Cells: []page.Cell{plain(t.T("operatorweb.lang_" + string(l))),
				{Text: string(l), Code: true}, plain(t.Count(said)), badged(page.Badge{Tone: "done",
					Text: t.T("operatorweb.spoken")})}})
	}
	counts := map[string]int{}
	for _, n := range taxonomy.Roots() {
		found, err := w.Search.Search(r.Context(), search.Query{Category: n.ID, Limit: 1})
		if err != nil {
			return err
		}
		counts[n.ID] = found.Total
	}
	categories := section{ID: "categories", Title: t.T("operatorweb.categories"),
		Lead: t.T("operatorweb.categories_text"),
		Table: table("categories", t.T("operatorweb.categories"), page.Empty{}, columns(t, "*category", "code",
			"#products", "state")...)}
	roots := slices.Clone(taxonomy.Roots())
	slices.SortStableFunc(roots, func(a, b taxonomy.Node) int { return cmp.Compare(counts[b.ID], counts[a.ID]) })
	for _, n := range roots {
		badge := page.Badge{Tone: "off", Text: t.T("operatorweb.category_hidden")}
		name := page.Cell{Text: nodeName(t, n)}
		if counts[n.ID] > 0 {
			badge = page.Badge{Tone: "done", Text: t.T("operatorweb.category_shown")}
			name.Href = "/c/" + n.ID
		}
		categories.Table.Rows = append(categories.Table.Rows, page.Row{ID: n.ID, Cells: []page.Cell{name,
			{Text: n.ID, Code: true},
			plain(t.Count(int64(counts[n.ID]))), badged(badge)}})
	}
	v.Stats = []page.Stat{{Name: t.T("operatorweb.products"), Value: t.Count(int64(size.Products))}}
	v.Sections = []section{languages, categories}
	return w.show(rw, r, http.StatusOK, v)
}

func nodeName(t page.Tongue, n taxonomy.Node) string {
	return text.Entry{Zh: n.Zh, En: n.En}.Pick(t.Lang)
}
