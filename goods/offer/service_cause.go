package offer

import (
	"context"
	"strconv"
	"time"

	"hutong/base/db"
	"hutong/party/audit"
)

// priced is what the audit log calls a change of prices and floors.
const priced = "offer.priced"

// why is what prices come from: an import, or an entry of the audit log.
type why struct {
	run  string
	from audit.Entry
}

// By is the Service as whoever calls in ctx uses it: the record names them beside what they set. Without it the node
// itself does, as for a market that is seeded.
func (s *Service) By(ctx context.Context) *Service {
	by := *s
	by.why = why{from: audit.From(ctx)}
	return &by
}

// Of is the Service as an import uses it: its run is the record.
func (s *Service) Of(run string) *Service {
	of := *s
	of.why = why{run: run}
	return &of
}

// set is an offer whose price or floor is another one now.
type set struct{ was, now Offer }

// changed leaves those of which a price or a floor differs.
func changed(all []set) []set {
	kept := all[:0]
	for _, o := range all {
		if o.was.Version != o.now.Version || o.was.FloorPrice != o.now.FloorPrice {
			kept = append(kept, o)
		}
	}
	return kept
}

// cause names what the prices and floors of these offers come from: one entry for all that were set at once, whose
// rows name it.
func (s *Service) cause(tx *db.Tx, at time.Time, all []set) (string, error) {
	all = changed(all)
	if s.why.run != "" || len(all) == 0 {
		return s.why.run, nil
	}
	e := s.why.from
	e.ID, e.At, e.What = s.ids.New("aud"), at, priced
	e.Shop, e.On = all[0].now.Shop, all[0].now.Shop
	if len(all) == 1 {
		one := all[0]
		e.On, e.Before, e.After = string(one.now.ID), facts(one.was), facts(one.now)
	} else {
		e.After = audit.Facts{"offers": strconv.Itoa(len(all))}
	}
	for _, o := range all {
		if o.now.Shop != e.Shop { // a market that is seeded
			e.Shop, e.On = "", ""
		}
	}
	return e.ID, audit.Note(context.Background(), tx, s.ids, e)
}

// facts are what an entry tells of an offer.
func facts(o Offer) audit.Facts {
	if o.Version == 0 {
		return nil
	}
	f := audit.Facts{"currency": string(o.Currency), "price": strconv.FormatInt(o.UnitPrice, 10),
		"version": strconv.FormatInt(o.Version, 10)}
	if o.ListPrice > 0 {
		f["list_price"] = strconv.FormatInt(o.ListPrice, 10)
	}
	if o.FloorPrice > 0 {
		f["floor_price"] = strconv.FormatInt(o.FloorPrice, 10)
	}
	return f
}
