package shopweb

import (
	"net/http"
	"strconv"
	"time"

	"hutong/goods/picture"
)

// The sizes that pages ask for, as the last part of a picture's address.
const (
	small  = picture.Small  // of a line, a thumb, a logo
	medium = picture.Medium // of a card
	large  = picture.Large  // of a product's page
)

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
