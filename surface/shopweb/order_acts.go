package shopweb

import (
	"fmt"
	"net/http"
	"time"

	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/surface/page"
	"hutong/trade/order"
)

// begin starts to pay with a wallet and goes back to the order, which shows the code to scan and the way to the
// wallet's own page. The browser is not sent there by itself: a form may only lead to pages of this market.
func (w *web) begin(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("order")
	if r.PostFormValue("balance") != "" { // of a presale: what was shown is agreed to, with the vouchers chosen
		shown, err := number(r, "balance")
		if err != nil {
			return err
		}
		err = w.Orders.FixBalance(r.Context(), order.FixBalance{Order: order.ID(id), Shopper: shopperOf(r.Context()),
			Claims: chosenOf(r.PostForm), Balance: shown})
		if err != nil {
			return w.refusedOrder(rw, r, err)
		}
	}
	_, _, err := w.Pay.Begin(r.Context(), pay.Begin{Order: id, Shopper: shopperOf(r.Context()),
		Wallet: r.PostFormValue("wallet")})
	if err != nil {
		return w.refusedOrder(rw, r, err)
	}
	return see(rw, r, "/orders/"+id+"#pay")
}

// cancel ends an order that is not paid.
func (w *web) cancel(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("order")
	if err := w.Orders.Cancel(r.Context(), shopperOf(r.Context()), order.ID(id)); err != nil {
		return w.refusedOrder(rw, r, err)
	}
	return see(rw, r, "/orders/"+id)
}

// again puts what an order bought into the cart once more, as far as it can still be bought. Pressing twice does no
// more.
func (w *web) again(rw http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), shopperOf(r.Context())
	o, err := w.Orders.Order(ctx, who, order.ID(r.PathValue("order")))
	if err != nil {
		return err
	}
	lines, err := w.Carts.Lines(ctx, who)
	if err != nil {
		return err
	}
	wants := map[offer.ID]int64{}
	for _, l := range o.Lines() {
		wants[offer.ID(l.Offer)] += l.Quantity
	}
	for _, l := range lines {
		wants[l.Offer] = max(wants[l.Offer], l.Quantity)
	}
	gone := false
	for _, l := range o.Lines() {
		id := offer.ID(l.Offer)
		err := w.Carts.Put(ctx, who, id, min(wants[id], quantityMax))
		if err != nil && !page.Own(err) {
			return err
		}
		gone = gone || err != nil
	}
	if gone {
		page.Flash(rw, "plain", "shopweb.again_gone")
	}
	return see(rw, r, "/cart")
}

// receive confirms that one shop's part has arrived.
func (w *web) receive(rw http.ResponseWriter, r *http.Request) error {
	seq, err := number(r, "seq")
	if err != nil {
		return err
	}
	id := r.PathValue("order")
	if err := w.Orders.Receive(r.Context(), shopperOf(r.Context()), order.ID(id), seq); err != nil {
		return w.refusedOrder(rw, r, err)
	}
	return see(rw, r, "/orders/"+id)
}

// newsOf names the state of an order that a page shows: another name means that there is news.
func newsOf(o order.Order) string {
	name := fmt.Sprintf("%s.%d", o.State, o.Step)
	if p := o.Presale; p != nil {
		name += "." + string(p.State)
	}
	refunded := int64(0)
	for _, s := range o.Subs {
		name += fmt.Sprintf(".%d%s", s.Step, s.Waits)
		for _, l := range s.Lines {
			refunded += l.RefundedQuantity
		}
	}
	return fmt.Sprintf("%s.%d", name, refunded)
}

const (
	newsFor   = 2 * time.Minute  // then the browser asks again: no connection is held for ever
	newsCheck = 15 * time.Second // a wake-up that was lost costs no more than this
)

// news tells a waiting page, as server-sent events, when its order has changed. It answers at once where it has
// changed between the page and this request.
func (w *web) news(rw http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("order")
	if _, err := w.Orders.Order(ctx, shopperOf(ctx), order.ID(id)); err != nil {
		return err
	}
	woken, end, err := w.Hub.Subscribe(id)
	if err != nil {
		return err
	}
	defer end()
	control := http.NewResponseController(rw)
	_ = control.SetWriteDeadline(time.Time{}) // the server's is for answers that end at once; not every writer has one
	h := rw.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	check, done := time.NewTicker(newsCheck), time.NewTimer(newsFor)
	defer check.Stop()
	defer done.Stop()
	seen := r.URL.Query().Get("at")
	for first := true; ; first = false {
		o, err := w.Orders.Order(ctx, shopperOf(ctx), order.ID(id))
		if err != nil {
			return nil // the answer has begun: the page finds out when it asks again
		}
		line := ": waiting\n\n"
		if newsOf(o) != seen {
			line = "event: news\ndata: " + newsOf(o) + "\n\n"
		}
		if first {
			line = "retry: 3000\n" + line
		}
		if _, err := fmt.Fprint(rw, line); err != nil || control.Flush() != nil || newsOf(o) != seen {
			return nil
		}
		select {
		case <-woken:
		case <-check.C:
		case <-done.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}
