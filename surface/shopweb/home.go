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
	shelfFrom  = 60 // products that a shelf is picked from
	perShopMax = 3  // products of one shop on a shelf
	shopsMax   = 12
	heroMax    = 4 // pictures
)

// home is the start page: the categories, what is new, some of each of the fullest categories, the shops.
func (w *web) home(rw http.ResponseWriter, r *http.Request) error {
	f := w.frame(r, "")
	return w.kept.Serve(rw, r, page.Ask{Path: "/", Lang: f.Lang, Name: "home", Me: f.Me,
		Make: func(ctx context.Context) (page.View, error) { return w.homeView(ctx, public(f, "/")) }})
}

func (w *web) homeView(ctx context.Context, f page.Frame) (homeView, error) {
	t := w.set.In(f.Lang)
	f.Description = t.T("shopweb.hero") + " " + t.T("shopweb.hero_text")
	v := homeView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.home_empty"), Text: t.T("shopweb.home_empty_text")}}
	if err := w.addSale(ctx, t, &v); err != nil {
		return v, err
	}
	fresh, cards, err := w.found(ctx, t, search.Query{Sort: search.Newest, Limit: shelfFrom})
	if err != nil {
		return v, err
	}
	shown := map[string]bool{}
	if cards = spread(cards, shown); len(cards) > 0 {
		v.Shelves = append(v.Shelves, shelf{Title: t.T("shopweb.fresh"), Href: "/search?sort=newest", Cards: cards})
	}
	for i, c := range fresh.Facets.Categories {
		if i == lanesMax {
			break
		}
		if err := w.addLane(ctx, &v, c.ID, shown); err != nil {
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

// spread picks a shelf's cards: none that was shown, and of each shop only some, so that a shop that brought much at
// once does not fill the page.
func spread(cards []page.Card, shown map[string]bool) []page.Card {
	var picked []page.Card
	perShop := map[string]int{}
	for _, c := range cards {
		if shown[c.Href] || perShop[c.Shop] == perShopMax || len(picked) == shelfSize {
			continue
		}
		shown[c.Href] = true
		perShop[c.Shop]++
		picked = append(picked, c)
	}
	return picked
}

// addLane adds the way into a category, its first picture to the hero, and a shelf while there is room.
func (w *web) addLane(ctx context.Context, v *homeView, category string, shown map[string]bool) error {
	t := w.set.In(v.Lang)
	n, ok := taxonomy.Find(category)
	if !ok {
		return nil
	}
	_, cards, err := w.found(ctx, t, search.Query{Category: category, InStock: true, Limit: shelfFrom})
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
	if len(v.Shelves) > shelvesMax {
		return nil
	}
	if cards = spread(cards, shown); len(cards) >= shelfSize/2 {
		v.Shelves = append(v.Shelves, shelf{Title: l.Text, Href: l.Href, Cards: cards})
	}
	return nil
}
