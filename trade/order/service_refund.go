package order

import (
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/settle"
	"hutong/goods/stock"
)

// Units are pieces of one line that are given back.
type Units struct {
	Line, Units int64
}

// Refund asks for pieces of one suborder to be given back. No lines means all that is left.
type Refund struct {
	Order   ID
	Seq     int64
	Lines   []Units
	Restock bool // after shipping: whether the pieces came back and can be sold again
	Cause   Cause
	// Of an order whose rest is priced again:
	Ref  string // names what it is for
	Fair bool   // the pieces bring their share of the price at least, see Repricing
}

// Refunded is what a Refund gives back, in minor units. Nothing has been sent yet: the caller asks funds/pay to.
type Refunded struct {
	Currency money.Currency
	Shopper  string
	Shop     string
	Lines    []RefundedLine
	Freight  int64
	Total    int64
	Repriced bool  // the rest of the order was priced again
	Kept     int64 // what of the lines' amounts stays, since the rest costs more; below 0: what goes back beside
}

// RefundedLine is the part of one line.
type RefundedLine struct {
	Line, Units, Amount int64
}

// Refund gives pieces of a suborder back in the caller's transaction: the k-th piece of a line that was paid P for q
// returns P·k/q rounded down less what came before (RULES C4), so that any order of refunds sums to what was paid.
// Before shipping the pieces go back on sale, and a suborder with none left is cancelled with its freight. After
// completion the settled claims are reversed by recomputation (RULES C5). Of an order whose rest is priced again it
// gives back what was paid above what the rest costs by itself (RULES 1.6c), and settles every part anew.
// Codes: order.not_found, order.not_paid, order.state, order.line, order.units.
// Not safe to repeat: the caller is keyed.
func (s *Service) Refund(tx *db.Tx, r Refund) (Refunded, error) {
	w, o, sub, err := s.openPaid(tx, SubKey{r.Order, r.Seq})
	if err != nil {
		return Refunded{}, err
	}
	out := Refunded{Currency: o.Currency, Shopper: o.Shopper, Shop: sub.Shop}
	before := append([]Line(nil), sub.Lines...)
	change := repricing{order: o, was: linesOf(o)}
	if change.basis, err = s.basis(tx, o.ID); err != nil {
		return Refunded{}, err
	}
	if err := w.refundLines(sub, r, &out); err != nil {
		return Refunded{}, err
	}
	topped, err := s.untop(tx, o, sub, before)
	if err != nil {
		return Refunded{}, err
	}
	w.refunded(sub, &out)
	if change.basis != nil {
		if err := s.repriced(tx, w, r, change, &out); err != nil {
			return Refunded{}, err
		}
	}
	if err := s.usesBack(tx, r.Cause.At, freed{order: o, repriced: change.basis != nil}, sub, before); err != nil {
		return Refunded{}, err
	}
	if err := s.giveBack(tx, w, sub, r, &out); err != nil {
		return Refunded{}, err
	}
	if change.basis != nil {
		err = s.resettle(tx, r.Cause.At, change)
	} else {
		err = s.reverse(tx, o, sub, before, r.Cause)
	}
	if err != nil {
		return Refunded{}, err
	}
	if err := settle.FundBack(tx, r.Cause.At, topped); err != nil { // after the shop has given it back
		return Refunded{}, err
	}
	return out, s.save(tx, w, TopicRefunded, r.Cause.At)
}

// openPaid loads a suborder of which money can be given back. Codes: order.not_found, order.not_paid, order.state.
func (s *Service) openPaid(tx *db.Tx, key SubKey) (*work, *Order, *Sub, error) {
	w, err := openRefund(tx, key)
	if err != nil {
		return nil, nil, nil, err
	}
	o, sub, err := w.sub(key)
	if err == nil && (o.PaidAt.IsZero() || sub.State == SubCancelled) {
		err = o.Unpaid(sub)
	}
	return w, o, sub, err
}

// refundLines counts the pieces and their money on the suborder's lines.
func (w *work) refundLines(sub *Sub, r Refund, out *Refunded) error {
	asked := r.Lines
	if len(asked) == 0 {
		for _, l := range sub.Lines {
			if l.Left() > 0 {
				asked = append(asked, Units{l.No, l.Left()})
			}
		}
	}
	if len(asked) == 0 {
		return tooMany(1, 0)
	}
	for _, u := range asked {
		l, err := sub.line(u.Line)
		if err != nil {
			return err
		}
		if u.Units < 1 || u.Units > l.Left() {
			return tooMany(u.Line, l.Left())
		}
		amount, err := l.Brings(u.Units)
		if err != nil {
			return err
		}
		funders, err := l.back(l.RefundedQuantity, u.Units)
		if err != nil {
			return err
		}
		l.RefundedQuantity += u.Units
		switch {
		case sub.State == SubOpen:
			l.Released += u.Units
		case r.Restock:
			l.Returned += u.Units
		}
		l.Refunded += amount
		l.FundedBack += sum(funders)
		out.Lines = append(out.Lines, RefundedLine{u.Line, u.Units, amount})
		out.Total += amount
	}
	return nil
}

// refunded marks the lines that pieces of were given back as changed.
func (w *work) refunded(sub *Sub, out *Refunded) {
	w.touch(sub)
	for i := range sub.Lines {
		if slices.ContainsFunc(out.Lines, func(r RefundedLine) bool { return r.Line == sub.Lines[i].No }) {
			w.lines = append(w.lines, sub.Lines[i])
		}
	}
}

func (s *Sub) line(no int64) (*Line, error) {
	for i := range s.Lines {
		if s.Lines[i].No == no {
			return &s.Lines[i], nil
		}
	}
	return nil, fault.New(fault.Unprocessable, "order.line", fault.P("line", no))
}

func (s *Sub) left() (n int64) {
	for _, l := range s.Lines {
		n += l.Left()
	}
	return n
}

// giveBack moves the stock, and ends a suborder that has nothing left before it was shipped.
func (s *Service) giveBack(tx *db.Tx, w *work, sub *Sub, r Refund, out *Refunded) error {
	pieces := make([]stock.Reservation, len(out.Lines))
	for i, u := range out.Lines {
		l, err := sub.line(u.Line)
		if err != nil {
			return err
		}
		pieces[i] = stock.Reservation{Order: string(r.Order), Pool: stock.PoolID(l.Pool), Quantity: u.Units}
	}
	if sub.State != SubOpen {
		if !r.Restock {
			return nil // the shopper keeps the pieces
		}
		return s.Stock.Return(tx, r.Cause.At, pieces, true)
	}
	if err := stock.Unsell(tx, pieces); err != nil {
		return err
	}
	if sub.left() > 0 {
		return nil
	}
	out.Freight = sub.Freight - sub.FreightRefunded
	sub.FreightRefunded += out.Freight
	out.Total += out.Freight
	return w.move(sub, SubCancelled, Cause{Actor: r.Cause.Actor, Why: "refunded", At: r.Cause.At})
}

// CameBack books pieces that arrived and cannot be sold again, of those that were refunded after they had been sent:
// the stock knows where they are. Codes: order.not_found, order.line, order.units. Not safe to repeat: the caller is
// keyed.
func (s *Service) CameBack(tx *db.Tx, at time.Time, key SubKey, lines []Units) error {
	w, err := openRefund(tx, key)
	if err != nil {
		return err
	}
	_, sub, err := w.sub(key)
	if err != nil {
		return err
	}
	pieces := make([]stock.Reservation, len(lines))
	for i, u := range lines {
		l, err := sub.line(u.Line)
		if err != nil {
			return err
		}
		if left := l.RefundedQuantity - l.Released - l.Returned; u.Units > left {
			return tooMany(u.Line, left)
		}
		l.Returned += u.Units
		w.lines = append(w.lines, *l)
		pieces[i] = stock.Reservation{Order: string(key.Order), Pool: stock.PoolID(l.Pool), Quantity: u.Units}
	}
	if err := saveRefunds(tx, w.lines); err != nil {
		return err
	}
	return s.Stock.Return(tx, at, pieces, false)
}

// reverse takes back, from the parties that were credited on completion, what the refund takes from each.
func (s *Service) reverse(tx *db.Tx, o *Order, sub *Sub, before []Line, c Cause) error {
	if sub.State != SubCompleted {
		return nil
	}
	var back []settle.Refunded
	for i, was := range before {
		l := &sub.Lines[i]
		if l.valueLeft() == was.valueLeft() {
			continue
		}
		funders, err := was.back(was.RefundedQuantity, l.RefundedQuantity-was.RefundedQuantity)
		if err != nil {
			return err
		}
		back = append(back, settle.Refunded{Order: string(o.ID), Sub: int(sub.Seq), Shop: sub.Shop,
			Currency: o.Currency, Line: int(l.No), Before: was.valueLeft(), After: l.valueLeft(), Funding: funders,
			FeePPM: l.FeePPM, FeeRule: settle.RuleID(l.FeeRule)})
	}
	return s.Settle.Reverse(tx, c.At, back)
}

func tooMany(line, left int64) error {
	return fault.New(fault.Unprocessable, "order.units", fault.P("line", line), fault.P("left", left)).At("lines")
}
