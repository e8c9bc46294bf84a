package page

import (
	"strconv"

	"hutong/base/money"
	"hutong/deal/campaign"
)

// Reasons say in words what keeps an offer from taking part in a sale, amounts in the market's currency and scores in
// stars.
func (t Tongue) Reasons(all []campaign.Reason, c money.Currency) []string {
	words := make([]string, len(all))
	for i, r := range all {
		var pairs []any
		for name, value := range r.Params {
			if minor, is := r.Amount(name); is {
				value = t.Money(money.New(minor, c))
			} else if n, err := strconv.ParseInt(value, 10, 64); err == nil && r.Code == "enrolment.score" {
				value = Score(n)
			}
			pairs = append(pairs, name, value)
		}
		words[i] = t.T(r.Code, pairs...)
	}
	return words
}

// Score writes a shop's score, which is counted in hundredths.
func Score(hundredths int64) string {
	return strconv.FormatInt(hundredths/100, 10) + "." + strconv.FormatInt(100+hundredths%100, 10)[1:]
}
