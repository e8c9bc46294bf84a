package order

import (
	"cmp"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// Sheet is a new order with the rows that placing it writes. It is made where one shopper's request is read; the lane,
// where all wait for one writer, then only writes. Its rows point into the order, which nobody changes any more: copies
// of all values would be most of the memory that an order takes.
type Sheet struct {
	Order
	placed, lapses int64
	head           []any
	subs, lines    [][]any
}

// The columns of a row of each kind.
const (
	headCells = 22
	subCells  = 15
	lineCells = 23
)

// NewSheet makes the sheet of an order that is placed at an instant, and lapses at another unless it is paid before.
func NewSheet(o Order, at, lapses time.Time) *Sheet {
	s := &Sheet{Order: o}
	s.State, s.PlacedAt, s.ExpiresAt = AwaitingPayment, at, lapses
	s.wait()
	s.billed()
	s.placed, s.lapses = clock.Micros(s.PlacedAt), clock.Micros(s.ExpiresAt)
	s.write()
	return s
}

// Call names the order. One that is placed by a quote is named in the lane, so that names rise in the order in which
// orders are placed and their rows land at the right edge of all tables, however long ago each was quoted.
func (s *Sheet) Call(id ID) {
	s.ID = id
	if len(s.Parts) > 0 {
		s.Bill = id
	}
	for i := range s.Subs {
		s.Subs[i].Order = id
		for n := range s.Subs[i].Lines {
			s.Subs[i].Lines[n].Order = id
		}
	}
}

// write makes the rows.
func (s *Sheet) write() {
	lines := 0
	for i := range s.Subs {
		lines += len(s.Subs[i].Lines)
	}
	cells := make([]any, 0, headCells+subCells*len(s.Subs)+lineCells*lines)
	row := func(from int) []any { return cells[from:len(cells):len(cells)] }
	cells = s.headRow(cells)
	s.head, s.subs, s.lines = row(0), make([][]any, 0, len(s.Subs)), make([][]any, 0, lines)
	for i := range s.Subs {
		from := len(cells)
		cells = s.subRow(cells, &s.Subs[i])
		s.subs = append(s.subs, row(from))
		for n := range s.Subs[i].Lines {
			from = len(cells)
			cells = s.lineRow(cells, &s.Subs[i].Lines[n])
			s.lines = append(s.lines, row(from))
		}
	}
}

// headRow appends the values of orderColumns.
func (s *Sheet) headRow(to []any) []any {
	return append(to, (*string)(&s.ID), &s.Shopper, (*string)(&s.State), (*string)(&s.Currency), &s.Goods, &s.Freight,
		&s.Total, &s.Address, &s.RequestHash, (*string)(&s.Lang), &s.Source, &s.Remark, &s.placed, &s.lapses, int64(0),
		int64(0), "", &s.Step, &s.Rules, &s.Earnest, (*string)(&s.Bill), &s.Quote)
}

// subRow appends the values of subColumns.
func (s *Sheet) subRow(to []any, sub *Sub) []any {
	return append(to, (*string)(&s.ID), &sub.Seq, &sub.Shop, (*string)(&sub.State), &sub.Goods, &sub.Freight, &sub.Carrier,
		&sub.Pickup, int64(0), int64(0), int64(0), int64(0), &sub.Step, &sub.Waits,
		&sub.ShipHours)
}

// lineRow appends the values of lineColumns.
func (s *Sheet) lineRow(to []any, l *Line) []any {
	return append(to, (*string)(&s.ID), &l.No, &l.Seq, &l.Shop, &l.Offer, &l.Product, &l.SKU, &l.Pool, &l.Title, &l.Choice,
		&l.Picture, &l.Quantity, &l.UnitPrice, &l.PriceVersion, &l.Discount, &l.Paid, (*int64)(&l.FeePPM), &l.FeeRule,
		&l.RefundedQuantity, &l.Refunded, &l.Discounts, &l.Funded, &l.FundedBack)
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
	if err := insertModes(tx, orders); err != nil {
		return err
	}
	return s.emitPlaced(tx, orders)
}
