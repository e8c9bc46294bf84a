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
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/checkout"
)

// cart shows what the shopper took, by shop.
func (w *web) cart(rw http.ResponseWriter, r *http.Request) error {
	return w.showCart(rw, r, nil)
}

// showCart shows the cart and, if there is one, the refusal of what was just asked of it. htmx is answered with the
// part that changes.
func (w *web) showCart(rw http.ResponseWriter, r *http.Request, refused error) error {
	f := page.FrameOf(r, page.Shop)
	t := w.set.In(f.Lang)
	f.Title, f.Htmx, f.Here = t.T("page.cart"), true, "/cart"
	v := cartView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.cart_empty"), Text: t.T("shopweb.cart_empty_text"),
		Href: "/", Action: t.T("shopweb.browse")}}
	v.Notice = t.TakeFlash(rw, r)
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), fault.Of(refused).Status()
	}
	if who := shopperOf(r.Context()); who != "" {
		if err := w.fillCart(r, t, &v, who); err != nil {
			return err
		}
	}
	if page.Partial(r) {
		return w.set.RenderPart(rw, r, page.Part{Page: "cart", Define: "cart-part", Data: v})
	}
	return w.set.Render(rw, r, status, "cart", v)
}

// ticked tells which lines are to be bought: those that the form names, or all where it names none because it was not
// asked.
func ticked(r *http.Request) func(offer.ID) bool {
	if r.FormValue("picked") == "" {
		return func(offer.ID) bool { return true }
	}
	named := map[string]bool{}
	for _, o := range r.Form["tick"] {
		named[o] = true
	}
	return func(o offer.ID) bool { return named[string(o)] }
}

func (w *web) fillCart(r *http.Request, t page.Tongue, v *cartView, who string) error {
	ctx := r.Context()
	lines, err := w.Carts.Lines(ctx, who)
	if err != nil {
		return err
	}
	taken := ticked(r)
	if err := w.owed(r, t, v, who); err != nil {
		return err
	}
	v.Me.Cart = len(lines)
	b, err := w.basket(ctx, lines)
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
		if err := w.shelved(t, &line, o, b.briefs[catalog.SKUID(o.SKU)].Category); err != nil {
			return err
		}
		line.On = line.Problem == "" && taken(l.Offer)
		v.Groups[i].Lines = append(v.Groups[i].Lines, line)
		if line.On {
			sums[o.Shop], total = plus(sums[o.Shop], sum), plus(total, sum)
			v.Picked++
		}
	}
	for shop, i := range at {
		v.Groups[i].Subtotal = t.Money(orZero(sums[shop], w.Checkout.Settings().Currency))
	}
	v.Total = t.PriceOf(orZero(total, w.Checkout.Settings().Currency), money.Money{}, false)
	return w.discountCart(ctx, t, v, cartRead{b, who, at})
}

// cartRead is a shopper's cart as it was read for the page; at is where each shop's group stands.
type cartRead struct {
	basket
	who string
	at  map[string]int
}

// discountCart takes off what promotions take off the lines that are to be bought, as the quote will.
func (w *web) discountCart(ctx context.Context, t page.Tongue, v *cartView, read cartRead) error {
	if v.Picked == 0 || v.Owed == 0 && (w.Deals == nil || w.Deals.Rules().Len() == 0) {
		return nil
	}
	basket, views := checkout.Basket{Lang: t.Lang}, map[string]*lineView{}
	for i := range v.Groups {
		for n := range v.Groups[i].Lines {
			if l := &v.Groups[i].Lines[n]; l.On {
				basket.Lines = append(basket.Lines, checkout.BasketLine{Offer: l.Offer, Quantity: l.Quantity})
				views[l.Offer] = l
			}
		}
	}
	basket.Balances = v.ticked()
	q, err := w.Checkout.Shown(ctx, read.who, basket,
		checkout.Goods{Offers: read.offers, Briefs: read.briefs, Free: read.free})
	if err != nil {
		if own(err) {
			v.Wrong = t.Fault(err)
			return nil
		}
		return err
	}
	cash := func(minor int64) money.Money { return money.New(minor, q.Currency) }
	saved := int64(0)
	for _, sub := range q.Order.Subs {
		v.Groups[read.at[sub.Shop]].Subtotal = t.Money(cash(sub.Goods))
		for _, l := range sub.Lines {
			if l.Discount > 0 {
				views[l.Offer].discounted(t, l, q.Currency)
				saved += l.Discount
			}
		}
	}
	saved += v.price(t, q)
	if saved > 0 {
		v.Saved = off(t, cash(saved))
	}
	v.Total = t.PriceOf(q.Pay(), money.Money{}, false)
	v.Why, err = w.why(ctx, t, q)
	return err
}

func orZero(m money.Money, c money.Currency) money.Money {
	if m.Currency == "" {
		return money.New(0, c)
	}
	return m
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
	v = lineView{Offer: string(id), Product: o.Product, Href: "/p/" + o.Product, Title: brief.Title.In(t.Lang),
		Choice: brief.Choice.In(t.Lang), Picture: pictureURL(string(brief.Picture), small),
		Tint: page.TintOf(o.Product), Quantity: n, Max: max(min(free, quantityMax), 1)}
	if o.SKU != "" {
		v.Href += "?sku=" + url.QueryEscape(o.SKU)
	}
	v.Unit = t.PriceOf(o.Price(), money.New(o.ListPrice, o.Currency), false)
	v.Times = t.T("shopweb.times", "n", n, "price", t.Money(o.Price()))
	if was, known := b.was[id]; known && was != o.UnitPrice {
		v.Changed = t.T("shopweb.price_changed", "was", t.Money(money.New(was, o.Currency)), "now", t.Money(o.Price()))
	}
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

// putCart takes something into the cart, or sets how many ("set") of it there are, by a number or by a step up or down.
// Taking adds to what is there; a form that is sent twice within the cart sets the same number twice.
func (w *web) putCart(rw http.ResponseWriter, r *http.Request) error {
	quantity, err := number(r, "quantity")
	if err == nil && r.PostFormValue("step") != "" {
		step, wrong := number(r, "step")
		quantity, err = max(quantity+min(max(step, -1), 1), 0), wrong
	}
	set := r.PostFormValue("set") != ""
	if err == nil && !set && quantity < 1 { // nothing more is not "take it out"
		err = fault.New(fault.Invalid, "cart.quantity", fault.P("max", quantityMax)).At("quantity")
	}
	if err != nil {
		return w.refusedCart(rw, r, err)
	}
	id := offer.ID(r.PostFormValue("offer"))
	who, err := w.guest(rw, r)
	if err != nil {
		return err
	}
	if r.PostFormValue("then") == "checkout" && quantity > 0 {
		return see(rw, r, "/checkout?"+url.Values{"buy": {string(id) + "." + page.Itoa(quantity)}}.Encode())
	}
	if !set {
		if quantity, err = w.more(r.Context(), who, id, quantity); err != nil {
			return err
		}
	}
	if err := w.Carts.Put(r.Context(), who, id, quantity); err != nil {
		return w.refusedCart(rw, r, err)
	}
	switch {
	case page.Partial(r) && set:
		return w.showCart(rw, r, nil)
	case page.Partial(r):
		return w.added(rw, r, who)
	}
	return see(rw, r, "/cart")
}

// added answers htmx, on a product's page, with the frame's own part: the cart holds more.
func (w *web) added(rw http.ResponseWriter, r *http.Request, who string) error {
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	lines, err := w.Carts.Lines(r.Context(), who)
	if err != nil {
		return err
	}
	f.Me.Cart, f.Here = len(lines), "/p/"+url.PathEscape(r.PostFormValue("product"))
	if sku := r.PostFormValue("sku"); validSKU(sku) {
		f.Here += "?sku=" + sku
	}
	toast := page.Toast{Tone: "good", Text: t.T("shopweb.added"), Href: "/cart", Action: t.T("shopweb.see_cart")}
	if err := page.ToastHeader(rw, toast); err != nil {
		return err
	}
	return w.set.RenderPart(rw, r, page.Part{Page: "product", Define: "personal", Data: f})
}

// keepForLater moves a line of the cart to the favourites.
func (w *web) keepForLater(rw http.ResponseWriter, r *http.Request) error {
	who := shopperOf(r.Context())
	if err := w.Shoppers.Favour(r.Context(), shopper.ID(who), r.PostFormValue("product")); err != nil {
		return err
	}
	if err := w.Carts.Put(r.Context(), who, offer.ID(r.PostFormValue("offer")), 0); err != nil {
		return w.refusedCart(rw, r, err)
	}
	t := w.set.In(gate.Lang(r.Context()))
	if page.Partial(r) {
		toast := page.Toast{Tone: "good", Text: t.T("shopweb.moved"), Href: "/me/favourites",
			Action: t.T("shopweb.favourites")}
		if err := page.ToastHeader(rw, toast); err != nil {
			return err
		}
		return w.showCart(rw, r, nil)
	}
	page.Flash(rw, "good", "shopweb.moved")
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

// refusedCart shows a refusal where the form stood: on the product's page, or in the cart. htmx is told by a toast.
func (w *web) refusedCart(rw http.ResponseWriter, r *http.Request, refused error) error {
	if !own(refused) {
		return refused
	}
	product, set := r.PostFormValue("product"), r.PostFormValue("set") != ""
	t := w.set.In(gate.Lang(r.Context()))
	if page.Partial(r) {
		if err := page.ToastHeader(rw, page.Toast{Tone: "bad", Text: t.Fault(refused)}); err != nil {
			return err
		}
		if set {
			return w.showCart(rw, r, refused)
		}
		rw.WriteHeader(http.StatusNoContent) // nothing is swapped
		return nil
	}
	if product == "" || set {
		return w.showCart(rw, r, refused)
	}
	f := w.frame(r, "")
	f.Here = "/p/" + url.PathEscape(product)
	v, err := w.productView(r.Context(), f, product, "")
	if err != nil {
		return err
	}
	v.Wrong = t.Fault(refused)
	return w.set.Render(rw, r, fault.Of(refused).Status(), "product", v)
}
