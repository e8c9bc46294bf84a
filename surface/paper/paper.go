// Package paper sets what a desk prints as PDF: packing slips, statements, and the labels of parcels. It knows no order
// and no language: it is given words and amounts as they are to be read, Chinese and Latin in any mixture.
//
// The same content gives the same bytes. Read this file first, then ink.go (letters) and table.go (tables over pages).
package paper

import (
	"bytes"
	"image/color"
	"time"

	"github.com/go-pdf/fpdf"
	"rsc.io/qr"
)

// Fact is a name and its value.
type Fact struct{ Name, Value string }

// Document is what A4 prints, on as many pages as it takes.
type Document struct {
	Title, Subtitle string
	Code            string // shown as a QR code in the corner; "" for none
	Facts           []Fact
	Table           Table
	Sums            []Fact // below the table, to the right
	Foot            string // below everything
}

// Label is what Labels prints, on one label each.
type Label struct {
	Carrier, Number  string // the number is shown as a QR code too
	ToName, FromName string // words for who gets it and who sends it
	To, From         []string
	Facts            []Fact
}

// The measures of a sheet, in millimetres.
const (
	a4Width, a4Height       = 210.0, 297.0
	labelWidth, labelHeight = 100.0, 150.0
	margin                  = 15.0
	labelMargin             = 6.0
	line                    = 5.5
)

// A4 prints documents, each from the top of a page of its own. at is written into the file as its time.
func A4(at time.Time, docs ...Document) ([]byte, error) {
	s := newSheet(at, a4Width, a4Height, margin)
	for _, d := range docs {
		s.page()
		s.document(d)
	}
	return s.bytes()
}

// Labels prints labels of 100 by 150 mm, one a page. at is written into the file as its time.
func Labels(at time.Time, labels ...Label) ([]byte, error) {
	s := newSheet(at, labelWidth, labelHeight, labelMargin)
	for _, l := range labels {
		s.page()
		s.label(l)
	}
	return s.bytes()
}

// sheet is a PDF under way.
type sheet struct {
	pdf                   *fpdf.Fpdf
	width, height, margin float64
	size                  float64 // of letters, in points
}

func newSheet(at time.Time, width, height, margin float64) *sheet {
	p := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: width, Ht: height}})
	p.SetCreationDate(at)
	p.SetModificationDate(at)
	p.SetCatalogSort(true)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(false, margin)
	p.SetCellMargin(0)
	s := &sheet{pdf: p, width: width, height: height, margin: margin}
	s.fonts()
	return s
}

func (s *sheet) page() {
	s.pdf.AddPage()
	s.size = 10
}

func (s *sheet) bytes() ([]byte, error) {
	var b bytes.Buffer
	err := s.pdf.Output(&b)
	return b.Bytes(), err
}

// inner is the width between the margins.
func (s *sheet) inner() float64 { return s.width - 2*s.margin }

func (s *sheet) document(d Document) {
	top, wide := s.pdf.GetY(), s.inner()
	if d.Code != "" {
		const side = 24
		s.code(d.Code, s.width-s.margin-side, top, side)
		wide -= side + 5
	}
	s.size = 18
	s.text(s.margin, wide, d.Title)
	s.size = 10
	if d.Subtitle != "" {
		s.ink(grey)
		s.text(s.margin, wide, d.Subtitle)
		s.ink(black)
	}
	s.pdf.Ln(2)
	s.facts(d.Facts, wide)
	s.pdf.SetY(max(s.pdf.GetY(), top+27) + 2)
	s.table(d.Table)
	for _, f := range d.Sums {
		s.room(line)
		s.cell(s.margin, s.inner()-35, right, f.Name)
		s.cell(s.width-s.margin-35, 35, right, f.Value)
		s.pdf.Ln(line)
	}
	if d.Foot != "" {
		s.pdf.Ln(line)
		s.ink(grey)
		s.text(s.margin, s.inner(), d.Foot)
		s.ink(black)
	}
}

// facts writes names in one column and values, over several lines if they are long, in the next.
func (s *sheet) facts(all []Fact, wide float64) {
	const names = 32.0
	for _, f := range all {
		lines := s.wrap(f.Value, wide-names)
		s.room(line * float64(max(1, len(lines))))
		s.ink(grey)
		s.cell(s.margin, names-2, left, f.Name)
		s.ink(black)
		for i, l := range lines {
			if i > 0 {
				s.pdf.Ln(line)
			}
			s.cell(s.margin+names, wide-names, left, l)
		}
		s.pdf.Ln(line)
	}
}

func (s *sheet) label(l Label) {
	const side = 30
	s.size = 20
	s.text(s.margin, s.inner()-side-3, l.Carrier)
	s.size = 13
	s.text(s.margin, s.inner()-side-3, l.Number)
	s.code(l.Number, s.width-s.margin-side, s.margin, side)
	s.pdf.SetY(s.margin + side + 4)
	for i, part := range []struct {
		name  string
		lines []string
	}{{l.ToName, l.To}, {l.FromName, l.From}} {
		s.rule()
		s.size = 9
		s.ink(grey)
		s.text(s.margin, s.inner(), part.name)
		s.ink(black)
		s.size = 14 - 4*float64(i) // who gets it is read from further away
		for _, v := range part.lines {
			s.text(s.margin, s.inner(), v)
		}
		s.pdf.Ln(2)
	}
	s.rule()
	s.size = 9
	s.facts(l.Facts, s.inner())
}

func (s *sheet) rule() {
	s.pdf.SetDrawColor(120, 120, 120)
	y := s.pdf.GetY()
	s.pdf.Line(s.margin, y, s.width-s.margin, y)
	s.pdf.Ln(1.5)
}

// room begins a new page unless so much height is left on this one. It tells whether it did.
func (s *sheet) room(height float64) bool {
	if s.pdf.GetY()+height <= s.height-s.margin {
		return false
	}
	size := s.size
	s.page()
	s.size = size
	return true
}

// code draws a QR code of a text, square by square: sharp at any size. A text too long for one leaves the place empty.
func (s *sheet) code(text string, x, y, side float64) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return
	}
	dot := side / float64(c.Size)
	s.pdf.SetFillColor(0, 0, 0)
	for row := range c.Size {
		for col := range c.Size {
			if c.Black(col, row) {
				s.pdf.Rect(x+float64(col)*dot, y+float64(row)*dot, dot, dot, "F")
			}
		}
	}
}

var (
	black = color.Gray{0}
	grey  = color.Gray{90}
)

func (s *sheet) ink(c color.Gray) { s.pdf.SetTextColor(int(c.Y), int(c.Y), int(c.Y)) }
