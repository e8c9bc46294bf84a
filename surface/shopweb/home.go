package shopweb

import (
	"context"
	"net/http"

	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search"
	"hutong/party/merchant"
	"hutong/surface/page"
)

// How much the start page shows.
const (
	lanesMax   = 10 // categories to go to
	shelvesMax = 5  // of them, with products
	shelfSize  = 10 // products
	shopsMax   = 12
	heroMax    = 4 // pictures
)

// home is the start page: the categories, what is new, some of each of the fullest categories, the shops.
func (w *web) home(rw http.ResponseWriter, r *http.Request) error {
	f := w.frame(r, "")
	return w.kept.Serve(rw, r, page.Ask{Path: "/", Lang: f.Lang, Name: "home", Me: f.Me, Here: "/",
		Make: func(ctx context.Context) (page.View, error) { return w.homeView(ctx, public(f, "/")) }})
}

func (w *web) homeView(ctx context.Context, f page.Frame) (homeView, error) {
	t := w.set.In(f.Lang)
	f.Description = t.T("shopweb.hero") + " " + t.T("shopweb.hero_text")
	v := homeView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.home_empty"), Text: t.T("shopweb.home_empty_text")}}
	fresh, cards, err := w.found(ctx, t, search.Query{Sort: search.Newest, Limit: shelfSize})
	if err != nil {
		return v, err
	}
	if len(cards) > 0 {
		v.Shelves = append(v.Shelves, shelf{Title: t.T("shopweb.fresh"), Href: "/search?sort=newest", Cards: cards})
	}
	for i, c := range fresh.Facets.Categories {
		if i == lanesMax {
			break
		}
		if err := w.addLane(ctx, t, &v, c.ID); err != nil {
			return v, err
		}
	}
	all, _, err := w.shops.list(ctx)
	for _, s := range all {
		if s.State == merchant.Open && len(v.Shops) < shopsMax {
			v.Shops = append(v.Shops, shopCardOf(t.Lang, s))
		}
	}
	return v, err
}

// addLane adds the way into a category, its first picture to the hero, and a shelf while there is room.
func (w *web) addLane(ctx context.Context, t page.Tongue, v *homeView, category string) error {
	n, ok := taxonomy.Find(category)
	if !ok {
		return nil
	}
	_, cards, err := w.found(ctx, t, search.Query{Category: category, InStock: true, Limit: shelfSize})
	if err != nil {
		return err
	}
	l := lane{Href: "/c/" + n.ID, Text: categoryName(t.Lang, n), Tint: len(v.Lanes) % page.Tints}
	for _, c := range cards {
		if c.Picture != "" {
			l.Picture = c.Picture
			break
		}
	}
	v.Lanes = append(v.Lanes, l)
	if l.Picture != "" && len(v.Hero) < heroMax {
		v.Hero = append(v.Hero, l.Picture)
	}
	if len(cards) > 0 && len(v.Shelves) <= shelvesMax {
		v.Shelves = append(v.Shelves, shelf{Title: l.Text, Href: l.Href, Cards: cards})
	}
	return nil
}
