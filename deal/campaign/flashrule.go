package campaign

import (
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/offer"
)

// The bounds of WeChat Shop's flash sales: a tenth to 8.5 tenths of the price, and at least 10 yuan below it; a day at
// most, that begins and ends within a year.
const (
	flashLowPPM  money.PPM = 100_000
	flashHighPPM money.PPM = 850_000
	flashOff               = 10 // yuan, or whatever the currency is counted in
	flashHours             = 24
	flashDays              = 365
)

// FlashPriceRange is which prices WeChat Shop's machine lets into a flash sale for goods of an ordinary price, in minor
// units, and whether there is any: the ordinary price is above 10 yuan, the flash price between 10 % and 85 % of it and
// at least 10 yuan lower. Elsewhere it is ten of the currency's own.
func FlashPriceRange(ordinary int64, c money.Currency) (low, high int64, ok bool) {
	off := flashOff * c.Whole()
	if ordinary <= off || ordinary > offer.PriceMax {
		return 0, 0, false
	}
	low = (ordinary*int64(flashLowPPM) + int64(money.Whole) - 1) / int64(money.Whole)
	high = min(ordinary*int64(flashHighPPM)/int64(money.Whole), ordinary-off)
	return low, high, low <= high
}

// flashRule tells what of WeChat Shop's rule keeps an offer out: its price, how long it is sold and when, and that its
// product has one open task at a time, also one that has not begun. That no more is pledged than lies free is asked of
// every enrolment.
func flashRule(t Terms, f Facts) (why []Reason) {
	say := func(wrong bool, code string, pairs ...any) {
		if wrong {
			why = append(why, reason(code, pairs...))
		}
	}
	low, high, ok := FlashPriceRange(f.Ordinary, f.Currency)
	say(!ok, "enrolment.flash_infeasible", "price", f.Ordinary)
	say(ok && (t.Price < low || t.Price > high), "enrolment.flash_range", "low", low, "high", high)
	say(f.Selling.Until.Sub(f.Selling.From) > flashHours*time.Hour, "enrolment.flash_hours", "max", int64(flashHours))
	say(f.Selling.Until.After(f.At.AddDate(0, 0, flashDays)), "enrolment.flash_days", "max", int64(flashDays))
	say(f.Open, "enrolment.flash_open")
	return why
}

// stillFlash refuses a price that falls out of the range of a rule of flash prices after the lock. Codes:
// enrolment.flash_range.
func (s *Service) stillFlash(tx *db.Tx, r Rule, e Enrolment) error {
	if !r.FlashRange {
		return nil
	}
	o, err := ownOffer(tx, e.Shop, e.Offer)
	if err != nil {
		return err
	}
	low, high, ok := FlashPriceRange(o.UnitPrice, o.Currency)
	if !ok || e.Price >= low {
		return nil
	}
	return fault.New(fault.Unprocessable, "enrolment.flash_range", fault.P("low", money.New(low, e.Currency)),
		fault.P("high", money.New(high, e.Currency))).At("price")
}

// openTask tells whether the shop's product has a task under another rule of flash prices, or in another session of the
// same, that is not over. Its SKUs in one session are one task.
func openTask(tx *db.Tx, e Enrolment, at time.Time) (bool, error) {
	others, err := openSales(tx, e, at)
	for _, id := range others {
		c, err := campaignIn(tx, id, forReading)
		if err != nil || c.Rule.FlashRange {
			return err == nil, err
		}
	}
	return false, err
}
