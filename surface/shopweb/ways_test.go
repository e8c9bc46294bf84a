package shopweb

import (
	"context"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/surface/page/pagetest"
	"hutong/trade/group"
)

// presells sells a piece of an offer ahead of time, from the second day of the market's on.
func (s *stand) presells(c campaign.Campaign, e campaign.Enrol) {
	e.Campaign, e.Slot = c.ID, campaign.Slot{Wave: 1}
	got, err := s.Campaigns.Enrol(context.Background(), e)
	s.Must(err)
	_, err = s.Campaigns.Decide(context.Background(), campaign.Decide{By: "lgn_op", ID: got.ID, Version: got.Version,
		Accept: true})
	s.Must(err)
}

// bigSale has earnest on its second day, the balance on the third, and sells on the fourth.
func (s *stand) bigSale() campaign.Campaign {
	day := func(from, until int) campaign.Window {
		return campaign.Window{From: midnight.AddDate(0, 0, from), Until: midnight.AddDate(0, 0, until)}
	}
	hours := func(from, until time.Duration) campaign.Window {
		return campaign.Window{From: midnight.Add(from * time.Hour), Until: midnight.Add(until * time.Hour)}
	}
	c, err := s.Campaigns.Save(context.Background(), "", 0, campaign.Plan{Title: text.Entry{Zh: "双11", En: "Double Eleven"},
		Channel: campaign.Sale, Switches: campaign.Switches{Presale: true}, Recruit: hours(0, 13), Lock: hours(14, 96),
		Waves: []campaign.Wave{{Title: text.Entry{Zh: "第一波", En: "First wave"}, Phases: []campaign.Phase{
			{Stage: campaign.Earnest, Window: day(1, 2)}, {Stage: campaign.Balance, Window: day(2, 3)},
			{Stage: campaign.Spot, Window: day(3, 4)}}}}})
	s.Must(err)
	c, err = s.Campaigns.Publish(context.Background(), c.ID, c.Version)
	s.Must(err)
	return c
}

// TestAnotherChoiceInAGroupOrAPresaleIsNamed: a page about one choice says that another is sold to groups or ahead of
// time, and leads there.
func TestAnotherChoiceInAGroupOrAPresaleIsNamed(t *testing.T) {
	s := open(t)
	s.presells(s.bigSale(), campaign.Enrol{Shop: s.sport, Offer: s.shirts[1].ID, Terms: campaign.Terms{Price: 8000,
		Quantity: 10, Part: campaign.Part{Presale: true}, Earnest: 1000, Worth: 2000, ShipDays: 3}})
	s.Group(group.SetUp{Shop: s.sport, Goods: string(s.shirts[1].ID), Steps: []group.Step{{Size: 3, Price: 7500}}})
	s.at(15 * time.Hour) // locked
	s.at(30 * time.Hour)
	small, big := "/p/"+string(s.shirt)+"?sku="+s.shirts[0].SKU, "/p/"+string(s.shirt)+"?sku="+s.shirts[1].SKU
	one := s.Get(small).Must(200, "其他款式还可以这样买", "大 · 3 人团 ¥75.00", "大 · 预售 ¥70.00").MustNot("发起拼团")
	for _, way := range []string{"大 · 3 人团 ¥75.00", "大 · 预售 ¥70.00"} {
		one.Follow(way).Must(200, "发起拼团", "付定金").MustNot("其他款式还可以这样买")
	}
	english := pagetest.At(t, s.Base())
	english.Lang = "en"
	english.Get(small).Must(200, "L · together, 3 people: CN¥75.00", "L · presale: CN¥70.00")
	s.Get(big).MustNot("其他款式还可以这样买")
	s.Get("/p/" + string(s.cup)).MustNot("其他款式还可以这样买")

	_, err := s.Groups.Turn(context.Background(), s.sport, s.groupOf(t, s.shirts[1].SKU), group.Withdrawn)
	s.Must(err)
	s.at(30*time.Hour + keepFor)
	s.Get(small).Must(200, "大 · 预售 ¥70.00").MustNot("人团")
}

// groupOf is the offer to groups of a SKU.
func (s *stand) groupOf(t *testing.T, sku string) group.OfferID {
	t.Helper()
	all, err := s.Groups.OfProduct(t.Context(), string(s.shirt))
	s.Must(err)
	for _, b := range all {
		if b.Offer.SKU == sku {
			return b.Offer.ID
		}
	}
	t.Fatal("no offer to groups")
	return ""
}
