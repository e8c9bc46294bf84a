package shopweb

import (
	"net/http"
	"testing"
	"time"

	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/webtest"
	"hutong/trade/group"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// TestTheGroupPagesHoldInABrowser opens the pages of buying together in Chromium and holds them to what all pages are
// held to.
func TestTheGroupPagesHoldInABrowser(t *testing.T) {
	s := open(t)
	s.Group(group.SetUp{Shop: s.tea, Goods: string(s.cups[0].ID), Window: time.Hour, Steps: []group.Step{
		{Size: 2, Price: 1490}, {Size: 4, Price: 1290}}})
	lead := s.member(t, "lily")
	lead.Get("/addresses/new?next=/cart&region=CN-33").Submit("保存并使用", homeless)
	s.pays(t, lead.Get("/p/"+string(s.cup)).Follow("发起拼团"))
	code := lead.Get("/me/groups").Follow("查看拼团").Path
	s.Clock.Advance(keepFor)
	token, _, err := s.Logins.Enter(t.Context(), login.Enter{Name: "lily", Password: webtest.Password})
	s.Must(err)
	as := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: token})
		s.handler.ServeHTTP(w, r)
	})
	for _, l := range browsertest.Two() {
		t.Run(l.String(), func(t *testing.T) {
			b := browsertest.Open(t, as, l)
			for name, path := range map[string]string{"product": "/p/" + string(s.cup), "group": code, "mine": "/me/groups"} {
				b.Go(path)
				b.Check()
				b.Shot("shop-group-" + name)
			}
		})
	}
}
