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
		quoted[i] = `"` + strings.ReplaceAll(inert(c), `"`, `""`) + `"`
	}
	_, err := io.WriteString(to, strings.Join(quoted, ",")+"\r\n")
	return err
}

// inert puts an apostrophe before what a spreadsheet would take for a formula (FAULTS A17); imports take it off again.
func inert(cell string) string {
	if first := strings.TrimLeft(cell, " \t\r\n"); first != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(first)[0]) ||
		cell != "" && strings.ContainsRune("\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
