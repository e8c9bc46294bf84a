package browsertest

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/axe.min.js
var axe string

//go:embed testdata/judge.js
var judge string

// Check holds the page to everything that holds for all pages: Axe and Measure.
func (b *Tab) Check() {
	b.t.Helper()
	b.Axe()
	b.Measure()
}

// Measure is the part of Check that costs little: Fits, Words, Taps on a phone, and the console.
func (b *Tab) Measure() {
	b.t.Helper()
	b.Fits()
	b.Words()
	if b.look.Width < 600 {
		b.Taps()
	}
	b.reportProblems()
}

// Axe runs axe-core with the rules of WCAG 2.0 to 2.2, levels A and AA. A violation fails with its rule and element.
// A tab without script has no clock for it to run by, and is passed over.
func (b *Tab) Axe() {
	b.t.Helper()
	if b.look.NoScript {
		return
	}
	if !Read[bool](b, `typeof window.axe === "object"`) {
		b.do("load axe-core", chromedp.Evaluate[chromedp.Void](axe))
	}
	for _, wrong := range b.judged("axe()") {
		b.t.Errorf("%s %s: axe: %s", b.look, b.Path(), wrong)
	}
}

// Fits fails when the page scrolls sideways, and names what sticks out.
func (b *Tab) Fits() {
	b.t.Helper()
	for _, wrong := range b.judged("fits()") {
		b.t.Errorf("%s %s: wider than the window: %s", b.look, b.Path(), wrong)
	}
}

// Words fails when the key of a sentence stands where the sentence should.
func (b *Tab) Words() {
	b.t.Helper()
	for _, wrong := range b.judged("words()") {
		b.t.Errorf("%s %s: a sentence is missing: %s", b.look, b.Path(), wrong)
	}
}

// Taps fails when a control is lower than 44 px, too small for a thumb. Links inside a sentence may be.
func (b *Tab) Taps() {
	b.t.Helper()
	for _, wrong := range b.judged("taps()") {
		b.t.Errorf("%s %s: too small for a thumb: %s", b.look, b.Path(), wrong)
	}
}

// Focus fails when the keyboard's focus on an element cannot be seen.
func (b *Tab) Focus() {
	b.t.Helper()
	// From the page's last element the key would leave the page.
	b.Do(`document.querySelector("a[href], button, input")?.focus()`)
	b.Press(kb.Tab) // from now on the browser knows that the keyboard is used
	for _, wrong := range b.judged("focus()") {
		b.t.Errorf("%s %s: the focus is not seen: %s", b.look, b.Path(), wrong)
	}
}

func (b *Tab) judged(question string) []string {
	b.t.Helper()
	return Read[[]string](b, "("+judge+")()."+question)
}

// Paint is how a page came up.
type Paint struct {
	Shift   float64       // cumulative layout shift, without dimension
	Largest time.Duration // when the largest piece was painted, from the start of the navigation
}

// Paint measures the page that was opened last, in a tab with script.
func (b *Tab) Paint() Paint {
	b.t.Helper()
	p := Read[struct {
		Shift   float64 `json:"shift"`
		Largest float64 `json:"largest"`
	}](b, "("+judge+")().paint()")
	return Paint{Shift: p.Shift, Largest: time.Duration(p.Largest * float64(time.Millisecond))}
}

// Shift is how far the layout of the page that was opened last has moved so far, without dimension.
func (b *Tab) Shift() float64 {
	b.t.Helper()
	return Read[float64](b, "("+judge+")().shift()")
}

// Weight is how many bytes of HTML, CSS and scripts the page that was opened last took over the wire, packed as they
// came. Pictures are not counted. The browser must not have had them before: ask in a fresh tab.
func (b *Tab) Weight() int {
	b.t.Helper()
	return Read[int](b, "("+judge+")().weight()")
}

// listen notes what the page writes to the console: errors, uncaught exceptions, what the content policy blocked.
func (b *Tab) listen() {
	b.marks = make(chan string, 16)
	messages := chromedp.Console(b.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return // the tab is closed
			}
			if mark, ok := strings.CutPrefix(m.Text, markText); ok {
				b.marks <- mark
				continue
			}
			b.note(m)
		}
	}()
}

const markText = "browsertest: mark "

// aborted is what htmx says of a request whose page was left before the answer came: the person went on, nothing
// failed.
const aborted = "htmx:sendAbort"

func (b *Tab) note(m chromedp.ConsoleMessage) {
	bad := m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException || m.Source == "security"
	if !bad || strings.Contains(m.Text, aborted) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, fmt.Sprintf("%s %s (%s:%d)", m.Source, m, m.URL, m.Line+1))
}

// Allow expects console errors that contain a text, such as the "404" of a page that is asked for in vain.
func (b *Tab) Allow(text string) { b.allowed = append(b.allowed, text) }

// Problems are the console's errors since the last call, without the allowed ones.
func (b *Tab) Problems() []string {
	b.t.Helper()
	b.catchUp()
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []string
	for _, p := range b.problems {
		if !b.mayBe(p) {
			left = append(left, p)
		}
	}
	b.problems = nil
	return left
}

func (b *Tab) mayBe(problem string) bool {
	for _, text := range b.allowed {
		if strings.Contains(problem, text) {
			return true
		}
	}
	return false
}

// catchUp waits until all that the console has said has reached us: what we say to it ourselves comes last.
func (b *Tab) catchUp() {
	b.t.Helper()
	b.do("mark the console", chromedp.Evaluate[chromedp.Void](`console.debug(`+quote(markText)+`)`))
	select {
	case <-b.marks:
	case <-b.ctx.Done():
	}
}

func (b *Tab) reportProblems() {
	b.t.Helper()
	if b.t.Failed() || b.t.Skipped() {
		return // the tab may be in no state to answer, and the first failure says more
	}
	for _, p := range b.Problems() {
		b.t.Errorf("%s %s: console: %s", b.look, b.Path(), p)
	}
}
