package node

import (
	"hutong/base/db"
	"hutong/deal/voucher"
	"hutong/reach/segment"
)

// buildSegments makes the sets of shoppers, over what they bought.
func (m *Market) buildSegments() {
	m.Segments = segment.New(segment.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Catalog: m.Catalog,
		Currency: m.Config.Checkout.Currency})
}

// segments answers for vouchers that are for a set of shoppers; the rooms above vouchers are built after them.
type segments struct{ m *Market }

// Members are those of the shoppers who are in the set.
func (s segments) Members(tx *db.Tx, of voucher.Audience, shoppers []string) (map[string]bool, error) {
	return s.m.Segments.Members(tx, of, shoppers)
}
