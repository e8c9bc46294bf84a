package operatorweb

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
)

// planForm writes times of a plan as its form reads them.
const planForm = "2006-01-02 15:04:05"

// planTexts writes a plan as its form reads it (planOf): a draft is changed where it was written.
func (w *web) planTexts(p campaign.Plan) map[string]string {
	all := map[string]string{"title_zh": p.Title.Zh, "title_en": p.Title.En, "channel": string(p.Channel)}
	w.windowTexts(all, "recruit", p.Recruit)
	w.windowTexts(all, "lock", p.Lock)
	for name, on := range map[string]bool{"presale": p.Switches.Presale, "cross_shop": p.Switches.CrossShop,
		"direct": p.Switches.Direct, "flash_range": p.Rule.FlashRange, "new_too": p.Rule.NewToo} {
		if on {
			all[name] = "on"
		}
	}
	for name, n := range map[string]int64{"days": p.Rule.Days, "deal_within": p.Rule.DealWithin,
		"quantity_min": p.Rule.QuantityMin, "limit_max": p.Rule.LimitMax, "per_shop_day": p.Rule.PerShopDay} {
		if n > 0 {
			all[name] = strconv.FormatInt(n, 10)
		}
	}
	for name, rate := range map[string]money.PPM{"factor": p.Rule.FactorPPM, "penalty": p.Rule.PenaltyPPM} {
		if rate > 0 {
			all[name] = rate.Percent()
		}
	}
	if p.Rule.ScoreMin > 0 {
		all["score_min"] = money.New(p.Rule.ScoreMin, "CNY").Decimal() // stars have hundredths, as yuan do
	}
	if p.Rule.DepositMin > 0 {
		all["deposit_min"] = money.New(p.Rule.DepositMin, w.Currency).Decimal()
	}
	if t := p.Timetable; t != nil {
		w.windowTexts(all, "days", t.Days)
		starts := make([]string, len(t.Starts))
		for i, at := range t.Starts {
			starts[i] = strconv.FormatInt(at/60, 10) + ":" + strconv.FormatInt(100+at%60, 10)[1:]
		}
		all["starts"], all["minutes"] = strings.Join(starts, " "), strconv.FormatInt(t.Minutes, 10)
	}
	for _, c := range p.Rule.Caps {
		all["caps"] += strings.TrimSpace(c.Category+" "+money.New(c.Price, w.Currency).Decimal()) + "\n"
	}
	all["waves"], all["categories"] = w.waveTexts(p.Waves), strings.Join(p.Rule.Categories, "\n")
	return all
}

func (w *web) windowTexts(all map[string]string, name string, s campaign.Window) {
	if !s.Empty() {
		all[name+"_from"], all[name+"_until"] = w.startText(s.From), w.endText(s.Until)
	}
}

func (w *web) startText(at time.Time) string { return at.In(w.Zone).Format(planForm) }

// endText is the last second that counts, as announcements write it; what is no whole second, or no whole minute, is
// read back as it is.
func (w *web) endText(at time.Time) string {
	if last := at.Add(-time.Second); at.Equal(at.Truncate(time.Second)) && last.Second() == 59 {
		at = last
	}
	return at.In(w.Zone).Format(planForm)
}

func (w *web) waveTexts(waves []campaign.Wave) string {
	var b strings.Builder
	for _, wave := range waves {
		b.WriteString("# " + wave.Title.Zh + " | " + wave.Title.En)
		if wave.Pieces > 0 || wave.PerShopper > 0 {
			b.WriteString(" | " + strconv.FormatInt(wave.Pieces, 10) + "/" + strconv.FormatInt(wave.PerShopper, 10))
		}
		b.WriteByte('\n')
		for _, p := range wave.Phases {
			b.WriteString(string(p.Stage) + " " + w.startText(p.Window.From) + " ~ " + w.endText(p.Window.Until) + "\n")
		}
	}
	return b.String()
}

// saveDraft keeps a new draft, or changes the one that the form names. What the form does not ask for stays.
func (w *web) saveDraft(r *http.Request, p campaign.Plan) (c campaign.Campaign, err error) {
	id, version := campaign.ID(r.PostFormValue("campaign")), int64(0)
	if id != "" {
		if version, err = strconv.ParseInt(r.PostFormValue("version"), 10, 64); err != nil {
			return c, fault.New(fault.Conflict, "campaign.changed").Because(err)
		}
		was, err := w.Campaigns.Campaign(r.Context(), id)
		if err != nil {
			return c, err
		}
		if p.Timetable != nil && was.Timetable != nil {
			p.Timetable.Warmup = was.Timetable.Warmup
		}
	}
	return w.Campaigns.Save(r.Context(), id, version, p)
}
