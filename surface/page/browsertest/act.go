package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Tab is one visitor's tab. Its methods fail the test when the page does not let them do what they say.
type Tab struct {
	t    testing.TB
	ctx  context.Context
	base string
	look Look

	mu       sync.Mutex
	problems []string
	marks    chan string
	allowed  []string
}

// Base is the server's address.
func (b *Tab) Base() string { return b.base }

// Look is how this tab looks at pages.
func (b *Tab) Look() Look { return b.look }

func (b *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail(what, err)
	}
}

// fail ends the test with what the tab did not do, where it stands, and what its console has said.
func (b *Tab) fail(what string, err error) {
	b.t.Helper()
	b.t.Fatalf("%s: %s: %v%s", b.look, what, err, b.scene())
}

func (b *Tab) scene() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return ", and the tab does not say where"
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf(", at %s; console: %q", at, b.problems)
}

// run does an action that gives something back.
func run[T any](b *Tab, what string, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		b.fail(what, err)
	}
	return v
}

func call[P, R any](b *Tab, cmd cdp.Command[P, R], p P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, cmd, p); err != nil {
		b.t.Fatalf("%s: %v", cmd.Method, err)
	}
}

// Go opens a path and waits until the page is loaded.
func (b *Tab) Go(path string) {
	b.t.Helper()
	var err error
	for range goTries {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		err = chromedp.Do(ctx, chromedp.Navigate(b.base+path))
		cancel()
		if err == nil || !strings.Contains(err.Error(), "net::ERR_ABORTED") {
			break
		}
	}
	if err != nil {
		b.fail("open "+path, err)
	}
}

// goTries is how often a page is opened: one that was open before may be loading itself anew just then, because it had
// news, and then it is that load which goes on.
const goTries = 5

// Click clicks what stays on the page; for a link or a button that leads on, see Follow.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Follow clicks a link or a form's button and waits until the next page is loaded.
func (b *Tab) Follow(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		b.fail("follow "+selector, err)
	}
}

// Fill types a value into a field, over what stood there.
func (b *Tab) Fill(selector, value string) {
	b.t.Helper()
	field := chromedp.CSS(selector)
	b.do("fill "+selector, chromedp.Clear(field, chromedp.NodeVisible), chromedp.SendKeys(field, value))
}

// Choose sets the value of a select.
func (b *Tab) Choose(selector, value string) {
	b.t.Helper()
	b.do("choose "+selector, chromedp.SetValue(chromedp.CSS(selector), value, chromedp.NodeVisible))
	b.Do(`document.querySelector(` + quote(selector) + `).dispatchEvent(new Event("change", {bubbles: true}))`)
}

// Upload gives files to a file field.
func (b *Tab) Upload(selector string, files ...string) {
	b.t.Helper()
	b.do("upload "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), files, chromedp.NodeReady))
}

// Press types keys to whatever has the focus; package kb of chromedp names the special ones.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.do("press a key", chromedp.KeyEvent(keys))
}

// Wait waits until an element is seen.
func (b *Tab) Wait(selector string) {
	b.t.Helper()
	b.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Gone waits until an element is no longer there.
func (b *Tab) Gone(selector string) {
	b.t.Helper()
	b.do("wait until gone: "+selector, chromedp.WaitNotPresent(chromedp.CSS(selector)))
}

// Has tells whether an element is on the page.
func (b *Tab) Has(selector string) bool {
	b.t.Helper()
	return Read[bool](b, `document.querySelector(`+quote(selector)+`) !== null`)
}

// Text is what an element says to the eye.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(run(b, "read "+selector, chromedp.Text(chromedp.CSS(selector), chromedp.NodeReady)))
}

// Path is where the tab is, with the query.
func (b *Tab) Path() string {
	b.t.Helper()
	at, err := url.Parse(run(b, "read the address", chromedp.Location()))
	if err != nil {
		b.t.Fatal(err)
	}
	return at.RequestURI()
}

// Do runs a script in the page.
func (b *Tab) Do(script string) {
	b.t.Helper()
	b.do("run a script", chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise))
}

// Read runs a script in the page and gives its value; a promise is waited for.
func Read[T any](b *Tab, script string) T {
	b.t.Helper()
	return run(b, "run a script", chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// Shot keeps a picture of the whole page as screenshots/NAME-LOOK.png at the root of the repository, where git does
// not see it, for people to look at. It is taken where HUTONG_SHOTS is set: nobody looks at those of most runs.
func (b *Tab) Shot(name string) {
	b.t.Helper()
	if os.Getenv("HUTONG_SHOTS") == "" {
		return
	}
	picture := run(b, "take a picture", chromedp.FullScreenshot(100))
	file := filepath.Join(b.root(), "screenshots", name+"-"+b.look.String()+".png")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// root is the folder of go.mod.
func (b *Tab) root() string {
	b.t.Helper()
	at, err := os.Getwd()
	if err != nil {
		b.t.Fatal(err)
	}
	for dir := at; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			b.t.Fatalf("no go.mod above %s", at)
		}
	}
}

func quote(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be written
	}
	return string(out)
}
