package paper

// Column is one column of a table.
type Column struct {
	Title string
	Share float64 // of the table's width, beside the other columns' shares
	Right bool    // as amounts and numbers stand
}

// Table is rows under titles. The titles are repeated on every page.
type Table struct {
	Columns []Column
	Rows    [][]string
}

const (
	gap      = 2.0 // between columns
	rowSpace = 1.2 // above and below a row's letters
	linesMax = 12  // of one cell; what is longer is cut
)

func (s *sheet) table(t Table) {
	if len(t.Columns) == 0 {
		return
	}
	widths := t.widths(s.inner())
	s.titles(t, widths)
	for _, row := range t.Rows {
		s.row(t, widths, row)
	}
	s.pdf.Ln(rowSpace)
}

func (t Table) widths(inner float64) []float64 {
	all, sum := make([]float64, len(t.Columns)), 0.0
	inner += gap // the last column needs none
	for _, c := range t.Columns {
		sum += c.Share
	}
	for i, c := range t.Columns {
		all[i] = c.Share / sum * inner
	}
	return all
}

func (s *sheet) titles(t Table, widths []float64) {
	s.room(2 * line)
	s.ink(grey)
	x := s.margin
	for i, c := range t.Columns {
		s.cell(x, widths[i]-gap, c.side(), c.Title)
		x += widths[i]
	}
	s.ink(black)
	s.pdf.Ln(line + rowSpace)
	s.thin()
}

func (c Column) side() side {
	if c.Right {
		return right
	}
	return left
}

func (s *sheet) row(t Table, widths []float64, row []string) {
	cells, most := make([][]string, len(t.Columns)), 1
	for i := range t.Columns {
		if i < len(row) {
			cells[i] = s.wrap(row[i], widths[i]-gap)
			cells[i] = cells[i][:min(len(cells[i]), linesMax)]
		}
		most = max(most, len(cells[i]))
	}
	if s.room(float64(most)*line + 2*rowSpace) {
		s.titles(t, widths)
	}
	s.pdf.Ln(rowSpace)
	for n := range most {
		x := s.margin
		for i, c := range t.Columns {
			if n < len(cells[i]) {
				s.cell(x, widths[i]-gap, c.side(), cells[i][n])
			}
			x += widths[i]
		}
		s.pdf.Ln(line)
	}
	s.pdf.Ln(rowSpace)
	s.thin()
}

func (s *sheet) thin() {
	s.pdf.SetDrawColor(200, 200, 200)
	y := s.pdf.GetY()
	s.pdf.Line(s.margin, y, s.width-s.margin, y)
}
