package aftersale

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/order"
)

// Agree refunds what a case asks for at once. Restock says that the goods came back already and can be sold again; else
// the shopper keeps them. It is safe to repeat: a refunded case is answered as it stands.
//
// Codes: aftersale.not_found (also for another shop's), aftersale.state, order.units when the pieces were given back
// otherwise meanwhile, and those of pay.Ask.
func (s *Service) Agree(ctx context.Context, shop string, id ID, restock bool, note string) (Case, error) {
	if err := tidyNote(&note); err != nil {
		return Case{}, err
	}
	return s.answer(ctx, Party{Shop: shop}, id, Refunded, func(tx *db.Tx, c *Case, w word) error {
		if c.State != Opened {
			return wrongState(*c)
		}
		c.Restock, w.note = restock, note
		return s.refund(tx, c, c.units(), w)
	})
}

// AgreeReturn agrees on condition that the goods come back: the case is refunded by GoodsBack, when they have arrived.
// It is safe to repeat. Codes: aftersale.not_found, aftersale.note, aftersale.state, aftersale.no_returns: the shop has
// not said where to.
func (s *Service) AgreeReturn(ctx context.Context, shop string, id ID, note string) (Case, error) {
	if err := tidyNote(&note); err != nil {
		return Case{}, err
	}
	return s.answer(ctx, Party{Shop: shop}, id, Agreed, func(tx *db.Tx, c *Case, w word) error {
		if err := c.move(Agreed, w.actor, note, w.at); err != nil {
			return err
		}
		if err := sendTo(tx, []*Case{c}); err != nil {
			return err
		}
		if !c.SendTo.Set() {
			return fault.New(fault.Unprocessable, "aftersale.no_returns")
		}
		return nil
	})
}

// GoodsBack refunds an agreed case: the goods arrived. Restock says that they can be sold again; otherwise they are
// written off, as they did come back. It is safe to repeat. Codes: those of Agree.
func (s *Service) GoodsBack(ctx context.Context, shop string, id ID, restock bool) (Case, error) {
	return s.answer(ctx, Party{Shop: shop}, id, Refunded, func(tx *db.Tx, c *Case, w word) error {
		if c.State != Agreed {
			return wrongState(*c)
		}
		c.Restock = restock
		if err := s.refund(tx, c, c.units(), w); err != nil || restock {
			return err
		}
		return s.Orders.CameBack(tx, w.at, order.SubKey{Order: c.Order, Seq: c.Seq}, c.units())
	})
}

// Refuse closes a case without a refund; the note tells the shopper why. It is safe to repeat.
// Codes: aftersale.not_found, aftersale.note, aftersale.note_why, aftersale.state.
func (s *Service) Refuse(ctx context.Context, shop string, id ID, note string) (Case, error) {
	if err := tidyNote(&note); err != nil {
		return Case{}, err
	}
	if note == "" {
		return Case{}, fault.New(fault.Invalid, "aftersale.note_why").At("note")
	}
	return s.answer(ctx, Party{Shop: shop}, id, Refused, func(_ *db.Tx, c *Case, w word) error {
		return c.move(Refused, w.actor, note, w.at)
	})
}

// Withdraw takes back what a shopper asked for, while nobody has decided it; the pieces can be asked back anew. Of
// this, the shop's word and its silence one is first, the others find the case decided. It is safe to repeat: a
// withdrawn case is answered as it stands. Codes: aftersale.not_found (also for another shopper's), aftersale.state.
func (s *Service) Withdraw(ctx context.Context, shopper string, id ID) (Case, error) {
	return s.answer(ctx, Party{Shopper: shopper}, id, Withdrawn, func(_ *db.Tx, c *Case, w word) error {
		return c.move(Withdrawn, w.actor, "", w.at)
	})
}

func wrongState(c Case) error {
	return fault.New(fault.Conflict, "aftersale.state", fault.P("state", string(c.State)))
}

// answer decides a case under its row's lock. One that stands where it should is answered as it is.
func (s *Service) answer(ctx context.Context, p Party, id ID, to State,
	decide func(*db.Tx, *Case, word) error) (c Case, err error) {
	w := word{actor: p.actor(), at: clock.Now(ctx, s.Clock)}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = one(tx, p, id, forWriting); err != nil || c.State == to {
			return err
		}
		return s.close(tx, &c, w, decide)
	})
	if err != nil {
		return Case{}, err
	}
	s.set.date(&c)
	return c, nil
}

// close decides a case whose row is locked, writes it and tells of it.
func (s *Service) close(tx *db.Tx, c *Case, w word, decide func(*db.Tx, *Case, word) error) error {
	known := len(c.Steps)
	if err := decide(tx, c, w); err != nil {
		return err
	}
	if err := save(tx, *c, known); err != nil {
		return err
	}
	return s.tell(tx, *c, w.at)
}
