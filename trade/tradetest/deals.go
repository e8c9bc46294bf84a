package tradetest

import (
	"sync/atomic"
	"time"

	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/deal/promo/standard"
	"hutong/trade/checkout"
)

// Deals are the promotions of a Market, set by the test; none at first.
type Deals struct {
	rules   atomic.Pointer[promo.Rules]
	version atomic.Int64
	Held    map[string][]promo.Claimed // by shopper: the vouchers they hold
}

// Rules are those that were set last.
func (d *Deals) Rules() *promo.Rules { return d.rules.Load() }

// Claims are the shopper's.
func (d *Deals) Claims(_ *db.Tx, shopper, _ string, _ time.Time) ([]promo.Claimed, error) {
	return d.Held[shopper], nil
}

// Needs are none.
func (d *Deals) Needs(*db.Tx, string, []promo.Applied) ([]checkout.Need, error) { return nil, nil }

// Publish sets the market's promotions, each a JSON object as the rule book reads it.
func (m *Market) Publish(promotions ...string) {
	m.t.Helper()
	all := make([]promo.Promotion, len(promotions))
	for i, p := range promotions {
		var err error
		all[i], err = standard.Kinds().Decode([]byte(p))
		m.Must(err)
		all[i].Version = 1
	}
	rules, err := promo.Compile(promo.Parallel, all)
	m.Must(err)
	m.Deals.rules.Store(rules.At(m.Deals.version.Add(1)))
}

// Hold sets the market's promotions to those of a room above.
func (m *Market) Hold(all []promo.Promotion) {
	m.t.Helper()
	rules, err := promo.Compile(promo.Parallel, all)
	m.Must(err)
	m.Deals.rules.Store(rules.At(m.Deals.version.Add(1)))
}
