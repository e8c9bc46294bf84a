package order

import (
	"cmp"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// Sheet is a new order with the rows that placing it writes. It is made where one shopper's request is read; the lane,
// where all wait for one writer, then only writes.
type Sheet struct {
	Order
	head        []any
	subs, lines [][]any
}

// NewSheet makes the sheet of an order that is placed at an instant, and lapses at another unless it is paid before.
func NewSheet(o Order, at, lapses time.Time) *Sheet {
	o.State, o.PlacedAt, o.ExpiresAt = AwaitingPayment, at, lapses
	o.wait()
	o.billed()
	lines := 0
	for i := range o.Subs {
		lines += len(o.Subs[i].Lines)
	}
	s := &Sheet{Order: o, subs: make([][]any, 0, len(o.Subs)), lines: make([][]any, 0, lines)}
	var id any = string(o.ID) // what rows share takes memory once
	s.head = []any{id, o.Shopper, string(o.State), string(o.Currency), o.Goods, o.Freight, o.Total, o.Address,
		o.RequestHash, string(o.Lang), o.Source, o.Remark, clock.Micros(o.PlacedAt), clock.Micros(o.ExpiresAt), int64(0),
		int64(0), "", o.Step, o.Rules, o.Earnest, string(o.Bill)}
	for i := range o.Subs {
		sub := &o.Subs[i]
		var shop any = sub.Shop
		s.subs = append(s.subs, []any{id, sub.Seq, shop, string(sub.State), sub.Goods, sub.Freight,
			sub.Carrier, sub.Pickup, int64(0), int64(0), int64(0), int64(0), sub.Step, sub.Waits})
		for n := range sub.Lines {
			s.lines = append(s.lines, lineRow(id, shop, &sub.Lines[n]))
		}
	}
	return s
}

func lineRow(order, shop any, l *Line) []any {
	return []any{order, l.No, l.Seq, shop, l.Offer, l.Product, l.SKU, l.Pool, l.Title, l.Choice, l.Picture,
		l.Quantity, l.UnitPrice, l.PriceVersion, l.Discount, l.Paid, int64(l.FeePPM), l.FeeRule, l.RefundedQuantity,
		l.Refunded, l.Discounts, l.Funded, l.FundedBack}
}

// Open writes new orders in the caller's transaction, in the order of their ids, so that rows land at the right edge of
// their tables. Their stock is the caller's business. Placing is not a Step: the order's own row says when it happened,
// and its path starts from there.
func (s *Service) Open(tx *db.Tx, sheets []*Sheet) error {
	if len(sheets) == 0 {
		return nil
	}
	slices.SortFunc(sheets, func(x, y *Sheet) int { return cmp.Compare(x.ID, y.ID) })
	orders := make([]*Order, len(sheets))
	heads := make([][]any, len(sheets))
	var subs, lines [][]any
	for i, sheet := range sheets {
		orders[i], heads[i] = &sheet.Order, sheet.head
		subs, lines = append(subs, sheet.subs...), append(lines, sheet.lines...)
	}
	if err := tx.Insert("orders", split(orderColumns), heads); err != nil {
		return err
	}
	if err := tx.Insert("suborders", split(subColumns), subs); err != nil {
		return err
	}
	if err := tx.Insert("order_lines", split(lineColumns), lines); err != nil {
		return err
	}
	if err := insertPresales(tx, orders); err != nil {
		return err
	}
	return s.emitPlaced(tx, orders)
}
