package notice

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/reach/notice/mail"
)

const (
	sendMax  = 64              // mails of one run of the job
	lease    = 2 * time.Minute // a try that has not ended by then is taken to have died with its node
	codeWait = 10 * time.Second
)

// Send sends mails whose time has come, up to a batch at once. It is a job, harmless on several nodes at once: a mail
// is claimed by a guarded write first. A mail may go out twice when a node dies in between, under the same Message-ID.
func (s *Service) Send(ctx context.Context) (done int, err error) {
	if s.Sender == nil {
		return 0, nil
	}
	now := clock.Now(ctx, s.Clock)
	var all []Notice
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = due(tx, now, sendMax); return err }); err != nil {
		return 0, err
	}
	if all, err = s.claim(ctx, all, now); err != nil || len(all) == 0 {
		return 0, err
	}
	tos := make([]To, len(all))
	for i, n := range all {
		tos[i] = n.To
	}
	emails, err := s.emails(ctx, tos)
	if err != nil {
		return 0, err
	}
	var off switches
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { off, err = loadSwitches(tx, distinct(tos)); return err })
	if err != nil {
		return 0, err
	}
	s.sendAll(ctx, all, emails, off)
	return len(all), s.DB.Write(ctx, func(tx *db.Tx) error { return saveOutcomes(tx, all) })
}

func (s *Service) claim(ctx context.Context, all []Notice, now time.Time) (mine []Notice, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		won, err := claim(tx, all, now.Add(lease))
		mine = nil
		for i, n := range all {
			if err == nil && won[i] {
				n.Tries++
				mine = append(mine, n)
			}
		}
		return err
	})
	return mine, err
}

// sendAll sends mails, some at the same time, and notes on each how it ended.
func (s *Service) sendAll(ctx context.Context, all []Notice, emails map[To]string, off switches) {
	turn := make(chan struct{}, max(s.set.AtOnce, 1))
	var wg sync.WaitGroup
	for i := range all {
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			n := &all[i]
			now := clock.Now(ctx, s.Clock)
			switch {
			case off.off(n.To, n.Topic):
				n.State, n.Reason = Skipped, "switched_off"
			case emails[n.To] == "":
				n.State, n.Reason = Skipped, "no_address"
			case now.Sub(n.At) > s.set.StaleMax:
				n.State, n.Reason = Skipped, "too_old"
			default:
				s.outcome(n, s.Sender.Send(ctx, s.mail(*n, emails[n.To], now)), now)
			}
		})
	}
	wg.Wait()
}

func (s *Service) mail(n Notice, address string, now time.Time) mail.Message {
	return mail.Message{ID: string(n.ID), To: address, Subject: n.Words(n.Lang).Subject,
		Text: n.letter(n.Lang, s.set.PublicAt+n.Path()), At: now}
}

// outcome notes how a try ended: sent, to be tried again after a pause, or over.
func (s *Service) outcome(n *Notice, err error, now time.Time) {
	switch {
	case err == nil:
		n.State, n.SentAt = Sent, now
	case mail.Permanent(err):
		n.State, n.Reason = Failed, err.Error()
	case n.Tries >= s.set.Tries:
		n.State, n.Reason = Failed, "tries"
	default:
		n.NextTry = now.Add(jitter(s.Rand, min(s.set.FirstWait<<min(n.Tries-1, 20), s.set.WaitMax)))
	}
	if err != nil {
		s.Log.Warn("mail not sent", slog.String("notice", string(n.ID)), slog.String("topic", string(n.Topic)),
			slog.Int64("tries", n.Tries), slog.String("state", string(n.State)), slog.Any("err", err))
	}
}

// jitter spreads a wait over its last fifth, so that what failed together is not tried together.
func jitter(random io.Reader, wait time.Duration) time.Duration {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return wait
	}
	fifth := uint64(wait / 5)
	if fifth == 0 {
		return wait
	}
	return wait - time.Duration(binary.LittleEndian.Uint64(b[:])%fifth)
}

// SendCode mails a one-time code at once. Nothing of it is kept, here or in a log. It takes at most ten seconds and
// does not know whether the address is known here.
// Codes: notice.no_sms for a phone number, notice.no_mail, notice.unsent.
func (s *Service) SendCode(ctx context.Context, c Code) error {
	switch {
	case c.Phone:
		return fault.New(fault.Unimplemented, "notice.no_sms").At("address")
	case s.Sender == nil:
		return fault.New(fault.Unimplemented, "notice.no_mail").At("address")
	}
	if c.Lang == "" {
		c.Lang = text.Zh
	}
	ctx, cancel := context.WithTimeout(ctx, codeWait)
	defer cancel()
	w := c.words()
	m := mail.Message{ID: s.IDs.New("cod"), To: c.Address, Subject: w.Subject, Text: w.Body, At: s.Clock.Now()}
	if err := s.Sender.Send(ctx, m); err != nil {
		return fault.New(fault.Unavailable, "notice.unsent").At("address").Because(err)
	}
	return nil
}

// emails asks the book.
func (s *Service) emails(ctx context.Context, all []To) (map[To]string, error) {
	if s.Book == nil || len(all) == 0 {
		return nil, nil
	}
	return s.Book.Emails(ctx, all)
}
