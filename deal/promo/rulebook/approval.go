package rulebook

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/approval"
	"hutong/party/login"
)

// PublishRequest is the kind of request with which two people publish what one may not.
const PublishRequest = "promotion_publish"

// requestLasts is how long such a request waits.
const requestLasts = 7 * 24 * time.Hour

// PublishPayload names the version that is to hold.
type PublishPayload struct {
	Version int64 `json:"version"`
}

// PublishKind makes the kind. Its subject is the promotion; neither whoever asked nor whoever wrote the version
// decides.
func PublishKind(s *Service, ask, decide []login.Permission) approval.Kind {
	read := func(r approval.Request) (Publish, error) {
		var p PublishPayload
		if err := r.Into(&p); err != nil {
			return Publish{}, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		return Publish{Shop: r.Shop, ID: r.Subject, Version: p.Version}, nil
	}
	return approval.Kind{
		Name: PublishRequest, Ask: ask, Decide: decide, Lasts: requestLasts,
		Check: func(tx *db.Tx, r approval.Request) error {
			cmd, err := read(r)
			if err != nil {
				return err
			}
			_, err = s.publishable(tx, cmd, r.Asked)
			return err
		},
		Execute: func(ctx context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			cmd, err := read(r)
			if err != nil {
				return err
			}
			e, err := s.publishable(tx, cmd, at)
			if err != nil {
				return err
			}
			if e.DraftedBy == string(r.DecidedBy) {
				return fault.New(fault.Forbidden, "approval.own")
			}
			worst, err := s.worst(tx, &e.Promotion)
			if err != nil {
				return err
			}
			return s.publish(ctx, tx, &e, worst, at)
		},
	}
}
