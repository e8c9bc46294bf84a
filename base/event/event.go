// Package event is how a room tells the rooms above what happened: a row written in the same transaction (the outbox),
// dispatched at least once, in the order of ids, to consumers that stand ready for repeats. Nothing else is the truth
// about an event; the Hub only wakes pages that wait.
//
// Read this file first, then bus.go and letters.go (what could not be delivered).
package event

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json" // reads a batch of orders in a third of the time

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/text"
)

// Topic names a kind of event, noun and past participle: "order.paid".
type Topic string

// Event is one thing that happened.
type Event struct {
	ID      string    // "evt_...", rises with time; consumers recognise repeats by it
	Topic   Topic     // what happened
	Subject string    // the id of what it happened to
	Shop    string    // the shop that may see it, "" if none
	Shopper string    // the shopper who may see it, "" if nobody
	Body    string    // JSON, made from facts that the emitting transaction had at hand
	At      time.Time // when it happened, in business time
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "event", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Body renders v as an event's body. It panics on what JSON cannot hold: a defect of the emitting room.
func Body(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("event: body %T: %v", v, err))
	}
	return string(b)
}

// Read reads the body into what it was written from, or into as much of that as the reader wants to know: the rest is
// passed over. Names are the same in small letters and capitals, as they are to encoding/json, which wrote them.
func (e Event) Read(into any) error {
	if err := jsonv2.Unmarshal([]byte(e.Body), into, jsonv2.MatchCaseInsensitiveNames(true)); err != nil {
		return fmt.Errorf("event: %s %s: %w", e.Topic, e.ID, err)
	}
	return nil
}

var columns = []string{"id", "topic", "subject", "shop_id", "shopper_id", "body", "at_us"}

// IDs makes event ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Emit writes events in the caller's transaction. They are dispatched after its commit.
func Emit(tx *db.Tx, ids IDs, events ...Event) error {
	rows := make([][]any, len(events))
	for i, e := range events {
		if e.Body == "" {
			e.Body = "{}"
		}
		rows[i] = []any{ids.New("evt"), string(e.Topic), e.Subject, e.Shop, e.Shopper, e.Body, clock.Micros(e.At)}
	}
	return tx.Insert("outbox", columns, rows)
}

func scan(r db.Row) (e Event, err error) {
	var at int64
	err = r.Scan(&e.ID, &e.Topic, &e.Subject, &e.Shop, &e.Shopper, &e.Body, &at)
	e.At = clock.FromMicros(at)
	return e, err
}
