package replay

import (
	"strings"
	"time"

	"hutong/base/money"
)

// row is one line of the file.
type row struct {
	no                                              int
	invoice, code, title, quantity, date, price, by string
}

// sale is one accepted line of an invoice.
type sale struct {
	code, title string
	price       int64
	quantity    int64
}

// invoice is one order to be.
type invoice struct {
	number   string
	customer string // "" for nobody known
	at       time.Time
	sales    []sale
	buyer    buyer   // of a guest's
	placed   *placed // once it was played
}

// take gives pieces of one sale back. A refunding line of the file comes to as many takes as it meets sales.
type take struct {
	invoice *invoice
	line    int // index into its sales
	units   int64
	at      time.Time
	row     int    // the refunding line
	credit  string // the credit note that it stands on
}

// bought is what a customer may still give back of one sale.
type bought struct {
	invoice *invoice
	line    int
	left    int64
}

// plan is what the file read so far means. It is pure: it knows no market.
type plan struct {
	ends  map[string]int         // of an invoice whose lines stand apart in the file: its last line
	open  map[string]*invoice    // by number; those that are not played yet
	queue []*invoice             // the same in the order of their first lines
	takes []take                 // what is to be given back, in the order of the file
	held  map[[2]string][]bought // by customer and stock code, earliest first
	clock time.Time              // the latest time in the file so far: a market's clock never goes back
}

func newPlan(ends map[string]int) *plan {
	return &plan{ends: ends, open: map[string]*invoice{}, held: map[[2]string][]bought{}}
}

// add takes one row of the file in. It gives the code of what was refused, "" when nothing was.
func (p *plan) add(r row) string {
	at, err := time.Parse(time.DateTime, r.date)
	if err != nil || at.Year() < 1990 || at.Year() > 2100 {
		return "replay.date"
	}
	if at.Before(p.clock) {
		at = p.clock
	}
	p.clock = at
	if r.code == "" {
		return "replay.stock_code"
	}
	first := byte(0)
	if r.invoice != "" {
		first = r.invoice[0]
	}
	switch {
	case first == 'C':
		return p.giveBack(r, at)
	case first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z' || first == 0:
		return "replay.invoice"
	}
	return p.sell(r, at)
}

func (p *plan) sell(r row, at time.Time) string {
	quantity, err := money.ParseQty(r.quantity, quantityMax)
	if err != nil {
		return "replay.quantity"
	}
	price, err := money.ParseMinor(r.price, Currency)
	if _, decimals, _ := strings.Cut(r.price, "."); err != nil || price <= 0 || len(decimals) > 2 {
		return "replay.price"
	}
	i := p.open[r.invoice]
	if i == nil {
		i = &invoice{number: r.invoice, customer: r.by, at: at}
		p.open[r.invoice] = i
		p.queue = append(p.queue, i)
	}
	i.sales = append(i.sales, sale{r.code, r.title, price, int64(quantity)})
	if r.by != "" {
		key := [2]string{r.by, r.code}
		p.held[key] = append(p.held[key], bought{i, len(i.sales) - 1, int64(quantity)})
	}
	return ""
}

// giveBack matches a refund with what the customer bought of that code, earliest first.
func (p *plan) giveBack(r row, at time.Time) string {
	digits, negative := strings.CutPrefix(r.quantity, "-")
	quantity, err := money.ParseQty(digits, quantityMax)
	if !negative || err != nil {
		return "replay.quantity"
	}
	n, key := int64(quantity), [2]string{r.by, r.code}
	held := p.held[key]
	for n > 0 && r.by != "" && len(held) > 0 {
		units := min(n, held[0].left)
		p.takes = append(p.takes, take{held[0].invoice, held[0].line, units, at, r.no, r.invoice})
		n -= units
		if held[0].left -= units; held[0].left == 0 {
			held = held[1:]
		}
	}
	if len(held) > 0 {
		p.held[key] = held
	} else {
		delete(p.held, key)
	}
	if n > 0 {
		return "replay.no_purchase"
	}
	return ""
}

// wave hands over what can be played now that the file is read up to a line: invoices that are whole, in their order,
// then what is to be given back of those and earlier ones. The rest stays for a later wave.
func (p *plan) wave(line int) (whole []*invoice, takes []take) {
	queue, backs := p.queue, p.takes
	p.queue, p.takes = nil, nil
	for _, i := range queue {
		if p.ends[i.number] > line {
			p.queue = append(p.queue, i)
			continue
		}
		whole = append(whole, i)
		delete(p.open, i.number)
	}
	for _, t := range backs {
		if p.open[t.invoice.number] == t.invoice {
			p.takes = append(p.takes, t)
		} else {
			takes = append(takes, t)
		}
	}
	return whole, takes
}
