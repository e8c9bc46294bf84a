package saleweb

import (
	"net/http"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/surface/page"
	"hutong/trade/referral"
)

// invitesPath is the market's programmes of inviting friends.
const invitesPath = "/invites"

// The fields of a programme. Names are those of its terms.
var (
	rewardSpecs = []spec{{"text", "inviter", true}, {"text", "invitee", false}}
	earnSpecs   = []spec{{"amount", "budget", true}, {"whole", "per_inviter", true}}
	holdSpecs   = []spec{{"amount", "minimum", true}, {"whole", "return_days", true}}
	spanSpecs   = []spec{{"time", "from", true}, {"time", "until", true}}
	inviteSpecs = slices.Concat(titleSpecs, rewardSpecs, earnSpecs, holdSpecs, spanSpecs)
)

// invitePages are the programmes', at the operator's desk alone.
func (w *web) invitePages() drafts {
	return drafts{path: invitesPath, id: "/{programme}", list: w.programmes, fresh: w.newInvites, draft: w.draftInvites,
		one: w.programme, turn: w.turnInvites, names: [5]string{"invites", "invites.new", "invites.draft",
			"invites.programme", "invites.turn"}}
}

// programmes lists them, newest first.
func (w *web) programmes(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.begin(rw, r, invitesPath, "saleweb.invites")
	v.Lead = t.T("saleweb.invites_text")
	here := w.base + invitesPath
	if w.can(r) {
		v.Acts = []page.Act{{Text: t.T("saleweb.new_invites"), Href: here + "/new", Main: true}}
	}
	all, next, err := w.Referrals.Programmes(r.Context(), r.URL.Query().Get("at"))
	if err != nil {
		return err
	}
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = quota.Budget(string(p.ID))
	}
	counts, err := w.counts(r.Context(), names)
	if err != nil {
		return err
	}
	table := &page.Table{ID: "invites", Caption: t.T("saleweb.invites"),
		Columns: columns(t, "*programme", "window", "state", "#reward", "budget"),
		Empty:   page.Empty{Title: t.T("saleweb.no_invites"), Text: t.T("saleweb.no_invites_text")}}
	for i, p := range all {
		table.Rows = append(table.Rows, page.Row{ID: string(p.ID), Cells: []page.Cell{
			{Text: p.Terms.Title.Pick(t.Lang), Href: here + "/" + string(p.ID)},
			{Text: spanText(t, p.Terms.From(), p.Terms.Until())}, {Badge: programmeBadge(t, p)},
			{Text: w.money(t, p.Reward)},
			w.budgetCell(t, p.Terms.Budget, quota.Count{Cap: p.Terms.Budget, Used: counts[names[i]].Used})}})
	}
	if next != "" {
		table.Pager.Next = here + "?at=" + next
	}
	v.Parts = []part{{ID: "list", Table: table}}
	return w.show(rw, r, nil, v)
}

func programmeBadge(t page.Tongue, p referral.Programme) *page.Badge {
	tones := map[referral.ProgrammeState]string{referral.Draft: "wait", referral.Open: "done", referral.Stopped: "off"}
	return badge(t, tones[p.State], "istate_"+string(p.State))
}

func (w *web) programme(rw http.ResponseWriter, r *http.Request) error {
	return w.showProgramme(rw, r, nil)
}

// showProgramme is one programme: what it promises, what became of it, and what can be done.
func (w *web) showProgramme(rw http.ResponseWriter, r *http.Request, refused error) error {
	p, c, err := w.Referrals.Programme(r.Context(), referral.ProgrammeID(r.PathValue("programme")))
	if err != nil {
		return err
	}
	v, t := w.begin(rw, r, invitesPath, "saleweb.invites")
	v.Heading = p.Terms.Title.Pick(t.Lang)
	v.Title = v.Heading
	v.under(t, w.base+invitesPath, "saleweb.invites")
	v.Badge = programmeBadge(t, p)
	if refused != nil {
		v.Wrong = t.Fault(refused)
	}
	v.Parts = []part{{ID: "counts", Stats: []page.Stat{
		{Name: t.T("saleweb.i_bound"), Value: t.Count(c.Bound)},
		{Name: t.T("saleweb.i_pending"), Value: t.Count(c.Pending), Hint: w.stuckHint(t, c.Stuck)},
		{Name: t.T("saleweb.i_rewarded"), Value: t.Count(c.Rewarded), Hint: w.money(t, c.Given)},
		{Name: t.T("saleweb.i_refused"), Value: t.Count(c.Refused)}}}}
	facts, err := w.programmeFacts(r, t, p, c)
	if err != nil {
		return err
	}
	asks, waits, err := w.requestPart(r, t, string(p.ID), referral.OpenRequest)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, facts)
	if w.can(r) {
		at := w.base + invitesPath + "/" + string(p.ID)
		v.Parts = append(v.Parts, part{ID: "turn", Dialogs: programmeDialogs(t, p, waits, at)})
	}
	if asks != nil {
		v.Parts = append(v.Parts, *asks)
	}
	return w.show(rw, r, refused, v)
}

func (w *web) stuckHint(t page.Tongue, n int64) string {
	if n == 0 {
		return ""
	}
	return t.T("saleweb.i_stuck", "n", n)
}

func (w *web) programmeFacts(r *http.Request, t page.Tongue, p referral.Programme, c referral.Counts) (part, error) {
	gifts := map[voucher.TemplateID]string{"": t.T("saleweb.no_gift")}
	for _, id := range []voucher.TemplateID{p.Terms.Inviter, p.Terms.Invitee} {
		if _, known := gifts[id]; known {
			continue
		}
		x, _, err := w.Vouchers.Template(r.Context(), "", id)
		if err != nil {
			return part{}, err
		}
		gifts[id] = x.Terms.Title.Pick(t.Lang) + " · " + w.label(t, x.Terms)
	}
	say := func(key, s string) fact { return fact{Name: t.T("saleweb." + key), Text: s} }
	budget := w.budgetCell(t, p.Terms.Budget, quota.Count{Cap: p.Terms.Budget, Used: c.Kept})
	back := t.T("saleweb.i_back_none")
	if c.Back+c.Lost > 0 {
		back = t.T("saleweb.i_back_text", "back", w.money(t, c.Back), "lost", w.money(t, c.Lost))
	}
	return part{ID: "facts", Boxed: true, Facts: []fact{say("f_inviter", gifts[p.Terms.Inviter]),
		say("f_invitee", gifts[p.Terms.Invitee]), say("window", spanText(t, p.Terms.From(), p.Terms.Until())),
		say("f_minimum", w.money(t, p.Terms.Minimum)), say("f_return_days", t.Count(p.Terms.ReturnDays)),
		say("f_per_inviter", t.Count(p.Terms.PerInviter)), say("reward", w.money(t, p.Reward)), say("i_back", back),
		{Name: t.T("saleweb.budget"), Badge: budget.Badge, Text: budget.Text}}}, nil
}

func programmeDialogs(t page.Tongue, p referral.Programme, waits bool, at string) (ds []page.Dialog) {
	ask := func(do string, bad bool) {
		ds = append(ds, page.Dialog{ID: "do-" + do, Open: t.T("saleweb.do_i_" + do), Title: t.T("saleweb.do_i_" + do),
			Text: t.T("saleweb.do_i_" + do + "_text"), Action: at,
			Confirm: page.Act{Text: t.T("saleweb.do_i_" + do), Name: "do", Value: do, Main: !bad, Bad: bad}})
	}
	switch {
	case p.State == referral.Draft && !waits:
		ask("ask", false)
	case p.State == referral.Open:
		ask("stop", true)
	}
	return ds
}

// turnInvites asks for a second person, decides, or stops.
func (w *web) turnInvites(rw http.ResponseWriter, r *http.Request) error {
	id, do := r.PathValue("programme"), r.PostFormValue("do")
	if _, _, err := w.Referrals.Programme(r.Context(), referral.ProgrammeID(id)); err != nil {
		return err
	}
	var err error
	switch do {
	case "ask":
		err = w.ask(r, referral.OpenRequest, id, struct{}{})
	case "stop":
		err = w.Referrals.Stop(r.Context(), referral.ProgrammeID(id))
	default:
		err = w.decide(r, do)
	}
	if err != nil {
		if fault.Is(err, "login.proof_old") || fault.Of(err) == fault.Internal || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showProgramme(rw, r, err)
	}
	done := "saleweb.done_" + do
	if do == "stop" {
		done = "saleweb.done_withdraw"
	}
	return seen(rw, r, w.base+invitesPath+"/"+id, done)
}

func (w *web) newInvites(rw http.ResponseWriter, r *http.Request) error {
	return w.showInvitesForm(rw, r, func(string) string { return "" }, nil)
}

func (w *web) showInvitesForm(rw http.ResponseWriter, r *http.Request, get asked, refused error) error {
	v, t := w.begin(rw, r, invitesPath, "saleweb.new_invites")
	v.Lead = t.T("saleweb.new_invites_text")
	v.under(t, w.base+invitesPath, "saleweb.invites")
	faults := faultsOf(t, refused, inviteSpecs)
	set := func(key string, specs ...spec) fieldset {
		s := fieldset{Legend: t.T("saleweb." + key), Row: true}
		for _, p := range specs {
			s.Fields = append(s.Fields, w.field(t, p, get, faults))
		}
		return s
	}
	rewards := set("set_rewards", rewardSpecs...)
	templates, err := w.rewards(r, t)
	if err != nil {
		return err
	}
	for i := range rewards.Fields {
		f := &rewards.Fields[i]
		f.Kind = "select"
		options := slices.Clone(templates)
		if i > 0 {
			options = append([]page.Option{{Text: t.T("saleweb.no_gift")}}, options...)
		}
		for j := range options {
			options[j].Selected = options[j].Value == f.Value
		}
		f.Options = []page.Group{{Options: options}}
	}
	v.Parts = []part{{Boxed: true, Form: &form{Action: w.base + invitesPath + "/new", Method: "post",
		Wrong: faults.General, Acts: []page.Act{{Text: t.T("saleweb.save_draft"), Main: true}},
		Sets: []fieldset{set("set_title", titleSpecs...), rewards, set("set_limits", earnSpecs...),
			set("set_hold", holdSpecs...), set("set_when", spanSpecs...)}}}}
	return w.show(rw, r, refused, v)
}

// rewards are the market's templates that may be given, among the newest.
func (w *web) rewards(r *http.Request, t page.Tongue) (all []page.Option, err error) {
	templates, _, err := w.Vouchers.Templates(r.Context(), "", "")
	for _, x := range templates {
		if _, fixed := x.Terms.Worth(); x.State == voucher.TemplateOpen && fixed &&
			x.Terms.Audience.Kind != voucher.NewShoppers {
			all = append(all, page.Option{Value: string(x.ID), Text: x.Terms.Title.Pick(t.Lang) + " · " + w.label(t, x.Terms)})
		}
	}
	return all, err
}

// draftInvites keeps a programme; nothing of it holds yet.
func (w *web) draftInvites(rw http.ResponseWriter, r *http.Request) error {
	get := posted(r)
	terms, err := w.inviteTerms(get)
	var p referral.Programme
	if err == nil {
		p, err = w.Referrals.Draft(r.Context(), terms)
	}
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showInvitesForm(rw, r, get, err)
	}
	return seen(rw, r, w.base+invitesPath+"/"+string(p.ID), "saleweb.done_draft")
}

// inviteTerms reads the form.
func (w *web) inviteTerms(get asked) (x referral.Terms, err error) {
	x.Title = titleOf(get)
	x.Inviter, x.Invitee = voucher.TemplateID(get("inviter")), voucher.TemplateID(get("invitee"))
	into := map[string]*int64{"budget": &x.Budget, "per_inviter": &x.PerInviter, "minimum": &x.Minimum,
		"return_days": &x.ReturnDays, "from": &x.FromUS, "until": &x.UntilUS}
	for _, s := range inviteSpecs {
		to := into[s.name]
		if to == nil {
			continue
		}
		v, err := w.value(s, get(s.name))
		if err != nil {
			return x, err
		}
		switch v := v.(type) {
		case int64:
			*to = v
		case time.Time:
			*to = clock.Micros(v)
		}
	}
	return x, nil
}
