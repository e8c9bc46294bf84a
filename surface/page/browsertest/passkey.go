package browsertest

import (
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
)

// HoldPasskeys gives the tab's visitor a device that keeps passkeys and says yes to whatever it is asked, until the
// tab is closed.
func (b *Tab) HoldPasskeys() {
	b.t.Helper()
	call(b, webauthn.Enable, webauthn.EnableParams{})
	call(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
			Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true}})
}

// Bring gives the tab a cookie of the server, such as a session's.
func (b *Tab) Bring(name, value string) {
	b.t.Helper()
	call(b, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.base + "/"})
}
