package merchant

import (
	"context"
	"io"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// Payouts holds the verbs of payout accounts. A draft becomes the current account only through party/approval.
type Payouts struct {
	db     *db.DB
	clock  clock.Clock
	ids    IDs
	sealer *sealer
}

// PayoutDeps are what Payouts is made of. Key is 32 bytes, the market's secret.
type PayoutDeps struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   IDs
	Rand  io.Reader
	Key   []byte
}

// NewPayouts makes Payouts.
func NewPayouts(d PayoutDeps) (*Payouts, error) {
	s, err := newSealer(d.Key, d.Rand)
	return &Payouts{d.DB, d.Clock, d.IDs, s}, err
}

// Draft keeps a payout account that a shop asks for. It changes nothing until it is adopted.
// Codes: merchant.holder, merchant.bank, merchant.account_number, merchant.not_found.
func (s *Payouts) Draft(ctx context.Context, shop ID, a PayoutAccount) (Payout, error) {
	a, err := a.checked()
	if err != nil {
		return Payout{}, err
	}
	p := sealedPayout{tail: a.tail(), Payout: Payout{ID: PayoutID(s.ids.New("pac")), Shop: shop, Bank: a.Bank,
		Holder: a.maskedHolder(), Number: "•••• " + a.tail(), State: Draft, Created: clock.Now(ctx, s.clock)}}
	if p.sealed, err = s.sealer.seal(string(p.ID), a); err != nil {
		return Payout{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := Load(tx, shop); err != nil {
			return err
		}
		return insertPayout(tx, p)
	})
	return p.Payout, err
}

// DraftIn is a shop's draft, in the caller's transaction. Codes: merchant.payout_not_found, also for another shop's;
// merchant.payout_taken (it is no draft any more).
func (s *Payouts) DraftIn(tx *db.Tx, shop ID, name PayoutID) (Payout, error) {
	p, err := payoutByID(tx, shop, name)
	if err == nil && p.State != Draft {
		err = fault.New(fault.Conflict, "merchant.payout_taken")
	}
	return p.Payout, err
}

// Adopt makes a draft the shop's current account, in the caller's transaction: that of the approval.
// Codes: those of DraftIn.
func (s *Payouts) Adopt(tx *db.Tx, at time.Time, shop ID, name PayoutID) error {
	if _, err := s.DraftIn(tx, shop, name); err != nil {
		return err
	}
	adopted, err := adopt(tx, shop, name, at)
	if err == nil && !adopted {
		err = fault.New(fault.Conflict, "merchant.payout_taken")
	}
	return err
}

// Payout is one of a shop's payout accounts, masked. Codes: merchant.payout_not_found, also for another shop's.
func (s *Payouts) Payout(ctx context.Context, shop ID, name PayoutID) (Payout, error) {
	var p sealedPayout
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = payoutByID(tx, shop, name)
		return err
	})
	return p.Payout, err
}

// Current is where a shop's money is paid out to, masked; found is false while nobody agreed to any account.
func (s *Payouts) Current(ctx context.Context, shop ID) (Payout, bool, error) {
	p, found, err := s.current(ctx, shop)
	return p.Payout, found, err
}

// AccountIn names a shop's current account in the caller's transaction, "" while it has none.
func (s *Payouts) AccountIn(tx *db.Tx, shop string) (string, error) {
	p, _, err := currentPayout(tx, ID(shop))
	return string(p.ID), err
}

func (s *Payouts) current(ctx context.Context, shop ID) (p sealedPayout, found bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p, found, err = currentPayout(tx, shop)
		return err
	})
	return p, found, err
}

// Open is where a shop's money is paid out to, in the clear, for whoever pays it out. It stands on no page.
// Codes: merchant.payout_not_found.
func (s *Payouts) Open(ctx context.Context, shop ID) (PayoutAccount, error) {
	p, found, err := s.current(ctx, shop)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "merchant.payout_not_found")
	}
	if err != nil {
		return PayoutAccount{}, err
	}
	return s.sealer.open(string(p.ID), p.sealed)
}
