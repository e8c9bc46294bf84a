package operatorweb

import (
	"net/http"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/surface/page"
)

// jobs shows what runs by itself, how far events are behind, and which could not be delivered.
func (w *web) jobs(rw http.ResponseWriter, r *http.Request) error { return w.showJobs(rw, r, nil) }

func (w *web) showJobs(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/jobs", "jobs")
	lag, err := w.Bus.Lag(r.Context())
	if err != nil {
		return err
	}
	behind := t.T("operatorweb.none_waits")
	if lag.Waiting > 0 {
		behind = t.Left(max(clock.Now(r.Context(), w.Clock).Sub(lag.Oldest), 0))
	}
	events := section{ID: "events", Title: t.T("operatorweb.events"), Stats: []page.Stat{
		{Name: t.T("operatorweb.events_waiting"), Value: t.Count(lag.Waiting), Hint: behind},
		{Name: t.T("operatorweb.events_failing"), Value: t.Count(lag.Failing),
			Hint: t.T("operatorweb.events_failing_hint")},
		{Name: t.T("operatorweb.events_dead"), Value: t.Count(lag.Dead), Hint: t.T("operatorweb.events_dead_hint")}}}
	letters, err := w.letters(r, t)
	if err != nil {
		return err
	}
	v.Sections = []section{w.allJobs(t), events, letters}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// allJobs lists the jobs, those that fail first.
func (w *web) allJobs(t page.Tongue) section {
	s := section{ID: "all", Table: table("jobs", t.T("operatorweb.jobs"),
		page.Empty{Title: t.T("operatorweb.no_jobs"), Text: t.T("operatorweb.no_jobs_text")},
		columns(t, "*job", "state", "last_run", "#took", "#runs", "#failures")...)}
	all := w.Board.Jobs()
	now := w.Clock.Now()
	for _, wrong := range []bool{true, false} {
		for _, j := range all {
			if (j.Failing() || j.Late(now)) != wrong {
				continue
			}
			cells := []page.Cell{{Text: word(t, "job", j.Name), Sub: j.Name, Href: "/operator/jobs/" + j.Name},
				badged(w.jobBadge(t, j)), plain(t.When(j.Began)), plain("–"), plain(t.Count(j.Runs)), plain(t.Count(j.Failed))}
			if j.Runs > 0 {
				cells[3].Text = took(t, j.Took)
			}
			if j.Failing() {
				cells[1].Sub = j.Error
			}
			s.Table.Rows = append(s.Table.Rows, page.Row{ID: j.Name, Cells: cells})
		}
	}
	return s
}

func (w *web) jobBadge(t page.Tongue, j job.Status) page.Badge {
	switch {
	case j.InARow >= retriesBad:
		return page.Badge{Tone: "bad", Text: t.T("operatorweb.job_fails", "n", j.InARow)}
	case j.Failing():
		return page.Badge{Tone: "wait", Text: t.T("operatorweb.job_failed")}
	case j.Late(w.Clock.Now()):
		return page.Badge{Tone: "bad", Text: t.T("operatorweb.job_late")}
	case j.Began.IsZero():
		return page.Badge{Tone: "off", Text: t.T("operatorweb.job_never")}
	case j.Running:
		return page.Badge{Tone: "go", Text: t.T("operatorweb.job_runs")}
	}
	return page.Badge{Tone: "done", Text: t.T("operatorweb.job_well")}
}

// job shows one job with its latest runs.
func (w *web) job(rw http.ResponseWriter, r *http.Request) error {
	j, runs, found := w.Board.Job(r.PathValue("job"))
	if !found {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	v, t := w.page(r, "/operator/jobs", "job")
	v.Heading = word(t, "job", j.Name)
	v.Title = v.Heading
	v.under(t, "/operator/jobs", "jobs")
	badge := w.jobBadge(t, j)
	v.Badge = &badge
	facts := section{Boxed: true, Facts: []fact{{Name: t.T("operatorweb.name"), Text: j.Name, Code: true},
		{Name: t.T("operatorweb.every"), Text: t.T("operatorweb.every_text", "took", took(t, j.Every))},
		{Name: t.T("operatorweb.last_run"), Text: t.When(j.Began)},
		{Name: t.T("operatorweb.last_work"), Text: t.When(j.Worked)},
		{Name: t.T("operatorweb.runs"), Text: t.Count(j.Runs), Sub: t.T("operatorweb.since_start")},
		{Name: t.T("operatorweb.done"), Text: t.Count(j.Done)}, {Name: t.T("operatorweb.failures"),
			Text: t.Count(j.Failed)}}}
	if j.Error != "" {
		facts.Facts = append(facts.Facts, fact{Name: t.T("operatorweb.last_error"), Text: j.Error, Code: true,
			Sub: t.When(j.FailedAt)})
	}
	past := section{ID: "runs", Title: t.T("operatorweb.last_runs"), Lead: t.T("operatorweb.last_runs_text"),
		Table: table("runs", t.T("operatorweb.last_runs"), page.Empty{Title: t.T("operatorweb.no_runs")},
			columns(t, "at", "result", "#done", "#took")...)}
	for _, p := range runs {
		result := badged(page.Badge{Tone: "done", Text: t.T("operatorweb.job_well")})
		if p.Error != "" {
			result = badged(page.Badge{Tone: "bad", Text: t.T("operatorweb.job_failed")})
			result.Sub = p.Error
		}
		past.Table.Rows = append(past.Table.Rows, page.Row{Cells: []page.Cell{plain(t.When(p.At)), result,
			plain(t.Count(int64(p.Done))), plain(took(t, p.Took))}})
	}
	v.Sections = []section{facts, past}
	return w.show(rw, r, http.StatusOK, v)
}

// letters are the events that consumers failed to take.
func (w *web) letters(r *http.Request, t page.Tongue) (section, error) {
	s := section{ID: "letters", Title: t.T("operatorweb.letters"), Table: table("letters", t.T("operatorweb.letters"),
		page.Empty{Title: t.T("operatorweb.no_letters"), Text: t.T("operatorweb.no_letters_text")},
		columns(t, "*event", "consumer", "state", "#tries", "act")...)}
	all, err := w.Bus.Letters(r.Context())
	for _, l := range all {
		state := page.Badge{Tone: "wait", Text: t.T("operatorweb.letter_again", "time", t.When(l.Next))}
		if l.Dead {
			state = page.Badge{Tone: "bad", Text: t.T("operatorweb.letter_dead")}
		}
		cell := badged(state)
		cell.Sub = l.Reason
		row := page.Row{ID: l.Event.ID, Cells: []page.Cell{{Text: string(l.Event.Topic), Sub: brief(l.Event.Subject) +
			" · " + t.When(l.Event.At)}, {Text: l.Consumer, Code: true}, cell, plain(t.Count(l.Tries)), {}}}
		if may(r, login.MarketSettings) {
			row.Cells[4] = page.Cell{Post: "/operator/jobs", Acts: []page.Act{{Text: t.T("operatorweb.tell_again")}},
				Hidden: []page.Pair{{Name: "event", Value: l.Event.ID}, {Name: "consumer", Value: l.Consumer}}}
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s, err
}

// tellAgain has a consumer told of an event once more.
func (w *web) tellAgain(rw http.ResponseWriter, r *http.Request) error {
	name, consumer := r.PostFormValue("event"), r.PostFormValue("consumer")
	err := w.Bus.Again(r.Context(), name, consumer, func(tx *db.Tx) error {
		return w.Audit.NoteIn(r.Context(), tx, audit.Entry{What: "event.told_again", On: name,
			After: audit.Facts{"consumer": consumer}})
	})
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showJobs(rw, r, err) })
	}
	return see(rw, r, "/operator/jobs#letters", "told_again")
}
