package notice

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/catalog"
	"hutong/reach/notice/mail"
	"hutong/trade/order"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Book knows the e-mail addresses of people, as they proved them when they logged in. One without is left out.
type Book interface {
	Emails(ctx context.Context, all []To) (map[To]string, error)
}

// Sender brings a mail to its server; reach/notice/mail.Client.
type Sender interface {
	Send(ctx context.Context, m mail.Message) error
}

// Deps are what notices stand on.
type Deps struct {
	DB     *db.DB
	Clock  clock.Clock
	IDs    IDs
	Rand   io.Reader
	Log    *slog.Logger // nil: nowhere
	Hub    *event.Hub
	Orders *order.Service

	Campaigns *campaign.Service // nil: sales are not told of
	Catalog   *catalog.Service

	Book   Book   // nil: nobody has an address
	Sender Sender // nil: no mail goes out, the inbox alone is kept
}

// Settings are the market's choices. DefaultSettings has sound ones.
type Settings struct {
	PublicAt  string        // where people reach the market, for the links in mails
	ShopLang  text.Lang     // of mails to shops
	Tries     int64         // of one mail
	FirstWait time.Duration // after the first failure; each further wait doubles
	WaitMax   time.Duration
	StaleMax  time.Duration // after which a mail is no longer worth sending
	KeepFor   time.Duration // how long the log and the inbox reach back
	AtOnce    int           // mails under way at the same time
	Zone      *time.Location
}

// DefaultSettings try a mail eight times over about two hours, and keep the log for half a year.
func DefaultSettings() Settings {
	return Settings{ShopLang: text.Zh, Tries: 8, FirstWait: 30 * time.Second, WaitMax: time.Hour,
		StaleMax: 48 * time.Hour, KeepFor: 180 * 24 * time.Hour, AtOnce: 4, Zone: time.UTC}
}

// Service holds the verbs of notices.
type Service struct {
	Deps
	set Settings
}

// New makes the Service.
func New(d Deps, set Settings) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d, set: set}
}

// Jobs are what runs by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{
		{Name: "notice.send", Every: 2 * time.Second, Run: s.Send},
		{Name: "notice.sweep", Every: time.Hour, Run: s.Sweep},
	}
}

// The bounds of what is read at once.
const (
	PageMax   = 100
	UnreadMax = 100 // a count of it means this many or more
)

// Inbox are the notices of a recipient before one, newest first; "" starts.
func (s *Service) Inbox(ctx context.Context, to To, before ID, limit int) (all []Notice, err error) {
	if to.ID == "" {
		return nil, nil
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = inbox(tx, to, from(before), min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

func from(before ID) ID {
	if before == "" {
		return "~" // sorts after every id
	}
	return before
}

// Unread counts what a recipient has not read, up to UnreadMax.
func (s *Service) Unread(ctx context.Context, to To) (n int64, err error) {
	if to.ID == "" {
		return 0, nil
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error { n, err = unread(tx, to, UnreadMax); return err })
	return n, err
}

// MarkRead marks one notice of the recipient's. It is safe to repeat. Codes: notice.not_found, also for others'.
func (s *Service) MarkRead(ctx context.Context, to To, id ID) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		known, err := markOne(tx, to, id, at)
		if err == nil && !known {
			err = fault.New(fault.NotFound, "notice.not_found")
		}
		tx.After(func() { s.Hub.Publish(to.Inbox()) })
		return err
	})
}

// MarkAllRead marks the recipient's notices up to one, the newest that the page has shown. It is safe to repeat.
func (s *Service) MarkAllRead(ctx context.Context, to To, upTo ID) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.After(func() { s.Hub.Publish(to.Inbox()) })
		return markRead(tx, to, upTo, at)
	})
}

// Preferences are which mails a recipient wants, by topic, in the order of Topics.
func (s *Service) Preferences(ctx context.Context, to To) (all []Preference, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		off, err := loadSwitches(tx, []string{to.ID})
		all = all[:0]
		for _, t := range Topics(to.Kind) {
			all = append(all, Preference{t, !off.off(to, t)})
		}
		return err
	})
	return all, err
}

// SetPreference switches the mails about a topic on or off. It is safe to repeat. Codes: notice.topic.
func (s *Service) SetPreference(ctx context.Context, to To, p Preference) error {
	if to.ID == "" || !slices.Contains(Topics(to.Kind), p.Topic) {
		return fault.New(fault.Invalid, "notice.topic").At("topic")
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return saveSwitch(tx, to, p.Topic, p.Mail) })
}

// LogQuery narrows the log of what was sent. Empty fields narrow nothing.
type LogQuery struct {
	State   State
	Channel Channel
	To      string // a recipient's id
	Before  ID
	Limit   int // at most PageMax; 0: 50
}

// Sent is the log of what was told, newest first, for the operator. It holds no address.
func (s *Service) Sent(ctx context.Context, q LogQuery) (all []Notice, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, PageMax)
	err = s.DB.Read(ctx, func(tx *db.Tx) error { all, err = logPage(tx, q, from(q.Before)); return err })
	return all, err
}

// Sweep deletes notices that are older than the log is to be, up to a batch at once. It is a job.
func (s *Service) Sweep(ctx context.Context) (done int, err error) {
	cut := clock.Now(ctx, s.Clock).Add(-s.set.KeepFor)
	err = s.DB.Write(ctx, func(tx *db.Tx) error { done, err = sweep(tx, cut, batchMax); return err })
	if done < batchMax {
		done = 0 // the rest is young
	}
	return done, err
}
