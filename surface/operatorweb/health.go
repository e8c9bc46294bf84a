package operatorweb

import (
	"net/http"
	"time"

	"hutong/base/checkup"
	"hutong/base/clock"
	"hutong/base/event"
	"hutong/party/login"
	"hutong/surface/page"
)

// When the lamp turns: an audit that is older than so long says little, and events that wait so long are stuck.
const (
	auditOld   = 26 * time.Hour // a day, and the time until the next one
	eventsSlow = 30 * time.Second
	eventsHang = 5 * time.Minute
	retriesBad = 3 // failures of a job in a row
)

// lamp is the integrity lamp: red where a promise is broken or something hangs, amber where somebody should look,
// green otherwise.
func (w *web) lamp(r *http.Request, t page.Tongue) (lampView, error) {
	ctx := r.Context()
	last, found, err := w.Checkups.Last(ctx)
	if err != nil {
		return lampView{}, err
	}
	lag, err := w.Bus.Lag(ctx)
	if err != nil {
		return lampView{}, err
	}
	open, err := w.Pay.Suspense(ctx)
	if err != nil {
		return lampView{}, err
	}
	now := clock.Now(ctx, w.Clock)
	v := lampView{Signs: []sign{auditSign(t, last, found, now), lagSign(t, lag, now), deadSign(t, lag), w.jobSign(t)}}
	money := sign{Name: t.T("operatorweb.sign_suspense"), Value: t.Count(int64(len(open))), Tone: "good"}
	if may(r, login.MarketSuspense) {
		money.Href = "/operator/suspense"
	}
	if len(open) > 0 {
		money.Tone, money.Word = "wait", t.T("operatorweb.sign_suspense_open")
	}
	v.Signs = append(v.Signs, money)
	if forged, _ := w.Pay.Counters(); forged > 0 {
		v.Signs = append(v.Signs, sign{Name: t.T("operatorweb.sign_forged"), Value: t.Count(forged), Tone: "wait",
			Word: t.T("operatorweb.sign_forged_text")})
	}
	v.Tone = "good"
	for _, s := range v.Signs {
		if s.Tone == "bad" || s.Tone == "wait" && v.Tone == "good" {
			v.Tone = s.Tone
		}
	}
	v.Text = t.T("operatorweb.lamp_" + v.Tone)
	if found {
		v.When = t.T("operatorweb.lamp_when", "time", t.When(last.Ended), "n", t.Count(last.Checks),
			"rows", t.Count(last.Counted))
	}
	return v, nil
}

// loud are the signs that are not green; where all are, the way to the page about them.
func (v lampView) loud() (all []sign) {
	for _, s := range v.Signs {
		if s.Tone != "good" {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		all = v.Signs[:1]
	}
	return all
}

func auditSign(t page.Tongue, last checkup.Run, found bool, now time.Time) sign {
	s := sign{Name: t.T("operatorweb.sign_audit"), Href: "/operator/integrity", Tone: "good"}
	switch {
	case !found:
		s.Tone, s.Value = "wait", t.T("operatorweb.sign_never")
	case !last.OK:
		s.Tone, s.Value = "bad", t.T("operatorweb.check_broken", "n", t.Count(last.Broken))
	default:
		s.Value = t.T("operatorweb.sign_holds", "n", t.Count(last.Checks))
		if now.Sub(last.Ended) > auditOld {
			s.Tone, s.Word = "wait", t.T("operatorweb.sign_old", "left", t.Left(now.Sub(last.Ended)))
		}
	}
	return s
}

func lagSign(t page.Tongue, lag event.Lag, now time.Time) sign {
	s := sign{Name: t.T("operatorweb.sign_events"), Value: t.Count(lag.Waiting), Href: "/operator/jobs#events",
		Tone: "good"}
	if lag.Waiting == 0 {
		return s
	}
	behind := max(now.Sub(lag.Oldest), 0)
	if behind >= time.Second {
		s.Word = t.T("operatorweb.sign_behind", "left", t.Left(behind))
	}
	switch {
	case behind > eventsHang:
		s.Tone = "bad"
	case behind > eventsSlow:
		s.Tone = "wait"
	}
	return s
}

func deadSign(t page.Tongue, lag event.Lag) sign {
	s := sign{Name: t.T("operatorweb.sign_dead"), Value: t.Count(lag.Dead), Href: "/operator/jobs#letters",
		Tone: "good"}
	if lag.Failing > 0 {
		s.Tone, s.Word = "wait", t.T("operatorweb.sign_failing", "n", t.Count(lag.Failing))
	}
	if lag.Dead > 0 {
		s.Tone = "bad"
	}
	return s
}

func (w *web) jobSign(t page.Tongue) sign {
	s := sign{Name: t.T("operatorweb.sign_jobs"), Href: "/operator/jobs", Tone: "good"}
	failing, now := int64(0), w.Clock.Now()
	for _, j := range w.Board.Jobs() {
		switch {
		case j.InARow >= retriesBad || j.Late(now):
			failing++
			s.Tone = "bad"
		case j.Failing():
			failing++
			if s.Tone == "good" {
				s.Tone = "wait"
			}
		}
	}
	s.Value = t.Count(failing)
	return s
}
