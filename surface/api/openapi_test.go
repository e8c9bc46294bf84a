package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/openapi.json anew; a changed document needs a new Version first")

const golden = "testdata/openapi.json"

// document is as much of OpenAPI 3.1 as these tests look at.
type document struct {
	OpenAPI    string                          `json:"openapi"`
	Info       struct{ Title, Version string } `json:"info"`
	Servers    []struct{ URL string }          `json:"servers"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas         map[string]any `json:"schemas"`
		SecuritySchemes map[string]any `json:"securitySchemes"`
	} `json:"components"`
}

type operation struct {
	OperationID string                `json:"operationId"`
	Summary     string                `json:"summary"`
	Tags        []string              `json:"tags"`
	Parameters  []parameter           `json:"parameters"`
	RequestBody *content              `json:"requestBody"`
	Responses   map[string]content    `json:"responses"`
	Security    []map[string][]string `json:"security"`
}

type parameter struct {
	Name, In string
	Required bool
	Schema   map[string]any
}

type content struct {
	Description string                          `json:"description"`
	Content     map[string]struct{ Schema any } `json:"content"`
}

func written(t *testing.T) []byte {
	t.Helper()
	data, err := Document((&api{}).ops())
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

func read(t *testing.T, data []byte) (d document) {
	t.Helper()
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDocumentIsTheGoldenOne: programs are written against the document, so a change of it is one of the Version too.
func TestDocumentIsTheGoldenOne(t *testing.T) {
	now := written(t)
	if again := written(t); !bytes.Equal(now, again) {
		t.Fatal("the same operations gave two documents")
	}
	kept, err := os.ReadFile(golden)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	if bytes.Equal(kept, now) {
		return
	}
	if kept != nil && read(t, kept).Info.Version == Version {
		t.Fatalf("the document changed and Version is still %s: raise it, then run: "+
			"go test ./surface/api -run Golden -update\nfirst difference: %s", Version, difference(kept, now))
	}
	if !*update {
		t.Fatalf("the document is not %s; if that is meant, run: go test ./surface/api -run Golden -update\n"+
			"first difference: %s", golden, difference(kept, now))
	}
	if err := os.WriteFile(golden, now, 0o644); err != nil {
		t.Fatal(err)
	}
}

func difference(was, now []byte) string {
	old, fresh := strings.Split(string(was), "\n"), strings.Split(string(now), "\n")
	for i := range min(len(old), len(fresh)) {
		if old[i] != fresh[i] {
			return strings.TrimSpace(old[i]) + " -> " + strings.TrimSpace(fresh[i])
		}
	}
	return "one is longer"
}

// each calls look for every operation of the document.
func each(t *testing.T, look func(t *testing.T, path, method string, o operation)) document {
	t.Helper()
	d := read(t, written(t))
	for path, item := range d.Paths {
		for method, o := range item {
			t.Run(method+" "+path, func(t *testing.T) { look(t, path, method, o) })
		}
	}
	return d
}

func TestDocumentSaysWhoAndWhat(t *testing.T) {
	ids := map[string]string{}
	d := each(t, func(t *testing.T, path, method string, o operation) {
		if o.OperationID == "" || o.Summary == "" || len(o.Tags) != 1 {
			t.Errorf("id %q, summary %q, tags %v", o.OperationID, o.Summary, o.Tags)
		}
		if was, taken := ids[o.OperationID]; taken {
			t.Errorf("%s has the id %s too", was, o.OperationID)
		}
		ids[o.OperationID] = method + " " + path
		if len(o.Responses) != 2 || o.Responses["default"].Content["application/problem+json"].Schema == nil {
			t.Errorf("responses are %v", o.Responses)
		}
		for status, r := range o.Responses {
			if r.Description == "" {
				t.Errorf("response %s has no description", status)
			}
		}
	})
	if d.OpenAPI != "3.1.0" || d.Info.Title == "" || d.Info.Version != Version || len(d.Servers) != 1 {
		t.Errorf("head: %q %+v %v", d.OpenAPI, d.Info, d.Servers)
	}
	if served := len(Routes(Deps{})) - 3; served != len(ids) { // the document, its readable form and that one's style
		t.Errorf("%d operations are served, %d are documented", served, len(ids))
	}
}

func TestDocumentDeclaresEveryParameter(t *testing.T) {
	each(t, func(t *testing.T, path, method string, o operation) {
		var inPath, declared []string
		for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
			inPath = append(inPath, m[1])
		}
		seen := map[string]bool{}
		for _, p := range o.Parameters {
			if seen[p.In+p.Name] || p.Name == "" || p.Schema["type"] == nil {
				t.Errorf("parameter %+v is declared twice or without a type", p)
			}
			seen[p.In+p.Name] = true
			if p.In == "path" {
				if !p.Required {
					t.Errorf("path parameter %s is not required", p.Name)
				}
				declared = append(declared, p.Name)
			}
		}
		if !slices.Equal(inPath, declared) {
			t.Errorf("the path has %v, the document declares %v", inPath, declared)
		}
	})
}

func TestDocumentsSchemasResolve(t *testing.T) {
	d := each(t, func(t *testing.T, _, method string, o operation) {
		if o.RequestBody != nil && (method == "get" || o.RequestBody.Content["application/json"].Schema == nil) {
			t.Errorf("body %+v", o.RequestBody)
		}
		for status, r := range o.Responses {
			if len(r.Content) != 1 {
				t.Errorf("response %s has %d contents", status, len(r.Content))
			}
		}
	})
	var all any
	if err := json.Unmarshal(written(t), &all); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	references(all, used)
	for ref := range used {
		name, ok := strings.CutPrefix(ref, "#/components/schemas/")
		if _, there := d.Components.Schemas[name]; !ok || !there {
			t.Errorf("%s leads nowhere", ref)
		}
	}
	for name := range d.Components.Schemas {
		if !used["#/components/schemas/"+name] {
			t.Errorf("schema %s is used by nothing", name)
		}
	}
	if d.Components.SecuritySchemes["session"] == nil {
		t.Error("the security scheme is not declared")
	}
}

func references(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if ref, is := inner.(string); is && name == "$ref" {
				into[ref] = true
			}
			references(inner, into)
		}
	case []any:
		for _, inner := range v {
			references(inner, into)
		}
	}
}

// TestDocumentAndDecoderAgree: what the document calls required, however deep it stands, is refused when it is left out
// or null.
func TestDocumentAndDecoderAgree(t *testing.T) {
	d := read(t, written(t))
	deep := 0
	for _, o := range (&api{}).ops() {
		if o.in == nil || o.in == typeOf[empty]() || o.raw != nil {
			continue
		}
		of := shapeOf(o.in)
		name := strings.ToUpper(o.in.Name()[:1]) + o.in.Name()[1:]
		whole := d.sample(map[string]any{"$ref": "#/components/schemas/" + name})
		if got := missing(whole.text(t), of); got != "" {
			t.Errorf("%s: %s misses %q", o.name, whole.text(t), got)
		}
		for _, path := range whole.required {
			deep += strings.Count(path, ".")
			for _, lacking := range []string{whole.without(t, path, true), whole.without(t, path, false)} {
				if got := missing([]byte(lacking), of); got != path {
					t.Errorf("%s: %s misses %q, the document says %q", o.name, lacking, got, path)
				}
			}
		}
	}
	if deep < 10 {
		t.Errorf("only %d required fields stand inside others: this test does not see them", deep)
	}
}

// sample is a value with everything that a schema has, and the paths of what it requires.
type sample struct {
	value    any
	required []string
}

func (d *document) sample(schema map[string]any) (s sample) {
	if ref, ok := schema["$ref"].(string); ok {
		schema = d.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]].(map[string]any)
	}
	add := func(name string, inner sample) any {
		for _, path := range inner.required {
			s.required = append(s.required, name+"."+path)
		}
		return inner.value
	}
	if items, ok := schema["items"].(map[string]any); ok {
		s.value = []any{add("0", d.sample(items))}
		return s
	}
	members := map[string]any{}
	if each, ok := schema["additionalProperties"].(map[string]any); ok {
		members["k"] = add("k", d.sample(each))
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok && len(members) == 0 {
		return sample{value: 1}
	}
	for name, inner := range properties {
		members[name] = add(name, d.sample(inner.(map[string]any)))
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		s.required = append(s.required, name.(string))
	}
	s.value = members
	return s
}

func (s sample) text(t *testing.T) []byte {
	t.Helper()
	data, err := json.Marshal(s.value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// without is the sample without what stands at a path, or with null there.
func (s sample) without(t *testing.T, path string, null bool) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(s.text(t), &value); err != nil {
		t.Fatal(err)
	}
	names := strings.Split(path, ".")
	at := value
	for _, name := range names[:len(names)-1] {
		if list, ok := at.([]any); ok {
			at = list[0]
			continue
		}
		at = at.(map[string]any)[name]
	}
	last := names[len(names)-1]
	if at.(map[string]any)[last] = nil; !null {
		delete(at.(map[string]any), last)
	}
	return string(sample{value: value}.text(t))
}

func TestNULIsFound(t *testing.T) {
	for in, want := range map[string]bool{`{"a":"b"}`: false, `{"a":"\u0000"}`: true, `{"a":"\\u0000"}`: false,
		`{"a":"\\\u0000"}`: true, `{"a":"\\u0000\u0000"}`: true, `\u0000`: true, ``: false, `\u000`: false} {
		if got := noNUL([]byte(in)) != nil; got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}
