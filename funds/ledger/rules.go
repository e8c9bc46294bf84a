package ledger

import (
	"maps"
	"math"
	"slices"

	"hutong/base/fault"
)

type shape struct{ debit, credit []string }

// shapes says between which classes of account each kind moves money. What is not here cannot be posted.
var shapes = map[Kind]shape{
	Capture:         {[]string{"wallet"}, []string{"escrow"}},
	RefundAsked:     {[]string{"escrow"}, []string{"refunding"}},
	RefundDone:      {[]string{"refunding"}, []string{"wallet"}},
	RefundByHand:    {[]string{"refunding"}, []string{"own_bank"}},
	RefundAgain:     {[]string{"wallet"}, []string{"refunding"}},
	RefundRefused:   {[]string{"refunding"}, []string{"escrow"}},
	Goods:           {[]string{"escrow"}, []string{"merchant"}},
	Fee:             {[]string{"escrow"}, []string{"platform"}},
	Freight:         {[]string{"escrow"}, []string{"carrier", "merchant"}},
	GoodsBack:       {[]string{"merchant"}, []string{"escrow"}},
	FeeBack:         {[]string{"platform"}, []string{"escrow"}},
	FreightBack:     {[]string{"carrier", "merchant"}, []string{"escrow"}},
	Funding:         {[]string{"funder"}, []string{"escrow"}},
	FundingBack:     {[]string{"escrow"}, []string{"funder"}},
	PaidOut:         {[]string{"merchant"}, []string{"payout"}},
	PayoutBack:      {[]string{"payout"}, []string{"merchant"}},
	Charged:         {[]string{"merchant", "deposit"}, []string{"platform"}},
	ChargeBack:      {[]string{"platform"}, []string{"merchant", "deposit"}},
	DepositIn:       {[]string{"bank"}, []string{"deposit"}},
	DepositOut:      {[]string{"deposit"}, []string{"bank"}},
	DepositDrawn:    {[]string{"deposit"}, []string{"platform"}},
	Redress:         {[]string{"deposit"}, []string{"escrow"}},
	SuspenseIn:      {[]string{"wallet"}, []string{"suspense"}},
	SuspenseOut:     {[]string{"suspense"}, []string{"refunding"}},
	SuspenseMatched: {[]string{"suspense"}, []string{"escrow"}},
	EarnestHeld:     {[]string{"escrow"}, []string{"earnest"}},
	EarnestFreed:    {[]string{"earnest"}, []string{"escrow"}},
	Forfeit:         {[]string{"escrow"}, []string{"merchant"}},
	ForfeitBack:     {[]string{"merchant"}, []string{"escrow"}},
}

// Kinds are all kinds of transfer, in the order of their names.
func Kinds() []Kind { return slices.Sorted(maps.Keys(shapes)) }

// Valid tells whether k is a kind of this ledger.
func (k Kind) Valid() bool { _, ok := shapes[k]; return ok }

// moves tells whether the kind leads from one account to the other.
func (k Kind) moves(debit, credit Account) bool {
	s, ok := shapes[k]
	return ok && debit.Valid() && credit.Valid() &&
		slices.Contains(s.debit, debit.Class()) && slices.Contains(s.credit, credit.Class())
}

// check refuses a transfer that makes no sense on its own.
func (t *Transfer) check() error {
	switch {
	case !t.Kind.moves(t.Debit, t.Credit):
		return fault.New(fault.Invalid, "ledger.kind", fault.P("kind", t.Kind),
			fault.P("debit", t.Debit), fault.P("credit", t.Credit))
	case t.Amount <= 0:
		return fault.New(fault.Invalid, "ledger.amount", fault.P("amount", t.Amount)).At("amount")
	case t.Line < 0:
		return fault.New(fault.Invalid, "ledger.line", fault.P("line", t.Line)).At("line")
	case t.Currency == "":
		return fault.New(fault.Invalid, "ledger.currency").At("currency")
	case t.Order == "" && (t.Debit == Escrow || t.Credit == Escrow):
		return fault.New(fault.Invalid, "ledger.order_missing", fault.P("kind", t.Kind)).At("order")
	}
	return nil
}

// book is the working set of one batch on one chain: loaded, changed transfer by transfer, saved.
type book struct {
	head     head
	accounts map[Account]*counters
	escrow   map[string]int64 // per order that gives money away in this batch: what its escrow holds
}

// counters are an account's row.
type counters struct {
	debits, credits int64
	stored          bool // whether the row exists already
}

// apply moves the money of one transfer, or refuses: an account that must cover, or the escrow of an order, would
// fall below zero. It holds at every transfer, not only at the end of the batch (I-M3).
func (b *book) apply(t *Transfer) error {
	from, to := b.accounts[t.Debit], b.accounts[t.Credit]
	if t.Amount > math.MaxInt64-from.debits || t.Amount > math.MaxInt64-to.credits {
		return fault.New(fault.Unprocessable, "ledger.range", fault.P("account", t.Debit))
	}
	from.debits += t.Amount
	to.credits += t.Amount
	if t.Debit.MustCover() && from.credits < from.debits {
		return overdrawn(t, t.Debit)
	}
	if held, watched := b.escrow[t.Order]; watched {
		switch Escrow {
		case t.Credit:
			b.escrow[t.Order] = held + t.Amount
		case t.Debit:
			if held < t.Amount {
				return overdrawn(t, Escrow)
			}
			b.escrow[t.Order] = held - t.Amount
		}
	}
	return nil
}

func overdrawn(t *Transfer, a Account) error {
	return fault.New(fault.Unprocessable, "ledger.overdrawn", fault.P("account", a),
		fault.P("order", t.Order), fault.P("kind", t.Kind), fault.P("amount", t.Amount))
}
