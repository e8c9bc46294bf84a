package order

import (
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/funds/ledger"
	"hutong/funds/pay"
)

// PresaleState is where an order stands that is paid in two parts.
type PresaleState string

// The states of a presale, with who acts next. Those of Taobao's interface are FRONT_NOPAID_FINAL_NOPAID,
// FRONT_PAID_FINAL_NOPAID and FRONT_PAID_FINAL_PAID.
const (
	EarnestDue  PresaleState = "earnest_due"  // the shopper pays the earnest, within the order's time to pay
	EarnestPaid PresaleState = "earnest_paid" // the shopper pays the balance, while its window is open
	BalancePaid PresaleState = "balance_paid" // nobody: from here on it is an order like any other
	Forfeited   PresaleState = "forfeited"    // nobody; the balance was not paid, or the shopper left
	Returned    PresaleState = "returned"     // nobody; the shop does not deliver: it gave the earnest twice
	Lapsed      PresaleState = "lapsed"       // nobody; the earnest was never paid
	TakenBack   PresaleState = "taken_back"   // nobody; it ended after its wallet had taken the earnest back by itself
)

// Why a presale order was cancelled, beside the reasons of any order.
const (
	WhyForfeited     = "forfeited"
	WhySellerDefault = "seller_default"
	WhyTakenBack     = "taken_back"
)

// Presale is what an order has that is paid in two parts.
type Presale struct {
	Order         ID
	Item          string // the campaign's enrolment
	State         PresaleState
	Earnest       int64     // minor units: what is paid first, a part of the order's total
	Worth         int64     // what the earnest counts for
	Value         int64     // of the goods, as it was agreed when the earnest was paid
	Forfeit       int64     // of the earnest, what is lost by who does not keep their word: a fifth of Value at most
	Opens, Due    time.Time // the balance is taken in [Opens, Due)
	EarnestPaidAt time.Time
	FixedAt       time.Time // when what the balance comes to was last fixed; zero: it is as it was ordered
	EndedAt       time.Time
	Told          int64 // how many reminders went out

	ShipBy   time.Time // it is sent before then; zero: nothing was promised, or it is known with the balance
	ShipDays int64     // it is sent within so many days after the balance is paid; 0: by a day, or nothing was promised
}

// GiveBack is what a shopper who leaves has back of the earnest: what is above the law's fifth is no earnest.
func (p *Presale) GiveBack() int64 { return p.Earnest - p.Forfeit }

// SellerDefault is what a shop that does not deliver gives back: the earnest, and its legal part once more.
func (p *Presale) SellerDefault() int64 { return p.Earnest + p.Forfeit }

// Open tells whether the balance is taken at that instant.
func (p *Presale) Open(at time.Time) bool {
	return p.State == EarnestPaid && !at.Before(p.Opens) && at.Before(p.Due)
}

// Forfeits tells whether the earnest is forfeited at that instant. It depends on nothing else, so that no job has to
// come in time; the job that books it may come later.
func (p *Presale) Forfeits(at time.Time) bool {
	return p.State == Forfeited || p.State == EarnestPaid && !at.Before(p.Due)
}

// Balance is what an order asks beside its earnest; of an order without one it is all.
func (o Order) Balance() int64 { return o.Total - o.Earnest }

// newsLast is how long after its deadline a balance that somebody set about to pay is waited for: a wallet may tell
// a little later of what was paid in time.
const newsLast = 2 * time.Minute

// graceLasts is how long a balance can be paid, at least, after a full disk had kept it from being paid.
const graceLasts = time.Hour

// until is how long the order waits for the balance.
func (p *Presale) until() time.Time {
	if p.FixedAt.IsZero() {
		return p.Due
	}
	return p.Due.Add(newsLast)
}

// What an attempt to pay is for, as its lines' hash ends.
const (
	forEarnest = "/earnest"
	forBalance = "/balance"
)

// due is which of the two payments the order asks for.
func (p *Presale) due(o Order, d pay.Due) pay.Due {
	d.Amount.Minor, d.LinesHash = p.Earnest, o.RequestHash+forEarnest
	if p.State == EarnestPaid {
		d.Amount.Minor, d.LinesHash = o.Balance(), o.RequestHash+forBalance
		d.OpensAt, d.ExpiresAt = p.Opens, p.Due
	}
	d.Payable = d.Payable && (p.State == EarnestDue || p.State == EarnestPaid && o.TakenAt.IsZero())
	return d
}

// captured decides about money that came for one of the two payments and moves the presale; the order itself is
// moved by the caller when it is paid whole.
func (p *Presale) captured(o Order, c pay.Capture) (v pay.Verdict, paid bool) {
	balance := strings.HasSuffix(c.Lines, forBalance)
	want := p.Earnest
	if balance {
		want = o.Balance()
	}
	switch {
	case p.State == BalancePaid, p.State == EarnestPaid && !balance:
		return pay.Return(reasonPaid), false
	case o.State != AwaitingPayment, p.State != EarnestDue && p.State != EarnestPaid:
		return pay.Return(reasonOver), false
	case want != c.Amount || o.Currency != c.Currency || balance && p.State != EarnestPaid:
		return pay.Return(reasonAmount), false
	case balance && p.late(c):
		return pay.Return(reasonOver), false
	}
	v = pay.Take()
	if balance {
		p.State, p.EndedAt = BalancePaid, c.At
		if p.ShipDays > 0 {
			p.ShipBy = c.At.Add(time.Duration(p.ShipDays) * 24 * time.Hour)
		}
		v.Then = []ledger.Transfer{p.transfer(o, ledger.Earnest, ledger.Escrow, ledger.EarnestFreed)}
		return v, true
	}
	p.State, p.EarnestPaidAt = EarnestPaid, c.At
	v.Then = []ledger.Transfer{p.transfer(o, ledger.Escrow, ledger.Earnest, ledger.EarnestHeld)}
	return v, false
}

func (p *Presale) transfer(o Order, from, to ledger.Account, kind ledger.Kind) ledger.Transfer {
	return ledger.Transfer{Debit: from, Credit: to, Amount: p.Earnest, Currency: o.Currency, Kind: kind,
		Order: string(o.ID)}
}

// end closes a presale that is not paid.
func (p *Presale) end(next PresaleState, at time.Time) error {
	if p.State != EarnestDue && p.State != EarnestPaid || (next == Lapsed) != (p.State == EarnestDue) {
		return fault.New(fault.Conflict, "order.state", fault.P("state", string(p.State)))
	}
	p.State, p.EndedAt = next, at
	return nil
}
