package login

import (
	_ "embed"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
)

// What guessers try first (FAULTS A23): common.txt has whole passwords, stems.txt the words that most people dress up
// with a few digits. Both lists and the rules below are of our own making.
var (
	//go:embed common.txt
	commonText string
	//go:embed stems.txt
	stemsText string

	common = setOf(commonText)
	stems  = setOf(stemsText)
)

func setOf(words string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		all[w] = true
	}
	return all
}

// checkFresh holds a password that somebody chooses to its bounds, and refuses one that is tried first.
func checkFresh(p Password, name string) error {
	if err := checkPassword(p); err != nil {
		return err
	}
	if obvious(strings.ToLower(string(p)), strings.ToLower(name)) {
		return fault.New(fault.Invalid, "login.password_common").At("password")
	}
	return nil
}

// obvious tells whether a password is on the list, a dressed-up word, a walk over the keyboard, a few letters again and
// again, somebody's birthday, or the login's own name with something short around it.
func obvious(p, name string) bool {
	return common[p] || dressedUp(p) || walked(p) || repeated(p) || dated(p) || named(p, name)
}

// dressMax is how much around a word makes no secret of it.
const dressMax = 6

// plainer writes the letters that digits and signs are put for.
var plainer = strings.NewReplacer("@", "a", "4", "a", "0", "o", "1", "i", "!", "i", "3", "e", "5", "s", "$", "s",
	"7", "t")

// dressedUp tells whether a password is such a word with digits and signs around it or in it: "P@ssw0rd123!".
func dressedUp(p string) bool {
	letter := func(r rune) bool { return r >= 'a' && r <= 'z' }
	before := len(p) - len(strings.TrimLeftFunc(p, func(r rune) bool { return !letter(r) }))
	after := len(p) - len(strings.TrimRightFunc(p, func(r rune) bool { return !letter(r) }))
	for head := range min(before, dressMax) + 1 {
		for tail := range min(after, dressMax-head) + 1 {
			if head+tail < len(p) && stems[plainer.Replace(p[head:len(p)-tail])] {
				return true
			}
		}
	}
	return false
}

// rows are what fingers walk along, in both directions.
var rows = func() (all []string) {
	for _, row := range []string{"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
		"!@#$%^&*()", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
		"qazwsxedcrfvtgbyhnujmikolp", "147258369", "1a2b3c4d5e6f7g8h9i"} {
		back := []byte(row)
		for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
			back[i], back[j] = back[j], back[i]
		}
		all = append(all, row, string(back))
	}
	return all
}()

// walked tells whether a password is nothing but walks of three keys and more: "qwerty123", "aaa111222".
func walked(p string) bool {
	for rest := p; rest != ""; {
		n := 1
		for n < len(rest) && rest[n] == rest[0] {
			n++
		}
		for _, row := range rows {
			for n < len(rest) && strings.Contains(row, rest[:n+1]) {
				n++
			}
		}
		if n < 3 {
			return false
		}
		rest = rest[n:]
	}
	return true
}

// repeated tells whether a password is at most four characters again and again.
func repeated(p string) bool {
	for n := 1; n <= 4; n++ {
		if len(p) > n && strings.Repeat(p[:n], len(p)/n+1)[:len(p)] == p {
			return true
		}
	}
	return false
}

// dated tells whether a password is a day of somebody's life, with at most three letters at one end: "li19880808".
func dated(p string) bool {
	digits := strings.TrimFunc(p, func(r rune) bool { return r >= 'a' && r <= 'z' })
	if len(digits) != 8 || len(p)-len(digits) > 3 {
		return false
	}
	for _, layout := range []string{"20060102", "02012006", "01022006"} {
		if day, err := time.Parse(layout, digits); err == nil && day.Year() > 1920 && day.Year() < 2040 {
			return true
		}
	}
	_, err := strconv.Atoi(digits)
	return err == nil && digits[:4] == digits[4:]
}

// named tells whether a password is the login's own name, with at most a few characters that are no letters around it.
func named(p, name string) bool {
	before, after, found := strings.Cut(p, name)
	around := before + after
	return name != "" && found && len(around) <= dressMax && strings.Trim(around, "0123456789!@#$%^&*()-_=+.,?~ ") == ""
}
