package checkout

import (
	"io"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/lane"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what checkout stands on.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	IDs      IDs
	Rand     io.Reader // for the tokens' nonces
	Key      []byte    // the market's token key, KeyLen bytes
	Catalog  *catalog.Service
	Settle   *settle.Service
	Orders   *order.Service
	Ship     *ship.Service
	Deals    Deals // nil: NoDeals
	Settings Settings
	// Reprices tells, at each quote, whether refunds of what is quoted price again what is left of it; nil: they do not.
	Reprices func() bool
}

// Service holds the verbs of checkout. Close it before the database.
type Service struct {
	db       *db.DB
	clock    clock.Clock
	ids      IDs
	catalog  *catalog.Service
	settle   *settle.Service
	orders   *order.Service
	ship     *ship.Service
	deals    Deals
	groups   Groups   // nil: none
	presales Presales // nil: none
	reprices func() bool
	set      Settings
	tokens   *Tokens
	lane     *lane.Lane[ask, Placed]
	quotes   *lane.Relay[question, Quote]
}

// New makes the Service and starts its lane.
func New(d Deps) (*Service, error) {
	tokens, err := NewTokens(d.Key, d.Rand, d.Settings.LinesMax)
	if err != nil {
		return nil, err
	}
	s := &Service{db: d.DB, clock: d.Clock, ids: d.IDs, catalog: d.Catalog, settle: d.Settle, orders: d.Orders,
		ship: d.Ship, deals: d.Deals, set: d.Settings, tokens: tokens, reprices: d.Reprices}
	if s.deals == nil {
		s.deals = NoDeals{}
	}
	s.lane = lane.New(lane.Options{BatchMax: s.set.LaneBatchMax, QueueMax: s.set.LaneQueueMax,
		Workers: s.set.LaneWorkers, Enough: s.enough()}, s.placeAll)
	s.quotes = lane.NewRelay(lane.Options{Workers: quoteWorkers}, s.quoteAll)
	return s, nil
}

// enough is how many orders wait for no more before they are placed together: within one process a quarter of a batch
// costs no more for each than a full one, and the wait is behind requests that were just answered; a database server is
// asked as often for few as for many.
func (s *Service) enough() int {
	if s.db.Engine() == db.SQLite {
		return max(1, s.set.LaneBatchMax/4)
	}
	return s.set.LaneBatchMax
}

// quoteWorkers is how many batches of quotes are read at once, each on a reader of its own: fewer than there are.
const quoteWorkers = 2

// PlugGroups puts in who answers for places in groups, before the first quote.
func (s *Service) PlugGroups(g Groups) { s.groups = g }

// PlugPresales puts in who answers for presales, before the first quote.
func (s *Service) PlugPresales(p Presales) { s.presales = p }

// Settings are the market's limits and times.
func (s *Service) Settings() Settings { return s.set }

// TokenMax is the length in bytes of the longest token that is looked at.
func (s *Service) TokenMax() int { return s.tokens.max }

// Close refuses further orders and waits for those on their way.
func (s *Service) Close() { s.lane.Close() }
