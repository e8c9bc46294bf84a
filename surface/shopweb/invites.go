package shopweb

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/referral"
)

// The pages of inviting friends.
const (
	invitePath  = "/i/"
	invitesPath = "/me/invites"
)

//go:embed text_invites.json
var inviteTextJSON []byte

// inviteTexts are the sentences of these pages.
var inviteTexts = text.MustParse(inviteTextJSON)

func (w *web) inviteRoutes() []gate.Route {
	return []gate.Route{
		row("invite", http.MethodGet, "/i/{code}", everyone, w.invited(w.invite)),
		row("invite.accept", http.MethodPost, "/i/{code}", takers, w.invited(w.acceptInvite)),
		row("me.invites", http.MethodGet, invitesPath, buyers, w.invited(w.invites)),
	}
}

// invited closes a page where nobody is invited.
func (w *web) invited(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if w.Referrals == nil {
			return fault.New(fault.NotFound, "gate.not_found")
		}
		return h(rw, r)
	}
}

// inviteView is where a link leads: what it brings, and the button that takes it.
type inviteView struct {
	page.Frame
	Wrong  string
	Gift   string // what the friend is given, "" for nothing
	Accept string // "" where there is nothing to accept
	Rules  []string
}

func (w *web) invite(rw http.ResponseWriter, r *http.Request) error { return w.showInvite(rw, r, nil) }

func (w *web) showInvite(rw http.ResponseWriter, r *http.Request, refused error) error {
	code := r.PathValue("code")
	if err := w.Referrals.Known(r.Context(), code); err != nil {
		return err
	}
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	f.Title, f.Here = t.T("shopweb.invite"), invitePath+code
	v := inviteView{Frame: f}
	p, found, err := w.Referrals.InForce(r.Context())
	if err != nil {
		return err
	}
	status := http.StatusOK
	switch {
	case refused != nil:
		v.Wrong, status = t.Fault(refused), fault.Of(refused).Status()
	case !found:
		v.Wrong = t.Fault(fault.New(fault.Conflict, "referral.none_open"))
	default:
		v.Accept = invitePath + code
	}
	if found {
		v.Title, v.Rules = p.Terms.Title.Pick(t.Lang), w.inviteRules(t, p)
		if v.Gift, err = w.giftOf(r.Context(), t, p.Terms.Invitee); err != nil {
			return err
		}
	}
	return w.set.Render(rw, r, status, "invite", v)
}

// giftOf says what a reward is; "" for none.
func (w *web) giftOf(ctx context.Context, t page.Tongue, template voucher.TemplateID) (string, error) {
	if template == "" || w.Vouchers == nil {
		return "", nil
	}
	x, _, err := w.Vouchers.Template(ctx, "", template)
	if err != nil {
		return "", err
	}
	return x.Terms.Label(t.Lang, func(minor int64) string { return w.cash(t, minor) }, 0), nil
}

// inviteRules are a programme's conditions, as it publishes them.
func (w *web) inviteRules(t page.Tongue, p referral.Programme) []string {
	least := t.Money(money.New(p.Terms.Minimum, w.Checkout.Settings().Currency))
	return []string{t.T("shopweb.invite_rule_new"), t.T("shopweb.invite_rule_order", "least", least),
		t.T("shopweb.invite_rule_wait", "days", p.Terms.ReturnDays), t.T("shopweb.invite_rule_once"),
		t.T("shopweb.invite_rule_most", "n", p.Terms.PerInviter),
		t.T("shopweb.invite_rule_until", "time", t.When(p.Terms.Until())), t.T("shopweb.invite_rule_checks")}
}

// acceptInvite remembers by whom somebody came. A guest's goes with them into their account.
func (w *web) acceptInvite(rw http.ResponseWriter, r *http.Request) error {
	who, err := w.guest(rw, r)
	if err != nil {
		return err
	}
	err = w.Referrals.Bind(r.Context(), referral.Bind{Shopper: who, Code: r.PathValue("code"), Device: w.device(rw, r)})
	if err != nil && own(err) {
		return w.showInvite(rw, r, err)
	}
	if err != nil {
		return err
	}
	page.Flash(rw, "good", "shopweb.invite_done")
	if gate.Who(r.Context()).Login == "" {
		return see(rw, r, "/register?"+url.Values{"next": {"/"}}.Encode())
	}
	return see(rw, r, "/")
}

// device is the browser's own token, made when it first accepts or sends out an invitation and for nothing else: who
// invites themselves does so from one machine.
func (w *web) device(rw http.ResponseWriter, r *http.Request) string {
	if token := gate.Device(r); id.Valid(token, "dev") {
		return token
	}
	token := w.IDs.New("dev")
	gate.SetDevice(rw, r, token, aYear)
	return token
}

// invitesView is the account's page of invitations.
type invitesView struct {
	page.Frame
	Guest   string // where a guest logs in first
	Link    string
	Code    string
	Gift    string
	Rules   []string
	Stats   []page.Stat
	Friends []friendRow
	More    string
	Empty   page.Empty
}

// friendRow is a friend as their inviter sees them: nothing of what they bought.
type friendRow struct {
	Name, When, Why string
	Badge           page.Badge
}

// invites shows a shopper's link, and what became of whom it brought.
func (w *web) invites(rw http.ResponseWriter, r *http.Request) error {
	f := w.account(rw, r, "invites")
	t, ctx, who := w.set.In(f.Lang), r.Context(), shopperOf(r.Context())
	v := invitesView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.invites_none"),
		Text: t.T("shopweb.invites_none_text"), Href: "/", Action: t.T("shopweb.browse")}}
	if gate.Who(ctx).Login == "" {
		v.Guest = "/login?" + url.Values{"next": {invitesPath}}.Encode()
		return w.set.Render(rw, r, http.StatusOK, "me-invites", v)
	}
	p, found, err := w.Referrals.InForce(ctx)
	if err != nil {
		return err
	}
	if found {
		if err := w.inviting(rw, r, t, p, &v); err != nil {
			return err
		}
	}
	sum, err := w.Referrals.Sum(ctx, who)
	if err != nil {
		return err
	}
	for _, s := range []struct {
		state referral.State
		n     int64
	}{{referral.Bound, sum.Bound}, {referral.Pending, sum.Pending}, {referral.Rewarded, sum.Rewarded},
		{referral.Refused, sum.Refused}} {
		v.Stats = append(v.Stats, page.Stat{Name: t.T("shopweb.invites_" + string(s.state)), Value: t.Count(s.n)})
	}
	all, err := w.Referrals.Mine(ctx, who, referral.ID(page.Place(r.URL.Query(), "before", "rfl")))
	if err != nil {
		return err
	}
	for _, one := range all {
		v.Friends = append(v.Friends, friend(t, one))
	}
	if len(all) == referral.MineMax {
		v.More = invitesPath + "?" + url.Values{"before": {string(all[len(all)-1].ID)}}.Encode()
	}
	return w.set.Render(rw, r, http.StatusOK, "me-invites", v)
}

// inviting shows the link and what it brings.
func (w *web) inviting(rw http.ResponseWriter, r *http.Request, t page.Tongue, p referral.Programme,
	v *invitesView) (err error) {
	if v.Code, err = w.Referrals.Code(r.Context(), shopperOf(r.Context()), w.device(rw, r)); err != nil {
		return err
	}
	v.Link, v.Rules = gate.Origin(r)+invitePath+v.Code, w.inviteRules(t, p)
	v.Gift, err = w.giftOf(r.Context(), t, p.Terms.Inviter)
	return err
}

func friend(t page.Tongue, one referral.Referral) friendRow {
	tones := map[referral.State]string{referral.Bound: "go", referral.Pending: "wait", referral.Rewarded: "done",
		referral.Refused: "off"}
	row := friendRow{Name: t.T("shopweb.invites_friend", "tail", tail(one.Invitee)), When: t.When(one.BoundAt),
		Badge: page.Badge{Tone: tones[one.State], Text: t.T("referral.state." + string(one.State))}}
	if one.Why != "" {
		row.Why = t.T("referral.why." + string(one.Why))
	}
	return row
}
