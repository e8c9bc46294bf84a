// Package checkup keeps what audits of the market found: when each was, who asked for it, how long it took, and check
// by check how many rows were looked at and which break it. One audit is under way at a time, in the background.
//
// It judges nothing. The auditor (node/verify) is plugged in by the node: it may write nothing, so that it can be run
// against any copy of a market, and the pages that show its word stand below it; so its word is kept here, where both
// reach it. Read this file first, then service.go.
package checkup

import (
	"context"
	_ "embed"
	"encoding/json"
	"time"

	"hutong/base/db"
	"hutong/base/text"
)

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "checkup", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// The bounds of what is kept.
const (
	KeptMax  = 100           // runs
	Patience = 2 * time.Hour // a run that took longer ended with its node
)

// Check is one promise: how many rows it was tried on, and the first rows that break it.
type Check struct {
	Name    string   `json:"name"` // such as "stock.promised"; its words are in the text "verify.stock.promised"
	Rule    string   `json:"rule"` // the invariants that it stands for
	OK      bool     `json:"ok"`
	Counted int64    `json:"counted"`
	Broken  int64    `json:"broken"`
	Rows    []string `json:"rows,omitempty"` // the first that break it, column=value
}

// Auditor audits the whole market. The error says that it could not, never what it found.
type Auditor func(ctx context.Context) ([]Check, error)

// State is where a run stands.
type State string

// The states of a run.
const (
	Running State = "running" // the node
	Done    State = "done"    // nobody, or whoever mends what is broken
	Failed  State = "failed"  // whoever asks again: the audit could not be done
)

// Run is one audit.
type Run struct {
	ID      string // "chk_...", rises with time
	By      string // the login that asked, "" for the node itself
	State   State
	Began   time.Time
	Ended   time.Time // zero while it runs
	OK      bool
	Checks  int64 // how many promises were tried
	Counted int64 // rows of all checks
	Broken  int64 // checks that do not hold

	body string
}

// Took is how long the run took.
func (r Run) Took() time.Duration { return r.Ended.Sub(r.Began) }

// Words are the checks of a run, in the auditor's order.
func (r Run) Words() (all []Check, err error) {
	if r.body == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(r.body), &all)
	return all, err
}

// judge puts into the run what an audit found.
func (r *Run) judge(checks []Check) error {
	body, err := json.Marshal(checks)
	if err != nil {
		return err
	}
	r.State, r.OK, r.body = Done, true, string(body)
	r.Checks = int64(len(checks))
	for _, c := range checks {
		r.Counted += c.Counted
		if !c.OK {
			r.OK = false
			r.Broken++
		}
	}
	return nil
}
