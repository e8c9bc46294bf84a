package page

import (
	"net/http"
	"strconv"

	"hutong/base/fault"
	"hutong/goods/picture"
)

// See sends the browser on to read a page after a form was taken.
func See(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Number reads a form's whole number; text that is none is a refusal at its field. Code: page.number_wrong.
func Number(r *http.Request, field string) (int64, error) {
	n, err := strconv.ParseInt(r.PostFormValue(field), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "page.number_wrong").At(field)
	}
	return n, nil
}

// Own tells whether a refusal is one that a form shows, rather than a page of its own: whoever may not be here, and a
// defect, get the latter.
func Own(err error) bool {
	switch fault.Of(err) {
	case fault.Internal, fault.Unauthenticated, fault.Forbidden:
		return false
	}
	return true
}

// PictureURL is where one size of a picture is served; "" for an id that is none.
func PictureURL(id string, size picture.Size) string {
	if !picture.ID(id).Valid() {
		return ""
	}
	return "/pic/" + id + "/" + string(size)
}
