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

func newAttempts(perPair, perNetwork, perName Budget) *attempts {
	return &attempts{
		pairs: newLimiter(perPair), networks: newLimiter(perNetwork), names: newLimiter(perName),
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

// begin lets a guess at a name's password through, or refuses it with the time to wait. Codes: login.limited.
func (a *attempts) begin(name, network string, now time.Time) (*attempt, error) {
	try := &attempt{all: a, pair: name + "\x00" + network}
	budgets := []taken{{a.pairs, try.pair}}
	if network != "" {
		budgets = append(budgets, taken{a.networks, network})
	}
	if owner, _ := a.owners.get(try.pair); !owner {
		budgets = append(budgets, taken{a.names, name})
	}
	return try, try.take(budgets, now)
}

// register lets an attempt to take a name through: it is a guess at which names exist, bounded per network only, so
// that nobody can keep others from registering. Codes: login.limited.
func (a *attempts) register(network string, now time.Time) (*attempt, error) {
	try := &attempt{all: a}
	if network == "" {
		return try, nil
	}
	return try, try.take([]taken{{a.networks, network}}, now)
}

// openShop lets a network open a shop, each of which somebody has to look at: a tight budget, which is not given back.
// Codes: login.limited.
func (a *attempts) openShop(network string, now time.Time) error {
	if network == "" {
		return nil
	}
	return (&attempt{all: a}).take([]taken{{a.pairs, "shop\x00" + network}}, now)
}

// take spends all budgets or none.
func (t *attempt) take(budgets []taken, now time.Time) error {
	for _, b := range budgets {
		if wait := b.from.take(b.key, now); wait > 0 {
			t.undo()
			return fault.New(fault.Limited, "login.limited").After(wait)
		}
		t.took = append(t.took, b)
	}
	return nil
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
