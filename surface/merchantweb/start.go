package merchantweb

import (
	"net/http"

	"hutong/goods/catalog"
	"hutong/party/merchant"
	"hutong/surface/page"
)

// startView is the way of a new shop to its first order.
type startView struct {
	Title, Text string
	Steps       []startStep
}

// startStep is one thing to do. State is "done", "now" (the shop's turn), "wait" (somebody else's) or "later".
type startStep struct {
	State, Title, Text string
	Href, Action       string
}

// startOf tells what a shop still has to do before it sells; nil once it has begun.
func (w *web) startOf(r *http.Request, t page.Tongue, shop merchant.Shop) (*startView, error) {
	ctx := r.Context()
	goods, err := w.Catalog.ByShop(ctx, catalog.ByShop{Shop: string(shop.ID), Limit: 1})
	if err != nil {
		return nil, err
	}
	hasGoods := len(goods.Products) > 0
	if shop.State == merchant.Closed || shop.State == merchant.Open && hasGoods {
		return nil, nil
	}
	_, papers, err := w.Shops.Papers(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	open := shop.State == merchant.Open
	v := &startView{Title: t.T("merchantweb.start_" + string(shop.State)),
		Text: t.T("merchantweb.start_" + string(shop.State) + "_text")}
	v.Steps = []startStep{
		{State: "done", Title: t.T("merchantweb.step_sign_up"), Text: shop.Name.Pick(t.Lang)},
		w.papersStep(t, papers, open),
		{State: turn(hasGoods), Title: t.T("merchantweb.step_product"), Text: t.T("merchantweb.step_product_text"),
			Href: "/desk/products", Action: t.T("merchantweb.step_product_act")},
		{State: "wait", Title: t.T("merchantweb.step_review"), Text: t.T("merchantweb.step_review_text")},
		{State: "later", Title: t.T("merchantweb.step_order"), Text: t.T("merchantweb.step_order_text")},
	}
	if w.needs["/desk/products/new"] != "" {
		v.Steps[2].Href = "/desk/products/new"
	}
	switch {
	case open:
		v.Steps[3] = startStep{State: "done", Title: t.T("merchantweb.step_reviewed")}
	case !papers:
		v.Steps[3].State = "later"
	}
	return v, nil
}

func (w *web) papersStep(t page.Tongue, given, open bool) startStep {
	s := startStep{State: turn(given || open), Title: t.T("merchantweb.step_papers"),
		Text: t.T("merchantweb.step_papers_text"), Href: "/desk/papers", Action: t.T("merchantweb.step_papers_act")}
	if given && !open {
		s.Action = t.T("merchantweb.step_papers_again")
	}
	if open {
		s.Href = ""
	}
	return s
}

func turn(done bool) string {
	if done {
		return "done"
	}
	return "now"
}
