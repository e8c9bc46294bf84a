package verify

import (
	"fmt"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/funds/ledger"
	"hutong/funds/settle"
)

const freightFilled = 600 // minor units, of each suborder

// filledOrder is one order while it is written.
type filledOrder struct {
	*filler
	id, shopper string
	fate        fate
	at          time.Time
	subs        int
	lines       []filledLine
	goods       []int64 // of each suborder
	refund      int64
}

type filledLine struct {
	good               *filledOffer
	seq, no            int64
	quantity           int64
	released, returned int64 // pieces
	refundedQuantity   int64
	refunded, paid     int64
	discount, funded   int64 // what was taken off, and the platform's part of it
}

// discounts is what was taken off a line, as an order keeps it; half of it and the odd unit is the platform's. Every
// other line is from before the shop's part went without saying.
func (l *filledLine) discounts() string {
	if l.discount == 0 {
		return ""
	}
	var shares []string
	for party, share := range map[string]int64{"platform": l.funded, "merchant": l.discount - l.funded} {
		if share > 0 && (party == "platform" || l.no%2 == 1) {
			shares = append(shares, fmt.Sprintf("[%q,%d]", party, share))
		}
	}
	rungs := ""
	if l.no%2 == 0 {
		rungs = ",[[2,0],[1,0]]"
	}
	return fmt.Sprintf(`[["prm_1",1,"crossshop","",%d,[%s]%s]]`, l.discount, strings.Join(shares, ","), rungs)
}

// back is what of the platform's part went back with the pieces that were refunded.
func (l *filledLine) back() int64 { return l.funded * l.refundedQuantity / l.quantity }

// one puts one order aside with everything that belongs to it.
func (f *filler) one(what fate) {
	o := &filledOrder{filler: f, id: f.ids.New("ord"), shopper: f.ids.New("shr"), fate: what, at: f.clock.Now(),
		subs: 1 + f.made/3%4/3}
	f.made++
	no, lines := int64(0), 3
	if f.plain {
		o.subs, lines = 1, 1
	}
	for s := range o.subs {
		shop := (f.made*7 + s*11) % shopsFilled
		o.goods = append(o.goods, 0)
		for l := range 1 + (f.made+s)%lines {
			no++
			g := &f.goods[shop*offersFilled+(f.made*13+l)%offersFilled]
			line := filledLine{good: g, seq: int64(s + 1), no: no, quantity: int64(2 + (f.made+l)%3)}
			switch {
			case f.chance != nil:
				line.discount = f.chance.Int64N(line.quantity*(g.price-1) + 1) // a piece costs something
				line.funded = f.chance.Int64N(line.discount + 1)
			case (f.made+l)%2 == 0:
				line.discount = line.quantity*g.price/10 + 1
				line.funded = line.discount/2 + 1
			}
			line.paid = line.quantity*g.price - line.discount
			o.goods[s] += line.paid
			o.lines = append(o.lines, line)
		}
	}
	o.giveBack()
	o.use()
	o.write()
	o.count()
	o.pay()
	o.settleUp()
}

// use notes what the order takes of the budget of its promotion and of what its shopper may buy: what is left of it.
func (o *filledOrder) use() {
	off := int64(0)
	for _, l := range o.lines {
		off += l.discount - l.discount*l.refundedQuantity/l.quantity
	}
	if off == 0 {
		return
	}
	limit := "lim:prm_1:" + o.shopper
	o.add("quota_uses", "order_id", o.id, "uses", fmt.Sprintf(`[["bud:prm_1",%d],[%q,1]]`, off, limit),
		"released", o.is(lapsed))
	used := int64(1)
	if o.is(lapsed) {
		off, used = 0, 0
	}
	o.spent += off
	o.add("quotas", "quota", limit, "cap", 1, "used", used, "open", true)
}

// is tells whether the order's fate is one of these.
func (o *filledOrder) is(fates ...fate) bool {
	for _, f := range fates {
		if o.fate == f {
			return true
		}
	}
	return false
}

func (o *filledOrder) wasPaid() bool { return !o.is(awaiting, lapsed) }
func (o *filledOrder) wasShipped() bool {
	return o.wasPaid() && !o.is(paid, cut, undone, retaken)
}
func (o *filledOrder) wasCompleted() bool {
	return o.is(completed, kept, returned, paidTwice, halfRefund)
}

// giveBack decides which pieces were refunded.
func (o *filledOrder) giveBack() {
	l := &o.lines[0]
	switch o.fate {
	case cut:
		l.refundedQuantity, l.released = 1, 1
	case kept, halfRefund:
		l.refundedQuantity = 1
	case returned:
		l.refundedQuantity, l.returned = 1, 1
	case undone:
		for i := range o.lines {
			o.lines[i].refundedQuantity, o.lines[i].released = o.lines[i].quantity, o.lines[i].quantity
		}
		o.refund += freightFilled * int64(o.subs)
	}
	if o.chance != nil && l.refundedQuantity == 1 && l.quantity > 2 {
		l.refundedQuantity += o.chance.Int64N(l.quantity - 2) // never all of them: the part goes on
		l.released, l.returned = l.released*l.refundedQuantity, l.returned*l.refundedQuantity
	}
	for i := range o.lines {
		l := &o.lines[i]
		l.refunded = l.paid * l.refundedQuantity / l.quantity
		o.refund += l.refunded
	}
}

func (o *filledOrder) total() (goods, freight int64) {
	for _, g := range o.goods {
		goods += g
	}
	return goods, freightFilled * int64(o.subs)
}

// states are those of the order and of its parts.
func (o *filledOrder) states() (state, part string) {
	switch {
	case o.is(awaiting):
		return "awaiting_payment", "open"
	case o.is(lapsed):
		return "cancelled", "open"
	case o.is(undone):
		return "cancelled", "cancelled"
	case o.is(paid, cut, retaken):
		return "paid", "open"
	case o.is(shipped):
		return "paid", "shipped"
	case o.is(delivered):
		return "paid", "delivered"
	}
	return "completed", "completed"
}

func (o *filledOrder) write() {
	at := clock.Micros(o.at)
	goods, freight := o.total()
	state, part := o.states()
	steps := o.steps(0, state)
	paidAt := int64(0)
	if o.wasPaid() {
		paidAt = at + 2
	}
	expires := at + int64(15*time.Minute/time.Microsecond)
	o.add("shoppers", "id", o.shopper, "created_us", at)
	o.add("addresses", "shopper_id", o.shopper, "id", "adr_"+o.shopper[4:], "country", "CN", "division", "330106",
		"region_text", "", "recipient", "李雷", "phone", "+8613800138000", "street", "文三路 1 号", "postcode", "",
		"created_us", at, "forgotten", false, "erased", false)
	o.add("orders", "id", o.id, "shopper_id", o.shopper, "state", state, "currency", "CNY", "goods", goods,
		"freight", freight, "total", goods+freight, "address_id", "adr_"+o.shopper[4:], "request_hash", "00", "lang",
		"zh-CN", "source", string(o.fate), "remark", "", "placed_us", at, "expires_us", expires, "paid_us", paidAt,
		"closed_us", 0, "reason", "", "step", steps)
	o.add("shopper_orders", "shopper_id", o.shopper, "order_id", o.id)
	for s, g := range o.goods {
		confirm, refunded := int64(0), int64(0)
		if o.is(shipped, delivered) {
			confirm = at + int64(240*time.Hour/time.Microsecond)
		}
		if o.is(undone) {
			refunded = freightFilled
		}
		o.add("suborders", "order_id", o.id, "seq", s+1, "shop_id", o.shopOf(s+1), "state", part, "goods", g,
			"freight", freightFilled, "carrier", "courier", "pickup", "", "shipped_us", 0, "confirm_by_us", confirm,
			"closed_us", 0, "freight_refunded", refunded, "step", o.steps(s+1, part))
		if part == "shipped" || part == "delivered" || part == "completed" {
			o.send(s+1, at)
		}
	}
	for _, l := range o.lines {
		o.add("order_lines", "order_id", o.id, "line_no", l.no, "seq", l.seq, "shop_id", l.good.shop,
			"offer_id", l.good.offer, "product_id", l.good.product, "sku_id", l.good.sku, "pool_id", l.good.pool,
			"title", "货", "choice", "", "picture", "", "quantity", l.quantity, "unit_price", l.good.price,
			"price_version", 2, "discount", l.discount, "discounts", l.discounts(), "funded", l.funded,
			"funded_back", l.back(), "paid", l.paid, "fee_ppm", 6000, "fee_rule_id", "fee_default",
			"refunded_quantity", l.refundedQuantity, "refunded", l.refunded, "released", l.released, "returned", l.returned)
	}
}

// send hands a part to its carrier.
func (o *filledOrder) send(part int, at int64) {
	id := fmt.Sprint("shp_", o.id[4:], part)
	o.add("shipments", "order_id", o.id, "seq", part, "id", id, "shop_id", o.shopOf(part), "shopper_id", o.shopper, "carrier",
		"courier", "tracking_no", id, "point", "", "pickup_code", "", "state", "booked", "booked_us", at, "delivered_us", 0,
		"changed_us", at, "next_poll_us", at)
}

func (o *filledOrder) shopOf(seq int) string {
	for _, l := range o.lines {
		if l.seq == int64(seq) {
			return l.good.shop
		}
	}
	return ""
}

// steps writes the path of the order (seq 0) or of a part to where it stands and tells its length.
func (o *filledOrder) steps(seq int, to string) int {
	path := map[string][]string{
		"awaiting_payment": {"awaiting_payment"}, "cancelled": {"awaiting_payment", "cancelled"},
		"paid": {"awaiting_payment", "paid"}, "completed": {"awaiting_payment", "paid", "completed"},
	}[to]
	switch {
	case seq > 0:
		path = map[string][]string{"open": {"open"}, "shipped": {"open", "shipped"},
			"delivered": {"open", "shipped", "delivered"}, "completed": {"open", "shipped", "completed"},
			"cancelled": {"open", "cancelled"}}[to]
	case o.is(undone):
		path = []string{"awaiting_payment", "paid", "cancelled"}
	case o.is(retaken):
		path = []string{"awaiting_payment", "cancelled", "paid"}
	}
	for i := 1; i < len(path); i++ {
		o.add("order_steps", "order_id", o.id, "seq", seq, "step", i, "from_state", path[i-1], "to_state", path[i],
			"actor", "time", "cause", "test", "at_us", clock.Micros(o.at)+int64(i))
	}
	return len(path) - 1
}

// count takes the stock: what an order takes are its lines.
func (o *filledOrder) count() {
	for _, l := range o.lines {
		switch {
		case o.is(awaiting):
			l.good.held += l.quantity
		case o.is(lapsed, undone):
		case o.wasShipped():
			l.good.shipped += l.quantity - l.released
		default:
			l.good.sold += l.quantity - l.released
		}
		l.good.returned += l.returned
	}
}

// pay captures the order's money and asks back what was refunded.
func (o *filledOrder) pay() {
	goods, freight := o.total()
	switch {
	case !o.wasPaid():
		if o.is(awaiting) {
			o.attempt("redbean", goods+freight, 0, 0)
		}
	case o.is(paidTwice):
		o.attempt("redbean", goods+freight, goods+freight, 0)
		o.attempt("bluejay", goods+freight, goods+freight, goods+freight)
	default:
		o.attempt("redbean", goods+freight, goods+freight, o.refund)
	}
}

func (o *filledOrder) attempt(wallet string, amount, captured, refunded int64) {
	att, at := o.ids.New("att"), clock.Micros(o.at)
	state, next := "succeeded", int64(0)
	if captured == 0 {
		state, next = "pending", at+1
	}
	o.add("attempts", "id", att, "order_id", o.id, "wallet", wallet, "account", "market", "amount", amount,
		"currency", "CNY", "state", state, "provider_ref", "", "provider_txn", "t"+att, "qr", "", "url", "",
		"lines_hash", "", "captured", captured, "refunded", refunded, "charged_back", 0, "polls", 0,
		"next_poll_us", next, "created_us", at, "expires_us", at+1)
	if captured == 0 {
		return
	}
	outcome := "applied"
	if refunded == captured && o.is(paidTwice) {
		outcome = "refunded"
	}
	o.fact(wallet, "t"+att, "capture", att, "", captured, outcome)
	o.posts = append(o.posts, ledger.Transfer{Debit: ledger.Wallet(wallet), Credit: ledger.Escrow, Amount: captured,
		Currency: "CNY", Kind: ledger.Capture, Order: o.id, Ref: att})
	for s := range o.subs {
		if amount := o.backOf(s + 1); amount > 0 && refunded == o.refund {
			o.sendBack(wallet, att, s+1, amount)
		}
	}
	if outcome == "refunded" {
		o.sendBack(wallet, att, 0, refunded)
	}
}

func (o *filledOrder) fact(wallet, txn, kind, att, refund string, amount int64, outcome string) {
	o.add("payment_facts", "provider", wallet, "txn", txn, "kind", kind, "attempt_id", att, "refund_id", refund,
		"amount", amount, "currency", "CNY", "account", "market", "outcome", outcome, "paid_us", clock.Micros(o.at),
		"at_us", clock.Micros(o.at))
}

// backOf is what is given back of one part.
func (o *filledOrder) backOf(seq int) (amount int64) {
	for _, l := range o.lines {
		if l.seq == int64(seq) {
			amount += l.refunded
		}
	}
	if o.is(undone) {
		amount += freightFilled
	}
	return amount
}

// sendBack refunds an amount, of a part by a case, or (part 0) the capture of a second wallet by itself.
func (o *filledOrder) sendBack(wallet, att string, seq int, amount int64) {
	rfd, at, casus := o.ids.New("rfd"), clock.Micros(o.at), ""
	if seq > 0 {
		casus = o.open(seq, amount)
	}
	state, done, next := "succeeded", at+5, int64(0)
	if o.is(halfRefund) {
		state, done, next = "asked", 0, at+5
	}
	o.add("refunds", "id", rfd, "order_id", o.id, "attempt_id", att, "case_id", casus, "wallet", wallet,
		"txn", "t"+att, "amount", amount, "currency", "CNY", "reason", "", "state", state, "tries", 1,
		"next_try_us", next, "created_us", at, "done_us", done)
	out := []ledger.Transfer{{Debit: ledger.Escrow, Credit: ledger.Refunding(wallet), Amount: amount, Currency: "CNY",
		Kind: ledger.RefundAsked, Order: o.id, Ref: rfd}}
	if done > 0 {
		o.fact(wallet, "b"+rfd, "refund", att, rfd, amount, "applied")
		out = append(out, ledger.Transfer{Debit: ledger.Refunding(wallet), Credit: ledger.Wallet(wallet),
			Amount: amount, Currency: "CNY", Kind: ledger.RefundDone, Order: o.id, Ref: rfd})
	}
	if o.is(returned, halfRefund) {
		o.late = append(o.late, out...)
		return
	}
	o.posts = append(o.posts, out...)
}

// open writes the case of a part's refund.
func (o *filledOrder) open(seq int, amount int64) string {
	casus, at, freight := o.ids.New("cas"), clock.Micros(o.at), int64(0)
	if o.is(undone) {
		freight = freightFilled
	}
	o.add("cases", "id", casus, "order_id", o.id, "seq", seq, "shop_id", o.shopOf(seq), "shopper_id", o.shopper,
		"state", "refunded", "reason", "other", "currency", "CNY", "amount", amount, "freight", freight,
		"restock", false, "request_key", casus, "request_hash", "", "opened_us", at, "closed_us", at, "step", 2)
	o.add("case_steps", "case_id", casus, "step", 1, "from_state", "", "to_state", "opened", "actor", "shopper",
		"note", "", "at_us", at)
	o.add("case_steps", "case_id", casus, "step", 2, "from_state", "opened", "to_state", "refunded",
		"actor", "merchant", "note", "", "at_us", at)
	for _, l := range o.lines {
		if l.seq == int64(seq) && l.refundedQuantity > 0 {
			o.add("case_lines", "case_id", casus, "line_no", l.no, "units", l.refundedQuantity, "amount", l.refunded)
		}
	}
	return casus
}

// settleUp makes the claims of a completed order and takes back what was refunded after that.
func (o *filledOrder) settleUp() {
	if !o.wasCompleted() {
		return
	}
	for s := range o.subs {
		sale := settle.Sale{Order: o.id, Sub: s + 1, Shop: o.shopOf(s + 1), Currency: "CNY", Carrier: "courier",
			Freight: freightFilled}
		for _, l := range o.lines {
			if l.seq != int64(s+1) {
				continue
			}
			line := settle.SaleLine{Line: int(l.no), Value: l.paid + l.funded, FeePPM: 6000, FeeRule: settle.DefaultRule,
				Funding: []settle.Share{{Party: "platform", Amount: l.funded}}}
			if o.is(kept) {
				line.Refunded = l.refunded + l.back()
				line.Funding[0].Amount -= l.back()
			}
			sale.Lines = append(sale.Lines, line)
			if o.is(returned, halfRefund) && l.refunded > 0 {
				o.back = append(o.back, settle.Refunded{Order: o.id, Sub: s + 1, Shop: sale.Shop, Currency: "CNY",
					Line: int(l.no), Before: l.paid + l.funded, After: l.paid + l.funded - l.refunded - l.back(),
					Funding: []settle.Share{{Party: "platform", Amount: l.back()}}, FeePPM: 6000,
					FeeRule: settle.DefaultRule})
			}
		}
		o.sales = append(o.sales, sale)
	}
}
