package voucher

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/approval"
	"hutong/party/login"
)

// The requests with which two people hand out what one may not (FAULTS P15).
const (
	PublishRequest = "voucher_publish" // a template that may cost more than Settings.AloneMax
	GrantRequest   = "voucher_grant"   // vouchers for named shoppers
)

// requestLasts is how long such a request waits.
const requestLasts = 7 * day

// PublishPayload names the version that is to come into force.
type PublishPayload struct {
	Version int64 `json:"version"`
}

// GrantPayload names who is to be given a voucher.
type GrantPayload struct {
	Shoppers []string `json:"shoppers"`
}

// PublishKind makes the kind of request that publishes a template. Its subject is the template; neither whoever asked
// nor whoever wrote the version decides.
func PublishKind(s *Service, ask, decide []login.Permission) approval.Kind {
	read := func(r approval.Request) (Publish, error) {
		var p PublishPayload
		if err := r.Into(&p); err != nil {
			return Publish{}, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		return Publish{Shop: r.Shop, Template: TemplateID(r.Subject), Version: p.Version}, nil
	}
	return approval.Kind{
		Name: PublishRequest, Ask: ask, Decide: decide, Lasts: requestLasts,
		Check: func(tx *db.Tx, r approval.Request) error {
			cmd, err := read(r)
			if err == nil {
				_, _, _, err = s.publishable(tx, cmd)
			}
			return err
		},
		Execute: func(ctx context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			cmd, err := read(r)
			if err != nil {
				return err
			}
			_, _, by, err := s.publishable(tx, cmd)
			if err != nil {
				return err
			}
			if by == string(r.DecidedBy) {
				return fault.New(fault.Forbidden, "approval.own")
			}
			return s.publish(ctx, tx, cmd, at)
		},
	}
}

// GrantKind makes the kind of request that gives vouchers to named shoppers. Its subject is the template.
func GrantKind(s *Service, ask, decide []login.Permission) approval.Kind {
	read := func(r approval.Request) (Grant, error) {
		var p GrantPayload
		if err := r.Into(&p); err != nil {
			return Grant{}, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		return Grant{Shop: r.Shop, Template: TemplateID(r.Subject), Shoppers: p.Shoppers, By: string(r.AskedBy)}, nil
	}
	return approval.Kind{
		Name: GrantRequest, Ask: ask, Decide: decide, Lasts: requestLasts,
		Check: func(tx *db.Tx, r approval.Request) error {
			cmd, err := read(r)
			if err == nil {
				err = s.grantable(tx, cmd)
			}
			return err
		},
		Execute: func(ctx context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			cmd, err := read(r)
			if err == nil {
				_, err = s.grant(ctx, tx, at, cmd)
			}
			return err
		},
	}
}
