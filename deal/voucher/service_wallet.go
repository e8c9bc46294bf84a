package voucher

import (
	"context"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/deal/quota"
	"hutong/party/audit"
)

// walletPast is how long a wallet shows what has ended.
const walletPast = 30 * day

// Wallet is what a shopper has, those that end last first, each with its state now; of what ended, the newest only.
func (s *Service) Wallet(ctx context.Context, shopper string) (all []Voucher, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, _, err = s.heldNow(tx, Held{Shopper: shopper, Limit: s.set.WalletMax}, now, now.Add(-walletPast), lastFirst)
		return err
	})
	return all, err
}

// Held asks for a page of a wallet.
type Held struct {
	Shopper string
	After   ID // the page after this voucher of theirs; "" for the first
	Limit   int
}

// Pages is Wallet, page by page: every voucher of a shopper's that did not end too long ago.
func (s *Service) Pages(ctx context.Context, q Held) (all []Voucher, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, _, err = s.heldNow(tx, q, now, now.Add(-walletPast), lastFirst)
		return err
	})
	return all, err
}

// Usable are the vouchers that a shopper can put into an order at an instant, those that end soonest first: of a wallet
// that is too long to be read whole, these would be lost for good.
func (s *Service) Usable(tx *db.Tx, shopper string, at time.Time) ([]Voucher, error) {
	all, templates, err := s.heldNow(tx, Held{Shopper: shopper, Limit: s.set.WalletMax}, at, at, soonFirst)
	if err != nil {
		return nil, err
	}
	fit := map[TemplateID]bool{}
	for _, t := range templates {
		fit[t.ID] = true
		if t.Terms.Audience.Kind != NewShoppers {
			continue
		}
		in, err := s.members(tx, t.Terms.Audience, []string{shopper}) // who bought meanwhile is new no more
		if err != nil {
			return nil, err
		}
		fit[t.ID] = in[shopper]
	}
	usable := all[:0]
	for _, v := range all {
		if fit[v.Template] && v.usable(at, templates[v.Template].State) {
			usable = append(usable, v)
		}
	}
	return usable, nil
}

// heldNow reads a shopper's vouchers that end after an instant, with their states and templates at another.
func (s *Service) heldNow(tx *db.Tx, q Held, now, after time.Time, order string) (all []Voucher,
	templates map[TemplateID]*Template, err error) {
	if q.Shopper == "" {
		return nil, nil, nil
	}
	all, err = ofShopper(tx, q, after, order)
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	names, uses := make([]TemplateID, len(all)), make([]string, len(all))
	for i, v := range all {
		names[i], uses[i] = v.Template, quota.Voucher(string(v.ID))
	}
	templates, err = s.templates(tx, names, forReading)
	if err != nil {
		return nil, nil, err
	}
	counts, err := quota.Counts(tx, uses)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		t := templates[all[i].Template]
		all[i].Terms, all[i].Shop, all[i].Paused = t.Terms, t.Shop, t.State == TemplatePaused
		all[i].State = all[i].at(now, t.State, counts[uses[i]].Used > 0)
	}
	return all, templates, nil
}

// Offer is a template as the claim centre shows it to one shopper.
type Offer struct {
	Template
	Left int64 // how many are left to claim; 0 as well once the budget is spent, since nothing would come off
	Gone int64 // how many were claimed
	Mine int64 // how many of them the shopper has
}

// Nth is what a claim of one more is to say.
func (o *Offer) Nth() int64 { return o.Mine + 1 }

// Early tells whether it cannot be claimed yet.
func (o *Offer) Early(now time.Time) bool { return now.Before(o.Terms.ClaimFrom()) }

// Full tells whether the shopper has as many as they may.
func (o *Offer) Full() bool { return o.Mine >= o.Terms.PerShopper }

// Centre asks what a shopper can claim.
type Centre struct {
	Shopper string // "" for somebody unknown: they see what is for everybody
	Shop    string // whose vouchers; "" for everybody's
	SKUs    []string
	After   TemplateID // the page after this template; "" for the first
	Limit   int        // how many; 0: all that a claim centre shows
}

// centreMax bounds the templates that a claim centre looks at, centreAhead how early one is announced.
const (
	centreMax   = 300
	centreAhead = day
)

// Centre lists what a shopper can claim now or within a day, the market's first, then newest first: what is not for
// them is not there, what is all gone or what they have already is shown as that. Next is where to go on, "" at the
// end: of very many templates that are not for them a page may be short.
func (s *Service) Centre(ctx context.Context, q Centre) (all []Offer, next TemplateID, err error) {
	now := clock.Now(ctx, s.clock)
	if q.Limit <= 0 {
		q.Limit = centreMax
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, next = nil, ""
		listed, err := s.listed(tx, q.After, centreMax+1)
		if err != nil {
			return err
		}
		held := map[holder][]Voucher{}
		for i, t := range listed {
			if i == centreMax || len(all) == q.Limit {
				next = listed[i-1].ID
				break
			}
			shown, err := s.shown(tx, t, q, now)
			if err != nil {
				return err
			}
			if !shown {
				continue
			}
			if q.Shopper != "" {
				if err := heldBy(tx, t.ID, []string{q.Shopper}, held); err != nil {
					return err
				}
			}
			all = append(all, Offer{Template: *t, Mine: int64(len(held[holder{q.Shopper, t.ID}]))})
		}
		return left(tx, all)
	})
	return all, next, err
}

// left counts how many of each are left.
func left(tx *db.Tx, all []Offer) error {
	issues := make([]string, 0, 2*len(all))
	for i := range all {
		issues = append(issues, quota.Issue(string(all[i].ID)), quota.Budget(string(all[i].ID)))
	}
	counts, err := quota.Counts(tx, issues)
	for i := range all {
		issue := counts[issues[2*i]]
		all[i].Left, all[i].Gone = issue.Free(), issue.Used
		if budget, bounded := counts[issues[2*i+1]]; bounded && budget.Free() == 0 {
			all[i].Left = 0
		}
	}
	return err
}

func (s *Service) shown(tx *db.Tx, t *Template, q Centre, now time.Time) (bool, error) {
	if !t.Terms.Listed || q.Shop != "" && t.Shop != q.Shop || !now.Before(t.Terms.ClaimUntil()) ||
		now.Add(centreAhead).Before(t.Terms.ClaimFrom()) {
		return false, nil
	}
	in, err := s.members(tx, t.Terms.Audience, []string{q.Shopper})
	return in[q.Shopper], err
}

// UsedBy tells which of these orders use which vouchers, for the shopper's wallet.
func (s *Service) UsedBy(ctx context.Context, orders []string) (map[ID]string, error) {
	by := map[ID]string{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := quota.UsesOf(tx, orders)
		for order, uses := range all {
			for _, u := range uses {
				if name, voucher := strings.CutPrefix(u.Quota, quota.Voucher("")); voucher {
					by[ID(name)] = order
				}
			}
		}
		return err
	})
	return by, err
}

// ComeBack keeps what becomes of vouchers whose order was given back whole before it was shipped, as each template
// says: it comes back with its old end, with a new one, or not at all; and it tells which can be used again. Claims
// that are no vouchers come back. The use itself goes back with the order's other quotas; none becomes money (FAULTS
// P13), and a part of an order brings none back. The caller says so once.
func (s *Service) ComeBack(tx *db.Tx, at time.Time, claims []string) (again []string, err error) {
	vouchers, err := byIDs(tx, claims)
	if err != nil {
		return nil, err
	}
	var changed []Voucher
	for _, name := range claims {
		v, there := vouchers[ID(name)]
		if !there {
			again = append(again, name)
			continue
		}
		terms, _, err := s.version(tx, v.Template, v.Version)
		if err != nil {
			return nil, err
		}
		if terms.comesBack(&v, at) {
			again = append(again, name)
		}
		changed = append(changed, v)
	}
	return again, markBack(tx, changed)
}

// comesBack changes a voucher as its template says of one whose order was given back, and tells whether it can be used
// once more.
func (t *Terms) comesBack(v *Voucher, at time.Time) bool {
	if !v.Voided.IsZero() { // it was taken back meanwhile
		return false
	}
	switch t.OnReturn {
	case Forfeit:
		v.Voided = at
		return false
	case RenewTime:
		if end := at.Add(time.Duration(t.RenewDays) * day); end.After(v.Until) {
			v.Until = end
		}
	}
	return true
}

// TakeBack voids vouchers in the caller's transaction, for a room above that gave them and whose reason is gone, and
// tells which were unused: of a use and this at once, one wins. One that was used is void too, so that it does not come
// back with its order. It is safe to repeat. Codes: voucher.not_found.
func (s *Service) TakeBack(tx *db.Tx, at time.Time, ids []ID) (unused map[ID]bool, err error) {
	names := make([]string, len(ids))
	for i, v := range ids {
		names[i] = string(v)
	}
	all, err := byIDs(tx, names)
	if err != nil {
		return nil, err
	}
	unused = map[ID]bool{}
	for _, name := range distinct(names) { // in one order
		v, there := all[ID(name)]
		if !there {
			return nil, notFound()
		}
		err := quota.SetCap(tx, quota.Voucher(name), 0)
		if err != nil && !fault.Is(err, "quota.below_used") {
			return nil, err
		}
		unused[v.ID] = err == nil
		if !v.Voided.IsZero() {
			continue
		}
		if err := markVoid(tx, v.ID, at); err != nil {
			return nil, err
		}
	}
	return unused, nil
}

// Cancel takes one voucher from its shopper.
type Cancel struct {
	Shop    string // whose template it is of
	Voucher ID
	Reason  string
}

// Cancel voids a voucher that was not used: of a use and this at once, one wins. It is safe to repeat.
// Codes: voucher.not_found, voucher.used, voucher.reason.
func (s *Service) Cancel(ctx context.Context, cmd Cancel) error {
	if len(cmd.Reason) > reasonMax {
		return fault.New(fault.Invalid, "voucher.reason", fault.P("max", reasonMax)).At("reason")
	}
	if !id.Valid(string(cmd.Voucher), "vch") {
		return notFound()
	}
	now := clock.Now(ctx, s.clock)
	return s.write(ctx, func(tx *db.Tx) error {
		all, err := byIDs(tx, []string{string(cmd.Voucher)})
		if err != nil {
			return err
		}
		v, there := all[cmd.Voucher]
		if !there {
			return notFound()
		}
		t, err := s.own(tx, cmd.Shop, v.Template)
		if err != nil || !v.Voided.IsZero() {
			return err
		}
		err = quota.SetCap(tx, quota.Voucher(string(v.ID)), 0)
		if fault.Is(err, "quota.below_used") {
			return fault.New(fault.Conflict, "voucher.used")
		}
		if err != nil {
			return err
		}
		if err := markVoid(tx, v.ID, now); err != nil {
			return err
		}
		return s.note(ctx, tx, "voucher.cancelled", t, audit.Facts{"voucher": string(v.ID), "reason": cmd.Reason})
	})
}
