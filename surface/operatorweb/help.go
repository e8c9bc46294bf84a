package operatorweb

import (
	"net/http"
	"strings"

	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// help lets staff look at the market as somebody who consented sees it: with a code that they say over the telephone.
func (w *web) help(rw http.ResponseWriter, r *http.Request) error { return w.showHelp(rw, r, nil) }

func (w *web) showHelp(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/help", "help")
	f := &form{Action: "/operator/help", Fields: []page.Field{{ID: "code", Name: "code",
		Label: t.T("operatorweb.consent_code"),
		Kind:  "text", Required: true, Length: 20, Auto: "off", Holder: "abcd-efgh-jkmn",
		Hint: t.T("operatorweb.consent_hint")}},
		Acts: []page.Act{{Text: t.T("operatorweb.look"), Main: true}}}
	status := http.StatusOK
	if refused != nil {
		f.Fields[0].Error, status = t.Fault(refused), statusOf(refused)
	}
	v.Sections = []section{{ID: "look", Boxed: true, Title: t.T("operatorweb.look_title"), Form: f},
		{ID: "rules", Boxed: true, Title: t.T("operatorweb.help_rules"), Lines: []string{t.T("operatorweb.help_rule_1"),
			t.T("operatorweb.help_rule_2"), t.T("operatorweb.help_rule_3"), t.T("operatorweb.help_rule_4")}}}
	return w.show(rw, r, status, v)
}

// beginHelp takes the code and opens the session in which one looks on. One's own session ends here: who looks on
// cannot act as themselves meanwhile.
func (w *web) beginHelp(rw http.ResponseWriter, r *http.Request) error {
	token, who, err := w.Logins.Help(r.Context(), gate.Who(r.Context()), strings.TrimSpace(r.PostFormValue("code")))
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showHelp(rw, r, err) })
	}
	gate.SetSession(rw, r, token, login.Defaults.HelpFor)
	to := "/"
	if who.Role == login.Merchant {
		to = "/desk"
	}
	return see(rw, r, to, "")
}
