package order

import (
	"maps"
	"slices"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/quota"
)

// Claims is told of vouchers and red packets that an order does not need any more; deal/voucher.
type Claims interface {
	// ComeBack says which of them can be used again, and keeps what becomes of them all.
	ComeBack(tx *db.Tx, at time.Time, claims []string) (again []string, err error)
}

// usesBack gives back what a refund frees of the order's quotas, in the refund's transaction.
func (s *Service) usesBack(tx *db.Tx, at time.Time, f freed, sub *Sub, before []Line) error {
	if f.order.Rules == 0 && !slices.ContainsFunc(before, func(l Line) bool { return l.Discounts != "" }) {
		return nil
	}
	if err := f.load(tx); err != nil || len(f.uses) == 0 {
		return err
	}
	var err error
	if f.items, err = itemsOf(tx, f.uses, sub.Shop, before); err != nil {
		return err
	}
	if f.together, err = togetherOf(tx, f.uses, before, f.items); err != nil {
		return err
	}
	for i, was := range before {
		if units := sub.Lines[i].RefundedQuantity - was.RefundedQuantity; units > 0 {
			if err := f.line(&was, units, !sub.ShippedAt.IsZero()); err != nil {
				return err
			}
		}
	}
	f.rest()
	if f.repriced {
		if err := f.budgets(); err != nil {
			return err
		}
	}
	again := f.claims
	if s.Claims != nil && len(again) > 0 {
		if again, err = s.Claims.ComeBack(tx, at, again); err != nil {
			return err
		}
	}
	for _, claim := range again {
		f.give(quota.Voucher(claim), 1)
	}
	return quota.GiveBack(tx, f.backs)
}

// freed collects what goes back to the quotas of one order:
//   - a budget gets the pieces' share of what its promotion took off, whenever they are refunded (RULES 1.7);
//   - what a shopper may buy of an item is theirs to buy again only if the pieces never left the shop;
//   - a voucher is returned only when every line that it touched is refunded whole before shipping (RULES 1.6), and as
//     whoever issued it says.
//
// What a bill needs is its ordinary order's: the other orders of the bill give back from there.
type freed struct {
	order *Order

	repriced bool // its rest was priced again: budgets are counted by what is taken off now

	others []Order // of its bill
	uses   []held
	backs  []quota.Back
	claims []string // vouchers that may be returned

	items    map[string]string // by pool: the sale's item that is sold from it
	together map[string]string // by item of a sale: what it shares with others
}

// held is what an order uses of a quota.
type held struct {
	quota.Use
	order string
}

// load reads what the order uses, or its bill for it.
func (f *freed) load(tx *db.Tx) error {
	from := []string{string(f.order.ID)}
	if f.order.Bill != "" {
		ids, err := billedWith(tx, []ID{f.order.Bill})
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(ids, func(id ID) bool { return id == f.order.ID })
		if f.others, err = load(tx, ids, false); err != nil {
			return err
		}
		if !f.order.Leads() {
			from = append(from, string(f.order.Bill))
		}
	}
	uses, err := quota.UsesOf(tx, from)
	for _, order := range from {
		for _, u := range uses[order] {
			f.uses = append(f.uses, held{u, order})
		}
	}
	return err
}

// itemsOf finds the items of sales from whose own pools lines were sold; nothing is read where an order uses nothing of
// theirs. An item whose price was the ordinary one took nothing off, and stands on no line.
func itemsOf(tx *db.Tx, uses []held, shop string, lines []Line) (map[string]string, error) {
	limited := slices.ContainsFunc(uses, func(u held) bool {
		of, is := quota.LimitOf(u.Quota)
		return quota.IsTogether(u.Quota) || is && campaign.IsLimited(of)
	})
	if !limited {
		return nil, nil
	}
	pools := make([]string, len(lines))
	for i, l := range lines {
		pools[i] = l.Pool
	}
	slices.Sort(pools)
	return campaign.ItemsOf(tx, shop, slices.Compact(pools))
}

// togetherOf finds what the items of lines share with others; nothing is read where an order uses nothing of that.
func togetherOf(tx *db.Tx, uses []held, lines []Line, sold map[string]string) (map[string]string, error) {
	shared := slices.ContainsFunc(uses, func(u held) bool {
		of, limited := quota.LimitOf(u.Quota)
		return quota.IsTogether(u.Quota) || limited && campaign.IsLimited(of) && !campaign.IsItem(of)
	})
	if !shared {
		return nil, nil
	}
	items := slices.Collect(maps.Values(sold))
	for _, l := range lines {
		all, err := DecodeDiscounts(l.Discounts)
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			items = append(items, d.Promotion)
		}
	}
	return campaign.TogetherOf(tx, items)
}

func (f *freed) line(was *Line, units int64, shipped bool) error {
	discounts, err := DecodeDiscounts(was.Discounts)
	if err != nil {
		return err
	}
	item := f.items[was.Pool]
	for _, d := range discounts {
		share, err := money.UnitsRefund(d.Amount, was.Quantity, was.RefundedQuantity, units)
		if err != nil {
			return err
		}
		if !f.repriced {
			f.give(quota.Budget(d.Promotion), share)
		}
		if shipped {
			continue
		}
		if campaign.IsItem(d.Promotion) {
			item, _, _ = strings.Cut(d.Promotion, "/")
		} else {
			f.pieces(d.Promotion, units)
		}
		whole, err := f.wholeOf(d.Claim)
		if err != nil {
			return err
		}
		if whole && f.holds(quota.Voucher(d.Claim)) && !slices.Contains(f.claims, d.Claim) {
			f.claims = append(f.claims, d.Claim)
		}
	}
	if item != "" && !shipped { // once, though a presale takes off by its price and by what its earnest is worth
		f.pieces(item, units)
	}
	return nil
}

// pieces gives pieces back to the limits of a promotion, and to those that it shares with others.
func (f *freed) pieces(promotion string, units int64) {
	f.give(quota.Limit(promotion, f.order.Shopper), units)
	f.giveItem(promotion, units)
	if name := f.together[promotion]; name != "" {
		f.give(quota.Together(name), units)
		f.give(quota.Limit(name, f.order.Shopper), units)
		f.giveItem(name, units)
	}
}

// rest gives back what is limited by pieces and counts more of them than its order still has, or the bill that its
// order holds it for: a line whose share of a cut was rounded to nothing does not name it.
func (f *freed) rest() {
	own := counted(f.order.Subs)
	all := counted(f.subs())
	for _, u := range slices.Clone(f.uses) {
		counts := own
		if u.order == string(f.order.Bill) {
			counts = all
		}
		if quota.CountsPieces(u.Quota) {
			f.give(u.Quota, max(0, u.Amount-counts))
		}
	}
}

// counted are the pieces that a limit counts: those that were not refunded before they were sent.
func counted(subs []Sub) (n int64) {
	for i := range subs {
		for _, l := range subs[i].Lines {
			if n += l.Left(); !subs[i].ShippedAt.IsZero() {
				n += l.RefundedQuantity
			}
		}
	}
	return n
}

// subs are those of the order and of what is paid together with it.
func (f *freed) subs() []Sub {
	all := f.order.Subs
	for _, o := range f.others {
		all = slices.Concat(all, o.Subs)
	}
	return all
}

// give gives back up to what the order still uses of a quota; of one that it does not use, nothing.
func (f *freed) give(name string, amount int64) {
	i := slices.IndexFunc(f.uses, func(u held) bool { return u.Quota == name })
	if i < 0 {
		return
	}
	if amount = min(amount, f.uses[i].Amount); amount == 0 {
		return
	}
	f.uses[i].Amount -= amount
	f.backs = append(f.backs, quota.Back{Order: f.uses[i].order, Quota: name, Amount: amount})
}

// giveItem gives pieces of a sale's item back to the account that paid for them, and to the guest who placed the order
// before it went into an account. Of a bill, what its ordinary order counts of the item is for that order's own pieces,
// where this one has counts of it too.
func (f *freed) giveItem(promotion string, units int64) {
	own := quota.Limit(promotion, f.order.Shopper)
	counts := func(u held) bool {
		of, limited := quota.LimitOf(u.Quota)
		guests := limited && u.Quota != own && campaign.IsLimited(of) && quota.Limit(promotion, "") == quota.Limit(of, "")
		return guests || quota.IsAccount(u.Quota, promotion)
	}
	mine := func(u held) bool { return u.order == string(f.order.ID) }
	has := slices.ContainsFunc(f.uses, func(u held) bool { return mine(u) && (u.Quota == own || counts(u)) })
	for _, u := range f.uses {
		if counts(u) && mine(u) == has {
			f.give(u.Quota, units)
		}
	}
}

// holds tells whether the order uses something of a quota.
func (f *freed) holds(name string) bool {
	return slices.ContainsFunc(f.uses, func(u held) bool { return u.Quota == name && u.Amount > 0 })
}

// wholeOf tells whether every line that a claimed voucher touched is refunded whole, and none of them was shipped.
func (f *freed) wholeOf(claim string) (bool, error) {
	if claim == "" {
		return false, nil
	}
	for _, sub := range f.subs() {
		for _, l := range sub.Lines {
			discounts, err := DecodeDiscounts(l.Discounts)
			if err != nil {
				return false, err
			}
			touched := slices.ContainsFunc(discounts, func(d Discount) bool { return d.Claim == claim })
			if touched && (l.Left() > 0 || !sub.ShippedAt.IsZero()) {
				return false, nil
			}
		}
	}
	return true, nil
}
