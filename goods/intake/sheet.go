package intake

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake/flat"
)

// Sheet is a CSV file with a header row, being read row by row.
type Sheet struct {
	src     *Source
	content *Content
	csv     *flat.CSV
	reject  func(Reject)
	header  []string
	at      map[string]int // column by lower-case name; of two with one name the first
	fields  []string
	line    int
	err     error
}

// delimiters are what spreadsheets write between columns.
var delimiters = []byte{',', ';', '\t', '|'}

// OpenSheet opens a CSV file and reads its header. With delimiter 0 it takes the one that cuts the header into most
// columns. It answers intake.no_header, intake.line_ends where rows end with CR alone, or intake.columns_missing when a
// column of need is not there.
func OpenSheet(ctx context.Context, src *Source, delimiter byte, need []string, reject func(Reject)) (*Sheet, error) {
	content, err := src.Content(ctx)
	if err != nil {
		return nil, err
	}
	s := &Sheet{src: src, content: content, reject: reject}
	if err := s.readHeader(delimiter, need); err != nil {
		content.Close()
		return nil, err
	}
	return s, nil
}

func (s *Sheet) readHeader(delimiter byte, need []string) error {
	head, err := s.content.Head()
	if err != nil {
		return err
	}
	if delimiter == 0 {
		_, delimiter = Header(head)
	}
	s.csv = s.content.CSV(delimiter)
	first, err := s.csv.Next()
	if err != nil {
		if code, ok := codeOf(err); ok {
			return fault.New(fault.Invalid, code).Because(err)
		}
		return fault.New(fault.Invalid, "intake.no_header").Because(err)
	}
	if slices.ContainsFunc(first.Fields, func(name string) bool { return strings.Contains(name, "\r") }) {
		return fault.New(fault.Invalid, "intake.line_ends") // it would be a header alone, and no row be missed
	}
	s.index(first.Fields)
	var missing []string
	for _, name := range need {
		if !s.Has(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fault.New(fault.Invalid, "intake.columns_missing", fault.P("columns", strings.Join(missing, ", ")))
	}
	return nil
}

func (s *Sheet) index(header []string) {
	s.header = header
	s.at = make(map[string]int, len(header))
	for i, name := range header {
		key := columnKey(name)
		if _, twice := s.at[key]; !twice {
			s.at[key] = i
		}
	}
}

func columnKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Header reads the column names from the first bytes of a file, and the delimiter between them.
func Header(head []byte) (names []string, delimiter byte) {
	for _, d := range delimiters {
		// A header that does not end within the head is none.
		rec, err := flat.NewCSV(bytes.NewReader(head), d, flat.Limits{RecordBytes: headBytes}).Next()
		if err == nil && len(rec.Fields) > len(names) {
			names, delimiter = rec.Fields, d
		}
	}
	if delimiter == 0 {
		delimiter = delimiters[0]
	}
	return names, delimiter
}

// HasColumns tells whether the first bytes of a file are a CSV header with all these columns.
func HasColumns(head []byte, need ...string) bool {
	names, _ := Header(head)
	for _, want := range need {
		if !slices.ContainsFunc(names, func(n string) bool { return columnKey(n) == columnKey(want) }) {
			return false
		}
	}
	return true
}

// Next goes to the next row; rows that are no CSV or have another number of fields than the header are rejected and
// passed over. It is false at the end; ask Err then.
func (s *Sheet) Next() bool {
	for s.err == nil {
		rec, err := s.csv.Next()
		if err != nil {
			skip, end := s.src.Skipped(err, s.reject)
			if skip {
				continue
			}
			s.err = end
			return false
		}
		if fields := s.fit(rec.Fields); fields != nil {
			s.fields, s.line = fields, rec.Line
			return true
		}
		s.reject(s.src.Reject(rec.Line, "intake.columns", "",
			fault.P("want", len(s.header)), fault.P("got", len(rec.Fields))))
	}
	return false
}

// fit gives the row if it has as many fields as the header. Fewer are refused, for a row that was cut off can end in
// the middle of a price; more are taken when they are empty.
func (s *Sheet) fit(fields []string) []string {
	for len(fields) > len(s.header) && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	if len(fields) != len(s.header) {
		return nil
	}
	return fields
}

// Err is the fault that ended the file, nil at its plain end.
func (s *Sheet) Err() error { return s.err }

// Close closes the file.
func (s *Sheet) Close() error { return s.content.Close() }

// Line is the physical line of the current row.
func (s *Sheet) Line() int { return s.line }

// Columns are the names in the header.
func (s *Sheet) Columns() []string { return s.header }

// Has tells whether there is such a column; case does not matter.
func (s *Sheet) Has(column string) bool { _, ok := s.at[columnKey(column)]; return ok }

// Get is the current row's value in that column without blanks around it, "" when there is no such column. The
// apostrophe that an export puts before "=", "+", "-" or "@", so that no spreadsheet computes it, is taken off again.
func (s *Sheet) Get(column string) string {
	i, ok := s.at[columnKey(column)]
	if !ok {
		return ""
	}
	value := strings.TrimSpace(s.fields[i])
	if len(value) > 1 && value[0] == '\'' && strings.IndexByte("=+-@", value[1]) >= 0 {
		return value[1:]
	}
	return value
}

// GetCode is Get for codes of digits, which exports also put an apostrophe before.
func (s *Sheet) GetCode(column string) string {
	value := s.Get(column)
	if len(value) > 1 && value[0] == '\'' && value[1] >= '0' && value[1] <= '9' {
		return value[1:]
	}
	return value
}

// Reject refuses the current row.
func (s *Sheet) Reject(code, field string, params ...fault.Param) {
	s.RejectAt(s.line, code, field, params...)
}

// RejectAt refuses an earlier row.
func (s *Sheet) RejectAt(line int, code, field string, params ...fault.Param) {
	for i, p := range params {
		if value, ok := p.Value.(string); ok {
			params[i].Value = short(value)
		}
	}
	s.reject(s.src.Reject(line, code, field, params...))
}
