package merchantweb

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
	"hutong/goods/intake/mapped"
	"hutong/goods/intake/upload"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

const (
	importsPath    = "/desk/import"
	importsPerPage = 20
	rejectsPerPage = 50
)

// importRoutes are the pages of importing.
func (w *web) importRoutes() []gate.Route {
	if w.Uploads == nil {
		return nil
	}
	get, post := http.MethodGet, http.MethodPost
	put := row("imports.put", post, importsPath, login.ProductsWrite, w.putImport)
	put.BodyMax = upload.BytesMax + 1<<20
	turn := row("import.turn", post, importsPath+"/{run}", login.ProductsWrite, w.turnImport)
	turn.BodyMax = 64 << 10
	return []gate.Route{
		row("imports", get, importsPath, login.ProductsRead, w.imports), put,
		row("import", get, importsPath+"/{run}", login.ProductsRead, w.showImport), turn,
		row("import.refused", get, importsPath+"/{run}/refused.csv", login.ProductsRead, w.refusedRows),
	}
}

// imports shows where a file is uploaded, and the runs so far.
func (w *web) imports(rw http.ResponseWriter, r *http.Request) error {
	return w.listImports(rw, r, nil)
}

func (w *web) listImports(rw http.ResponseWriter, r *http.Request, refused error) error {
	f, t := w.begin(rw, r, importsPath, "merchantweb.import")
	before := intake.RunID(page.Place(r.URL.Query(), "before", "imp"))
	all, err := w.Intake.Runs(r.Context(), shopOf(r), before, importsPerPage+1)
	if err != nil {
		return err
	}
	v := importsView{Frame: f, MayWrite: may(r, login.ProductsWrite), Drop: page.FileDrop{ID: "file", Name: "file",
		Label: t.T("merchantweb.import_file"), Hint: t.T("merchantweb.import_hint", "max", upload.BytesMax>>20),
		Accept: ".csv,.tsv,.txt,.gz,.jsonl", Required: true}}
	v.Table = page.Table{ID: "imports", Caption: t.T("merchantweb.imports"), Empty: page.Empty{
		Title: t.T("merchantweb.no_imports"), Text: t.T("merchantweb.no_imports_text")}}
	for _, key := range []string{"import_name", "import_when", "state", "import_created", "import_updated",
		"import_refused"} {
		num := strings.HasPrefix(key, "import_") && key != "import_name" && key != "import_when"
		v.Table.Columns = append(v.Table.Columns, page.Column{Name: t.T("merchantweb." + key), Num: num,
			Wide: key == "import_name"})
	}
	if len(all) > importsPerPage {
		all = all[:importsPerPage]
		v.Table.Pager.Next = importsPath + "?before=" + url.QueryEscape(string(all[len(all)-1].ID))
	}
	if before != "" {
		v.Table.Pager.First = importsPath
	}
	for _, run := range all {
		v.Table.Rows = append(v.Table.Rows, importRow(t, run))
	}
	status := http.StatusOK
	if refused != nil {
		status, v.Drop.Error = fault.Of(refused).Status(), t.Fault(refused)
	}
	return w.set.Render(rw, r, status, "desk-imports", v)
}

// putImport takes a file as it comes and begins to check it, if its format is known.
func (w *web) putImport(rw http.ResponseWriter, r *http.Request) error {
	run, err := w.receiveImport(r)
	if err == nil && run.Format != upload.Mapped {
		err = w.Uploads.Check(r.Context(), run.Shop, run.ID, upload.Reading{Format: run.Format})
	}
	switch {
	case run.ID != "" && (err == nil || page.Own(err)): // the file is here; what was refused can be asked for again
		return page.See(rw, r, importPath(run.ID))
	case !page.Own(err):
		return err
	}
	return w.listImports(rw, r, err)
}

func (w *web) receiveImport(r *http.Request) (intake.Run, error) {
	missing := fault.New(fault.Invalid, "upload.missing").At("file")
	parts, err := r.MultipartReader()
	if err != nil {
		return intake.Run{}, missing.Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return intake.Run{}, missing
		}
		if err != nil {
			return intake.Run{}, tooBig(err)
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return intake.Run{}, missing
		}
		return w.keepImport(r, part)
	}
}

func (w *web) keepImport(r *http.Request, part *multipart.Part) (intake.Run, error) {
	run, err := w.Uploads.Put(r.Context(), upload.Put{Shop: shopOf(r), By: string(gate.Who(r.Context()).Login),
		Name: part.FileName(), Currency: w.Currency, Body: part})
	return run, tooBig(err)
}

// tooBig names a body that the gate cut off, or that ended in the middle.
func tooBig(err error) error {
	var cut *http.MaxBytesError
	switch {
	case errors.As(err, &cut):
		return fault.New(fault.Invalid, "upload.too_big", fault.P("max", upload.BytesMax>>20)).At("file").Because(err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.New(fault.Invalid, "upload.missing").At("file").Because(err)
	}
	return err
}

func importPath(id intake.RunID) string { return importsPath + "/" + url.PathEscape(string(id)) }

// showImport shows one run: what is to be said about the file, how far it is, what it did.
func (w *web) showImport(rw http.ResponseWriter, r *http.Request) error {
	return w.renderImport(rw, r, importRefused{})
}

// importRefused is a form that was refused, with what was typed into it.
type importRefused struct {
	err     error
	mapping *mapped.Mapping
	name    string
}

func (w *web) renderImport(rw http.ResponseWriter, r *http.Request, refused importRefused) error {
	run, err := w.Intake.Run(r.Context(), shopOf(r), intake.RunID(r.PathValue("run")))
	if err != nil {
		return err
	}
	if page.Partial(r) && r.Method == http.MethodGet {
		if !run.State.Busy() {
			rw.Header().Set("HX-Refresh", "true")
		}
		t := w.set.In(gate.Lang(r.Context()))
		return w.set.RenderPart(rw, r, page.Part{Page: "desk-import", Define: "progress", Data: progressOf(t, run)})
	}
	f, t := w.begin(rw, r, importsPath, "merchantweb.import")
	f.Here = importPath(run.ID)
	f.Way = []page.Crumb{{Href: importsPath, Text: t.T("merchantweb.import")}, {Text: run.File}}
	if run.State.Busy() {
		f.Htmx, f.Refresh = true, 2
	}
	v := importView{Frame: f, Run: run, MayWrite: may(r, login.ProductsWrite)}
	v.fill(t)
	if err := w.readingOf(r, t, &v, refused); err != nil {
		return err
	}
	if err := w.rejectsOf(r, t, &v); err != nil {
		return err
	}
	status := http.StatusOK
	if refused.err != nil {
		status, v.Wrong = fault.Of(refused.err).Status(), t.Fault(refused.err)
	}
	return w.set.Render(rw, r, status, "desk-import", v)
}

// rejectsOf shows a page of the refused rows.
func (w *web) rejectsOf(r *http.Request, t page.Tongue, v *importView) error {
	if v.Run.Counts.Rejected == 0 || v.Run.State.Busy() {
		return nil
	}
	from, err := strconv.Atoi(r.URL.Query().Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	all, err := w.Intake.Rejects(r.Context(), v.Run.Shop, v.Run.ID, from, rejectsPerPage+1)
	if err != nil {
		return err
	}
	v.Rejects = page.Table{ID: "refused", Caption: t.T("merchantweb.refused_rows"), Columns: []page.Column{
		{Name: t.T("merchantweb.line"), Num: true}, {Name: t.T("merchantweb.wrong"), Wide: true},
		{Name: t.T("merchantweb.code_name")}}}
	if len(all) > rejectsPerPage {
		all = all[:rejectsPerPage]
		v.Rejects.Pager.Next = importPath(v.Run.ID) + "?from=" + strconv.Itoa(from+rejectsPerPage) + "#refused-table"
	}
	if from > 0 {
		v.Rejects.Pager.First = importPath(v.Run.ID) + "#refused-table"
	}
	for _, x := range all {
		line := "–"
		if x.Line > 0 {
			line = t.Count(int64(x.Line))
		}
		v.Rejects.Rows = append(v.Rejects.Rows, page.Row{Cells: []page.Cell{{Text: line}, {Text: saidOf(t, x)},
			{Text: x.Code, Code: true}}})
	}
	return nil
}

// saidOf says what is wrong with a row, in the market's words: a refusal may be of this room or of the catalogue.
func saidOf(t page.Tongue, x intake.Reject) string {
	return t.Fault(fault.New(fault.Invalid, x.Code, x.Params...))
}

// turnImport does what the merchant says about a run.
func (w *web) turnImport(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop, id := r.Context(), shopOf(r), intake.RunID(r.PathValue("run"))
	var refused importRefused
	switch r.PostFormValue("do") {
	case "check":
		refused = w.checkImport(r, shop, id)
	case "confirm":
		refused.err = w.Uploads.Confirm(ctx, shop, id)
	case "undo":
		refused.err = w.Uploads.Undo(ctx, shop, id)
	case "drop":
		refused.err = w.Uploads.Drop(ctx, shop, id)
	default:
		refused.err = fault.New(fault.NotFound, "gate.not_found")
	}
	switch {
	case refused.err == nil:
		return page.See(rw, r, importPath(id))
	case !page.Own(refused.err) || fault.Of(refused.err) == fault.NotFound:
		return refused.err
	}
	return w.renderImport(rw, r, refused)
}

// checkImport begins the check of a file as the form says that it is to be read.
func (w *web) checkImport(r *http.Request, shop string, id intake.RunID) importRefused {
	ctx, format := r.Context(), r.PostFormValue("format")
	if format != upload.Mapped {
		return importRefused{err: w.Uploads.Check(ctx, shop, id, upload.Reading{Format: format})}
	}
	look, err := w.Uploads.Look(ctx, shop, id)
	if err != nil {
		return importRefused{err: err}
	}
	m, name := mappingFrom(r, look), strings.TrimSpace(r.PostFormValue("mapping_name"))
	again := importRefused{mapping: &m, name: name}
	if again.err = m.Check(); again.err != nil {
		return again
	}
	if name != "" {
		if again.err = w.Intake.SaveMapping(ctx, shop, intake.Mapping{Name: name, JSON: m.JSON()}); again.err != nil {
			return again
		}
	}
	again.err = w.Uploads.Check(ctx, shop, id, upload.Reading{Format: upload.Mapped, Mapping: m.JSON()})
	return again
}

// may tells whether who is calling may do that.
func may(r *http.Request, p login.Permission) bool { return gate.Who(r.Context()).Can(p) }

// refusedRows gives the refused rows of a run as a table for a spreadsheet.
func (w *web) refusedRows(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop, id := r.Context(), shopOf(r), intake.RunID(r.PathValue("run"))
	t := w.set.In(gate.Lang(ctx))
	all, err := w.Intake.Rejects(ctx, shop, id, 0, intake.RunPageMax)
	if err != nil {
		return err
	}
	sheetHead(rw, "refused.csv")
	if err := sheetRow(rw, t.T("merchantweb.import_name"), t.T("merchantweb.line"), t.T("merchantweb.wrong"),
		t.T("merchantweb.code_name")); err != nil {
		return err
	}
	for from := 0; len(all) > 0; {
		for _, x := range all {
			if err := sheetRow(rw, x.File, strconv.Itoa(x.Line), saidOf(t, x), x.Code); err != nil {
				return err
			}
		}
		from += len(all)
		if all, err = w.Intake.Rejects(ctx, shop, id, from, intake.RunPageMax); err != nil {
			return err
		}
	}
	return nil
}
