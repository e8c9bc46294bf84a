package loginweb_test

import (
	"testing"

	"hutong/base/text"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/loginweb"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/webtest"
)

// looks are the ways to look at a page, or one in a short run.
func looks() []browsertest.Look {
	if testing.Short() {
		return browsertest.Two()[:1]
	}
	return browsertest.Two()
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

func TestThePagesOfOnesOwnLoginHoldInABrowser(t *testing.T) {
	for _, look := range looks() {
		t.Run(look.String(), func(t *testing.T) {
			s := open(t, func(p *login.Plugs) { p.Sender = loginweb.OnPage{} })
			s.Login(login.Merchant, "boss", s.shop)
			b := browsertest.At(t, s.local(), look)
			b.HoldPasskeys()
			b.Go("/join/" + s.invite(t, login.Clerk, ""))
			b.Check()
			b.Shot("loginweb/join")
			b.Go("/login?next=/account/security")
			b.Fill("#address", "ming@example.com")
			b.Follow("main form button")
			b.Fill("#code", b.Text("output"))
			b.Follow("main form button")
			b.Fill("#passkey-name", "my phone")
			b.Follow("[data-passkey] button")
			b.Follow("#help button")
			b.Check()
			b.Focus()
			b.Shot("loginweb/security")
			b.Click("#passkey-0 summary")
			b.Wait("#passkey-0 dialog:modal")
			b.Check()
			b.Shot("loginweb/security-dialog")
			other := browsertest.At(t, s.local(), look)
			other.Go("/login?way=password&next=/account/security")
			other.Fill("#name", "boss")
			other.Fill("#password", webtest.Password)
			other.Follow("main form button")
			other.Check()
			other.Shot("loginweb/security-desk")
		})
	}
}

func TestAPasskeyGoesRound(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	b := browsertest.At(t, s.local(), browsertest.Look{Lang: text.En})
	b.HoldPasskeys()
	b.Go("/login?way=password&next=/account/security")
	b.Fill("#name", "ming")
	b.Fill("#password", webtest.Password)
	b.Follow("main form button")
	b.Fill("#passkey-name", "my phone")
	b.Follow("[data-passkey] button")
	if got := b.Text("#passkeys .way-words strong"); got != "my phone" {
		t.Fatalf("the passkey is called %q", got)
	}
	b.Fill("#passkey-name", "the same phone")
	b.Click("[data-passkey] button")
	b.Wait("[data-passkey] .wrong") // one is enough on a device
	b.Go("/cart")
	b.Do(`fetch("/logout", {method: "POST"})`)
	b.Go("/login?next=/account/security")
	b.Follow("[data-passkey] button")
	if b.Path() != "/account/security" || b.Text("#sessions .badge") != "This one" {
		t.Fatalf("logged in to %s", b.Path())
	}
	b.Click("#passkey-0-drop summary")
	b.Follow("#passkey-0-drop dialog form .button-bad")
	b.Do(`fetch("/logout", {method: "POST"})`)
	b.Allow("401")
	b.Go("/login")
	b.Click("[data-passkey] button")
	b.Wait("[data-passkey] .wrong")
	if got := b.Text("[data-passkey] .wrong"); got != "the passkey was not accepted" {
		t.Errorf("a removed passkey is refused with %q", got)
	}
}

func TestWithoutScriptThereIsNoPasskeyButton(t *testing.T) {
	s := open(t)
	b := browsertest.At(t, s.local(), browsertest.Look{NoScript: true})
	b.Go("/login")
	if browsertest.Read[bool](b, `document.querySelector("[data-passkey]").checkVisibility()`) {
		t.Error("a button that does nothing is shown")
	}
	away := browsertest.At(t, s.Base(), browsertest.Look{}) // by its number: not where passkeys are good
	away.Go("/login")
	if browsertest.Read[bool](away, `document.querySelector("[data-passkey]").checkVisibility()`) {
		t.Error("a button that cannot work here is shown")
	}
}

func TestTheBarOfWhoLooksOnHoldsInABrowser(t *testing.T) {
	for _, look := range looks() {
		t.Run(look.String(), func(t *testing.T) {
			s := open(t)
			s.Login(login.Operator, "chief", "")
			s.Login(login.Shopper, "ming", "")
			b := browsertest.At(t, s.local(), look)
			b.Bring(gate.SessionCookie, s.looking(t, "ming"))
			for _, c := range []struct{ path, shot string }{{"/", "looking"}, {"/account/security", "looking-security"}} {
				b.Go(c.path)
				b.Check()
				b.Shot("loginweb/" + c.shot)
			}
			b.Follow(".helper button")
			if b.Has(".helper") {
				t.Error("the bar stays")
			}
		})
	}
}
