package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// requiredOf are the fields that the document asks for: those that may not be left out.
func requiredOf(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		if name, rest, _ := strings.Cut(f.Tag.Get("json"), ","); rest == "" {
			names = append(names, name)
		}
	}
	return names
}

// missing is the first required field that a body leaves out or sets to null: a forgotten quantity must not be read as
// zero pieces. The body has been decoded before, so it is an object, in which no name stands twice, or null.
func missing(raw []byte, required []string) string {
	left := slices.Clone(required)
	members(raw, func(name, value []byte) {
		if i := slices.Index(left, string(name)); i >= 0 && !bytes.HasPrefix(value, []byte("null")) {
			left = slices.Delete(left, i, i+1)
		}
	})
	if len(left) == 0 {
		return ""
	}
	return left[0]
}

// members gives each member of a JSON object that is known to be well formed: its name, and the text from its value on.
// It builds nothing: with a map of the members this look cost as much as decoding the body.
func members(raw []byte, member func(name, value []byte)) {
	depth, naming := 0, false
	var name []byte
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			end := closing(raw, i)
			if naming {
				name, naming = unquoted(raw[i:end+1]), false
			}
			i = end
		case '{', '[':
			depth++
			naming = depth == 1
		case '}', ']':
			depth--
		case ',':
			naming = depth == 1
		case ':':
			if depth == 1 {
				member(name, bytes.TrimLeft(raw[i+1:], " \t\r\n"))
			}
		}
	}
}

// closing is where the string that begins at a quote ends.
func closing(raw []byte, start int) int {
	for i := start + 1; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(raw) - 1
}

// unquoted is the text of a JSON string.
func unquoted(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil // no name at all
	}
	return []byte(s)
}
