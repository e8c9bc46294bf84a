package words

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func termsOf(text string) (all []string, length int) {
	var c Cutter
	length = c.Terms(text, func(term []byte) { all = append(all, string(term)) })
	return all, length
}

func TestTerms(t *testing.T) {
	for _, c := range []struct {
		text   string
		want   string // in order, with a space between
		length int
	}{
		{"", "", 0},
		{"  ,;!?®™ ", "", 0},
		{"Laptop", "laptop", 1},
		{"Café CRÈME Ürümqi Ệ", "cafe creme urumqi e", 4},
		{"ＵＳＢ　Ｃ", "usb c", 2},
		{"headphones", "headphones headphone", 1},
		{"boxes watches glasses", "boxes boxe box watches watche watch glasses glasse glass", 3},
		{"movies batteries", "movies movie movy batteries batterie battery", 2},
		{"leaves knives", "leaves leave leafe leaf knives knive knife knif", 2},
		{"glass bus this gps", "glass bus this gps", 4},
		{"men's don't L'Oréal", "men dont loreal", 3},
		{"16GB 5.0 43.2cm 4k 2m", "16gb 16 gb 5.0 43.2cm 43.2 cm 4k 2m", 5},
		{"iPhone11 ps4 dv7 RTX3080", "iphone11 iphone 11 ps4 dv7 rtx3080 rtx 3080", 4},
		{"Wi-Fi TN-2110 T-shirts", "wi fi wifi tn 2110 tn2110 t shirts shirt tshirts tshirt", 6},
		{"A&B-C.D_E-F", "a b c d e f", 6},
		{"a--b -c d-", "a b c d", 4},
		{"black/white", "black white", 2},
		{"www.example.com", "www example com wwwexamplecom", 3},
		{"茶", "茶", 1},
		{"茶叶", "茶 茶叶 叶", 1},
		{"绿茶叶", "绿 绿茶 茶 茶叶 叶", 2},
		{"USB数据线2米", "usb 数 数据 据 据线 线 2 米", 5},
		{"蓝牙5.0耳机", "蓝 蓝牙 牙 5.0 耳 耳机 机", 3},
		{"茶，叶", "茶 叶", 2},
		{"カメラ", "カ カメ メ メラ ラ", 2},
		{"пример", "пример", 1},
		{strings.Repeat("x", 50), strings.Repeat("x", 40), 1},
		{strings.Repeat("x", 30) + "-" + strings.Repeat("y", 30),
			strings.Repeat("x", 30) + " " + strings.Repeat("y", 30), 2},
	} {
		got, length := termsOf(c.text)
		if strings.Join(got, " ") != c.want || length != c.length {
			t.Errorf("%q: got %q, %d words, want %q, %d words", c.text, got, length, c.want, c.length)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{" ?! ", ""},
		{"laptop", "[laptop] laptop*"},
		{"gaming mouse", "[gaming] | [mouse] mouse*"},
		{"tea tea", "[tea]"},
		{"headphones", "[headphones] [headphone] headphones*"},
		{"case for the iphone", "[case] | [iphone] iphone*"},
		{"the", "[the]"},
		{"for the", "[for] | [the]"},
		{"x", "[x]"},
		{"11", "[11]"},
		{"1100", "[1100] 1100*"},
		{"iphone11", "[iphone11] [iphone 11] iphone11*"},
		{"16gb", "[16gb] [16 gb] 16gb*"},
		{"wi-fi router", "[wifi] [wi fi] | [router] router*"},
		{"t-shirts", "[tshirts] [tshirt] [t shirts] [t shirt] tshirts*"},
		{"a-a", "[aa] [a] aa*"},
		{"茶", "茶"},
		{"茶叶", "茶叶:茶叶"},
		{"绿茶叶", "绿茶叶:绿茶,茶叶"},
		{"哈哈哈", "哈:哈哈"},
		{"红色的茶杯", "红色:红色 | 茶杯:茶杯"},
		{"的", "的"},
		{"的 茶", "茶"},
		{"usb数据线", "[usb] | 数据线:数据,据线"},
		{"数据线usb", "数据线:数据,据线 | [usb] usb*"},
	} {
		if got := show(Parse(c.text)); got != c.want {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
}

func show(q Query) string {
	units := make([]string, len(q.Units))
	for i, u := range q.Units {
		var parts []string
		if u.Chars != nil {
			pairs := strings.Join(u.Pairs, ",")
			parts = append(parts, strings.TrimSuffix(strings.Join(u.Chars, "")+":"+pairs, ":"))
		}
		for _, w := range u.Words {
			parts = append(parts, fmt.Sprint(w))
		}
		if u.Prefix != "" {
			parts = append(parts, u.Prefix+"*")
		}
		units[i] = strings.Join(parts, " ")
	}
	return strings.Join(units, " | ")
}

func TestCode(t *testing.T) {
	for text, want := range map[string]string{
		"0095205603217": "95205603217", "95205603217": "95205603217", " TN-2110 ": "tn2110", "tn 2110": "tn2110",
		"A1": "", "": "", "000": "", "0a1": "0a1", "ＡＢＣ１": "abc1", "型号42x": "型号42x",
		strings.Repeat("x", 65): "", strings.Repeat("-", 300): "",
	} {
		if got := Code(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzTerms(f *testing.F) {
	for _, seed := range []string{"Wi-Fi 16GB 茶叶 iPhone11", "Ệ’s L'Oréal \xff\x00", "的的的", "5.0.1-a&b_c",
		"ｔｅａ\u200b",
		"batteries", strings.Repeat("é", 60)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms, length := termsOf(text)
		if again, n := termsOf(text); !slices.Equal(terms, again) || n != length {
			t.Fatalf("%q is cut in two ways", text)
		}
		if (length == 0) != (len(terms) == 0) {
			t.Fatalf("%q: %d words, terms %q", text, length, terms)
		}
		for _, term := range terms {
			if term == "" || len(term) > wordMax || !utf8.ValidString(term) {
				t.Fatalf("%q: term %q", text, term)
			}
			if strings.ContainsFunc(term, unfolded) {
				t.Fatalf("%q: term %q is not folded", text, term)
			}
		}
	})
}

func unfolded(r rune) bool { return unicode.IsSpace(r) || r >= 'A' && r <= 'Z' }

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"wi-fi 16gb 茶叶的杯 iphone11", "a-b-c-d-e-f-g", "哈哈哈 的 the", "\xff'’'s",
		"4.4.4mm"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := Parse(text)
		terms, _ := termsOf(text)
		if (len(q.Units) == 0) != (len(terms) == 0) {
			t.Fatalf("%q: %d units of terms %q", text, len(q.Units), terms)
		}
		for i, u := range q.Units {
			if (u.Words == nil) == (u.Chars == nil) || (u.Prefix != "" && i != len(q.Units)-1) {
				t.Fatalf("%q: unit %+v", text, u)
			}
			asked := slices.Concat(append(u.Words, u.Chars, u.Pairs)...)
			if slices.Contains(asked, "") {
				t.Fatalf("%q: unit %+v asks for nothing", text, u)
			}
			if !answered(u, terms) {
				t.Fatalf("%q: its own words %q do not answer unit %+v", text, terms, u)
			}
		}
	})
}

// answered tells whether a text with those terms holds a unit as a whole.
func answered(u Unit, terms []string) bool {
	has := func(term string) bool { return slices.Contains(terms, term) }
	all := func(list []string) bool { return !slices.ContainsFunc(list, func(s string) bool { return !has(s) }) }
	if u.Words == nil {
		return all(u.Chars) && all(u.Pairs)
	}
	return slices.ContainsFunc(u.Words, all)
}
