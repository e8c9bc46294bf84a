package merchantweb

import (
	_ "embed"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/intake"
	"hutong/goods/intake/mapped"
	"hutong/goods/intake/upload"
	"hutong/surface/page"
)

//go:embed text-goods.json
var textGoodsJSON []byte

// goodsTexts are the sentences about imports and products.
var goodsTexts = text.MustParse(textGoodsJSON)

type importsView struct {
	page.Frame
	MayWrite bool
	Drop     page.FileDrop
	Table    page.Table
}

type importView struct {
	page.Frame
	Run        intake.Run
	MayWrite   bool
	Wrong      string
	Badge      page.Badge
	Steps      page.Steps
	Progress   progressView
	Stats      []page.Stat
	Reading    *readingView
	Rejects    page.Table
	More       string // where the refused rows are as a file
	CanConfirm bool
	CanChange  bool // the mapping
	Undo       *page.Dialog
	Left       string // what an undo left as it was
}

// progressView is how far a run is, as a part that a page reads again.
type progressView struct {
	Href    string
	Busy    bool
	Label   string
	Percent int
	Text    string
}

// readingView asks how a file is to be read.
type readingView struct {
	Formats  page.Field // "" Kind when there is nothing to choose
	Mapped   bool
	Columns  []string
	Rows     [][]string
	Fields   []page.Field
	Options  []page.Field
	Settings []page.Field
	Saved    page.Field
	Choose   []page.Link // saved mappings
}

func importRow(t page.Tongue, run intake.Run) page.Row {
	badge := importBadge(t, run)
	number := func(n int64) page.Cell { return page.Cell{Text: t.Count(n)} }
	return page.Row{ID: string(run.ID), Name: run.File, Cells: []page.Cell{
		{Text: run.File, Href: importPath(run.ID)}, {Text: t.When(run.At)}, {Badge: &badge},
		number(run.Counts.Created), number(run.Counts.Updated), number(run.Counts.Rejected)}}
}

// importTones are the colours of the states.
var importTones = map[intake.RunState]string{intake.Uploaded: "wait", intake.Checking: "go", intake.Checked: "wait",
	intake.Importing: "go", intake.Done: "done", intake.Undoing: "go", intake.Undone: "off", intake.Failed: "bad",
	intake.Dropped: "off"}

func importBadge(t page.Tongue, run intake.Run) page.Badge {
	b := page.Badge{Tone: importTones[run.State], Text: t.T("merchantweb.import_" + string(run.State))}
	switch {
	case run.State.Busy():
		b.Who = t.T("merchantweb.market_acts")
	case run.State == intake.Uploaded || run.State == intake.Checked:
		b.Who = t.T("merchantweb.you_act")
	}
	return b
}

// fill sets what a run says by itself.
func (v *importView) fill(t page.Tongue) {
	run := v.Run
	v.Badge, v.Progress = importBadge(t, run), progressOf(t, run)
	here := map[intake.RunState]int{intake.Uploaded: 1, intake.Checking: 2, intake.Checked: 2, intake.Importing: 3,
		intake.Done: 4}
	if at, going := here[run.State]; going {
		v.Steps = page.StepsOf(t.T("merchantweb.import_steps"), at, t.T("merchantweb.step_upload"),
			t.T("merchantweb.step_columns"), t.T("merchantweb.step_check"), t.T("merchantweb.step_import"))
	}
	if run.Reason != "" {
		v.Notice = page.Notice{Tone: "bad", Text: reasonOf(t, run.Reason)}
	}
	v.CanConfirm = v.MayWrite && run.State == intake.Checked && run.Counts.Created+run.Counts.Updated > 0
	v.CanChange = v.MayWrite && run.State == intake.Checked && run.Format == upload.Mapped
	if run.Counts.Rejected > 0 {
		v.More = importPath(run.ID) + "/refused.csv"
	}
	v.stats(t)
	if v.MayWrite && (run.State == intake.Done || run.State == intake.Failed) {
		v.Undo = &page.Dialog{ID: "undo", Open: t.T("merchantweb.undo"), Title: t.T("merchantweb.undo_title"),
			Text: t.T("merchantweb.undo_text", "created", t.Count(run.Counts.Created), "updated",
				t.Count(run.Counts.Updated)), Action: importPath(run.ID), Confirm: page.Act{
				Text: t.T("merchantweb.undo_confirm"), Name: "do", Value: "undo", Bad: true}}
	}
}

func (v *importView) stats(t page.Tongue) {
	run := v.Run
	stat := func(key string, n int64) page.Stat {
		return page.Stat{Name: t.T("merchantweb." + key), Value: t.Count(n)}
	}
	switch run.State {
	case intake.Uploaded, intake.Dropped, intake.Checking:
		return
	case intake.Undoing, intake.Undone:
		v.Stats = []page.Stat{stat("undo_withdrawn", run.Withdrawn), stat("undo_restored", run.Restored),
			stat("undo_kept", run.Kept)}
		return
	}
	v.Stats = []page.Stat{stat("import_created", run.Counts.Created), stat("import_updated", run.Counts.Updated),
		stat("import_unchanged", run.Counts.Unchanged), stat("import_skus", run.Counts.SKUs),
		stat("import_refused", run.Counts.Rejected)}
	if run.Counts.Rejected > 0 {
		v.Stats[4].Href = "#refused-table"
	}
}

// reasonOf says why a run stopped.
func reasonOf(t page.Tongue, code string) string {
	if !t.Has(code) {
		code = "internal.error"
	}
	return t.Fault(fault.New(fault.Invalid, code, fault.P("columns", "…"), fault.P("reason", "…"), fault.P("file", "…")))
}

func progressOf(t page.Tongue, run intake.Run) progressView {
	p := progressView{Href: importPath(run.ID), Busy: run.State.Busy(),
		Label: t.T("merchantweb.import_" + string(run.State)), Text: t.T("merchantweb.import_so_far", "n",
			t.Count(run.Counts.Products), "refused", t.Count(run.Counts.Rejected))}
	done, all := run.Read, run.Size
	if run.State == intake.Undoing {
		done, all = run.Withdrawn+run.Restored+run.Kept, run.Counts.Created+run.Counts.Updated
		p.Text = t.T("merchantweb.undo_so_far", "n", t.Count(done))
	}
	if all > 0 {
		p.Percent = int(min(100, max(0, done*100/all)))
	}
	return p
}

// readingOf asks how the file is to be read, where that is not settled.
func (w *web) readingOf(r *http.Request, t page.Tongue, v *importView, refused importRefused) error {
	change := v.CanChange && (r.URL.Query().Has("change") || refused.mapping != nil)
	if !v.MayWrite || v.Run.State != intake.Uploaded && !change {
		return nil
	}
	v.CanConfirm = v.CanConfirm && !change
	rd := &readingView{Mapped: v.Run.Format == upload.Mapped}
	v.Reading = rd
	if !rd.Mapped {
		rd.Formats = formatField(t, v.Run.Format)
		return nil
	}
	look, err := w.Uploads.Look(r.Context(), v.Run.Shop, v.Run.ID)
	if err != nil {
		v.Reading = nil
		if page.Own(err) {
			v.Wrong = t.Fault(err)
			return nil
		}
		return err
	}
	rd.Columns, rd.Rows = look.Columns, look.Rows
	saved, err := w.Intake.Mappings(r.Context(), v.Run.Shop)
	if err != nil {
		return err
	}
	m := w.chosenMapping(r, v, look, saved, refused)
	for _, s := range saved {
		v.Reading.Choose = append(v.Reading.Choose, page.Link{Text: s.Name, Current: s.JSON == m.JSON(),
			Href: importPath(v.Run.ID) + "?change&use=" + url.QueryEscape(s.Name)})
	}
	rd.fields(t, look, m, refused)
	return nil
}

// chosenMapping is the mapping that the form shows: what was typed, a saved one that was chosen, the run's own, a saved
// one that fits, a guess.
func (w *web) chosenMapping(
	r *http.Request, v *importView, look mapped.Look, saved []intake.Mapping, refused importRefused,
) mapped.Mapping {
	if refused.mapping != nil {
		return *refused.mapping
	}
	parsed := func(json string) (mapped.Mapping, bool) {
		m, err := mapped.Parse(strings.NewReader(json))
		return m, err == nil && m.Fits(look.Columns)
	}
	use := r.URL.Query().Get("use")
	for _, s := range saved {
		if m, ok := parsed(s.JSON); ok && s.Name == use {
			return m
		}
	}
	if m, ok := parsed(v.Run.Mapping); ok {
		return m
	}
	for _, s := range saved {
		if m, ok := parsed(s.JSON); ok {
			return m
		}
	}
	return mapped.Propose(look)
}

func formatField(t page.Tongue, chosen string) page.Field {
	f := page.Field{ID: "format", Name: "format", Kind: "select", Label: t.T("merchantweb.format"), Required: true}
	var all []page.Option
	for _, k := range upload.Formats() {
		all = append(all, page.Option{Value: k.Name(), Text: t.T("merchantweb.format_" + k.Name()),
			Selected: k.Name() == chosen})
	}
	all = append(all, page.Option{Value: upload.Mapped, Text: t.T("merchantweb.format_mapped"),
		Selected: chosen == upload.Mapped})
	f.Options = []page.Group{{Options: all}}
	return f
}

// fields are the selects of the mapping, each with its refusal beside it.
func (rd *readingView) fields(t page.Tongue, look mapped.Look, m mapped.Mapping, refused importRefused) {
	wrong := func(field string) string {
		if refused.err != nil && fault.As(refused.err).Field == field {
			return t.Fault(refused.err)
		}
		return ""
	}
	for _, field := range mapped.Fields() {
		rd.Fields = append(rd.Fields, page.Field{ID: "map-" + field, Name: "map_" + field, Kind: "select",
			Label: t.T("merchantweb.map_" + field), Required: field == "title" || field == "price", Error: wrong(field),
			Options: columnOptions(t, look, m.Columns[field])})
	}
	for i := range intake.OptionsMax {
		chosen, e := "", ""
		if i < len(m.Options) {
			chosen = m.Options[i]
		}
		if i == len(m.Options)-1 {
			e = wrong("options")
		}
		rd.Options = append(rd.Options, page.Field{ID: "option-" + strconv.Itoa(i), Name: "option", Kind: "select",
			Label: t.T("merchantweb.map_option", "n", i+1), Error: e, Options: columnOptions(t, look, chosen)})
	}
	unit := page.Field{ID: "weight-unit", Name: "weight_unit", Kind: "select", Label: t.T("merchantweb.weight_unit"),
		Required: true, Options: []page.Group{{}}}
	for _, u := range []string{"g", "kg", "lb", "oz"} {
		unit.Options[0].Options = append(unit.Options[0].Options, page.Option{Value: u, Text: u,
			Selected: u == m.WeightUnit})
	}
	rd.Settings = []page.Field{unit, {ID: "minor", Name: "minor", Kind: "check", Value: "1", Checked: m.InMinor,
		Label: t.T("merchantweb.in_minor")}}
	rd.Saved = page.Field{ID: "mapping-name", Name: "mapping_name", Kind: "text", Label: t.T("merchantweb.mapping_name"),
		Hint: t.T("merchantweb.mapping_hint"), Length: intake.NameMax, Value: refused.name, Error: wrong("mapping_name")}
}

func columnOptions(t page.Tongue, look mapped.Look, chosen string) []page.Group {
	all := []page.Option{{Text: t.T("merchantweb.no_column")}}
	for i, c := range look.Columns {
		sample := ""
		if len(look.Rows) > 0 && i < len(look.Rows[0]) && look.Rows[0][i] != "" {
			sample = " · " + cut(look.Rows[0][i], 30)
		}
		all = append(all, page.Option{Value: c, Text: c + sample, Selected: c == chosen && c != ""})
	}
	return []page.Group{{Options: all}}
}

// cut is the beginning of a text.
func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// mappingFrom reads the mapping's form; a column that the file has not got counts as none.
func mappingFrom(r *http.Request, look mapped.Look) mapped.Mapping {
	m := mapped.Mapping{Source: "csv", Columns: map[string]string{}, WeightUnit: r.PostFormValue("weight_unit"),
		InMinor: r.PostFormValue("minor") != ""}
	for _, field := range mapped.Fields() {
		if c := r.PostFormValue("map_" + field); slices.Contains(look.Columns, c) {
			m.Columns[field] = c
		}
	}
	for _, c := range r.PostForm["option"] {
		if c != "" && slices.Contains(look.Columns, c) && len(m.Options) < intake.OptionsMax {
			m.Options = append(m.Options, c)
		}
	}
	return m
}
