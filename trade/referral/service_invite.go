package referral

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/order"
)

// Code is what a shopper's link ends in; it is made when it is first asked for and stays. device is the browser's own
// token, "" for none: it is kept as a mark. Codes: referral.login.
func (s *Service) Code(ctx context.Context, shopper, device string) (code string, err error) {
	if shopper == "" {
		return "", fault.New(fault.Unauthenticated, "referral.login")
	}
	at := clock.Now(ctx, s.Clock)
	mark := s.device(device)
	known := false
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if code, err = codeOf(tx, shopper); err != nil || code == "" {
			return err
		}
		known, err = marked(tx, shopper, mark)
		return err
	})
	if err != nil || code != "" && known {
		return code, err
	}
	fresh, err := newCode(s.Rand)
	if err != nil {
		return "", err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertCode(tx, shopper, fresh, at); err != nil {
			return err
		}
		if err := insertMarks(tx, map[string][]string{shopper: mark}); err != nil {
			return err
		}
		code, err = codeOf(tx, shopper)
		return err
	})
	return code, err
}

// device is the mark of a browser; none for "".
func (s *Service) device(token string) []string {
	if token == "" {
		return nil
	}
	const markBytes = 16
	h := hmac.New(sha256.New, s.DeviceKey)
	h.Write([]byte("device\x00" + token))
	return []string{hex.EncodeToString(h.Sum(nil)[:markBytes])}
}

// Known tells whether a code is somebody's, for the page that a link leads to. Codes: referral.code.
func (s *Service) Known(ctx context.Context, code string) error {
	return s.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := inviterBy(tx, code)
		return err
	})
}

// Bind says that somebody came by a link.
type Bind struct {
	Shopper string // a guest's becomes the account's when they log in
	Code    string
	Device  string // the browser's own token, "" for none
}

// Bind remembers who invited a shopper, before they first buy. The first link counts, while what it promised is
// in force. It is safe to repeat. Codes: referral.code, referral.own, referral.none_open, referral.not_new,
// referral.bound.
func (s *Service) Bind(ctx context.Context, cmd Bind) error {
	at := clock.Now(ctx, s.Clock)
	if cmd.Shopper == "" {
		return fault.New(fault.Unauthenticated, "referral.login")
	}
	return s.write(ctx, func(tx *db.Tx) error {
		inviter, err := inviterBy(tx, cmd.Code)
		if err != nil {
			return err
		}
		if inviter == cmd.Shopper {
			return fault.New(fault.Unprocessable, "referral.own")
		}
		p, found, err := inForce(tx, forReading)
		if err != nil {
			return err
		}
		if !found || !p.holds(at) {
			return fault.New(fault.Conflict, "referral.none_open")
		}
		r := Referral{ID: ID(s.IDs.New("rfl")), Programme: p.ID, Inviter: inviter, Invitee: cmd.Shopper, State: Bound,
			BoundAt: at}
		if err := tx.Turn("referral.bind " + cmd.Shopper); err != nil {
			return err
		}
		if done, err := s.rebind(tx, r); done || err != nil {
			return err
		}
		bought, err := order.Buyers(tx, []string{cmd.Shopper})
		if err != nil {
			return err
		}
		if bought[cmd.Shopper] {
			return fault.New(fault.Conflict, "referral.not_new")
		}
		if err := insertReferral(tx, r); err != nil {
			return err
		}
		return insertMarks(tx, map[string][]string{cmd.Shopper: s.device(cmd.Device)})
	})
}

// rebind looks at an earlier binding of the same friend: done is that nothing more is to be written. One that led to
// nothing, of a programme that is over, makes way.
func (s *Service) rebind(tx *db.Tx, r Referral) (done bool, err error) {
	was, err := boundTo(tx, []string{r.Invitee}, forWriting)
	if err != nil || len(was) == 0 {
		return false, err
	}
	switch old := was[0]; {
	case old.Inviter == r.Inviter && old.Programme == r.Programme:
		return true, nil
	case old.State != Bound || old.Programme == r.Programme:
		return false, fault.New(fault.Conflict, "referral.bound")
	default:
		return false, dropReferral(tx, old.ID)
	}
}

// MineMax bounds a page of a shopper's invitations.
const MineMax = 50

// Mine is a page of whom a shopper invited, newest first; before is the last one of the page before, "" for the
// first.
func (s *Service) Mine(ctx context.Context, shopper string, before ID) (all []Referral, err error) {
	if before == "" {
		before = "~"
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = byInviter(tx, shopper, before, MineMax)
		return err
	})
	return all, err
}

// Sum is what a shopper's invitations came to.
type Sum struct{ Bound, Pending, Rewarded, Refused int64 }

// Sum counts whom a shopper invited.
func (s *Service) Sum(ctx context.Context, shopper string) (sum Sum, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		sum, err = sumOf(tx, shopper)
		return err
	})
	return sum, err
}
