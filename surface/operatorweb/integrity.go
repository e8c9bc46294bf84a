package operatorweb

import (
	"net/http"
	"time"

	"hutong/base/checkup"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// auditWait is how long the form that asks for an audit waits for it: most are over by then, and the page shows it.
const auditWait = 3 * time.Second

// integrity shows the lamp, the last audit check by check, and the audits before it.
func (w *web) integrity(rw http.ResponseWriter, r *http.Request) error {
	return w.showIntegrity(rw, r, nil)
}

func (w *web) showIntegrity(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/integrity", "integrity")
	lamp, err := w.lamp(r, t)
	if err != nil {
		return err
	}
	v.Lamp = &lamp
	recent, err := w.Checkups.Recent(r.Context(), 20)
	if err != nil {
		return err
	}
	running := len(recent) > 0 && recent[0].State == checkup.Running
	if running { // it is over soon: the page looks again by itself
		v.Again, v.Htmx, v.Refresh = "/operator/integrity", true, 3
		// It stands inside what is read again, so that it goes when the audit is over.
		v.Ahead = []section{{Notes: []page.Notice{{Tone: "plain",
			Text: t.T("operatorweb.audit_runs", "time", t.Clock(recent[0].Began))}}}}
	} else if may(r, login.MarketVerify) {
		v.Acts = []headAct{{Act: page.Act{Text: t.T("operatorweb.run"), Main: true}, Post: "/operator/integrity"}}
	}
	last, found, err := w.Checkups.Last(r.Context())
	if err != nil {
		return err
	}
	checks, err := w.checks(t, last, found)
	if err != nil {
		return err
	}
	past, err := w.pastRuns(r, t, recent)
	if err != nil {
		return err
	}
	v.Sections = []section{checks}
	if past.Table != nil {
		v.Sections[0].More = page.Link{Href: "#past", Text: past.Title}
		v.Sections = append(v.Sections, past)
	}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// runAudit asks for an audit in the background, and waits a little for it.
func (w *web) runAudit(rw http.ResponseWriter, r *http.Request) error {
	_, over, err := w.Checkups.Start(r.Context(), string(gate.Who(r.Context()).Login))
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showIntegrity(rw, r, err) })
	}
	patience := time.NewTimer(auditWait)
	defer patience.Stop()
	select {
	case <-over:
		return see(rw, r, "/operator/integrity", "audit_done")
	case <-patience.C:
	case <-r.Context().Done():
	}
	return see(rw, r, "/operator/integrity", "")
}

// pastAudit shows one audit check by check.
func (w *web) pastAudit(rw http.ResponseWriter, r *http.Request) error {
	run, err := w.Checkups.Run(r.Context(), r.PathValue("run"))
	if err != nil {
		return err
	}
	v, t := w.page(r, "/operator/integrity", "past_audit")
	v.under(t, "/operator/integrity", "integrity")
	badge := runBadge(t, run)
	v.Badge = &badge
	names, err := w.staffNames(r.Context())
	if err != nil {
		return err
	}
	checks, err := w.checks(t, run, true)
	if err != nil {
		return err
	}
	v.Sections = []section{{Boxed: true, Facts: []fact{
		{Name: t.T("operatorweb.at"), Text: t.When(run.Began)}, {Name: t.T("operatorweb.took"), Text: took(t,
			run.Took())},
		{Name: t.T("operatorweb.asked_by"), Text: asker(t, names, run.By)},
		{Name: t.T("operatorweb.counted"), Text: t.Count(run.Counted)}}}, checks}
	return w.show(rw, r, http.StatusOK, v)
}

// checks are the promises of an audit, the broken ones first.
func (w *web) checks(t page.Tongue, run checkup.Run, found bool) (section, error) {
	s := section{ID: "checks", Title: t.T("operatorweb.checks"), Table: table("checks", t.T("operatorweb.checks"),
		page.Empty{Title: t.T("operatorweb.never_audited"), Text: t.T("operatorweb.never_audited_text")},
		columns(t, "*check", "result", "#counted", "rule")...)}
	if !found {
		return s, nil
	}
	s.Lead = t.T("operatorweb.audited", "time", t.When(run.Ended), "took", took(t, run.Took()))
	all, err := run.Words()
	for _, broken := range []bool{true, false} {
		for _, c := range all {
			if c.OK != broken {
				s.Table.Rows = append(s.Table.Rows, w.checkRow(t, c))
			}
		}
	}
	return s, err
}

func (w *web) checkRow(t page.Tongue, c checkup.Check) page.Row {
	promise := page.Cell{Text: c.Name, Sub: c.Name}
	if key := "verify." + c.Name; t.Has(key) {
		promise.Text = t.T(key)
	}
	result := badged(page.Badge{Tone: "done", Text: t.T("operatorweb.check_holds")})
	if !c.OK {
		result = badged(page.Badge{Tone: "bad", Text: t.T("operatorweb.check_broken", "n", t.Count(c.Broken))})
		for _, row := range c.Rows {
			result.Sub += row + "\n"
		}
	}
	return page.Row{ID: c.Name, Cells: []page.Cell{promise, result, plain(t.Count(c.Counted)), {Text: c.Rule,
		Code: true}}}
}

// pastRuns are the audits before, the newest first.
func (w *web) pastRuns(r *http.Request, t page.Tongue, recent []checkup.Run) (section, error) {
	s := section{ID: "past", Title: t.T("operatorweb.past_audits"), Table: table("past-audits",
		t.T("operatorweb.past_audits"), page.Empty{},
		columns(t, "at", "result", "#counted", "#took", "asked_by")...)}
	if len(recent) == 0 { // the checks above say so
		return section{}, nil
	}
	names, err := w.staffNames(r.Context())
	for _, run := range recent {
		row := page.Row{ID: run.ID, Cells: []page.Cell{{Text: t.When(run.Began), Href: "/operator/integrity/" + run.ID},
			badged(runBadge(t, run)), plain(t.Count(run.Counted)), plain("–"), plain(asker(t, names, run.By))}}
		if run.State != checkup.Running {
			row.Cells[3].Text = took(t, run.Took())
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s, err
}

func runBadge(t page.Tongue, run checkup.Run) page.Badge {
	switch {
	case run.State == checkup.Running:
		return page.Badge{Tone: "go", Text: t.T("operatorweb.run_running")}
	case run.State == checkup.Failed:
		return page.Badge{Tone: "wait", Text: t.T("operatorweb.run_failed")}
	case !run.OK:
		return page.Badge{Tone: "bad", Text: t.T("operatorweb.check_broken", "n", t.Count(run.Broken))}
	}
	return page.Badge{Tone: "done", Text: t.T("operatorweb.run_holds", "n", t.Count(run.Checks))}
}

// asker is who asked for an audit; the node asks by itself once a day.
func asker(t page.Tongue, names map[string]string, by string) string {
	if by == "" {
		return t.T("operatorweb.by_itself")
	}
	if name := names[by]; name != "" {
		return name
	}
	return brief(by)
}

// took is a duration as people read it.
func took(t page.Tongue, d time.Duration) string {
	if d < time.Second {
		return t.T("operatorweb.ms", "n", d.Milliseconds())
	}
	return t.Left(d)
}
