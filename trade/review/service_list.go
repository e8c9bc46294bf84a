package review

import (
	"context"

	"hutong/base/db"
	"hutong/trade/order"
)

// PageMax bounds one page of reviews.
const PageMax = 100

// Query picks reviews, newest first.
type Query struct {
	Stars      int64 // only those with so many; 0: all
	Pictured   bool  // only those with pictures
	Verified   bool  // only verified purchases
	Unanswered bool  // only those that the merchant has not answered
	Cursor     string
	Limit      int // at most PageMax; 0: 20
}

// Page is some reviews and where to go on, "" at the end.
type Page struct {
	Reviews []Review
	Next    string
}

// ByProduct are the shown reviews of a product, without who wrote them. Codes: review.cursor.
func (s *Service) ByProduct(ctx context.Context, product string, q Query) (Page, error) {
	return s.page(ctx, q, listProduct, product, Review.public)
}

// ByShop are all reviews of a shop's products, for its desk. Codes: review.cursor.
func (s *Service) ByShop(ctx context.Context, shop string, q Query) (Page, error) {
	return s.page(ctx, q, listShop, shop, Review.sold)
}

// ByShopper are what a shopper wrote. Codes: review.cursor.
func (s *Service) ByShopper(ctx context.Context, shopper string, q Query) (Page, error) {
	return s.page(ctx, q, listShopper, shopper, func(r Review) Review { r.Reports = 0; return r })
}

func (s *Service) page(ctx context.Context, q Query, whose, id string, seen func(Review) Review) (p Page, err error) {
	from, err := parseCursor(q.Cursor)
	if err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit = min(q.Limit, PageMax)
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		p.Reviews, err = list(tx, whose, id, q, from)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if len(p.Reviews) > q.Limit {
		p.Reviews = p.Reviews[:q.Limit]
		p.Next = p.Reviews[q.Limit-1].cursor()
	}
	for i := range p.Reviews {
		p.Reviews[i] = seen(p.Reviews[i])
	}
	return p, nil
}

// Totals are the scores of products; one without reviews is left out.
func (s *Service) Totals(ctx context.Context, products []string) (all map[string]Totals, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { all, err = TotalsIn(tx, products); return err })
	return all, err
}

// OfOrder are the shopper's reviews of an order, by line, and the numbers of the lines that can be reviewed now.
// Codes: order.not_found, also for somebody else's.
func (s *Service) OfOrder(ctx context.Context, shopper string, id order.ID) (written map[int64]Review, open []int64,
	err error) {
	o, err := s.Orders.Order(ctx, shopper, id)
	if err != nil {
		return nil, nil, err
	}
	written = map[int64]Review{}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := ofOrder(tx, shopper, id)
		for _, r := range all {
			r.Reports = 0
			written[r.Line] = r
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	doubtful := false // a line with nothing left: returned, or never sent
	for _, l := range o.Lines() {
		_, said := written[l.No]
		if _, ok := received(o, l.No); ok && !said {
			open = append(open, l.No)
			doubtful = doubtful || l.Left() == 0
		}
	}
	if doubtful {
		open, err = s.sent(ctx, id, open)
	}
	return written, open, err
}

// sent are those of the lines that left the shop, under the order's lock.
func (s *Service) sent(ctx context.Context, id order.ID, lines []int64) (kept []int64, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		kept = nil
		sent, err := order.Sent(tx, id)
		for _, l := range lines {
			if sent[l] {
				kept = append(kept, l)
			}
		}
		return err
	})
	return kept, err
}
