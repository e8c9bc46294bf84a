package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// shape is what the document asks of a value: the members that may not be left out, and the same of what is inside.
// Nothing is asked where it is nil.
type shape struct {
	required []string // at most 64 (shapeOf)
	member   map[string]*shape
	each     *shape // of the items of an array and the values of a map
}

// shapeOf is the shape of a type's JSON.
func shapeOf(t reflect.Type) *shape {
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem())
	case reflect.Slice, reflect.Map:
		if each := shapeOf(t.Elem()); each != nil {
			return &shape{each: each}
		}
		return nil
	case reflect.Struct:
	default:
		return nil
	}
	s := &shape{member: map[string]*shape{}}
	for f := range t.Fields() {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if rest == "" {
			s.required = append(s.required, name)
		}
		if inner := shapeOf(f.Type); inner != nil {
			s.member[name] = inner
		}
	}
	if len(s.required) > 64 {
		panic("api: a body with more than 64 required fields: " + t.String())
	}
	if len(s.required)+len(s.member) == 0 {
		return nil
	}
	return s
}

// missing is the first field that a body leaves out or sets to null although the document asks for it, as
// lines.0.quantity: a forgotten quantity must not be read as zero pieces. The body has been decoded before, so it is
// well formed, and no name stands twice in an object.
func missing(raw []byte, of *shape) string {
	if of == nil {
		return ""
	}
	w := walk{raw: raw}
	w.blank()
	if !w.more() || w.raw[w.at] != '{' { // null: a body without members
		return strings.Join(of.required[:min(1, len(of.required))], "")
	}
	return w.value(of)
}

// walk goes over JSON that is known to be well formed and builds nothing: with a map of the members this look cost as
// much as decoding the body.
type walk struct {
	raw []byte
	at  int
}

func (w *walk) more() bool { return w.at < len(w.raw) }

func (w *walk) blank() {
	for w.more() && strings.IndexByte(" \t\r\n,:", w.raw[w.at]) >= 0 {
		w.at++
	}
}

// value passes one value and says what is missing in it.
func (w *walk) value(of *shape) string {
	switch w.raw[w.at] {
	case '{':
		return w.object(of)
	case '[':
		return w.array(of)
	case '"':
		w.text()
		return ""
	}
	for w.more() && strings.IndexByte(",]} \t\r\n", w.raw[w.at]) < 0 {
		w.at++
	}
	return ""
}

func (w *walk) object(of *shape) (first string) {
	var had uint64
	for w.at++; ; {
		w.blank()
		if !w.more() || w.raw[w.at] == '}' {
			w.at++
			break
		}
		name := w.text()
		w.blank()
		if !w.null() {
			had |= of.bit(name)
		}
		if lacks := w.value(of.inside(name)); lacks != "" && first == "" {
			first = string(name) + "." + lacks
		}
	}
	if of != nil {
		for i, want := range of.required {
			if had&(1<<i) == 0 {
				return want
			}
		}
	}
	return first
}

// bit marks a required member in a set of them; other names mark nothing.
func (s *shape) bit(name []byte) uint64 {
	if s != nil {
		for i, want := range s.required {
			if want == string(name) {
				return 1 << i
			}
		}
	}
	return 0
}

// inside is the shape of what stands under a name.
func (s *shape) inside(name []byte) *shape {
	switch {
	case s == nil:
		return nil
	case s.each != nil:
		return s.each
	}
	return s.member[string(name)]
}

func (w *walk) array(of *shape) (first string) {
	var each *shape
	if of != nil {
		each = of.each
	}
	w.at++
	for i := 0; ; i++ {
		w.blank()
		if !w.more() || w.raw[w.at] == ']' {
			w.at++
			return first
		}
		lacks := ""
		if each != nil && w.null() {
			lacks = strconv.Itoa(i)
		}
		if inside := w.value(each); inside != "" {
			lacks = strconv.Itoa(i) + "." + inside
		}
		if first == "" {
			first = lacks
		}
	}
}

func (w *walk) null() bool { return bytes.HasPrefix(w.raw[w.at:], []byte("null")) }

// text passes a string and gives what it says.
func (w *walk) text() []byte {
	start := w.at
	for w.at++; w.more() && w.raw[w.at] != '"'; w.at++ {
		if w.raw[w.at] == '\\' {
			w.at++
		}
	}
	w.at = min(w.at+1, len(w.raw))
	return unquoted(w.raw[start:w.at])
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
