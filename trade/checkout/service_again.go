package checkout

import (
	"context"
	"slices"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/trade/order"
)

// Terms are what a token promised beside what holds now. Who places the token of Now has agreed to that (FAULTS R22).
type Terms struct {
	Was order.Order
	Now Quote // of the same lines, address and carriers
}

// Tickets are the Deals that hold what a sale's item promised against the item as it is.
type Tickets interface {
	// Redeem refuses a line whose promise does not hold any more. Codes: flash.withdrawn, flash.terms_changed.
	Redeem(l order.Line, promised order.Discount, at time.Time) error
}

// termsCodes are the refusals of Place that say that what the token promised is gone.
var termsCodes = []string{"checkout.expired", "checkout.deal_over", "flash.withdrawn", "flash.terms_changed",
	"order.balance_changed", "quota.closed", "voucher.marked", "stock.closed", promo.RefusedExhausted, refusedUnpaid,
	refusedPayer, refusedLimit, refusedUsed}

// TermsGone tells whether a refusal of Place says that what the token promised does not hold any more: the shopper is
// to be shown Again.
func TermsGone(err error) bool { return err != nil && slices.Contains(termsCodes, fault.As(err).Code) }

// Promised is what a token of the shopper's promised, also when that has lapsed. Codes: checkout.token.
func (s *Service) Promised(token, shopper string) (order.Order, error) {
	return s.tokens.open(token, shopper)
}

// Again quotes what a token promised under the terms of now. Codes: checkout.token and those of Quote.
func (s *Service) Again(ctx context.Context, token, shopper string) (Terms, error) {
	was, err := s.tokens.open(token, shopper)
	if err != nil {
		return Terms{}, err
	}
	b := Basket{Address: was.Address, Lang: was.Lang, Carriers: map[string]CarrierChoice{}, invited: true}
	for _, sub := range was.Subs {
		b.Carriers[sub.Shop] = CarrierChoice{Carrier: sub.Carrier, Pickup: sub.Pickup}
		for _, l := range sub.Lines {
			b.Lines = append(b.Lines, BasketLine{Offer: l.Offer, Quantity: l.Quantity})
			if b.Group, err = placeOf(b.Group, l); err != nil {
				return Terms{}, err
			}
		}
	}
	if was.Chosen { // what was left out stays left out
		b.Claims = Vouchers(was)
	}
	for _, p := range was.Parts {
		b.Balances = append(b.Balances, p.Order)
	}
	if was.Presale != nil { // who was to pay an earnest is never asked for the whole price in its place
		b.Presale = was.Presale.Item
	}
	now, err := s.Quote(ctx, shopper, b)
	if err != nil && b.Group != "" { // the place in the group is gone
		b.Group = ""
		now, err = s.Quote(ctx, shopper, b)
	}
	if open := now.open(b.Balances); err == nil && len(open) < len(b.Balances) { // the others cannot be paid with it now
		b.Balances = open
		now, err = s.Quote(ctx, shopper, b)
	}
	return Terms{Was: was, Now: now}, err
}

// placeOf is the place in a group that a line was bought with, or else the one that is known.
func placeOf(known string, l order.Line) (string, error) {
	all, err := order.DecodeDiscounts(l.Discounts)
	for _, d := range all {
		if strings.HasPrefix(d.Promotion, order.GroupPrice) && d.Claim != "" {
			known = d.Claim
		}
	}
	return known, err
}
