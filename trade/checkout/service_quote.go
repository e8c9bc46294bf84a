package checkout

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/lane"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// Quote prices a basket: what each line costs now, how each shop's part can travel, one total. A basket with an address
// and without problems gets a token, the promise of that total until it lapses. It writes nothing and holds no stock.
//
// Codes: checkout.empty, checkout.lines, checkout.quantity, checkout.duplicate, checkout.currency_mix,
// checkout.amount_range, checkout.carrier, checkout.no_carrier, checkout.pickup, checkout.balances, address.not_found,
// lane.full. Lines that cannot be bought now are Problems.
func (s *Service) Quote(ctx context.Context, who string, b Basket) (q Quote, err error) {
	if err := s.check(b); err != nil {
		return Quote{}, err
	}
	at := clock.Now(ctx, s.clock)
	b.choosing = true
	q, err = s.quotes.Do(ctx, question{who: who, basket: b, at: at})
	if err != nil || len(q.Problems) > 0 || b.Address == "" {
		return q, err
	}
	q.Order.Quote, q.Order.Chosen = s.ids.New("quo"), b.Claims != nil
	q.Order.ExpiresAt = at.Add(s.set.QuoteHolds)
	if !q.Deals.IsZero() && q.Deals.Before(q.Order.ExpiresAt) { // no promise outlives what it rests on (RULES C8)
		q.Order.ExpiresAt = q.Deals
	}
	q.ExpiresAt = q.Order.ExpiresAt
	q.Token, err = s.tokens.seal(q.Order)
	return q, err
}

// question is one Quote on its way. Those that are asked at once are answered from one snapshot, in which what they
// share is read once: offers that many want, a shop, a page of the database.
type question struct {
	who    string
	basket Basket
	at     time.Time
}

func (s *Service) quoteAll(batch []question) (outs []lane.Outcome[Quote], err error) {
	err = s.db.Read(context.Background(), func(tx *db.Tx) error {
		r, err := s.gather(tx, batch)
		if err != nil {
			return err
		}
		outs = make([]lane.Outcome[Quote], len(batch))
		for i, v := range batch {
			outs[i].Reply, outs[i].Err = s.price(tx, v.who, v.basket, r, v.at)
		}
		return nil
	})
	return outs, err
}

func (s *Service) check(b Basket) error {
	if len(b.Lines) == 0 {
		return fault.New(fault.Invalid, "checkout.empty").At("lines")
	}
	if len(b.Lines) > s.set.LinesMax {
		return fault.New(fault.Invalid, "checkout.lines", fault.P("max", s.set.LinesMax)).At("lines")
	}
	if err := checkBalances(b); err != nil {
		return err
	}
	seen := make(map[string]bool, len(b.Lines))
	for i, l := range b.Lines {
		at := "lines." + strconv.Itoa(i)
		if l.Quantity < 1 || l.Quantity > s.set.QuantityMax {
			return fault.New(fault.Invalid, "checkout.quantity", fault.P("max", s.set.QuantityMax)).At(at + ".quantity")
		}
		if seen[l.Offer] {
			return fault.New(fault.Invalid, "checkout.duplicate").At(at + ".offer")
		}
		seen[l.Offer] = true
	}
	return nil
}

// reading is everything that pricing some baskets needs, read on one snapshot.
type reading struct {
	offers map[offer.ID]offer.Offer
	briefs map[catalog.SKUID]catalog.Brief
	free   map[stock.PoolID]int64
	closed map[string]bool // shops that take no orders
	places ship.Places     // from where their parcels go
}

func (s *Service) gather(tx *db.Tx, batch []question) (r reading, err error) {
	var ids []offer.ID
	for _, v := range batch {
		for _, l := range v.basket.Lines {
			ids = append(ids, offer.ID(l.Offer))
		}
	}
	if r.offers, err = offer.Load(tx, ids); err != nil {
		return r, err
	}
	var skus []catalog.SKUID
	var pools []stock.PoolID
	for _, o := range r.offers {
		skus, pools = append(skus, catalog.SKUID(o.SKU)), append(pools, o.Pool)
	}
	if r.briefs, err = s.catalog.Briefs(tx, skus); err != nil {
		return r, err
	}
	if r.free, err = stock.Free(tx, pools); err != nil {
		return r, err
	}
	if r.closed, err = closedOf(tx, r.offers); err != nil {
		return r, err
	}
	r.places, err = s.ship.Places(tx, slices.Collect(maps.Keys(r.closed)))
	return r, err
}

// closedOf reads which shops of some offers take no orders.
func closedOf(tx *db.Tx, offers map[offer.ID]offer.Offer) (map[string]bool, error) {
	closed := map[string]bool{}
	for _, o := range offers {
		id := o.Shop
		if _, known := closed[id]; known || id == "" {
			continue
		}
		shop, err := merchant.Load(tx, merchant.ID(id))
		if err != nil {
			return nil, err
		}
		closed[id] = shop.State != merchant.Open
	}
	return closed, nil
}

// price builds the order that the basket would become, shop by shop in the order of their first lines.
func (s *Service) price(tx *db.Tx, who string, b Basket, r reading, at time.Time) (Quote, error) {
	q := Quote{Currency: s.set.Currency, Order: order.Order{Shopper: who, Currency: s.set.Currency, Address: b.Address,
		Lang: b.Lang, State: order.AwaitingPayment}}
	weights := map[string]int64{}
	for _, bl := range b.Lines {
		o, brief := r.offers[offer.ID(bl.Offer)], catalog.Brief{}
		if o.ID != "" {
			brief = r.briefs[catalog.SKUID(o.SKU)]
		}
		if err := r.problem(o, brief, bl); err != nil {
			q.Problems = append(q.Problems, Problem{Offer: bl.Offer, Err: err})
			if o.ID == "" {
				continue
			}
		}
		if o.Currency != s.set.Currency {
			return Quote{}, fault.New(fault.Unprocessable, "checkout.currency_mix").At("lines")
		}
		l, err := s.line(o, brief, bl.Quantity, b, at)
		if err != nil {
			return Quote{}, err
		}
		q.add(l)
		weights[o.Shop] += brief.WeightG * bl.Quantity
	}
	if err := q.balances(tx, who, b, at); err != nil {
		return Quote{}, err
	}
	if err := s.discount(tx, b, r, &q, at); err != nil {
		return Quote{}, err
	}
	q.short(r)
	if b.Address != "" {
		if err := s.carry(tx, b, r, &q, weights); err != nil {
			return Quote{}, err
		}
	}
	if err := q.sum(); err != nil {
		return q, err
	}
	return q, q.bill()
}

// problem says why a line cannot be bought now, or nil.
func (r reading) problem(o offer.Offer, brief catalog.Brief, l BasketLine) error {
	switch {
	case o.ID == "" || brief.SKU == "":
		return fault.New(fault.NotFound, "offer.not_found").At(l.Offer)
	case o.State != offer.Listed || brief.State != catalog.Listed:
		return fault.New(fault.SoldOut, "offer.withdrawn").At(l.Offer)
	case r.closed[o.Shop]:
		return fault.New(fault.SoldOut, "checkout.shop_closed").At(l.Offer)
	}
	return nil
}

// short notes the lines of which too few pieces are free. A line at the price of a promotion with pieces of its own is
// taken from those, which were looked at when it was priced.
func (q *Quote) short(r reading) {
	for _, sub := range q.Order.Subs {
		for _, l := range sub.Lines {
			pool := r.offers[offer.ID(l.Offer)].Pool
			told := slices.ContainsFunc(q.Problems, func(p Problem) bool { return p.Offer == l.Offer })
			if told || l.Pool != string(pool) {
				continue
			}
			switch free, open := r.free[pool]; {
			case !open:
				q.Problems = append(q.Problems, Problem{l.Offer, fault.New(fault.SoldOut, "offer.withdrawn").At(l.Offer)})
			case free < l.Quantity:
				err := fault.New(fault.SoldOut, "stock.sold_out", fault.P("free", free)).At(l.Offer)
				q.Problems = append(q.Problems, Problem{l.Offer, err})
			}
		}
	}
}

// line fixes one line's price before promotions, and the fee rule that holds for it at this instant.
func (s *Service) line(o offer.Offer, brief catalog.Brief, qty int64, b Basket, at time.Time) (order.Line, error) {
	total, err := o.Price().Times(qty)
	if err != nil {
		return order.Line{}, fault.New(fault.Unprocessable, "checkout.amount_range").At("quantity").Because(err)
	}
	rule, ppm := s.settle.Fees().For(o.Shop, brief.Category, at)
	return order.Line{Shop: o.Shop, Offer: string(o.ID), Product: o.Product, SKU: o.SKU, Pool: string(o.Pool),
		Title: cut(brief.Title.In(b.Lang)), Choice: cut(brief.Choice.In(b.Lang)), Picture: string(brief.Picture),
		Quantity: qty, UnitPrice: o.UnitPrice, PriceVersion: o.Version, Paid: total.Minor, FeePPM: ppm,
		FeeRule: string(rule)}, nil
}

// titleMax bounds what an order line repeats of a title or choice, in bytes.
const titleMax = 150

// cut shortens a text to titleMax bytes at a character's end.
func cut(s string) string {
	if len(s) <= titleMax {
		return s
	}
	end := 0
	for i := range s {
		if i > titleMax {
			break
		}
		end = i
	}
	return s[:end]
}

func (q *Quote) add(l order.Line) {
	i := slices.IndexFunc(q.Order.Subs, func(s order.Sub) bool { return s.Shop == l.Shop })
	if i < 0 {
		i = len(q.Order.Subs)
		q.Order.Subs = append(q.Order.Subs, order.Sub{Seq: int64(i + 1), Shop: l.Shop, State: order.SubOpen})
	}
	l.Seq = int64(i + 1)
	q.Order.Subs[i].Lines = append(q.Order.Subs[i].Lines, l)
}

// carry finds how each shop's part travels to the address.
func (s *Service) carry(tx *db.Tx, b Basket, r reading, q *Quote, weights map[string]int64) error {
	to, err := shopper.UsableIn(tx, shopper.ID(q.Order.Shopper), shopper.AddressID(b.Address))
	if err != nil {
		return err
	}
	for i := range q.Order.Subs {
		sub := &q.Order.Subs[i]
		goods := int64(0)
		for _, l := range sub.Lines {
			goods += l.Paid
		}
		options := s.ship.OptionsFrom(r.places, ship.Parcel{Shop: sub.Shop, To: to, WeightG: weights[sub.Shop],
			Goods: money.New(goods, q.Currency)})
		chosen, how, err := choose(options, b.Carriers[sub.Shop])
		if err != nil {
			return err
		}
		q.Shops = append(q.Shops, ShopQuote{Shop: sub.Shop, Chosen: chosen.Carrier, Options: options})
		sub.Carrier, sub.Freight, sub.Pickup = chosen.Carrier, chosen.Freight, how.Pickup
	}
	return nil
}

// choose picks the asked carrier, or the first that does not make the shopper travel; where the goods are too heavy or
// the address too far for all of those, the first place to fetch them from. It tells the place, too.
func choose(options []ship.Option, c CarrierChoice) (ship.Option, CarrierChoice, error) {
	refused := func(code, field string) (ship.Option, CarrierChoice, error) {
		return ship.Option{}, c, fault.New(fault.Unprocessable, code).At(field)
	}
	if c.Carrier == "" && !slices.ContainsFunc(options, func(o ship.Option) bool { return !o.Pickup }) {
		if len(options) == 0 {
			return refused("checkout.no_carrier", "carrier")
		}
		c.Carrier = options[0].Carrier
		if points := options[0].Points; c.Pickup == "" && len(points) > 0 {
			c.Pickup = points[0].Code
		}
	}
	i := slices.IndexFunc(options, func(o ship.Option) bool {
		return o.Carrier == c.Carrier || c.Carrier == "" && !o.Pickup
	})
	if i < 0 {
		return refused("checkout.carrier", "carrier")
	}
	o := options[i]
	known := slices.ContainsFunc(o.Points, func(p ship.Point) bool { return p.Code == c.Pickup })
	if c.Pickup != "" && !known || c.Pickup == "" && len(o.Points) > 0 {
		return refused("checkout.pickup", "pickup")
	}
	return o, c, nil
}

// sum numbers the lines in the order of their shops and adds everything up, checked.
func (q *Quote) sum() error {
	o, no := &q.Order, int64(0)
	all := money.New(0, q.Currency)
	for i := range o.Subs {
		sub := &o.Subs[i]
		for j := range sub.Lines {
			no++
			sub.Lines[j].No = no
			sub.Goods += sub.Lines[j].Paid
		}
		part, err := money.Sum(q.Currency, all, money.New(sub.Goods, q.Currency), money.New(sub.Freight, q.Currency))
		if err != nil || part.Minor > AmountMax {
			return fault.New(fault.Unprocessable, "checkout.amount_range").At("lines").Because(err)
		}
		all = part
		o.Goods += sub.Goods
		o.Freight += sub.Freight
	}
	o.Total = all.Minor
	return nil
}

// AmountMax bounds one order's total in minor units: ledger sums over a market's life stay far inside int64.
const AmountMax = 1_000_000_000_000

// Seal makes another token, good for another order, of what was quoted already: for load generators and rehearsals,
// which would otherwise measure quoting. It promises what the quote promised, until the same instant.
func (s *Service) Seal(quoted order.Order) (string, error) {
	quoted.Quote = s.ids.New("quo")
	return s.tokens.seal(quoted)
}
