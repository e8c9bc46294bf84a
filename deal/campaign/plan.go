package campaign

import (
	"slices"
	"strings"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/offer"
)

// Check refuses a plan that cannot be carried out. Codes: campaign.title, campaign.channel, campaign.window,
// campaign.wave, campaign.order, campaign.together, campaign.outright, campaign.timetable, campaign.rule.
func (p Plan) Check() error {
	if err := title(p.Title, "title"); err != nil {
		return err
	}
	if !p.Channel.Valid() {
		return fault.New(fault.Invalid, "campaign.channel").At("channel")
	}
	if p.Recruit.Empty() {
		return window("recruit")
	}
	if err := p.Rule.Check(); err != nil {
		return err
	}
	if p.Channel.Timed() {
		if p.Timetable == nil || len(p.Waves) > 0 {
			return fault.New(fault.Invalid, "campaign.timetable").At("timetable")
		}
		return p.Timetable.Check()
	}
	if p.Lock.Empty() || p.Lock.From.Before(p.Recruit.Until) {
		return window("lock")
	}
	if p.Channel == Juhuasuan && p.Switches.Presale {
		return fault.New(fault.Invalid, "campaign.outright").At("presale")
	}
	return p.checkWaves()
}

func (p Plan) checkWaves() error {
	if p.Timetable != nil || len(p.Waves) == 0 || len(p.Waves) > WavesMax {
		return fault.New(fault.Invalid, "campaign.wave", fault.P("max", WavesMax)).At("waves")
	}
	for _, w := range p.Waves {
		if err := w.check(p.Lock); err != nil {
			return err
		}
		bound := w.Pieces != 0 || w.PerShopper != 0
		if bound && p.Channel != Brand || min(w.Pieces, w.PerShopper) < 0 || max(w.Pieces, w.PerShopper) > PiecesMax {
			return fault.New(fault.Invalid, "campaign.together", fault.P("max", PiecesMax)).At("waves")
		}
	}
	return nil
}

// check holds a wave against the lock: nothing is sold before prices are fixed, nor after they may rise again.
func (w Wave) check(lock Window) error {
	if err := title(w.Title, "waves"); err != nil {
		return err
	}
	if len(w.Phases) == 0 || len(w.Phases) > PhasesMax {
		return fault.New(fault.Invalid, "campaign.wave", fault.P("max", WavesMax)).At("waves")
	}
	seen := map[Stage]Window{}
	for _, p := range w.Phases {
		_, twice := seen[p.Stage]
		if twice || !slices.Contains(phases, p.Stage) || p.Window.Empty() {
			return window(string(p.Stage))
		}
		if p.Stage != Warmup && (p.Window.From.Before(lock.From) || p.Window.Until.After(lock.Until)) {
			return window(string(p.Stage))
		}
		seen[p.Stage] = p.Window
	}
	earnest, hasEarnest := seen[Earnest]
	balance, hasBalance := seen[Balance]
	if hasEarnest != hasBalance || hasEarnest && balance.From.Before(earnest.Until) {
		return fault.New(fault.Invalid, "campaign.order").At("balance")
	}
	spot, hasSpot := seen[Spot]
	if encore, has := seen[Encore]; has && (!hasSpot || encore.From.Before(spot.Until)) {
		return fault.New(fault.Invalid, "campaign.order").At("encore")
	}
	return nil
}

func window(field string) error { return fault.New(fault.Invalid, "campaign.window").At(field) }

func title(t text.Entry, field string) error {
	for _, s := range []string{t.Zh, t.En} {
		n := utf8.RuneCountInString(s)
		if n == 0 || n > TitleMax || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
			return fault.New(fault.Invalid, "campaign.title", fault.P("max", TitleMax)).At(field)
		}
	}
	return nil
}

// Rule is what an offer must meet to take part. A zero field asks for nothing, but the market's needs differ: the
// numbers of days and the factor are the operator's.
type Rule struct {
	ScoreMin    int64     `json:"score_min,omitempty"`    // of the shop, in hundredths of a star
	DepositMin  int64     `json:"deposit_min,omitempty"`  // security deposit paid, in minor units
	Categories  []string  `json:"categories,omitempty"`   // with everything below them; none: all
	Caps        []Cap     `json:"caps,omitempty"`         // the highest price, by category
	Days        int64     `json:"days,omitempty"`         // N: the cap comes from deals of so many days
	FactorPPM   money.PPM `json:"factor_ppm,omitempty"`   // f: of the lowest of them
	NewToo      bool      `json:"new_too,omitempty"`      // prices that only new shoppers had are among them
	DealWithin  int64     `json:"deal_within,omitempty"`  // days in which the SKU must have been sold once
	FlashRange  bool      `json:"flash_range,omitempty"`  // the price lies in FlashPriceRange of the ordinary price
	QuantityMin int64     `json:"quantity_min,omitempty"` // pieces pledged
	LimitMax    int64     `json:"limit_max,omitempty"`    // pieces a shopper may buy, at most
	PerShopDay  int64     `json:"per_shop_day,omitempty"` // enrolments of one shop for one day
	PenaltyPPM  money.PPM `json:"penalty_ppm,omitempty"`  // of the pledged goods' worth, for leaving after the lock
}

// Cap is the highest price of a sale for a category and all below it (RULES 2.1: what makes a daily special cheap).
type Cap struct {
	Category string `json:"category"` // "": all
	Price    int64  `json:"price"`    // in minor units
}

// capFor is the cap that holds for goods of a category: that of the nearest one above it.
func (r Rule) capFor(category string) (price int64, ok bool) {
	nearest := -1
	for _, c := range r.Caps {
		if len(c.Category) > nearest && (c.Category == "" || within(category, []string{c.Category})) {
			price, nearest = c.Price, len(c.Category)
		}
	}
	return price, nearest >= 0
}

// The bounds of a rule.
const (
	DaysMax       = 365 // looked back
	CategoriesMax = 50  // invited, and with caps
)

// checkCaps refuses caps that are no price, and two for one category. Codes: campaign.caps, campaign.categories.
func (r Rule) checkCaps() error {
	if len(r.Caps) > CategoriesMax {
		return fault.New(fault.Invalid, "campaign.categories", fault.P("max", CategoriesMax)).At("caps")
	}
	seen := map[string]bool{}
	for _, c := range r.Caps {
		if c.Price <= 0 || c.Price > offer.PriceMax || seen[c.Category] {
			return fault.New(fault.Invalid, "campaign.caps").At("caps")
		}
		seen[c.Category] = true
	}
	return nil
}

// Check refuses a rule whose numbers make no sense. Codes: campaign.rule, campaign.categories, campaign.caps.
func (r Rule) Check() error {
	bad := func(field string) error { return fault.New(fault.Invalid, "campaign.rule").At(field) }
	switch {
	case r.ScoreMin < 0 || r.ScoreMin > 500:
		return bad("score_min")
	case r.DepositMin < 0:
		return bad("deposit_min")
	case len(r.Categories) > CategoriesMax:
		return fault.New(fault.Invalid, "campaign.categories", fault.P("max", CategoriesMax)).At("categories")
	case r.Days < 0 || r.Days > DaysMax || r.DealWithin < 0 || r.DealWithin > DaysMax:
		return bad("days")
	case r.FactorPPM < 0 || r.FactorPPM > money.Whole || (r.FactorPPM == 0) != (r.Days == 0):
		return bad("factor_ppm")
	case r.QuantityMin < 0 || r.LimitMax < 0 || r.PerShopDay < 0:
		return bad("quantity_min")
	case r.PenaltyPPM < 0 || r.PenaltyPPM > money.Whole:
		return bad("penalty_ppm")
	}
	return r.checkCaps()
}
