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
	table, meets string
	cols         []string
	sizes        [len(insertSizes)]sized
}

// sized is the INSERT of so many rows: its text, and which columns it names once.
type sized struct {
	text string
	same []bool
}

func (c *sqliteConn) insert(table string, cols []string, rows [][]any) error {
	return c.insertOr("", table, cols, rows)
}

// add inserts rows that are all there: what meets one adds its counts to it.
func (c *sqliteConn) add(table string, cols, counts []string, rows [][]any) error {
	sums := make([]string, len(counts))
	for i, n := range counts {
		sums[i] = n + " = " + table + "." + n + " + excluded." + n
	}
	return c.insertOr(" ON CONFLICT ("+cols[0]+") DO UPDATE SET "+strings.Join(sums, ", "), table, cols, rows)
}

// insertOr inserts rows, with what else happens when one is there: "" refuses it.
func (c *sqliteConn) insertOr(meets, table string, cols []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	v := c.insertion(meets, table, cols)
	for k, size := range insertSizes {
		if len(rows) < size {
			continue
		}
		n := len(rows) - len(rows)%size
		if k == 0 {
			if err := c.narrow(v, rows[:n]); err != nil {
				return err
			}
		}
		if err := c.insertBy(size, v.sizes[k], rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (c *sqliteConn) insertion(meets, table string, cols []string) *insertion {
	for _, v := range c.inserts[table] {
		if v.meets == meets && slices.Equal(v.cols, cols) {
			return v
		}
	}
	v := &insertion{table: table, meets: meets, cols: slices.Clone(cols)}
	v.sizes[0].same = slices.Repeat([]bool{true}, len(cols)) // until rows differ
	for k, size := range insertSizes[1:] {
		none := make([]bool, len(cols)) // few rows: what they share is no matter
		v.sizes[k+1] = sized{v.text(none, size), none}
	}
	c.inserts[table] = append(c.inserts[table], v)
	return v
}

// text is the INSERT of so many rows.
func (v *insertion) text(same []bool, rows int) string {
	return insertText(v.table, v.cols, same, rows) + v.meets
}

// narrow makes the columns of the large INSERT that are handed over once those which the rows of each batch so far
// shared. They only become fewer, so that a table's statement is made anew a few times at most.
func (c *sqliteConn) narrow(v *insertion, rows [][]any) error {
	large := &v.sizes[0]
	changed := large.text == ""
	for i, same := range large.same {
		if same && !shared(rows, i) {
			large.same[i], changed = false, true
		}
	}
	if !changed {
		return nil
	}
	old := large.text
	large.text = v.text(large.same, insertSizes[0])
	return c.forget(old)
}

func shared(rows [][]any, i int) bool {
	for _, r := range rows[1:] {
		if !alike(r[i], rows[0][i]) {
			return false
		}
	}
	return true
}

// alike tells whether two values are the same and given in the same way.
func alike(a, b any) bool {
	switch a := a.(type) {
	case *string:
		b, is := b.(*string)
		return is && *a == *b
	case *int64:
		b, is := b.(*int64)
		return is && *a == *b
	}
	return a == b
}

// insertBy inserts rows, a multiple of size, so many at a time.
func (c *sqliteConn) insertBy(size int, v sized, rows [][]any) error {
	s, err := c.prepare(v.text)
	if err != nil {
		return mapSQLite(err)
	}
	s.busy = true
	c.written += len(rows)
	c.touched = true
	once := bindThose(s, 0, v.same, true, rows[0])
	for ; len(rows) > 0 && err == nil; rows = rows[size:] {
		at := once
		for _, r := range rows[:size] {
			at = bindThose(s, at, v.same, false, r)
		}
		if _, err = c.step(s); err == nil {
			err = s.Reset()
		}
	}
	if e := c.release(v.text, s); err == nil {
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
