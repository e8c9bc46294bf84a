package voucher

import (
	"hutong/base/event"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/redpacket"
	kind "hutong/deal/promo/voucher"
)

// Changed is told when a template was published or turned: what prices are made of may be other now. Subject is the
// template.
const Changed event.Topic = "voucher.changed"

// Promotion is what the price engine knows of a template: a promotion that holds only where a basket claims it. Whether
// a claim is good, its voucher says; a window stands here only where no voucher can outlast it.
func (t *Template) Promotion() promo.Promotion {
	p := t.Terms.promotion(t.Shop)
	p.ID, p.Version = string(t.ID), t.Version
	return p
}

func (t *Terms) promotion(shop string) promo.Promotion {
	p := promo.Promotion{ID: "new", Kind: string(t.Kind), Title: t.Title, Claim: true, Funding: t.Funding,
		Scope:      promo.Scope{Shop: shop, Category: t.Category, SKUs: t.SKUs},
		From:       t.From(),
		StacksWith: t.StacksWith, Excludes: t.Excludes, Budget: t.budget()}
	if t.OnReturn != RenewTime {
		p.Until = t.Until()
	}
	if t.Kind == KindRedPacket {
		p.Terms = &redpacket.Terms{Open: true, Off: t.Total - t.Issue + 1}
		return p
	}
	p.Terms = &kind.Terms{Threshold: t.Threshold, Off: t.Off, Rate: t.PPM, MaxOff: t.Max}
	return p
}

// InBasket is the voucher as a basket claims it.
func (v *Voucher) InBasket() promo.Claimed {
	return promo.Claimed{Promotion: string(v.Template), Claim: string(v.ID), Amount: v.Amount, Until: v.Until}
}

// Label is what a voucher takes off, in words: "¥40 off ¥300". format writes an amount.
func (t *Terms) Label(lang text.Lang, format func(minor int64) string, amount int64) string {
	switch {
	case t.Kind == KindRedPacket && amount > 0:
		return Texts.Text(lang, "voucher.label_packet", "amount", format(amount))
	case t.Kind == KindRedPacket:
		return Texts.Text(lang, "voucher.label_packets", "total", format(t.Total), "count", t.Issue)
	case t.PPM > 0:
		return t.rateLabel(lang, format)
	case t.Threshold > 0:
		return Texts.Text(lang, "voucher.label_off", "least", format(t.Threshold), "off", format(t.Off))
	}
	return Texts.Text(lang, "voucher.label_plain", "off", format(t.Off))
}

func (t *Terms) rateLabel(lang text.Lang, format func(minor int64) string) string {
	label := Texts.Text(lang, "voucher.label_rate", "least", format(t.Threshold), "percent", t.Percent())
	if t.Threshold == 0 {
		label = Texts.Text(lang, "voucher.label_plain", "off", t.Percent()+"%")
	}
	if t.Max > 0 {
		label += Texts.Text(lang, "voucher.label_most", "max", format(t.Max))
	}
	return label
}
