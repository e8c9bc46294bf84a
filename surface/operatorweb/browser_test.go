package operatorweb

import (
	"testing"

	"hutong/base/checkup"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/webtest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// An audit that takes longer than the form waits is shown as under way, and the page turns by itself when it is over.
func TestALongAuditTurnsThePageByItself(t *testing.T) {
	s := open(t)
	s.hold = make(chan struct{})
	s.found = []checkup.Check{{Name: "stock.promised", Rule: "I-K3", OK: true, Counted: 12_345}}
	b := browsertest.Open(t, s.handler, browsertest.Look{Width: browsertest.Desk})
	b.Go("/login?way=password&next=/operator/integrity")
	b.Fill("input[name=name]", "boss")
	b.Fill("input[name=password]", webtest.Password)
	b.Follow("form[action='/login'] button[type=submit]")
	b.Follow("form[action='/operator/integrity'] button")
	b.Wait("[hx-trigger] .notice-plain")
	b.Check()
	close(s.hold)
	b.Gone("[hx-trigger]")
	b.Gone(".notice-plain")
	b.Wait("#checks .badge-done")
	b.Check()
}
