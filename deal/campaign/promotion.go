package campaign

import (
	"hutong/deal/promo"
	"hutong/deal/promo/presale"
	"hutong/deal/promo/price"
)

// Promotions are the item as the price engine reads it: the sale's price while the window is open, taken from the
// sale's own pool under its limit, and for a presale what the earnest counts for above itself. What is sold by
// appointment must be claimed (flash.Claims). The merchant pays: it is the shop's own price.
func (i *Item) Promotions() []promo.Promotion {
	p := promo.Promotion{ID: i.promotion(), Version: i.Version, Kind: price.Name, Title: i.Title,
		Scope: promo.Scope{Shop: i.Shop, SKUs: []string{i.SKU}}, Terms: price.At(i.Price), From: i.From, Until: i.Until,
		Pool: string(i.Pool), ShipHours: i.ShipHours, PerShopper: i.PerShopper, Claim: i.Appointments > 0}
	if name := i.Together(); name != "" {
		p.Together = promo.Together{Name: name, Pieces: i.Wave.Pieces, PerShopper: i.Wave.PerShopper}
	}
	if i.Stage != Earnest {
		return []promo.Promotion{p}
	}
	p.Claim = true // only who pays the earnest has the presale's price: such a basket names the item
	deal := p
	deal.ID, deal.Kind, deal.Pool, deal.ShipHours, deal.PerShopper = i.Cut(), presale.Name, "", 0, 0
	deal.Together = promo.Together{}
	deal.Terms = &presale.Terms{Earnest: i.Earnest, Worth: i.Worth}
	return []promo.Promotion{p, deal}
}

// PriceID is the id of the promotion that is the item's price in this window.
func (i *Item) PriceID() string { return i.promotion() }

// Cut is the id of the promotion by which a presale's earnest counts for more than it is.
func (i *Item) Cut() string { return string(i.ID) + "/worth" }

// promotion names the item's window: the enrolment itself for the spot sale, with the stage added for the others.
func (i *Item) promotion() string {
	if i.Stage == Spot {
		return string(i.ID)
	}
	return string(i.ID) + "/" + string(i.Stage)
}

// Promotions are all items of the reading as the price engine reads them. A new reading means new rules; one reading
// always gives the same.
func (l *Live) Promotions() (all []promo.Promotion) {
	for n := range l.Items {
		all = append(all, l.Items[n].Promotions()...)
	}
	return all
}
