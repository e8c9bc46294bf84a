package api

import (
	"net/http"
	"strings"

	"hutong/trade/order"
	"hutong/trade/ship"
)

// parcelForm is a parcel as its shop or its shopper sees it.
type parcelForm struct {
	Order      string      `json:"order"`
	Seq        int64       `json:"seq"`
	Carrier    string      `json:"carrier"`
	TrackingNo string      `json:"tracking_no"`
	State      string      `json:"state" doc:"booked, in_transit, delivered or returned"`
	Point      string      `json:"point,omitempty" doc:"the code of the pickup point where it waits"`
	PickupCode string      `json:"pickup_code,omitempty" doc:"what the shopper shows there; nobody else is told"`
	Events     []eventForm `json:"events" doc:"what happened to it, oldest first"`
}

// eventForm is what a carrier told of a parcel.
type eventForm struct {
	Code  string `json:"code" doc:"such as moving, in_locker, signed, sent_back or abnormal"`
	At    string `json:"at"`
	Place words  `json:"place"`
}

func parcelOf(s ship.Shipment) parcelForm {
	f := parcelForm{Order: string(s.Order), Seq: s.Seq, Carrier: s.Carrier, TrackingNo: s.TrackingNo,
		State: string(s.State), Point: s.Point, PickupCode: s.PickupCode, Events: []eventForm{}}
	for _, e := range s.Events {
		code := strings.TrimPrefix(e.Code.TextKey(), "ship.event.")
		f.Events = append(f.Events, eventForm{code, at(e.At), words{e.PlaceZh, e.PlaceEn}})
	}
	return f
}

func parcelsOf(all []ship.Shipment, err error) (page[parcelForm], error) {
	out := page[parcelForm]{Items: []parcelForm{}}
	for _, s := range all {
		out.Items = append(out.Items, parcelOf(s))
	}
	return out, err
}

type shipBody struct {
	Carrier    string `json:"carrier,omitempty" doc:"without it, the one that the shopper chose"`
	TrackingNo string `json:"tracking_no,omitempty" doc:"of a parcel that was booked with the carrier elsewhere"`
}

type pickupBody struct {
	Code string `json:"code" doc:"what the shopper shows"`
}

// parcels are the shopper's, and what a shop does to its own.
func (a *api) parcels() []op {
	return []op{
		get("order.parcels", "/orders/{order}/parcels", "The order's parcels, with what happened to them; of one that "+
			"waits at a pickup point, the code to show there.", shoppers, func(c *call) (page[parcelForm], error) {
			id := order.ID(c.path("order"))
			if _, err := a.Orders.Order(c.ctx, c.who.Shopper, id); err != nil {
				return page[parcelForm]{}, err
			}
			return parcelsOf(a.Ship.Parcels(c.ctx, c.who.Shopper, id))
		}),
		get("merchant.parcels", "/merchant/orders/{order}/parcels", "The parcels that the shop sent of an order.",
			merchants, func(c *call) (page[parcelForm], error) {
				id := order.ID(c.path("order"))
				if _, err := a.Orders.Sold(c.ctx, c.who.Shop, id); err != nil {
					return page[parcelForm]{}, err
				}
				return parcelsOf(a.Ship.Sent(c.ctx, c.who.Shop, id))
			}),
		write(http.MethodPost, "merchant.ship", "/merchant/orders/{order}/suborders/{seq}/ship", merchants, a.dispatch).
			says("Hand the shop's part to its carrier, or make it ready at its pickup point.").creates(),
		write(http.MethodPost, "merchant.pickup", "/merchant/pickups", merchants,
			func(c *call, in pickupBody) (parcelForm, error) {
				s, err := a.Ship.PickUp(c.ctx, c.who.Shop, in.Code)
				return parcelOf(s), err
			}).says("Hand a parcel out to whoever shows its code; the shopper has received it. Wrong codes are counted."),
	}
}

func (a *api) dispatch(c *call, in shipBody) (parcelForm, error) {
	seq, err := c.seq()
	if err != nil {
		return parcelForm{}, err
	}
	s, err := a.Ship.Dispatch(c.ctx, ship.Dispatch{Shop: c.who.Shop, Order: order.ID(c.path("order")), Seq: seq,
		Carrier: in.Carrier, TrackingNo: in.TrackingNo})
	return parcelOf(s), err
}
