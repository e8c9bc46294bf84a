package webhook

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/party/audit"
	"hutong/trade/aftersale"
)

// TopicDisabled is told when the market switches an endpoint off; the subject is the endpoint.
const TopicDisabled event.Topic = "webhook.disabled"

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Cases reads a case; trade/aftersale.Service.
type Cases interface {
	Case(ctx context.Context, p aftersale.Party, id aftersale.ID) (aftersale.Case, error)
}

// Deps are what webhooks stand on.
type Deps struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   IDs
	Rand  io.Reader
	Log   *slog.Logger // nil: nowhere
	Cases Cases
}

// Service holds the verbs of webhooks. Close it.
type Service struct {
	Deps
	set    Settings
	client *http.Client

	ctx  context.Context // of tries under way
	stop context.CancelFunc
	wg   sync.WaitGroup
	mu   sync.Mutex
	busy map[EndpointID]int
	all  int
}

// New makes the Service.
func New(d Deps, set Settings) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Deps: d, set: set, client: newClient(set), busy: map[EndpointID]int{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the tries under way. What they sent is sent again after a while, under the same webhook-id.
func (s *Service) Close() {
	s.stop()
	s.wg.Wait()
	s.client.CloseIdleConnections()
}

// Jobs are what runs by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{
		{Name: "webhook.deliver", Every: time.Second, Run: s.Deliver},
		{Name: "webhook.sweep", Every: time.Hour, Run: s.Sweep},
	}
}

// Make asks for a new endpoint.
type Make struct {
	Shop   string
	URL    string
	Topics []Topic // "refund.*" means all that begin so
}

// Make makes an endpoint, switched on, and gives its secret, which is shown this once.
// Codes: webhook.url, webhook.topics, webhook.many.
func (s *Service) Make(ctx context.Context, cmd Make) (Endpoint, Secret, error) {
	u, err := s.set.checkURL(cmd.URL)
	if err != nil {
		return Endpoint{}, "", err
	}
	topics, err := checkTopics(cmd.Topics)
	if err != nil {
		return Endpoint{}, "", err
	}
	secret, err := newSecret(s.Rand)
	if err != nil {
		return Endpoint{}, "", err
	}
	e := keyed{secret: secret, Endpoint: Endpoint{ID: EndpointID(s.IDs.New("whe")), Shop: cmd.Shop, URL: cmd.URL,
		Topics: topics, On: true, CreatedAt: clock.Now(ctx, s.Clock)}}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Turn("webhook.make " + cmd.Shop); err != nil {
			return err
		}
		have, err := endpointsOf(tx, cmd.Shop)
		if err != nil {
			return err
		}
		if len(have) >= EndpointsMax {
			return fault.New(fault.Unprocessable, "webhook.many", fault.P("max", EndpointsMax))
		}
		if slices.ContainsFunc(have, func(h keyed) bool { return h.URL == cmd.URL }) {
			return fault.New(fault.Conflict, "webhook.known").At("url")
		}
		if err := insertEndpoint(tx, e); err != nil {
			return err
		}
		return s.note(ctx, tx, e.Endpoint, audit.Entry{What: "webhook.made",
			After: audit.Facts{"host": u.Host, "topics": joined(topics)}})
	})
	if err != nil {
		return Endpoint{}, "", err
	}
	return e.Endpoint, secret, nil
}

// note records a change of an endpoint; n says what changed, from and to what.
func (s *Service) note(ctx context.Context, tx *db.Tx, e Endpoint, n audit.Entry) error {
	n.At, n.Shop, n.On = clock.Now(ctx, s.Clock), e.Shop, string(e.ID)
	return audit.Note(ctx, tx, s.IDs, n)
}

// Change is what an endpoint is to be from now on.
type Change struct {
	Shop     string
	Endpoint EndpointID
	URL      string
	Topics   []Topic
	On       bool
}

// Change changes an endpoint. Switching it off ends what waits for it; it can be replayed later. Switching it on
// forgets its failures. It is safe to repeat. Codes: webhook.not_found (also for another shop's), webhook.url,
// webhook.topics.
func (s *Service) Change(ctx context.Context, cmd Change) (Endpoint, error) {
	u, err := s.set.checkURL(cmd.URL)
	if err != nil {
		return Endpoint{}, err
	}
	topics, err := checkTopics(cmd.Topics)
	if err != nil {
		return Endpoint{}, err
	}
	var e keyed
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if e, err = endpoint(tx, cmd.Shop, cmd.Endpoint); err != nil {
			return err
		}
		was := audit.Facts{"topics": joined(e.Topics), "state": onOff(e.On)}
		e.URL, e.Topics = cmd.URL, topics
		if cmd.On && !e.On {
			e.FailingSince = time.Time{}
		}
		if !cmd.On && e.On {
			if err := failQueue(tx, e.ID, clock.Now(ctx, s.Clock)); err != nil {
				return err
			}
		}
		if cmd.On || e.On {
			e.Reason = ""
		}
		e.On = cmd.On
		if err := saveEndpoint(tx, e); err != nil {
			return err
		}
		return s.note(ctx, tx, e.Endpoint, audit.Entry{What: "webhook.changed", Before: was,
			After: audit.Facts{"host": u.Host, "topics": joined(topics), "state": onOff(e.On)}})
	})
	return e.Endpoint, err
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// Rotate gives an endpoint a new secret, shown this once. The one before signs too for a while, so that the merchant's
// program can change over; one that was still changing over is dropped. Codes: webhook.not_found.
func (s *Service) Rotate(ctx context.Context, shop string, id EndpointID) (Endpoint, Secret, error) {
	fresh, err := newSecret(s.Rand)
	if err != nil {
		return Endpoint{}, "", err
	}
	var e keyed
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if e, err = endpoint(tx, shop, id); err != nil {
			return err
		}
		e.oldSecret, e.OldUntil, e.secret = e.secret, now.Add(s.set.OldSecretFor), fresh
		if err := saveEndpoint(tx, e); err != nil {
			return err
		}
		return s.note(ctx, tx, e.Endpoint, audit.Entry{What: "webhook.rotated"})
	})
	if err != nil {
		return Endpoint{}, "", err
	}
	return e.Endpoint, fresh, nil
}

// Remove takes an endpoint away with its deliveries. Codes: webhook.not_found.
func (s *Service) Remove(ctx context.Context, shop string, id EndpointID) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := endpoint(tx, shop, id)
		if err != nil {
			return err
		}
		if err := deleteEndpoint(tx, e.Endpoint); err != nil {
			return err
		}
		return s.note(ctx, tx, e.Endpoint, audit.Entry{What: "webhook.removed",
			Before: audit.Facts{"topics": joined(e.Topics)}})
	})
}

// Endpoints are a shop's, oldest first.
func (s *Service) Endpoints(ctx context.Context, shop string) (all []Endpoint, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		kept, err := endpointsOf(tx, shop)
		for _, e := range kept {
			all = append(all, e.Endpoint)
		}
		return err
	})
	return all, err
}
