package merchantweb

import (
	"net/http"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// keyLasts are how long a key can last, in days.
var keyLasts = []int64{30, 90, 365}

// keys lists the keys with which the shop's own programs call.
func (w *web) keys(rw http.ResponseWriter, r *http.Request) error { return w.showKeys(rw, r, "", nil) }

// showKeys shows them with the key that was just made, this once, or with a refusal.
func (w *web) showKeys(rw http.ResponseWriter, r *http.Request, fresh string, refused error) error {
	who := gate.Who(r.Context())
	f, t := w.begin(rw, r, "/desk/keys", "merchantweb.keys")
	f.Here = "/desk/keys"
	all, err := w.Logins.Keys(r.Context(), who)
	if err != nil {
		return err
	}
	faults := t.FaultsOf(refused, "name", "scopes", "lasts")
	v := listView{Frame: f, Heading: t.T("merchantweb.keys"), Intro: t.T("merchantweb.keys_text")}
	if fresh != "" {
		v.Secret = &secretView{Title: t.T("merchantweb.key_made"), Text: t.T("merchantweb.key_made_text"), Value: fresh}
	}
	v.Dialogs = []page.Dialog{keyDialog(t, who, r, faults)}
	v.Table = page.Table{ID: "keys", Caption: t.T("merchantweb.keys"), Columns: []page.Column{
		{Name: t.T("merchantweb.name"), Wide: true}, {Name: t.T("merchantweb.scopes")}, {Name: t.T("merchantweb.used")},
		{Name: t.T("merchantweb.good_until")}, {Name: t.T("merchantweb.state")}, {Name: t.T("merchantweb.acts")}},
		Empty: page.Empty{Title: t.T("merchantweb.no_keys"), Text: t.T("merchantweb.no_keys_text")}}
	for _, k := range all {
		v.Table.Rows = append(v.Table.Rows, w.keyRow(t, k))
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-list", v)
}

func (w *web) keyRow(t page.Tongue, k login.APIKey) page.Row {
	var scopes []string
	for _, p := range k.Scopes.List() {
		scopes = append(scopes, permissionName(t, p))
	}
	badge := page.Badge{Tone: "done", Text: t.T("merchantweb.key_good")}
	row := page.Row{ID: string(k.ID), Cells: []page.Cell{{Text: k.Name, Sub: k.Prefix + "…"},
		{Text: strings.Join(scopes, t.T("merchantweb.comma"))}, {Text: t.When(k.Used)}, {Text: t.When(k.Expires)},
		{Badge: &badge}, {}}}
	switch {
	case !k.Revoked.IsZero():
		badge.Tone, badge.Text = "off", t.T("merchantweb.key_revoked")
	case !w.Clock.Now().Before(k.Expires):
		badge.Tone, badge.Text = "off", t.T("merchantweb.key_expired")
	default:
		row.Cells[5] = page.Cell{Post: "/desk/keys", Hidden: []page.Pair{{Name: "word", Value: "revoke"},
			{Name: "key", Value: string(k.ID)}}, Acts: []page.Act{{Text: t.T("merchantweb.revoke"), Bad: true}}}
	}
	return row
}

func permissionName(t page.Tongue, p login.Permission) string {
	return t.T("merchantweb.may_" + strings.ReplaceAll(string(p), ".", "_"))
}

func keyDialog(t page.Tongue, who login.Principal, r *http.Request, faults page.Faults) page.Dialog {
	asked := r.PostFormValue("word") == "make"
	d := page.Dialog{ID: "make", Open: t.T("merchantweb.make_key"), Title: t.T("merchantweb.make_key"),
		Action: "/desk/keys", Hidden: []page.Pair{{Name: "word", Value: "make"}},
		Fields: []page.Field{{ID: "key-name", Name: "name", Kind: "text", Label: t.T("merchantweb.name"), Required: true,
			Length: login.KeyNameMax, Hint: t.T("merchantweb.key_name_hint"), Value: r.PostFormValue("name")}},
		Confirm: page.Act{Text: t.T("merchantweb.make_key"), Main: true}}
	lasts := page.Group{}
	for _, days := range keyLasts {
		lasts.Options = append(lasts.Options, page.Option{Value: page.Itoa(days), Text: t.T("merchantweb.days", "n", days),
			Selected: days == keyLasts[1]})
	}
	d.Fields = append(d.Fields, page.Field{ID: "lasts", Name: "lasts", Kind: "select", Required: true,
		Label: t.T("merchantweb.key_lasts"), Options: []page.Group{lasts}, Error: faults.At("lasts")})
	for i, p := range login.KeyScopes() {
		if who.Can(p) {
			d.Fields = append(d.Fields, page.Field{ID: "scope-" + page.Itoa(int64(i)), Name: "scopes", Kind: "check",
				Label: permissionName(t, p), Value: string(p), Checked: asked && has(r, "scopes", string(p))})
		}
	}
	if asked && faults.Any() {
		d.Show, d.Wrong = true, faults.General
		d.Fields[0].Error = faults.At("name")
		if wrong := faults.At("scopes"); wrong != "" {
			d.Wrong = wrong
		}
	}
	return d
}

// has tells whether a form has a field with that value.
func has(r *http.Request, field, value string) bool {
	for _, v := range r.PostForm[field] {
		if v == value {
			return true
		}
	}
	return false
}

// changeKeys makes a key, or ends one.
func (w *web) changeKeys(rw http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), gate.Who(r.Context())
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	var err error
	switch r.PostFormValue("word") {
	case "make":
		cmd := login.MakeKey{By: who, Name: r.PostFormValue("name")}
		for _, s := range r.PostForm["scopes"] {
			cmd.Scopes = append(cmd.Scopes, login.Permission(s))
		}
		var days int64
		if days, err = page.Number(r, "lasts"); err == nil {
			cmd.Lasts = time.Duration(min(max(days, 0), 1000)) * 24 * time.Hour
			var secret string
			if secret, _, err = w.Logins.MakeKey(ctx, cmd); err == nil {
				return w.showKeys(rw, r, secret, nil)
			}
		}
	case "revoke":
		err = w.Logins.RevokeKey(ctx, who, login.ID(r.PostFormValue("key")))
	default:
		err = fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		if !shown(err) || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showKeys(rw, r, "", err)
	}
	page.Flash(rw, "good", "merchantweb.key_ended")
	return page.See(rw, r, "/desk/keys")
}
