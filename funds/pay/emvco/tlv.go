package emvco

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"hutong/base/fault"
)

// Field is one data object: two digits that name it, and its value of 1 to 99 characters. The length between them
// counts characters, not bytes.
type Field struct{ ID, Value string }

func (f Field) fits() bool {
	return len(f.ID) == 2 && digits(f.ID) && f.Value != "" && short(f.Value, 99) && clean(f.Value)
}

func join(fields []Field) string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "%s%02d%s", f.ID, utf8.RuneCountInString(f.Value), f.Value)
	}
	return b.String()
}

// split reads fields until the text ends. A field that is there twice, or cut short, is refused.
func split(s string) ([]Field, error) {
	var fields []Field
	rest := []rune(s)
	for len(rest) > 0 {
		if len(rest) < 5 || !digits(string(rest[:4])) {
			return nil, refuse("tlv")
		}
		n := int(rest[2]-'0')*10 + int(rest[3]-'0')
		if n == 0 || n > len(rest)-4 {
			return nil, refuse(string(rest[:2]))
		}
		fields = append(fields, Field{string(rest[:2]), string(rest[4 : 4+n])})
		rest = rest[4+n:]
	}
	if !distinct(fields) {
		return nil, refuse("tlv")
	}
	return fields, nil
}

// lengthMax bounds a payload: the form allows 512 characters.
const lengthMax = 512

const crcHead = "6304"

// seal puts the checksum behind the fields.
func seal(body string) string { return fmt.Sprintf("%s%s%04X", body, crcHead, checksum(body+crcHead)) }

// open checks what frames a payload - the version first, the checksum last - and gives the fields between.
func open(s string) ([]Field, error) {
	if !clean(s) || utf8.RuneCountInString(s) > lengthMax {
		return nil, refuse("payload")
	}
	body, ok := strings.CutSuffix(s[:max(0, len(s)-4)], crcHead)
	if !ok {
		return nil, refuse("63")
	}
	if want := fmt.Sprintf("%04X", checksum(body+crcHead)); !strings.EqualFold(want, s[len(s)-4:]) {
		return nil, fault.New(fault.Invalid, "emvco.checksum")
	}
	fields, err := split(body)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 || fields[0] != (Field{"00", "01"}) || get(fields, "63") != "" {
		return nil, refuse("00")
	}
	return fields[1:], nil
}

// checksum is CRC-16/CCITT-FALSE over the UTF-8 bytes: polynomial 0x1021, starting from 0xFFFF.
func checksum(s string) uint16 {
	crc := uint16(0xFFFF)
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			carry := crc & 0x8000
			crc <<= 1
			if carry != 0 {
				crc ^= 0x1021
			}
		}
	}
	return crc
}

func get(fields []Field, id string) string {
	for _, f := range fields {
		if f.ID == id {
			return f.Value
		}
	}
	return ""
}

func distinct(fields []Field) bool {
	seen := map[string]bool{}
	for _, f := range fields {
		if !f.fits() || seen[f.ID] {
			return false
		}
		seen[f.ID] = true
	}
	return true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func short(s string, most int) bool { return utf8.RuneCountInString(s) <= most }

// ascii tells whether s is printable ASCII of at most that many characters.
func ascii(s string, most int) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) <= most
}

// clean tells whether s is well-formed and free of control characters.
func clean(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// ASCII makes a text that fits an ASCII field out of any text: what is ASCII in it, cut to the length, or fallback
// when nothing readable is left. The full text goes into Local.
func ASCII(s string, most int, fallback string) string {
	kept := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	kept = strings.Join(strings.Fields(kept), " ")
	if strings.Trim(kept, " -_.,()") == "" {
		kept = fallback
	}
	return strings.TrimSpace(kept[:min(len(kept), most)])
}
