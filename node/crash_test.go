package node_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/goods/stock"
	"hutong/node"
	"hutong/node/verify"
	"hutong/party/merchant"
	"hutong/trade/order"
)

// program builds the hutong command once for a test.
func program(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no process is built and killed")
	}
	path := filepath.Join(t.TempDir(), "hutong.exe")
	if out, err := exec.Command("go", "build", "-o", path, "hutong/cmd/hutong").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// victim is a bench server in a process of its own, to be killed.
type victim struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	told *bytes.Buffer
}

func startVictim(t *testing.T, path, at string) *victim {
	t.Helper()
	v := &victim{t: t, cmd: exec.Command(path, "bench-server", "--db", at), told: &bytes.Buffer{}}
	v.cmd.Stderr = v.told
	out, err := v.cmd.StdoutPipe()
	if err == nil {
		err = v.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		v.kill()
		t.Fatalf("the server said %q: %v\n%s", line, err, v.told)
	}
	v.url = "http://" + addr
	return v
}

// kill ends the process as a power cut would: nothing in it runs any more.
func (v *victim) kill() {
	v.t.Helper()
	err := v.cmd.Process.Kill()
	var died *exec.ExitError
	if waited := v.cmd.Wait(); err != nil || waited != nil && !errors.As(waited, &died) {
		v.t.Errorf("kill: %v %v", err, waited)
	}
}

func (v *victim) ask(path string, question, into any) {
	v.t.Helper()
	body, err := json.Marshal(question)
	if err != nil {
		v.t.Fatal(err)
	}
	got, err := http.Post(v.url+path, "application/json", bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	defer got.Body.Close()
	if err := json.NewDecoder(got.Body).Decode(into); err != nil || got.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d %v", path, got.StatusCode, err)
	}
}

type buyer struct {
	Token   string `json:"token"`
	Shopper string `json:"shopper"`
	Address string `json:"address"`

	tokens  []string
	acked   map[string]string // the answer to each token that was acknowledged
	unknown string            // the token whose answer never came
}

// place sends one checkout token; an error means that nobody knows.
func (b *buyer) place(client *http.Client, url, token string) (status int, body, replay string, err error) {
	r, err := http.NewRequest(http.MethodPost, url+"/api/v1/orders", strings.NewReader(`{"token":"`+token+`"}`))
	if err != nil {
		return 0, "", "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+b.Token)
	got, err := client.Do(r)
	if err != nil {
		return 0, "", "", err
	}
	defer got.Body.Close()
	data, err := io.ReadAll(got.Body)
	return got.StatusCode, string(data), got.Header.Get("Idempotent-Replay"), err
}

// rush lets buyers buy until enough of them were answered, then kills the server under them.
func (v *victim) rush(buyers []*buyer, enough int) {
	v.t.Helper()
	progress := make(chan struct{}, 10_000)
	var wg sync.WaitGroup
	for _, b := range buyers {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			for _, token := range b.tokens {
				status, body, _, err := b.place(client, v.url, token)
				switch {
				case err != nil:
					b.unknown = token
					return
				case status == http.StatusCreated:
					b.acked[token] = body
				case !strings.Contains(body, "stock.sold_out"):
					v.t.Errorf("%d %s", status, body)
					return
				}
				progress <- struct{}{}
			}
		})
	}
	tooLong := time.After(30 * time.Second)
	for answered := range enough {
		select {
		case <-progress:
			continue
		case <-tooLong:
			v.t.Errorf("%d answers of %d in 30 s", answered, enough)
		}
		break
	}
	v.kill()
	wg.Wait()
}

// TestX1_KilledUnderLoad: after kill -9 every acknowledged order is there, nothing is oversold, the books hold, and a
// token sent again gives the same order (R3).
func TestX1_KilledUnderLoad(t *testing.T) {
	path, at := program(t), "sqlite:"+filepath.Join(t.TempDir(), "market.db")
	const cycles, buyersMax, each, enough, left = 2, 6, 150, 120, 60
	for cycle := range cycles {
		v := startVictim(t, path, at)
		var buyers []*buyer
		v.ask("/bench/guests", map[string]int{"n": buyersMax}, &buyers)
		var tokens [][]string
		v.ask("/bench/tokens", map[string]any{"n": each, "stock": "hot", "guests": buyers}, &tokens)
		for i, b := range buyers {
			b.acked, b.tokens = map[string]string{}, tokens[i]
		}
		v.rush(buyers, enough)
		m, err := node.Open(t.Context(), node.Config{URL: at})
		if err != nil {
			t.Fatal(err)
		}
		if n := recovered(t, m, buyers, cycle); cycle > 0 && n > left {
			t.Fatalf("%d orders were acknowledged for %d pieces", n, left)
		}
		scarce(t, m, left)
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// recovered looks for everything that was promised before the kill, and counts it.
func recovered(t *testing.T, m *node.Market, buyers []*buyer, cycle int) int {
	t.Helper()
	handler, err := m.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	seen, inFlight := map[string]bool{}, 0
	for _, b := range buyers {
		for token, was := range b.acked {
			var said struct{ Order string }
			if err := json.Unmarshal([]byte(was), &said); err != nil || seen[said.Order] {
				t.Fatalf("%q: %v, or two tokens gave one order", was, err)
			}
			seen[said.Order] = true
			if o, err := m.Orders.Any(t.Context(), order.ID(said.Order)); err != nil || o.Shopper != b.Shopper {
				t.Fatalf("cycle %d: acknowledged order %s is gone: %v", cycle, said.Order, err)
			}
			status, again, replay, err := b.place(server.Client(), server.URL, token)
			if err != nil || status != http.StatusCreated || again != was || replay != "true" {
				t.Fatalf("sent again: %d %q %q %v, was %q", status, again, replay, err, was)
			}
		}
		if b.unknown == "" {
			continue
		}
		inFlight++
		status, body, _, err := b.place(server.Client(), server.URL, b.unknown)
		if err != nil || status != http.StatusCreated && !strings.Contains(body, "stock.sold_out") {
			t.Fatalf("what was under way: %d %s %v", status, body, err)
		}
	}
	t.Logf("cycle %d: %d orders acknowledged, %d under way when killed", cycle, len(seen), inFlight)
	for n := 1; n > 0; {
		if n, err = m.Bus.Dispatch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	report, err := verify.Run(t.Context(), m.DB, verify.Options{})
	if err != nil || !report.OK {
		t.Fatalf("the books do not hold: %v %+v", err, report)
	}
	return len(seen)
}

// scarce counts the hot SKU down to a few free pieces, fewer than the next cycle asks for.
func scarce(t *testing.T, m *node.Market, free int64) {
	t.Helper()
	shop, err := m.Shops.ByCode(t.Context(), "bench")
	if err != nil {
		t.Fatal(err)
	}
	sku, p := hot(t, m, shop)
	if p.Free() < 0 || p.Held == 0 {
		t.Fatalf("the pool: %+v", p)
	}
	if err := m.Stock.SetStock(t.Context(), string(shop.ID), sku, p.Held+p.Sold+free); err != nil {
		t.Fatal(err)
	}
}

// hot is the SKU that the orders took from, found by an order.
func hot(t *testing.T, m *node.Market, shop merchant.Shop) (string, stock.Pool) {
	t.Helper()
	recent, err := m.Orders.Recent(t.Context(), "", 1)
	if err != nil || len(recent) == 0 {
		t.Fatalf("no order: %v", err)
	}
	sku := recent[0].Subs[0].Lines[0].SKU
	pools, err := m.Stock.PoolsBySKU(t.Context(), string(shop.ID), []string{sku})
	if err != nil {
		t.Fatal(err)
	}
	return sku, pools[sku]
}

// TestX22_WrongConfigurationIsRefusedAtStart: with words that say what to do and an exit status that says who must do it.
func TestX22_WrongConfigurationIsRefusedAtStart(t *testing.T) {
	path, dir := program(t), t.TempDir()
	file := filepath.Join(dir, "goods.csv")
	if err := os.WriteFile(file, []byte("Handle,Title\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		says   string
		status int
	}{
		{[]string{"serve", "--db", "mysql://here"}, "use sqlite:path or postgres://", 2},
		{[]string{"verify", "--db", "market.db"}, "use sqlite:path or postgres://", 2},
		{[]string{"verify", "--db", "postgres://%zz"}, "use sqlite:path or postgres://", 2},
		{[]string{"serve", "--db", "postgres://u:secret@127.0.0.1:1/x"}, "check its address and password", 1},
		{[]string{"import", "--shop", "ab", "--currency", "XXQ", "--data", dir, file}, "XXQ", 2},
		{[]string{"serve", "--no-such-flag"}, "hutong serve --help", 2},
		{[]string{"serve", "--mail", "smtp://u:secret@mail.example"}, "--mail-from", 2},
	} {
		cmd := exec.CommandContext(t.Context(), path, append([]string{"--lang", "en"}, c.args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != c.status || !strings.Contains(string(out), c.says) {
			t.Errorf("%v: %v\n%s", fmt.Sprint(c.args), err, out)
		}
		if strings.Contains(string(out), "secret") {
			t.Errorf("%v shows the password: %s", c.args, out)
		}
	}
}
