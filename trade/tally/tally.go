// Package tally counts what happens in the market hour by hour, per shop and for all of it: what was placed and paid,
// and how often goods were looked at. Desks draw their charts from it.
//
// It counts beside the hot path, from the events that orders tell, each once however often it is told. Its figures are
// statistics: no promise rests on them, and money is counted in the ledger. Read this file first, then service.go.
package tally

import (
	_ "embed"
	"time"

	"hutong/base/db"
)

// Market is the name under which the whole market is counted, beside its shops.
const Market = ""

// Hour is what happened to one shop, or to Market, in one hour. A part of an order counts for its shop; the order that
// it belongs to counts once for Market.
type Hour struct {
	From         time.Time // a whole hour; the next one begins where it ends
	Placed       int64     // orders
	PlacedAmount int64     // minor units of the market's currency
	Paid         int64     // of any hour's orders, those that were paid in this one
	PaidAmount   int64
	Lapsed       int64 // orders that ended unpaid
	Views        int64 // product pages shown; about ten seconds of them are lost when a node dies
}

// add counts another one's figures too.
func (h *Hour) add(o Hour) {
	h.Placed += o.Placed
	h.PlacedAmount += o.PlacedAmount
	h.Paid += o.Paid
	h.PaidAmount += o.PaidAmount
	h.Lapsed += o.Lapsed
	h.Views += o.Views
}

// Sum adds hours up; From is the first one's.
func Sum(hours []Hour) (all Hour) {
	for i, h := range hours {
		if i == 0 {
			all.From = h.From
		}
		all.add(h)
	}
	return all
}

// Converts tells whether views say anything of orders: where none was shown, or more was paid for than shown, as by
// programs and from lists, there is no such share.
func (h Hour) Converts() bool { return h.Views > 0 && h.Paid <= h.Views }

// Conversion is how many of a thousand product pages shown led to a paid order, half up; 0 where Converts is false.
func (h Hour) Conversion() int64 {
	if !h.Converts() {
		return 0
	}
	return (h.Paid*2000 + h.Views) / (2 * h.Views)
}

// place is where something is counted.
type place struct {
	shop string
	hour time.Time
}

// sheet is what is to be counted, place by place.
type sheet map[place]Hour

func (s sheet) count(shop string, at time.Time, h Hour) {
	p := place{shop, at.UTC().Truncate(time.Hour)}
	sum := s[p]
	sum.add(h)
	s[p] = sum
}

// join counts another sheet too.
func (s sheet) join(o sheet) {
	for p, h := range o {
		sum := s[p]
		sum.add(h)
		s[p] = sum
	}
}

// dense gives every hour of [from, until), also those in which nothing happened.
func dense(from, until time.Time, known map[time.Time]Hour) []Hour {
	var all []Hour
	for at := from.UTC().Truncate(time.Hour); at.Before(until); at = at.Add(time.Hour) {
		h := known[at]
		h.From = at
		all = append(all, h)
	}
	return all
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "tally", Steps: []string{schemaSQL}}
