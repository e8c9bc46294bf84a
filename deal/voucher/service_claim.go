package voucher

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/lane"
	"hutong/deal/quota"
	"hutong/party/audit"
)

// Alarm is told when a template is claimed faster than its terms allow: subject is the template.
const Alarm event.Topic = "voucher.alarm"

// Claim asks for a voucher on a page.
type Claim struct {
	Shopper  string
	Guest    bool // whether they have no account: they would lose what they claim
	Template TemplateID
	Nth      int64 // which of the shopper's it is to be, as the page showed; 0: the first
}

// Claim gives a shopper a voucher. It is safe to repeat: the same nth is the same voucher, also of many that ask at
// once.
//
// Codes: voucher.login, voucher.not_found, voucher.closed, voucher.early, voucher.late, voucher.audience,
// voucher.identity, voucher.limit_reached, voucher.none_left, voucher.too_fast, voucher.nth, lane.full.
func (s *Service) Claim(ctx context.Context, cmd Claim) (Claimed, error) {
	switch {
	case cmd.Guest || cmd.Shopper == "":
		return Claimed{}, fault.New(fault.Unauthenticated, "voucher.login")
	case !id.Valid(string(cmd.Template), "vtp"):
		return Claimed{}, notFound()
	case cmd.Nth < 0 || cmd.Nth > PerMax:
		return Claimed{}, fault.New(fault.Invalid, "voucher.nth").At("nth")
	}
	return s.lane.Do(ctx, ask{shopper: cmd.Shopper, template: cmd.Template, nth: max(cmd.Nth, 1),
		at: clock.Now(ctx, s.clock), origin: FromCentre})
}

// claimAll runs one batch: load, decide, save, one transaction.
func (s *Service) claimAll(asks []ask) (outs []lane.Outcome[Claimed], err error) {
	err = s.db.Write(context.Background(), func(tx *db.Tx) error {
		outs, err = s.claimBatch(context.Background(), tx, asks)
		return err
	})
	return outs, err
}

func (s *Service) claimBatch(ctx context.Context, tx *db.Tx, asks []ask) ([]lane.Outcome[Claimed], error) {
	b, err := s.loadClaims(tx, asks)
	if err != nil {
		return nil, err
	}
	outs := make([]lane.Outcome[Claimed], len(asks))
	for i := range asks {
		outs[i].Reply, outs[i].Err = b.decide(&asks[i])
	}
	return outs, s.saveClaims(ctx, tx, b, asks)
}

func (s *Service) loadClaims(tx *db.Tx, asks []ask) (*claims, error) {
	b := &claims{held: map[holder][]Voucher{}, members: map[TemplateID]map[string]bool{}, amounts: s.amounts,
		newID: func() ID { return ID(s.ids.New("vch")) }, touched: map[TemplateID]bool{},
		alarmed: map[TemplateID]bool{}, marked: s.marks != nil}
	shoppers := map[TemplateID][]string{}
	var names []TemplateID
	for i := range asks {
		shoppers[asks[i].template] = append(shoppers[asks[i].template], asks[i].shopper)
		names = append(names, asks[i].template)
	}
	var err error
	if b.templates, err = s.templates(tx, names, forWriting); err != nil {
		return nil, err
	}
	var careful []string
	for _, name := range distinct(names) { // in one order
		t := b.templates[TemplateID(name)]
		if t == nil {
			continue
		}
		if err := s.loadHeld(tx, b, t, shoppers[t.ID]); err != nil {
			return nil, err
		}
		if t.Terms.Audience.Kind == NewShoppers {
			careful = append(careful, shoppers[t.ID]...)
		}
	}
	if s.marks != nil && len(careful) > 0 {
		if b.marks, err = s.marks.Marks(tx, distinct(careful)); err != nil {
			return nil, err
		}
	}
	b.quotas, err = quota.LoadBook(tx, b.quotaNames(asks))
	return b, err
}

func (s *Service) loadHeld(tx *db.Tx, b *claims, t *Template, shoppers []string) (err error) {
	if err := heldBy(tx, t.ID, shoppers, b.held); err != nil {
		return err
	}
	for _, who := range shoppers {
		for i := range b.held[holder{who, t.ID}] {
			b.held[holder{who, t.ID}][i].Terms = t.Terms
		}
	}
	b.members[t.ID], err = s.members(tx, t.Terms.Audience, shoppers)
	return err
}

// quotaNames are those that a batch may take from.
func (b *claims) quotaNames(asks []ask) []string {
	var names []string
	for i := range asks {
		t := b.templates[asks[i].template]
		if t == nil {
			continue
		}
		names = append(append(names, quota.Issue(string(t.ID))), b.limits(t, &asks[i])...)
	}
	return names
}

func (s *Service) saveClaims(ctx context.Context, tx *db.Tx, b *claims, asks []ask) error {
	if err := b.quotas.Save(tx); err != nil {
		return err
	}
	if err := insertVouchers(tx, b.fresh); err != nil {
		return err
	}
	var minutes [][]any
	for name := range b.touched {
		t := b.templates[name]
		minutes = append(minutes, []any{t.ID, clock.Micros(t.minute), t.minuteClaims})
	}
	slices.SortFunc(minutes, func(x, y []any) int {
		return compare(string(x[0].(TemplateID)), string(y[0].(TemplateID)))
	})
	if err := saveMinutes(tx, minutes); err != nil {
		return err
	}
	for name := range b.alarmed {
		if !b.alarmed[name] {
			continue
		}
		t, at := b.templates[name], asks[0].at
		if err := event.Emit(tx, s.ids, event.Event{Topic: Alarm, Subject: string(name), Shop: t.Shop, At: at}); err != nil {
			return err
		}
		if err := s.note(ctx, tx, "voucher.alarmed", t, audit.Facts{"minute": t.minute.Format(time.RFC3339)}); err != nil {
			return err
		}
	}
	return nil
}

// Grant gives vouchers to shoppers who did not claim them.
type Grant struct {
	Shop     string
	Template TemplateID
	Shoppers []string // one each; repeats are one
	By       string   // who gives, for the record and for the auditor
}

// GrantMax bounds the shoppers of one grant.
const GrantMax = 100

// grant gives each shopper one voucher, all or none, in the caller's transaction. Repeating it gives again: an
// approval carries it out once. Codes: voucher.not_found, voucher.closed, voucher.late, voucher.none_left,
// voucher.grant.
func (s *Service) grant(ctx context.Context, tx *db.Tx, at time.Time, cmd Grant) (given []ID, err error) {
	if err := s.grantable(tx, cmd); err != nil {
		return nil, err
	}
	var asks []ask
	for _, who := range distinct(cmd.Shoppers) {
		asks = append(asks, ask{shopper: who, template: cmd.Template, at: at, origin: FromGrant, by: cmd.By})
	}
	outs, err := s.claimBatch(ctx, tx, asks)
	if err != nil {
		return nil, err
	}
	for _, out := range outs {
		if out.Err != nil {
			return nil, out.Err
		}
		given = append(given, out.Reply.Voucher.ID)
	}
	return given, nil
}

func (s *Service) grantable(tx *db.Tx, cmd Grant) error {
	if _, err := s.own(tx, cmd.Shop, cmd.Template); err != nil {
		return err
	}
	if len(cmd.Shoppers) == 0 || len(cmd.Shoppers) > GrantMax || cmd.By == "" ||
		slices.ContainsFunc(cmd.Shoppers, func(who string) bool { return !id.Valid(who, "shr") }) {
		return fault.New(fault.Invalid, "voucher.grant", fault.P("max", GrantMax)).At("shoppers")
	}
	return nil
}

// Seed gives vouchers without asking a second person: for demo markets and benches, never behind a page.
func (s *Service) Seed(ctx context.Context, cmd Grant) error {
	now := clock.Now(ctx, s.clock)
	return s.write(ctx, func(tx *db.Tx) error { _, err := s.grant(ctx, tx, now, cmd); return err })
}

// Reward gives vouchers in the caller's transaction, and names them: for a room above whose rule, which two people
// agreed to, has earned them. Repeating it gives again: the caller is keyed. It may fail with quota.ErrRaced. Codes:
// voucher.not_found, voucher.closed, voucher.late, voucher.none_left, voucher.grant.
func (s *Service) Reward(ctx context.Context, tx *db.Tx, at time.Time, cmd Grant) ([]ID, error) {
	return s.grant(ctx, tx, at, cmd)
}
