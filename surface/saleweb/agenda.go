package saleweb

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"hutong/deal/campaign"
	"hutong/deal/promo"
	"hutong/deal/ruleset"
	"hutong/surface/page"
	"hutong/trade/order"
)

// Agenda is what the calendar of a desk shows: the stages of campaigns, their sessions, promotions and vouchers.
type Agenda struct {
	Campaigns *campaign.Service
	Rules     *ruleset.Service // nil: no promotions
	Zone      *time.Location
	Base      string // of the desk
	Shop      string // whose desk, "" for the market's
}

// tones of stages; those that are not named are nothing to look at.
var tones = map[campaign.Stage]string{campaign.Warmup: "wait", campaign.Earnest: "sell", campaign.Balance: "sell",
	campaign.Spot: "sell", campaign.Encore: "sell", campaign.PriceProtect: "off"}

// Dates are what may hold within a span.
func (a Agenda) Dates(ctx context.Context, t page.Tongue, span campaign.Window) ([]page.Date, error) {
	campaigns, err := a.Campaigns.Campaigns(ctx, "", campaign.PageMax)
	if err != nil {
		return nil, err
	}
	var all []page.Date
	for _, c := range campaigns {
		if c.State == campaign.Published {
			all = append(append(all, a.stages(t, c)...), a.sessions(t, c, span)...)
		}
	}
	if a.Rules == nil {
		return all, nil
	}
	return append(all, a.promotions(t)...), nil
}

// stages are the windows of a campaign: enrolment, lock, and the phases of its waves.
func (a Agenda) stages(t page.Tongue, c campaign.Campaign) (all []page.Date) {
	add := func(stage, tone, wave string, window campaign.Window) {
		if window.From.IsZero() || !window.From.Before(window.Until) {
			return
		}
		title := c.Title.Pick(t.Lang)
		if wave != "" {
			title += " · " + wave
		}
		all = append(all, page.Date{Kind: StageWord(t, campaign.Stage(stage)), Title: title, Tone: tone,
			Href: a.Base + "/sales/" + string(c.ID), From: window.From, Until: window.Until})
	}
	add("recruiting", "ask", "", c.Recruit)
	add("locked", "off", "", c.Lock)
	for _, wave := range c.Waves {
		for _, p := range wave.Phases {
			add(string(p.Stage), cmp.Or(tones[p.Stage], "off"), wave.Title.Pick(t.Lang), p.Window)
		}
	}
	return all
}

// sessions are the days of a timetable: days that follow each other with as many sessions each are one date.
func (a Agenda) sessions(t page.Tongue, c campaign.Campaign, span campaign.Window) (all []page.Date) {
	if c.Timetable == nil {
		return nil
	}
	type day struct {
		at          time.Time
		from, until time.Time
		n           int
	}
	var days []day
	for _, s := range c.Timetable.Sessions(span, a.Zone) {
		local := s.From.In(a.Zone)
		at := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, a.Zone)
		if last := len(days) - 1; last >= 0 && days[last].at.Equal(at) {
			days[last].n++
			days[last].until = s.Until
			continue
		}
		days = append(days, day{at, s.From, s.Until, 1})
	}
	for i := 0; i < len(days); {
		first, last := i, i
		for i++; i < len(days) && days[i].n == days[first].n && days[i].at.Equal(days[last].at.AddDate(0, 0, 1)); i++ {
			last = i
		}
		all = append(all, page.Date{Kind: t.T("saleweb.cal_sessions", "n", days[first].n), Title: c.Title.Pick(t.Lang),
			Tone: "sell", Href: a.Base + "/sales/" + string(c.ID), From: days[first].from, Until: days[last].until})
	}
	return all
}

// promotions are those in the rules with a beginning. At the market's desk, shops' own of one kind and the same days
// are one date: there are as many as shops.
func (a Agenda) promotions(t page.Tongue) (all []page.Date) {
	type days struct {
		claim       bool
		from, until string
	}
	shops, sum := map[days]int{}, map[days]int{}
	for p := range a.Rules.Rules().All() {
		of := p.Scope.Shop
		if strings.HasPrefix(p.ID, "enr_") || strings.HasPrefix(p.ID, order.GroupPrice) || p.From.IsZero() ||
			a.Shop != "" && of != "" && of != a.Shop {
			continue // items stand in their stages; what has no beginning has no date
		}
		if a.Shop != "" || of == "" {
			all = append(all, a.promotion(t, p))
			continue
		}
		key := days{p.Claim, p.From.In(a.Zone).Format(time.DateOnly), p.Until.In(a.Zone).Format(time.DateOnly)}
		sum[key]++
		if i, there := shops[key]; there {
			all[i].Title = t.T("saleweb.cal_shops", "n", sum[key])
			continue
		}
		shops[key] = len(all)
		d := a.promotion(t, p)
		d.Title = t.T("saleweb.cal_shops", "n", 1)
		all = append(all, d)
	}
	slices.SortStableFunc(all, func(a, b page.Date) int { return a.From.Compare(b.From) })
	return all
}

func (a Agenda) promotion(t page.Tongue, p *promo.Promotion) page.Date {
	d := page.Date{Kind: t.T("saleweb.cal_promotion"), Tone: "cut", Href: a.Base + "/promotions",
		Title: cmp.Or(p.Title.Pick(t.Lang), t.T("saleweb.cal_promotion")), From: p.From, Until: p.Until}
	if p.Claim {
		d.Kind, d.Tone, d.Href = t.T("saleweb.cal_voucher"), "claim", a.Base+"/vouchers"
	}
	if a.Shop != "" && p.Scope.Shop == "" {
		d.Kind += t.T("saleweb.cal_market")
	}
	return d
}

// StageWord is what a desk calls a stage.
func StageWord(t page.Tongue, s campaign.Stage) string {
	if key := "saleweb.stage_" + string(s); t.Has(key) {
		return t.T(key)
	}
	return string(s)
}
