package flash

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/deal/campaign"
	"hutong/deal/promo"
	"hutong/deal/quota"
)

// KeyLen is how long the key is from which the seeds of lotteries come.
const KeyLen = 32

// Deps are what the room stands on.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       event.IDs
	Campaigns *campaign.Service
	Key       []byte // of KeyLen bytes, secret and this market's own
}

// Service holds the verbs of flash sales.
type Service struct {
	Deps
	halls halls
}

// New makes the Service.
func New(d Deps) (*Service, error) {
	if len(d.Key) != KeyLen {
		return nil, errors.New("flash: the key must have 32 bytes")
	}
	return &Service{Deps: d}, nil
}

// AppointmentsOf is the quota of how many appointments there are for an item.
func AppointmentsOf(item campaign.EnrolmentID) string { return "apt:" + string(item) }

// use is the name under which a shopper's place among an item's appointments is counted.
func use(item campaign.EnrolmentID, shopper string) string {
	return AppointmentsOf(item) + ":" + shopper
}

// tries is how often an appointment is tried anew when another node made the same count in that moment.
const tries = 3

// Appoint makes an appointment: the shopper may buy the item when its sale begins, or draws a lot for it. It is safe to
// repeat. Codes: flash.item, flash.no_appointment, flash.appointments_not_open, flash.appointments_closed,
// flash.appointments_full.
func (s *Service) Appoint(ctx context.Context, shopper string, item campaign.EnrolmentID) error {
	now := clock.Now(ctx, s.Clock)
	i := s.Campaigns.Live().Item(item, now)
	if err := mayAppoint(i, now); err != nil {
		return err
	}
	var err error
	for range tries {
		err = s.DB.Write(ctx, func(tx *db.Tx) error { return s.place(tx, i, shopper, now) })
		if !errors.Is(err, quota.ErrRaced) {
			return err
		}
	}
	return err
}

func mayAppoint(i *campaign.Item, now time.Time) error {
	switch {
	case i == nil:
		return fault.New(fault.NotFound, "flash.item")
	case i.Appointments == 0:
		return fault.New(fault.Unprocessable, "flash.no_appointment")
	case now.Before(i.Warmup):
		return fault.New(fault.Conflict, "flash.appointments_not_open").After(i.Warmup.Sub(now))
	case !now.Before(Closes(i)):
		return fault.New(fault.Expired, "flash.appointments_closed")
	}
	return nil
}

// place keeps an appointment, and takes one of the places of the item. No lot is taken before the commitment is out.
func (s *Service) place(tx *db.Tx, i *campaign.Item, shopper string, now time.Time) error {
	fresh, err := appoint(tx, i.ID, shopper, now)
	if err != nil || !fresh {
		return err
	}
	if i.Lottery {
		if _, err := announce(tx, []Lottery{s.lotteryFor(i)}); err != nil {
			return err
		}
		// Who came in time but is written late finds the lots drawn.
		if l, _, err := heldLottery(tx, i.ID); err != nil {
			return err
		} else if !l.Drawn.IsZero() {
			return fault.New(fault.Expired, "flash.appointments_closed")
		}
	}
	name := AppointmentsOf(i.ID)
	book, err := quota.LoadBook(tx, []string{name})
	if err != nil {
		return err
	}
	err = book.Take(use(i.ID, shopper), []quota.Need{{Quota: name, Amount: 1, Cap: i.Appointments,
		Code: "flash.appointments_full", Kind: fault.SoldOut}})
	if err != nil {
		return err
	}
	return book.Save(tx)
}

// Appointment is what a shopper holds for an item.
type Appointment struct {
	Item campaign.EnrolmentID
	Won  bool   // the lot was drawn; only of a lottery
	As   string // the name under which lots are drawn: the shopper when the appointment was made
	At   time.Time
}

// Appointments are a shopper's own.
func (s *Service) Appointments(ctx context.Context, shopper string) (all Appointments, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = appointments(tx, shopper); return err })
	return all, err
}

// Appointments are those of one shopper, by item.
type Appointments map[campaign.EnrolmentID]Appointment

func appointments(tx *db.Tx, shopper string) (Appointments, error) {
	rows, err := appointmentsOf(tx, shopper)
	all := make(Appointments, len(rows))
	for _, a := range rows {
		all[a.item] = Appointment{a.item, a.won || all[a.item].Won, a.enteredAs, a.at}
	}
	return all, err
}

// MayBuy tells why a shopper may not buy items now; what is not in the answer they may. It reads nothing for items that
// anybody may buy. Codes: flash.appointment_needed, flash.not_drawn, flash.lost.
func MayBuy(tx *db.Tx, shopper string, items []*campaign.Item) (map[campaign.EnrolmentID]error, error) {
	var mine Appointments
	refused := map[campaign.EnrolmentID]error{}
	for _, i := range items {
		if i.Appointments == 0 {
			continue
		}
		if mine == nil {
			var err error
			if mine, err = appointments(tx, shopper); err != nil {
				return nil, err
			}
		}
		if err := mayBuy(tx, i, mine); fault.Of(err) != fault.Internal {
			refused[i.ID] = err
		} else if err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// Claims are the prices that a shopper may have now by an appointment, or by a lot that was drawn: of everybody else
// the price engine asks the ordinary one. It reads nothing while nothing is sold by appointment.
func (s *Service) Claims(tx *db.Tx, shopper string, at time.Time) (all []promo.Claimed, err error) {
	items := s.Campaigns.Live().ByAppointment(at)
	refused, err := MayBuy(tx, shopper, items)
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		if refused[i.ID] == nil && i.Stage != campaign.Earnest { // a presale's price is had by naming the item
			for _, p := range i.Promotions() {
				all = append(all, promo.Claimed{Promotion: p.ID})
			}
		}
	}
	return all, nil
}

func mayBuy(tx *db.Tx, i *campaign.Item, mine Appointments) error {
	a, has := mine[i.ID]
	if !has {
		return fault.New(fault.Forbidden, "flash.appointment_needed")
	}
	if !i.Lottery || a.Won {
		return nil
	}
	l, found, err := lotteryOf(tx, i.ID)
	switch {
	case err != nil:
		return err
	case !found || l.Drawn.IsZero():
		return fault.New(fault.Conflict, "flash.not_drawn")
	}
	return fault.New(fault.Forbidden, "flash.lost")
}

// seed is that of an item's lottery. It follows from the market's key, so that it stands in no table before the draw,
// and a draw that was interrupted comes out the same.
func (s *Service) seed(item campaign.EnrolmentID) []byte {
	h := hmac.New(sha256.New, s.Key)
	h.Write([]byte("lottery:" + string(item)))
	return h.Sum(nil)
}

// lotteryFor is what is published about an item's lottery before the draw.
func (s *Service) lotteryFor(i *campaign.Item) Lottery {
	return Lottery{Item: i.ID, Commitment: Commitment(s.seed(i.ID)), Lots: Lots(i), Closes: Closes(i)}
}

// drawBatch is how many lotteries the draw reads at once.
const drawBatch = 20

// Announce publishes the commitments of lotteries that are shown now or soon. It is a job's Run and safe to repeat.
func (s *Service) Announce(ctx context.Context) (fresh int, err error) {
	now := clock.Now(ctx, s.Clock)
	var all []Lottery
	for _, i := range s.Campaigns.Active(now) {
		if i.Lottery && now.Before(Closes(i)) {
			all = append(all, s.lotteryFor(i))
		}
	}
	known, err := s.announced(ctx, all)
	if err != nil || known {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) { fresh, err = announce(tx, all); return err })
	return fresh, err
}

// announced tells whether all of them are published already: the usual case, which writes nothing.
func (s *Service) announced(ctx context.Context, all []Lottery) (known bool, err error) {
	known = true
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		for _, l := range all {
			_, found, err := lotteryOf(tx, l.Item)
			if err != nil {
				return err
			}
			known = known && found
		}
		return nil
	})
	return known, err
}

// Draw draws the lotteries that are closed: winners are marked, the seed is published. It is a job's Run; a lottery is
// drawn once, and comes out the same wherever it is drawn.
func (s *Service) Draw(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.Clock)
	next := func(limit int) (all []Lottery, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = due(tx, now, limit); return err })
		return all, err
	}
	name := func(l Lottery) campaign.EnrolmentID { return l.Item }
	return job.Walk(ctx, drawBatch, name, next, func(some []Lottery) (int, error) {
		return job.Each(ctx, some, func(l Lottery) error {
			return s.DB.Write(ctx, func(tx *db.Tx) error { return s.draw(tx, l, now) })
		})
	})
}

func (s *Service) draw(tx *db.Tx, l Lottery, now time.Time) error {
	seed := s.seed(l.Item)
	if Commitment(seed) != l.Commitment {
		return errors.New("flash: the seed of " + string(l.Item) + " is not the one that was committed to")
	}
	if _, _, err := heldLottery(tx, l.Item); err != nil { // who enters at this moment is among the entrants, or too late
		return err
	}
	names, err := entrants(tx, l.Item)
	if err != nil {
		return err
	}
	won := Winners(seed, names, int(l.Lots))
	l.Drawn, l.Seed, l.Entrants = now, hex.EncodeToString(seed), int64(len(names))
	if len(won) > 0 {
		l.LastRank = hex.EncodeToString(Rank(seed, won[len(won)-1]))
	}
	first, err := drawn(tx, l)
	if err != nil || !first {
		return err
	}
	return markWinners(tx, l.Item, won)
}

// Lottery is what is published about an item's lottery. Codes: flash.item.
func (s *Service) Lottery(ctx context.Context, item campaign.EnrolmentID) (l Lottery, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var found bool
		if l, found, err = lotteryOf(tx, item); err == nil && !found {
			err = fault.New(fault.NotFound, "flash.item")
		}
		return err
	})
	return l, err
}
