package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// browser is a shopper's browser without script: it keeps cookies and follows redirects.
type browser struct {
	ctx    context.Context
	client *http.Client
	base   string
	at     *url.URL // where the last answer came from
}

func newVisitor(ctx context.Context, base string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	return &browser{ctx: ctx, client: &http.Client{Jar: jar}, base: base}, err
}

func (v *browser) get(path string) (page string, err error) {
	r, err := http.NewRequestWithContext(v.ctx, http.MethodGet, v.base+path, nil)
	if err != nil {
		return "", err
	}
	return v.send(r)
}

func (v *browser) post(path string, form url.Values) (page string, err error) {
	r, err := http.NewRequestWithContext(v.ctx, http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.send(r)
}

// pageMax bounds what is read of one page.
const pageMax = 4 << 20

func (v *browser) send(r *http.Request) (page string, err error) {
	answer, err := v.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	v.at = answer.Request.URL
	data, err := io.ReadAll(io.LimitReader(answer.Body, pageMax))
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("demo: %s %s answered %s", r.Method, r.URL.Path, answer.Status)
	}
	return string(data), err
}

// between is the text after one mark and before the next, "" when they are not there.
func between(page, from, until string) string {
	_, rest, found := strings.Cut(page, from)
	text, _, closed := strings.Cut(rest, until)
	if !found || !closed {
		return ""
	}
	return text
}
