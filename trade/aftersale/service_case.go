package aftersale

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/trade/order"
)

// Open is a shopper's request to give pieces of a suborder back.
type Open struct {
	Shopper string
	Order   order.ID
	Seq     int64
	Lines   []order.Units // none: all that is left
	Reason  Reason
	Note    string
	Key     string // names the request: pressing twice is one case
	Shown   *int64 // what was shown to come back, in minor units; nil: the shopper agrees to what does
}

// Open asks for pieces to be given back. What has not been shipped is refunded at once, the whole suborder with its
// freight; what has been is a case that waits for its merchant.
//
// It is safe to repeat with the same Key, which answers with the case as it stands (FAULTS R15).
//
// Codes: order.not_found (also for another shopper's), order.not_paid, order.state, order.line, order.units,
// aftersale.key_form, aftersale.key_used, aftersale.reason, aftersale.note, aftersale.lines, aftersale.too_late,
// aftersale.amount_changed where another amount than was shown would come back, and those of pay.Ask.
func (s *Service) Open(ctx context.Context, cmd Open) (Case, error) {
	r := request{by: Party{Shopper: cmd.Shopper}, order: cmd.Order, seq: cmd.Seq, lines: cmd.Lines, reason: cmd.Reason,
		note: cmd.Note, key: cmd.Key, shown: cmd.Shown}
	return s.make(ctx, r, s.ask)
}

// Would is what a request of a shopper's would bring as things stand, freight included. It writes nothing. Codes: those
// of Open that are about the order and its pieces.
func (s *Service) Would(ctx context.Context, cmd Open) (order.Refunded, error) {
	o, err := s.order(ctx, Party{Shopper: cmd.Shopper}, cmd.Order)
	if err != nil {
		return order.Refunded{}, err
	}
	sub, err := subOf(o, cmd.Seq)
	if err != nil {
		return order.Refunded{}, err
	}
	c := Case{Order: cmd.Order, Seq: cmd.Seq, Reason: cmd.Reason, Currency: o.Currency}
	if sub.State == order.SubOpen {
		return s.Orders.WouldBring(ctx, order.Refund{Order: cmd.Order, Seq: cmd.Seq, Lines: cmd.Lines,
			Fair: c.fair("shopper")})
	}
	var would order.Refunded
	err = s.DB.Read(ctx, func(tx *db.Tx) error { would, err = s.foresee(tx, &c, sub, cmd.Lines); return err })
	return would, err
}

// foresee says what pieces that were sent would bring, beside those that open cases ask for already.
func (s *Service) foresee(tx *db.Tx, c *Case, sub order.Sub, asked []order.Units) (would order.Refunded, err error) {
	taken, err := claimed(tx, c.Order, c.Seq)
	if err != nil {
		return would, err
	}
	if c.Lines, err = wanted(sub, asked, taken); err != nil {
		return would, err
	}
	would, err = s.Orders.WouldBringIn(tx, order.Refund{Order: c.Order, Seq: c.Seq, Lines: c.units(), Fair: c.fair("")})
	if err != nil {
		return would, err
	}
	c.Kept, c.Repriced = would.Kept, would.Repriced
	err = c.total()
	would.Total = c.Amount
	return would, err
}

// Refund is a merchant's or the operator's word to give pieces of a suborder back, without being asked.
type Refund struct {
	By      Party
	Order   order.ID
	Seq     int64
	Lines   []order.Units // none: all that is left
	Reason  Reason
	Note    string
	Restock bool // after shipping: the pieces came back and can be sold again
	Unsent  bool // only while the goods have not left; also between the look at the order and this word
	Key     string
}

// Refund gives pieces back at once, before or after shipping, and writes a case that is closed already. It is safe to
// repeat with the same Key. Codes: those of Open but aftersale.too_late; aftersale.sent where it is Unsent.
func (s *Service) Refund(ctx context.Context, cmd Refund) (Case, error) {
	if cmd.By.Shop == "" && !cmd.By.Operator {
		return Case{}, fault.New(fault.NotFound, "order.not_found") // not the shopper's to decide
	}
	r := request{by: cmd.By, order: cmd.Order, seq: cmd.Seq, lines: cmd.Lines, reason: cmd.Reason, note: cmd.Note,
		restock: cmd.Restock, key: cmd.Key}
	return s.make(ctx, r, func(tx *db.Tx, c *Case, r request, o order.Order) error {
		if cmd.Unsent {
			if err := unsent(tx, o, r.seq); err != nil {
				return err
			}
		}
		return s.give(tx, c, r, o)
	})
}

// give refunds a case at once, by the word of who asked for it.
func (s *Service) give(tx *db.Tx, c *Case, r request, _ order.Order) error {
	return s.refund(tx, c, r.lines, word{r.by.actor(), r.note, c.OpenedAt})
}

// make makes the case of a request, once.
func (s *Service) make(ctx context.Context, r request, decide func(*db.Tx, *Case, request, order.Order) error) (c Case,
	err error) {
	if err := r.check(); err != nil {
		return Case{}, err
	}
	o, err := s.order(ctx, r.by, r.order)
	if err != nil {
		return Case{}, err
	}
	if _, err := subOf(o, r.seq); err != nil {
		return Case{}, err
	}
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		// The order's row is the lock of everything about the order: of two presses the second finds the first's case.
		if err := order.Hold(tx, r.order); err != nil {
			return err
		}
		var known bool
		if c, known, err = byKey(tx, r.order, r.scopedKey()); err != nil || known {
			return c.answers(r, err)
		}
		c, err = s.fresh(tx, at, r, o, decide)
		return err
	})
	if err != nil {
		return Case{}, err
	}
	s.set.date(&c)
	return c, nil
}

// fresh writes the case of a request that has none; the caller holds its order.
func (s *Service) fresh(tx *db.Tx, at time.Time, r request, o order.Order,
	decide func(*db.Tx, *Case, request, order.Order) error) (Case, error) {
	sub, err := subOf(o, r.seq)
	if err != nil {
		return Case{}, err
	}
	c := Case{ID: ID(s.IDs.New("cas")), Order: r.order, Seq: r.seq, Shop: sub.Shop, Shopper: o.Shopper,
		Reason: r.reason, Currency: o.Currency, Restock: r.restock, OpenedAt: at, key: r.scopedKey(), hash: r.hash()}
	if err := decide(tx, &c, r, o); err != nil {
		return c, err
	}
	if err := insert(tx, c); err != nil {
		return c, err
	}
	return c, s.tell(tx, c, at)
}

// answers tells whether the case is the one that the request made.
func (c Case) answers(r request, err error) error {
	if err == nil && c.hash != r.hash() {
		err = fault.New(fault.Conflict, "aftersale.key_used").At("key")
	}
	return err
}

// ask decides a shopper's request: at once while the goods have not left, otherwise it waits for the merchant.
func (s *Service) ask(tx *db.Tx, c *Case, r request, o order.Order) error {
	sub, err := subOf(o, r.seq)
	if err != nil {
		return err
	}
	gone, err := shipped(tx, sub)
	if err != nil {
		return err
	}
	if !gone {
		if err := s.refund(tx, c, r.lines, word{"shopper", r.note, c.OpenedAt}); err != nil {
			return err
		}
		return r.agrees(c)
	}
	if received, ok := receivedAt(o, r.seq); ok {
		if end := s.set.until(received, r.reason); !c.OpenedAt.Before(end) {
			return fault.New(fault.Unprocessable, "aftersale.too_late", fault.P("until", end.Format(time.DateTime))).
				At("reason")
		}
	}
	if _, err := s.foresee(tx, c, sub, r.lines); err != nil {
		return err
	}
	if err := r.agrees(c); err != nil {
		return err
	}
	return c.move(Opened, "shopper", r.note, c.OpenedAt)
}

// shipped tells whether the goods of a suborder have left, under the order's lock: the order that was read before may
// be older than the merchant's press of "ship", and shipped goods are not refunded without asking.
func shipped(tx *db.Tx, sub order.Sub) (bool, error) {
	sent, err := order.Sent(tx, sub.Order)
	for _, l := range sub.Lines {
		if sent[l.No] {
			return true, err
		}
	}
	return false, err
}

// unsent refuses what has left by now. Codes: aftersale.sent.
func unsent(tx *db.Tx, o order.Order, seq int64) error {
	sub, err := subOf(o, seq)
	if err != nil {
		return err
	}
	gone, err := shipped(tx, sub)
	if err == nil && gone {
		err = fault.New(fault.Conflict, "aftersale.sent")
	}
	return err
}

func (c *Case) total() error {
	amounts := make([]money.Money, len(c.Lines))
	for i, l := range c.Lines {
		amounts[i] = money.New(l.Amount, c.Currency)
	}
	sum, err := money.Sum(c.Currency, amounts...)
	c.Amount = sum.Minor - c.Kept
	return err
}

// fair tells whether the pieces of a case bring their share of the price at least, also where what is left is priced
// again: whoever has it that way did not change their mind, and the shop, or the market, says so. A shopper who takes
// something back before it is sent is asked for no proof of the reason.
func (c *Case) fair(decides string) bool {
	return decides != "shopper" && c.Reason != Unwanted && c.Reason != Other
}

// word is what somebody decided.
type word struct {
	actor, note string
	at          time.Time
}

// refund gives the pieces back: order, stock, settlement and the refund at the wallet, in the case's transaction.
func (s *Service) refund(tx *db.Tx, c *Case, lines []order.Units, w word) error {
	out, err := s.Orders.Refund(tx, order.Refund{Order: c.Order, Seq: c.Seq, Lines: lines, Restock: c.Restock,
		Ref: string(c.ID), Fair: c.fair(w.actor), Cause: order.Cause{Actor: w.actor, Why: "refunded", At: w.at}})
	if err != nil {
		return err
	}
	c.Amount, c.Freight, c.Kept, c.Repriced = out.Total, out.Freight, out.Kept, out.Repriced
	c.Lines = c.Lines[:0]
	for _, l := range out.Lines {
		c.Lines = append(c.Lines, Line{Line: l.Line, Units: l.Units, Amount: l.Amount})
	}
	_, err = s.Pay.Ask(tx, w.at, []pay.RefundAsk{{Order: string(c.Order), Case: string(c.ID), Amount: out.Total,
		Currency: out.Currency, Reason: "aftersale.reason." + string(c.Reason)}})
	if err != nil {
		return err
	}
	return c.move(Refunded, w.actor, w.note, w.at)
}
