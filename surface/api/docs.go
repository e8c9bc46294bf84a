package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"reflect"
	"slices"
	"strings"
)

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsStyle []byte

// field is one field of a body in the readable document.
type field struct {
	Name, Type string
	Optional   bool
	Help       string
	Choices    []string // what alone it may be
}

// entry is one operation in the readable document.
type entry struct {
	Name, Method, Path, Summary, Who string
	Status                           int
	Key                              bool
	Query                            []field
	In, Out                          []field
}

// readable is the document for people: one page, made from the same table, without script.
func readable(ops []op) ([]byte, error) {
	page, err := template.New("docs").Parse(docsHTML)
	if err != nil {
		return nil, err
	}
	type group struct {
		Tag     string
		Entries []entry
	}
	var groups []group
	for _, o := range ops {
		i := slices.IndexFunc(groups, func(g group) bool { return g.Tag == o.tag })
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{Tag: o.tag})
		}
		groups[i].Entries = append(groups[i].Entries, o.entry())
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{"Groups": groups, "Version": Version, "Prefix": prefix})
	return out.Bytes(), err
}

func (o op) entry() entry {
	who := make([]string, len(o.roles))
	for i, r := range o.roles {
		who[i] = string(r)
	}
	v := entry{Name: o.name, Method: o.method, Path: o.path, Summary: o.summary, Who: strings.Join(who, ", "),
		Status: o.status, Key: o.method != "GET" && !o.keyless}
	for _, p := range o.query {
		v.Query = append(v.Query, field{Name: p.name, Type: p.help})
	}
	if public(o.roles) {
		v.Who = "everybody"
	}
	if o.in != nil {
		v.In = fields(o.in, "")
	}
	if o.out != nil {
		v.Out = fields(o.out, "")
	}
	return v
}

// fieldDepth is how deep a body is spelled out.
const fieldDepth = 3

// fields lists a body's fields, those of nested objects with their path.
func fields(t reflect.Type, under string) []field {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || strings.Count(under, ".") >= fieldDepth {
		return nil
	}
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		one := field{Name: under + name, Type: kindOf(f.Type), Optional: strings.Contains(options, "omitempty"),
			Help: f.Tag.Get("doc")}
		if among := f.Tag.Get("enum"); among != "" {
			one.Choices = strings.Split(among, ",")
		}
		all = append(all, one)
		all = append(all, fields(f.Type, under+name+".")...)
	}
	return all
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Slice:
		return "list of " + kindOf(t.Elem())
	case reflect.Map:
		return "map of " + kindOf(t.Elem())
	case reflect.Struct:
		return "object"
	case reflect.Int, reflect.Int64, reflect.Uint32:
		return "integer"
	case reflect.Bool:
		return "boolean"
	}
	return "string"
}
