package pay

import (
	"context"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
)

// handLasts is how long a request waits for the second person.
const handLasts = 14 * 24 * time.Hour

// Alone is what one person may record as sent by hand, in minor units; above it two must agree.
func (s *Service) Alone() int64 {
	if s.alone == nil {
		return 0
	}
	return s.alone()
}

// SendByHand records that the operator sends a refund from a bank, since its wallet will not pay it. It must be one
// that its wallet refused, and that was not sent to it again since: any other may still be paid there. It counts as
// done, the books take it from the operator's bank and not from the wallet, and it is never sent again. A wallet that
// pays it all the same has paid a second time: that is an open item of the suspense, as any money that it gives back by
// itself.
//
// The record keeps it, in the same transaction. Repeating it with the same reference changes nothing. Codes: pay.ref,
// pay.why, pay.no_refund, pay.not_refused, pay.ref_known (of another refund's transfer), pay.two (above the limit, see
// AskByHand).
func (s *Service) SendByHand(ctx context.Context, cmd ByHand) (err error) {
	if cmd.Ref, cmd.Why, err = said(cmd.Ref, cmd.Why); err != nil {
		return err
	}
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		r, before, err := handable(tx, cmd.Refund)
		switch {
		case before.Ref == cmd.Ref: // it was said twice
			return nil
		case err != nil:
			return err
		case r.Amount.Minor > s.Alone():
			return fault.New(fault.Forbidden, "pay.two", fault.P("limit", money.New(s.Alone(), r.Amount.Currency)))
		}
		return s.handOver(ctx, tx, r, Handed{Ref: cmd.Ref, Why: cmd.Why, By: cmd.By, At: now})
	})
}

// AskByHand is the request to record more than one person may. The reference is that of a transfer that waits at the
// bank: it leaves when the other person has agreed, for the wallet's word may change until then. Codes: pay.no_refund,
// and those of HandKind's check.
func (s *Service) AskByHand(ctx context.Context, by login.Principal, cmd ByHand) (ask approval.Ask, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		known, err := readRefunds(tx, []string{string(cmd.Refund)})
		if r, found := known[cmd.Refund]; err == nil && found {
			ask = approval.Ask{By: by, Kind: HandRequest, Subject: string(r.ID), Payload: HandAsked{
				Amount: r.Amount.Minor, Currency: r.Amount.Currency, Ref: cmd.Ref, Why: cmd.Why}}
			return nil
		} else if err == nil {
			err = fault.New(fault.NotFound, "pay.no_refund")
		}
		return err
	})
	return ask, err
}

// HandKind makes recording above the limit take two people. Codes of its check: approval.payload, pay.no_refund,
// pay.not_refused, pay.ref, pay.why, pay.ref_known.
func (s *Service) HandKind() approval.Kind {
	read := func(tx *db.Tx, r approval.Request) (back Refund, a HandAsked, err error) {
		if err := r.Into(&a); err != nil {
			return back, a, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		if a.Ref, a.Why, err = said(a.Ref, a.Why); err != nil {
			return back, a, err
		}
		back, _, err = handable(tx, RefundID(r.Subject))
		if err == nil && back.Amount != money.New(a.Amount, a.Currency) {
			err = fault.New(fault.Invalid, "approval.payload")
		}
		if err == nil {
			err = refFree(tx, a.Ref)
		}
		return back, a, err
	}
	return approval.Kind{Name: HandRequest, Ask: []login.Permission{login.MarketSuspenseMove},
		Decide: []login.Permission{login.MarketFeesApprove}, Lasts: handLasts,
		Check: func(tx *db.Tx, r approval.Request) error { _, _, err := read(tx, r); return err },
		Execute: func(ctx context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			back, a, err := read(tx, r)
			if err != nil {
				return err
			}
			return s.handOver(ctx, tx, back, Handed{Ref: a.Ref, Why: a.Why, By: r.AskedBy, ConfirmedBy: r.DecidedBy,
				Request: string(r.ID), At: at})
		}}
}

// handable holds a refund that its wallet refused. Of one that was sent by hand before, how is told beside the refusal.
// Codes: pay.no_refund, pay.not_refused.
func handable(tx *db.Tx, id RefundID) (r Refund, before Handed, err error) {
	known, err := lockRefunds(tx, []string{string(id)})
	if err != nil {
		return r, before, err
	}
	r, found := known[id]
	switch {
	case !found:
		return r, before, fault.New(fault.NotFound, "pay.no_refund")
	case r.State == RefundRefused:
		return r, before, nil
	}
	all, err := handedOf(tx, []string{string(id)})
	if err == nil {
		err = fault.New(fault.Conflict, "pay.not_refused", fault.P("state", string(r.State)))
	}
	return r, all[id], err
}

// handOver books a refund as sent by hand.
func (s *Service) handOver(ctx context.Context, tx *db.Tx, r Refund, h Handed) error {
	if err := refFree(tx, h.Ref); err != nil {
		return err
	}
	ts := []ledger.Transfer{{Debit: ledger.Refunding(r.Wallet), Credit: ledger.OwnBank, Amount: r.Amount.Minor,
		Currency: r.Amount.Currency, Kind: ledger.RefundByHand, Order: r.Order, Ref: string(r.ID)}}
	if err := ledger.Post(tx, h.At, ts); err != nil {
		return err
	}
	if err := insertHanded(tx, r.ID, h, ts[0].Seq); err != nil {
		return err
	}
	r.State = RefundByHand
	if err := event.Emit(tx, s.ids, refunded(r, h.At)); err != nil {
		return err
	}
	return audit.Note(ctx, tx, s.ids, audit.Entry{At: h.At, Who: string(h.By), What: "refund.by_hand", On: string(r.ID),
		After: audit.Facts{"order": r.Order, "wallet": r.Wallet, "amount": strconv.FormatInt(r.Amount.Minor, 10),
			"currency": string(r.Amount.Currency), "ref": h.Ref, "reason": h.Why}})
}

// ByHand are the refunds of an order that were sent by hand. The caller has made sure that the viewer may see the
// order.
func (s *Service) ByHand(ctx context.Context, order string) (all map[RefundID]Handed, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		refunds, err := refundsOf(tx, order)
		if err != nil {
			return err
		}
		var ids []string
		for _, r := range refunds {
			if r.State == RefundByHand {
				ids = append(ids, string(r.ID))
			}
		}
		all, err = handedOf(tx, ids)
		return err
	})
	return all, err
}
