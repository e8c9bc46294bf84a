// Package icecat reads product data sheets in the shape of the Icecat open catalogue: one JSON object a line, with the
// price in whole minor units and every further fact in a field named attr_t_, attr_n_ or attr_b_ for text, number and
// yes-or-no.
//
// A number is never parsed: "17.0" stays "17.0", as the file writes it.
package icecat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
	"hutong/goods/intake/richtext"
)

// Name is the format's name and the source of its products.
const Name = "icecat"

// Format reads Icecat JSON lines.
type Format struct{}

// Name is "icecat".
func (Format) Name() string { return Name }

// Sniff knows the file by its first line being an object with an id and a title.
func (Format) Sniff(head []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, " \t\r\n"), []byte{'\n'})
	return bytes.HasPrefix(line, []byte{'{'}) &&
		bytes.Contains(line, []byte(`"id"`)) && bytes.Contains(line, []byte(`"title"`))
}

// Read gives the products in the file's order.
func (Format) Read(
	ctx context.Context, src *intake.Source, emit func(intake.Product) error, reject func(intake.Reject),
) error {
	content, err := src.Content(ctx)
	if err != nil {
		return err
	}
	defer content.Close()
	lines := content.Lines()
	for {
		raw, line, err := lines.Next()
		if err != nil {
			skip, end := src.Skipped(err, reject)
			if skip {
				continue
			}
			return end
		}
		s := sheet{texts: map[string]string{}}
		if err := s.decode(raw); err != nil {
			reject(src.Reject(line, "intake.bad_json", ""))
			continue
		}
		p, refused := s.product(line)
		if refused != nil {
			reject(src.Reject(line, refused.Code, refused.Field, refused.Params...))
			continue
		}
		if err := emit(p); err != nil {
			return err
		}
	}
}

// sheet is one line, its values as the texts that they were written with.
type sheet struct {
	texts map[string]string
	eans  []string
	facts []intake.Attribute
	price string // the literal, "" when absent or null
	stock string
	wrong string // a field that should be a number and is none
}

var errShape = errors.New("icecat: not one object")

// decode reads the object field by field, keeping the file's order and refusing a field that stands twice.
func (s *sheet) decode(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errShape
	}
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		field, ok := name.(string)
		if !ok || seen[field] {
			return errShape
		}
		seen[field] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := s.field(field, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errShape
	}
	return nil
}

func (s *sheet) field(name string, value json.RawMessage) error {
	if string(value) == "null" {
		return nil
	}
	kind, fact := strings.CutPrefix(name, "attr_")
	switch {
	case fact && len(kind) > 2 && kind[1] == '_':
		text, err := literal(value)
		if err != nil {
			return err
		}
		s.facts = append(s.facts, intake.Attribute{Name: intake.Label(kind[2:]), Value: text})
		s.texts[name] = text
	case name == "ean":
		return json.Unmarshal(value, &s.eans)
	case name == "price":
		s.price = s.number(name, value)
	case name == "stock":
		s.stock = s.number(name, value)
	case value[0] == '"':
		text, err := literal(value)
		if err != nil {
			return err
		}
		s.texts[name] = text
	}
	return nil
}

// literal is a text without its quotes and escapes, a number or a truth value as written, a list joined by commas.
func literal(value json.RawMessage) (string, error) {
	switch value[0] {
	case '"':
		var text string
		err := json.Unmarshal(value, &text)
		return text, err
	case '[':
		var parts []json.RawMessage
		if err := json.Unmarshal(value, &parts); err != nil {
			return "", err
		}
		texts := make([]string, len(parts))
		for i, p := range parts {
			if p[0] == '[' || p[0] == '{' {
				return "", errShape
			}
			text, err := literal(p)
			if err != nil {
				return "", err
			}
			texts[i] = text
		}
		return strings.Join(texts, ", "), nil
	case '{':
		return "", errShape
	}
	return string(value), nil
}

// number takes a number's own characters; anything else is remembered as wrong.
func (s *sheet) number(field string, value json.RawMessage) string {
	if c := value[0]; c != '-' && (c < '0' || c > '9') {
		s.wrong = field
	}
	return string(value)
}

// pictures are tried from the largest down: the importer makes its own sizes.
var pictures = []string{"img_high", "img_500x500", "img_low", "img_thumb"}

func (s *sheet) product(line int) (intake.Product, *fault.Error) {
	switch s.wrong {
	case "price":
		return intake.Product{}, fault.New(fault.Invalid, "intake.price_syntax", fault.P("value", "?")).At("price")
	case "stock":
		return intake.Product{}, fault.New(fault.Invalid, "intake.bad_stock", fault.P("value", "?")).At("stock")
	}
	stock, ok := intake.Count(s.stock)
	if !ok {
		return intake.Product{}, fault.New(fault.Invalid, "intake.bad_stock", fault.P("value", "?")).At("stock")
	}
	id := s.texts["id"]
	sku := intake.SKU{
		ExternalID: id, Code: s.code(), Line: line, Price: s.price, InMinor: true, Stock: stock,
		WeightG: s.weight(),
	}
	if len(s.eans) > 0 {
		sku.Barcode = s.eans[0]
		if others := strings.Join(s.eans[1:], ", "); others != "" {
			s.facts = append(s.facts, intake.Attribute{Name: "Further EANs", Value: others})
		}
	}
	p := intake.Product{
		Source: Name, ExternalID: id, Line: line, Title: s.texts["title"], Brand: s.texts["supplier"],
		DescriptionHTML: richtext.Plain(s.texts["short_description"]), SKUs: []intake.SKU{sku},
		Attributes: s.facts, Published: true,
	}
	if kind := s.texts["attr_t_product_type"]; kind != "" {
		p.CategoryPath = []string{kind}
	}
	if p.Title == "" {
		p.Title = s.texts["name"]
	}
	for _, field := range pictures {
		if url := s.texts[field]; url != "" {
			p.Pictures = []string{url}
			break
		}
	}
	return p, nil
}

// code is the maker's part number. Some sheets have a sentence there, which is none.
func (s *sheet) code() string {
	if name := s.texts["name"]; len(name) <= codeMax {
		return name
	}
	return ""
}

const codeMax = 100

// weight is the parcel's weight if it is stated, else the product's, both in grams. They are facts for the shopper
// first; one that is no weight stays only that.
func (s *sheet) weight() int64 {
	for _, field := range []string{"attr_n_package_weight", "attr_n_weight"} {
		if grams, ok := intake.Grams(s.texts[field], "g"); ok && grams > 0 {
			return grams
		}
	}
	return 0
}
