package loginweb_test

import (
	"testing"

	"hutong/base/text"
	"hutong/party/login"
	"hutong/surface/loginweb"
	"hutong/surface/page/browsertest"
)

// looks are all ways to look at a page, or one in a short run.
func looks() []browsertest.Look {
	if testing.Short() {
		return browsertest.Looks()[:1]
	}
	return browsertest.Looks()
}

func TestThePagesOfLoggingInHoldInABrowser(t *testing.T) {
	for _, look := range looks() {
		t.Run(look.String(), func(t *testing.T) {
			s := open(t, func(p *login.Plugs) { p.Sender = loginweb.OnPage{} })
			b := browsertest.At(t, s.local(), look)
			for _, c := range []struct{ path, shot string }{{"/login?next=/cart", "login"},
				{"/login?way=password", "login-password"}, {"/register", "register"}} {
				b.Go(c.path)
				b.Check()
				b.Focus()
				b.Shot("loginweb/" + c.shot)
			}
			b.Go("/login")
			b.Fill("#address", "ming@example.com")
			b.Follow("main form button")
			b.Check()
			b.Shot("loginweb/code")
			b.Allow("401")
			b.Fill("#code", "1")
			b.Follow("main form button")
			b.Check()
			b.Shot("loginweb/code-wrong")
			if look.Lang == text.Zh && b.Text("h1") != "输入验证码" {
				t.Errorf("%q", b.Text("h1"))
			}
		})
	}
}
