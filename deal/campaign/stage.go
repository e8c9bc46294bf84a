package campaign

import (
	"slices"
	"time"

	"hutong/base/fault"
)

// Stage is where something stands in a campaign.
type Stage string

// The stages, in the order of a campaign's life, with who acts next.
const (
	Draft        Stage = "draft"         // the operator publishes
	Announced    Stage = "announced"     // shops wait for the enrolment to open
	Recruiting   Stage = "recruiting"    // shops enrol, the operator reviews
	Locked       Stage = "locked"        // everybody waits; prices and pledged stock are fixed
	Warmup       Stage = "warmup"        // shoppers look, fill carts, claim vouchers
	Earnest      Stage = "earnest"       // shoppers pay earnest money
	Pause        Stage = "pause"         // nobody may pay: between two windows
	Balance      Stage = "balance"       // shoppers pay what is left of a presale
	Spot         Stage = "spot"          // shoppers buy
	Encore       Stage = "encore"        // shoppers buy what is left over
	PriceProtect Stage = "price_protect" // a lower price is made good to who bought
	Settled      Stage = "settled"       // the operator closes the books
	Called       Stage = "cancelled"     // nobody; the operator called it off
)

// phases are the stages that a wave can have, in their order.
var phases = []Stage{Warmup, Earnest, Balance, Spot, Encore}

// Stages lists every stage in the order of a campaign's life.
func Stages() []Stage {
	return []Stage{Draft, Announced, Recruiting, Locked, Warmup, Earnest, Pause, Balance, Spot, Encore, PriceProtect,
		Settled, Called}
}

// Part says how an item takes part in a wave.
type Part struct {
	Presale bool // sold for earnest money first
	Spot    bool // sold outright; an item may be both
}

// Standing is what holds for an item at an instant. Earnest, Balance and Spot may be open side by side.
type Standing struct {
	Stage   Stage
	Earnest bool // earnest money is taken
	Balance bool // balances are taken
	Spot    bool // it is sold outright, in the spot stage or the encore
	// Next is when the standing may change, zero when it does not any more: what a countdown counts to.
	Next time.Time
}

// StageOf tells where an item of a wave stands at an instant. It depends on nothing else.
func StageOf(c Campaign, w Wave, item Part, at time.Time) Standing {
	switch c.State {
	case Drafted:
		return Standing{Stage: Draft}
	case Cancelled:
		return Standing{Stage: Called}
	}
	s := Standing{Next: next(c, w, item, at)}
	for _, p := range w.Phases {
		if !takesPart(c, item, p.Stage) || !p.Window.Holds(at) {
			continue
		}
		s.Earnest = s.Earnest || p.Stage == Earnest
		s.Balance = s.Balance || p.Stage == Balance
		s.Spot = s.Spot || p.Stage == Spot || p.Stage == Encore
		if s.Stage == "" || slices.Index(phases, p.Stage) > slices.Index(phases, s.Stage) {
			s.Stage = p.Stage
		}
	}
	if s.Stage == "" {
		s.Stage = between(c, w, item, at)
	}
	return s
}

// takesPart tells whether a stage is one for the item: without the presale switch nobody pays earnest money.
func takesPart(c Campaign, item Part, s Stage) bool {
	switch s {
	case Earnest, Balance:
		return item.Presale && c.Switches.Presale
	case Spot, Encore:
		return item.Spot
	}
	return true
}

// between is the stage outside all windows of the wave.
func between(c Campaign, w Wave, item Part, at time.Time) Stage {
	whole, lock := reach(c, w, item), c.LockOf(w)
	switch {
	case at.Before(whole.From) || whole.Empty():
		switch {
		case at.Before(c.Recruit.From):
			return Announced
		case at.Before(lock.From):
			return Recruiting
		case at.Before(lock.Until):
			return Locked
		}
	case at.Before(whole.Until):
		return Pause
	case at.Before(lock.Until):
		return PriceProtect
	}
	return Settled
}

// reach is from the first to the last instant of the item's windows in the wave.
func reach(c Campaign, w Wave, item Part) (all Window) {
	for _, p := range w.Phases {
		if !takesPart(c, item, p.Stage) {
			continue
		}
		if all.From.IsZero() || p.Window.From.Before(all.From) {
			all.From = p.Window.From
		}
		if p.Window.Until.After(all.Until) {
			all.Until = p.Window.Until
		}
	}
	return all
}

// next is the nearest instant after at when anything of the item may change.
func next(c Campaign, w Wave, item Part, at time.Time) (soonest time.Time) {
	look := func(t time.Time) {
		if t.After(at) && (soonest.IsZero() || t.Before(soonest)) {
			soonest = t
		}
	}
	for _, p := range w.Phases {
		if takesPart(c, item, p.Stage) {
			look(p.Window.From)
			look(p.Window.Until)
		}
	}
	look(c.Recruit.From)
	lock := c.LockOf(w)
	look(lock.From)
	look(lock.Until)
	return soonest
}

// LockOf is while prices of the wave may only fall and pledged stock may only grow: the plan's own lock, and for a
// session of a timetable from when it is shown to its end.
func (c Campaign) LockOf(w Wave) Window {
	if c.Channel.Timed() {
		return w.Whole()
	}
	return c.Lock
}

// Selling is when an item of the wave is sold outright: from the first spot window to the end of the last.
func (w Wave) Selling() (all Window) {
	return reach(Campaign{}, Wave{Phases: only(w.Phases, Spot, Encore)}, Part{Spot: true})
}

// Whole is from the first to the last instant of the wave.
func (w Wave) Whole() Window {
	c := Campaign{Plan: Plan{Switches: Switches{Presale: true}}}
	return reach(c, w, Part{Presale: true, Spot: true})
}

// Phase is the window of a stage of the wave, empty when it has none.
func (w Wave) Phase(s Stage) Window { return Wave{Phases: only(w.Phases, s)}.Whole() }

func only(all []Phase, stages ...Stage) (some []Phase) {
	for _, p := range all {
		if slices.Contains(stages, p.Stage) {
			some = append(some, p)
		}
	}
	return some
}

// MayPayEarnest refuses earnest money outside its window. Codes: campaign.earnest_not_open, campaign.earnest_closed.
func MayPayEarnest(c Campaign, w Wave, item Part, at time.Time) error {
	return open(StageOf(c, w, item, at).Earnest, w.Phase(Earnest), at, "campaign.earnest")
}

// MayPayBalance refuses a balance outside its window. Codes: campaign.balance_not_open, campaign.balance_closed.
func MayPayBalance(c Campaign, w Wave, item Part, at time.Time) error {
	return open(StageOf(c, w, item, at).Balance, w.Phase(Balance), at, "campaign.balance")
}

// MayBuy refuses an outright sale outside its windows. Codes: campaign.spot_not_open, campaign.spot_closed.
func MayBuy(c Campaign, w Wave, item Part, at time.Time) error {
	return open(StageOf(c, w, item, at).Spot, w.Selling(), at, "campaign.spot")
}

func open(is bool, window Window, at time.Time, what string) error {
	switch {
	case is:
		return nil
	case at.Before(window.From):
		return fault.New(fault.Conflict, what+"_not_open").After(window.From.Sub(at))
	}
	return fault.New(fault.Expired, what+"_closed")
}

// Forfeits tells whether the earnest money of a presale order that owes its balance is forfeited at that instant: the
// balance window is over.
func Forfeits(w Wave, at time.Time) bool {
	due := w.Phase(Balance)
	return !due.Empty() && !at.Before(due.Until)
}
