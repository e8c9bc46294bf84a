package merchantweb

import (
	"context"
	"net/http"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// depositPath is the shop's security deposit.
const depositPath = "/desk/deposit"

// deposit shows how the shop's deposit stands, what is held of it and why, and takes appeals.
func (w *web) deposit(rw http.ResponseWriter, r *http.Request) error {
	return w.showDeposit(rw, r, nil)
}

func (w *web) showDeposit(rw http.ResponseWriter, r *http.Request, refused error) error {
	f, t := w.begin(rw, r, depositPath, "merchantweb.deposit")
	account, holds, err := w.Deposits.Holds(r.Context(), shopOf(r), w.Currency)
	if err != nil {
		return err
	}
	_, moves, err := w.Deposits.Of(r.Context(), shopOf(r), w.Currency)
	if err != nil {
		return err
	}
	cash := func(minor int64) string { return t.Money(money.New(minor, w.Currency)) }
	intro := t.T("merchantweb.deposit_text", "balance", cash(account.Balance), "held", cash(account.Held),
		"required", cash(account.Required))
	if account.TopUp() > 0 {
		intro += " " + t.T("merchantweb.deposit_top_up", "amount", cash(account.TopUp()))
	}
	v := listView{Frame: f, Heading: t.T("merchantweb.deposit"), Intro: intro, Table: page.Table{ID: "holds",
		Caption: t.T("merchantweb.deposit_holds"), Columns: []page.Column{{Name: t.T("merchantweb.deposit_at")},
			{Name: t.T("merchantweb.deposit_amount"), Num: true}, {Name: t.T("merchantweb.deposit_why"), Wide: true},
			{Name: t.T("merchantweb.deposit_state"), Wide: true}},
		Empty: page.Empty{Title: t.T("merchantweb.no_holds"), Text: t.T("merchantweb.no_holds_text")}}}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), fault.Of(refused).Status()
	}
	for _, h := range holds {
		v.Table.Rows = append(v.Table.Rows, holdRow(t, h))
		if h.State == deposit.Announced {
			v.Dialogs = append(v.Dialogs, appeal(t, h))
		}
	}
	second, err := w.movesTable(r.Context(), t, shopOf(r), moves)
	if err != nil {
		return err
	}
	v.Second = &secondTable{Heading: t.T("merchantweb.deposit_moves"), Table: second}
	return w.set.Render(rw, r, status, "desk-list", v)
}

// movesTable is what was paid into the deposit and out of it, and the charges that were taken from it, the newest
// first; the fee of a place leads to the place.
func (w *web) movesTable(ctx context.Context, t page.Tongue, shop string, moves []deposit.Move) (page.Table, error) {
	table := page.Table{ID: "moves", Caption: t.T("merchantweb.deposit_moves"), Columns: []page.Column{
		{Name: t.T("merchantweb.deposit_at")}, {Name: t.T("merchantweb.deposit_amount"), Num: true},
		{Name: t.T("merchantweb.deposit_ref"), Wide: true}},
		Empty: page.Empty{Title: t.T("merchantweb.no_moves"), Text: t.T("merchantweb.no_moves_text")}}
	charges, err := w.Settle.OnDeposit(ctx, shop, w.Currency)
	if err != nil {
		return table, err
	}
	for len(moves)+len(charges) > 0 {
		if len(charges) == 0 || len(moves) > 0 && moves[0].At.After(charges[0].At) {
			m := moves[0]
			moves = moves[1:]
			table.Rows = append(table.Rows, page.Row{ID: m.ID, Cells: []page.Cell{{Text: t.When(m.At)},
				{Text: t.Money(money.New(m.Amount, m.Currency))}, {Text: m.Ref}}})
			continue
		}
		c := charges[0]
		charges = charges[1:]
		why := page.Cell{Text: t.T("merchantweb.charge_" + c.Why)}
		if strings.HasPrefix(c.Why, "place.") && w.Places != nil {
			why.Href = placesPath + "?only=" + strings.TrimSuffix(c.ID, ".commission")
		}
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{{Text: t.When(c.At)},
			{Text: t.Money(money.New(-c.Amount, c.Currency))}, why}})
	}
	return table, nil
}

// holdRow is a hold with what was said about it.
func holdRow(t page.Tongue, h deposit.Hold) page.Row {
	tones := map[deposit.State]string{deposit.Frozen: "wait", deposit.Announced: "bad", deposit.Appealed: "wait",
		deposit.Drawn: "done", deposit.Released: "off"}
	why := page.Cell{Text: h.Why}
	if h.Appeal != "" {
		why.Sub = t.T("merchantweb.deposit_appealed", "words", h.Appeal)
	}
	state := page.Cell{Badge: &page.Badge{Tone: tones[h.State], Text: t.T("merchantweb.hold_" + string(h.State))},
		Sub: h.Answer}
	if h.State == deposit.Announced {
		state.Sub = t.T("merchantweb.deposit_until", "time", t.When(h.Until))
	}
	return page.Row{ID: string(h.ID), Cells: []page.Cell{{Text: t.When(h.At)},
		{Text: t.Money(money.New(h.Amount, h.Currency))}, why, state}}
}

// depositWaits adds draws that the shop may appeal against, and a deposit below what is asked of it.
func (w *web) depositWaits(ctx context.Context, t page.Tongue, shop string,
	add func(name, href, icon string, n int, hint string)) error {
	if w.Deposits == nil {
		return nil
	}
	account, holds, err := w.Deposits.Holds(ctx, shop, w.Currency)
	n, hint := 0, ""
	for _, h := range holds { // the newest first: the last has the least time left
		if h.State == deposit.Announced {
			n, hint = n+1, t.T("merchantweb.deposit_until", "time", t.When(h.Until))
		}
	}
	add("draws", depositPath, "lock", n, hint)
	if short := account.TopUp(); short > 0 {
		add("deposit", depositPath, "lock", 1, t.T("merchantweb.todo_deposit_hint", "amount",
			t.Money(money.New(short, w.Currency))))
	}
	return err
}

// appeal is the form in which the shop speaks against a draw.
func appeal(t page.Tongue, h deposit.Hold) page.Dialog {
	amount := t.Money(money.New(h.Amount, h.Currency))
	return page.Dialog{ID: "appeal-" + string(h.ID), Open: t.T("merchantweb.deposit_appeal", "amount", amount),
		Title: t.T("merchantweb.deposit_appeal", "amount", amount), Text: h.Why, Action: depositPath + "/" + string(h.ID),
		Fields: []page.Field{{ID: "appeal-" + string(h.ID) + "-words", Name: "appeal", Kind: "area", Required: true,
			Label: t.T("merchantweb.deposit_appeal_words"), Length: deposit.AppealMax}},
		Confirm: page.Act{Text: t.T("merchantweb.deposit_appeal_send"), Main: true}}
}

// appealDraw takes an appeal.
func (w *web) appealDraw(rw http.ResponseWriter, r *http.Request) error {
	err := w.Deposits.Appeal(r.Context(), gate.Who(r.Context()).Login, shopOf(r), deposit.HoldID(r.PathValue("hold")),
		strings.TrimSpace(r.PostFormValue("appeal")))
	if err != nil && page.Own(err) && fault.Of(err) != fault.NotFound {
		return w.showDeposit(rw, r, err)
	}
	if err != nil {
		return err
	}
	page.Flash(rw, "good", "merchantweb.deposit_appeal_done")
	return page.See(rw, r, depositPath)
}
