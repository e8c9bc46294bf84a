package referral

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/trade/order"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what referrals stand on.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      IDs
	Rand     io.Reader // for codes
	Vouchers *voucher.Service
	Marks    voucher.Marks // who stands behind accounts
	// DeviceKey makes what is kept of a browser a hash that cannot be turned back.
	DeviceKey []byte
	Currency  money.Currency // in which amounts are told to people
	Returns   int            // days, the market's own time of return: no programme is shorter
	Log       *slog.Logger
}

// Service holds the verbs of referrals. Several nodes may run it side by side.
type Service struct{ Deps }

// New makes the Service.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d}
}

// Jobs are what runs by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{{Name: "referral.judge", Every: time.Minute, Run: s.Judge}}
}

// Listen counts what friends pay for, and takes rewards back whose order went back.
func (s *Service) Listen(bus *event.Bus) {
	bus.OnBatch(order.TopicPaid, "referral.paid", func(ctx context.Context, events []event.Event) error {
		var shoppers []string
		var ids []order.ID
		for _, e := range events {
			var m order.Moved
			if err := e.Read(&m); err != nil {
				return err
			}
			for _, o := range m.Orders {
				shoppers, ids = append(shoppers, o.Shopper), append(ids, o.Order)
			}
		}
		return s.attribute(ctx, shoppers, ids)
	})
	bus.OnBatch(order.TopicRefunded, "referral.returned", s.returned)
	// Who became an account between paying and being told of it is found under the account's id.
	bus.On(login.ShopperMerged, "referral.merged", func(ctx context.Context, e event.Event) error {
		var m login.Merged
		if err := e.Read(&m); err != nil {
			return err
		}
		return s.attribute(ctx, []string{string(m.Into)}, nil)
	})
}

// write is db.Write, run again where another node made a quota in the same moment.
func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) error) (err error) {
	const times = 5
	for range times {
		if err = s.DB.Write(ctx, fn); !errors.Is(err, quota.ErrRaced) {
			return err
		}
	}
	return err
}

// tell notes what became of a referral.
func (s *Service) tell(tx *db.Tx, r Referral, at time.Time) error {
	topic := map[State]event.Topic{Pending: TopicCounted, Rewarded: TopicRewarded, Refused: TopicRefused}[r.State]
	return event.Emit(tx, s.IDs, event.Event{Topic: topic, Subject: string(r.ID), Shopper: r.Inviter, At: at,
		Body: event.Body(Told{Referral: r.ID, Inviter: r.Inviter, Why: r.Why})})
}

// note writes a change of a programme into the record.
func (s *Service) note(ctx context.Context, tx *db.Tx, what string, p Programme, facts audit.Facts) error {
	return audit.Note(ctx, tx, s.IDs, audit.Entry{At: clock.Now(ctx, s.Clock), What: what, On: string(p.ID), After: facts})
}

// actor is who is calling, for the record.
func actor(ctx context.Context) string {
	if p, ok := ctx.Value(audit.Actor{}).(audit.Person); ok && p.Who != "" {
		return p.Who
	}
	return audit.System
}
