package wire

import (
	"strconv"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
)

// Answer is the price of a basket as JSON.
type Answer struct {
	Currency  money.Currency `json:"currency"`
	Total     int64          `json:"total"`
	ListTotal int64          `json:"list_total"`
	Mode      promo.Mode     `json:"threshold_mode"`
	Lines     []Line         `json:"lines"`
	Applied   []Applied      `json:"applied"`
	Refused   []Refused      `json:"refused"`
	Hints     []Hint         `json:"hints"`
}

// Line is one line of an Answer.
type Line struct {
	ID              string     `json:"id"`
	List            int64      `json:"list"`
	AfterUnitStages int64      `json:"after_unit_stages"`
	Paid            int64      `json:"paid"`
	AtFloor         bool       `json:"at_floor,omitempty"` // more would have been taken off, but for its floor
	UnitRefunds     []int64    `json:"unit_refunds"`
	Discounts       []Discount `json:"discounts"`
}

// Discount is what one promotion took off a line.
type Discount struct {
	Promotion string         `json:"promotion"`
	Kind      string         `json:"kind"`
	Amount    int64          `json:"amount"`
	Funding   []promo.Funded `json:"funding"`
}

// Applied is a promotion that took something off.
type Applied struct {
	Promotion string `json:"promotion"`
	Amount    int64  `json:"amount"`
	Base      int64  `json:"base"`
	Points    int64  `json:"points,omitempty"`
}

// Refused is a promotion that did not.
type Refused struct {
	Promotion string `json:"promotion"`
	Code      string `json:"code"`
}

// Hint is what would unlock more.
type Hint struct {
	Promotion string `json:"promotion"`
	Short     int64  `json:"short,omitempty"`
	Pieces    int64  `json:"pieces,omitempty"`
	SKU       string `json:"sku,omitempty"`
	Then      int64  `json:"then"`
}

// NewAnswer puts the engine's answer into the form. Every promotion of the question is either applied or refused, also
// one that no line of the basket is for.
func NewAnswer(q Question, a promo.Answer) (Answer, error) {
	w := Answer{Currency: a.Currency, Total: a.Total, ListTotal: a.List, Mode: a.Mode, Lines: []Line{},
		Applied: []Applied{}, Refused: []Refused{}, Hints: []Hint{}}
	for i := range a.Lines {
		l, err := newLine(&a.Lines[i])
		if err != nil {
			return Answer{}, err
		}
		w.Lines = append(w.Lines, l)
	}
	for _, i := range a.Least {
		w.Lines[i].AtFloor = true
	}
	said := map[string]bool{}
	for _, p := range a.Applied {
		said[p.Promotion] = true
		w.Applied = append(w.Applied, Applied{p.Promotion, p.Amount, p.Base, p.Points})
	}
	for _, r := range a.Refused {
		said[r.Promotion] = true
		w.Refused = append(w.Refused, Refused{r.Promotion, r.Code})
	}
	for i := range q.Promotions {
		p := &q.Promotions[i]
		if code := promo.RefusedNoLine; !said[p.ID] {
			if p.Claim {
				code = promo.RefusedNotClaimed
			}
			w.Refused = append(w.Refused, Refused{p.ID, code})
		}
	}
	for _, h := range a.Hints {
		w.Hints = append(w.Hints, Hint{h.Promotion, h.Short, h.Pieces, h.SKU, h.Then})
	}
	return w, nil
}

func newLine(l *promo.LineAnswer) (Line, error) {
	w := Line{ID: l.ID, List: l.List, AfterUnitStages: l.AfterUnitStages, Paid: l.Paid, Discounts: []Discount{},
		UnitRefunds: make([]int64, l.Quantity)}
	for k := range w.UnitRefunds {
		unit, err := money.UnitRefund(l.Paid, l.Quantity, int64(k)+1)
		if err != nil {
			return Line{}, fault.New(fault.Internal, "internal.error").Because(err)
		}
		w.UnitRefunds[k] = unit
	}
	for _, d := range l.Discounts {
		w.Discounts = append(w.Discounts, Discount{d.Promotion, d.Kind, d.Amount, d.Funding()})
	}
	return w, nil
}

// at is the place of a field in a list: lines.3.quantity.
func at(list string, i int, field string) string {
	place := list + "." + strconv.Itoa(i)
	if field != "" {
		place += "." + field
	}
	return place
}
