package login

import (
	"time"

	"hutong/base/fault"
)

// attempts bounds guessing. A name from one network has a tight budget; a network and a name each have a wide one. A
// network that this name has logged in from lately does not feel the name's wide budget, so that a stranger who guesses
// at a name cannot lock its owner out (FAULTS A23).
type attempts struct {
	pairs, networks, names *limiter
	owners                 *cache[bool]
}

func newAttempts(s Settings) *attempts {
	return &attempts{
		pairs: newLimiter(s.PerPair), networks: newLimiter(s.PerNetwork), names: newLimiter(s.PerName),
		owners: newCache[bool](ownersMax),
	}
}

const ownersMax = 10_000

// attempt is one that was let through and is not yet known to be right or wrong.
type attempt struct {
	all  *attempts
	pair string
	took []taken
}

type taken struct {
	from *limiter
	key  string
}

// begin lets an attempt through or refuses it with the time to wait. Codes: login.limited.
func (a *attempts) begin(name, network string, now time.Time) (*attempt, error) {
	try := &attempt{all: a, pair: name + "\x00" + network}
	owner, _ := a.owners.get(try.pair)
	budgets := []taken{{a.pairs, try.pair}, {a.networks, network}, {a.names, name}}
	for _, b := range budgets {
		if b.from == a.networks && network == "" || b.from == a.names && owner {
			continue
		}
		if wait := b.from.take(b.key, now); wait > 0 {
			try.undo()
			return nil, fault.New(fault.Limited, "login.limited").After(wait)
		}
		try.took = append(try.took, b)
	}
	return try, nil
}

// undo gives the attempt's budgets back: it did not come to a guess.
func (t *attempt) undo() {
	for _, b := range t.took {
		b.from.give(b.key)
	}
	t.took = nil
}

// right ends an attempt that was no wrong guess.
func (t *attempt) right() {
	t.undo()
	t.all.owners.put(t.pair, true)
}
