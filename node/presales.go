package node

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/job"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/trade/checkout"
)

// presales answers checkout for items that are sold for earnest money first.
type presales struct{ campaigns *campaign.Service }

// Item is one whose earnest the shopper may pay now; where it is sold by appointment, with one.
func (p presales) Item(tx *db.Tx, shopper, item string, at time.Time) (checkout.PresaleItem, error) {
	i, err := p.campaigns.Live().Presale(campaign.EnrolmentID(item), at)
	if err != nil {
		return checkout.PresaleItem{}, err
	}
	refused, err := flash.MayBuy(tx, shopper, []*campaign.Item{i})
	if err == nil {
		err = refused[i.ID]
	}
	due := i.Wave.Phase(campaign.Balance)
	return checkout.PresaleItem{ID: string(i.ID), Offer: string(i.Offer), Price: i.PriceID(), Cut: i.Cut(),
		Earnest: i.Earnest, Worth: i.Worth, Opens: due.From, Due: due.Until,
		ShipBy: i.ShipBy, ShipDays: i.ShipDays}, err
}

// plugCheckout puts in who answers checkout for what is not sold to everybody at its price.
func (m *Market) plugCheckout() {
	m.Checkout.PlugGroups(m.Groups)
	m.Checkout.PlugPresales(presales{m.Campaigns})
	m.Orders.PlugBalances(m.Checkout)
}

// remindHours is how many hours before its end a balance that is still owed is spoken of, unless the operator sets
// another number; at 0 only its opening is.
const remindHours = 6

// presaleJobs are what presales do by themselves; what is not paid in time is order.expire's business.
func (m *Market) presaleJobs() []job.Job {
	return []job.Job{{Name: "order.remind", Every: 5 * time.Second, Run: func(ctx context.Context) (int, error) {
		return m.Orders.Remind(ctx, time.Duration(m.Tune.Count("presale.remind_hours"))*time.Hour)
	}}}
}
