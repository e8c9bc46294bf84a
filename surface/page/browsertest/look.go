package browsertest

import (
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"hutong/base/text"
)

// The widths at which pages are judged: a small phone and a desk.
const (
	Phone = 360
	Desk  = 1280
)

// Look is how a visitor sees pages. The zero value is a phone by day, in Chinese, with script.
type Look struct {
	Width    int
	Dark     bool
	Lang     text.Lang
	NoScript bool
	Moves    bool // with transitions; tests stand still by themselves
}

// Four are looks in which every two of width, colours and language meet: what breaks a page is a pair of them, such as
// long words on a narrow page. What all pages are made of is judged in these.
func Four() []Look { return append(Two(), OtherTwo()...) }

// Two are a phone and a desk that differ in all that a look is: each width, both colours and both languages are seen.
// A page that is made of what Four have judged, and of its own words, is judged in these.
func Two() []Look {
	return []Look{{Width: Phone, Lang: text.Zh}, {Width: Desk, Dark: true, Lang: text.En}}
}

// OtherTwo are those of Four that are not Two: a journey over pages that their own rooms judge in Two takes these.
func OtherTwo() []Look {
	return []Look{{Width: Phone, Dark: true, Lang: text.En}, {Width: Desk, Lang: text.Zh}}
}

func (l Look) whole() Look {
	if l.Width == 0 {
		l.Width = Phone
	}
	if l.Lang == "" {
		l.Lang = text.Zh
	}
	return l
}

// String names a look as subtests and pictures are named: "360-dark-zh-CN".
func (l Look) String() string {
	l = l.whole()
	scheme, script := "light", ""
	if l.Dark {
		scheme = "dark"
	}
	if l.NoScript {
		script = "-noscript"
	}
	return fmt.Sprintf("%d-%s-%s%s", l.Width, scheme, l.Lang, script)
}

// height is that of the window: a common phone's and a common laptop's.
func (l Look) height() int64 {
	if l.Width < 600 {
		return 740
	}
	return 800
}

// dress sets up the tab.
func (b *Tab) dress(l Look) {
	b.t.Helper()
	b.look = l.whole()
	l = b.look
	scheme, motion := "light", "reduce"
	if l.Dark {
		scheme = "dark"
	}
	if l.Moves {
		motion = "no-preference"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion}}}
	size := chromedp.EmulateViewport(int64(l.Width), l.height())
	if l.Width < 600 {
		size = chromedp.EmulateViewport(int64(l.Width), l.height(), chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	b.do("set up", size)
	tongue := network.Headers{"Accept-Language": string(l.Lang)}
	call(b, emulation.SetEmulatedMedia, media)
	call(b, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: string(l.Lang)})
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: tongue})
	if l.NoScript {
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
}

// Slow makes the processor so many times slower, as a cheap phone's is.
func (b *Tab) Slow(times int) {
	b.t.Helper()
	call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: float64(times)})
}
