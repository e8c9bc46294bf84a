package cli

import (
	"fmt"

	"hutong/base/money"
	"hutong/node"
	"hutong/node/replay"
)

type replayCmd struct {
	Storage
	Show bool   `help:"Print every refused line with its reason."`
	File string `arg:"" help:"CSV with the columns of the Online Retail set, gzipped or not." type:"existingfile"`
}

// Run replays a file in a market of its own and prints what its books say.
func (c *replayCmd) Run(e *env) error {
	m, err := node.Open(e.ctx, replay.Configure(node.Config{URL: c.url(), Dir: c.Data, Log: e.log}))
	if err != nil {
		return err
	}
	defer m.Close()
	o := replay.Options{File: c.File, Progress: newProgress(e).count}
	if c.Show {
		o.Refused = func(r replay.Refusal) {
			fmt.Fprintf(e.Out, "%s:%d: %s (%s)\n", c.File, r.Line, replay.Texts.Text(e.lang, r.Code), r.Code)
		}
	}
	r, err := replay.Run(e.ctx, m, o)
	if err != nil {
		return err
	}
	if e.json {
		e.print(r)
		return nil
	}
	show := func(minor int64) string { return money.New(minor, r.Currency).Format(string(e.lang)) }
	fmt.Fprintf(e.Out, "\n%d orders, %d pieces refunded, %d lines refused\ngross %s, refunded %s, fees %s, net %s\n",
		r.Orders, r.Cancelled, r.Rejected, show(r.Gross), show(r.Refunded), show(r.Fees), show(r.Net))
	return nil
}
