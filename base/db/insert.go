package db

import (
	"fmt"
	"slices"
	"strings"
)

// insertSizes are how many rows one INSERT holds: opening and closing the table and its indexes once for 16 takes about
// a third off the price of a row.
var insertSizes = [...]int{16, 4, 1}

// insertion is how rows with those columns are put into a table.
//
// The rows of a batch say the same in about half of their columns: a state, an empty text, no amount yet. Handing a
// value over costs as much as storing it, so the INSERT of most rows names what they share once.
type insertion struct {
	cols  []string
	same  []bool // which columns all rows of each large batch so far shared; nil before the first
	texts [len(insertSizes)]string
}

func (c *sqliteConn) insert(table string, cols []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	v := c.insertion(table, cols)
	for k, size := range insertSizes {
		if len(rows) < size {
			continue
		}
		n := len(rows) - len(rows)%size
		if k == 0 {
			if err := c.narrow(v, table, rows[:n]); err != nil {
				return err
			}
		}
		if err := c.insertBy(v, k, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (c *sqliteConn) insertion(table string, cols []string) *insertion {
	for _, v := range c.inserts[table] {
		if slices.Equal(v.cols, cols) {
			return v
		}
	}
	v := &insertion{cols: slices.Clone(cols)}
	for k, size := range insertSizes {
		v.texts[k] = insertText(table, cols, make([]bool, len(cols)), size)
	}
	c.inserts[table] = append(c.inserts[table], v)
	return v
}

// narrow makes the columns of the large INSERT that are handed over once those which the rows share. They only become
// fewer, so that a table's statement is made anew a few times at most.
func (c *sqliteConn) narrow(v *insertion, table string, rows [][]any) error {
	first, changed := v.same == nil, false
	if first {
		v.same = make([]bool, len(v.cols))
	}
	for i := range v.cols {
		same := (first || v.same[i]) && shared(rows, i)
		changed = changed || same != v.same[i]
		v.same[i] = same
	}
	if !changed {
		return nil
	}
	old := v.texts[0]
	v.texts[0] = insertText(table, v.cols, v.same, insertSizes[0])
	return c.forget(old)
}

func shared(rows [][]any, i int) bool {
	for _, r := range rows[1:] {
		if r[i] != rows[0][i] {
			return false
		}
	}
	return true
}

// insertBy inserts rows, a multiple of the k-th size, so many at a time.
func (c *sqliteConn) insertBy(v *insertion, k int, rows [][]any) error {
	q, size := v.texts[k], insertSizes[k]
	s, err := c.prepare(q)
	if err != nil {
		return mapSQLite(err)
	}
	s.busy = true
	c.written += len(rows)
	c.touched = true
	same, once := v.same, 0
	if k > 0 { // few rows: they share nothing
		same = make([]bool, len(v.cols))
	} else {
		once = bindThose(s, 0, same, true, rows[0])
	}
	for ; len(rows) > 0 && err == nil; rows = rows[size:] {
		at := once
		for _, r := range rows[:size] {
			at = bindThose(s, at, same, false, r)
		}
		if _, err = c.step(s); err == nil {
			err = s.Reset()
		}
	}
	if e := c.release(q, s); err == nil {
		err = e
	}
	return mapSQLite(err)
}

// bindThose puts in the columns of a row that are shared, or those that are not, after a place; it tells the last one.
func bindThose(s *stmt, at int, same []bool, those bool, row []any) int {
	for i, a := range row {
		if same[i] == those {
			at++
			bindOne(s, at, a)
		}
	}
	return at
}

// insertText is an INSERT of so many rows, whose first parameters are the columns that they share.
func insertText(table string, cols []string, same []bool, rows int) string {
	once := make([]string, len(cols))
	n := 0
	for i := range cols {
		if same[i] {
			n++
			once[i] = fmt.Sprintf("$%d", n)
		}
	}
	values := make([]string, rows)
	for r := range rows {
		marks := slices.Clone(once)
		for i := range cols {
			if !same[i] {
				n++
				marks[i] = fmt.Sprintf("$%d", n)
			}
		}
		values[r] = "(" + strings.Join(marks, ", ") + ")"
	}
	return "INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") VALUES " + strings.Join(values, ", ")
}
