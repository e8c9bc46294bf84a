// Package setting keeps what a market decided once: a value per key, read and written in the caller's transaction, so
// that a decision and what follows from it stand or fall together.
//
// It never interprets a value and never caches one: whoever needs a value often keeps it and listens for the change.
// The whole package is this file and store.go.
package setting

import (
	_ "embed"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
)

// The bounds of a key and of a value, in bytes.
const (
	KeyMax   = 128
	ValueMax = 64 << 10
)

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "setting", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

func check(key, value string) error {
	if key == "" || len(key) > KeyMax {
		return fault.New(fault.Invalid, "setting.key", fault.P("max", KeyMax)).At("key")
	}
	if len(value) > ValueMax {
		return fault.New(fault.Invalid, "setting.value", fault.P("max", ValueMax)).At("value")
	}
	return nil
}
