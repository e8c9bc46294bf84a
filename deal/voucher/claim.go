package voucher

import (
	"time"

	"hutong/base/fault"
	"hutong/deal/quota"
)

// ask is one claim, however it came.
type ask struct {
	shopper  string
	template TemplateID
	nth      int64 // which of the shopper's; 0: one more
	at       time.Time
	origin   Origin
	by       string
}

// Claimed is the answer to a claim.
type Claimed struct {
	Voucher  Voucher // its state does not say whether it was used since
	Replayed bool    // it had been claimed before
}

// holder is a shopper at a template.
type holder struct {
	shopper  string
	template TemplateID
}

// claims is the book of a batch of claims: what they touch, loaded once, decided on in memory in order, saved once.
type claims struct {
	templates map[TemplateID]*Template
	held      map[holder][]Voucher // in order of nth
	members   map[TemplateID]map[string]bool
	marks     map[string][]string // of shoppers, where a template asks for them
	marked    bool                // whether somebody knows marks here
	quotas    *quota.Book
	amounts   func(t *Template) ([]int64, error)
	newID     func() ID

	fresh   []Voucher
	touched map[TemplateID]bool // templates whose minute changed
	alarmed map[TemplateID]bool // templates that were claimed too fast
}

// decide answers one claim on the book; nothing is written yet.
func (b *claims) decide(a *ask) (Claimed, error) {
	t := b.templates[a.template]
	if t == nil || t.State == TemplateDraft || t.State == TemplateVoid {
		return Claimed{}, notFound()
	}
	key := holder{a.shopper, a.template}
	mine := b.held[key]
	next := int64(1)
	if n := len(mine); n > 0 {
		next = mine[n-1].Nth + 1
	}
	if a.nth == 0 {
		a.nth = next
	}
	for _, v := range mine {
		if v.Nth == a.nth {
			v.State = v.at(a.at, t.State, false)
			return Claimed{Voucher: v, Replayed: true}, nil
		}
	}
	if a.nth != next {
		return Claimed{}, fault.New(fault.Invalid, "voucher.nth").At("nth")
	}
	if err := b.allowed(t, a); err != nil {
		return Claimed{}, err
	}
	v, err := b.take(t, a)
	if err != nil {
		return Claimed{}, err
	}
	b.held[key] = append(mine, v)
	b.fresh = append(b.fresh, v)
	return Claimed{Voucher: v}, nil
}

// allowed holds a claim against the rules of handing out.
func (b *claims) allowed(t *Template, a *ask) error {
	_, until := t.Terms.validity(a.at)
	switch {
	case t.State != TemplateOpen:
		return fault.New(fault.Conflict, "voucher.closed")
	case !a.at.Before(until):
		return fault.New(fault.Expired, "voucher.late")
	case a.origin == FromGrant:
		return nil
	case a.at.Before(t.Terms.ClaimFrom()):
		return fault.New(fault.Conflict, "voucher.early").After(t.Terms.ClaimFrom().Sub(a.at))
	case !a.at.Before(t.Terms.ClaimUntil()):
		return fault.New(fault.Expired, "voucher.late")
	case !b.members[t.ID][a.shopper]:
		return fault.New(fault.Forbidden, "voucher.audience")
	case t.Terms.Audience.Kind == NewShoppers && b.marked && len(b.marks[a.shopper]) == 0:
		return fault.New(fault.Forbidden, "voucher.identity")
	case a.nth > t.Terms.PerShopper:
		return fault.New(fault.Limited, "voucher.limit_reached", fault.P("max", t.Terms.PerShopper))
	}
	return b.inTime(t, a.at)
}

// inTime bounds how fast a template is claimed: the rest of the minute it is refused, and somebody is told (P10).
func (b *claims) inTime(t *Template, at time.Time) error {
	if t.Terms.PerMinute == 0 {
		return nil
	}
	if minute := at.Truncate(time.Minute); !minute.Equal(t.minute) {
		t.minute, t.minuteClaims = minute, 0
	}
	if t.minuteClaims >= t.Terms.PerMinute {
		b.alarmed[t.ID] = b.alarmed[t.ID] || t.minuteClaims == t.Terms.PerMinute
		t.minuteClaims = t.Terms.PerMinute + 1 // told once a minute
		b.touched[t.ID] = true
		return fault.New(fault.Limited, "voucher.too_fast").After(t.minute.Add(time.Minute).Sub(at))
	}
	return nil
}

// take takes what a claim needs and makes the voucher.
func (b *claims) take(t *Template, a *ask) (Voucher, error) {
	v := Voucher{ID: b.newID(), Template: t.ID, Version: t.Version, Shopper: a.shopper, Nth: a.nth, Claimed: a.at,
		Origin: a.origin, GivenBy: a.by, State: Open, Terms: t.Terms}
	v.From, v.Until = t.Terms.validity(a.at)
	issue := quota.Issue(string(t.ID))
	if t.Terms.Kind == KindRedPacket {
		amounts, err := b.amounts(t)
		if err != nil {
			return Voucher{}, err
		}
		if free, _ := b.quotas.Free(issue); free > 0 {
			v.Amount = amounts[t.Terms.Issue-free]
		}
	}
	needs := []quota.Need{{Quota: issue, Amount: 1, Code: "voucher.none_left", Kind: fault.SoldOut}}
	for _, name := range b.limits(t, a) {
		needs = append(needs, quota.Need{Quota: name, Amount: 1, Cap: t.Terms.PerShopper,
			Code: "voucher.limit_reached", Kind: fault.Limited})
	}
	if err := b.quotas.Take(string(v.ID), needs); err != nil {
		return Voucher{}, asClaim(err, t.Terms.PerShopper)
	}
	if t.Terms.PerMinute > 0 && a.origin != FromGrant {
		t.minuteClaims++
		b.touched[t.ID] = true
	}
	return v, nil
}

// asClaim puts a quota's refusal into the words of a claim.
func asClaim(err error, per int64) error {
	if fault.Is(err, "voucher.limit_reached") {
		return fault.New(fault.Limited, "voucher.limit_reached", fault.P("max", per))
	}
	if fault.Is(err, "voucher.none_left") {
		return fault.New(fault.SoldOut, "voucher.none_left")
	}
	return err
}

// limits are the quotas of who claims: the shopper's own, and those of the marks that accounts of one person share.
func (b *claims) limits(t *Template, a *ask) []string {
	if a.origin == FromGrant {
		return nil
	}
	names := []string{quota.Claims(string(t.ID), a.shopper)}
	if t.Terms.Audience.Kind == NewShoppers {
		for _, mark := range b.marks[a.shopper] {
			names = append(names, quota.Claims(string(t.ID), mark))
		}
	}
	return names
}
