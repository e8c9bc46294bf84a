package loginweb

import (
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
)

const joinPath = "/join"

// joinView serves the page on which somebody takes up an invitation.
type joinView struct {
	page.Frame
	Offer, Until, Wrong string
	Action              string
	Fields              []page.Field
	SSO, SSOText        string
	In                  bool // somebody is logged in already
}

// findJoin takes an invitation's link in the form with a question mark.
func (w *web) findJoin(rw http.ResponseWriter, r *http.Request) error {
	return page.See(rw, r, joinPath+"/"+url.PathEscape(r.URL.Query().Get("token")))
}

// join shows what an invitation offers. One that is unknown, used or expired is not found, in words.
func (w *web) join(rw http.ResponseWriter, r *http.Request) error { return w.showJoin(rw, r, nil) }

func (w *web) showJoin(rw http.ResponseWriter, r *http.Request, refused error) error {
	ctx := r.Context()
	i, err := w.Logins.Invitation(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	v := joinView{Frame: f, Action: r.URL.EscapedPath(), In: gate.Who(ctx).Login != "",
		Until: t.T("loginweb.join_until", "until", t.When(i.Expires))}
	v.Title = t.T("loginweb.join_title")
	if v.Offer, err = w.offer(r, t, i); err != nil {
		return err
	}
	offered, err := w.Logins.Offered(ctx)
	if err != nil {
		return err
	}
	if offered.SSO && i.Email != "" {
		v.SSO, v.SSOText = ssoPath+"/start", t.T("loginweb.join_sso", "email", i.Email)
	}
	faults := t.FaultsOf(refused, "name", "password")
	if fault.Is(refused, "login.name_taken") {
		faults = page.Faults{Fields: map[string]string{"name": t.Fault(refused)}}
	}
	v.Wrong, v.Fields = faults.General, newNameFields(t, r, faults)
	return w.set.Render(rw, r, statusOf(rw, refused), "join", v)
}

// offer says who invites to what.
func (w *web) offer(r *http.Request, t page.Tongue, i login.Invitation) (string, error) {
	role := t.T("loginweb.role_" + string(i.Role))
	if i.Side == login.Operator {
		return t.T("loginweb.join_market", "role", role), nil
	}
	shop, err := w.Shops.Shop(r.Context(), merchant.ID(i.Shop))
	return t.T("loginweb.join_shop", "shop", shop.Name.Pick(t.Lang), "role", role), err
}

// takeUp makes the invited login and begins its first session.
func (w *web) takeUp(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	token, who, err := w.Logins.Join(ctx, login.Join{Token: r.PathValue("token"), Name: r.PostFormValue("name"),
		Password: login.Password(r.PostFormValue("password")), Lang: gate.Lang(ctx)})
	if err != nil && shown(err) {
		return w.showJoin(rw, r, err)
	}
	if err != nil {
		return err
	}
	if err := w.arrive(rw, r, arrival{token: token, who: who}); err != nil {
		return err
	}
	return page.See(rw, r, onward("", who.Role))
}
