package deposit

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Service holds the verbs of deposits.
type Service struct {
	db     *db.DB
	clock  clock.Clock
	ids    IDs
	orders Orders
	pay    *pay.Service
	alone  func() int64
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids IDs) *Service { return &Service{db: d, clock: c, ids: ids} }

// PayIn records what a shop paid in, as the bank shows it. The bank's reference counts once for each shop, so it is
// safe to repeat. Codes: deposit.amount, deposit.ref, deposit.known.
func (s *Service) PayIn(ctx context.Context, m Move) error {
	m.Ref = strings.TrimSpace(m.Ref)
	switch n := utf8.RuneCountInString(m.Ref); {
	case m.Amount <= 0:
		return fault.New(fault.Invalid, "deposit.amount").At("amount")
	case n < 1 || n > RefMax || !text.Line(m.Ref):
		return fault.New(fault.Invalid, "deposit.ref", fault.P("max", RefMax)).At("ref")
	}
	m.At = clock.Now(ctx, s.clock)
	err := s.db.Write(ctx, func(tx *db.Tx) error { return s.book(ctx, tx, m) })
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, "deposit.known").At("ref").Because(err)
	}
	return err
}

// book writes a move, its transfer and the record of it.
func (s *Service) book(ctx context.Context, tx *db.Tx, m Move) error {
	t := ledger.Transfer{Debit: ledger.Bank(m.Shop), Credit: ledger.Deposit(m.Shop), Amount: m.Amount,
		Currency: m.Currency, Kind: ledger.DepositIn, Shop: m.Shop, Ref: m.Ref}
	what := "deposit.paid_in"
	if m.Amount < 0 {
		t.Debit, t.Credit, t.Amount, t.Kind, what = t.Credit, t.Debit, -m.Amount, ledger.DepositOut, "deposit.paid_out"
	}
	ts := []ledger.Transfer{t}
	if err := ledger.Post(tx, m.At, ts); err != nil {
		return err
	}
	m.ID = s.ids.New("dpm")
	if err := insert(tx, m, ts[0].Seq); err != nil {
		return err
	}
	return audit.Note(ctx, tx, s.ids, audit.Entry{At: m.At, Who: string(m.By), Shop: m.Shop, What: what, On: m.Shop,
		After: audit.Facts{"amount": strconv.FormatInt(m.Amount, 10), "currency": string(m.Currency), "ref": m.Ref}})
}

// Of is a shop's balance in a currency, and the newest changes of it.
func (s *Service) Of(ctx context.Context, shop string, c money.Currency) (balance int64, all []Move, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if balance, err = ledger.Balance(tx, ledger.Deposit(shop), c); err != nil {
			return err
		}
		all, err = moves(tx, shop, c, movesMax)
		return err
	})
	return balance, all, err
}

// movesMax bounds the list of changes.
const movesMax = 100

// requestLasts is how long a request waits for the second person.
const requestLasts = 14 * 24 * time.Hour

// AskPayOut is the request to pay a shop's deposit out.
func AskPayOut(by login.Principal, shop string, a PayOutAsked) approval.Ask {
	return approval.Ask{By: by, Kind: PayOutRequest, Subject: shop, Payload: a}
}

// PayOutKind makes paying out take two people. Codes of its check: approval.payload, deposit.amount, deposit.short.
func (s *Service) PayOutKind() approval.Kind {
	read := func(tx *db.Tx, r approval.Request) (m Move, err error) {
		var a PayOutAsked
		if err := r.Into(&a); err != nil || r.Subject == "" || a.Currency == "" {
			return m, fault.New(fault.Invalid, "approval.payload").Because(err)
		}
		if a.Amount <= 0 {
			return m, fault.New(fault.Invalid, "deposit.amount").At("amount")
		}
		c := money.Currency(a.Currency)
		has, err := lock(tx, r.Subject, c)
		if err == nil && has.Free() < a.Amount {
			err = fault.New(fault.Unprocessable, "deposit.short", fault.P("has", money.New(has.Free(), c))).At("amount")
		}
		return Move{Shop: r.Subject, Currency: money.Currency(a.Currency), Amount: -a.Amount, Ref: string(r.ID)}, err
	}
	return approval.Kind{
		Name:   PayOutRequest,
		Ask:    []login.Permission{login.MarketFeesAsk},
		Decide: []login.Permission{login.MarketFeesApprove},
		Lasts:  requestLasts,
		Check:  func(tx *db.Tx, r approval.Request) error { _, err := read(tx, r); return err },
		Execute: func(ctx context.Context, tx *db.Tx, at time.Time, r approval.Request) error {
			m, err := read(tx, r)
			if err != nil {
				return err
			}
			m.By, m.At = r.DecidedBy, at
			return s.book(ctx, tx, m)
		},
	}
}
