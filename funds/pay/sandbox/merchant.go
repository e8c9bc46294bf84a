package sandbox

import (
	"context"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/funds/pay/emvco"
)

// Merchant is the market's side of a simulated wallet: what the adapters of all simulated wallets have in common. They
// embed it and add what is their own, the notifications. A real wallet's adapter would make calls over the network
// here.
type Merchant struct {
	Company *Company
	Wallet  string
	Number  string // the market's account at the wallet
	GUID    string // names the wallet in its QR codes
	Payee   Payee
}

// Payee is who shoppers see as the receiver of their money.
type Payee struct {
	Name    string // in any script
	Short   string // in ASCII, for scanners that know no other script
	City    string // in ASCII
	Country string // ISO 3166 alpha-2
	MCC     string // merchant category
}

// Name implements pay.Provider.
func (m *Merchant) Name() string { return m.Wallet }

// Account implements pay.Provider.
func (m *Merchant) Account() string { return m.Number }

// Takes implements pay.Provider: any amount that fits a QR code.
func (m *Merchant) Takes(amount money.Money) bool {
	return amount.Minor > 0 && amount.Currency.Valid() && len(amount.Decimal()) <= emvco.AmountMax
}

// Begin implements pay.Provider: a bill, and the QR code that leads to it.
func (m *Merchant) Begin(ctx context.Context, a pay.Attempt) (pay.Begun, pay.Outcome, error) {
	b, err := m.Company.Open(ctx, Bill{Wallet: m.Wallet, Trade: string(a.ID), Order: a.Order, Amount: a.Amount,
		Payee: m.Payee.Name, Account: m.Number})
	if err != nil {
		return pay.Begun{}, outcome(err), err
	}
	qr, err := emvco.Build(m.code(b))
	if err != nil {
		return pay.Begun{}, pay.REFUSED, err
	}
	return pay.Begun{Ref: b.No, Instruction: pay.Instruction{QR: qr}}, pay.OK, nil
}

// The fields of our account template in a QR code.
const (
	fieldAccount = "01"
	fieldTrade   = "02"
)

// code is the payload for a bill. A scanner finds the bill by the attempt's id, which nobody can guess.
func (m *Merchant) code(b Bill) emvco.Payload {
	p := emvco.Payload{Dynamic: true, MCC: m.Payee.MCC, Amount: b.Amount, Country: m.Payee.Country,
		Name: emvco.ASCII(m.Payee.Name, emvco.NameMax, m.Payee.Short),
		City: emvco.ASCII(m.Payee.City, emvco.CityMax, m.Payee.Country), Ref: tail(b.Order, emvco.RefMax),
		Accounts: []emvco.Template{{ID: "26", GUID: m.GUID,
			Fields: []emvco.Field{{ID: fieldAccount, Value: m.Number}, {ID: fieldTrade, Value: b.Trade}}}}}
	if name := []rune(m.Payee.Name); p.Name != m.Payee.Name {
		p.Local = emvco.Local{Lang: "zh", Name: string(name[:min(len(name), emvco.NameMax)])}
	}
	return p
}

func tail(s string, most int) string { return s[max(0, len(s)-most):] }

// Scan finds the bill behind a QR code, as the wallet's app does. Codes: sandbox.no_bill, emvco.*.
func (m *Merchant) Scan(ctx context.Context, qr string) (Bill, error) {
	p, err := emvco.Parse(qr)
	if err != nil {
		return Bill{}, err
	}
	t, ok := p.Account(m.GUID)
	if !ok {
		return Bill{}, fault.New(fault.NotFound, "sandbox.no_bill")
	}
	b, err := m.Company.ByTrade(ctx, m.Wallet, t.Get(fieldTrade))
	if err == nil && b.Amount != p.Amount {
		return Bill{}, fault.New(fault.NotFound, "sandbox.no_bill")
	}
	return b, err
}

// Query implements pay.Provider.
func (m *Merchant) Query(ctx context.Context, a pay.Attempt) ([]pay.Fact, pay.Outcome, error) {
	b, err := m.Company.ByTrade(ctx, m.Wallet, string(a.ID))
	switch {
	case err != nil:
		return nil, outcome(err), err
	case b.State == Closed:
		return nil, pay.REFUSED, nil
	case b.State == Unpaid:
		return nil, pay.OK, nil
	}
	return []pay.Fact{{Txn: b.Txn, Kind: pay.KindCapture, Attempt: a.ID, Amount: b.Amount, Account: b.Account,
		At: b.Paid, Payer: b.Payer}}, pay.OK, nil
}

// Refund implements pay.Provider. It is done at once.
func (m *Merchant) Refund(ctx context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	trade := string(r.Attempt)
	if trade == "" { // money that never found its order: the wallet knows the payment by its own number
		b, err := m.Company.ByTxn(ctx, m.Wallet, r.Txn)
		if err != nil {
			return nil, outcome(err), err
		}
		trade = b.Trade
	}
	done, err := m.Company.GiveBack(ctx, trade, Refund{Wallet: m.Wallet, No: string(r.ID), Amount: r.Amount})
	return m.given(trade, r, done, err)
}

// Give implements pay.Giver. It is done at once.
func (m *Merchant) Give(ctx context.Context, r pay.Refund) ([]pay.Fact, pay.Outcome, error) {
	done, err := m.Company.Give(ctx, string(r.Attempt), Refund{Wallet: m.Wallet, No: string(r.ID), Amount: r.Amount})
	return m.given(string(r.Attempt), r, done, err)
}

func (m *Merchant) given(trade string, r pay.Refund, done Refund, err error) ([]pay.Fact, pay.Outcome, error) {
	if err != nil {
		return nil, outcome(err), err
	}
	return []pay.Fact{{Txn: done.Txn, Kind: pay.KindRefund, Attempt: pay.AttemptID(trade), Refund: r.ID,
		Amount: done.Amount, Account: m.Number, At: done.Done}}, pay.OK, nil
}

// FactOf is a notice as the market knows it.
func (n Notice) FactOf() pay.Fact {
	f := pay.Fact{Txn: n.Txn, Kind: pay.KindCapture, Attempt: pay.AttemptID(n.Trade), Amount: n.Amount,
		Account: n.Account, At: n.At, Payer: n.Payer}
	if n.Refunded {
		f.Kind, f.Refund = pay.KindRefund, pay.RefundID(n.Refund)
	}
	return f
}

// outcome tells whether the company said no or could not say anything.
func outcome(err error) pay.Outcome {
	switch fault.Of(err) {
	case fault.NotFound, fault.Conflict, fault.Unprocessable, fault.Expired, fault.Invalid:
		return pay.REFUSED
	}
	return pay.UNKNOWN
}
