package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"hutong/base/fault"
	"hutong/node"
	"hutong/node/bench"
)

type benchCmd struct {
	Orders benchOrdersCmd `cmd:"" help:"Orders placed over HTTP, against a handler of the same server that does nothing."`
	Pages  benchPagesCmd  `cmd:"" help:"The shop's pages: public ones, and those made for who asks."`
}

type benchPagesCmd struct {
	Seconds int `help:"How long to measure public pages, and then personal ones." default:"5"`
	Conns   int `help:"Keep-alive connections." default:"64"`
}

// Run measures, and fails when a page was not answered.
func (c *benchPagesCmd) Run(e *env) error {
	if err := positive("seconds", c.Seconds, "conns", c.Conns); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	r, err := bench.Pages(e.ctx, bench.Options{Program: []string{program, "bench-server"}, Seconds: c.Seconds,
		Conns: c.Conns}, func(s string) { e.say("%s", s) })
	return e.measured(r, err)
}

type benchOrdersCmd struct {
	Seconds int    `help:"How long to measure." default:"5"`
	Stock   string `help:"hot: one SKU; spread: 10,000 SKUs." enum:"hot,spread" default:"hot"`
	Conns   int    `help:"Keep-alive connections." default:"512"`
	Mix     string `help:"plain, sale (promotions) or journey (cart to paid)." enum:"plain,sale,journey" default:"plain"`
	Runs    int    `help:"How many times to measure, on the same filling database." default:"1"`
	DB      string `help:"Database to fill, such as postgres://…; a temporary SQLite by default." name:"db"`
	Profile string `help:"Write a CPU profile of the server process, while orders are measured, here." type:"path"`
}

// Run measures, and fails when an acknowledged order is lost, oversold or refused by a defect.
func (c *benchOrdersCmd) Run(e *env) error {
	if err := positive("seconds", c.Seconds, "conns", c.Conns, "runs", c.Runs); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	server := []string{program, "bench-server"}
	if c.Profile != "" {
		server = append(server, "--profile", c.Profile)
	}
	r, err := bench.Run(e.ctx, bench.Options{Program: server, URL: c.DB, Seconds: c.Seconds, Stock: c.Stock,
		Conns: c.Conns, Mix: c.Mix, Runs: c.Runs}, func(s string) { e.say("%s", s) })
	return e.measured(r, err)
}

// positive refuses numbers below one: flag, number, flag, number. Codes: node.positive.
func positive(pairs ...any) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1].(int) < 1 {
			return fault.New(fault.Invalid, "node.positive", fault.P("flag", pairs[i])).At(pairs[i].(string))
		}
	}
	return nil
}

// measured prints what a bench found, and fails when its promise did not hold.
func (e *env) measured(r interface {
	fmt.Stringer
	Held() bool
}, err error) error {
	if err != nil {
		return err
	}
	if e.json {
		e.print(r)
	} else {
		fmt.Fprintln(e.Out, r)
	}
	if !r.Held() {
		return errBroken
	}
	return nil
}

// benchServerCmd is the process that bench loads.
type benchServerCmd struct {
	DB      string `required:"" name:"db"`
	Mix     string
	Profile string
}

// Run serves until interrupted.
func (c *benchServerCmd) Run(e *env) error {
	var profile io.Writer
	if c.Profile != "" {
		f, err := os.Create(c.Profile)
		if err != nil {
			return err
		}
		defer f.Close()
		profile = f
	}
	cfg := node.Config{URL: c.DB, Log: e.log}
	if c.Mix == bench.Sale {
		cfg.Deals = &bench.Deals{}
	}
	m, err := node.Open(e.ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(bench.Serve(e.ctx, m, e.Out, profile), m.Close())
}
