package operatorweb

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/tune"
	"hutong/surface/page"
)

// settings shows what may be changed about the running market, and takes changes.
func (w *web) settings(rw http.ResponseWriter, r *http.Request) error {
	return w.showSettings(rw, r, nil)
}

func (w *web) showSettings(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/settings", "settings")
	status, field := http.StatusOK, ""
	if refused != nil {
		status, field = statusOf(refused), fault.As(refused).Field
	}
	for _, value := range w.Tune.Values() {
		if n := len(v.Sections); n == 0 || v.Sections[n-1].ID != value.Group {
			title := t.T("operatorweb.group_" + value.Group)
			v.Sections = append(v.Sections, section{ID: value.Group, Boxed: true, Title: title, Form: &form{
				Action: "/operator/settings#" + value.Group, Acts: []page.Act{{Text: t.T("operatorweb.save"), Main: true}}}})
		}
		f := v.Sections[len(v.Sections)-1].Form
		one := settingField(t, value)
		if r.Method == http.MethodPost && r.PostForm.Has(value.Name) {
			one.Value = r.PostFormValue(value.Name)
		}
		if refused != nil && field == value.Name {
			one.Error = t.Fault(refused)
		}
		f.Fields = append(f.Fields, one)
	}
	if refused != nil && field == "" {
		v.Wrong = t.Fault(refused)
	}
	return w.show(rw, r, status, v)
}

func settingField(t page.Tongue, value tune.Value) page.Field {
	key := "operatorweb.set_" + value.Name
	f := page.Field{ID: "set-" + value.Name, Name: value.Name, Label: t.T(key), Value: value.Value, Kind: "text",
		Required: true}
	f.Hint = t.T(key + "_hint")
	if value.Value != value.Default {
		shown := value.Default
		if value.Kind == tune.Flag {
			shown = t.T("operatorweb." + value.Default)
		}
		f.Hint += " " + t.T("operatorweb.default_is", "value", shown)
	}
	if value.Waits {
		f.Hint += " " + t.T("operatorweb.waits")
	} else if value.Later {
		f.Hint += " " + t.T("operatorweb.later")
	}
	switch value.Kind {
	case tune.Count:
		f.Kind, f.Mode, f.Min, f.Max = "number", "numeric", page.Itoa(value.Min), page.Itoa(value.Max)
		if value.Unit != "" {
			f.After = t.T(value.Unit)
		}
	case tune.Words:
		f.Length = int(value.Max)
	case tune.Flag:
		f.Kind = "radios"
		f.Options = []page.Group{{Options: []page.Option{
			{Value: tune.Yes, Text: t.T("operatorweb.yes"), Selected: value.Value == tune.Yes},
			{Value: tune.No, Text: t.T("operatorweb.no"), Selected: value.Value == tune.No}}}}
	}
	return f
}

// saveSettings sets what the form holds, all or none. The room records each change.
func (w *web) saveSettings(rw http.ResponseWriter, r *http.Request) error {
	_ = r.PostFormValue("save") // reads the form
	values := map[string]string{}
	for _, v := range w.Tune.Values() {
		if r.PostForm.Has(v.Name) {
			values[v.Name] = r.PostFormValue(v.Name)
		}
	}
	changed, err := w.Tune.Set(r.Context(), values)
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showSettings(rw, r, err) })
	}
	return see(rw, r, "/operator/settings", "saved", "n", page.Itoa(int64(changed)))
}
