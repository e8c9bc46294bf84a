// Package review is what people say of a product after they have it: stars, a text, pictures, one follow-up, the
// merchant's one answer, the reports of other shoppers and the operator's word on them.
//
// A review of this market belongs to one order line whose goods were received, so each is a verified purchase. Reviews
// that a merchant brings from elsewhere are marked with their source and counted apart: they never raise the count or
// the average of verified ones. The totals of a product change in the transaction that changes a review.
//
// A line that was given back after receipt may still be reviewed, and its review says so: who returned a broken thing
// knows it best. A line that was refunded before it was sent may not: nobody ever held it.
//
// Read this file first, then rules.go (what may be said) and service.go (the verbs).
package review

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/goods/picture"
	"hutong/trade/order"
)

// ID names a review, "rev_...".
type ID string

// State is a review's position.
type State string

// The states of a review. The operator moves both ways; nobody has to.
const (
	Shown  State = "shown"  // everybody reads it, and it counts
	Hidden State = "hidden" // only its shopper, its shop and the operator see it, and it counts nowhere
)

// Valid tells whether s is a state.
func (s State) Valid() bool { return s == Shown || s == Hidden }

// Review is what one shopper says of one order line, or what came from elsewhere.
type Review struct {
	ID         ID
	Product    string
	SKU        string
	Choice     string // the options that were bought, as the shopper saw them
	Shop       string
	Shopper    string   // "" where the reader need not know, and of imported ones
	Order      order.ID // the same
	Line       int64
	Source     string // where it was imported from; "" for a verified purchase
	ExternalID string // its name there
	Author     string // the name to show; "" when the shopper gave none or is anonymous
	Anonymous  bool
	Stars      int64 // 1 to 5
	Said       Said
	Returned   bool // all pieces had been given back when it was written
	FollowUp   Said
	Answer     string // the merchant's
	State      State
	Reports    int64 // nobody has decided on yet; for the operator
	WrittenAt  time.Time
	FollowedAt time.Time // zero without a follow-up
	AnsweredAt time.Time // zero without an answer

	step int64
}

// Verified tells whether the reviewer bought it here.
func (r Review) Verified() bool { return r.Source == "" }

// Said is a text with pictures.
type Said struct {
	Text     string
	Pictures []picture.ID
}

// Empty tells whether nothing is said.
func (s Said) Empty() bool { return s.Text == "" && len(s.Pictures) == 0 }

// public is the review as everybody may see it: neither who nor which order.
func (r Review) public() Review {
	r.Shopper, r.Order, r.Line, r.ExternalID, r.Reports = "", "", 0, "", 0
	return r
}

// sold is the review as its shop may see it: an anonymous one does not name the order.
func (r Review) sold() Review {
	r.Shopper, r.Reports = "", 0
	if r.Anonymous {
		r.Order, r.Line = "", 0
	}
	return r
}

// Step is one decision of the operator.
type Step struct {
	From, To State // the same, when reports were turned down
	Reason   Reason
	Note     string
	Actor    string
	At       time.Time
}

// Complaint is what a shopper reported of a review.
type Complaint struct {
	Shopper string
	Reason  Reason
	Note    string
	At      time.Time
	Open    bool // the operator has not decided since
}

// Score is what reviews of one kind make of a product.
type Score struct {
	Stars  [5]int64 // how many with one star, two, ... five
	Total  int64
	Tenths int64 // the average in tenths of a star, half up; 0 without reviews
}

// Totals are a product's scores. Verified purchases and imported reviews are never added up.
type Totals struct {
	Verified Score
	Imported Score
}

// add counts n more reviews with so many stars.
func (s *Score) add(stars, n int64) {
	s.Stars[stars-1] += n
	s.settle()
}

func (s *Score) settle() {
	s.Total, s.Tenths = 0, 0
	sum := int64(0)
	for i, n := range s.Stars {
		s.Total += n
		sum += int64(i+1) * n
	}
	if s.Total > 0 {
		s.Tenths = (20*sum + s.Total) / (2 * s.Total)
	}
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "review", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
