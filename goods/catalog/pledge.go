package catalog

import (
	"strconv"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
)

// Pledges knows which goods their shops have bound themselves to sell, such as in a campaign's sale: they stay on sale
// until that is over. It is implemented above this room.
type Pledges interface {
	// Pledged are the SKUs of these products that are pledged at an instant or later, each with its product.
	Pledged(tx *db.Tx, at time.Time, products []string) (map[string]string, error)
}

// Plug puts in who knows of pledges. It is called before anything is sold.
func (s *Service) Plug(all ...Pledges) { s.pledges = append(s.pledges, all...) }

// Pledged are the SKUs of products that cannot be taken off sale, each with its product. Who goes on from it holds the
// products.
func (s *Service) Pledged(tx *db.Tx, at time.Time, products []ID) (map[SKUID]ID, error) {
	all := map[SKUID]ID{}
	if len(products) == 0 {
		return all, nil
	}
	for _, room := range s.pledges {
		some, err := room.Pledged(tx, at, keys(products))
		if err != nil {
			return nil, err
		}
		for k, p := range some {
			all[SKUID(k)] = ID(p)
		}
	}
	return all, nil
}

// Leaving is the refusal of taking goods off sale that are pledged, and of a file that would.
func Leaving(title Words) *fault.Error {
	name := text.Entry{Zh: title.In(text.Zh), En: title.In(text.En)}
	return fault.New(fault.Conflict, "product.pledged", fault.P("product", name))
}

// staying refuses to save products that would take pledged SKUs off sale: one that stood in the product and does not
// any more, or any of one that is put away.
func (s *Service) staying(tx *db.Tx, at time.Time, products []Product, saved []Saved, off []bool) error {
	var asked []ID
	for i := range products {
		if off[i] || len(saved[i].Withdrawn) > 0 {
			asked = append(asked, saved[i].Product)
		}
	}
	pledged, err := s.Pledged(tx, at, asked)
	if err != nil || len(pledged) == 0 {
		return err
	}
	whole := productsOf(pledged)
	for i, p := range products {
		field := "products." + strconv.Itoa(i)
		if off[i] && whole[saved[i].Product] {
			return Leaving(p.Title).At(field + ".state")
		}
		for _, k := range saved[i].Withdrawn {
			if _, is := pledged[k]; is {
				return Leaving(p.Title).At(field + ".skus")
			}
		}
	}
	return nil
}

// Stay refuses to put products away that are pledged. Who then does so holds them. Codes: product.pledged.
func (s *Service) Stay(tx *db.Tx, at time.Time, ids []ID) error {
	pledged, err := s.Pledged(tx, at, ids)
	if err != nil || len(pledged) == 0 {
		return err
	}
	products, err := productsIn(tx, ids)
	if err != nil {
		return err
	}
	whole := productsOf(pledged)
	for _, p := range products {
		if whole[p.ID] && p.State == Listed {
			return Leaving(p.Title).At("products")
		}
	}
	return nil
}

// productsOf are those of which a SKU is pledged.
func productsOf(pledged map[SKUID]ID) map[ID]bool {
	all := make(map[ID]bool, len(pledged))
	for _, p := range pledged {
		all[p] = true
	}
	return all
}
