package referral

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/approval"
	"hutong/party/login"
)

// OpenRequest is the request with which two people open a programme: it gives vouchers away that nobody asks
// for one by one (FAULTS P15).
const OpenRequest = "referral_open"

// requestLasts is how long such a request waits.
const requestLasts = 7 * day

// OpenKind makes the kind of request that opens a programme. Its subject is the programme; neither whoever asked nor
// whoever wrote it decides.
func OpenKind(s *Service, ask, decide []login.Permission) approval.Kind {
	return approval.Kind{
		Name: OpenRequest, Ask: ask, Decide: decide, Lasts: requestLasts,
		Check: func(tx *db.Tx, r approval.Request) error {
			_, err := s.openable(tx, ProgrammeID(r.Subject))
			return err
		},
		Execute: func(ctx context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			p, err := s.openable(tx, ProgrammeID(r.Subject))
			if err != nil {
				return err
			}
			if p.MadeBy == string(r.DecidedBy) {
				return fault.New(fault.Forbidden, "approval.own")
			}
			return s.open(ctx, tx, at, p.ID)
		},
	}
}
