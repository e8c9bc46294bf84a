package api

import (
	"strings"
	"testing"

	"hutong/surface/page/browsertest"
)

// TestMain ends the browser.
func TestMain(m *testing.M) { browsertest.Main(m) }

// TestThePageHasAPlaceForEachResource: each is linked once, to one place, with all that can be done with it.
func TestThePageHasAPlaceForEachResource(t *testing.T) {
	ops := (&api{}).ops()
	page, err := readable(ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range ops {
		for _, once := range []string{`href="#` + o.tag + `"`, `<section id="` + o.tag + `"`, `<article id="` + o.name + `"`} {
			if n := strings.Count(string(page), once); n != 1 {
				t.Errorf("%s stands %d times on the page", once, n)
			}
		}
	}
}

// TestThePageIsReadOnAPhoneAndADesk: it is held to what all pages are.
func TestThePageIsReadOnAPhoneAndADesk(t *testing.T) {
	d := openDesk(t)
	for _, l := range browsertest.Two() {
		t.Run(l.String(), func(t *testing.T) {
			b := browsertest.At(t, d.server.URL, l)
			b.Go("/api/docs")
			b.Check()
			b.Focus()
			b.Shot("api-docs")
		})
	}
}
