package shopweb

import (
	"net/http"
	"strconv"
	"time"

	"hutong/goods/picture"
)

// The sizes that pages ask for, as the last part of a picture's address.
const (
	small  = string(picture.Small)  // of a line, a thumb, a logo
	medium = string(picture.Medium) // of a card
	large  = string(picture.Large)  // of a product's page
)

// pictureURL is where a picture is served; "" for none. A name that is no picture's id gives none either: imported
// products may name pictures that were not fetched.
func pictureURL(id, size string) string {
	if !picture.ID(id).Valid() {
		return ""
	}
	return "/pic/" + id + "/" + size
}

// picture serves the bytes of one size. They are named by their content, so browsers keep them for good.
func (w *web) picture(rw http.ResponseWriter, r *http.Request) error {
	f, err := w.Pictures.Open(picture.ID(r.PathValue("picture")), picture.Size(r.PathValue("size")))
	if err != nil {
		return err
	}
	defer f.Close()
	h := rw.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(aYear/time.Second))+", immutable")
	http.ServeContent(rw, r, "", time.Time{}, f)
	return nil
}
