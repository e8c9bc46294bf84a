package gate

import (
	"errors"
	"mime"
	"net/http"

	"hutong/base/fault"
)

const (
	formType  = "application/x-www-form-urlencoded"
	filesType = "multipart/form-data"
)

func mediaOf(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// most is how many bytes a request's body may have. Routes that take files take them as forms of parts, which are read
// part by part; any other form stands in memory as a whole, so that none is large.
func (d *door) most(r *http.Request) int64 {
	if d.route.BodyMax > bodyMax && mediaOf(r) != filesType {
		return bodyMax
	}
	return d.route.BodyMax
}

// readable reads the form that a page sends, before anybody acts on it: handlers ask for a field and take one that
// cannot be read for one that is empty. A NUL and what is not UTF-8 are no browser's, and not PostgreSQL's either.
// Codes: gate.form, gate.body.
func (d *door) readable(r *http.Request) error {
	if !d.route.Page || !unsafe(r) || mediaOf(r) != formType {
		return nil
	}
	if err := r.ParseForm(); err != nil {
		if cut := (*http.MaxBytesError)(nil); errors.As(err, &cut) {
			return err
		}
		return fault.New(fault.Invalid, "gate.form").Because(err)
	}
	for name, values := range r.PostForm {
		for _, v := range values {
			if !word(name) || !word(v) {
				return fault.New(fault.Invalid, "gate.form")
			}
		}
	}
	return nil
}
