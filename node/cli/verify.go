package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hutong/base/db"
	"hutong/node/verify"
)

type verifyCmd struct {
	Storage
}

// Run audits the market's database from its base tables.
func (c *verifyCmd) Run(e *env) error {
	d, err := db.Open(e.ctx, c.url(), db.Options{Log: e.log})
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := verify.Run(e.ctx, d, verify.Options{})
	if err != nil {
		return err
	}
	if e.json {
		e.print(r)
	} else {
		show(e, r)
	}
	if !r.OK {
		return errBroken
	}
	return nil
}

func show(e *env, r verify.Report) {
	rows := int64(0)
	for _, c := range r.Checks {
		mark := "✓"
		if !c.OK {
			mark = "✗"
		}
		rows += c.Counted
		fmt.Fprintf(e.Out, "%s %-34s %-14s %10d rows\n", mark, c.Name, c.Rule, c.Counted)
		for _, v := range c.Violations {
			fmt.Fprintln(e.Out, "   ", line1(v))
		}
	}
	verdict := "the books hold"
	if !r.OK {
		verdict = "the books do NOT hold"
	}
	fmt.Fprintf(e.Out, "%s: %d checks over %d rows\n", verdict, len(r.Checks), rows)
}

func line1(v verify.Violation) string {
	parts := make([]string, 0, len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		parts = append(parts, name+"="+v[name])
	}
	return strings.Join(parts, "  ")
}

// verify is the audit that demo --once ends with.
func (e *env) verify(ctx context.Context, d *db.DB) (bool, error) {
	r, err := verify.Run(ctx, d, verify.Options{})
	if err == nil && !r.OK {
		show(e, r)
	}
	return r.OK, err
}
