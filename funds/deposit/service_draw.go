package deposit

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
)

// DrawRequest is the kind of request by which more than one person's limit is drawn: two people must agree.
const DrawRequest = "deposit_draw"

// DrawAsked is what is to be drawn, and the payload of such a request; its subject is the shop.
type DrawAsked struct {
	Currency money.Currency `json:"currency"`
	Amount   int64          `json:"amount"`
	Payee    Payee          `json:"payee"`
	Order    string         `json:"order,omitempty"` // whose shopper is the payee
	Why      string         `json:"why"`
	After    *HoldID        `json:"-"` // as of Freeze
}

// Plug gives the room what draws need: where orders are asked for, what brings money to shoppers, and what one person
// may draw, in minor units.
func (s *Service) Plug(o Orders, p *pay.Service, alone func() int64) {
	s.orders, s.pay, s.alone = o, p, alone
}

// Alone is what one person may draw, in minor units; above it two must agree.
func (s *Service) Alone() int64 {
	if s.alone == nil {
		return 0
	}
	return s.alone()
}

// AskDraw is the request to draw more than one person may.
func AskDraw(by login.Principal, shop string, a DrawAsked) approval.Ask {
	return approval.Ask{By: by, Kind: DrawRequest, Subject: shop, Payload: a}
}

// Draw announces that a part of a deposit is to be drawn: it is held at once, the shop is told and may appeal for
// AppealDays, and then it is booked. Repeating it announces another, unless it says what was seen (After). Codes:
// deposit.two (above the limit, see AskDraw), deposit.changed, deposit.payee, deposit.order, deposit.words,
// deposit.amount, deposit.short.
func (s *Service) Draw(ctx context.Context, by login.ID, shop string, a DrawAsked) (h Hold, err error) {
	if a.Amount > s.Alone() {
		return h, fault.New(fault.Forbidden, "deposit.two", fault.P("limit", money.New(s.Alone(), a.Currency))).At("amount")
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		h, err = s.announce(ctx, tx, Hold{Shop: shop, By: by, At: clock.Now(ctx, s.clock)}, a)
		return err
	})
	return h, err
}

func (s *Service) announce(ctx context.Context, tx *db.Tx, h Hold, a DrawAsked) (Hold, error) {
	if err := s.drawable(tx, h.Shop, &a); err != nil {
		return h, err
	}
	h.Currency, h.Amount, h.Payee, h.Order, h.Why, h.State = a.Currency, a.Amount, a.Payee, a.Order, a.Why, Announced
	h.after = a.After
	h.Until = h.At.Add(AppealDays * 24 * time.Hour)
	return s.hold(ctx, tx, h, TopicAnnounced)
}

// drawable refuses what nobody could draw.
func (s *Service) drawable(tx *db.Tx, shop string, a *DrawAsked) (err error) {
	if a.Why, err = words(a.Why, "why", WhyMax); err != nil {
		return err
	}
	switch {
	case a.Amount <= 0:
		return fault.New(fault.Invalid, "deposit.amount").At("amount")
	case a.Payee == ToMarket && a.Order == "":
		return nil
	case a.Payee != ToShopper || s.orders == nil:
		return fault.New(fault.Invalid, "deposit.payee").At("payee")
	}
	paid, err := s.orders.PaidAt(tx, a.Order, shop, a.Currency)
	if err == nil && !paid {
		err = fault.New(fault.Unprocessable, "deposit.order").At("order")
	}
	return err
}

// draw books what is drawn, and has a shopper's part brought to their wallet, on top of what they paid.
func (s *Service) draw(tx *db.Tx, h Hold) (seq int64, err error) {
	t := ledger.Transfer{Debit: ledger.Deposit(h.Shop), Credit: ledger.Fees, Amount: h.Amount, Currency: h.Currency,
		Kind: ledger.DepositDrawn, Shop: h.Shop, Ref: string(h.ID)}
	if h.Payee == ToShopper {
		t.Credit, t.Kind, t.Order = ledger.Escrow, ledger.Redress, h.Order
	}
	ts := []ledger.Transfer{t}
	if err := ledger.Post(tx, h.ClosedAt, ts); err != nil {
		return 0, err
	}
	if h.Payee == ToShopper {
		_, err = s.pay.Ask(tx, h.ClosedAt, []pay.RefundAsk{{Order: h.Order, Case: string(h.ID), Amount: h.Amount,
			Currency: h.Currency, Reason: "deposit", Extra: true}})
	}
	return ts[0].Seq, err
}

// Appeal is what a shop says against an announced draw: another person of the market answers before anything is booked.
// Codes: deposit.no_hold, deposit.state, deposit.late, deposit.words.
func (s *Service) Appeal(ctx context.Context, by login.ID, shop string, id HoldID, said string) error {
	said, err := words(said, "appeal", AppealMax)
	if err != nil {
		return err
	}
	at := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		h, err := holdOf(tx, shop, id)
		switch {
		case err != nil:
			return err
		case !may(h.State, Appealed):
			return fault.New(fault.Conflict, "deposit.state", fault.P("state", string(h.State)))
		case !at.Before(h.Until):
			return fault.New(fault.Expired, "deposit.late")
		}
		h.State, h.Appeal = Appealed, said
		if err := saveHold(tx, h); err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.ids, audit.Entry{At: at, Who: string(by), Shop: shop, What: "deposit.appealed",
			On: string(id)})
	})
}

// Answer is the market's answer to an appeal, by somebody else than who announced the draw.
type Answer struct {
	By   login.ID
	Shop string
	Hold HoldID
	Draw bool // the appeal is refused
	Why  string
}

// Answer draws or lets go. Codes: deposit.no_hold, deposit.state, deposit.own, deposit.words.
func (s *Service) Answer(ctx context.Context, cmd Answer) error {
	why, err := words(cmd.Why, "why", WhyMax)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		h, err := holdOf(tx, cmd.Shop, cmd.Hold)
		switch {
		case err != nil:
			return err
		case h.State != Appealed:
			return fault.New(fault.Conflict, "deposit.state", fault.P("state", string(h.State)))
		case h.By == cmd.By:
			return fault.New(fault.Forbidden, "deposit.own")
		}
		h.Answer, h.AnsweredBy = why, cmd.By
		to := Released
		if cmd.Draw {
			to = Drawn
		}
		return s.close(ctx, tx, h, to, cmd.By)
	})
}

// Jobs are what runs by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{{Name: "deposit.draw", Every: time.Minute, Run: s.DrawDue}}
}

// dueMax is how many holds DrawDue reads at once.
const dueMax = 100

// DrawDue books what no shop appealed against in time. It is a job, safe to repeat and on several nodes.
func (s *Service) DrawDue(ctx context.Context) (done int, err error) {
	at := clock.Now(ctx, s.clock)
	next := func(limit int) (all []Hold, err error) {
		err = s.db.Read(ctx, func(tx *db.Tx) (err error) { all, err = dueHolds(tx, at, limit); return err })
		return all, err
	}
	name := func(h Hold) HoldID { return h.ID }
	return job.Walk(ctx, dueMax, name, next, func(some []Hold) (int, error) {
		return job.Each(ctx, some, func(h Hold) error { return s.drawOne(ctx, h) })
	})
}

func (s *Service) drawOne(ctx context.Context, was Hold) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		h, err := holdOf(tx, was.Shop, was.ID)
		if err != nil || h.State != Announced { // it was answered meanwhile
			return err
		}
		return s.close(ctx, tx, h, Drawn, login.ID(audit.System))
	})
}

// DrawKind makes drawing above the limit take two people. Codes of its check: approval.payload and those of Draw.
func (s *Service) DrawKind() approval.Kind {
	read := func(tx *db.Tx, r approval.Request) (a DrawAsked, err error) {
		if err := r.Into(&a); err != nil || r.Subject == "" || a.Currency == "" {
			return a, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		if err = s.drawable(tx, r.Subject, &a); err != nil {
			return a, err
		}
		account, err := accountOf(tx, r.Subject, a.Currency)
		if err == nil && account.Free() < a.Amount {
			err = fault.New(fault.Unprocessable, "deposit.short",
				fault.P("has", money.New(account.Free(), a.Currency))).At("amount")
		}
		return a, err
	}
	return approval.Kind{Name: DrawRequest, Ask: []login.Permission{login.MarketFeesAsk},
		Decide: []login.Permission{login.MarketFeesApprove}, Lasts: requestLasts,
		Check: func(tx *db.Tx, r approval.Request) error { _, err := read(tx, r); return err },
		Execute: func(ctx context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			a, err := read(tx, r)
			if err != nil {
				return err
			}
			_, err = s.announce(ctx, tx, Hold{Shop: r.Subject, By: r.AskedBy, Request: string(r.ID), At: at}, a)
			return err
		}}
}
