package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hutong/base/db"
)

// deals are the promises about what was taken off prices: each discount of a line adds up and has a payer for every
// minor unit (I-M5, I-M6), the books hold against each funder exactly what is left of its parts, and counts that must
// not be passed are the sum of what orders use (I-C1, I-C3). What they are about is stored as JSON, which no SQL that
// both engines read can look into.
func deals(tx *db.Tx) ([]Check, error) {
	all := []Check{{Name: "order.discounts", Rule: "I-M5 I-M6"}, {Name: "ledger.funders", Rule: "I-M6 C9"},
		{Name: "quota.counts", Rule: "I-C1 I-C2"}, {Name: "quota.orders", Rule: "I-C3"},
		{Name: "order.topped", Rule: "I-C6 C9"}, {Name: "quota.accounts", Rule: "I-C3 R6"}}
	for i := range all {
		all[i].Violations = []Violation{}
	}
	d := dealWalk{lines: &all[0], funders: &all[1], counts: &all[2], orders: &all[3], tops: &all[4], accounts: &all[5],
		owed: map[string]int64{}, used: map[string]int64{}}
	for _, step := range []func(*db.Tx) error{d.discounts, d.topped, d.books, d.uses, d.quotas} {
		if err := step(tx); err != nil {
			return nil, fmt.Errorf("verify: deals: %w", err)
		}
	}
	for i := range all {
		all[i].OK = all[i].Total == 0
	}
	return all, nil
}

type dealWalk struct {
	lines, funders, counts, orders, tops, accounts *Check

	owed map[string]int64 // by currency and funder, of completed parts and lowered prices
	used map[string]int64 // by quota, of orders that have not released theirs
}

// discountLine is a line that something was taken off.
type discountLine struct {
	order, stored, state, currency, standing         string
	no, quantity, gone, discount, funded, fundedBack int64
	paid, keptFunded                                 int64
}

// discounts reads every line with a discount.
func (d *dealWalk) discounts(tx *db.Tx) error {
	return tx.Each(`SELECT l.order_id, l.line_no, l.discounts, s.state, o.currency, l.quantity, l.refunded_quantity,
			l.discount, l.funded, l.funded_back, l.paid, l.standing, l.kept_funded
		FROM order_lines l JOIN suborders s ON s.order_id = l.order_id AND s.seq = l.seq
		JOIN orders o ON o.id = l.order_id WHERE l.discount > 0 OR l.discounts <> ''
			OR l.standing <> ''`, func(r db.Row) error {
		var l discountLine
		err := r.Scan(&l.order, &l.no, &l.stored, &l.state, &l.currency, &l.quantity, &l.gone, &l.discount, &l.funded,
			&l.fundedBack, &l.paid, &l.standing, &l.keptFunded)
		if err == nil {
			d.lines.Counted++
			d.line(&l)
		}
		return err
	})
}

// line adds up what was taken off a line: [promotion, version, kind, claim, amount, [[party, amount], ...]] each,
// and [[price, paid], ...] of a group's ladder.
func (d *dealWalk) line(l *discountLine) {
	var sum deduction
	wrong := ""
	if l.stored != "" {
		wrong = d.all(l.stored, l, &sum)
	}
	if wrong == "" && sum != (deduction{l.discount, l.funded, l.fundedBack}) {
		wrong = "sum"
	}
	if wrong == "" && l.standing != "" {
		wrong = d.stands(l)
	}
	if wrong != "" {
		d.lines.note(Violation{"order_id": l.order, "line_no": fmt.Sprint(l.no), "wrong": wrong, "discounts": l.stored,
			"discount": fmt.Sprint(l.discount), "funded": fmt.Sprint(l.funded), "funded_back": fmt.Sprint(l.fundedBack)})
	}
}

// all reads a list of what promotions took off a line.
func (d *dealWalk) all(stored string, l *discountLine, sum *deduction) (wrong string) {
	c := column{rest: stored}
	c.want('[')
	for n := 0; wrong == "" && c.more(n); n++ {
		wrong = d.deduct(&c, l, sum)
	}
	if wrong == "" && !c.whole() {
		wrong = "unreadable"
	}
	return wrong
}

// stands reads the discounts of pieces that were priced again: those hold for all that is left of them. What others pay
// of them is what the line says.
func (d *dealWalk) stands(l *discountLine) (wrong string) {
	left, sum := *l, deduction{}
	left.standing, left.gone = "", 0
	if wrong = d.all(l.standing, &left, &sum); wrong == "" && sum.funded != l.funded-l.fundedBack-l.keptFunded {
		wrong = "standing"
	}
	return wrong
}

// deduction is what was taken off a line, what of it others than the shop pay, and what went back to them.
type deduction struct{ off, funded, back int64 }

// deduct reads one promotion's part, adds it to the sum and to what its funders owe, and tells what is wrong with it.
func (d *dealWalk) deduct(c *column, l *discountLine, sum *deduction) (wrong string) {
	c.want('[')
	c.text()
	c.want(',')
	c.number()
	for range 2 {
		c.want(',')
		c.text()
	}
	c.want(',')
	amount := c.number()
	c.want(',')
	shares, own := int64(0), false
	c.pairs(func(party string, share int64) {
		if share < 1 || party == "" {
			wrong = "share"
		}
		shares += share
		if party == "merchant" { // written until what is left of the amount was the shop's without a word
			own = true
			return
		}
		gone := share/l.quantity*l.gone + share%l.quantity*l.gone/l.quantity
		sum.funded, sum.back = sum.funded+share, sum.back+gone
		if l.state == "completed" && l.standing == "" {
			d.owed[l.currency+" funder:"+party] += share - gone
		}
	})
	if c.is(',') { // what the line would cost at other prices of a group
		c.want('[')
		for n := 0; c.more(n); n++ {
			c.want('[')
			c.number()
			c.want(',')
			if paid := c.number(); paid < 0 || paid > l.paid {
				wrong = "step"
			}
			c.want(']')
		}
	}
	sum.off += amount
	switch c.want(']'); {
	case c.bad:
		return "unreadable"
	case amount < 1:
		return "amount"
	case wrong == "" && (shares > amount || own && shares < amount):
		return "shares"
	}
	return wrong
}

// books compares what the books hold against each funder with what the lines say.
func (d *dealWalk) books(tx *db.Tx) error {
	err := tx.Each(`SELECT chain, account, debits - credits FROM ledger_accounts WHERE account LIKE 'funder:%'`,
		func(r db.Row) error {
			var chain, account string
			var owes int64
			err := r.Scan(&chain, &account, &owes)
			d.funders.Counted++
			key := chain + " " + account
			if owes != d.owed[key] {
				d.funders.note(Violation{"currency": chain, "account": account, "booked": fmt.Sprint(owes),
					"lines": fmt.Sprint(d.owed[key])})
			}
			delete(d.owed, key)
			return err
		})
	for _, key := range slices.Sorted(maps.Keys(d.owed)) {
		if currency, account, _ := strings.Cut(key, " "); d.owed[key] != 0 {
			d.funders.note(Violation{"currency": currency, "account": account, "booked": "0",
				"lines": fmt.Sprint(d.owed[key])})
		}
	}
	return err
}

// uses reads what orders use: an order that ended unpaid uses nothing any more, any other has not released its own. A
// voucher stands behind what was issued as an order does, and so does a draw of codes; neither gives anything back. An
// appointment is given back when a guest's becomes one with the account's, a referral's part of a budget when it brings
// no reward.
func (d *dealWalk) uses(tx *db.Tx) error {
	return tx.Each(`SELECT u.order_id, u.uses, u.released, COALESCE(o.state, CASE WHEN v.id IS NOT NULL
			OR u.order_id LIKE 'vcd!_%' ESCAPE '!' THEN 'voucher' WHEN u.order_id LIKE 'apt:%' THEN 'appointment'
			WHEN r.state = 'refused' THEN 'refused' WHEN r.id IS NOT NULL THEN 'referral' ELSE 'nowhere' END),
			COALESCE(o.paid_us, 0),
			CASE WHEN u.uses LIKE '%"lim:enr!_%' ESCAPE '!' OR u.uses LIKE '%"lim:cmp!_%' ESCAPE '!' THEN
				COALESCE((SELECT MAX(f.payer) FROM attempts a
				JOIN payment_facts f ON f.provider = a.wallet AND f.txn = a.provider_txn AND f.kind = 'capture'
				WHERE a.order_id = u.order_id AND (o.earnest = 0 OR a.lines_hash LIKE '%/earnest')), '') ELSE '' END
		FROM quota_uses u LEFT JOIN orders o ON o.id = u.order_id LEFT JOIN vouchers v ON v.id = u.order_id
			LEFT JOIN referrals r ON r.id = u.order_id`,
		func(r db.Row) error { return d.use(r) })
}

func (d *dealWalk) use(r db.Row) error {
	var order, stored, state, payer string
	var released bool
	var paid int64
	if err := r.Scan(&order, &stored, &released, &state, &paid, &payer); err != nil {
		return err
	}
	d.orders.Counted++
	var shopper, account int64 // pieces of a sale's items, as they count for each
	readable := pairs(stored, func(name string, amount int64) {
		if released {
			return
		}
		d.used[name] += amount
		switch {
		case strings.HasPrefix(name, "lim:enr_"), strings.HasPrefix(name, "lim:cmp_"):
			shopper += amount
		case strings.HasPrefix(name, "pay:"):
			account += amount
		}
	})
	wrong := released != (state == "cancelled" && paid == 0 || state == "refused") && state != "appointment"
	if !readable || state == "nowhere" || wrong {
		d.orders.note(Violation{"order_id": order, "state": state, "released": fmt.Sprint(released), "uses": stored})
	}
	// What is limited to each shopper counts for the account that paid too, of a presale the earnest, where it is known.
	if d.accounts.Counted++; account != shopper && (account != 0 || paid > 0 && payer != "") {
		d.accounts.note(Violation{"order_id": order, "uses": stored, "shopper": fmt.Sprint(shopper),
			"account": fmt.Sprint(account)})
	}
	return nil
}

// quotas compares the counts. A count that nothing here stands behind is bounded by its cap alone.
func (d *dealWalk) quotas(tx *db.Tx) error {
	err := tx.Each(`SELECT quota, cap, used FROM quotas`, func(r db.Row) error {
		var name string
		var limit, used int64
		err := r.Scan(&name, &limit, &used)
		d.counts.Counted++
		kind, _, _ := strings.Cut(name, ":")
		byOrders := slices.Contains([]string{
			"bud", "vch", "lim", "pay", "opn", "iss", "clm", "cod", "apt", "brd", "gtb"}, kind)
		if used < 0 || used > limit || byOrders && used != d.used[name] {
			d.counts.note(Violation{"quota": name, "cap": fmt.Sprint(limit), "used": fmt.Sprint(used),
				"orders": fmt.Sprint(d.used[name])})
		}
		delete(d.used, name)
		return err
	})
	for _, name := range slices.Sorted(maps.Keys(d.used)) {
		if d.used[name] != 0 {
			d.counts.note(Violation{"quota": name, "cap": "", "used": "0", "orders": fmt.Sprint(d.used[name])})
		}
	}
	return err
}
