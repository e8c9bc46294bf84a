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
	"hutong/base/text"
	"hutong/deal/promo"
)

// Source is a room that promotes: all its promotions that hold now or will, in an order that says which comes first
// where two take the same.
type Source struct {
	Name string
	// List is read again every second, on every node. A room whose list is long says with mark that it is still the one
	// that it gave before: two equal marks that are not nil are never looked into.
	List func(ctx context.Context) (all []promo.Promotion, mark any, err error)
	// Title is what a promotion of the room is or was called, empty for one that is not its; nil: the room has no titles.
	Title func(ctx context.Context, id string) (text.Entry, error)
}

// part is what one source gave.
type part struct {
	mark any
	all  []promo.Promotion
	hash [sha256.Size]byte
}

// set is a compiled reading.
type set struct {
	hash  string
	mode  promo.Mode
	body  string // [[id, version], ...]
	rules *promo.Rules
}

// fingerprint is the same for two lists exactly when they price alike.
func (p *part) fingerprint() error {
	h := sha256.New()
	for i := range p.all {
		form, err := promo.Encode(&p.all[i])
		if err != nil {
			return fmt.Errorf("ruleset: %s: %w", p.all[i].ID, err)
		}
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(p.all[i].Version)))
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(form))))
		h.Write(form)
	}
	h.Sum(p.hash[:0])
	return nil
}

// join is the fingerprint of a whole set. How its promotions are spread over sources makes no price, but their order
// decides ties. The same promotions price otherwise in another mode; sets from before there was a choice are parallel.
func join(mode promo.Mode, parts []part) (hash string, all []promo.Promotion) {
	h := sha256.New()
	if mode != promo.Parallel {
		h.Write([]byte(mode))
	}
	for i := range parts {
		h.Write(parts[i].hash[:])
		all = append(all, parts[i].all...)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)), all
}

// listed is what a set's row says of it.
func listed(all []promo.Promotion) (string, error) {
	names := make([][2]any, len(all))
	for i := range all {
		names[i] = [2]any{all[i].ID, all[i].Version}
	}
	body, err := json.Marshal(names)
	return string(body), err
}

//go:embed schema.sql
var schemaSQL string

//go:embed schema_mode.sql
var modeSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "ruleset", Steps: []string{schemaSQL, modeSQL}}
