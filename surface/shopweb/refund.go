package shopweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// casesOf shows what was asked back of each part of an order, and the form to ask.
func (w *web) casesOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	if w.Cases == nil {
		return nil
	}
	all, err := w.Cases.ByOrder(ctx, aftersale.Party{Shopper: o.Shopper}, o.ID)
	if err != nil {
		return err
	}
	refunds, err := w.Pay.Refunds(ctx, string(o.ID))
	if err != nil {
		return err
	}
	reprices, err := w.Orders.Reprices(ctx, o.ID)
	if err != nil {
		return err
	}
	for i := range v.Subs {
		sub := &v.Subs[i]
		for _, c := range all {
			if c.Seq == sub.Seq {
				seen := caseOf(t, c, o.Subs[i])
				seen.Notes = append(seen.Notes, otherWay(t, refunds, c)...)
				sub.Cases = append(sub.Cases, seen)
			}
		}
		if s := o.Subs[i]; refundable(o, s) {
			w.refundForm(t, sub, s, unasked(s, all))
			if sub.Look = reprices; reprices {
				sub.RefundRule += " " + t.T("order.repriced")
			}
		}
	}
	return nil
}

// otherWay says what becomes of a case's money that its wallet would not take.
func otherWay(t page.Tongue, refunds []pay.Refund, c aftersale.Case) (all []string) {
	for _, f := range refunds {
		switch {
		case f.Case != string(c.ID):
		case f.State == pay.RefundRefused:
			all = append(all, t.T("shopweb.case_wallet_refused", "amount", t.Money(f.Amount)))
		case f.State == pay.RefundByHand:
			all = append(all, t.T("shopweb.case_by_hand", "amount", t.Money(f.Amount), "time", t.When(f.Done)))
		}
	}
	return all
}

// unasked is how many pieces of each line of a part there are to ask for: those that no open case asks back.
func unasked(s order.Sub, all []aftersale.Case) map[int64]int64 {
	left := map[int64]int64{}
	for _, l := range s.Lines {
		left[l.No] = l.Left()
	}
	for _, c := range all {
		if c.Seq != s.Seq || c.State.Terminal() {
			continue
		}
		for _, l := range c.Lines {
			left[l.Line] -= l.Units
		}
	}
	return left
}

// answered is how an order's page answers what was asked of it: by a refusal, or by what a refund would bring.
type answered struct {
	refused error
	would   *order.Refunded
}

// refuse says what was refused, and the page's status. A request for a refund stands as it was written, unfolded, with
// what is wrong, or what it would bring, beside it.
func (v *orderView) refuse(r *http.Request, t page.Tongue, a answered) (status int) {
	refused := a.refused
	switch {
	case refused != nil:
		v.Wrong = t.Fault(refused)
	case a.would == nil:
		return http.StatusOK
	}
	for i := range v.Subs {
		sub := &v.Subs[i]
		if !sub.CanRefund || !r.PostForm.Has("reason") || r.PostFormValue("seq") != page.Itoa(sub.Seq) {
			continue
		}
		fields := []*page.Field{&sub.Note}
		for j := range sub.RefundLines {
			fields = append(fields, &sub.RefundLines[j])
		}
		field := ""
		if refused != nil {
			field = fault.As(refused).Field
		}
		for _, f := range fields {
			f.Value = r.PostFormValue(f.Name)
			if field != "" && f.Name == field || field == "lines" && f == &sub.RefundLines[0] {
				v.Wrong, f.Error = "", t.Fault(refused)
			}
		}
		for j := range sub.Reason.Options[0].Options {
			o := &sub.Reason.Options[0].Options[j]
			o.Selected = o.Value == r.PostFormValue("reason")
		}
		sub.RefundOpen = true
		if b := a.would; b != nil {
			cash := func(minor int64) string { return t.Money(money.New(minor, b.Currency)) }
			sub.Would = t.T("shopweb.refund_would", "amount", cash(b.Total), "freight", cash(b.Freight), "why", t.Kept(*b))
			sub.Agreed = page.Itoa(b.Total)
		}
	}
	if refused == nil {
		return http.StatusOK
	}
	return fault.Of(refused).Status()
}

// refundable tells whether there is anything to ask back: something was paid and not all of it was refunded.
func refundable(o order.Order, s order.Sub) bool {
	if o.State != order.Paid && o.State != order.Completed || s.State == order.SubCancelled {
		return false
	}
	for _, l := range s.Lines {
		if l.Left() > 0 {
			return true
		}
	}
	return false
}

// caseOf shows a case with where it stands on its way: asked, answered, sent back where that was agreed, money back.
func caseOf(t page.Tongue, c aftersale.Case, sub order.Sub) caseView {
	v := caseView{Badge: t.CaseBadge(page.Shop, c), Text: t.T("shopweb.case", "reason",
		t.CaseReason(c.Reason), "amount", t.Money(money.New(c.Amount, c.Currency)))}
	for _, l := range sub.Lines {
		for _, asked := range c.Lines {
			if asked.Line == l.No {
				title := strings.TrimSpace(l.Title + " " + l.Choice)
				v.Notes = append(v.Notes, t.T("shopweb.case_line", "n", asked.Units, "title", title))
			}
		}
	}
	if kept := t.CaseKept(c); kept != "" {
		v.Notes = append(v.Notes, kept)
	}
	returned := false
	for _, s := range c.Steps {
		returned = returned || s.To == aftersale.Agreed
		if s.Note != "" {
			v.Notes = append(v.Notes, t.T("shopweb.case_note_"+s.Actor, "note", s.Note))
		}
		if key := s.Silent(); key != "" {
			v.Notes = append(v.Notes, t.T("shopweb.case_"+key))
		}
	}
	if c.State == aftersale.Opened && !c.AnswerBy.IsZero() {
		v.Notes = append(v.Notes, t.T("shopweb.case_answer_by", "time", t.When(c.AnswerBy)))
	}
	if !c.BackBy.IsZero() {
		v.Notes = append(v.Notes, t.T("shopweb.case_back_by", "time", t.When(c.BackBy)))
	}
	if to := c.SendTo; to.Set() {
		v.Back = &backView{to.Recipient, to.Phone, to.Whole()}
	} else if c.State == aftersale.Agreed {
		v.Notes = append(v.Notes, t.T("shopweb.case_no_address"))
		if !c.AnswerBy.IsZero() {
			v.Notes = append(v.Notes, t.T("shopweb.case_say_by", "time", t.When(c.AnswerBy)))
		}
	}
	if c.State == aftersale.Opened {
		v.Withdraw = string(c.ID)
	}
	names := []string{t.T("shopweb.case_asked"), t.T("shopweb.case_answered")}
	if returned {
		names = append(names, t.T("shopweb.case_back"))
	}
	here := map[aftersale.State]int{aftersale.Opened: 1, aftersale.Agreed: 2}[c.State]
	switch names = append(names, t.T("shopweb.case_money")); c.State {
	case aftersale.Refunded:
		here = len(names)
	case aftersale.Refused:
		names, here = []string{t.T("shopweb.case_asked"), t.T("shopweb.case_refused")}, 1
		switch c.Steps[len(c.Steps)-1].Actor {
		case "market":
			names[1] = t.T("shopweb.case_ended")
		case "operator":
			names[1] = t.T("shopweb.case_denied")
		}
	case aftersale.Withdrawn:
		names, here = []string{t.T("shopweb.case_asked"), t.T("shopweb.case_withdrawn")}, 1
	}
	v.Steps = page.StepsOf(t.T("shopweb.case_way"), here, names...)
	return v
}

// refundForm asks how many pieces of each line and why. Its key is made anew for each page that is shown, so that
// pressing twice is one request.
// Left is how many pieces of each line there are to ask for.
func (w *web) refundForm(t page.Tongue, sub *subView, s order.Sub, left map[int64]int64) {
	sub.Key = w.IDs.New("req")
	sub.RefundRule = t.T("shopweb.refund_after")
	all := "0"
	if s.State == order.SubOpen {
		sub.RefundRule, all = t.T("shopweb.refund_before"), ""
	}
	for _, l := range s.Lines {
		if left[l.No] <= 0 {
			continue
		}
		sub.CanRefund = true
		f := page.Field{ID: "units-" + page.Itoa(l.No), Name: unitsPrefix + page.Itoa(l.No), Kind: "number", Mode: "numeric",
			Label: t.T("shopweb.refund_units", "title", strings.TrimSpace(l.Title+" "+l.Choice)), Required: true,
			Hint: t.T("shopweb.refund_units_hint", "n", left[l.No]), Min: "0", Max: page.Itoa(left[l.No]), Value: all}
		if f.Value == "" {
			f.Value = page.Itoa(left[l.No])
		}
		sub.RefundLines = append(sub.RefundLines, f)
	}
	reasons := page.Group{}
	for _, r := range aftersale.ReasonsFor(s.State != order.SubOpen) {
		reasons.Options = append(reasons.Options, page.Option{Value: string(r), Text: t.CaseReason(r)})
	}
	n := page.Itoa(s.Seq)
	sub.Reason = page.Field{ID: "reason-" + n, Name: "reason", Kind: "select", Label: t.T("shopweb.refund_reason"),
		Required: true, Options: []page.Group{reasons}}
	sub.Note = page.Field{ID: "note-" + n, Name: "note", Kind: "area", Label: t.T("shopweb.refund_note"), Length: noteMax}
}

// unitsPrefix begins the name of the field that says how many pieces of a line go back; the line's number follows.
const unitsPrefix = "units."

// noteMax is how long a note to the merchant may be.
const noteMax = 500

// refund asks for pieces of one part of an order to be given back.
func (w *web) refund(rw http.ResponseWriter, r *http.Request) error {
	if w.Cases == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	seq, err := number(r, "seq")
	if err != nil {
		return w.refusedOrder(rw, r, err)
	}
	id := r.PathValue("order")
	lines, err := unitsOf(r)
	if err == nil {
		ask := aftersale.Open{Shopper: shopperOf(r.Context()), Order: order.ID(id), Seq: seq, Lines: lines,
			Reason: aftersale.Reason(r.PostFormValue("reason")), Note: r.PostFormValue("note"), Key: r.PostFormValue("key")}
		// Where the share that was paid is not what comes back, nobody asks before they were shown what does.
		would, wrong := w.Cases.Would(r.Context(), ask)
		if wrong == nil && would.Repriced && r.PostFormValue("agreed") != page.Itoa(would.Total) {
			return w.showOrder(rw, r, answered{would: &would})
		}
		if wrong == nil && would.Repriced {
			ask.Shown = &would.Total
		}
		_, err = w.Cases.Open(r.Context(), ask)
	}
	if err != nil {
		return w.refusedOrder(rw, r, err)
	}
	return see(rw, r, "/orders/"+id)
}

// withdraw takes a request back that nobody has decided.
func (w *web) withdraw(rw http.ResponseWriter, r *http.Request) error {
	if w.Cases == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	_, err := w.Cases.Withdraw(r.Context(), shopperOf(r.Context()), aftersale.ID(r.PostFormValue("case")))
	if err != nil {
		return w.refusedOrder(rw, r, err)
	}
	page.Flash(rw, "good", "shopweb.case_withdraw_done")
	return see(rw, r, "/orders/"+r.PathValue("order"))
}

// unitsOf reads how many pieces of each line go back. A form that names none asks for nothing, and is refused: an empty
// list would mean everything.
func unitsOf(r *http.Request) ([]order.Units, error) {
	if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "aftersale.lines").At("lines").Because(err)
	}
	var all []order.Units
	for name := range r.PostForm {
		line, ours := strings.CutPrefix(name, unitsPrefix)
		if !ours {
			continue
		}
		no, err := strconv.ParseInt(line, 10, 64)
		n, wrong := number(r, name)
		if err != nil || wrong != nil || n < 0 {
			return nil, fault.New(fault.Invalid, "page.number_wrong").At(name)
		}
		if n > 0 {
			all = append(all, order.Units{Line: no, Units: n})
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "aftersale.lines").At("lines")
	}
	return all, nil
}
