package replay

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"hutong/base/fault"
)

// waveMax is how many invoices are played together: enough for the market's lanes to form batches.
const waveMax = 512

// columns of the file that are read, in the order of row's fields after the number.
var columns = []string{"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"}

// read plays the file wave by wave; never more than a wave of it is held, but for what customers may still give back.
func (p *player) read(ctx context.Context, rows io.Reader) error {
	r := csv.NewReader(rows)
	r.FieldsPerRecord, r.ReuseRecord, r.LazyQuotes = -1, true, true
	head, err := r.Read()
	if err != nil {
		return fault.New(fault.Invalid, "replay.file", fault.P("file", p.o.File)).Because(err)
	}
	at := make([]int, len(columns))
	for i, name := range columns {
		if at[i] = slices.Index(head, name); at[i] < 0 {
			return fault.New(fault.Invalid, "replay.column", fault.P("name", name))
		}
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return p.play(ctx)
		}
		if err != nil {
			return fault.New(fault.Invalid, "replay.file", fault.P("file", p.o.File)).Because(err)
		}
		v := rowOf(record, at, line(r))
		// A wave ends where a further invoice begins, so that no invoice is cut in two.
		if len(p.plan.queue) >= waveMax && p.plan.open[v.invoice] == nil {
			if err := p.play(ctx); err != nil {
				return err
			}
		}
		p.take(v)
	}
}

func line(r *csv.Reader) int { n, _ := r.FieldPos(0); return n }

func rowOf(record []string, at []int, no int) row {
	cell := func(i int) string {
		if at[i] >= len(record) {
			return ""
		}
		return strings.Clone(strings.TrimSpace(record[at[i]]))
	}
	return row{no: no, invoice: cell(0), code: cell(1), title: cell(2), quantity: cell(3), date: cell(4), price: cell(5),
		by: cell(6)}
}

func (p *player) take(v row) {
	p.lines++
	if code := p.plan.add(v); code != "" {
		p.rejected++
		if p.o.Refused != nil {
			p.o.Refused(Refusal{v.no, code})
		}
	}
}
