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
const waveMax = 2048

// columns of the file that are read, in the order of row's fields after the number.
var columns = []string{"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"}

// sheet reads the file row by row.
type sheet struct {
	csv  *csv.Reader
	at   []int // where the columns stand
	file string
}

func newSheet(rows io.Reader, file string) (*sheet, error) {
	s := &sheet{csv: csv.NewReader(rows), at: make([]int, len(columns)), file: file}
	s.csv.FieldsPerRecord, s.csv.ReuseRecord, s.csv.LazyQuotes = -1, true, true
	head, err := s.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "replay.empty", fault.P("file", file))
	}
	if err != nil {
		return nil, s.broken(err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	for i, name := range columns {
		if s.at[i] = slices.Index(head, name); s.at[i] < 0 {
			return nil, fault.New(fault.Invalid, "replay.column", fault.P("name", name))
		}
	}
	return s, nil
}

func (s *sheet) broken(cause error) error {
	return fault.New(fault.Invalid, "replay.file", fault.P("file", s.file)).Because(cause)
}

// next gives the next row, or io.EOF. Its texts are copies only when keep is set.
func (s *sheet) next(keep bool) (row, error) {
	record, err := s.csv.Read()
	if errors.Is(err, io.EOF) {
		return row{}, io.EOF
	}
	if err != nil {
		return row{}, s.broken(err)
	}
	cell := func(i int) string {
		if s.at[i] >= len(record) {
			return ""
		}
		if v := strings.TrimSpace(record[s.at[i]]); keep {
			return strings.Clone(v)
		} else {
			return v
		}
	}
	no, _ := s.csv.FieldPos(0)
	if !keep {
		return row{no: no, invoice: cell(0)}, nil
	}
	return row{no: no, invoice: cell(0), code: cell(1), title: cell(2), quantity: cell(3), date: cell(4), price: cell(5),
		by: cell(6)}, nil
}

// ends looks through the file once for invoices whose lines stand apart, and tells the last line of each: an invoice is
// one order, wherever its lines are, so it is played only when all of them were read.
func (s *sheet) ends() (map[string]int, error) {
	seen, apart := map[string]struct{}{}, map[string]int{}
	last := ""
	for {
		r, err := s.next(false)
		if errors.Is(err, io.EOF) {
			return apart, nil
		}
		if err != nil {
			return nil, err
		}
		if r.invoice == last {
			if _, known := apart[last]; known {
				apart[last] = r.no
			}
			continue
		}
		last = strings.Clone(r.invoice)
		if _, again := seen[last]; again {
			apart[last] = r.no
		}
		seen[last] = struct{}{}
	}
}

// wave is what can be played together.
type wave struct {
	invoices []*invoice
	takes    []take
	lines    int64 // of the file, so far
}

// read plays the file wave by wave, reading one while another one is played: never more than three of them are held,
// but for invoices that stand apart and for what customers may still give back.
func (p *player) read(ctx context.Context, s *sheet) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	waves, done := make(chan wave), make(chan error, 1)
	go func() {
		done <- p.cut(ctx, s, waves)
		close(waves)
	}()
	for w := range waves {
		if err := p.play(ctx, w); err != nil {
			stop()
			<-done // the file is closed when nobody reads it
			return errors.Join(err, p.heard())
		}
	}
	return errors.Join(<-done, p.heard())
}

// cut reads the file and sends it on in waves.
func (p *player) cut(ctx context.Context, s *sheet, waves chan<- wave) error {
	last := 0
	for {
		v, err := s.next(true)
		if errors.Is(err, io.EOF) {
			return p.send(ctx, last, waves)
		}
		if err != nil {
			return err
		}
		// A wave ends where a further invoice begins.
		if len(p.plan.queue) >= waveMax && p.plan.open[v.invoice] == nil {
			if err := p.send(ctx, last, waves); err != nil {
				return err
			}
		}
		last = v.no
		p.take(v)
	}
}

// send hands over what can be played now that the file is read up to a line.
func (p *player) send(ctx context.Context, line int, waves chan<- wave) error {
	w := wave{lines: p.lines}
	w.invoices, w.takes = p.plan.wave(line)
	select {
	case waves <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
