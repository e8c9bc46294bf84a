package deposit

import (
	"context"
	"slices"
	"strconv"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/party/audit"
	"hutong/party/login"
)

// Freeze keeps a part of a deposit from being paid out while a matter is open.
type Freeze struct {
	By       login.ID
	Shop     string
	Currency money.Currency
	Amount   int64
	Case     string // an open case of the shop, with whose end the freeze ends; "" for none
	Why      string
	After    *HoldID // the newest hold that the caller saw, "" for none; nil: whatever there is
}

// Freeze holds what is not held yet. Repeating it holds again, unless it says what was seen (After). Codes:
// deposit.amount, deposit.words, deposit.case, deposit.short, deposit.changed.
func (s *Service) Freeze(ctx context.Context, cmd Freeze) (h Hold, err error) {
	if cmd.Why, err = words(cmd.Why, "why", WhyMax); err != nil {
		return h, err
	}
	h = Hold{Shop: cmd.Shop, Currency: cmd.Currency, Amount: cmd.Amount, State: Frozen, Case: cmd.Case, Why: cmd.Why,
		By: cmd.By, At: clock.Now(ctx, s.clock), after: cmd.After}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if cmd.Case != "" {
			open, err := s.orders != nil, error(nil)
			if open {
				open, err = s.orders.OpenCase(tx, cmd.Case, cmd.Shop)
			}
			if err == nil && !open {
				err = fault.New(fault.Unprocessable, "deposit.case").At("case")
			}
			if err != nil {
				return err
			}
		}
		h, err = s.hold(ctx, tx, h, TopicFrozen)
		return err
	})
	return h, err
}

// hold writes a new hold of what is free, after the one that was seen. Codes: deposit.amount, deposit.short,
// deposit.changed.
func (s *Service) hold(ctx context.Context, tx *db.Tx, h Hold, topic event.Topic) (Hold, error) {
	if h.Amount <= 0 || h.Shop == "" {
		return h, fault.New(fault.Invalid, "deposit.amount").At("amount")
	}
	a, err := lock(tx, h.Shop, h.Currency)
	if err != nil {
		return h, err
	}
	if h.after != nil {
		newest, err := holdsOf(tx, h.Shop, h.Currency, 1)
		if err != nil {
			return h, err
		}
		if len(newest) == 0 && *h.after != "" || len(newest) > 0 && newest[0].ID != *h.after {
			return h, fault.New(fault.Conflict, "deposit.changed")
		}
	}
	if h.Amount > a.Free() {
		return h, fault.New(fault.Unprocessable, "deposit.short",
			fault.P("has", money.New(a.Free(), h.Currency))).At("amount")
	}
	a.Held += h.Amount
	if err := saveAccount(tx, h.Shop, h.Currency, a); err != nil {
		return h, err
	}
	h.ID = HoldID(s.ids.New("dph"))
	if err := insertHold(tx, h); err != nil {
		return h, err
	}
	return h, s.tell(ctx, tx, h, topic, h.By)
}

// tell tells the shop, and writes the record.
func (s *Service) tell(ctx context.Context, tx *db.Tx, h Hold, topic event.Topic, by login.ID) error {
	at := h.At
	if !h.ClosedAt.IsZero() {
		at = h.ClosedAt
	}
	why := h.Why
	if h.Answer != "" {
		why = h.Answer
	}
	err := event.Emit(tx, s.ids, event.Event{Topic: topic, Subject: string(h.ID), Shop: h.Shop, At: at,
		Body: event.Body(Told{h.ID, h.Amount, h.Currency, why})})
	if err != nil {
		return err
	}
	return audit.Note(ctx, tx, s.ids, audit.Entry{At: at, Who: string(by), Shop: h.Shop, What: string(topic),
		On: string(h.ID), After: audit.Facts{"amount": strconv.FormatInt(h.Amount, 10), "currency": string(h.Currency),
			"payee": string(h.Payee), "order": h.Order, "case": h.Case}})
}

// close ends a hold: what it kept is free again, or drawn.
func (s *Service) close(ctx context.Context, tx *db.Tx, h Hold, to State, by login.ID) error {
	if !may(h.State, to) {
		return fault.New(fault.Conflict, "deposit.state", fault.P("state", string(h.State)))
	}
	a, err := lock(tx, h.Shop, h.Currency)
	if err != nil {
		return err
	}
	a.Held -= h.Amount
	if err := saveAccount(tx, h.Shop, h.Currency, a); err != nil {
		return err
	}
	h.State, h.ClosedAt = to, clock.Now(ctx, s.clock)
	topic := TopicReleased
	if to == Drawn {
		topic = TopicDrawn
		if h.Seq, err = s.draw(tx, h); err != nil {
			return err
		}
	}
	if err := saveHold(tx, h); err != nil {
		return err
	}
	return s.tell(ctx, tx, h, topic, by)
}

func may(from, to State) bool { return slices.Contains(transitions[from], to) }

// Release lets a hold go, with a reason that the shop reads. Codes: deposit.no_hold, deposit.state, deposit.words.
func (s *Service) Release(ctx context.Context, by login.ID, shop string, id HoldID, why string) error {
	why, err := words(why, "why", WhyMax)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		h, err := holdOf(tx, shop, id)
		if err != nil {
			return err
		}
		h.Answer, h.AnsweredBy = why, by
		return s.close(ctx, tx, h, Released, by)
	})
}

// CaseClosed releases what was frozen for a case that is over. It is safe to repeat.
func (s *Service) CaseClosed(ctx context.Context, caseID string) error {
	var all []Hold
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { all, err = frozenFor(tx, caseID); return err })
	if err != nil || len(all) == 0 {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		for _, was := range all {
			h, err := holdOf(tx, was.Shop, was.ID)
			if err != nil {
				return err
			}
			if h.State != Frozen {
				continue
			}
			if err := s.close(ctx, tx, h, Released, login.ID(audit.System)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Require sets what the operator asks of a shop. Codes: deposit.amount.
func (s *Service) Require(ctx context.Context, by login.ID, shop string, c money.Currency, amount int64) error {
	if amount < 0 || amount > RequireMax || shop == "" {
		return fault.New(fault.Invalid, "deposit.amount").At("amount")
	}
	at := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := lock(tx, shop, c)
		if err != nil {
			return err
		}
		was := a.Required
		a.Required = amount
		if err := saveAccount(tx, shop, c, a); err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.ids, audit.Entry{At: at, Who: string(by), Shop: shop, What: "deposit.required",
			On: shop, Before: audit.Facts{"amount": strconv.FormatInt(was, 10)},
			After: audit.Facts{"amount": strconv.FormatInt(amount, 10), "currency": string(c)}})
	})
}

// AccountIn is how a shop's deposit stands.
func AccountIn(tx *db.Tx, shop string, c money.Currency) (Account, error) {
	return accountOf(tx, shop, c)
}

// Covers refuses a charge that the free part of a shop's deposit does not cover. It holds the deposit until the
// commit, so that nothing comes in between. Codes: deposit.short.
func Covers(tx *db.Tx, shop string, amount money.Money) error {
	has, err := lock(tx, shop, amount.Currency)
	if err == nil && has.Free() < amount.Minor {
		err = fault.New(fault.Unprocessable, "deposit.short", fault.P("has", money.New(has.Free(), amount.Currency)))
	}
	return err
}

// holdsMax bounds the list of holds.
const holdsMax = 100

// Holds are how a shop's deposit stands, and its newest holds.
func (s *Service) Holds(ctx context.Context, shop string, c money.Currency) (a Account, all []Hold, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if a, err = accountOf(tx, shop, c); err != nil {
			return err
		}
		all, err = holdsOf(tx, shop, c, holdsMax)
		return err
	})
	return a, all, err
}

// Appeals are the appeals of all shops that wait for an answer, the oldest first.
func (s *Service) Appeals(ctx context.Context) (all []Hold, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { all, err = appealed(tx, holdsMax); return err })
	return all, err
}
