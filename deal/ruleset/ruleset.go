// Package ruleset is what the market's promotions come to right now: those of all rooms of this district (vouchers,
// campaigns, the rule book), compiled once into one set of rules that every price is asked of.
//
// Each set that was ever in force has a number of its own, the same on every node, which orders keep. A set changes
// when what a room promotes changes, not when a window opens: windows are part of the promotions, held against the
// clock by the engine. It never decides what is promoted, and never prices.
//
// Read this file first, then service.go.
package ruleset

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"hutong/base/db"
	"hutong/deal/promo"
)

// Source is a room that promotes: all its promotions that hold now or will, in an order that says which comes first
// where two take the same.
type Source struct {
	Name string
	List func(ctx context.Context) ([]promo.Promotion, error)
}

// set is a compiled reading.
type set struct {
	hash  string
	body  string // [[id, version], ...]
	rules *promo.Rules
}

// fingerprint is the same for two lists exactly when they price alike, whatever their set's number is.
func fingerprint(all []promo.Promotion) (hash, body string, err error) {
	h := sha256.New()
	names := make([][2]any, len(all))
	for i := range all {
		form, err := promo.Encode(&all[i])
		if err != nil {
			return "", "", fmt.Errorf("ruleset: %s: %w", all[i].ID, err)
		}
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(all[i].Version)))
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(form))))
		h.Write(form)
		names[i] = [2]any{all[i].ID, all[i].Version}
	}
	listed, err := json.Marshal(names)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)), string(listed), err
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "ruleset", Steps: []string{schemaSQL}}
