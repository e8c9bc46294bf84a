// Package browsertest drives Debian's Chromium over real pages, for tests only: at a phone's and a desk's width, light
// and dark, in both languages. It fails a test on what a careful tester would report: a rule of axe-core broken, an
// error in the console, a page that scrolls sideways, a control too small for a thumb, a focus that nobody sees.
//
// A test package has one browser: its TestMain calls Main. Each Tab has cookies of its own, so two tabs are two
// visitors. Where there is no Chromium the test is skipped with one line, unless HUTONG_REQUIRE names it.
//
// Read this file first, then look.go (how a tab looks at pages), act.go (what it does) and judge.go (what it checks).
package browsertest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience bounds one action on a slow machine; what takes longer hangs.
const patience = 45 * time.Second

// process is the one browser of a test binary.
type process struct {
	mu      sync.Mutex
	ready   bool // Main runs
	ctx     context.Context
	cancels []context.CancelFunc
	err     error
}

var browser process

// Main runs a package's tests and ends the browser after them: func TestMain(m *testing.M) { browsertest.Main(m) }.
func Main(m *testing.M) {
	browser.ready = true
	code := m.Run()
	browser.stop()
	os.Exit(code)
}

func (p *process) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx != nil {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		_ = chromedp.Cancel(ctx) // the process goes with us in any case
		cancel()
	}
	for _, cancel := range p.cancels {
		cancel()
	}
}

var errNotMain = errors.New("TestMain must call browsertest.Main, which ends the browser")

// start starts the browser when it does not run yet.
func (p *process) start() (context.Context, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ready {
		return nil, errNotMain
	}
	if p.ctx != nil || p.err != nil {
		return p.ctx, p.err
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		p.err = err
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(patience))
	allocator, free := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	p.cancels = []context.CancelFunc{end, free}
	if p.err = chromedp.Do(ctx); p.err == nil {
		p.ctx = ctx
	}
	return p.ctx, p.err
}

// Open serves a handler for the length of the test and opens a tab on it.
func Open(t testing.TB, h http.Handler, l Look) *Tab {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close) // runs after the tab, which was opened later, is closed
	return At(t, server.URL, l)
}

// At opens a tab on a server that runs: another visitor, with cookies of its own.
func At(t testing.TB, base string, l Look) *Tab {
	t.Helper()
	parent, err := browser.start()
	if err != nil {
		if errors.Is(err, errNotMain) || strings.Contains(os.Getenv("HUTONG_REQUIRE"), "chromium") {
			t.Fatalf("no Chromium: %v", err)
		}
		t.Skip("no Chromium here (apt-get install chromium fonts-noto-cjk)")
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	tab := &Tab{t: t, ctx: ctx, base: base, look: l}
	t.Cleanup(func() {
		tab.reportProblems()
		cancel()
	})
	tab.listen()
	tab.dress(l)
	return tab
}
