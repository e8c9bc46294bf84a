// Package wire is a question to the price engine, and its answer, as JSON: the form of `hutong quote`, in which baskets
// are also written down as cases. It reads strictly: what is unknown, missing, twice, null or not a whole number is
// refused at its field, and nothing is guessed.
//
// Read this file first (what is asked), then answer.go.
package wire

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/strict"
	"hutong/deal/promo"
)

// BytesMax is how large a question may be.
const BytesMax = 8 << 20

// Question is a basket and the promotions that it is priced under.
type Question struct {
	Mode       promo.Mode
	Basket     promo.Basket
	Promotions []promo.Promotion
}

type form struct {
	Currency   string           `json:"currency"`
	Now        string           `json:"now"`
	Mode       promo.Mode       `json:"threshold_mode"`
	Lines      []jsontext.Value `json:"lines"`
	Promotions []jsontext.Value `json:"promotions"`
	Vouchers   []string         `json:"vouchers"`
	Points     int64            `json:"points"`
}

type line struct {
	ID        string `json:"id"`
	Shop      string `json:"shop"`
	SKU       string `json:"sku"`
	Category  string `json:"category"`
	UnitPrice *int64 `json:"unit_price"`
	Quantity  int64  `json:"quantity"`
	Floor     int64  `json:"floor"`
}

// Read reads a question; now is the time where it names none. Codes: those of strict.Decode, promo.mode, promo.time,
// promo.required, and those of promo.Kinds.Decode and promo.Rules.Price.
func Read(r io.Reader, kinds *promo.Kinds, now time.Time) (Question, error) {
	data, err := io.ReadAll(io.LimitReader(r, BytesMax+1))
	if err != nil {
		return Question{}, fault.New(fault.Invalid, "json.malformed", fault.P("field", "")).Because(err)
	}
	if len(data) > BytesMax {
		return Question{}, fault.New(fault.Invalid, "json.too_large", fault.P("max", BytesMax))
	}
	if err := scan(data); err != nil {
		return Question{}, err
	}
	var f form
	if err := json.Unmarshal(data, &f, json.RejectUnknownMembers(true)); err != nil {
		return Question{}, strict.Refusal(err)
	}
	return f.question(kinds, now)
}

func (f *form) question(kinds *promo.Kinds, now time.Time) (q Question, err error) {
	q.Mode = f.Mode
	if f.Mode == "" {
		q.Mode = promo.Parallel
	}
	if !q.Mode.Valid() {
		return q, fault.New(fault.Invalid, "promo.mode", fault.P("mode", q.Mode)).At("threshold_mode")
	}
	q.Basket = promo.Basket{Currency: money.Currency(f.Currency), At: now, Points: f.Points}
	if f.Now != "" {
		if q.Basket.At, err = time.Parse(time.RFC3339Nano, f.Now); err != nil {
			return q, fault.New(fault.Invalid, "promo.time").At("now").Because(err)
		}
	}
	for i, raw := range f.Lines {
		l, err := readLine(raw)
		if err != nil {
			return q, under("lines", i, err)
		}
		q.Basket.Lines = append(q.Basket.Lines, l)
	}
	for i, raw := range f.Promotions {
		p, err := kinds.Decode(raw)
		if err != nil {
			return q, under("promotions", i, err)
		}
		q.Promotions = append(q.Promotions, p)
	}
	for i, id := range f.Vouchers {
		if !slices.Contains(f.Vouchers[:i], id) {
			q.Basket.Claimed = append(q.Basket.Claimed, promo.Claimed{Promotion: id})
		}
	}
	return q, nil
}

// missing names a member that every line has and this one lacks.
func (l *line) missing() string {
	switch {
	case l.ID == "":
		return "id"
	case l.Shop == "":
		return "shop"
	case l.SKU == "":
		return "sku"
	case l.UnitPrice == nil:
		return "unit_price"
	}
	return ""
}

func readLine(raw jsontext.Value) (promo.Line, error) {
	var l line
	if err := strict.Decode(raw, &l); err != nil {
		return promo.Line{}, err
	}
	if missing := l.missing(); missing != "" {
		return promo.Line{}, fault.New(fault.Invalid, "promo.required", fault.P("field", missing)).At(missing)
	}
	p := promo.Line{ID: l.ID, Shop: l.Shop, SKU: l.SKU, UnitPrice: *l.UnitPrice, Quantity: l.Quantity, Floor: l.Floor}
	if l.Category != "" {
		p.Categories = []string{l.Category}
	}
	return p, nil
}

// scan refuses what is no JSON, is nested too deep, has a member twice or a null: a null is neither a value nor the
// absence of one, and would pass for 0.
func scan(data []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) && d.InputOffset() > 0 {
			return nil
		}
		if err != nil {
			return strict.Refusal(err)
		}
		if token.Kind() == 'n' {
			field := strict.Field(d.StackPointer())
			return fault.New(fault.Invalid, "json.type", fault.P("field", field)).At(field)
		}
		if d.StackDepth() > strict.DepthMax {
			return fault.New(fault.Invalid, "json.too_deep", fault.P("max", strict.DepthMax))
		}
	}
}

// under says a refusal of one entry of a list, with its field's place in the whole.
func under(list string, i int, err error) error {
	f := fault.As(err)
	where := f.Field
	whole := at(list, i, where)
	said := fault.New(f.Kind, f.Code).At(whole)
	for _, p := range f.Params {
		if p.Name == "field" && p.Value == where {
			p.Value = whole
		}
		said.Params = append(said.Params, p)
	}
	return said.Because(f.Cause)
}

// Price answers the question.
func (q Question) Price() (Answer, error) {
	rules, err := promo.Compile(q.Mode, q.Promotions)
	if err != nil {
		return Answer{}, err
	}
	a, err := rules.Price(q.Basket)
	if err != nil {
		return Answer{}, err
	}
	return NewAnswer(q, a)
}
