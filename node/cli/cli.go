// Package cli is the command line of hutong: a contract with whoever scripts it. Every command takes --data or --db
// and --json; with --json the last line on standard output is one JSON object, and the exit status is 0 only if the
// command's promise held: 1 says that it did not, 2 that the command was called wrongly.
//
// Each command has a file of its own; this one reads the line and shows what went wrong.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/node"
	"hutong/node/replay"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// errBroken says that the command ran and its promise did not hold; what is wrong has been printed.
var errBroken = errors.New("the command's promise did not hold")

// Storage are the flags by which a command finds its market.
type Storage struct {
	Data string `help:"Folder of the market's database and pictures." default:"hutong-data" env:"HUTONG_DATA" type:"path"`
	DB   string `help:"Database instead of the one in --data: sqlite:PATH or postgres://…" env:"HUTONG_DB" name:"db"`
}

// url is the database's address.
func (s Storage) url() string {
	if s.DB != "" {
		return s.DB
	}
	return "sqlite:" + filepath.Join(s.Data, "market.db")
}

// shown is the address as it may be printed: without its password.
func (s Storage) shown() string {
	if u, err := url.Parse(s.url()); err == nil {
		return u.Redacted()
	}
	return "the database"
}

// opens says when a command is about to make a market where there is none: a folder may be written wrongly, and the
// books of an empty market always hold.
func (e *env) opens(s Storage) {
	path, file := strings.CutPrefix(s.url(), "sqlite:")
	if _, err := os.Stat(path); file && errors.Is(err, fs.ErrNotExist) {
		e.say("%s", e.sentence(fault.New(fault.NotFound, "node.made", fault.P("database", path))))
	}
}

// line is the whole command line.
type line struct {
	JSON    bool   `help:"Print one JSON object as the last line on standard output." name:"json"`
	Lang    string `help:"Language of messages: zh-CN or en." env:"HUTONG_LANG" default:""`
	Verbose bool   `help:"Log what happens on standard error." short:"v"`

	Demo    demoCmd    `cmd:"" help:"A living market to look around in, on this machine."`
	Import  importCmd  `cmd:"" help:"Bring export files of other shop systems into a shop."`
	Replay  replayCmd  `cmd:"" help:"Play a file of invoices through the market's verbs and print what its books say."`
	Verify  verifyCmd  `cmd:"" help:"Audit the books: every promise, recomputed from the base tables."`
	Backup  backupCmd  `cmd:"" help:"Copy the market's database while it serves, and audit the copy."`
	Init    initCmd    `cmd:"" help:"Make an empty market in --data."`
	Serve   serveCmd   `cmd:"" help:"Serve the market in --data until interrupted."`
	User    userCmd    `cmd:"" help:"Make a login for an operator or a merchant."`
	Migrate migrateCmd `cmd:"" help:"Bring the market's tables up to date."`
	Bench   benchCmd   `cmd:"" help:"Measure what a node carries on this machine."`
	Quote   quoteCmd   `cmd:"" help:"Price a basket under promotions: JSON in, JSON out."`
	Version versionCmd `cmd:"" help:"Print the version."`

	BenchServer benchServerCmd `cmd:"" hidden:""`
}

// env is what a command runs in.
type env struct {
	Streams
	out  *output // Streams.Out
	ctx  context.Context
	json bool
	told bool // the object of --json is printed, and says what went wrong
	lang text.Lang
	log  *slog.Logger
}

// output is standard output, which keeps what went wrong first: a command whose result nobody got has not held its
// promise.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	o.keep(err)
	return n, err
}

func (o *output) keep(err error) {
	if o.err == nil {
		o.err = err
	}
}

// unwritten is why not all that was printed is out. Codes: node.output.
func (o *output) unwritten() error {
	if o.err == nil {
		return nil
	}
	return fault.New(fault.Unavailable, "node.output").Because(o.err)
}

// Run runs one command line and gives the exit status.
func Run(ctx context.Context, args []string, s Streams) (code int) {
	var l line
	out := &output{to: s.Out}
	s.Out = out
	e := &env{Streams: s, out: out, ctx: ctx, lang: language(os.Getenv("LANG"), text.En),
		log: slog.New(slog.DiscardHandler)}
	status := -1
	parser, err := kong.New(&l, kong.Name("hutong"), kong.Writers(s.Out, s.Err),
		kong.Exit(func(code int) { status = code }),
		kong.Description("Hutong, a commerce platform for the interconnected big sale. Start with: hutong demo"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		fmt.Fprintln(s.Err, "hutong:", err)
		return 2
	}
	if len(args) == 0 { // nobody knows a command before they have read of it
		parser.Stdout, args = s.Err, []string{"--help"}
		defer func() { code = 2 }()
	}
	cmd, err := parser.Parse(args)
	if status >= 0 || out.err != nil { // --help
		return max(status, e.finish(out.unwritten()))
	}
	if err != nil {
		fmt.Fprintf(s.Err, "hutong: %v\nTry: %s --help\n", err, called(err))
		return 2
	}
	e.json = l.JSON
	if l.Lang != "" {
		if e.lang, err = chosen(l.Lang, e.lang); err != nil {
			return e.finish(err)
		}
	}
	if l.Verbose {
		e.log = slog.New(slog.NewTextHandler(s.Err, nil))
	}
	if err = cmd.Run(e); err == nil {
		err = out.unwritten()
	}
	return e.finish(err)
}

// called is the command whose help says how it is called rightly.
func called(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		return "hutong " + wrong.Context.Selected().Path()
	}
	return "hutong"
}

// language is what a tag names, as en-GB, or the terminal's locale, as zh_CN.UTF-8.
func language(tag string, fallback text.Lang) text.Lang {
	return text.Parse(strings.ReplaceAll(tag, "_", "-"), fallback)
}

// chosen is the language that the caller asked for; terminal is the one in which a refusal is said. Codes: node.lang.
func chosen(tag string, terminal text.Lang) (text.Lang, error) {
	l := language(tag, "")
	if l == "" {
		return terminal, fault.New(fault.Invalid, "node.lang", fault.P("lang", tag),
			fault.P("langs", fmt.Sprintf("%s, %s", text.Zh, text.En))).At("lang")
	}
	return l, nil
}

// finish shows what went wrong and gives the exit status.
func (e *env) finish(err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errBroken) {
		return 1
	}
	f := fault.As(err)
	if f.Code == "storage.full" { // in a shop it is said to who buys
		f = &fault.Error{Kind: f.Kind, Code: "node.disk_full"}
	}
	sentence := e.sentence(f)
	if e.json && !e.told {
		e.print(map[string]any{"error": map[string]string{"code": f.Code, "field": f.Field, "message": sentence}})
	}
	fmt.Fprintln(e.Err, "hutong:", sentence)
	if f.Kind == fault.Invalid {
		return 2
	}
	return 1
}

// sentence is what a person is told. On the command line the cause is shown too: whoever types commands runs the node.
func (e *env) sentence(f *fault.Error) string {
	if f.Code == "internal.error" {
		return f.Cause.Error()
	}
	pairs := make([]any, 0, 2*len(f.Params))
	for _, p := range f.Params {
		pairs = append(pairs, p.Name, p.Value)
	}
	s := text.Merge(node.Texts(), replay.Texts).Text(e.lang, f.Code, pairs...)
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// print writes v as one line of JSON; Run tells what went wrong with it.
func (e *env) print(v any) {
	if err := json.NewEncoder(e.Out).Encode(v); err != nil {
		e.out.keep(err)
	}
}

// say tells a person how far it is; with --json only standard error is told.
func (e *env) say(format string, args ...any) {
	fmt.Fprintf(e.Err, format+"\n", args...)
}
