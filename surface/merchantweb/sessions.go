package merchantweb

import (
	"net/http"

	"hutong/surface/page"
)

// sessions leads to the page that is one for everybody who looks after their own login.
func sessions(rw http.ResponseWriter, r *http.Request) error {
	return page.See(rw, r, "/account/security#sessions")
}
