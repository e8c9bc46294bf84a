package aftersale

import (
	"context"
	"strconv"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/audit"
	"hutong/trade/order"
)

// Decide is the operator's word about a case.
type Decide struct {
	Case    ID
	Refund  bool   // give back what it asks for; otherwise refuse
	Restock bool   // the goods came back and can be sold again
	Note    string // why; shopper and shop read it
}

// Decide ends a case that is open by the operator's word: it is refunded or refused, whatever its shop says or has not
// said. One that was refused already is refunded as a case of its own, as after a return whose goods arrived late. Shop
// and shopper are told, and the record keeps it. It is safe to repeat.
//
// Codes: aftersale.not_found, aftersale.note, aftersale.note_why, aftersale.state, order.units when the pieces were
// given back otherwise meanwhile, and those of pay.Ask.
func (s *Service) Decide(ctx context.Context, d Decide) (Case, error) {
	if err := tidyNote(&d.Note); err != nil {
		return Case{}, err
	}
	if d.Note == "" {
		return Case{}, fault.New(fault.Invalid, "aftersale.note_why").At("note")
	}
	p := Party{Operator: true}
	was, err := s.Case(ctx, p, d.Case)
	if err != nil {
		return Case{}, err
	}
	if was.State == Refused && d.Refund {
		r := request{by: p, order: was.Order, seq: was.Seq, lines: was.units(), reason: was.Reason, note: d.Note,
			restock: d.Restock, key: "anew." + string(was.ID)}
		return s.make(ctx, r, func(tx *db.Tx, c *Case, r request, o order.Order) error {
			if err := s.give(tx, c, r, o); err != nil {
				return err
			}
			return s.record(ctx, tx, *c)
		})
	}
	to := Refused
	if d.Refund {
		to = Refunded
	}
	return s.answer(ctx, p, d.Case, to, func(tx *db.Tx, c *Case, w word) error {
		w.note, c.Restock = d.Note, d.Restock
		var err error
		switch {
		case c.State.Terminal():
			return wrongState(*c)
		case d.Refund:
			err = s.refund(tx, c, c.units(), w)
		default:
			err = c.move(Refused, w.actor, w.note, w.at)
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, *c)
	})
}

// record keeps what the operator decided, and the beginning of why; the whole stands in the case.
func (s *Service) record(ctx context.Context, tx *db.Tx, c Case) error {
	const kept = 60
	last := c.Steps[len(c.Steps)-1]
	why, e := []rune(last.Note), audit.Entry{What: "case.refunded"}
	if c.State == Refused {
		e = audit.Entry{What: "case.refused"}
	}
	return audit.Note(ctx, tx, s.IDs, audit.Entry{At: last.At, Shop: c.Shop, What: e.What, On: string(c.ID),
		After: audit.Facts{"reason": string(why[:min(len(why), kept)]),
			"amount": strconv.FormatInt(c.Amount, 10), "currency": string(c.Currency)}})
}
