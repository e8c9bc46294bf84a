package operatorweb

import (
	"net/http"
	"strconv"
	"strings"

	"hutong/base/money"
	"hutong/base/rollout"
	"hutong/surface/page"
)

// switches shows the grey releases: what is on for whom.
func (w *web) switches(rw http.ResponseWriter, r *http.Request) error {
	return w.showSwitches(rw, r, nil)
}

func (w *web) showSwitches(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/switches", "switches")
	s := section{ID: "switches", Table: table("switches", t.T("operatorweb.switches"), page.Empty{
		Title: t.T("operatorweb.no_switches"), Text: t.T("operatorweb.no_switches_text")},
		columns(t, "*switch", "#share", "for_whom_else", "state", "changed", "act")...)}
	chosen := rollout.Switch{Channels: nil}
	for _, one := range w.Switches.Switches() {
		if one.Name == r.URL.Query().Get("name") {
			chosen = one
		}
		s.Table.Rows = append(s.Table.Rows, switchRow(t, one))
	}
	v.Sections = []section{s, w.switchForm(r, t, chosen, refused)}
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
		if r.PostFormValue("do") != "set" {
			v.Wrong = t.Fault(refused)
		}
	}
	return w.show(rw, r, status, v)
}

func switchRow(t page.Tongue, one rollout.Switch) page.Row {
	badge := page.Badge{Tone: "go", Text: t.T("operatorweb.switch_some")}
	switch {
	case one.Off:
		badge = page.Badge{Tone: "off", Text: t.T("operatorweb.switch_off")}
	case one.SharePPM == rollout.Whole:
		badge = page.Badge{Tone: "done", Text: t.T("operatorweb.switch_all")}
	}
	also := t.T("operatorweb.lists", "shops", len(one.Shops), "shoppers", len(one.Shoppers))
	if len(one.Channels) > 0 {
		also += " · " + strings.Join(one.Channels, " ")
	}
	turn := page.Act{Text: t.T("operatorweb.turn_off"), Name: "do", Value: "off", Bad: true}
	if one.Off {
		turn = page.Act{Text: t.T("operatorweb.turn_on"), Name: "do", Value: "on"}
	}
	return page.Row{ID: one.Name, Cells: []page.Cell{{Text: one.Name, Code: true,
		Href: "/operator/switches?name=" + one.Name + "#set"},
		plain(page.Percent(one.SharePPM)), plain(also), badged(badge), plain(t.When(one.Updated)),
		{Post: "/operator/switches", Hidden: []page.Pair{{Name: "name", Value: one.Name}}, Acts: []page.Act{turn,
			{Text: t.T("operatorweb.drop_switch"), Name: "do", Value: "drop", Bad: true}}}}}
}

// switchForm sets one switch whole.
func (w *web) switchForm(r *http.Request, t page.Tongue, one rollout.Switch, refused error) section {
	lines := func(all []string) string { return strings.Join(all, "\n") }
	value := func(name, now string) string {
		if r.Method == http.MethodPost && r.PostFormValue("do") == "set" {
			return r.PostFormValue(name)
		}
		return now
	}
	share := money.PPM(one.SharePPM).Percent()
	f := &form{Action: "/operator/switches", Hidden: []page.Pair{{Name: "version", Value: value("version",
		page.Itoa(one.Version))}},
		Fields: []page.Field{
			{ID: "name", Name: "name", Label: t.T("operatorweb.switch"), Kind: "text", Required: true, Length: 60,
				Value: value("name", one.Name), Hint: t.T("operatorweb.switch_hint")},
			{ID: "share", Name: "share", Label: t.T("operatorweb.share_of"), Kind: "text", Mode: "decimal",
				Required: true, After: "%",
				Length: 8, Value: value("share", share), Hint: t.T("operatorweb.share_hint")},
			{ID: "shops", Name: "shops", Label: t.T("operatorweb.list_shops"), Kind: "area", Value: value("shops",
				lines(one.Shops)),
				Hint: t.T("operatorweb.list_hint")},
			{ID: "shoppers", Name: "shoppers", Label: t.T("operatorweb.list_shoppers"), Kind: "area",
				Value: value("shoppers", lines(one.Shoppers))},
			{ID: "channels", Name: "channels", Label: t.T("operatorweb.list_channels"), Kind: "text",
				Value: value("channels", strings.Join(one.Channels, " ")), Hint: t.T("operatorweb.channels_hint")}},
		Acts: []page.Act{{Text: t.T("operatorweb.save"), Name: "do", Value: "set", Main: true}}}
	if refused != nil && r.PostFormValue("do") == "set" {
		faults := t.FaultsOf(refused, "name", "share", "shops", "shoppers", "channels", "rate", "share_ppm")
		f.Wrong = faults.General
		for i := range f.Fields {
			f.Fields[i].Error = faults.At(f.Fields[i].Name)
		}
		f.Fields[1].Error += faults.At("rate") + faults.At("share_ppm")
	}
	title := t.T("operatorweb.new_switch")
	if one.Name != "" {
		title = t.T("operatorweb.change_switch", "name", one.Name)
	}
	return section{ID: "set", Boxed: true, Title: title, Form: f}
}

// setSwitch sets a switch, turns one off or on, or drops it. The room records it.
func (w *web) setSwitch(rw http.ResponseWriter, r *http.Request) (err error) {
	name, do := r.PostFormValue("name"), r.PostFormValue("do")
	switch do {
	case "drop":
		err = w.Switches.Drop(r.Context(), name)
	case "off", "on":
		for _, one := range w.Switches.Switches() {
			if one.Name == name {
				one.Off = do == "off"
				_, err = w.Switches.Set(r.Context(), one)
			}
		}
	default:
		var one rollout.Switch
		if one, err = switchOf(r); err == nil {
			_, err = w.Switches.Set(r.Context(), one)
		}
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showSwitches(rw, r, err) })
	}
	return see(rw, r, "/operator/switches", "switch_changed", "name", name)
}

func switchOf(r *http.Request) (s rollout.Switch, err error) {
	s.Name = strings.TrimSpace(r.PostFormValue("name"))
	s.Shops = strings.Fields(r.PostFormValue("shops"))
	s.Shoppers = strings.Fields(r.PostFormValue("shoppers"))
	s.Channels = strings.Fields(r.PostFormValue("channels"))
	s.Version, _ = strconv.ParseInt(r.PostFormValue("version"), 10, 64) // none is a new one
	s.SharePPM, err = parseRate(r.PostFormValue("share"))
	return s, err
}
