package campaign

import (
	"fmt"
	"slices"
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Item is one window in which an enrolled SKU is sold at the sale's terms. An item that takes part in several stages
// (earnest and spot, spot and encore) is one Item for each.
type Item struct {
	ID           EnrolmentID // the name under which limits are counted, for all its windows
	Version      int64       // of the enrolment: it rises when the terms change
	Campaign     ID
	Channel      Channel
	Title        text.Entry // the campaign's
	Slot         Slot
	Stage        Stage // Spot, Encore, or Earnest for a presale
	Wave         Wave  // with all its windows: a presale's balance is due in Wave.Phase(Balance)
	Shop         string
	Product, SKU string
	Offer        offer.ID
	Currency     money.Currency
	Terms
	Pool      stock.PoolID
	ShipHours int64     // of what is sold from a place: within so many hours of being paid it is sent; else 0
	Warmup    time.Time // from when on shoppers see it
	From      time.Time // it is sold in [From, Until)
	Until     time.Time
}

// Together names what a brand's items share in a session; "" where they share nothing.
func (i *Item) Together() string {
	if i.Channel != Brand || i.Wave.Pieces == 0 && i.Wave.PerShopper == 0 {
		return ""
	}
	return togetherOf(i.Campaign, i.Slot.Wave, i.Shop)
}

// together is a bound of what a brand's items share, 0 where they share nothing.
func (i *Item) together(bound int64) int64 {
	if i.Together() == "" {
		return 0
	}
	return bound
}

func togetherOf(c ID, wave int64, shop string) string { return fmt.Sprintf("%s.%d.%s", c, wave, shop) }

// InForce tells whether the item is sold at that instant.
func (i *Item) InForce(at time.Time) bool { return Window{i.From, i.Until}.Holds(at) }

// Shown tells whether shoppers see the item at that instant.
func (i *Item) Shown(at time.Time) bool { return Window{i.Warmup, i.Until}.Holds(at) }

// Live is one reading of what is sold in campaigns now or soon. It never changes, so any number of goroutines may ask
// it at once; a new reading is a new Live.
type Live struct {
	Seq       int64 // of the news that it was read at
	Read      time.Time
	Items     []Item     // by From, then by id
	Campaigns []Campaign // published ones that are not over, the earliest first
	bySKU     map[string][]int32
	byID      map[EnrolmentID]int32
	appointed []int32 // those that are sold by appointment
}

func newLive(seq int64, at time.Time, items []Item, campaigns []Campaign) *Live {
	slices.SortFunc(items, func(a, b Item) int {
		switch {
		case !a.From.Equal(b.From):
			return a.From.Compare(b.From)
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	l := &Live{Seq: seq, Read: at, Items: items, Campaigns: campaigns, bySKU: make(map[string][]int32, len(items)),
		byID: make(map[EnrolmentID]int32, len(items))}
	for n := range items {
		l.bySKU[items[n].SKU] = append(l.bySKU[items[n].SKU], int32(n))
		if items[n].Appointments > 0 {
			l.appointed = append(l.appointed, int32(n))
		}
		if _, there := l.byID[items[n].ID]; !there {
			l.byID[items[n].ID] = int32(n)
		}
	}
	return l
}

// Of is the item in force for a SKU at an instant: the cheapest, and of equals the earliest. Nil: there is none.
func (l *Live) Of(sku string, at time.Time) (best *Item) {
	for _, n := range l.bySKU[sku] {
		i := &l.Items[n]
		if i.InForce(at) && (best == nil || i.Price < best.Price) {
			best = i
		}
	}
	return best
}

// ForSKU calls yield with each item of a SKU that is in force at an instant or will be.
func (l *Live) ForSKU(sku string, at time.Time, yield func(*Item) bool) {
	for _, n := range l.bySKU[sku] {
		if i := &l.Items[n]; at.Before(i.Until) && !yield(i) {
			return
		}
	}
}

// Active are the items in force at an instant or later: what is over is left out.
func (l *Live) Active(at time.Time) []*Item {
	all := make([]*Item, 0, len(l.Items))
	for n := range l.Items {
		if at.Before(l.Items[n].Until) {
			all = append(all, &l.Items[n])
		}
	}
	return all
}

// ByAppointment are the items in force at an instant that only shoppers with an appointment buy.
func (l *Live) ByAppointment(at time.Time) (all []*Item) {
	for _, n := range l.appointed {
		if i := &l.Items[n]; i.InForce(at) {
			all = append(all, i)
		}
	}
	return all
}

// Item finds an item by its enrolment: the window in force at the instant, or else the next, or the last. Nil: none.
func (l *Live) Item(id EnrolmentID, at time.Time) *Item {
	first, there := l.byID[id]
	if !there {
		return nil
	}
	best := &l.Items[first]
	for _, n := range l.bySKU[best.SKU] {
		if i := &l.Items[n]; i.ID == id && !best.InForce(at) && !at.Before(best.Until) {
			best = i
		}
	}
	return best
}

// Presale finds the window of an enrolment in which its earnest is taken, and refuses one that is not open at that
// instant. Codes: enrolment.not_found, campaign.earnest_not_open, campaign.earnest_closed.
func (l *Live) Presale(id EnrolmentID, at time.Time) (*Item, error) {
	first, there := l.byID[id]
	if !there {
		return nil, notFound()
	}
	for _, n := range l.bySKU[l.Items[first].SKU] {
		if i := &l.Items[n]; i.ID == id && i.Stage == Earnest {
			return i, open(i.InForce(at), Window{i.From, i.Until}, at, "campaign.earnest")
		}
	}
	return nil, notFound()
}

// PresaleOf is the window in which an offer's earnest is taken, now or next, once shoppers see it; nil where there is
// none.
func (l *Live) PresaleOf(sku string, o offer.ID, at time.Time) (found *Item) {
	l.ForSKU(sku, at, func(i *Item) bool {
		if i.Stage == Earnest && i.Shown(at) {
			found = i
		}
		return found == nil
	})
	if found == nil || found.Offer != o {
		return nil
	}
	return found
}

// sells tells whether any of the products has an item.
func (l *Live) sells(products []string) bool {
	changed := make(map[string]bool, len(products)) // an import changes hundreds at once
	for _, p := range products {
		changed[p] = true
	}
	for n := range l.Items {
		if changed[l.Items[n].Product] {
			return true
		}
	}
	return false
}

// itemsOf are an enrolment's windows; hours are those of its place.
func itemsOf(c Campaign, w Wave, e Enrolment, hours int64) (items []Item) {
	shown := w.Whole().From
	for _, p := range w.Phases {
		if p.Stage == Warmup || p.Stage == Balance || !takesPart(c, e.Part, p.Stage) {
			continue
		}
		items = append(items, Item{ID: e.ID, Version: e.Version, Campaign: c.ID, Channel: c.Channel, Title: c.Title,
			Slot: e.Slot, Stage: p.Stage, Wave: w, Shop: e.Shop, Product: e.Product, SKU: e.SKU, Offer: e.Offer,
			Currency: e.Currency, Terms: e.Fair(), Pool: e.Pool, ShipHours: hours, Warmup: shown, From: p.Window.From,
			Until: p.Window.Until})
	}
	return items
}
