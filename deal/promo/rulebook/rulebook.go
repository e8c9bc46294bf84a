// Package rulebook keeps the promotions that hold for everybody: of the market and of its shops, in versions that are
// never changed. A version is drafted, tried out against the rules in force, published, and withdrawn at once when it
// was a mistake. What is claimed first is kept by deal/voucher, what was enrolled by deal/campaign.
//
// It never prices and never takes money: deal/ruleset reads List and compiles it. Who pays has to agree: a shop
// publishes what it pays for itself, the market what it pays for. What could cost more than one person may decide on
// takes a second one (approval.go).
//
// Read this file first, then service.go.
package rulebook

import (
	_ "embed"
	"time"
	"unicode/utf8"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var schema2SQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "rulebook", Steps: []string{schemaSQL, schema2SQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Changed is told when what holds has changed: a version was published or withdrawn. Subject is the promotion.
const Changed event.Topic = "promotion.changed"

// State is a version's position.
type State string

// The states of a version.
const (
	Draft     State = "draft"     // its owner tries it out, publishes it or forgets it
	Published State = "published" // it holds, inside its window
	Replaced  State = "replaced"  // a newer version holds
	Withdrawn State = "withdrawn" // stopped; a new version may be drafted
)

// Entry is one version.
type Entry struct {
	Promotion promo.Promotion
	Shop      string // whose it is, "" for the market's
	State     State
	DraftedBy string
	Drafted   time.Time
	Published time.Time // zero while it is a draft
	Ended     time.Time // zero while it holds
}

// The bounds of an entry.
const (
	TitleMax = 60
	PageMax  = 100
	BodyMax  = 60 << 10 // bytes, below the limit of what is decoded strictly
)

// check refuses what nobody should publish, whoever they are. Codes: promo.title, promo.window_order,
// promo.claimed_kind, those of owns and those of promo.Promotion.Check.
func check(shop string, p *promo.Promotion) error {
	for _, t := range []string{p.Title.Zh, p.Title.En} {
		if n := utf8.RuneCountInString(t); n == 0 || n > TitleMax || !utf8.ValidString(t) {
			return fault.New(fault.Invalid, "promo.title", fault.P("max", TitleMax)).At("title")
		}
	}
	if !p.Until.IsZero() && !p.From.Before(p.Until) {
		return fault.New(fault.Invalid, "promo.window_order").At("until")
	}
	if err := p.Check(); err != nil {
		return err
	}
	if p.Claim {
		return fault.New(fault.Unprocessable, "promo.claimed_kind").At("kind")
	}
	if err := owns(shop, p); err != nil {
		return err
	}
	if terms, ok := p.Terms.(promo.Publisher); ok {
		return terms.Publish(p)
	}
	return nil
}

// owns holds that whoever pays has agreed. A shop promotes its own goods at its own cost. The market says who pays, and
// lets merchants pay a part only of what is for all shops alike, which is in their contract with the market; what one
// shop pays for, by its name or by its goods', is that shop's to publish.
// Codes: promo.scope_own, promo.funder_own, promo.funder_missing, promo.funder_shop.
func owns(shop string, p *promo.Promotion) error {
	if shop == "" {
		switch {
		case p.Funding == nil:
			return fault.New(fault.Unprocessable, "promo.funder_missing").At("funding")
		case (p.Scope.Shop != "" || len(p.Scope.SKUs) > 0) && paysPart(p, promo.Merchant):
			return fault.New(fault.Unprocessable, "promo.funder_shop").At("funding")
		}
		return nil
	}
	if p.Scope.Shop != shop {
		return fault.New(fault.Unprocessable, "promo.scope_own").At("shop")
	}
	for _, s := range p.Funding {
		if s.Party != promo.Merchant {
			return fault.New(fault.Unprocessable, "promo.funder_own").At("funding")
		}
	}
	return nil
}

func paysPart(p *promo.Promotion, party string) bool {
	for _, s := range p.Funding {
		if s.Party == party && s.PPM > 0 {
			return true
		}
	}
	return false
}

// alone refuses what one person may not decide on. A shop spends its own: where neither a budget nor goods bound it,
// what it sells does. Codes: promo.second_person, promo.second_person_open.
func alone(shop string, w promo.Worst, limit money.Money) error {
	switch {
	case !w.Known && shop == "":
		return fault.New(fault.Unprocessable, "promo.second_person_open")
	case w.Known && w.Total > limit.Minor:
		return fault.New(fault.Unprocessable, "promo.second_person",
			fault.P("worst", money.New(w.Total, limit.Currency)), fault.P("max", limit))
	}
	return nil
}
