package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/node"
)

// outcome is what a command line came to.
type outcome struct {
	status   int
	out, err string
}

func run(ctx context.Context, args ...string) outcome {
	var out, err bytes.Buffer
	status := Run(ctx, args, Streams{In: strings.NewReader(""), Out: &out, Err: &err})
	return outcome{status, out.String(), err.String()}
}

// last is the JSON object on the last line of standard output.
func (o outcome) last(t *testing.T) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(o.out, "\n"), "\n")
	var v map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &v); err != nil {
		t.Fatalf("the last line is no JSON object: %v\n%s%s", err, o.out, o.err)
	}
	return v
}

// good is a Shopify export: one product that is taken, and one with a price that is refused.
const good = `Handle,Title,Body (HTML),Vendor,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty
cup,Cup,<p>blue</p>,Kiln,TRUE,Title,Default Title,C-1,19.90,5
pot,Pot,,Kiln,TRUE,Title,Default Title,P-1,19.999,5
`

const invoices = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom
536365,71053,LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom
C536379,85123A,HOLDER,-2,12/1/2010 9:41,2.55,17850,United Kingdom
`

func file(t *testing.T, dir, name, data string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestHelpOfEveryCommand: help is an answer, says something of each flag, and does nothing.
func TestHelpOfEveryCommand(t *testing.T) {
	all := run(t.Context(), "--help")
	if all.status != 0 || all.err != "" {
		t.Fatalf("%+v", all)
	}
	for _, name := range []string{"demo", "import", "replay", "verify", "backup", "init", "serve", "user", "migrate", "bench orders",
		"version"} {
		if !strings.Contains(all.out, name) && name != "bench orders" {
			t.Errorf("--help does not name %s:\n%s", name, all.out)
		}
		got := run(t.Context(), append(strings.Fields(name), "--help")...)
		if got.status != 0 || got.err != "" || !strings.Contains(got.out, "Usage: hutong "+name) ||
			!strings.Contains(got.out, "--json") {
			t.Errorf("%s --help: %d %s\n%s", name, got.status, got.err, got.out)
		}
		for line := range strings.Lines(got.out) {
			if f := strings.Fields(line); len(f) == 1 && strings.HasPrefix(f[0], "--") {
				t.Errorf("%s --help says nothing of %s", name, f[0])
			}
		}
	}
	if strings.Contains(all.out, "bench-server") {
		t.Error("--help shows what is no command for people")
	}
}

// TestEveryCommandEndsInOneObject: with --json the last line on standard output is one object with the contract's
// fields, and the exit status is 0 when the promise held.
func TestEveryCommandEndsInOneObject(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "market")
	csv, played := file(t, dir, "goods.csv", good), file(t, dir, "invoices.csv", invoices)
	for _, c := range []struct {
		args   []string
		fields []string
	}{
		{[]string{"version"}, []string{"version"}},
		{[]string{"import", "--shop", "kiln", "--data", data, csv},
			[]string{"products", "skus", "created", "updated", "unchanged", "rejected", "rejects"}},
		{[]string{"verify", "--data", data}, []string{"ok", "checks"}},
		{[]string{"user", "--data", data, "boss"}, []string{"name", "role", "password"}},
		{[]string{"user", "--data", data, "--role", "merchant", "--shop", "kiln", "potter"}, []string{"password"}},
		{[]string{"replay", "--data", filepath.Join(dir, "replayed"), played},
			[]string{"orders", "cancelled", "gross", "refunded", "fees", "net", "currency", "rejected"}},
		{[]string{"verify", "--data", filepath.Join(dir, "replayed")}, []string{"ok", "checks"}},
		{[]string{"verify", "--data", filepath.Join(dir, "none")}, []string{"ok", "checks"}},
		{[]string{"demo", "--once"}, []string{"order", "state", "total", "books"}},
		{[]string{"init", "--data", filepath.Join(dir, "fresh")}, []string{"database"}},
		{[]string{"migrate", "--data", filepath.Join(dir, "fresh")}, []string{"database"}},
	} {
		got := run(t.Context(), append(c.args, "--json")...)
		if got.status != 0 {
			t.Errorf("%v: %+v", c.args, got)
			continue
		}
		v := got.last(t)
		for _, name := range c.fields {
			if _, there := v[name]; !there {
				t.Errorf("%v: %s is not in %s", c.args, name, got.out)
			}
		}
		if v["ok"] == false || v["books"] != nil && v["books"] != "ok" {
			t.Errorf("%v: exit 0, and %s", c.args, got.out)
		}
	}
}

func TestAnImportSaysWhatItRefuses(t *testing.T) {
	dir := t.TempDir()
	csv := file(t, dir, "goods.csv", good)
	args := []string{"--lang", "en", "import", "--shop", "kiln", "--data", filepath.Join(dir, "market"), csv}
	if dry := run(t.Context(), append(args, "--dry-run")...); dry.status != 0 || !strings.Contains(dry.out, "would be imported") {
		t.Errorf("dry run: %+v", dry)
	}
	broken := run(t.Context(), append(args[:len(args)-1:len(args)-1], file(t, dir, "empty.csv", ""), "--json")...)
	if v := broken.last(t); broken.status == 0 || strings.Count(broken.out, "\n") != 1 || v["rejected"] != 1.0 {
		t.Errorf("a file of no format: %+v", broken)
	}
	first := run(t.Context(), args...)
	if first.status != 0 || !strings.Contains(first.out, "goods.csv:3:") || !strings.Contains(first.out, "1 created") {
		t.Errorf("first: %+v", first)
	}
	if again := run(t.Context(), args...); again.status != 0 || !strings.Contains(again.out, "0 created, 0 updated, 1 unchanged") {
		t.Errorf("again: %+v", again)
	}
}

// TestWrongCallsEndInTwo: called wrongly is 2, with what is wrong on standard error and, with --json, an object too.
func TestWrongCallsEndInTwo(t *testing.T) {
	dir := t.TempDir()
	csv := file(t, dir, "goods.csv", good)
	for _, args := range [][]string{
		{}, {"sell"}, {"serve", "--no-such-flag"}, {"serve", "extra"}, {"import", csv}, {"import", "--shop", "kiln"},
		{"import", "--shop", "kiln", filepath.Join(dir, "none.csv")}, {"import", "--shop", "k", "--format", "xml", csv},
		{"replay"}, {"replay", filepath.Join(dir, "none.csv")}, {"user"}, {"user", "--role", "shopper", "x"},
		{"bench"}, {"bench", "orders", "--stock", "cold"}, {"bench", "orders", "--seconds", "many"},
		{"verify", "--db", "mysql://here"}, {"init", "--db", "market.db"},
		{"import", "--shop", "kiln", "--data", filepath.Join(dir, "m"), "--currency", "XXQ", csv},
		{"import", "--shop", "kiln", "--format", "mapped", csv}, {"import", "--shop", "kiln", "--format", "shopify", "--mapping", csv, csv},
		{"bench", "orders", "--seconds", "0"}, {"bench", "orders", "--conns=-1"}, {"bench", "orders", "--runs", "0"},
		{"bench", "pages", "--conns", "0"}, {"serve", "--public", "shop.example"}, {"serve", "--public", "https://shop.example/a"},
		{"user", "--role", "merchant", "x"}, {"user", "--shop", "kiln", "x"},
		{"init", "--data", csv}, {"verify", "--db", "sqlite:" + csv}, {"verify", "--db", "sqlite:" + dir},
		{"serve", "--db", "sqlite:" + csv}, {"backup", "--db", "sqlite:" + csv, filepath.Join(dir, "none", "copy.db")},
	} {
		got := run(t.Context(), append([]string{"--lang", "en"}, args...)...)
		if got.status != 2 || got.err == "" || got.out != "" || strings.HasPrefix(got.err, "hutong: db:") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	got := run(t.Context(), "verify", "--db", "mysql://here", "--json", "--lang", "en")
	said, _ := got.last(t)["error"].(map[string]any)
	if got.status != 2 || said["code"] == "" || said["message"] == "" {
		t.Errorf("%+v", got)
	}
}

// full is a device that takes nothing any more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestAResultThatIsNotWrittenEndsInOne: whoever calls a command for its result learns that they have none.
func TestAResultThatIsNotWrittenEndsInOne(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"version"}, {"version", "--json"}, {"--help"}, {"user", "--help"}, {"verify", "--data", dir},
		{"verify", "--data", dir, "--json"}, {"user", "--role", "operator", "ann", "--data", dir}, {"quote"}} {
		var said bytes.Buffer
		status := Run(t.Context(), append(args, "--lang", "en"), Streams{In: strings.NewReader(cup), Out: full{}, Err: &said})
		if status != 1 || strings.Count(said.String(), "no space left on device") != 1 {
			t.Errorf("%v: %d, %s", args, status, said.String())
		}
	}
}

// TestALanguageWithoutTextsIsRefused: with those that there are, by every command, wherever it was asked for.
func TestALanguageWithoutTextsIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "never")
	for _, args := range [][]string{{"verify", "--data", dir}, {"demo", "--once", "--data", dir}, {"version"}, {"quote"}} {
		got := run(t.Context(), append(args, "--lang", "fr", "--json")...)
		said, _ := got.last(t)["error"].(map[string]any)
		if got.status != 2 || said["code"] != "node.lang" || said["field"] != "lang" ||
			!strings.Contains(got.err, "zh-CN, en") || !strings.Contains(got.err, "fr") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("something was made: %v", err)
	}
	t.Setenv("LANG", "zh_CN.UTF-8")
	t.Setenv("HUTONG_LANG", "tlh")
	if got := run(t.Context(), "version"); got.status != 2 || !strings.Contains(got.err, "没有这种语言的文字：tlh") {
		t.Errorf("%+v", got)
	}
	for _, tag := range []string{"en", "EN-gb", "zh", "zh-CN", "zh_TW", ""} {
		t.Setenv("HUTONG_LANG", tag)
		if got := run(t.Context(), "version"); got.status != 0 {
			t.Errorf("%s: %+v", tag, got)
		}
	}
}

// TestWhatIsMistypedIsSaid: who calls a command wrongly reads what is wrong, and where to read more.
func TestWhatIsMistypedIsSaid(t *testing.T) {
	t.Setenv("HUTONG_LANG", "en")
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{nil, 2, "Commands:"},
		{[]string{"import", "goods.csv"}, 2, "Try: hutong import --help"},
		{[]string{"bench", "orders", "--stock", "warm"}, 2, "Try: hutong bench orders --help"},
		{[]string{"serve", "--addr", "8080"}, 2, "8080 is no address to listen on; write 127.0.0.1:8080 or :8080"},
		{[]string{"replay", "--data", none + "2", file(t, t.TempDir(), "none.csv", "")}, 2, "none.csv is empty"},
		{[]string{"verify", "--data", none}, 0, "There is no market at " + filepath.Join(none, "market.db")},
	} {
		got := run(t.Context(), c.args...)
		if got.status != c.status || !strings.Contains(got.err, c.says) {
			t.Errorf("%v: %d, %s", c.args, got.status, got.err)
		}
	}
	if again := run(t.Context(), "verify", "--data", none, "--lang", "en"); again.status != 0 || again.err != "" {
		t.Errorf("a market that is there: %+v", again)
	}
	for addr, want := range map[string]string{"127.0.0.1:1": "http://127.0.0.1:1", ":80": "http://localhost:80",
		"0.0.0.0:8": "http://localhost:8", "[::]:8": "http://localhost:8", "shop.lan:8": "http://shop.lan:8"} {
		if got := site(addr); got != want {
			t.Errorf("%s is found at %s", addr, got)
		}
	}
}

// TestAMarketKeepsTheCurrencyItIsMadeIn: init names it, and nothing gives the market another one.
func TestAMarketKeepsTheCurrencyItIsMadeIn(t *testing.T) {
	data := filepath.Join(t.TempDir(), "market")
	made := run(t.Context(), "--lang", "en", "init", "--data", data, "--currency", "jpy")
	if made.status != 0 || !strings.Contains(made.err, "in JPY") {
		t.Fatalf("made: %+v", made)
	}
	again := run(t.Context(), "--lang", "en", "init", "--data", data)
	if again.status != 0 || !strings.Contains(again.err, "in JPY") {
		t.Errorf("again: %+v", again)
	}
	other := run(t.Context(), "--lang", "en", "init", "--data", data, "--currency", "USD")
	if other.status != 2 || !strings.Contains(other.err, "this market is in JPY") {
		t.Errorf("in another currency: %+v", other)
	}
	none := run(t.Context(), "--lang", "en", "init", "--data", filepath.Join(t.TempDir(), "x"), "--currency", "YEN")
	if none.status != 2 || !strings.Contains(none.err, "unknown currency YEN") {
		t.Errorf("in no currency: %+v", none)
	}
}

// TestABrokenPromiseEndsInOne: the books do not hold, and the exit status says so.
func TestABrokenPromiseEndsInOne(t *testing.T) {
	data := t.TempDir()
	if got := run(t.Context(), "init", "--data", data); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(data, "market.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO shopper_orders (shopper_id, order_id) VALUES ('shr_x', 'ord_x')`)
		return err
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	got := run(t.Context(), "verify", "--data", data, "--json")
	if got.status != 1 || got.last(t)["ok"] != false || !strings.Contains(got.out, "ord_x") {
		t.Errorf("%+v", got)
	}
	people := run(t.Context(), "verify", "--data", data, "--lang", "en")
	if people.status != 1 || !strings.Contains(people.out, "do NOT hold") {
		t.Errorf("%+v", people)
	}
	if got := run(t.Context(), "user", "--data", data, "--role", "merchant", "--shop", "none", "x"); got.status != 1 {
		t.Errorf("a login for a shop that is not there: %+v", got)
	}
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answers waits until a page is served.
func answers(t *testing.T, url string) {
	t.Helper()
	for range 400 {
		got, err := http.Get(url)
		if err == nil {
			_, _ = io.Copy(io.Discard, got.Body)
			if err := got.Body.Close(); err != nil || got.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d %v", url, got.StatusCode, err)
			}
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s is not served", url)
}

func TestServeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	at, data := free(t), t.TempDir()
	var got outcome
	var wg sync.WaitGroup
	wg.Go(func() { got = run(ctx, "serve", "--data", data, "--addr", at, "--json") })
	answers(t, "http://"+at+"/")
	for _, name := range []string{"serve", "demo"} { // at once, in words, and nothing is said to be served
		dir := filepath.Join(t.TempDir(), "never")
		taken := run(ctx, name, "--data", dir, "--addr", at, "--lang", "en")
		if _, err := os.Stat(dir); taken.status != 1 || taken.out != "" || !os.IsNotExist(err) ||
			taken.err != "hutong: another program listens on "+at+"; stop it, or take another port with --addr\n" {
			t.Errorf("a second node at one address: %+v, %v", taken, err)
		}
	}
	file := filepath.Join(data, "market.db")
	for _, args := range [][]string{{"serve", "--data", data}, {"serve", "--db", "sqlite:" + file}, {"demo", "--data", data},
		{"demo", "--data", data, "--once"}} { // two would not hear of what the other one sells
		patience, end := context.WithTimeout(ctx, 10*time.Second)
		second := run(patience, append(args, "--addr", free(t), "--lang", "en")...)
		end()
		if second.status != 1 || !strings.Contains(second.err, file+" is served by another process already") {
			t.Errorf("%v beside a node that serves: %+v", args, second)
		}
	}
	csv := filepath.Join(t.TempDir(), "goods.csv")
	if err := os.WriteFile(csv, []byte("id,title,price\n1,Cup,9.90\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mapping := filepath.Join(t.TempDir(), "mapping.json")
	if err := os.WriteFile(mapping, []byte(`{"source":"w","columns":{"id":"id","title":"title","price":"price"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"import", "--shop", "kiln", "--format", "mapped", "--mapping", mapping, csv}, {"migrate"},
		{"user", "boss"}, {"verify"}, {"backup", filepath.Join(t.TempDir(), "copy.db")}} { // as documented
		if beside := run(ctx, append(args, "--data", data)...); beside.status != 0 {
			t.Errorf("%v beside a node that serves: %+v", args, beside)
		}
	}
	cancel()
	wg.Wait()
	if got.status != 0 || !strings.Contains(got.last(t)["address"].(string), at) {
		t.Errorf("%+v", got)
	}
}

// TestX3_ServeEndsWhenStorageFails: after a failed sync the node writes nothing more, so it does not go on serving; it
// ends with a status that makes whoever supervises it start it anew.
func TestX3_ServeEndsWhenStorageFails(t *testing.T) {
	ctx, storage := watched(t.Context())
	var fails sync.Map
	storage.Crash = func(point string) error {
		if _, now := fails.Load("now"); now && point == "commit.before" {
			return errors.New("fsync: input/output error")
		}
		return nil
	}
	dir := t.TempDir()
	m, err := node.Open(ctx, node.Config{URL: "sqlite:" + filepath.Join(dir, "market.db"), Dir: dir, Storage: storage})
	if err != nil {
		t.Fatal(err)
	}
	at, ended := free(t), make(chan error, 1)
	l, err := listen(at)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := m.Handler()
	if err != nil {
		t.Fatal(err)
	}
	go func() { ended <- serve(ctx, m, l, handler) }()
	answers(t, "http://"+at+"/")
	fails.Store("now", true)
	err = m.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM cart_lines`); return err })
	if !fault.Is(err, "storage.failed") {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !fault.Is(err, "storage.failed") {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the node goes on serving")
	}
	if err := m.Close(); err != nil && !fault.Is(err, "storage.failed") {
		t.Error(err)
	}
	e := &env{Streams: Streams{Out: io.Discard, Err: io.Discard}}
	if status := e.finish(fault.New(fault.Unavailable, "storage.failed")); status != 1 {
		t.Errorf("exit status %d", status)
	}
}
