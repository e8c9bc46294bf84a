package db

import (
	"errors"
)

// groupMax bounds the closures of one commit, so that the first of a group never waits long for its answer.
const groupMax = 512

// waryGroups is for how many groups each closure gets a savepoint after one had to be run again: calls that write and
// then fail come in rows, and a group is not to be run twice for each of them.
const waryGroups = 64

var (
	errGroupLost = errors.New("db: the whole group was rolled back")
	errSpoiled   = errors.New("db: a closure wrote and then failed")
)

// group runs closures in one transaction, taking in what is queued meanwhile.
//
// A savepoint for each would make SQLite copy every page that it touches and costs two statements, which is a good part
// of a small write; and hardly any closure fails after it has written. So they run without, and when one does, what the
// group did so far is taken back and all of it runs again, each under a savepoint of its own.
func (e *sqliteEngine) group(c *sqliteConn, group []write) ([]write, []result, error) {
	if e.wary > 0 {
		e.wary--
		return e.attempt(c, group, true)
	}
	group, results, err := e.attempt(c, group, false)
	if !errors.Is(err, errSpoiled) {
		return group, results, err
	}
	e.wary = waryGroups
	if err := c.script("ROLLBACK"); err != nil {
		return group, results, err
	}
	return e.attempt(c, group, true)
}

// attempt runs a group's closures, and those that come meanwhile. Without savepoints it ends with errSpoiled at a
// closure that cannot be taken back alone.
func (e *sqliteEngine) attempt(c *sqliteConn, group []write, guarded bool) ([]write, []result, error) {
	results := make([]result, 0, len(group))
	err := c.script("BEGIN IMMEDIATE")
	for i := 0; err == nil && i < len(group); i++ {
		r := c.runOne(group[i].fn, guarded && i > 0)
		results = append(results, r)
		if r.failed() && !(guarded && i > 0) {
			err = c.undo(i == 0)
		}
		if err == nil && c.conn.AutocommitEnabled() { // a full disk made SQLite roll back the whole group by itself
			err = errors.Join(errGroupLost, r.err)
		}
		group = e.more(group)
	}
	return group, results, err
}

func (r result) failed() bool { return r.err != nil || r.panic != nil }

// undo takes back a failed closure that ran without a savepoint: there is nothing to do when it wrote nothing, and
// nobody else's work in the transaction when it was the first.
func (c *sqliteConn) undo(first bool) error {
	switch {
	case first:
		return c.again()
	case c.conn.AutocommitEnabled(): // the whole group is lost already
		return nil
	case c.touched:
		return errSpoiled
	}
	return nil
}

// again ends a transaction that holds nothing but a failed closure, and begins the next one. A full disk has made
// SQLite end it already.
func (c *sqliteConn) again() error {
	if !c.conn.AutocommitEnabled() {
		if err := c.script("ROLLBACK"); err != nil {
			return err
		}
	}
	return c.script("BEGIN IMMEDIATE")
}

// runOne runs one closure, under a savepoint of its own or without.
func (c *sqliteConn) runOne(fn func(*Tx) error, guarded bool) result {
	if guarded {
		return runGuarded(c, fn)
	}
	c.touched = false
	return run(c, fn)
}

// run runs a closure and makes a result of its panic.
func run(c *sqliteConn, fn func(*Tx) error) (r result) {
	tx := &Tx{backend: c}
	defer func() {
		if p := recover(); p != nil {
			r = result{panic: p}
		}
	}()
	err := fn(tx)
	return result{err: err, after: tx.after}
}

// runGuarded runs one closure under its own savepoint, so that its failure leaves the others of the group alone.
func runGuarded(c *sqliteConn, fn func(*Tx) error) result {
	if err := c.script("SAVEPOINT one"); err != nil {
		return result{err: mapSQLite(err)}
	}
	r := run(c, fn)
	if r.failed() {
		if err := c.script("ROLLBACK TO one"); err != nil && r.err != nil {
			r.err = errors.Join(r.err, err)
		}
	}
	if err := c.script("RELEASE one"); err != nil && r.err == nil {
		r.err = mapSQLite(err)
	}
	return r
}

// more takes one further queued write into the group, if there is one and room for it.
func (e *sqliteEngine) more(group []write) []write {
	if len(group) >= groupMax {
		return group
	}
	select {
	case w, ok := <-e.queue:
		if ok {
			return append(group, w)
		}
	default:
	}
	return group
}
