package paper

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

//go:embed font/DroidSansFallbackFull.ttf.gz
var packed []byte

// han is the font of Chinese letters, unpacked when the first sheet is printed.
var han = sync.OnceValue(func() []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("paper: the embedded font: %v", err)) // a defect of the build
	}
	data, err := io.ReadAll(r)
	if err != nil {
		panic(fmt.Sprintf("paper: the embedded font: %v", err))
	}
	return data
})

var latin = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(fmt.Sprintf("paper: the font of the build: %v", err))
	}
	return f
})

// The names of the two fonts.
const (
	latinFont = "latin"
	hanFont   = "han"
)

func (s *sheet) fonts() {
	s.pdf.AddUTF8FontFromBytes(latinFont, "", goregular.TTF)
	s.pdf.AddUTF8FontFromBytes(hanFont, "", han())
}

// run is a piece of text in one font.
type run struct{ font, text string }

// runs cuts a text into pieces of one font each. What neither font can show becomes a box: a letter above U+FFFF breaks
// the PDF library, and a control letter is none.
func runs(text string) []run {
	var all []run
	for _, r := range strings.ToValidUTF8(text, "□") {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			continue
		case r > 0xFFFF:
			r = '□'
		}
		font := hanFont
		if i, err := latin().GlyphIndex(nil, r); err == nil && i != 0 && r < 0x2E80 {
			font = latinFont
		}
		if n := len(all); n > 0 && (all[n-1].font == font || r == ' ' && all[n-1].font == latinFont) {
			all[n-1].text += string(r)
		} else {
			all = append(all, run{font, string(r)})
		}
	}
	return all
}

// wide is how wide a text is in the size that is set.
func (s *sheet) wide(text string) (sum float64) {
	for _, r := range runs(text) {
		s.pdf.SetFont(r.font, "", s.size)
		sum += s.pdf.GetStringWidth(r.text)
	}
	return sum
}

// side is where a text stands in its cell.
type side int

const (
	left side = iota
	right
)

// cell writes a text into a cell of the current line; what does not fit is cut.
func (s *sheet) cell(x, width float64, at side, text string) {
	text = s.fitting(text, width)
	y, height := s.pdf.GetY(), s.lineHeight()
	if at == right {
		x += width - s.wide(text)
	}
	for _, r := range runs(text) {
		s.pdf.SetFont(r.font, "", s.size)
		s.pdf.SetXY(x, y)
		w := s.pdf.GetStringWidth(r.text)
		s.pdf.CellFormat(w, height, r.text, "", 0, "L", false, 0, "")
		x += w
	}
	s.pdf.SetXY(s.margin, y)
}

// lineHeight is the height of a line in the size that is set.
func (s *sheet) lineHeight() float64 { return max(line, s.size*0.5) }

// text writes lines, as many as the text takes.
func (s *sheet) text(x, width float64, text string) {
	for _, l := range s.wrap(text, width) {
		s.room(s.lineHeight())
		s.cell(x, width, left, l)
		s.pdf.Ln(s.lineHeight())
	}
}

// fitting cuts a text so that it fits, and marks the cut.
func (s *sheet) fitting(text string, width float64) string {
	if s.wide(text) <= width+0.1 {
		return text
	}
	letters := []rune(text)
	letters = letters[:min(len(letters), lettersMax)]
	low, high := 0, len(letters)
	for low < high {
		mid := (low + high + 1) / 2
		if s.wide(string(letters[:mid])+"…") <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(letters[:low]) + "…"
}

// wrap breaks a text into lines: between words, and between any two Chinese letters. A word that is wider than a line
// is broken too. An empty text has no line; of a very long one only the beginning is printed.
func (s *sheet) wrap(text string, width float64) []string {
	if letters := []rune(text); len(letters) > lettersMax {
		text = string(letters[:lettersMax]) + "…"
	}
	var lines []string
	now := ""
	for _, piece := range pieces(text) {
		if s.wide(now+strings.TrimRight(piece, " ")) <= width {
			now += piece
			continue
		}
		if now != "" {
			lines = append(lines, strings.TrimRight(now, " "))
		}
		for now = piece; s.wide(strings.TrimRight(now, " ")) > width; {
			letters := []rune(now)
			n := 1
			for n < len(letters) && s.wide(string(letters[:n+1])) <= width {
				n++
			}
			if n == len(letters) {
				break
			}
			lines, now = append(lines, string(letters[:n])), string(letters[n:])
		}
	}
	if now = strings.TrimRight(now, " "); now != "" {
		lines = append(lines, now)
	}
	return lines
}

// lettersMax bounds one text on paper, whatever somebody typed.
const lettersMax = 500

// pieces are what a line is broken between: words with their spaces, and single Chinese letters.
func pieces(text string) []string {
	var all []string
	open := false // whether the last piece goes on
	for _, r := range text {
		single := r >= 0x2E80
		if n := len(all); open && !single {
			all[n-1] += string(r)
		} else {
			all = append(all, string(r))
		}
		open = !single && !unicode.IsSpace(r)
	}
	return all
}
