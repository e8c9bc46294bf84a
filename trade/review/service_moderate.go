package review

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/audit"
)

// Report is a shopper's complaint about a review.
type Report struct {
	Shopper string
	Review  ID
	Reason  Reason
	Note    string
}

// Report tells the operator of a review, each shopper once; again is answered alike and changes nothing.
// Codes: review.not_found (also for a hidden one), review.reason, review.note, review.own, review.reports_many.
func (s *Service) Report(ctx context.Context, cmd Report) error {
	note, ok := plain(cmd.Note, NoteMax)
	switch {
	case cmd.Shopper == "":
		return notFound()
	case !slices.Contains(Reasons(), cmd.Reason):
		return fault.New(fault.Invalid, "review.reason").At("reason")
	case !ok:
		return fault.New(fault.Invalid, "review.note", fault.P("max", NoteMax)).At("note")
	}
	cmd.Note = note
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := one(tx, cmd.Review, ofAnybody)
		switch {
		case err != nil:
			return err
		case r.Shopper == cmd.Shopper:
			return fault.New(fault.Unprocessable, "review.own")
		case r.State != Shown:
			return notFound()
		}
		if err := tx.Turn("review.report " + cmd.Shopper); err != nil {
			return err
		}
		n, err := reportsSince(tx, cmd.Shopper, at.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if n >= ReportsMax {
			return fault.New(fault.Limited, "review.reports_many", fault.P("max", ReportsMax)).After(time.Hour)
		}
		_, err = insertReport(tx, cmd, at)
		return err
	})
}

// Moderate is the operator's word on a review.
type Moderate struct {
	Review ID
	To     State // Shown also turns reports down
	Reason Reason
	Note   string
}

// Moderate shows or hides a review and deals with its reports. It is recorded with its reason and who decided; saying
// again what stands, where no report waits, changes nothing. Codes: review.not_found, review.state, review.reason,
// review.note.
func (s *Service) Moderate(ctx context.Context, cmd Moderate) (r Review, err error) {
	note, ok := plain(cmd.Note, NoteMax)
	switch {
	case !cmd.To.Valid():
		return Review{}, fault.New(fault.Invalid, "review.state").At("to")
	case cmd.Reason != Settled && !slices.Contains(Reasons(), cmd.Reason), cmd.To == Hidden && cmd.Reason == Settled:
		return Review{}, fault.New(fault.Invalid, "review.reason").At("reason")
	case !ok:
		return Review{}, fault.New(fault.Invalid, "review.note", fault.P("max", NoteMax)).At("note")
	}
	at, actor := clock.Now(ctx, s.Clock), audit.System
	if p, ok := ctx.Value(audit.Actor{}).(audit.Person); ok && p.Who != "" {
		actor = p.Who
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if r, err = one(tx, cmd.Review, ofAnybody); err != nil || r.State == cmd.To && r.Reports == 0 {
			return err
		}
		step := Step{From: r.State, To: cmd.To, Reason: cmd.Reason, Note: note, Actor: actor, At: at}
		return s.decide(ctx, tx, &r, step)
	})
	return r, err
}

func (s *Service) decide(ctx context.Context, tx *db.Tx, r *Review, step Step) error {
	r.step++
	r.State, r.Reports = step.To, 0
	if err := saveDecision(tx, *r, step); err != nil {
		return err
	}
	if step.From != step.To {
		t := tally{}
		n := int64(1)
		if step.To == Hidden {
			n = -1
		}
		t.add(*r, n)
		if err := count(tx, t); err != nil {
			return err
		}
	}
	err := audit.Note(ctx, tx, s.IDs, audit.Entry{At: step.At, Shop: r.Shop, What: string(TopicModerated),
		On: string(r.ID), Before: audit.Facts{"state": string(step.From)},
		After: audit.Facts{"state": string(step.To), "reason": string(step.Reason)}})
	if err != nil {
		return err
	}
	return s.tell(tx, TopicModerated, *r, step.At, map[string]any{"product": r.Product, "state": step.To,
		"reason": step.Reason})
}

// Reported are the reviews with reports that nobody decided on, newest first, for the operator. Codes: review.cursor.
func (s *Service) Reported(ctx context.Context, q Query) (Page, error) {
	return s.page(ctx, q, listReported, "", func(r Review) Review { return r })
}

// All are the market's reviews, newest first, for the operator. Codes: review.cursor.
func (s *Service) All(ctx context.Context, q Query) (Page, error) {
	return s.page(ctx, q, listAll, "", func(r Review) Review { return r })
}

// History is one review for the operator, with what was reported and decided, the newest hundred reports first.
// Codes: review.not_found.
func (s *Service) History(ctx context.Context, id ID) (r Review, reports []Complaint, decided []Step, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if r, err = byID(tx, id); err != nil {
			return err
		}
		if reports, err = complaints(tx, id); err != nil {
			return err
		}
		decided, err = steps(tx, id)
		return err
	})
	return r, reports, decided, err
}
