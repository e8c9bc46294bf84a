package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/node"
	"hutong/reach/notice/mail"
	"hutong/surface/gate"
)

type initCmd struct {
	Storage
	Currency string `help:"Its currency, such as JPY, for ever: CNY by default."`
}

// Run makes the market. One that is there stays as it is; asked for in another currency it is refused.
func (c *initCmd) Run(e *env) error {
	config := node.Config{URL: c.url(), Dir: c.Data, Log: e.log}
	config.Checkout.Currency = money.Currency(strings.ToUpper(c.Currency))
	m, err := node.Open(e.ctx, config)
	if err != nil {
		return err
	}
	e.say("A market in %s is ready at %s. Serve it with: hutong serve", m.Config.Checkout.Currency, c.shown())
	return e.ended(m, c.Storage)
}

type migrateCmd struct {
	Storage
}

// Run brings the tables up to date, which opening does.
func (c *migrateCmd) Run(e *env) error {
	e.opens(c.Storage)
	m, err := node.Open(e.ctx, node.Config{URL: c.url(), Dir: c.Data, Log: e.log})
	if err != nil {
		return err
	}
	e.say("The tables at %s are up to date.", c.shown())
	return e.ended(m, c.Storage)
}

// ended closes a market whose command has nothing to tell but where it is.
func (e *env) ended(m *node.Market, s Storage) error {
	if err := m.Close(); err != nil {
		return err
	}
	if e.json {
		e.print(map[string]string{"database": s.shown()})
	}
	return nil
}

type serveCmd struct {
	Storage
	Addr     string `help:"Address to listen on." default:"127.0.0.1:8080"`
	Public   string `help:"Address by which people reach the market, such as https://shop.example." env:"HUTONG_PUBLIC"`
	Proxies  string `help:"Networks of proxies in front; this machine, if --public is https." env:"HUTONG_PROXIES"`
	Mail     string `help:"Mail server, smtp[s]://user:password@host:port; none by default." env:"HUTONG_MAIL"`
	Reserve  int64  `help:"MB kept for a full disk, and 5 % of the database; 0: none." env:"HUTONG_RESERVE" default:"64"`
	MailFrom string `help:"Sender of mails, such as \"Shop <no-reply@shop.example>\"." env:"HUTONG_MAIL_FROM"`
}

// Run serves until interrupted.
func (c *serveCmd) Run(e *env) error {
	node.Tune()
	if err := vacant(c.Addr); err != nil {
		return err
	}
	if err := c.reached(); err != nil {
		return err
	}
	ctx, storage := watched(e.ctx)
	storage.Reserve, storage.Sole = c.Reserve<<20, true
	config := node.Config{URL: c.url(), Dir: c.Data, Log: e.log, PublicAt: cmp.Or(c.Public, site(c.Addr)),
		Storage: storage}
	var err error
	if config.Proxies, err = c.proxies(); err != nil {
		return err
	}
	if c.Mail != "" {
		client, err := mail.New(mail.Options{Server: c.Mail, From: c.MailFrom})
		if err != nil {
			return fault.New(fault.Invalid, "node.mail").Because(err)
		}
		config.Mail = client
	}
	e.opens(c.Storage)
	m, err := node.Open(ctx, config)
	if err != nil {
		return err
	}
	l, err := listen(c.Addr)
	if err != nil {
		return errors.Join(err, m.Close())
	}
	if tight, _ := m.DB.Full(); tight {
		e.say("%s", e.sentence(fault.New(fault.Unavailable, "node.tight", fault.P("mb", c.Reserve))))
	}
	e.say("Serving %s — stop with Ctrl-C", site(c.Addr))
	if e.json {
		e.print(map[string]string{"address": site(c.Addr), "database": c.shown()})
	}
	handler, err := m.Handler()
	if err != nil {
		return errors.Join(err, l.Close(), m.Close())
	}
	return errors.Join(serve(ctx, m, l, handler), m.Close())
}

// reached refuses an address that no link of a mail or a wallet can begin with. Codes: node.public.
func (c *serveCmd) reached() error {
	given := c.Public
	c.Public = strings.TrimRight(given, "/")
	at, err := url.Parse(c.Public)
	if given == "" || err == nil && (at.Scheme == "https" || at.Scheme == "http") && at.Hostname() != "" &&
		at.Scheme+"://"+at.Host == c.Public {
		return nil
	}
	return fault.New(fault.Invalid, "node.public", fault.P("public", given)).At("public")
}

// proxies are the networks of the proxies in front. Without them all that people do would count as done by the proxy:
// whoever guesses at passwords would keep everybody out. An address by https cannot do without one.
func (c *serveCmd) proxies() (all []netip.Prefix, err error) {
	given := c.Proxies
	if given == "" && strings.HasPrefix(c.Public, "https://") {
		given = "127.0.0.0/8,::1"
	}
	for one := range strings.FieldsFuncSeq(given, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(one)
		if err != nil {
			addr, wrong := netip.ParseAddr(one)
			if wrong != nil {
				return nil, fault.New(fault.Invalid, "node.proxies", fault.P("network", one)).Because(err)
			}
			network = netip.PrefixFrom(addr, addr.BitLen())
		}
		all = append(all, network)
	}
	return all, nil
}

// watched is a context that ends when the storage can no longer be trusted, and the options by which the storage says
// so: a node that can write nothing more must not look as if it ran (FAULTS X3). Whoever supervises it starts it anew.
func watched(ctx context.Context) (context.Context, db.Options) {
	ctx, end := context.WithCancelCause(ctx)
	return ctx, db.Options{OnFatal: func(err error) {
		end(fault.New(fault.Unavailable, "storage.failed").Because(err))
	}}
}

// closing bounds how long requests under way may take once the node was told to stop.
const closing = 10 * time.Second

// serve answers requests and runs the jobs until ctx ends. It closes the listener.
func serve(ctx context.Context, m *node.Market, listener net.Listener, handler http.Handler) (err error) {
	server := gate.NewServer(handler, &clock.System{}, gate.Patience{})
	jobs := make(chan struct{})
	go func() {
		defer close(jobs)
		if err := m.Start(ctx); err != nil {
			m.Log.Error("the search index could not be built", slog.Any("err", err))
		}
		debug.FreeOSMemory() // what starting took
		job.Run(ctx, m.Log, m.Jobs()...)
	}()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		err = server.Shutdown(late)
		<-jobs
		if why := context.Cause(ctx); fault.Is(why, "storage.failed") {
			err = errors.Join(why, err)
		}
	}
	return err
}

// The patience of a command with a node that may be serving the same market.
const (
	lookEvery = 200 * time.Millisecond
	looks     = 8
)

// handOver leaves the command's events to the node that serves this market, if one takes them; otherwise it tells them
// itself, so that they do not wait for a node that may never come.
func handOver(ctx context.Context, m *node.Market) error {
	for range looks {
		n, err := m.Bus.Waiting(ctx)
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		n, err := m.Bus.Waiting(ctx)
		if err != nil || n == 0 {
			return err
		}
		if _, err := m.Bus.Dispatch(ctx); err != nil {
			return err
		}
	}
}

type versionCmd struct{}

// Run prints the version that the build knows of.
func (versionCmd) Run(e *env) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	if e.json {
		e.print(map[string]string{"version": version})
		return nil
	}
	fmt.Fprintln(e.Out, "hutong", version)
	return nil
}
