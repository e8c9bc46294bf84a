package shopweb

import (
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/deal/voucher"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// A code that a guest typed stays with their browser while they log in, and is sent to this page alone: it is worth
// money to whoever has it, so that it stands in no address and in no log. It is gone once it was shown.
const (
	codeCookie = "redeem"
	codeAge    = 600 // seconds
	codeMax    = 40
)

func keepCode(rw http.ResponseWriter, r *http.Request, code string) {
	if len(code) <= codeMax {
		gate.SetCookie(rw, r, gate.Cookie{Name: codeCookie, Value: url.QueryEscape(code), Path: walletPath, Age: codeAge})
	}
}

func takeCode(rw http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(codeCookie)
	if err != nil {
		return ""
	}
	gate.SetCookie(rw, r, gate.Cookie{Name: codeCookie, Path: walletPath, Age: -1})
	code, err := url.QueryUnescape(c.Value)
	if err != nil || len(code) > codeMax {
		return ""
	}
	return code
}

// redeem turns a code into a voucher.
func (w *web) redeem(rw http.ResponseWriter, r *http.Request) error {
	if w.Vouchers == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	who := gate.Who(r.Context())
	_, err := w.Vouchers.Redeem(r.Context(), voucher.Redeem{Shopper: who.Shopper, Guest: who.Login == "",
		Code: r.PostFormValue("code")})
	switch {
	case fault.Is(err, "voucher.login"):
		keepCode(rw, r, r.PostFormValue("code"))
		return see(rw, r, "/login?"+url.Values{"next": {walletPath}}.Encode())
	case err != nil && fault.Of(err) == fault.Internal:
		return err
	case err != nil:
		return w.showWallet(rw, r, fault.Of(err).Status(), err)
	}
	page.Flash(rw, "good", "shopweb.voucher_claimed")
	return see(rw, r, walletPath)
}
