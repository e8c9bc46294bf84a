// Package strict decodes JSON from outside: unknown fields, duplicate fields, wrong types, trailing data, deep nesting
// and large bodies are refused with the field that is wrong, before anything is done. A command type decoded here has
// no price, state or role field, so such values cannot be smuggled in.
package strict

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"hutong/base/fault"
)

// The limits of one JSON body (FAULTS M20), unless a caller that must take longer ones says so (DecodeUpTo).
const (
	BytesMax = 64 << 10
	DepthMax = 16
)

// Decode reads one JSON object into dst.
//
// Codes: json.too_large, json.too_deep, json.duplicate, json.unknown, json.object, json.type, json.malformed, each at
// its field.
func Decode(data []byte, dst any) error { return DecodeUpTo(data, BytesMax, dst) }

// DecodeUpTo is Decode of at most that many bytes.
func DecodeUpTo(data []byte, most int, dst any) error {
	if len(data) > most {
		return fault.New(fault.Invalid, "json.too_large", fault.P("max", most))
	}
	if depth(data) > DepthMax {
		return fault.New(fault.Invalid, "json.too_deep", fault.P("max", DepthMax))
	}
	if err := json.Unmarshal(data, dst, json.RejectUnknownMembers(true)); err != nil {
		return Refusal(err)
	}
	return nil
}

// Read is Decode of a whole body, which is never read past the limit.
func Read(r io.Reader, dst any) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, BytesMax+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "json.malformed").Because(err)
	}
	return data, Decode(data, dst)
}

// depth counts the deepest nesting without building anything; text inside strings does not count.
func depth(data []byte) int {
	level, deepest := 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i += pastString(data[i+1:])
		case '{', '[':
			level++
			deepest = max(deepest, level)
		case '}', ']':
			level--
		}
	}
	return deepest
}

// pastString is how long the rest of a string is, its closing quote included. Nearly all of a large body is one string,
// a token, so it is searched and not walked.
func pastString(rest []byte) int {
	at := 0
	for {
		n := bytes.IndexByte(rest[at:], '"')
		if n < 0 {
			return len(rest)
		}
		end := at + n
		escapes := 0
		for end-escapes > 0 && rest[end-escapes-1] == '\\' {
			escapes++
		}
		at = end + 1
		if escapes%2 == 0 {
			return at
		}
	}
}

// Refusal says what is wrong with JSON that could not be read, in the codes of Decode, at its field.
func Refusal(err error) error {
	code, field := "json.malformed", ""
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		code, field = "json.type", Field(semantic.JSONPointer)
		if errors.Is(err, json.ErrUnknownName) {
			code = "json.unknown"
		} else if field == "" {
			code = "json.object"
		}
	case errors.As(err, &syntactic):
		field = Field(syntactic.JSONPointer)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			code = "json.duplicate"
		}
	}
	return fault.New(fault.Invalid, code, fault.P("field", field)).At(field).Because(err)
}

// Field turns /lines/0/quantity into lines.0.quantity, the form that pages and people use.
func Field(p jsontext.Pointer) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(p), "/"), "/", ".")
}

// Canonical is the body without insignificant white space, for hashing a request: the same request typed with other
// spaces is the same request.
func Canonical(data []byte) []byte {
	v := jsontext.Value(bytes.Clone(data))
	if err := v.Compact(); err != nil {
		return data
	}
	return v
}
