package api

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"hutong/party/login"
)

// Version is the API's: it rises with every change of the document (a test holds it against the golden file).
const Version = "1.15.0"

// problemForm of RFC 9457, as gate writes it.
type problemDoc struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Code      string         `json:"code"`
	Field     string         `json:"field,omitempty"`
	Params    map[string]any `json:"params,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
	Promised  *promisedForm  `json:"promised,omitempty" doc:"by the token of an order whose terms are gone"`
	Quote     *quoteForm     `json:"quote,omitempty" doc:"the same basket now; placing its token is the shopper's consent"`
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

// Document writes the OpenAPI 3.1 document of the operations, the same bytes each time.
func Document(ops []op) ([]byte, error) {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	doc := huma.OpenAPI{OpenAPI: "3.1.0", Info: &huma.Info{Title: "Hutong", Version: Version,
		Description: "The market's verbs for programs. Amounts are integers of minor units with their currency. " +
			"Refusals are RFC 9457 problems with a stable code. Another party's object is not found."},
		Servers: []*huma.Server{{URL: prefix}}, Paths: map[string]*huma.PathItem{},
		Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{
			"session": {Type: "http", Scheme: "bearer"}}}}
	refusal := &huma.Response{Description: "A refusal, in the caller's language", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: schema(registry, reflect.TypeFor[problemDoc]())}}}
	for _, o := range ops {
		item := doc.Paths[o.path]
		if item == nil {
			item = &huma.PathItem{}
			doc.Paths[o.path] = item
		}
		v := o.document(registry)
		v.Responses["default"] = refusal
		switch o.method {
		case "GET":
			item.Get = v
		case "POST":
			item.Post = v
		case "PUT":
			item.Put = v
		case "DELETE":
			item.Delete = v
		}
	}
	return json.MarshalIndent(&doc, "", "  ")
}

func schema(r huma.Registry, t reflect.Type) *huma.Schema { return r.Schema(t, true, "") }

func (o op) document(r huma.Registry) *huma.Operation {
	v := &huma.Operation{OperationID: o.name, Summary: o.summary, Tags: []string{o.tag},
		Responses: map[string]*huma.Response{strconv.Itoa(o.status): {Description: "Done",
			Content: map[string]*huma.MediaType{"application/json": {Schema: schema(r, o.out)}}}}}
	for _, name := range inPath.FindAllStringSubmatch(o.path, -1) {
		v.Parameters = append(v.Parameters, &huma.Param{Name: name[1], In: "path", Required: true,
			Schema: &huma.Schema{Type: "string"}})
	}
	for _, p := range o.query {
		kind := "string"
		if p.number {
			kind = "integer"
		}
		v.Parameters = append(v.Parameters, &huma.Param{Name: p.name, In: "query", Description: p.help,
			Schema: &huma.Schema{Type: kind}})
	}
	if o.in != nil && o.in != reflect.TypeFor[empty]() {
		v.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: schema(r, o.in)}}}
	}
	if o.method != "GET" && !o.keyless {
		v.Parameters = append(v.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Required: true,
			Description: "your name for this call; a repetition gets the first reply", Schema: &huma.Schema{Type: "string"}})
	}
	if !public(o.roles) {
		v.Security = []map[string][]string{{"session": {}}}
	}
	return v
}

func public(roles []login.Role) bool {
	for _, r := range roles {
		if r == login.Anonymous {
			return true
		}
	}
	return false
}
