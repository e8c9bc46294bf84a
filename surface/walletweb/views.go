package walletweb

import (
	"net/http"
	"net/url"

	"hutong/base/text"
	"hutong/funds/pay/sandbox"
	"hutong/surface/gate"
)

// view is what a page is filled with.
type view struct {
	Lang      text.Lang
	Wallet    string // whose look it has; "" before a code is scanned
	Brand     string // a text key
	Other     string // the other language's name
	OtherHref string

	Bill    billView
	Refused string // why something was not done
	Retry   string // where to look again
}

// billView is one bill.
type billView struct {
	No, Payee, Amount, Order string
	State                    sandbox.State
	Told                     string // "late", "thrice" or "disputed": how the merchant hears of the payment, or of its end
	Left                     bool   // something of what was paid did not go back
	PaidAt, Refunded, Back   string
	Payer                    string // the account that pays, or paid
	Action                   string
}

func (w *web) viewBill(r *http.Request, b sandbox.Bill) view {
	lang := string(gate.Lang(r.Context()))
	v := billView{No: b.No, Payee: b.Payee, Amount: b.Amount.Format(lang), Order: b.Order, State: b.State,
		Action: pathOf(b), Payer: b.Payer}
	if told := r.URL.Query().Get("told"); told == "late" || told == "thrice" ||
		told == "disputed" && b.Refunded > 0 {
		v.Told = told
	}
	if b.State == sandbox.Paid {
		v.Left = b.Refunded < b.Amount.Minor
		v.PaidAt = b.Paid.In(w.Zone).Format("2006-01-02 15:04:05")
	}
	if b.Refunded > 0 {
		back := b.Amount
		back.Minor = b.Refunded
		v.Refunded = back.Format(lang)
	}
	if w.Back != nil && b.Order != "" {
		v.Back = w.Back(b.Order)
	}
	return view{Wallet: b.Wallet, Bill: v}
}

// otherTongue is the way to the same page in the other language.
func otherTongue(l text.Lang, here *url.URL) (name, href string) {
	name, to := "English", text.En
	if l == text.En {
		name, to = "中文", text.Zh
	}
	q := here.Query()
	q.Set("lang", string(to))
	return name, here.EscapedPath() + "?" + q.Encode()
}
