package page

import (
	"strconv"
	"strings"

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
			} else if name == "source" {
				value = t.Evidence(value)
			}
			pairs = append(pairs, name, value)
		}
		words[i] = t.T(r.Code, pairs...)
	}
	return words
}

// Evidence says where an earlier price stands written: in an order, in what the shop asked, in a cut of prices, or in a
// sale.
func (t Tongue) Evidence(source string) string {
	switch {
	case source == "":
		return ""
	case strings.HasPrefix(source, orderPrefix):
		return t.T("page.evidence_order", "order", source)
	case strings.Contains(source, "@"):
		return t.T("page.evidence_offer")
	case strings.HasPrefix(source, "prm_"):
		return t.T("page.evidence_cut")
	}
	return t.T("page.evidence_sale")
}

// EvidenceOrder is the order that an earlier price stands written in, "" where it is none.
func EvidenceOrder(source string) string {
	if strings.HasPrefix(source, orderPrefix) {
		return source
	}
	return ""
}

// orderPrefix begins the ids of orders.
const orderPrefix = "ord_"

// Score writes a shop's score, which is counted in hundredths.
func Score(hundredths int64) string {
	return strconv.FormatInt(hundredths/100, 10) + "." + strconv.FormatInt(100+hundredths%100, 10)[1:]
}
