package shopweb

import (
	"context"
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/cart"
)

// cart shows what the shopper took, by shop.
func (w *web) cart(rw http.ResponseWriter, r *http.Request) error {
	return w.showCart(rw, r, nil)
}

// showCart shows the cart and, if there is one, the refusal of what was just asked of it.
func (w *web) showCart(rw http.ResponseWriter, r *http.Request, refused error) error {
	f := page.FrameOf(r, page.Shop)
	t := w.set.In(f.Lang)
	f.Title = t.T("page.cart")
	v := cartView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.cart_empty"), Text: t.T("shopweb.cart_empty_text"),
		Href: "/", Action: t.T("shopweb.browse")}}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), fault.Of(refused).Status()
	}
	if who := shopperOf(r.Context()); who != "" {
		lines, err := w.Carts.Lines(r.Context(), who)
		if err != nil {
			return err
		}
		v.Me.Cart = len(lines)
		if err := w.fillCart(r.Context(), t, &v, lines); err != nil {
			return err
		}
	}
	return w.set.Render(rw, r, status, "cart", v)
}

func (w *web) fillCart(ctx context.Context, t page.Tongue, v *cartView, lines []cart.Line) error {
	ids := make([]offer.ID, len(lines))
	for i, l := range lines {
		ids[i] = l.Offer
	}
	b, err := w.basket(ctx, ids)
	if err != nil {
		return err
	}
	_, shops, err := w.shops.list(ctx)
	if err != nil {
		return err
	}
	total, sums, at := money.Money{}, map[string]money.Money{}, map[string]int{}
	for _, l := range lines {
		o := b.offers[l.Offer]
		i, known := at[o.Shop]
		if !known {
			i = len(v.Groups)
			at[o.Shop] = i
			v.Groups = append(v.Groups, cartGroup{Shop: shopCardOf(t.Lang, shops[o.Shop])})
		}
		line, sum := b.line(t, l.Offer, l.Quantity, shops[o.Shop])
		v.Groups[i].Lines = append(v.Groups[i].Lines, line)
		if line.Problem != "" {
			continue
		}
		sums[o.Shop], total = plus(sums[o.Shop], sum), plus(total, sum)
	}
	for shop, i := range at {
		v.Groups[i].Subtotal = t.Money(sums[shop])
	}
	v.Total = t.PriceOf(total, money.Money{}, false)
	return nil
}

// plus adds for the eye only: what is paid is summed, checked, by the quote.
func plus(a, b money.Money) money.Money {
	if a.Currency == "" {
		return b
	}
	if sum, err := a.Add(b); err == nil {
		return sum
	}
	return a
}

// line sets one offer times a quantity; sum is zero where the line cannot be bought as it is.
func (b basket) line(t page.Tongue, id offer.ID, n int64, shop merchant.Shop) (v lineView, sum money.Money) {
	o := b.offers[id]
	brief := b.briefs[catalog.SKUID(o.SKU)]
	free, open := b.free[o.Pool]
	v = lineView{Offer: string(id), Href: "/p/" + o.Product, Title: brief.Title.In(t.Lang),
		Choice: brief.Choice.In(t.Lang), Picture: pictureURL(string(brief.Picture), small),
		Tint: page.TintOf(o.Product), Quantity: n, Max: quantityMax}
	if o.SKU != "" {
		v.Href += "?sku=" + url.QueryEscape(o.SKU)
	}
	v.Unit = t.PriceOf(o.Price(), money.New(o.ListPrice, o.Currency), false)
	v.Times = t.T("shopweb.times", "n", n, "price", t.Money(o.Price()))
	sum, err := o.Price().Times(n)
	if err == nil {
		v.Sum = t.Money(sum)
	}
	switch {
	case o.State != offer.Listed || brief.State != catalog.Listed || !open || shop.State != merchant.Open:
		v.Problem = t.T("shopweb.withdrawn")
	case free <= 0:
		v.Problem = t.T("shopweb.out")
	case free < n:
		v.Problem = t.T("shopweb.line_short", "n", free)
	case err != nil:
		v.Problem = t.T("shopweb.line_short", "n", quantityMax)
	}
	return v, sum
}

// putCart takes something into the cart, or sets how many ("set") of it there are. Taking adds to what is there; a
// form that is sent twice within the cart sets the same number twice.
func (w *web) putCart(rw http.ResponseWriter, r *http.Request) error {
	quantity, err := number(r, "quantity")
	if err != nil {
		return w.refusedCart(rw, r, err)
	}
	id := offer.ID(r.PostFormValue("offer"))
	if r.PostFormValue("then") == "checkout" && quantity > 0 {
		if _, err := w.guest(rw, r); err != nil {
			return err
		}
		return see(rw, r, "/checkout?"+url.Values{"buy": {string(id) + "." + page.Itoa(quantity)}}.Encode())
	}
	who, err := w.guest(rw, r)
	if err != nil {
		return err
	}
	if r.PostFormValue("set") == "" {
		if quantity, err = w.more(r.Context(), who, id, quantity); err != nil {
			return err
		}
	}
	if err := w.Carts.Put(r.Context(), who, id, quantity); err != nil {
		return w.refusedCart(rw, r, err)
	}
	return see(rw, r, "/cart")
}

// more is the quantity in the cart with some added.
func (w *web) more(ctx context.Context, who string, id offer.ID, add int64) (int64, error) {
	lines, err := w.Carts.Lines(ctx, who)
	if err != nil {
		return 0, err
	}
	for _, l := range lines {
		if l.Offer == id && add > 0 {
			return min(l.Quantity+add, quantityMax), nil
		}
	}
	return add, nil
}

// refusedCart shows a refusal where the form stood: on the product's page, or in the cart.
func (w *web) refusedCart(rw http.ResponseWriter, r *http.Request, refused error) error {
	if !own(refused) {
		return refused
	}
	product := r.PostFormValue("product")
	if product == "" || gate.Who(r.Context()).Shopper == "" && r.PostFormValue("set") != "" {
		return w.showCart(rw, r, refused)
	}
	f := w.frame(r, "")
	f.Here = "/p/" + url.PathEscape(product)
	v, err := w.productView(r.Context(), f, product, "")
	if err != nil {
		return err
	}
	v.Wrong = w.set.In(f.Lang).Fault(refused)
	return w.set.Render(rw, r, fault.Of(refused).Status(), "product", v)
}
