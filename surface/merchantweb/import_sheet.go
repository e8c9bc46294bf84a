package merchantweb

import (
	"io"
	"net/http"
	"strings"
)

// sheetHead begins a CSV file to be saved. The byte order mark makes spreadsheets read it as UTF-8.
func sheetHead(rw http.ResponseWriter, name string) {
	h := rw.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "private, no-store")
}

// sheetRow writes one row; no cell of it is ever computed by a spreadsheet.
func sheetRow(to io.Writer, cells ...string) error {
	quoted := make([]string, len(cells))
	for i, c := range cells {
		quoted[i] = `"` + strings.ReplaceAll(cell(c), `"`, `""`) + `"`
	}
	_, err := io.WriteString(to, strings.Join(quoted, ",")+"\r\n")
	return err
}
