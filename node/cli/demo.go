package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hutong/base/db"
	"hutong/base/job"
	"hutong/node"
	"hutong/node/demo"
	"hutong/party/login"
	"hutong/surface/loginweb"
	"hutong/trade/ship/courier"
)

// demoDay is how long a carrier's day takes in a demo, so that parcels are seen moving.
const demoDay = time.Minute

type demoCmd struct {
	Data  string `help:"Folder that keeps the market, for hutong serve; by default a temporary one." type:"path"`
	Addr  string `help:"Address to listen on." default:"127.0.0.1:8080"`
	Quiet bool   `help:"No simulated shoppers." short:"q"`
	Once  bool   `help:"Seed, buy one thing through the market's own HTTP pages, check the books, and end."`
}

// Run seeds a market and serves it, or buys in it once.
func (c *demoCmd) Run(e *env) (err error) {
	node.Tune()
	if err := vacant(c.Addr); err != nil && !c.Once {
		return err
	}
	given := c.Data != ""
	if !given {
		if c.Data, err = os.MkdirTemp("", "hutong-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }()
	}
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	m, err := node.Open(ctx, node.Config{URL: "sqlite:" + filepath.Join(c.Data, "market.db"), Dir: c.Data, Log: e.log,
		PublicAt: site(c.Addr), Sender: loginweb.OnPage{},
		Logins:  login.Settings{Cost: demo.PasswordCost},
		Storage: db.Options{Sole: true, Relaxed: !given}, // what is gone when the demo ends waits for no disk
		Courier: courier.Settings{Rates: courier.DefaultRates(), Day: demoDay}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	pictures, err := demo.EmbeddedPictures(m.Pictures)
	if err != nil {
		return err
	}
	m.Config.Pictures = pictures
	if c.Once {
		d, err := demo.Seed(ctx, m)
		if err != nil {
			return err
		}
		return errors.Join(c.once(e, d), c.keep(e, pictures, given))
	}
	d, handler, err := seeded(ctx, m)
	if err != nil {
		return err
	}
	l, err := listen(c.Addr)
	if err != nil {
		return err
	}
	var beside sync.WaitGroup
	beside.Go(func() { c.live(ctx, d) })
	c.welcome(e, d)
	beside.Go(func() { c.keepMeanwhile(ctx, d, pictures, given) })
	err = serve(ctx, m, l, handler)
	cancel()
	beside.Wait()
	if err != nil {
		return err
	}
	return c.keep(e, pictures, given)
}

// seeded seeds the market and gets its pages ready meanwhile: they wait for nothing that is seeded.
func seeded(ctx context.Context, m *node.Market) (d *demo.Market, pages http.Handler, err error) {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { pages, err = m.Handler(); return err })
	g.Go(func() (err error) { d, err = demo.Seed(ctx, m); return err })
	err = g.Wait()
	return d, pages, err
}

// keepAfter is how long the pictures of a demo wait to be kept: the first visitor comes before them.
const keepAfter = 2 * time.Second

// keepMeanwhile keeps the pictures beside the serving.
func (c *demoCmd) keepMeanwhile(ctx context.Context, d *demo.Market, p *demo.Pictures, given bool) {
	if !given {
		return
	}
	select {
	case <-time.After(keepAfter):
	case <-ctx.Done():
		return
	}
	if err := p.Keep(ctx, 1); err != nil && ctx.Err() == nil {
		d.Log.Error("the pictures are not kept", "err", err)
	}
}

// keep keeps what is not kept yet, so that a folder that somebody asked for is whole when the demo has ended. The
// interrupt that ended the serving does not end this; it takes a few seconds at most.
func (c *demoCmd) keep(e *env, p *demo.Pictures, given bool) error {
	if !given {
		return nil
	}
	e.say("Keeping the pictures in %s", c.Data)
	return p.Keep(context.WithoutCancel(e.ctx), runtime.GOMAXPROCS(0))
}

// live lets the crowd in, beside the serving.
func (c *demoCmd) live(ctx context.Context, d *demo.Market) {
	time.AfterFunc(2*time.Second, func() { settleDown(ctx, d) })
	if c.Quiet {
		return
	}
	crowd, err := d.Crowd(ctx, 1)
	if err != nil {
		d.Log.Error("no crowd", "err", err)
		return
	}
	job.Run(ctx, d.Log, crowd.Jobs()...)
}

// settleDown has the market audited once the doors are open and the search index stands; then what seeding and the
// audit took goes back to the machine.
func settleDown(ctx context.Context, d *demo.Market) {
	if ctx.Err() != nil {
		return
	}
	_, over, err := d.Checkups.Start(ctx, "")
	if err != nil {
		d.Log.Error("the demo is not audited", "err", err)
		return
	}
	select {
	case <-over:
		debug.FreeOSMemory()
	case <-ctx.Done():
	}
}

func (c *demoCmd) welcome(e *env, d *demo.Market) {
	at := site(c.Addr)
	if e.json {
		e.print(map[string]any{"address": at, "logins": []string{demo.Shopper, demo.Merchant, demo.Operator},
			"password": demo.Password, "data": c.Data})
		return
	}
	fmt.Fprintf(e.Out, `
  胡同 Hutong — a demo market: %d shops, %d offers

  Shop       %s/
  Merchant   %s/desk        log in as %s
  Operator   %s/operator    log in as %s
  API        %s/api/docs

  Logins     %s, %s, %s — password %s
  Data       %s
  Stop with Ctrl-C. No simulated shoppers: --quiet

`, len(d.Shops), len(d.Offers), at, at, demo.Merchant, at, demo.Operator, at,
		demo.Shopper, demo.Merchant, demo.Operator, demo.Password, c.Data)
}

func (c *demoCmd) once(e *env, d *demo.Market) error {
	r, err := demo.Once(e.ctx, d, e.verify)
	if err != nil {
		return err
	}
	if e.json {
		e.print(r)
	} else {
		fmt.Fprintf(e.Out, "order %s: %s, total %s, books %s\n", r.Order, r.State, r.Total, r.Books)
	}
	if r.Books != "ok" {
		return errBroken
	}
	return nil
}
