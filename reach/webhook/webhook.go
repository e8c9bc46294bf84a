// Package webhook tells a shop's own programs what happened: small signed messages over https, after the Standard
// Webhooks convention (webhook-id, webhook-timestamp, webhook-signature over all three).
//
// A message holds ids, states and amounts, and nothing about people: a program that wants more asks the API. It goes at
// least once, with the same webhook-id each time. It only ever goes to a public address that was judged when it was
// dialled, and never follows a redirect. An endpoint that is slow or dead holds up nobody but itself.
//
// A secret is shown once, when it is made; the room keeps it to sign with and never tells it again.
//
// Read this file first, then sign.go, service_listen.go (what is told) and service_deliver.go (how it goes out).
package webhook

import (
	_ "embed"
	"log/slog"
	"slices"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/text"
)

// EndpointID names an endpoint, "whe_...".
type EndpointID string

// DeliveryID names a delivery, "msg_..."; it is the message's webhook-id.
type DeliveryID string

// Topic is what a message is about.
type Topic string

// The topics.
const (
	OrderPaid       Topic = "order.paid"
	OrderShipped    Topic = "order.shipped"
	OrderCompleted  Topic = "order.completed"
	OrderCancelled  Topic = "order.cancelled"
	RefundAsked     Topic = "refund.asked"
	RefundAgreed    Topic = "refund.agreed" // once the goods come back
	RefundRefused   Topic = "refund.refused"
	RefundWithdrawn Topic = "refund.withdrawn" // by the shopper, before anybody decided
	RefundMade      Topic = "refund.made"      // decided and booked
	RefundSucceeded Topic = "refund.succeeded" // the wallet has paid it out, or the market by bank
	ProductChanged  Topic = "product.changed"
	Ping            Topic = "webhook.ping" // a test; nobody subscribes to it
)

// Topics are those that an endpoint can ask for, in the order in which they are offered.
func Topics() []Topic {
	return []Topic{OrderPaid, OrderShipped, OrderCompleted, OrderCancelled, RefundAsked, RefundAgreed, RefundRefused,
		RefundWithdrawn, RefundMade, RefundSucceeded, ProductChanged}
}

// Endpoint is an address that a shop's program listens at.
type Endpoint struct {
	ID           EndpointID
	Shop         string
	URL          string
	Topics       []Topic
	On           bool
	Reason       string    // why the market switched it off: "failing" or "gone"; "" when the shop did
	FailingSince time.Time // zero while messages arrive
	OldUntil     time.Time // until when the secret before this one signs too; zero if none does
	CreatedAt    time.Time
}

// keyed is an endpoint with its secrets. It never leaves the room: printing would show them.
type keyed struct {
	Endpoint
	secret, oldSecret Secret
}

// wants tells whether the endpoint asked for a topic.
func (e Endpoint) wants(t Topic) bool { return e.On && slices.Contains(e.Topics, t) }

// State is a delivery's position.
type State string

// The states of a delivery, with who acts next.
const (
	Queued    State = "queued"    // the job sends it
	Delivered State = "delivered" // nobody; the merchant may replay it
	Failed    State = "failed"    // nobody; the merchant may replay it
)

// Delivery is one message to one endpoint.
type Delivery struct {
	ID        DeliveryID
	Endpoint  EndpointID
	Shop      string
	Event     string // what it was made from
	Topic     Topic
	Subject   string // the id of what it is about
	Body      string
	State     State
	Tries     int64
	NextTry   time.Time
	Status    int64  // of the last answer, 0 when there was none
	Reason    string // why the last try failed: "status", "timeout", "address", "tls", "network", "off", "queue"
	Excerpt   string // the start of the last answer
	TookMS    int64
	Replays   int64
	CreatedAt time.Time
	DoneAt    time.Time
}

// Secret signs messages. It prints as nothing (FAULTS A34).
type Secret string

// LogValue hides the secret from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String hides the secret from whoever prints it by mistake.
func (s Secret) String() string { return "[secret]" }

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Reveal is the secret as the merchant's program needs it: whsec_ and base64.
func (s Secret) Reveal() string { return string(s) }

func joined(all []Topic) string {
	words := make([]string, len(all))
	for i, t := range all {
		words[i] = string(t)
	}
	return strings.Join(words, " ")
}

func parted(stored string) []Topic {
	var all []Topic
	for w := range strings.FieldsSeq(stored) {
		all = append(all, Topic(w))
	}
	return all
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "webhook", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
