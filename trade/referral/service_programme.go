package referral

import (
	"context"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/party/audit"
)

func notFound() error { return fault.New(fault.NotFound, "referral.not_found") }

// Draft writes a programme down. Nothing of it holds before two people opened it (OpenKind). Repeating it makes
// another. Codes: referral.title, referral.amount, referral.limit, referral.returns, referral.window,
// referral.template, referral.template_ends, referral.budget_small.
func (s *Service) Draft(ctx context.Context, terms Terms) (p Programme, err error) {
	if err := terms.check(s.Returns, s.Currency); err != nil {
		return p, err
	}
	p = Programme{ID: ProgrammeID(s.IDs.New("rfp")), State: Draft, Terms: terms, MadeBy: actor(ctx),
		Made: clock.Now(ctx, s.Clock)}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if p.Reward, err = s.reward(tx, &terms); err != nil {
			return err
		}
		if err := insertProgramme(tx, p); err != nil {
			return err
		}
		return s.note(ctx, tx, "referral.drafted", p, audit.Facts{"budget": strconv.FormatInt(terms.Budget, 10)})
	})
	return p, err
}

// reward is what one invitation may cost, of templates that can be rewards.
func (s *Service) reward(tx *db.Tx, t *Terms) (sum int64, err error) {
	asked := []struct {
		field string
		id    voucher.TemplateID
	}{{"inviter", t.Inviter}, {"invitee", t.Invitee}}
	for _, a := range asked {
		if a.id == "" && a.field == "invitee" {
			continue
		}
		x, err := s.Vouchers.Templated(tx, a.id)
		if err != nil {
			return 0, err
		}
		if err := t.fits(a.field, x); err != nil {
			return 0, err
		}
		worth, _ := x.Terms.Worth()
		sum += worth
	}
	if sum > t.Budget {
		return 0, fault.New(fault.Unprocessable, "referral.budget_small",
			fault.P("reward", money.New(sum, s.Currency))).At("budget")
	}
	return sum, nil
}

// openable is a draft that can be opened. Codes: referral.not_found, referral.state, referral.other_open and those of
// its templates.
func (s *Service) openable(tx *db.Tx, name ProgrammeID) (p Programme, err error) {
	if p, err = one(tx, name, forWriting); err != nil {
		return p, err
	}
	if p.State != Draft {
		return p, fault.New(fault.Conflict, "referral.state", fault.P("state", string(p.State)))
	}
	if err := tx.Turn("referral.open"); err != nil {
		return p, err
	}
	if other, found, err := inForce(tx, forWriting); err != nil || found {
		if err == nil {
			err = fault.New(fault.Conflict, "referral.other_open", fault.P("programme", string(other.ID)))
		}
		return p, err
	}
	reward, err := s.reward(tx, &p.Terms)
	if err == nil && reward != p.Reward {
		err = fault.New(fault.Unprocessable, "referral.template").At("inviter")
	}
	return p, err
}

func (s *Service) open(ctx context.Context, tx *db.Tx, at time.Time, name ProgrammeID) error {
	p, err := s.openable(tx, name)
	if err != nil {
		return err
	}
	p.State, p.Opened = Open, at
	if err := saveProgramme(tx, p); err != nil {
		return err
	}
	if err := quota.SetCap(tx, quota.Budget(string(p.ID)), p.Terms.Budget); err != nil {
		return err
	}
	return s.note(ctx, tx, "referral.opened", p, audit.Facts{"budget": strconv.FormatInt(p.Terms.Budget, 10)})
}

// Seed opens a draft without asking a second person: for demo markets and benches, never behind a page.
func (s *Service) Seed(ctx context.Context, name ProgrammeID) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.open(ctx, tx, at, name) })
}

// Stop ends a programme at once: what is paid from now on does not count. What is pending is still decided, for
// that was promised. It is safe to repeat. Codes: referral.not_found, referral.state.
func (s *Service) Stop(ctx context.Context, name ProgrammeID) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := one(tx, name, forWriting)
		switch {
		case err != nil || p.State == Stopped:
			return err
		case p.State != Open:
			return fault.New(fault.Conflict, "referral.state", fault.P("state", string(p.State)))
		}
		p.State, p.Stopped = Stopped, at
		if err := saveProgramme(tx, p); err != nil {
			return err
		}
		return s.note(ctx, tx, "referral.stopped", p, nil)
	})
}

// Counts are what became of a programme's invitations.
type Counts struct {
	Bound, Pending, Rewarded, Refused int64
	Kept                              int64 // minor units, of the budget: kept back or given
	Given                             int64 // minor units, given and not taken back
	Back, Lost                        int64 // of orders that went back: taken back unused, and used before that
	Stuck                             int64 // of the pending, those whose vouchers could not be given when they were due
}

// Programme is one with what became of it. Codes: referral.not_found.
func (s *Service) Programme(ctx context.Context, name ProgrammeID) (p Programme, c Counts, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if p, err = one(tx, name, forReading); err != nil {
			return err
		}
		if c, err = countsOf(tx, name); err != nil {
			return err
		}
		c.Back, c.Lost, err = backOf(tx, name)
		return err
	})
	return p, c, err
}

// ProgrammesMax bounds a page of programmes.
const ProgrammesMax = 50

// Programmes is a page of them, newest first, and where to go on, "" at the end.
func (s *Service) Programmes(ctx context.Context, cursor string) (all []Programme, next string, err error) {
	if !id.Valid(cursor, "rfp") {
		cursor = "~" // above every id
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = programmes(tx, cursor, ProgrammesMax+1)
		return err
	})
	if len(all) > ProgrammesMax {
		all = all[:ProgrammesMax]
		next = string(all[ProgrammesMax-1].ID)
	}
	return all, next, err
}

// InForce is the programme that is open and whose time it is; found is false where nobody is to be invited.
func (s *Service) InForce(ctx context.Context) (p Programme, found bool, err error) {
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		p, found, err = inForce(tx, forReading)
		found = found && p.holds(at)
		return err
	})
	return p, found, err
}
