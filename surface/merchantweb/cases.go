package merchantweb

import (
	"context"
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/party/merchant"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

const casesPerPage = 30

// cases lists what shoppers ask back, those that wait for an answer first.
func (w *web) cases(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.begin(rw, r, "/desk/cases", "merchantweb.cases")
	q := r.URL.Query()
	show := aftersale.Filter(q.Get("show"))
	if show != aftersale.All {
		show = aftersale.ToClose
	}
	v := listView{Frame: f, Heading: t.T("merchantweb.cases"), Tabs: &page.Tabs{Label: t.T("merchantweb.show")}}
	for _, filter := range []aftersale.Filter{aftersale.ToClose, aftersale.All} {
		v.Tabs.Links = append(v.Tabs.Links, page.Link{Href: "/desk/cases?show=" + string(filter), Current: filter == show,
			Text: t.T("merchantweb.cases_" + string(filter))})
	}
	before := aftersale.ID(page.Place(r.URL.Query(), "before", "cas"))
	all, err := w.Cases.List(r.Context(), aftersale.Party{Shop: shopOf(r)}, show, before, casesPerPage+1)
	if err != nil {
		return err
	}
	v.Table = page.Table{ID: "cases", Caption: t.T("merchantweb.cases"), Columns: []page.Column{
		{Name: t.T("merchantweb.number")}, {Name: t.T("merchantweb.reason"), Wide: true}, {Name: t.T("merchantweb.asked")},
		{Name: t.T("merchantweb.amount"), Num: true}, {Name: t.T("merchantweb.state")}},
		Empty: page.Empty{Title: t.T("merchantweb.no_cases"), Text: t.T("merchantweb.no_cases_text")}}
	if len(all) > casesPerPage {
		all = all[:casesPerPage]
		next := url.Values{"show": {string(show)}, "before": {string(all[len(all)-1].ID)}}
		v.Table.Pager.Next = "/desk/cases?" + next.Encode()
	}
	if before != "" {
		v.Table.Pager.First = "/desk/cases?show=" + string(show)
	}
	for _, c := range all {
		badge := t.CaseBadge(page.Desk, c)
		row := page.Row{ID: string(c.ID), Cells: []page.Cell{
			{Text: short(string(c.Order)), Href: "/desk/orders/" + string(c.Order) + "#cases", Code: true},
			{Text: t.CaseReason(c.Reason), Sub: lastWord(c)},
			{Text: t.When(c.OpenedAt), Sub: answerBy(t, c)},
			{Text: t.Money(money.New(c.Amount, c.Currency))}, {Badge: &badge}}}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-list", v)
}

// answerBy says until when a case is answered, or its goods arrive; "" where nobody waits for that.
func answerBy(t page.Tongue, c aftersale.Case) string {
	switch {
	case !c.BackBy.IsZero():
		return t.T("merchantweb.case_back_by", "time", t.When(c.BackBy))
	case c.AnswerBy.IsZero():
		return ""
	case c.State == aftersale.Agreed:
		return t.T("merchantweb.case_say_by", "time", t.When(c.AnswerBy))
	}
	return t.T("merchantweb.case_answer_by", "time", t.When(c.AnswerBy))
}

// lastWord is what was written last about a case, where the list has it.
func lastWord(c aftersale.Case) string {
	for i := len(c.Steps) - 1; i >= 0; i-- {
		if c.Steps[i].Note != "" {
			return c.Steps[i].Note
		}
	}
	return ""
}

// casesOf shows the cases of an order, each with what the merchant can do about it.
func (w *web) casesOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order, shop string) error {
	if w.Cases == nil {
		return nil
	}
	all, err := w.Cases.ByOrder(ctx, aftersale.Party{Shop: shop}, o.ID)
	if err != nil || len(all) == 0 {
		return err
	}
	returns, err := w.Shops.Returns(ctx, merchant.ID(shop))
	if err != nil {
		return err
	}
	titles := map[int64]string{}
	for _, l := range o.Lines() {
		titles[l.No] = l.Title
	}
	for _, c := range all {
		cash := func(minor int64) string { return t.Money(money.New(minor, c.Currency)) }
		row := caseView{ID: string(c.ID), Badge: t.CaseBadge(page.Desk, c), Reason: t.CaseReason(c.Reason),
			Amount: cash(c.Amount), When: t.When(c.OpenedAt), CanAnswer: c.State == aftersale.Opened,
			CanClose: c.State == aftersale.Agreed, NoReturns: !c.State.Terminal() && !returns.Set()}
		for _, l := range c.Lines {
			row.Lines = append(row.Lines, t.T("merchantweb.n_of", "n", l.Units, "title", titles[l.Line])+" "+cash(l.Amount))
		}
		if kept := t.CaseKept(c); kept != "" {
			row.Lines = append(row.Lines, kept)
		}
		for _, s := range c.Steps {
			if s.Note != "" {
				row.Notes = append(row.Notes, t.T("merchantweb.note_by_"+s.Actor, "note", s.Note))
			}
			if key := s.Silent(); key != "" {
				row.Notes = append(row.Notes, t.T("merchantweb.case_"+key))
			}
		}
		if by := answerBy(t, c); by != "" {
			row.Notes = append(row.Notes, by)
		}
		row.Note = page.Field{ID: "note-" + string(c.ID), Name: "note", Kind: "area", Label: t.T("merchantweb.note"),
			Hint: t.T("merchantweb.note_hint"), Length: 500}
		v.Cases = append(v.Cases, row)
	}
	return nil
}

// answered keeps what was written to a case whose answer was refused, and says what is wrong where it was written.
func (v *orderView) answered(r *http.Request, t page.Tongue, refused error) {
	for i := range v.Cases {
		c := &v.Cases[i]
		if refused == nil || c.ID != r.PathValue("case") {
			continue
		}
		c.Note.Value, c.Restock = r.PostFormValue("note"), r.PostFormValue("restock") != ""
		if faults := t.FaultsOf(refused, "note"); faults.General == "" {
			v.Wrong, c.Note.Error = "", faults.At("note")
		}
	}
}

// answer decides a case: "agree" refunds at once, "return" once the goods are back, "back" says that they are, "refuse"
// closes it.
func (w *web) answer(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop, id := r.Context(), shopOf(r), aftersale.ID(r.PathValue("case"))
	was, err := w.Cases.Case(ctx, aftersale.Party{Shop: shop}, id)
	if err != nil {
		return err
	}
	note, restock := r.PostFormValue("note"), r.PostFormValue("restock") != ""
	switch r.PostFormValue("word") {
	case "agree":
		_, err = w.Cases.Agree(ctx, shop, id, restock, note)
	case "return":
		_, err = w.Cases.AgreeReturn(ctx, shop, id, note)
	case "back":
		_, err = w.Cases.GoodsBack(ctx, shop, id, restock)
	case "refuse":
		_, err = w.Cases.Refuse(ctx, shop, id, note)
	default:
		err = fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		if !page.Own(err) || fault.Of(err) == fault.NotFound {
			return err
		}
		r.SetPathValue("order", string(was.Order))
		return w.showOrder(rw, r, err)
	}
	return page.See(rw, r, "/desk/orders/"+string(was.Order)+"#cases")
}
