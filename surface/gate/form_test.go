package gate_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hutong/surface/gate"
)

// greedy is a page that takes files, and asks for a field of its form first, as handlers do.
func greedy(t *testing.T) *gate.Mux {
	return open(t, options(), gate.Route{Name: "files", Method: "POST", Path: "/files", Roles: gate.Anyone(), Page: true,
		BodyMax: 64 << 20, Handler: gate.Verb(func(w http.ResponseWriter, r *http.Request) error {
			text := r.PostFormValue("text")
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return err
			}
			_, err := fmt.Fprint(w, len(text))
			return err
		})})
}

// counted counts what is read of it.
type counted struct {
	io.Reader
	read int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	return n, err
}

func post(m http.Handler, kind string, body io.Reader, length int64) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/files", body)
	r.ContentLength = length
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w
}

// TestA28_OnlyFilesAreLarge: a page that takes pictures of 64 MB takes no text of 64 MB, which would stand in memory
// several times over before its handler has looked at anything.
func TestA28_OnlyFilesAreLarge(t *testing.T) {
	const large = 8 << 20
	for _, kind := range []string{"application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded; charset=utf-8",
		"text/plain", "application/octet-stream", ""} {
		for _, length := range []int64{large, -1} {
			body := &counted{Reader: strings.NewReader("text=" + strings.Repeat("x", large-5))}
			got := post(greedy(t), kind, body, length)
			if got.Body.String() != "page gate.body zh-CN" {
				t.Errorf("%q of length %d: %d %.80s", kind, length, got.Code, got.Body)
			}
			if body.read > 3<<20 {
				t.Errorf("%q of length %d: %d bytes were read", kind, length, body.read)
			}
		}
	}
	parts := "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n" + strings.Repeat("x", 2<<20) + "\r\n--b--\r\n"
	if got := post(greedy(t), "multipart/form-data; boundary=b", strings.NewReader(parts), -1); got.Code != 200 {
		t.Errorf("a file: %d %.80s", got.Code, got.Body)
	}
}

// TestAFormThatCannotBeReadIsRefused: what stands in half of a form is not what somebody sent.
func TestAFormThatCannotBeReadIsRefused(t *testing.T) {
	for body, want := range map[string]int{"text=abc": 200, "": 200, "text=%E8%8C%B6": 200, "text=%zz": 400,
		"text=a;word=b": 400, "text=a%00b": 400, "text%00=a": 400, "text=%ff": 400, "other=%e8%8c": 400} {
		got := post(greedy(t), "application/x-www-form-urlencoded", strings.NewReader(body), -1)
		if got.Code != want || want == 400 && got.Body.String() != "page gate.form zh-CN" {
			t.Errorf("%q: %d %s", body, got.Code, got.Body)
		}
	}
}
