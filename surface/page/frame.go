package page

import (
	"net/http"
	"net/url"
	"strings"

	"hutong/party/login"
	"hutong/surface/gate"
)

// FrameOf begins the frame of a page with what the gate knows: language, who is looking, the request's id.
func FrameOf(r *http.Request, a Area) Frame {
	ctx := r.Context()
	who := gate.Who(ctx)
	f := Frame{Lang: gate.Lang(ctx), Area: a, Here: r.URL.EscapedPath(), RequestID: gate.RequestID(ctx),
		Me: Me{In: who.Login != "", Merchant: who.Role == login.Merchant, Operator: who.Role == login.Operator}}
	if who.ReadOnly() {
		f.Me.Helper, f.Me.For = tail(string(who.Helper)), tail(who.Shopper+who.Shop)
	}
	return f
}

// tail is the end of an id, enough for two people on the telephone to know that they speak of the same.
func tail(id string) string { return id[max(0, len(id)-6):] }

// areaOf tells from a path for whom its page is.
func areaOf(path string) Area {
	for _, a := range []Area{Desk, Operator} {
		if path == home(a) || strings.HasPrefix(path, home(a)+"/") {
			return a
		}
	}
	return Shop
}

// Refused answers a refused request with the page of its refusal: the gate's Options.Fault.
func (s *Set) Refused(w http.ResponseWriter, r *http.Request, err error) {
	f := FrameOf(r, areaOf(r.URL.Path))
	if f.Area != Shop && !f.Me.In {
		f.Area = Plain // nothing of a desk is shown to those who have none
	}
	if r.Method != http.MethodGet {
		f.Here = home(f.Area) // a form's address shows nothing when it is asked for
	}
	if s.Fault(w, r, f, err) != nil { // the page itself is broken: a defect that tests find
		http.Error(w, s.In(f.Lang).Fault(err), http.StatusInternalServerError)
	}
}

// inTongue is the address of a page in another language; the gate keeps the choice.
func inTongue(here, lang string) string {
	path, query, _ := strings.Cut(here, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set("lang", lang)
	return path + "?" + values.Encode()
}
