package node_test

import (
	"fmt"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// step does one thing.
func (m *storm) step() {
	m.steps++
	m.Market, _ = anyOf(m, m.nodes)
	left := m.r.IntN(138)
	for _, one := range []struct {
		of int // of them all
		do func()
	}{{14, func() { m.buy("place", m.someone(), m.basket(4)) }}, {4, func() { m.preorder(m.someone()) }}, {4, m.joins}, {4, m.bills},
		{32, m.pays}, {3, m.takesBack}, {3, m.decides}, {3, m.cancels}, {9, m.asksBack}, {7, m.answers}, {9, m.sends}, {4, m.receives},
		{3, m.reprices}, {2, m.claims}, {1, m.defaults}, {8, m.waits}, {5, m.funds}, {5, m.confuses}, {2, m.misplaces}, {1, m.shuts},
		{4, m.asks}, {6, m.races}, {1, m.rivals}, {4, m.places}} {
		if left -= one.of; left < 0 {
			one.do()
			break
		}
	}
	if m.r.IntN(3) == 0 {
		m.settle()
	}
}

func (m *storm) someone() string { return m.who[m.r.IntN(len(m.who))] }

// anyOf is one of all, if there is any.
func anyOf[T any](m *storm, all []T) (one T, ok bool) {
	if len(all) == 0 {
		return one, false
	}
	return all[m.r.IntN(len(all))], true
}

// anyOrder is an order, with one of its parts.
func (m *storm) anyOrder() (o order.Order, sub order.Sub, ok bool) {
	id, ok := anyOf(m, m.orders)
	if !ok {
		return o, sub, false
	}
	o, err := m.Orders.Any(m.ctx, id)
	m.ok(err)
	sub, _ = anyOf(m, o.Subs)
	return o, sub, true
}

// anySub is a part of an order where it stands so, if one is soon found.
func (m *storm) anySub(states ...order.SubState) (o order.Order, sub order.Sub, ok bool) {
	for range 12 {
		if o, sub, ok = m.anyOrder(); ok && !o.PaidAt.IsZero() && slices.Contains(states, sub.State) {
			return o, sub, true
		}
	}
	return o, sub, ok
}

func (m *storm) basket(most int) (b checkout.Basket) {
	for range 1 + m.r.IntN(most) {
		o := m.offers[m.r.IntN(len(m.offers))]
		if !slices.ContainsFunc(b.Lines, func(l checkout.BasketLine) bool { return l.Offer == string(o.ID) }) {
			b.Lines = append(b.Lines, checkout.BasketLine{Offer: string(o.ID), Quantity: 1 + m.r.Int64N(4)})
		}
	}
	return b
}

// buy quotes and places; sometimes a price or the time changes between.
func (m *storm) buy(what, who string, b checkout.Basket) {
	b.Address, b.Lang = m.home[slices.Index(m.who, who)], text.Zh
	if b.Claims == nil && m.r.IntN(3) == 0 {
		b.Claims = m.chooses(who)
	}
	q, err := m.Checkout.Quote(m.ctx, who, b)
	if !m.may("quote", err) || q.Token == "" {
		return
	}
	if m.r.IntN(5) == 0 {
		m.reprices()
	}
	if m.r.IntN(12) == 0 {
		m.clock.Advance(3 * time.Minute)
		m.settle()
	}
	p, err := m.Checkout.Place(m.ctx, checkout.Place{Token: q.Token, Shopper: who, Agreed: b.Presale != ""})
	if m.may(what, err) {
		m.orders = append(m.orders, p.Order)
	}
}

// chooses is some of what a shopper holds, or none: never nil, which would be the best of all.
func (m *storm) chooses(who string) []string {
	all, err := m.Vouchers.Wallet(m.ctx, who)
	m.ok(err)
	m.did["choose"]++
	some := []string{}
	for _, v := range all {
		if m.r.IntN(3) == 0 {
			some = append(some, string(v.ID))
		}
	}
	return some
}

func (m *storm) preorder(who string) {
	m.buy("preorder", who, checkout.Basket{Presale: string(m.presold),
		Lines: []checkout.BasketLine{{Offer: string(m.offers[1].ID), Quantity: 1 + m.r.Int64N(2)}}})
}

func (m *storm) joins() {
	claim := group.ClaimOpen(m.team.ID, false)
	box, err := m.Groups.OfProduct(m.ctx, m.team.Product)
	m.ok(err)
	if len(box) > 0 && m.r.IntN(4) > 0 {
		if g, ok := anyOf(m, box[0].Groups); ok {
			claim = group.ClaimJoin(g)
		}
	}
	m.buy("group", m.someone(), checkout.Basket{Claims: []string{claim},
		Lines: []checkout.BasketLine{{Offer: m.team.Goods, Quantity: 1}}})
}

// bills pays balances together with goods.
func (m *storm) bills() {
	for _, who := range m.who {
		open, err := m.Orders.OpenBalances(m.ctx, who)
		m.ok(err)
		if len(open) > 0 && m.r.IntN(2) == 0 {
			b := m.basket(2)
			for _, o := range open[:1+m.r.IntN(len(open))] {
				b.Balances = append(b.Balances, o.ID)
			}
			m.buy("bill", who, b)
			return
		}
	}
}

func (m *storm) tell(f pay.Fact) {
	got, err := m.Pay.ApplyFacts(m.ctx, []pay.Fact{f})
	if m.may("fact", err) {
		m.may("fact "+string(got[0].Effect), nil)
	}
}

func (m *storm) captured(a pay.Attempt) {
	m.paid = append(m.paid, a)
	at := m.clock.Now().Add(-time.Duration(m.r.IntN(3)) * time.Minute)
	m.tell(pay.Fact{Provider: a.Wallet, Txn: "in-" + string(a.ID), Kind: pay.KindCapture, Attempt: a.ID, Amount: a.Asked(),
		Account: a.Account, At: at, Payer: fmt.Sprint("payer-", m.r.IntN(9))})
}

// pays begins to pay one of the last orders, and tells that it was paid: mostly at once, else when something else is.
func (m *storm) pays() {
	if a, ok := anyOf(m, m.attempts); ok && m.r.IntN(4) == 0 {
		m.captured(a)
		return
	}
	for range 8 {
		id, ok := anyOf(m, m.orders[max(0, len(m.orders)-20):])
		if !ok {
			return
		}
		o, err := m.Orders.Any(m.ctx, id)
		if m.ok(err); o.State != order.AwaitingPayment {
			continue
		}
		w := []string{"red", "blue"}[m.r.IntN(2)]
		a, _, err := m.Pay.Begin(m.ctx, pay.Begin{Order: string(id), Shopper: o.Shopper, Wallet: w})
		if !m.may("begin", err) {
			return
		}
		switch m.r.IntN(8) {
		case 0, 1:
			m.attempts = append(m.attempts, a)
		case 2:
			m.keeps(a)
		default:
			m.captured(a)
		}
		return
	}
}

// keeps has a payment told only when its wallet is asked for it.
func (m *storm) keeps(a pay.Attempt) {
	w := m.wallets[slices.IndexFunc(m.wallets, func(w *moody) bool { return w.Name() == a.Wallet })]
	w.mu.Lock()
	defer w.mu.Unlock()
	w.quiet[a.ID] = pay.Fact{Txn: "in-" + string(a.ID), Kind: pay.KindCapture, Attempt: a.ID, Amount: a.Asked(),
		Account: a.Account, At: m.clock.Now()}
}

// takesBack has a bank take back a payment, or some of it.
func (m *storm) takesBack() {
	a, ok := anyOf(m, m.paid)
	if !ok {
		return
	}
	amount := a.Asked().Minor
	if m.r.IntN(2) == 0 {
		amount = 1 + m.r.Int64N(amount)
	}
	m.tell(pay.Fact{Provider: a.Wallet, Txn: fmt.Sprint("taken-", m.r.Uint64()), Kind: pay.KindRefund, Attempt: a.ID,
		Amount: money.New(amount, "CNY"), Account: a.Account, At: m.clock.Now()})
}

// decides is the operator's word about money that was taken back.
func (m *storm) decides() {
	for range 30 {
		o, _, ok := m.anyOrder()
		switch {
		case !ok || o.TakenAt.IsZero():
		case m.r.IntN(2) == 0:
			m.may("go on", m.Orders.GoOn(m.ctx, o.ID))
			return
		default:
			m.may("end taken", m.Aftersale.EndTaken(m.ctx, o.ID))
			return
		}
	}
}

func (m *storm) cancels() {
	if o, _, ok := m.anyOrder(); ok {
		m.may("cancel", m.Orders.Cancel(m.ctx, o.Shopper, o.ID))
	}
}

// asksBack has a shopper ask for pieces back, or the shop give them.
func (m *storm) asksBack() {
	o, sub, ok := m.anySub([]order.SubState{order.SubOpen, order.SubShipped, order.SubDelivered, order.SubCompleted}[m.r.IntN(4)])
	if !ok {
		return
	}
	var lines []order.Units
	if l, ok := anyOf(m, sub.Lines); ok && m.r.IntN(3) > 0 {
		lines = []order.Units{{Line: l.No, Units: 1 + m.r.Int64N(l.Quantity)}}
	}
	key := fmt.Sprint("k", m.r.Uint64())
	var c aftersale.Case
	var err error
	if m.r.IntN(2) == 0 {
		c, err = m.Aftersale.Refund(m.ctx, aftersale.Refund{By: aftersale.Party{Shop: sub.Shop}, Order: o.ID, Seq: sub.Seq,
			Lines: lines, Reason: aftersale.OutOfStock, Key: key, Restock: m.r.IntN(2) == 0})
		ok = m.may("refund", err)
	} else {
		c, err = m.Aftersale.Open(m.ctx, aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: sub.Seq, Lines: lines,
			Reason: []aftersale.Reason{aftersale.Unwanted, aftersale.Damaged}[m.r.IntN(2)], Key: key})
		ok = m.may("open", err)
	}
	if ok {
		m.cases = append(m.cases, c)
	}
	if ok && c.Repriced && c.Kept != 0 {
		m.did["priced again"]++
	}
}

func (m *storm) answers() {
	c, ok := anyOf(m, m.cases)
	if !ok {
		return
	}
	var err error
	switch m.r.IntN(6) {
	case 0, 1:
		_, err = m.Aftersale.Agree(m.ctx, c.Shop, c.ID, m.r.IntN(2) == 0, "")
	case 2:
		_, err = m.Aftersale.AgreeReturn(m.ctx, c.Shop, c.ID, "")
	case 3:
		_, err = m.Aftersale.GoodsBack(m.ctx, c.Shop, c.ID, m.r.IntN(2) == 0)
	case 4:
		_, err = m.Aftersale.Refuse(m.ctx, c.Shop, c.ID, "no")
	case 5:
		_, err = m.Aftersale.Decide(m.ctx, aftersale.Decide{Case: c.ID, Refund: m.r.IntN(2) == 0, Note: "so"})
	}
	m.may("answer", err)
}

func (m *storm) sends() {
	o, sub, ok := m.anySub(order.SubOpen)
	if !ok {
		return
	}
	_, err := m.Ship.Dispatch(m.ctx, ship.Dispatch{Shop: sub.Shop, Order: o.ID, Seq: sub.Seq})
	if m.may("ship", err) && m.r.IntN(2) == 0 {
		m.ok(m.DB.Write(m.ctx, func(tx *db.Tx) error {
			return m.Orders.Delivered(tx, m.clock.Now(), []order.SubKey{{Order: o.ID, Seq: sub.Seq}})
		}))
	}
}

func (m *storm) receives() {
	if o, sub, ok := m.anySub(order.SubShipped, order.SubDelivered); ok {
		m.may("receive", m.Orders.Receive(m.ctx, o.Shopper, o.ID, sub.Seq))
	}
}

func (m *storm) reprices() {
	o := m.offers[m.r.IntN(len(m.offers))]
	to := max(300, o.UnitPrice*int64(60+m.r.IntN(60))/100)
	cmd := offer.Pricing{Shop: o.Shop, Offer: o.ID, Unit: money.New(to, "CNY"), List: money.New(0, "CNY")}
	if m.r.IntN(2) == 0 { // with a floor that promotions meet, or none; else the one before stays, and may refuse it
		floor := money.New(to*int64(m.r.IntN(3)*45)/100, "CNY")
		cmd.Floor = &floor
	}
	_, err := m.Offers.Price(m.ctx, cmd)
	m.may("reprice", err)
}

// appoints has all draw lots, and some be late for it.
func (m *storm) appoints() {
	for _, who := range m.who {
		m.may("appoint", m.Flash.Appoint(m.ctx, who, m.drawn))
	}
}

// wins has shoppers order what only who drew a lot buys at its price.
func (m *storm) wins() {
	m.buy("lot", m.someone(), checkout.Basket{Lines: []checkout.BasketLine{{Offer: string(m.offers[3].ID), Quantity: 2}}})
	m.pays()
}

func (m *storm) claims() {
	template, _ := anyOf(m, m.templates)
	_, err := m.Vouchers.Claim(m.ctx, voucher.Claim{Shopper: m.someone(), Template: template, Nth: 1 + m.r.Int64N(4)})
	m.may("claim", err)
}

// defaults has a shop not deliver what was preordered.
func (m *storm) defaults() {
	if o, sub, ok := m.anyOrder(); ok && o.Presale != nil {
		m.may("default", m.Orders.Default(m.ctx, order.Default{Order: o.ID, Shop: sub.Shop}))
	}
}

// waits lets time pass, longer towards the end, and sometimes closes statements.
func (m *storm) waits() {
	all := []time.Duration{time.Second, time.Minute, 7 * time.Minute, 20 * time.Minute, time.Hour, 5 * time.Hour, 30 * time.Hour,
		100 * time.Hour}
	m.clock.Advance(all[min(m.r.IntN(len(all)), m.r.IntN(len(all)), 2+m.steps/30)])
	m.settle()
	if m.r.IntN(4) == 0 {
		_, err := m.Settle.CloseAll(m.ctx, m.clock.Now().Truncate(24*time.Hour))
		m.may("close", err)
	}
}
