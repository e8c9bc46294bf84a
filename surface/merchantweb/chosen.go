package merchantweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// chosenMax is how many orders are worked on at once.
const chosenMax = 100

// chosenPages is where what is to be done with many orders stands.
var chosenPages = map[string]struct {
	path  string
	needs login.Permission
}{
	"pick":   {"/desk/orders/pick", login.OrdersRead},
	"slips":  {"/desk/orders/slips.pdf", login.OrdersShip},
	"labels": {"/desk/orders/labels.pdf", login.OrdersShip},
	"ship":   {"/desk/orders/ship", login.OrdersShip},
}

// chosen leads from the orders that were picked in the list to what is to be done with them.
func (w *web) chosen(rw http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	to, known := chosenPages[r.PostFormValue("do")]
	if !known || !gate.Who(r.Context()).Can(to.needs) {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	ids := r.PostForm["order"]
	if len(ids) == 0 {
		page.Flash(rw, "bad", "merchantweb.none_chosen")
		return page.See(rw, r, "/desk/orders")
	}
	return page.See(rw, r, to.path+"?"+url.Values{"order": ids}.Encode())
}

// chosenOrders reads the orders that a request names, each once and only the shop's own.
func (w *web) chosenOrders(ctx context.Context, shop string, ids []string) ([]order.Order, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 || len(ids) > chosenMax {
		return nil, fault.New(fault.Invalid, "merchantweb.chosen_many", fault.P("max", chosenMax))
	}
	all := make([]order.Order, 0, len(ids))
	for _, id := range ids {
		o, err := w.Orders.Sold(ctx, shop, order.ID(id))
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// toShip tells whether a part of an order waits for the shop.
func toShip(o order.Order, s order.Sub) bool {
	return o.State == order.Paid && s.State == order.SubOpen && o.TakenAt.IsZero()
}

// shipMany asks for the carrier of the orders that were chosen.
func (w *web) shipMany(rw http.ResponseWriter, r *http.Request) error {
	all, err := w.chosenOrders(r.Context(), shopOf(r), r.URL.Query()["order"])
	if err != nil {
		return err
	}
	return w.showShipMany(rw, r, all, map[string]shipped{}, "")
}

// shipped is how it went with one part of an order.
type shipped struct {
	parcel ship.Shipment
	err    error
}

func (w *web) showShipMany(
	rw http.ResponseWriter, r *http.Request, all []order.Order, done map[string]shipped, carrier string,
) error {
	f, t := w.frame(r, "/desk/orders", "merchantweb.ship_many")
	f.Way = []page.Crumb{{Href: "/desk/orders", Text: t.T("merchantweb.orders")}, {Text: t.T("merchantweb.ship_many")}}
	v := shipManyView{Frame: f, Table: page.Table{ID: "chosen", Caption: t.T("merchantweb.ship_many"),
		Columns: []page.Column{{Name: t.T("merchantweb.number")}, {Name: t.T("merchantweb.goods"), Wide: true},
			{Name: t.T("merchantweb.carrier")}, {Name: t.T("merchantweb.result")}}}}
	var sent []string
	for _, o := range all {
		for _, s := range o.Subs {
			row, went := shipManyRow(t, o, s, done[string(o.ID)])
			v.Table.Rows = append(v.Table.Rows, row)
			switch {
			case went:
				sent = append(sent, string(o.ID))
			case toShip(o, s):
				v.Open++
				v.Hidden = append(v.Hidden, page.Pair{Name: "order", Value: string(o.ID)})
			}
		}
	}
	v.Heading = t.T("merchantweb.ship_many")
	v.Submit = t.T("merchantweb.ship_n", "n", v.Open)
	if len(done) > 0 {
		f.Notice = page.Notice{Tone: "good", Text: t.T("merchantweb.shipped_n", "n", len(sent), "of", len(done))}
		if len(sent) < len(done) {
			f.Notice.Tone = "bad"
		}
		v.Frame = f
	}
	if len(sent) > 0 {
		q := url.Values{"order": sent}.Encode()
		v.Labels, v.Slips = "/desk/orders/labels.pdf?"+q, "/desk/orders/slips.pdf?"+q
	}
	v.Carrier = w.carrierField(t, carrier)
	return w.set.Render(rw, r, http.StatusOK, "desk-ship", v)
}

// shipManyRow shows one order of the list, and what came of it.
func shipManyRow(t page.Tongue, o order.Order, s order.Sub, d shipped) (row page.Row, went bool) {
	var goods []string
	for _, l := range s.Lines {
		if l.Left() > 0 {
			goods = append(goods, t.T("merchantweb.n_of", "n", l.Left(), "title", l.Title))
		}
	}
	badge := t.SubBadge(page.Desk, o, s)
	result := page.Cell{Badge: &badge}
	switch {
	case d.err != nil:
		result = page.Cell{Badge: &page.Badge{Tone: "bad", Text: t.T("merchantweb.not_shipped")}, Sub: t.Fault(d.err)}
	case d.parcel.ID != "":
		result = page.Cell{Badge: &page.Badge{Tone: "go", Text: t.T("merchantweb.handed_over")}, Sub: d.parcel.TrackingNo}
		went = true
	case !toShip(o, s):
		result.Sub = t.T("merchantweb.left_out")
	}
	return page.Row{ID: string(o.ID), Cells: []page.Cell{
		{Text: short(string(o.ID)), Href: "/desk/orders/" + string(o.ID), Code: true},
		{Text: strings.Join(goods, t.T("merchantweb.comma"))}, {Text: t.Carrier(s.Carrier)}, result}}, went
}

// asChosen stands for each shopper's own choice. It is a word because a browser takes "" for no choice at all.
const asChosen = "as-chosen"

// carrierField offers one carrier for all, or each its shopper's own choice.
func (w *web) carrierField(t page.Tongue, chosen string) page.Field {
	list := page.Group{Options: []page.Option{{Value: asChosen, Text: t.T("merchantweb.as_chosen"),
		Selected: chosen == asChosen || chosen == ""}}}
	for _, c := range w.Ship.Carriers {
		if !c.Pickup() {
			list.Options = append(list.Options, page.Option{Value: c.Name(), Text: t.Carrier(c.Name()),
				Selected: c.Name() == chosen})
		}
	}
	return page.Field{ID: "carrier", Name: "carrier", Kind: "select", Label: t.T("merchantweb.carrier_for_all"),
		Required: true, Options: []page.Group{list}, Hint: t.T("merchantweb.carrier_for_all_hint")}
}

// dispatchMany hands all chosen orders to their carriers, and tells of each how it went. Sending the form twice ships
// nothing twice: what has left answers with its parcel.
func (w *web) dispatchMany(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop := r.Context(), shopOf(r)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	all, err := w.chosenOrders(ctx, shop, r.PostForm["order"])
	if err != nil {
		return err
	}
	carrier, done, ids := r.PostFormValue("carrier"), map[string]shipped{}, []string{}
	for _, o := range all {
		for _, s := range o.Subs {
			cmd := ship.Dispatch{Shop: shop, Order: o.ID, Seq: s.Seq, Carrier: carrier}
			if s.Pickup != "" || carrier == asChosen {
				cmd.Carrier = "" // also a pickup, whoever carries the others
			}
			parcel, err := w.Ship.Dispatch(ctx, cmd)
			if err != nil && !page.Own(err) {
				return err
			}
			done[string(o.ID)] = shipped{parcel, err}
		}
		ids = append(ids, string(o.ID))
	}
	if all, err = w.chosenOrders(ctx, shop, ids); err != nil {
		return err
	}
	return w.showShipMany(rw, r, all, done, carrier)
}
