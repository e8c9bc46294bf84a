package page

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
)

// Faults are the refusals of a form, by field; the one about none of them stands above the form.
type Faults struct {
	General string
	Fields  map[string]string
}

// At is what is wrong with a field, or "".
func (f Faults) At(field string) string { return f.Fields[field] }

// Any tells whether anything is wrong.
func (f Faults) Any() bool { return f.General != "" || len(f.Fields) > 0 }

// FaultsOf sorts a refusal to the field it is about, if that is one of fields; nil is no fault.
func (t Tongue) FaultsOf(err error, fields ...string) Faults {
	if err == nil {
		return Faults{}
	}
	f := fault.As(err)
	for _, name := range fields {
		if name == f.Field {
			return Faults{Fields: map[string]string{name: t.Fault(err)}}
		}
	}
	return Faults{General: t.Fault(err)}
}

// faultView is the page of a request that failed as a whole.
type faultView struct {
	Frame
	Status   int
	Headline string
	Text     string
	Home     string
}

// Fault answers with the page of a refusal: what happened in words, the request id to tell the operator, and a way on.
func (s *Set) Fault(w http.ResponseWriter, r *http.Request, f Frame, err error) error {
	e, t := fault.As(err), s.In(f.Lang)
	f.Lang, f.Public, f.Live = t.Lang, false, ""
	v := faultView{Frame: f, Status: e.Kind.Status(), Text: t.Fault(err), Home: home(f.Area)}
	v.Headline = t.T("page.fault_" + e.Kind.String())
	v.Title = v.Headline
	if e.RetryAfter > 0 {
		seconds := int64((e.RetryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	return s.Render(w, r, v.Status, "fault", v)
}

func home(a Area) string {
	switch a {
	case Desk:
		return "/desk"
	case Operator:
		return "/operator"
	}
	return "/"
}

// Back is the path that a form asked to come back to, if it is a path of this market and nothing else; otherwise
// fallback. A browser reads "//host" and "/\host" as another market's address (FAULTS A20).
func Back(next, fallback string) string {
	if len(next) > hereMax || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return fallback
	}
	for _, c := range next {
		if c == '\\' || c < ' ' || c == 0x7f {
			return fallback
		}
	}
	return next
}
