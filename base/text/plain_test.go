package text_test

import (
	"testing"

	"hutong/base/text"
)

func TestWhatReadsAsItIsWritten(t *testing.T) {
	for s, want := range map[string]struct{ line, lines bool }{
		"":                    {true, true},
		"巷口茶舍 Corner Tea":     {true, true},
		"👨\u200d👩":            {true, true}, // joined emoji
		"❤\ufe0f\u200d🔥":      {true, true},
		"👩🏽\u200d🚀":           {true, true},
		"Te\u200da":           {false, true}, // reads as Tea
		"\u200d":              {false, true},
		"👨\u200d":             {false, true},
		"a\nb":                {false, true},
		"a\r\nb":              {false, false},
		"a\tb":                {false, false},
		"a\x00b":              {false, false},
		"a\x1b[31m":           {false, false},
		"a\u0085b":            {false, false},
		"\u202eact":           {false, false}, // written backwards
		"\u200b":              {false, false}, // of no width
		"a\u2028b":            {false, false}, // a line that is no line feed
		"a\u2029b":            {false, false},
		"a\xff":               {false, false},
		text.Unfold("a\r\nb"): {false, true},
		text.Unfold("a\r\rb"): {false, false},
	} {
		if line, lines := text.Line(s), text.Lines(s); line != want.line || lines != want.lines {
			t.Errorf("%q: a line %v, lines %v, want %v", s, line, lines, want)
		}
	}
}
