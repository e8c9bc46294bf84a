package walletweb

import (
	"crypto/rand"
	"net/http"
	"strings"

	"hutong/funds/pay/sandbox"
)

// payerCookie keeps, on this phone, the account at the wallet that pays.
const payerCookie = "wallet_account"

// payerOf is the account that pays: the one that the form names, else this phone's, else a new one.
func payerOf(r *http.Request) string {
	if named := strings.TrimSpace(r.PostFormValue("payer")); named != "" {
		return named
	}
	if c, err := r.Cookie(payerCookie); err == nil && c.Value != "" && len(c.Value) <= sandbox.PayerMax {
		return c.Value
	}
	return "phone-" + strings.ToLower(rand.Text()[:8])
}

// keepPayer has the phone remember its account.
func keepPayer(rw http.ResponseWriter, payer string) {
	http.SetCookie(rw, &http.Cookie{Name: payerCookie, Value: payer, Path: Path, MaxAge: 365 * 24 * 3600, HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
}
