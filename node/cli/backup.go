package cli

import (
	"hutong/base/db"
	"hutong/node/verify"
)

type backupCmd struct {
	To string `arg:"" help:"New file for the copy." type:"path"`
	Storage
}

// Help is what --help adds.
func (backupCmd) Help() string {
	return `Copies a SQLite market to a new file: one consistent snapshot, while a node may be serving it. The copy is read
through, brought to disk and audited as by "hutong verify"; status 1 says that its books do not hold. It overwrites
nothing. Pictures lie as files in the market's folder and are copied with any tool. To go back, stop the node, put the
copy in place of market.db and remove market.db-wal and market.db-shm.

PostgreSQL has tools of its own: pg_dump --format=custom --file=hutong.dump "$HUTONG_DB", and pg_restore.`
}

// Run copies the market's database and audits the copy.
func (c *backupCmd) Run(e *env) error {
	size, err := db.Backup(e.ctx, c.url(), c.To)
	if err != nil {
		return err
	}
	d, err := db.Open(e.ctx, "sqlite:"+c.To, db.Options{Log: e.log})
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := verify.Run(e.ctx, d, verify.Options{})
	if err != nil {
		return err
	}
	if e.json {
		e.print(map[string]any{"file": c.To, "bytes": size, "books_hold": r.OK})
	} else if !r.OK {
		if err := r.Print(e.Out, e.lang); err != nil {
			return err
		}
	}
	e.say("A copy of %s is in %s: %d bytes, read through and audited.", c.shown(), c.To, size)
	if !r.OK {
		return errBroken
	}
	return nil
}
