package cli

import (
	"context"

	"hutong/base/db"
	"hutong/node"
	"hutong/node/verify"
)

type verifyCmd struct {
	Storage
}

// Run audits the market's database from its base tables.
func (c *verifyCmd) Run(e *env) error {
	e.opens(c.Storage)
	d, err := db.Open(e.ctx, c.url(), db.Options{Log: e.log})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(e.ctx, node.Schemas()...); err != nil { // where there is no market, an empty one, whose books hold
		return err
	}
	r, err := verify.Run(e.ctx, d, verify.Options{})
	if err != nil {
		return err
	}
	if e.json {
		e.print(r)
	} else if err := r.Print(e.Out, e.lang); err != nil {
		return err
	}
	if !r.OK {
		return errBroken
	}
	return nil
}

// verify is the audit that demo --once ends with.
func (e *env) verify(ctx context.Context, d *db.DB) (bool, error) {
	r, err := verify.Run(ctx, d, verify.Options{})
	if err == nil && !r.OK {
		err = r.Print(e.Err, e.lang)
	}
	return r.OK, err
}
