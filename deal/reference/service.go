package reference

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what the room stands on.
type Deps struct {
	DB     *db.DB
	Clock  clock.Clock
	IDs    IDs
	Regime Regime // default CN
	Deals  Deals
	// Twins are a shop's SKUs of the same goods, the given one among them: a listing made anew keeps its history.
	// Nil: only the SKU itself.
	Twins func(tx *db.Tx, shop, sku string) ([]string, error)
}

// Service holds the verbs of reference prices.
type Service struct {
	Deps
	offered []Offered
	cuts    Cuts // nil: nobody cuts prices
}

// New makes the Service.
func New(d Deps) *Service {
	if d.Regime == "" {
		d.Regime = CN
	}
	if d.Twins == nil {
		d.Twins = func(_ *db.Tx, _, sku string) ([]string, error) { return []string{sku}, nil }
	}
	return &Service{Deps: d}
}

// Plug says where offered prices stand. It is called while the node is built.
func (s *Service) Plug(offered ...Offered) { s.offered = append(s.offered, offered...) }

// PlugDeals says where deal prices stand. It is called while the node is built.
func (s *Service) PlugDeals(d Deals) { s.Deals = d }

// Prior is the reference price of a SKU for a promotion that starts at an instant.
func (s *Service) Prior(tx *db.Tx, shop, sku string, at time.Time) (Prior, error) {
	skus, err := s.Twins(tx, shop, sku)
	if err != nil {
		return Prior{}, err
	}
	from := at.AddDate(0, 0, -s.Regime.Days())
	if s.Regime == EU {
		return s.lowestAsked(tx, shop, skus, Window{from, at})
	}
	lowest, err := s.lowestDeal(tx, skus, Window{from, at})
	if err != nil || lowest.Found() {
		return lowest, err
	}
	return s.lastDeal(tx, skus, at)
}

// Window is a span of time, half-open.
type Window struct{ From, Until time.Time }

// LowestDeal is the lowest deal price of a SKU and its twins in a window, with the order that proves it.
func (s *Service) LowestDeal(tx *db.Tx, shop, sku string, w Window) (Prior, error) {
	skus, err := s.Twins(tx, shop, sku)
	if err != nil {
		return Prior{}, err
	}
	return s.lowestDeal(tx, skus, w)
}

// LowestAlone is LowestDeal without what was bought in a group, and unless newToo without what only new shoppers had.
// The law on struck prices knows no such differences; what a sale's price is capped by does (RULES 1.2, 3.1).
func (s *Service) LowestAlone(tx *db.Tx, shop, sku string, w Window, newToo bool) (Prior, error) {
	skus, err := s.Twins(tx, shop, sku)
	if err != nil {
		return Prior{}, err
	}
	if s.Deals == nil {
		return Prior{}, nil
	}
	return lowestOf(skus, w, func(sku string, from, until time.Time) (Deal, bool, error) {
		return s.Deals.LowestAlone(tx, sku, from, until, newToo)
	})
}

// LowestOffered is the lowest price at which a SKU or a twin of it was offered in a window.
func (s *Service) LowestOffered(tx *db.Tx, shop, sku string, w Window) (Prior, error) {
	skus, err := s.Twins(tx, shop, sku)
	if err != nil {
		return Prior{}, err
	}
	return s.lowestOffered(tx, shop, skus, w)
}

func (s *Service) lowestDeal(tx *db.Tx, skus []string, w Window) (Prior, error) {
	if s.Deals == nil {
		return Prior{}, nil
	}
	return lowestOf(skus, w, func(sku string, from, until time.Time) (Deal, bool, error) {
		return s.Deals.Lowest(tx, sku, from, until)
	})
}

// lowestOf is the lowest of some SKUs' deals.
func lowestOf(skus []string, w Window, lowest func(sku string, from, until time.Time) (Deal, bool, error)) (p Prior,
	err error) {
	for _, sku := range skus {
		d, found, err := lowest(sku, w.From, w.Until)
		if err != nil {
			return Prior{}, err
		}
		if found && (!p.Found() || d.Amount < p.Amount) {
			p = Prior{Price{d.Amount, d.Order, d.At}, LowestDeal}
		}
	}
	return p, nil
}

func (s *Service) lastDeal(tx *db.Tx, skus []string, before time.Time) (p Prior, err error) {
	if s.Deals == nil {
		return Prior{}, nil
	}
	for _, sku := range skus {
		d, found, err := s.Deals.Last(tx, sku, before)
		if err != nil {
			return Prior{}, err
		}
		if found && (!p.Found() || d.At.After(p.At)) {
			p = Prior{Price{d.Amount, d.Order, d.At}, LastDeal}
		}
	}
	return p, nil
}

func (s *Service) lowestOffered(tx *db.Tx, shop string, skus []string, w Window) (p Prior, err error) {
	for _, sku := range skus {
		for _, o := range s.offered {
			price, found, err := o.LowestOffered(tx, shop, sku, w.From, w.Until)
			if err != nil {
				return Prior{}, err
			}
			if found && (!p.Found() || price.Amount < p.Amount) {
				p = Prior{price, LowestOffered}
			}
		}
	}
	return p, nil
}

// LabelOf is what may be shown beside a price that holds from an instant on.
func (s *Service) LabelOf(ctx context.Context, shop, sku string, sale int64, from time.Time) (l Label, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := s.Prior(tx, shop, sku, from)
		l = LabelOf(sale, p)
		return err
	})
	return l, err
}

// Record is a claim as it was held against history.
type Record struct {
	ID string // "pcl_..."
	Claim
	Regime Regime
	Prior  Prior
	Code   string // why it was refused, "" when it is published
	At     time.Time
}

// Publish holds a claim against history. What history does not bear is refused; the refusal is kept for the operator.
// It is not safe to repeat: each try is a record. Codes: reference.claim and those of Bears.
func (s *Service) Publish(ctx context.Context, c Claim) (r Record, err error) {
	now := clock.Now(ctx, s.Clock)
	var prior Prior
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { prior, err = s.Prior(tx, c.Shop, c.SKU, c.From); return err })
	if err != nil {
		return Record{}, err
	}
	var refusal error
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		r, refusal, err = s.PublishIn(tx, now, c, prior)
		return err
	})
	if err != nil {
		return Record{}, err
	}
	return r, refusal
}

// PublishIn is Publish in the caller's transaction, with the reference price that was read before it: orders are many,
// and whoever writes should not wait for them. The refusal is kept when the transaction is; err says that the claim
// could not be held against anything.
func (s *Service) PublishIn(tx *db.Tx, now time.Time, c Claim, prior Prior) (r Record, refusal, err error) {
	if c.Sale <= 0 || c.Strike < 0 || c.OffPPM < 0 || c.OffPPM > money.Whole || !c.From.Before(c.Until) || c.Shop == "" {
		return Record{}, nil, fault.New(fault.Invalid, "reference.claim").At("strike")
	}
	r = Record{ID: s.IDs.New("pcl"), Claim: c, Regime: s.Regime, Prior: prior, At: now}
	if refusal = prior.Bears(c); refusal != nil {
		r.Code = fault.As(refusal).Code
	}
	return r, refusal, insert(tx, r)
}

// PageMax bounds one page of records.
const PageMax = 100

// Refused are the claims that were refused, newest first, before an id ("" for the newest): the operator's report.
func (s *Service) Refused(ctx context.Context, before string, limit int) (all []Record, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = refused(tx, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}

// ByShop are a shop's claims, newest first, before an id ("" for the newest).
func (s *Service) ByShop(ctx context.Context, shop, before string, limit int) (all []Record, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = byShop(tx, shop, before, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}
