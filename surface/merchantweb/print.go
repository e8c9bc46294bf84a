package merchantweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/party/shopper/division"
	"hutong/surface/page"
	"hutong/surface/paper"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// file answers with the bytes of a file, to be shown by the browser if it can.
func (w *web) file(rw http.ResponseWriter, kind, name string, data []byte) error {
	h := rw.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `inline; filename="`+name+`"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, err := rw.Write(data)
	return err
}

// slips prints what is in the parcels of the chosen orders, each on a page of its own.
func (w *web) slips(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, shop, t, err := w.toPrint(r)
	if err != nil {
		return err
	}
	var docs []paper.Document
	for _, o := range all {
		for _, s := range o.Subs {
			to, err := w.receiver(ctx, t, o, s)
			if err != nil {
				return err
			}
			docs = append(docs, slip(t, shop, o, s, to))
		}
	}
	pdf, err := paper.A4(w.Clock.Now(), docs...)
	if err != nil {
		return err
	}
	return w.file(rw, "application/pdf", "packing-slips.pdf", pdf)
}

// toPrint reads the chosen orders and the shop. An order that is not paid prints nothing, so it is refused.
func (w *web) toPrint(r *http.Request) (all []order.Order, shop merchant.Shop, t page.Tongue, err error) {
	_, t = w.frame(r, "/desk/orders", "merchantweb.orders")
	if all, err = w.chosenOrders(r.Context(), shopOf(r), r.URL.Query()["order"]); err != nil {
		return nil, shop, t, err
	}
	for _, o := range all {
		if o.PaidAt.IsZero() {
			return nil, shop, t, fault.New(fault.Conflict, "merchantweb.unpaid", fault.P("order", short(string(o.ID))))
		}
	}
	shop, err = w.Shops.Shop(r.Context(), merchant.ID(shopOf(r)))
	return all, shop, t, err
}

// receiver is who gets a parcel, line by line: the point's name for a pickup, and the address only as long as the
// parcel is not there.
func (w *web) receiver(ctx context.Context, t page.Tongue, o order.Order, s order.Sub) ([]string, error) {
	if s.Pickup != "" {
		at, err := w.Ship.Point(ctx, s.Shop, s.Pickup)
		if err != nil {
			return nil, err
		}
		return []string{pointName(t, at), at.Address}, nil
	}
	if !toShip(o, s) && s.State != order.SubShipped {
		return []string{t.T("merchantweb.address_gone")}, nil
	}
	a, err := w.Shoppers.Address(ctx, shopper.ID(o.Shopper), shopper.AddressID(o.Address))
	if err != nil && fault.Of(err) == fault.NotFound || err == nil && a.Erased {
		return []string{t.T("merchantweb.address_gone")}, nil
	}
	return []string{a.Recipient + "  " + a.Phone, a.Whole()}, err
}

func pointName(t page.Tongue, p ship.Point) string {
	if t.Lang == "zh-CN" {
		return p.Zh
	}
	return p.En
}

func slip(t page.Tongue, shop merchant.Shop, o order.Order, s order.Sub, to []string) paper.Document {
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	d := paper.Document{Title: t.T("merchantweb.slip"), Subtitle: shop.Name.Pick(t.Lang), Code: string(o.ID),
		Facts: []paper.Fact{{Name: t.T("merchantweb.number"), Value: string(o.ID)},
			{Name: t.T("merchantweb.placed"), Value: t.When(o.PlacedAt)},
			{Name: t.T("merchantweb.deliver"), Value: strings.Join(to, "  ")},
			{Name: t.T("merchantweb.carrier"), Value: t.Carrier(s.Carrier)}},
		Table: paper.Table{Columns: []paper.Column{{Title: t.T("merchantweb.product"), Share: 5},
			{Title: t.T("merchantweb.choice"), Share: 3}, {Title: t.T("merchantweb.pieces_head"), Share: 1, Right: true},
			{Title: t.T("merchantweb.sum"), Share: 2, Right: true}}},
		Sums: []paper.Fact{{Name: t.T("merchantweb.goods_sum"), Value: cash(s.Goods)},
			{Name: t.T("merchantweb.freight"), Value: cash(s.Freight)}},
		Foot: t.T("merchantweb.slip_foot")}
	if o.Remark != "" {
		d.Facts = append(d.Facts, paper.Fact{Name: t.T("merchantweb.remark"), Value: o.Remark})
	}
	for _, l := range s.Lines {
		if l.Left() > 0 {
			d.Table.Rows = append(d.Table.Rows, []string{l.Title, l.Choice, t.Count(l.Left()), cash(l.Paid - l.Refunded)})
		}
	}
	return d
}

// labels prints the labels of the chosen orders' parcels. An order that was not handed to its carrier has no number
// yet, so it is refused rather than left out unseen.
func (w *web) labels(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, shop, t, err := w.toPrint(r)
	if err != nil {
		return err
	}
	var labels []paper.Label
	for _, o := range all {
		parcels, err := w.Ship.Sent(ctx, string(shop.ID), o.ID)
		if err != nil {
			return err
		}
		if len(parcels) == 0 {
			return fault.New(fault.Conflict, "merchantweb.no_label", fault.P("order", short(string(o.ID))))
		}
		for _, p := range parcels {
			l, err := w.label(ctx, t, shop, o, p)
			if err != nil {
				return err
			}
			labels = append(labels, l)
		}
	}
	pdf, err := paper.Labels(w.Clock.Now(), labels...)
	if err != nil {
		return err
	}
	return w.file(rw, "application/pdf", "labels.pdf", pdf)
}

func (w *web) label(
	ctx context.Context, t page.Tongue, shop merchant.Shop, o order.Order, p ship.Shipment,
) (paper.Label, error) {
	l := paper.Label{Carrier: t.Carrier(p.Carrier), Number: p.TrackingNo, ToName: t.T("merchantweb.label_to"),
		FromName: t.T("merchantweb.label_from"), From: []string{shop.Name.Pick(t.Lang)},
		Facts: []paper.Fact{{Name: t.T("merchantweb.number"), Value: string(o.ID)},
			{Name: t.T("merchantweb.shipped_at"), Value: t.When(p.BookedAt)}}}
	if shop.Division != "" {
		l.From = append(l.From, division.Name(shop.Division))
	}
	pieces := int64(0)
	for _, s := range o.Subs {
		if s.Seq != p.Seq {
			continue
		}
		to, err := w.receiver(ctx, t, o, s)
		if err != nil {
			return l, err
		}
		l.To = to
		for _, line := range s.Lines {
			pieces += line.Left()
		}
	}
	l.Facts = append(l.Facts, paper.Fact{Name: t.T("merchantweb.pieces_head"), Value: t.Count(pieces)})
	if o.Remark != "" {
		l.Facts = append(l.Facts, paper.Fact{Name: t.T("merchantweb.remark"), Value: o.Remark})
	}
	return l, nil
}
