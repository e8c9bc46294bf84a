package node_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/funds/pay"
	"hutong/goods/catalog"
	"hutong/node"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
	"hutong/trade/tradetest"
)

// moody is a wallet that refuses some refunds, does not answer others though it may have paid them, and keeps some
// payments to itself until it is asked.
type moody struct {
	tradetest.Purse
	mu    sync.Mutex
	r     *rand.Rand
	mild  bool // from here on it does what it is asked
	quiet map[pay.AttemptID]pay.Fact
}

func newMoody(name string, seed uint64) *moody {
	return &moody{Purse: tradetest.Purse(name), r: rand.New(rand.NewPCG(seed, 11)), quiet: map[pay.AttemptID]pay.Fact{}}
}

var errMood = errors.New("not today")

// Refund gives back, or not.
func (w *moody) Refund(ctx context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.mild {
		switch w.r.IntN(16) {
		case 0:
			return nil, pay.REFUSED, errMood
		case 1, 2:
			return nil, pay.UNKNOWN, errMood
		case 3:
			return nil, pay.OK, nil // it is taken on, and done when it is asked for again
		}
	}
	return w.Purse.Refund(ctx, r)
}

// Give sends the market's own money, or not.
func (w *moody) Give(ctx context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	return w.Refund(ctx, r)
}

// Query tells of a payment that was kept quiet.
func (w *moody) Query(_ context.Context, a pay.Attempt) ([]pay.Fact, pay.Outcome, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f, paid := w.quiet[a.ID]; paid {
		return []pay.Fact{f}, pay.OK, nil
	}
	return nil, pay.OK, nil
}

// complaints are what the node's jobs could not do and went round: a log that keeps errors.
type complaints struct {
	slog.Handler
	mu  sync.Mutex
	all []string
}

// Handle keeps an error, but for those that the wallets' moods bring.
func (c *complaints) Handle(_ context.Context, r slog.Record) error {
	if r.Level < slog.LevelError || r.Message == "wallet refused a refund" {
		return nil
	}
	said := r.Message
	r.Attrs(func(a slog.Attr) bool { said += " " + a.String(); return true })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, said)
	return nil
}

func (m *storm) cheers(mild bool) {
	for _, w := range m.wallets {
		w.mu.Lock()
		w.mild = mild
		w.mu.Unlock()
	}
}

// opensBooks gives the first shop what money needs: a place for returns and an account, and both a deposit.
func (m *storm) opensBooks() {
	shop := m.shops[0].ID
	_, err := m.Shops.SetReturns(m.ctx, shop, shopper.Address{Country: "CN", Division: "330106", Recipient: "李雷",
		Phone: "13800138000", Street: "文三路 1 号"})
	m.ok(err)
	p, err := m.Payouts.Draft(m.ctx, shop, merchant.PayoutAccount{Holder: "李雷", Bank: "银行", Number: "6222020200112233445"})
	m.ok(err)
	by := login.Principal{Role: login.Merchant, Login: login.ID(m.IDs.New("lgn")), Shop: string(shop), Staff: login.Owner,
		May: login.PermissionsOf(login.Owner), Proved: m.clock.Now()}
	asked, err := m.Approvals.Ask(m.ctx, approval.AskPayout(by, p.ID))
	m.ok(err)
	by.Login = login.ID(m.IDs.New("lgn"))
	_, err = m.Approvals.Decide(m.ctx, approval.Decide{By: by, Request: asked.ID, Approve: true})
	m.ok(err)
	for i, s := range m.shops {
		m.ok(m.Deposits.PayIn(m.ctx, deposit.Move{Shop: string(s.ID), Currency: "CNY", Amount: 20_000, Ref: fmt.Sprint(i)}))
	}
}

// funds is what shops and the operator do with the shops' own money.
func (m *storm) funds() {
	o, sub, ok := m.anyOrder()
	if !ok {
		return
	}
	switch m.r.IntN(6) {
	case 0, 1, 2:
		all, err := m.Settle.Recent(m.ctx, 100)
		m.ok(err)
		for _, st := range all {
			_, err = m.Settle.Payout(m.ctx, st.ID)
			m.may("payout", err)
		}
	case 3:
		if c, ok := anyOf(m, m.cases); ok {
			_, err := m.Deposits.Freeze(m.ctx, deposit.Freeze{By: "lgn_a", Shop: c.Shop, Currency: "CNY",
				Amount: 1 + m.r.Int64N(900), Case: string(c.ID), Why: "so"})
			m.may("freeze", err)
		}
	case 4:
		a := deposit.DrawAsked{Currency: "CNY", Amount: 1 + m.r.Int64N(900), Payee: deposit.ToMarket, Why: "so"}
		if m.r.IntN(2) == 0 {
			a.Payee, a.Order = deposit.ToShopper, string(o.ID)
		}
		_, err := m.Deposits.Draw(m.ctx, "lgn_a", sub.Shop, a)
		m.may("draw", err)
	case 5:
		_, all, err := m.Deposits.Holds(m.ctx, sub.Shop, "CNY")
		m.ok(err)
		if h, ok := anyOf(m, all); ok {
			m.held(h)
		}
	}
}

// held is a word about a hold.
func (m *storm) held(h deposit.Hold) {
	switch {
	case m.r.IntN(6) == 0:
		m.may("release", m.Deposits.Release(m.ctx, "lgn_b", h.Shop, h.ID, "so"))
	case h.State == deposit.Appealed:
		m.may("answer appeal", m.Deposits.Answer(m.ctx, deposit.Answer{By: "lgn_b", Shop: h.Shop, Hold: h.ID,
			Draw: m.r.IntN(2) == 0, Why: "so"}))
	default:
		m.may("appeal", m.Deposits.Appeal(m.ctx, "lgn_m", h.Shop, h.ID, "no"))
	}
}

// confuses tells facts that fit nothing, or again, and is the operator's word about what fits nothing.
func (m *storm) confuses() {
	a, ok := anyOf(m, slices.Concat(m.paid, m.attempts))
	if !ok {
		return
	}
	f := pay.Fact{Provider: a.Wallet, Txn: "in-" + string(a.ID), Kind: pay.KindCapture, Attempt: a.ID, Amount: a.Asked(),
		Account: a.Account, At: m.clock.Now(), Payer: "payer-1"}
	switch m.r.IntN(7) {
	case 0: // told twice, or at last
	case 1:
		f.Txn, f.Amount.Minor = fmt.Sprint("odd-", m.r.Uint64()), 1+m.r.Int64N(9_000)
	case 2:
		f.Txn, f.Attempt = fmt.Sprint("odd-", m.r.Uint64()), "att_none"
	case 3: // paid twice
		f.Txn = fmt.Sprint("again-", m.r.Uint64())
	default:
		m.clears(a)
		return
	}
	m.tell(f)
}

func (m *storm) clears(a pay.Attempt) {
	refused, err := m.Pay.Refused(m.ctx)
	m.ok(err)
	if r, ok := anyOf(m, refused); ok && m.r.IntN(3) > 0 {
		if m.r.IntN(2) == 0 {
			m.may("retry", m.Pay.RetryRefund(m.ctx, r.ID))
		} else {
			m.byHand(r)
		}
		return
	}
	open, err := m.Pay.Suspense(m.ctx)
	m.ok(err)
	s, ok := anyOf(m, open)
	switch {
	case !ok:
	case m.r.IntN(2) == 0:
		m.may("return suspense", m.Pay.ReturnSuspense(m.ctx, s.Key()))
	default:
		if i := slices.IndexFunc(m.attempts, func(a pay.Attempt) bool { return a.Asked() == s.Amount }); i >= 0 {
			a = m.attempts[i]
		}
		_, err := m.Pay.MatchSuspense(m.ctx, s.Key(), a.ID)
		m.may("match suspense", err)
	}
}

// byHand sends a refund that was refused from a bank, with a second person or without; the wallet may pay it all the same.
func (m *storm) byHand(r pay.Refund) {
	by := login.Principal{Role: login.Operator, Login: login.ID(m.IDs.New("lgn")), Staff: login.Books,
		May: login.PermissionsOf(login.Books)}
	cmd := pay.ByHand{By: by.Login, Refund: r.ID, Ref: fmt.Sprint("bank-", m.r.Uint64()), Why: "so"}
	if m.r.IntN(2) == 0 {
		m.may("by hand", m.Pay.SendByHand(m.ctx, cmd))
	} else if ask, err := m.Pay.AskByHand(m.ctx, by, cmd); m.may("ask by hand", err) {
		q, err := m.Approvals.Ask(m.ctx, ask)
		m.ok(err)
		by.Login = login.ID(m.IDs.New("lgn"))
		_, err = m.Approvals.Decide(m.ctx, approval.Decide{By: by, Request: q.ID, Approve: true})
		m.may("by two hands", err)
	}
	if m.r.IntN(3) > 0 {
		return
	}
	attempts, err := m.Pay.Attempts(m.ctx, r.Order)
	m.ok(err)
	for _, a := range attempts {
		if a.ID == r.Attempt && a.Bill != "" {
			r.Attempt = a.Bill
		}
	}
	late, _, err := tradetest.Purse(r.Wallet).Refund(m.ctx, r)
	m.ok(err)
	late[0].Provider = r.Wallet
	m.tell(late[0])
}

// misplaces has money come for an attempt that it does not name; the operator finds out, or not yet.
func (m *storm) misplaces() {
	a, ok := anyOf(m, m.attempts)
	if !ok {
		return
	}
	f := pay.Fact{Provider: a.Wallet, Txn: fmt.Sprint("lost-", m.r.Uint64()), Kind: pay.KindCapture, Attempt: "att_none",
		Amount: a.Asked(), Account: a.Account, At: m.clock.Now(), Payer: "payer-1"}
	if m.tell(f); m.r.IntN(2) == 0 {
		_, err := m.Pay.MatchSuspense(m.ctx, f.Key(), a.ID)
		m.may("match suspense", err)
	}
}

// shuts closes a shop or opens it, or takes goods off sale, as far as they are pledged to none; an offer's next price
// lists it again.
func (m *storm) shuts() {
	s, _ := anyOf(m, m.shops)
	switch m.r.IntN(4) {
	case 0:
		m.may("close shop", m.Shops.Close(m.ctx, s.ID))
	case 1, 2:
		for _, s := range m.shops {
			m.may("open shop", m.Shops.Reopen(m.ctx, s.ID))
		}
		for _, o := range m.offers {
			m.may("back on sale", m.Catalog.Relist(m.ctx, o.Shop, catalog.ID(o.Product)))
		}
	default:
		o, _ := anyOf(m, m.offers)
		m.may("off sale", m.Offers.Withdraw(m.ctx, o.Shop, o.ID))
		m.may("put away", m.Catalog.Withdraw(m.ctx, o.Shop, catalog.ID(o.Product)))
	}
}

// asks has a shopper ask for the difference to a lower price, take back what they asked for, or fix a balance.
func (m *storm) asks() {
	o, sub, ok := m.anySub(order.SubDelivered, order.SubCompleted)
	if !ok {
		return
	}
	if c, ok := anyOf(m, m.cases); ok && m.r.IntN(3) == 0 {
		_, err := m.Aftersale.Withdraw(m.ctx, c.Shopper, c.ID)
		m.may("withdraw", err)
	} else if o.Presale != nil && m.r.IntN(2) == 0 {
		m.may("fix", m.Orders.FixBalance(m.ctx, order.FixBalance{Order: o.ID, Shopper: o.Shopper, Balance: o.Balance()}))
	} else if l, ok := anyOf(m, sub.Lines); ok {
		_, err := m.Guarantee.Claim(m.ctx, o.Shopper, o.ID, l.No)
		m.may("guarantee", err)
	}
}

// races has several people say something about one order at the same moment.
func (m *storm) races() {
	o, sub, ok := m.anyOrder()
	if !ok {
		return
	}
	var all []func() error
	key := fmt.Sprint("race", m.r.Uint64())
	for _, n := range m.nodes {
		all = append(all, m.words(n, o, sub, key)...)
	}
	m.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	errs := make([]error, min(len(all), 2+m.r.IntN(3)))
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = all[i]() })
	}
	wg.Wait()
	for _, err := range errs {
		m.may("race", err)
	}
}

// words are what can be said of an order at a node, by whoever has that key.
func (m *storm) words(n *node.Market, o order.Order, sub order.Sub, key string) []func() error {
	shop := aftersale.Party{Shop: sub.Shop}
	all := []func() error{
		func() error { return n.Orders.Cancel(m.ctx, o.Shopper, o.ID) },
		func() error { _, err := n.Orders.Expire(m.ctx); return err },
		func() error { _, err := n.Orders.AutoReceive(m.ctx); return err },
		func() error { return n.Orders.Receive(m.ctx, o.Shopper, o.ID, sub.Seq) },
		func() error { return n.Orders.GoOn(m.ctx, o.ID) },
		func() error { return n.Aftersale.EndTaken(m.ctx, o.ID) },
		func() error {
			_, err := n.Ship.Dispatch(m.ctx, ship.Dispatch{Shop: sub.Shop, Order: o.ID, Seq: sub.Seq})
			return err
		},
		func() error {
			_, err := n.Aftersale.Refund(m.ctx, aftersale.Refund{By: shop, Order: o.ID, Seq: sub.Seq,
				Reason: aftersale.OutOfStock, Key: key})
			return err
		},
		func() error {
			_, err := n.Aftersale.Open(m.ctx, aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: sub.Seq,
				Reason: aftersale.Damaged, Key: key})
			return err
		},
		func() error { _, err := n.Guarantee.Claim(m.ctx, o.Shopper, o.ID, sub.Lines[0].No); return err },
		func() error { _, err := n.Pay.SendRefunds(m.ctx); return err },
	}
	attempts, err := n.Pay.Attempts(m.ctx, string(o.ID))
	m.ok(err)
	for i, a := range attempts {
		if a.Bill != "" && a.Bill != a.ID {
			continue
		}
		in := pay.Fact{Provider: a.Wallet, Txn: "in-" + string(a.ID), Kind: pay.KindCapture, Attempt: a.ID, Amount: a.Asked(),
			Account: a.Account, At: m.clock.Now()}
		taken := in
		taken.Txn, taken.Kind, taken.Amount = fmt.Sprint(key, i), pay.KindRefund, money.New(1+a.Asked().Minor/2, "CNY")
		for _, f := range []pay.Fact{in, taken} {
			all = append(all, func() error { _, err := n.Pay.ApplyFacts(m.ctx, []pay.Fact{f}); return err })
		}
	}
	for _, c := range m.cases {
		if c.Order == o.ID {
			all = append(all, func() error { _, err := n.Aftersale.Agree(m.ctx, c.Shop, c.ID, true, ""); return err },
				func() error { _, err := n.Aftersale.Withdraw(m.ctx, c.Shopper, c.ID); return err })
		}
	}
	return all
}

// rivals place at once what one of them can have.
func (m *storm) rivals() {
	var tokens []checkout.Place
	for _, who := range m.who {
		b := m.basket(2)
		b.Address = m.home[slices.Index(m.who, who)]
		q, err := m.Checkout.Quote(m.ctx, who, b)
		if m.may("quote", err) && q.Token != "" {
			tokens = append(tokens, checkout.Place{Token: q.Token, Shopper: who}, checkout.Place{Token: q.Token, Shopper: who})
		}
	}
	placed, errs := make([]checkout.Placed, len(tokens)), make([]error, len(tokens))
	var wg sync.WaitGroup
	for i, cmd := range tokens {
		wg.Go(func() { placed[i], errs[i] = m.Checkout.Place(m.ctx, cmd) })
	}
	wg.Wait()
	for i, err := range errs {
		if m.may("place", err) && !slices.Contains(m.orders, placed[i].Order) {
			m.orders = append(m.orders, placed[i].Order)
		}
	}
}

// nothingWaits says what should have ended by itself by now.
func (m *storm) nothingWaits() {
	for what, q := range map[string]string{
		"a refund to be sent":        `SELECT id FROM refunds WHERE state = 'asked'`,
		"an order to be paid":        `SELECT id FROM orders WHERE state = 'awaiting_payment'`,
		"a presale":                  `SELECT order_id FROM presales WHERE state IN ('earnest_due', 'earnest_paid')`,
		"a parcel to be received":    `SELECT order_id FROM suborders WHERE state IN ('shipped', 'delivered')`,
		"a case to be answered":      `SELECT id FROM cases WHERE state IN ('opened', 'agreed')`,
		"money in suspense":          `SELECT txn FROM suspense WHERE state = 'open' AND kind = 'capture'`,
		"an attempt to be asked for": `SELECT id FROM attempts WHERE state IN ('pending', 'unknown')`,
		"a place to be settled":      `SELECT id FROM place_bids WHERE state IN ('applied', 'shortlisted', 'paid')`,
		"a draw to be booked":        `SELECT id FROM deposit_holds WHERE state = 'announced'`,
		"a part that waits for its group": `SELECT s.order_id FROM suborders s JOIN orders o ON o.id = s.order_id
			WHERE s.waits <> '' AND s.state = 'open' AND o.state = 'paid'`,
	} {
		m.ok(m.DB.Read(m.ctx, func(tx *db.Tx) error {
			ids, err := db.List(tx, func(r db.Row) (id string, err error) { return id, r.Scan(&id) }, q)
			if len(ids) > 0 {
				m.t.Errorf("%s still waits: %v", what, ids)
			}
			return err
		}))
	}
}

// again stops the node and starts it anew on what it left.
func (m *storm) again() {
	m.t.Helper()
	m.closes()
	m.opens()
	m.starts()
	m.did["restart"]++
	m.settle()
	m.clock.Advance(time.Second)
}
