package replay

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/node"
	"hutong/party/shopper"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// placed is what an invoice became.
type placed struct {
	order   order.ID
	shopper string
}

// item is what an order line is of. One invoice may have the same code at the same price twice; each is a line of its
// own, so the copy counts too.
type item struct {
	code  string
	price int64
	copy  int
}

// codeMax bounds the stock codes that are kept as they stand; a longer one is known by its digest.
const codeMax = 100

// name is what the item is called in the catalogue.
func (v item) name() string {
	code := v.code
	if oneLine(code, codeMax) != code {
		code = fmt.Sprintf("%x", sha256.Sum256([]byte(code)))
	}
	return fmt.Sprintf("%s@%d#%d", code, v.price, v.copy)
}

// oneLine is what of a text can be shown on one line, cut to that many characters.
func oneLine(s string, most int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, "")))
	if utf8.RuneCountInString(s) > most {
		s = strings.TrimSpace(string([]rune(s)[:most]))
	}
	return s
}

// buyer is a shopper with an address.
type buyer struct{ shopper, address string }

// player plays a plan in one shop of a market.
type player struct {
	m      *node.Market
	shop   string
	o      Options
	plan   *plan
	offers map[item]offer.Offer
	buyers map[string]buyer // by the file's customer

	orders, cancelled int64
	lines, rejected   int64      // of who reads the file
	telling           chan error // what becomes of telling listeners of a wave; nil: nobody tells
}

func newPlayer(m *node.Market, shop string, o Options) *player {
	return &player{m: m, shop: shop, o: o, offers: map[item]offer.Offer{}, buyers: map[string]buyer{}}
}

// play plays a wave: goods arrive, then each invoice goes its whole way, then what comes back comes back. Meanwhile
// listeners are told of the wave before.
func (p *player) play(ctx context.Context, w wave) error {
	if err := p.supply(ctx, w.invoices); err != nil {
		return err
	}
	if err := p.meet(ctx, w.invoices); err != nil {
		return err
	}
	err := together(w.invoices, func(i *invoice) error { return p.buy(clock.Pin(ctx, i.at), i) })
	if err != nil {
		return err
	}
	p.orders += int64(len(w.invoices))
	if err := p.giveBack(ctx, w.takes); err != nil {
		return err
	}
	if p.o.Progress != nil {
		p.o.Progress(p.orders, w.lines)
	}
	if err := p.heard(); err != nil {
		return err
	}
	telling := make(chan error, 1)
	p.telling = telling
	go func() { telling <- p.dispatch(ctx) }()
	return nil
}

// heard waits until listeners have been told of what was played before.
func (p *player) heard() error {
	if p.telling == nil {
		return nil
	}
	err := <-p.telling
	p.telling = nil
	return err
}

// items gives each sale of an invoice its item.
func (i *invoice) items() []item {
	seen, all := map[item]int{}, make([]item, len(i.sales))
	for n, s := range i.sales {
		v := item{code: s.code, price: s.price}
		v.copy = seen[v]
		seen[item{code: s.code, price: s.price}]++
		all[n] = v
	}
	return all
}

// supply makes the offers that are new and receives the stock that the wave needs.
func (p *player) supply(ctx context.Context, invoices []*invoice) error {
	need, titles := map[item]int64{}, map[item]string{}
	var order []item
	for _, i := range invoices {
		for n, v := range i.items() {
			if need[v] == 0 {
				order = append(order, v)
			}
			need[v] += i.sales[n].quantity
			titles[v] = i.sales[n].title
		}
	}
	for len(order) > 0 {
		n := min(len(order), catalog.BatchMax)
		if err := p.stock(ctx, invoices[0].at, order[:n], need, titles); err != nil {
			return err
		}
		order = order[n:]
	}
	return nil
}

func (p *player) stock(ctx context.Context, at time.Time, items []item, need map[item]int64,
	titles map[item]string) error {
	return p.m.DB.Write(ctx, func(tx *db.Tx) error {
		skus, err := p.describe(tx, at, items, titles)
		if err != nil {
			return err
		}
		receipts := make([]stock.Receipt, len(items))
		for i, v := range items {
			receipts[i] = stock.Receipt{Shop: p.shop, SKU: skus[i].SKU, Quantity: need[v], Ref: "replay"}
		}
		pools, err := p.m.Stock.Receive(tx, at, receipts)
		if err != nil {
			return err
		}
		var fresh []offer.Listing
		var which []item
		for i, v := range items {
			if _, listed := p.offers[v]; !listed { // an item's price is part of it: what is listed stays so
				skus[i].Pool = pools[i]
				fresh, which = append(fresh, skus[i]), append(which, v)
			}
		}
		offers, _, err := p.m.Offers.List(tx, at, fresh)
		for i, o := range offers {
			p.offers[which[i]] = o
		}
		return err
	})
}

// describe makes products for items that are new, and gives the listing of each.
func (p *player) describe(tx *db.Tx, at time.Time, items []item, titles map[item]string) ([]offer.Listing, error) {
	var fresh []catalog.Product
	var which []int
	all := make([]offer.Listing, len(items))
	for i, v := range items {
		all[i] = offer.Listing{Shop: p.shop, Currency: Currency, UnitPrice: v.price}
		if o, ok := p.offers[v]; ok {
			all[i].Product, all[i].SKU = o.Product, o.SKU
			continue
		}
		code := oneLine(v.code, codeMax)
		title := oneLine(titles[v], catalog.TitleMax)
		if title == "" {
			title = v.name()
		}
		which = append(which, i)
		fresh = append(fresh, catalog.Product{Shop: p.shop, Source: "replay", State: catalog.Listed, ExternalID: v.name(),
			Title: catalog.Words{En: title}, SKUs: []catalog.SKU{{ExternalID: "only", Code: code}}})
	}
	saved, err := p.m.Catalog.Save(tx, at, fresh)
	for n, s := range saved {
		all[which[n]].Product, all[which[n]].SKU = string(s.Product), string(s.SKUs[0])
	}
	return all, err
}

// meet makes the shoppers that are new, and a guest for each invoice without a customer.
func (p *player) meet(ctx context.Context, invoices []*invoice) error {
	var fresh []*invoice
	coming := map[string]bool{}
	for _, i := range invoices {
		if _, known := p.buyers[i.customer]; i.customer == "" || !known && !coming[i.customer] {
			coming[i.customer] = true
			fresh = append(fresh, i)
		}
	}
	err := together(fresh, func(i *invoice) (err error) {
		i.buyer, err = p.register(clock.Pin(ctx, i.at), i.customer)
		return err
	})
	for _, i := range fresh {
		if i.customer != "" {
			p.buyers[i.customer] = i.buyer
		}
	}
	return err
}

func (p *player) register(ctx context.Context, customer string) (buyer, error) {
	who := buyer{}
	if customer == "" {
		_, guest, err := p.m.Login.Guest(ctx, text.En)
		if err != nil {
			return who, err
		}
		who.shopper, customer = guest.Shopper, "guest"
	} else {
		id, err := p.m.Shoppers.Create(ctx)
		if err != nil {
			return who, err
		}
		who.shopper = string(id)
	}
	a, err := p.m.Shoppers.AddAddress(ctx, shopper.ID(who.shopper), shopper.Address{Country: "GB", Region: "London",
		Recipient: oneLine(customer, shopper.RecipientMax), Phone: "+442079460000", Street: "1 High Street",
		Postcode: "SW1A 1AA"})
	who.address = string(a.ID)
	return who, err
}

// buy takes one invoice its whole way: quoted, placed, paid, shipped and received.
func (p *player) buy(ctx context.Context, i *invoice) error {
	who := i.buyer
	if i.customer != "" {
		who = p.buyers[i.customer]
	}
	b := checkout.Basket{Address: who.address, Lang: text.En}
	for n, v := range i.items() {
		b.Lines = append(b.Lines, checkout.BasketLine{Offer: string(p.offers[v].ID), Quantity: i.sales[n].quantity})
	}
	q, err := p.m.Checkout.Quote(ctx, who.shopper, b)
	if err != nil {
		return err
	}
	if len(q.Problems) > 0 {
		return q.Problems[0].Err
	}
	o, err := p.m.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: who.shopper, Source: "replay"})
	if err != nil {
		return err
	}
	if err := p.pay(ctx, o, who.shopper); err != nil {
		return err
	}
	if _, err := p.m.Ship.Dispatch(ctx, ship.Dispatch{Shop: p.shop, Order: o.Order, Seq: 1}); err != nil {
		return err
	}
	i.placed = &placed{o.Order, who.shopper}
	return p.m.Orders.Receive(ctx, who.shopper, o.Order, 1)
}

// pay begins an attempt at the till and tells the fact that the till took the money.
func (p *player) pay(ctx context.Context, o checkout.Placed, who string) error {
	a, _, err := p.m.Pay.Begin(ctx, pay.Begin{Order: string(o.Order), Shopper: who, Wallet: tillName})
	if err != nil {
		return err
	}
	got, err := p.m.Pay.ApplyFacts(ctx, []pay.Fact{{Provider: tillName, Txn: "c-" + string(a.ID), Kind: pay.KindCapture,
		Attempt: a.ID, Amount: a.Amount, Account: tillAccount, At: clock.Now(ctx, p.m.Clock)}})
	if err == nil && got[0].Effect != pay.Applied {
		err = fmt.Errorf("replay: the payment of %s was %s", o.Order, got[0].Effect)
	}
	return err
}

// creditLines bounds how many sales one case is about.
const creditLines = 500

// giveBack refunds: what is of one order one after the other, a credit note at a time, orders together.
func (p *player) giveBack(ctx context.Context, takes []take) error {
	byOrder := map[*invoice][]take{}
	var orders []*invoice
	for _, t := range takes {
		if byOrder[t.invoice] == nil {
			orders = append(orders, t.invoice)
		}
		byOrder[t.invoice] = append(byOrder[t.invoice], t)
		p.cancelled += t.units
	}
	return together(orders, func(i *invoice) error {
		for all := byOrder[i]; len(all) > 0; {
			n := credited(all)
			t := all[n-1]
			_, err := p.m.Aftersale.Refund(clock.Pin(ctx, t.at), aftersale.Refund{By: aftersale.Party{Shop: p.shop},
				Order: i.placed.order, Seq: 1, Lines: unitsOf(all[:n]),
				Reason: aftersale.Unwanted, Restock: true, Key: fmt.Sprintf("replay-%d-%d", t.row, t.line)})
			if err != nil {
				return err
			}
			all = all[n:]
		}
		return nil
	})
}

// credited is how many of some takes of one order, from the first on, stand on the same credit note.
func credited(all []take) int {
	n := 1
	for n < min(len(all), creditLines) && all[n].credit == all[0].credit {
		n++
	}
	return n
}

// unitsOf adds up takes sale by sale.
func unitsOf(all []take) (units []order.Units) {
	for _, t := range all {
		line := int64(t.line + 1)
		if i := slices.IndexFunc(units, func(u order.Units) bool { return u.Line == line }); i >= 0 {
			units[i].Units += t.units
		} else {
			units = append(units, order.Units{Line: line, Units: t.units})
		}
	}
	return units
}

// sendRefunds lets the till pay out what was asked of it.
func (p *player) sendRefunds(ctx context.Context) error {
	for {
		n, err := p.m.Pay.SendRefunds(clock.Pin(ctx, p.plan.clock.Add(time.Hour)))
		if err != nil || n == 0 {
			return err
		}
	}
}

// dispatch tells what happened to whoever listens, as a serving node does all the time.
func (p *player) dispatch(ctx context.Context) error {
	for {
		n, err := p.m.Bus.Dispatch(ctx) // 0: that was the last page
		if err != nil || n == 0 {
			return err
		}
	}
}

// workers is how many commands are under way at once: as many as a wave has, so that the market's lanes fill.
const workers = waveMax

// together runs do on all items, some at once, and gives the first error. A lane that is full is waited for.
func together[T any](all []T, do func(T) error) error {
	var group sync.WaitGroup
	var once sync.Once
	var first error
	next := make(chan T)
	for range min(workers, len(all)) {
		group.Go(func() {
			for v := range next {
				if err := do(v); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	for _, v := range all {
		next <- v
	}
	close(next)
	group.Wait()
	if fault.Is(first, "storage.busy") {
		return fmt.Errorf("replay: storage could not keep up: %w", first)
	}
	return first
}
