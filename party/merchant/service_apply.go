package merchant

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
)

// Apply makes a shop that waits for the operator's word: Reopen opens it. Codes: those of OpenShop.
func (s *Service) Apply(ctx context.Context, cmd OpenShop) (Shop, error) {
	return s.make(ctx, cmd, Applied)
}

// Withdraw takes an application back that nobody has decided on, so that its code is free again. It is safe to repeat.
// Codes: merchant.not_applied.
func (s *Service) Withdraw(ctx context.Context, id ID) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		shop, err := held(tx, id)
		if err != nil && fault.Of(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if shop.State != Applied {
			return fault.New(fault.Conflict, "merchant.not_applied")
		}
		return withdraw(tx, id)
	})
}

// EditShop asks for other texts, another picture or another place of a shop. A text given in one language serves for
// both.
type EditShop struct {
	ID       ID
	Name     text.Entry
	Intro    text.Entry
	Logo     string
	Division string
}

// Edit changes what a shop says of itself, and records it. It is safe to repeat. Codes: merchant.not_found,
// merchant.name, merchant.intro, merchant.logo, merchant.division.
func (s *Service) Edit(ctx context.Context, cmd EditShop) (shop Shop, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		was, err := Load(tx, cmd.ID)
		if err != nil {
			return err
		}
		asked := OpenShop{Code: was.Code, Name: cmd.Name, Intro: cmd.Intro, Logo: cmd.Logo, Division: cmd.Division}
		if err := asked.check(); err != nil {
			return err
		}
		shop = was
		shop.Name, shop.Intro, shop.Logo, shop.Division = asked.Name, asked.Intro, asked.Logo, asked.Division
		if shop == was {
			return nil
		}
		if err := edit(tx, shop); err != nil {
			return err
		}
		before, after := audit.Changed(factsOf(was), factsOf(shop))
		return audit.Note(ctx, tx, s.ids, audit.Entry{At: clock.Now(ctx, s.clock), Shop: string(shop.ID),
			What: "shop.edited", On: string(shop.ID), Before: before, After: after})
	})
	return shop, err
}

// factsOf are what the record keeps of a shop. An introduction is too long for it: its length tells that it changed.
func factsOf(s Shop) audit.Facts {
	return audit.Facts{"title_zh": s.Name.Zh, "title_en": s.Name.En, "logo": s.Logo, "division": s.Division,
		"intro_zh": cut(s.Intro.Zh), "intro_en": cut(s.Intro.En)}
}

// cut keeps the beginning of a text: enough to tell what it was.
func cut(s string) string {
	const kept = 40
	if r := []rune(s); len(r) > kept {
		return string(r[:kept]) + "…"
	}
	return s
}

// SavePapers keeps what a shop hands in for review, in the place of what it handed in before. Once it is open its
// papers stand. Codes: merchant.papers_holder, merchant.licence, merchant.not_found, merchant.not_applied.
func (s *Service) SavePapers(ctx context.Context, p Papers) (Papers, error) {
	p, err := p.checked()
	if err != nil {
		return p, err
	}
	p.Given = clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		shop, err := held(tx, p.Shop)
		if err != nil {
			return err
		}
		if shop.State != Applied {
			return fault.New(fault.Conflict, "merchant.not_applied")
		}
		return savePapers(tx, p)
	})
	return p, err
}

// Papers are what a shop handed in; found is false while it has not.
func (s *Service) Papers(ctx context.Context, shop ID) (p Papers, found bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p, found, err = papersOf(tx, shop)
		return err
	})
	return p, found, err
}
