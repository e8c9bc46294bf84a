package saleweb

import (
	"strings"

	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/gift"
	"hutong/deal/promo/points"
	"hutong/deal/promo/price"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/spend"
	"hutong/deal/promo/subsidy"
	"hutong/surface/page"
)

// kindForms are the kinds that a desk drafts, and what is asked of each. Presales are made by campaigns, vouchers on
// their own pages.
var kindForms = map[string][]spec{
	price.Name:  {{"amount", "unit_price", true}, {"check", "free_allowed", false}},
	direct.Name: {{"percent", "rate_ppm", false}, {"amount", "off", false}},
	spend.Name:  {{"tiers", "tiers", true}},
	gift.Name: {{"whole", "buy", false}, {"amount", "spend", false}, {"whole", "get", true},
		{"text", "gift", false}, {"whole", "max_times", false}},
	subsidy.Name:   {{"amount", "off", true}},
	crossshop.Name: {{"amount", "every", true}, {"amount", "off", true}, {"whole", "max_times", false}},
	redpacket.Name: {{"amount", "off", true}, {"amount", "threshold", false}},
	points.Name: {{"whole", "points", true}, {"amount", "worth", true},
		{"percent", "cap_ppm", true}, {"check", "restore", false}},
}

// kinds are those of the desk, the most used first.
func (w *web) kinds() []string {
	if w.market {
		return []string{crossshop.Name, subsidy.Name, redpacket.Name, direct.Name, spend.Name, price.Name, gift.Name,
			points.Name}
	}
	return []string{spend.Name, direct.Name, price.Name, gift.Name}
}

// takes says what a promotion takes off.
func (w *web) takes(t page.Tongue, p *promo.Promotion) string {
	m := func(minor int64) string { return w.money(t, minor) }
	switch x := p.Terms.(type) {
	case *price.Terms:
		return t.T("saleweb.takes_price", "amount", m(*x.UnitPrice))
	case *direct.Terms:
		if x.Off > 0 {
			return t.T("saleweb.takes_unit", "amount", m(x.Off))
		}
		return t.T("saleweb.takes_rate", "rate", x.Rate.Percent())
	case *subsidy.Terms:
		return t.T("saleweb.takes_unit", "amount", m(x.Off))
	case *spend.Terms:
		var all []string
		for _, one := range x.Tiers {
			all = append(all, t.T("saleweb.takes_tier", "threshold", m(one.Threshold), "amount", m(one.Off)))
		}
		return strings.Join(all, t.T("saleweb.comma"))
	case *gift.Terms:
		if x.Spend > 0 {
			return t.T("saleweb.takes_gift_spend", "threshold", m(x.Spend), "n", x.Get)
		}
		return t.T("saleweb.takes_gift", "buy", x.Buy, "n", x.Get)
	case *crossshop.Terms:
		return t.T("saleweb.takes_every", "threshold", m(x.Every), "amount", m(x.Off))
	case *redpacket.Terms:
		return t.T("saleweb.takes_packet", "amount", m(x.Off))
	case *points.Terms:
		return t.T("saleweb.takes_points", "n", x.Points, "amount", m(x.Worth), "rate", x.Cap.Percent())
	}
	return ""
}

// payers says who pays which part.
func payers(t page.Tongue, shares []promo.Share) string {
	if shares == nil {
		return t.T("saleweb.merchant")
	}
	var all []string
	for _, s := range shares {
		all = append(all, party(t, s.Party)+" "+s.PPM.Percent()+"%")
	}
	return strings.Join(all, t.T("saleweb.comma"))
}

func party(t page.Tongue, name string) string {
	switch name {
	case promo.Merchant, promo.Platform:
		return t.T("saleweb." + name)
	}
	return name
}

// scope says which goods a promotion is for.
func scope(t page.Tongue, s promo.Scope, shops map[string]string, market bool) string {
	var all []string
	if s.Shop != "" && market {
		name := shops[s.Shop]
		if name == "" {
			name = s.Shop
		}
		all = append(all, name)
	}
	if s.Category != "" {
		all = append(all, t.T("saleweb.in_category", "category", CategoryName(t, s.Category)))
	}
	if len(s.SKUs) > 0 {
		all = append(all, t.T("saleweb.skus_n", "n", len(s.SKUs)))
	}
	if len(all) == 0 {
		return t.T("saleweb.all_goods")
	}
	return strings.Join(all, t.T("saleweb.comma"))
}
