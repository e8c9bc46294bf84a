// Package rollout is the market's switches for a grey release: something new is on for a share of shoppers or shops,
// for named ones, or for a channel, and for everybody in the end.
//
// A share is sticky and monotone: whether somebody is in depends on the switch and on them alone, and raising the share
// never takes it away from anybody. Asking costs no read: switches are kept in memory and read again from time to time.
// It never knows what a switch is for. Read this file first; the rule is pure.
package rollout

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"math/bits"
	"regexp"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
)

// Whole is the share of everybody, in parts per million.
const Whole = 1_000_000

// Switch is one switch and whom it is on for. A list or the share is enough to be in.
type Switch struct {
	Name     string   `json:"name"`
	Off      bool     `json:"off"`       // for everybody, whatever else is set
	SharePPM int64    `json:"share_ppm"` // of shoppers, or of shops where there is no shopper
	Shops    []string `json:"shops"`
	Shoppers []string `json:"shoppers"`
	Channels []string `json:"channels"`

	Version int64     `json:"-"` // rises with each change; 0: not set yet
	Updated time.Time `json:"-"`
}

// Subject is who is asked about. Empty fields match nothing.
type Subject struct {
	Shopper string
	Shop    string
	Channel string // where they come from: "web", "app", the name of a channel
}

// key is what a share counts: shoppers, or shops where nobody buys.
func (s Subject) key() string {
	if s.Shopper != "" {
		return s.Shopper
	}
	return s.Shop
}

// On tells whether the switch is on for somebody.
func (s Switch) On(who Subject) bool {
	if s.Off {
		return false
	}
	return in(s.Shops, who.Shop) || in(s.Shoppers, who.Shopper) || in(s.Channels, who.Channel) || s.shared(who.key())
}

func in(list []string, name string) bool { return name != "" && slices.Contains(list, name) }

// shared tells whether somebody is in the share. Their place from 0 to Whole-1 never changes, so a larger share holds
// everybody who was in a smaller one; another switch deals out other places.
func (s Switch) shared(key string) bool {
	if s.SharePPM >= Whole {
		return true
	}
	return key != "" && s.SharePPM > 0 && place(s.Name, key) < s.SharePPM
}

func place(name, key string) int64 {
	sum := sha256.Sum256([]byte(name + "\x00" + key))
	high, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:8]), Whole)
	return int64(high)
}

// ListMax bounds each list of a switch; SwitchesMax how many switches there are.
const (
	ListMax     = 1000
	SwitchesMax = 200
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_.]{1,62}$`)

var entryForm = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

// checked is the switch as it is kept: lists sorted, without repeats.
func (s Switch) checked() (Switch, error) {
	if !nameForm.MatchString(s.Name) {
		return s, fault.New(fault.Invalid, "rollout.name").At("name")
	}
	if s.SharePPM < 0 || s.SharePPM > Whole {
		return s, fault.New(fault.Invalid, "rollout.share").At("share_ppm")
	}
	for _, l := range []struct {
		field string
		list  *[]string
	}{{"shops", &s.Shops}, {"shoppers", &s.Shoppers}, {"channels", &s.Channels}} {
		sorted := slices.Clone(*l.list)
		slices.Sort(sorted)
		sorted = slices.Compact(sorted)
		bad := func(e string) bool { return !entryForm.MatchString(e) }
		if len(sorted) > ListMax || slices.ContainsFunc(sorted, bad) {
			return s, fault.New(fault.Invalid, "rollout.list", fault.P("max", ListMax)).At(l.field)
		}
		*l.list = sorted
	}
	return s, nil
}

// Note is told of each change in its transaction; a node writes it into the record of privileged changes. After is the
// zero Switch when one is dropped, before when one is new.
type Note func(ctx context.Context, tx *db.Tx, at time.Time, before, after Switch) error

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "rollout", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
