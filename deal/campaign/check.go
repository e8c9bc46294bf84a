package campaign

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/reference"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// ShopStanding is a shop as far as it decides whether the shop may enrol.
type ShopStanding struct {
	Score     int64  // hundredths of a star
	Deposit   int64  // security deposit that is free, in minor units
	Required  int64  // what the operator asks of the shop, whatever the sale asks
	Violation bool   // a severe one is open
	Source    string // where the score comes from
}

// Facts are what an enrolment is judged by, read in one transaction.
type Facts struct {
	Shop     ShopStanding
	Category string          // of the product
	Ordinary int64           // the offer's price outside the sale
	Floor    int64           // what its shop never sells a piece for less than, 0: none
	Currency money.Currency  // in which it is
	Listed   bool            // whether the offer is for sale
	Sellable int64           // pieces free in its ordinary pool
	Lowest   reference.Prior // of the rule's days
	Dealt    bool            // whether it was sold within the rule's days
	ThatDay  int64           // other enrolments of the shop that begin on that day
	Taken    bool            // another enrolment of the SKU sells at the same time
	Claim    error           // what the history of prices says against the struck price
	At       time.Time       // when it is judged
	Selling  Window          // from the first to the last instant of any payment for it
	Open     bool            // of a rule of flash prices: the product has another task of such a rule that is not over
}

// earnestMaxPPM is how much of the price earnest money may be, by law: a fifth.
const earnestMaxPPM money.PPM = 200_000

// Judge tells everything that keeps an offer from taking part, nothing when it may.
func (r Rule) Judge(t Terms, f Facts) (why []Reason) {
	say := func(wrong bool, code string, pairs ...any) {
		if wrong {
			why = append(why, reason(code, pairs...))
		}
	}
	say(!f.Listed, "enrolment.offer")
	say(f.Shop.Score < r.ScoreMin, "enrolment.score", "min", r.ScoreMin, "has", f.Shop.Score)
	least := max(r.DepositMin, f.Shop.Required)
	say(f.Shop.Deposit < least, "enrolment.deposit", "min", least, "has", f.Shop.Deposit)
	say(f.Shop.Violation, "enrolment.violation")
	say(!within(f.Category, r.Categories), "enrolment.category")
	say(f.Taken, "enrolment.taken")
	say(t.Quantity < r.QuantityMin, "enrolment.quantity", "min", r.QuantityMin)
	say(t.Quantity > f.Sellable, "enrolment.stock", "free", f.Sellable)
	say(r.LimitMax > 0 && (t.PerShopper == 0 || t.PerShopper > r.LimitMax), "enrolment.limit", "max", r.LimitMax)
	say(r.PerShopDay > 0 && f.ThatDay >= r.PerShopDay, "enrolment.shop_day", "max", r.PerShopDay)
	say(r.DealWithin > 0 && !f.Dealt, "enrolment.no_deal", "days", r.DealWithin)
	say(t.Price > f.Ordinary, "enrolment.not_below", "price", f.Ordinary)
	say(t.Least() < f.Floor, "enrolment.below_floor")
	if limit, ok := r.CapOf(f.Lowest.Amount); ok {
		say(t.Price > limit, "enrolment.price_above_cap", "cap", limit, "lowest", f.Lowest.Amount, "source", f.Lowest.Source)
	}
	if limit, ok := r.capFor(f.Category); ok {
		say(t.Price > limit, "enrolment.category_cap", "cap", limit)
	}
	if r.FlashRange {
		why = append(why, flashRule(t, f)...)
	}
	if f.Claim != nil {
		why = append(why, reasonOf(f.Claim))
	}
	return why
}

// CapOf is the highest price allowed where the lowest of the rule's days is known: the factor of it, rounded down. The
// rule may ask for no cap, and a SKU without a past has none.
func (r Rule) CapOf(lowest int64) (limit int64, ok bool) {
	if r.Days == 0 || lowest <= 0 {
		return 0, false
	}
	limit, err := money.Rate(lowest, r.FactorPPM, money.RoundDown)
	return limit, err == nil
}

// within tells whether a category, or one above it, is on the list; its id is its way from the root ("aa-1-2").
func within(category string, list []string) bool {
	for _, c := range list {
		if category == c || strings.HasPrefix(category, c+"-") {
			return true
		}
	}
	return len(list) == 0
}

func reason(code string, pairs ...any) Reason {
	r := Reason{Code: code}
	for i := 0; i+1 < len(pairs); i += 2 {
		if r.Params == nil {
			r.Params = map[string]string{}
		}
		value, isText := pairs[i+1].(string)
		if n, is := pairs[i+1].(int64); is && !isText {
			value = strconv.FormatInt(n, 10)
		}
		r.Params[pairs[i].(string)] = value
	}
	return r
}

// amounts are the parameters of reasons that are money; all others count things.
var amounts = map[string][]string{"enrolment.deposit": {"min", "has"}, "enrolment.not_below": {"price"},
	"enrolment.price_above_cap": {"cap", "lowest"}, "enrolment.category_cap": {"cap"},
	"enrolment.flash_range":      {"low", "high"},
	"enrolment.flash_infeasible": {"price"}, "reference.no_reduction": {"prior"}, "reference.strike": {"prior"},
	"reference.percent": {"prior"}}

// Amount is a parameter that is an amount of money, in minor units; ok is false for all others.
func (r Reason) Amount(param string) (minor int64, ok bool) {
	if !slices.Contains(amounts[r.Code], param) {
		return 0, false
	}
	minor, err := strconv.ParseInt(r.Params[param], 10, 64)
	return minor, err == nil
}

// reasonOf turns a refusal of another room into a reason.
func reasonOf(err error) Reason {
	f := fault.As(err)
	var pairs []any
	for _, p := range f.Params {
		pairs = append(pairs, p.Name, p.Value)
	}
	return reason(f.Code, pairs...)
}

func shipWrong() error {
	return fault.New(fault.Invalid, "enrolment.ship_by", fault.P("max", ShipDaysMax)).At("ship_by")
}

// ships settles when an item of a presale is sent, beside the window of its balance: no balance is due after that.
func (t Terms) ships(balance Window) (Terms, error) {
	if t.Presale && t.ShipBy.IsZero() && t.ShipDays == 0 {
		t.ShipDays = ShipDaysOrdinary
	}
	last := balance.Until.AddDate(0, 0, ShipDaysMax)
	if !t.ShipBy.IsZero() && (t.ShipBy.Before(balance.Until) || t.ShipBy.After(last)) {
		return t, shipWrong()
	}
	return t, nil
}

// Check refuses terms that no campaign could take. Codes: enrolment.price, enrolment.pieces, enrolment.presale,
// enrolment.part, enrolment.appointments, enrolment.ship_by.
func (t Terms) Check() error {
	switch {
	case t.Price <= 0 || t.Price > offer.PriceMax || t.Strike < 0 || t.Strike > offer.PriceMax:
		return fault.New(fault.Invalid, "enrolment.price").At("price")
	case t.Quantity <= 0 || t.Quantity > stock.QuantityMax:
		return fault.New(fault.Invalid, "enrolment.pieces").At("quantity")
	case t.PerShopper < 0 || t.PerShopper > stock.QuantityMax:
		return fault.New(fault.Invalid, "enrolment.pieces").At("per_shopper")
	case !t.Presale && !t.Spot:
		return fault.New(fault.Invalid, "enrolment.part").At("spot")
	case t.Appointments < 0 || t.Appointments > stock.QuantityMax || t.Lottery && t.Appointments == 0:
		return fault.New(fault.Invalid, "enrolment.appointments").At("appointments")
	}
	if t.ShipDays < 0 || t.ShipDays > ShipDaysMax || t.ShipDays > 0 && !t.ShipBy.IsZero() ||
		!t.Presale && (t.ShipDays > 0 || !t.ShipBy.IsZero()) {
		return shipWrong()
	}
	most, err := money.Rate(t.Price, earnestMaxPPM, money.RoundDown)
	if err != nil {
		return fault.New(fault.Invalid, "enrolment.price").At("price").Because(err)
	}
	if t.Presale && (t.Earnest <= 0 || t.Earnest > most || t.Worth < t.Earnest || t.Worth > t.Price) ||
		!t.Presale && (t.Earnest != 0 || t.Worth != 0) {
		return fault.New(fault.Invalid, "enrolment.presale", fault.P("percent", earnestMaxPPM/10_000)).At("earnest")
	}
	return nil
}
