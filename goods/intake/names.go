package intake

import "strings"

// Label makes a readable name of a technical one: "print_technology" becomes "Print technology".
func Label(technical string) string {
	words := strings.FieldsFunc(technical, func(r rune) bool { return r == '_' || r == ' ' })
	name := strings.Join(words, " ")
	if name != "" && name[0] >= 'a' && name[0] <= 'z' {
		name = string(name[0]-'a'+'A') + name[1:]
	}
	return name
}

// SplitList cuts a list at a separator and trims its parts; a separator behind a backslash belongs to the part.
func SplitList(list string, separator byte) []string {
	var out []string
	var part strings.Builder
	flush := func() {
		if p := strings.TrimSpace(part.String()); p != "" {
			out = append(out, p)
		}
		part.Reset()
	}
	for i := 0; i < len(list); i++ {
		switch {
		case list[i] == '\\' && i+1 < len(list) && list[i+1] == separator:
			i++
			part.WriteByte(separator)
		case list[i] == separator:
			flush()
		default:
			part.WriteByte(list[i])
		}
	}
	flush()
	return out
}
