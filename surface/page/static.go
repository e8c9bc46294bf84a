package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed css/*.css page.js live.js htmx/*.js favicon.svg
var ownFiles embed.FS

// Assets are the stylesheet, the script and the mark, each under a name that holds the hash of its content, so that
// browsers keep them for good.
type Assets struct {
	byURL map[string]asset
	urls  map[string]string // plain name -> URL
}

type asset struct {
	kind          string
	plain, packed []byte
}

var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// loadAssets makes the assets once for all webs: packing them takes longer than anything else that a start does.
var loadAssets = sync.OnceValues(makeAssets)

// makeAssets joins the stylesheet's parts in the order of their names.
func makeAssets() (*Assets, error) {
	a := &Assets{byURL: map[string]asset{}, urls: map[string]string{}}
	sheets, err := fs.Glob(ownFiles, "css/*.css")
	if err != nil {
		return nil, err
	}
	var css []byte
	for _, name := range sheets {
		part, err := ownFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		css = append(css, part...)
	}
	if err := a.add("hutong.css", "text/css; charset=utf-8", css); err != nil {
		return nil, err
	}
	for _, name := range []string{"page.js", "live.js", "htmx/htmx.min.js", "htmx/sse.min.js", "favicon.svg"} {
		data, err := ownFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := a.add(path.Base(name), kinds[path.Ext(name)], data); err != nil {
			return nil, err
		}
	}
	a.byURL[bareIcon] = a.byURL[a.urls["favicon.svg"]]
	return a, nil
}

// bareIcon is where browsers look for the mark of what is no page of ours: a document of the API, a PDF.
const bareIcon = "/favicon.ico"

func (a *Assets) add(name, kind string, data []byte) error {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	url := "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	a.byURL[url] = asset{kind: kind, plain: data, packed: b.Bytes()}
	a.urls[name] = url
	return nil
}

// URL is where a file is served; "" for one that there is none of.
func (a *Assets) URL(name string) string { return a.urls[name] }

// ServeHTTP answers /static/{name} and /favicon.ico.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if r.URL.Path == bareIcon { // its name does not tell what is in it
		h.Set("Cache-Control", "public, max-age=86400")
	}
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if packs(r) {
		h.Set("Content-Encoding", "gzip")
		body = file.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a reader who has gone away is no error of ours
}
