// Package walletweb is the phone page of the simulated wallets: what a shopper sees behind the QR code or the link, as
// another company would show it, in that company's look.
//
// It talks to the simulated company only, never to the market: paying here reaches the market as a signed
// notification like any other. It works without script. Read this file first, then views.go.
package walletweb

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/funds/pay/sandbox"
	"hutong/surface/gate"
)

//go:embed html/*.html
var files embed.FS

//go:embed wallet.css
var css []byte

//go:embed text.json
var textJSON []byte

// Texts are the sentences of these pages.
var Texts = text.MustParse(textJSON)

// Path is where the pages are.
const Path = "/wallet"

const cssPath = Path + "/static/wallet.css"

// Wallet is a simulated wallet that has pages.
type Wallet interface {
	Name() string
	// Scan finds the bill behind a QR code; a code of another wallet is not found.
	Scan(ctx context.Context, qr string) (sandbox.Bill, error)
}

// Deps are what the pages are made with.
type Deps struct {
	Company *sandbox.Company
	Wallets []Wallet
	Texts   text.Bundle    // of all rooms: a page shows any refusal
	Zone    *time.Location // of the times that are shown
	// Back leads from a paid bill to the merchant's page of the order; nil shows no way back.
	Back func(order string) string
}

type web struct {
	Deps
	pages map[text.Lang]*template.Template
}

// New makes the pages. An error is a defect of the build: a template that cannot be read.
func New(d Deps) ([]gate.Route, error) {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	w := &web{Deps: d, pages: map[text.Lang]*template.Template{}}
	for _, l := range []text.Lang{text.Zh, text.En} {
		t, err := w.parse(l)
		if err != nil {
			return nil, err
		}
		w.pages[l] = t
	}
	get, post := http.MethodGet, http.MethodPost
	return []gate.Route{
		w.row("bill", get, "/{wallet}/{bill}", w.bill),
		w.row("act", post, "/{wallet}/{bill}", w.act),
		w.row("scan", get, "/scan", w.scan),
		w.row("css", get, strings.TrimPrefix(cssPath, Path), style),
	}, nil
}

func (w *web) parse(l text.Lang) (*template.Template, error) {
	return template.New("wallet").Option("missingkey=error").Funcs(template.FuncMap{
		"t":   func(key string, pairs ...any) string { return w.Texts.Text(l, key, pairs...) },
		"css": func() string { return cssPath },
	}).ParseFS(files, "html/*.html")
}

// formMax bounds what a page sends: a button.
const formMax = 4 << 10

// row is a route that refuses in the wallet's own look.
func (w *web) row(name, method, path string, h func(http.ResponseWriter, *http.Request) error) gate.Route {
	return gate.Route{Name: "wallet." + name, Method: method, Path: Path + path, Roles: gate.Anyone(), Page: true,
		BodyMax: formMax, Handler: gate.Verb(func(rw http.ResponseWriter, r *http.Request) error {
			err := h(rw, r)
			if err == nil || fault.Of(err) == fault.Internal {
				return err // what is broken is logged and shown by the gate
			}
			return w.refuse(rw, r, fault.As(err))
		})}
}

func (w *web) bill(rw http.ResponseWriter, r *http.Request) error {
	b, err := w.find(r)
	if err != nil {
		return err
	}
	v := w.viewBill(r, b)
	if b.State == sandbox.Unpaid {
		v.Bill.Payer = payerOf(r)
		keepPayer(rw, v.Bill.Payer)
	}
	return w.show(rw, r, http.StatusOK, "bill", v)
}

func (w *web) find(r *http.Request) (sandbox.Bill, error) {
	if !w.known(r.PathValue("wallet")) {
		return sandbox.Bill{}, fault.New(fault.NotFound, "sandbox.no_bill")
	}
	return w.Company.Bill(r.Context(), r.PathValue("wallet"), r.PathValue("bill"))
}

func (w *web) known(name string) bool {
	for _, wallet := range w.Wallets {
		if wallet.Name() == name {
			return true
		}
	}
	return false
}

// late is how long the third button keeps the market waiting.
const late = 30 * time.Second

// act does what a button says and goes back to the bill: reading that page again pays nothing.
func (w *web) act(rw http.ResponseWriter, r *http.Request) error {
	b := sandbox.Bill{Wallet: r.PathValue("wallet"), No: r.PathValue("bill")}
	if !w.known(b.Wallet) {
		return fault.New(fault.NotFound, "sandbox.no_bill")
	}
	var err error
	payer := payerOf(r)
	said := ""
	switch do := r.PostFormValue("do"); do {
	case "pay":
		_, err = w.Company.PayBill(r.Context(), b.Wallet, b.No, sandbox.Behaviour{Payer: payer})
	case "late":
		said = "?told=late"
		_, err = w.Company.PayBill(r.Context(), b.Wallet, b.No, sandbox.Behaviour{Payer: payer, Late: late})
	case "thrice":
		said = "?told=thrice"
		_, err = w.Company.PayBill(r.Context(), b.Wallet, b.No, sandbox.Behaviour{Payer: payer, Times: 3})
	case "dispute":
		said = "?told=disputed"
		err = w.Company.Dispute(r.Context(), b.Wallet, b.No)
	case "refuse":
		err = w.Company.CloseBill(r.Context(), b.Wallet, b.No)
	default:
		err = fault.New(fault.Invalid, "walletweb.button").At("do")
	}
	if err != nil {
		return err
	}
	http.Redirect(rw, r, pathOf(b)+said, http.StatusSeeOther)
	return nil
}

func pathOf(b sandbox.Bill) string {
	return Path + "/" + url.PathEscape(b.Wallet) + "/" + url.PathEscape(b.No)
}

// ScanPath is where the scanner opens with a code before its camera.
func ScanPath(qr string) string { return Path + "/scan?qr=" + url.QueryEscape(qr) }

// scan is the wallets' scanner: the text of a code leads to its bill.
func (w *web) scan(rw http.ResponseWriter, r *http.Request) error {
	qr := strings.TrimSpace(r.URL.Query().Get("qr"))
	if qr == "" {
		return w.show(rw, r, http.StatusOK, "scan", view{})
	}
	var last error = fault.New(fault.NotFound, "sandbox.no_bill")
	for _, wallet := range w.Wallets {
		b, err := wallet.Scan(r.Context(), qr)
		if err == nil {
			http.Redirect(rw, r, pathOf(b), http.StatusSeeOther)
			return nil
		}
		if fault.Of(err) != fault.NotFound {
			last = err
		}
	}
	return last
}

// refuse shows why something was not done.
func (w *web) refuse(rw http.ResponseWriter, r *http.Request, f *fault.Error) error {
	v := view{Refused: w.sentence(gate.Lang(r.Context()), f)}
	if name := r.PathValue("wallet"); w.known(name) {
		v.Wallet = name
		if f.Kind != fault.NotFound {
			v.Retry = Path + "/" + url.PathEscape(name) + "/" + url.PathEscape(r.PathValue("bill"))
		}
	}
	return w.show(rw, r, f.Kind.Status(), "refused", v)
}

func (w *web) sentence(l text.Lang, f *fault.Error) string {
	pairs := make([]any, 0, 2*len(f.Params))
	for _, p := range f.Params {
		pairs = append(pairs, p.Name, p.Value)
	}
	return w.Texts.Text(l, f.Code, pairs...)
}

// show answers with a page, whole or not at all.
func (w *web) show(rw http.ResponseWriter, r *http.Request, status int, name string, v view) error {
	l := gate.Lang(r.Context())
	v.Lang, v.Brand = l, "walletweb.brand"
	v.Other, v.OtherHref = otherTongue(l, r.URL)
	if v.Wallet != "" {
		v.Brand = "wallet." + v.Wallet
	}
	var page bytes.Buffer
	if err := w.pages[l].ExecuteTemplate(&page, name+".html", v); err != nil {
		return fmt.Errorf("walletweb: %s: %w", name, err)
	}
	h := rw.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	h.Set("Content-Language", string(l))
	h.Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	_, _ = page.WriteTo(rw) // whoever went away reads it again
	return nil
}

func style(rw http.ResponseWriter, _ *http.Request) error {
	rw.Header().Set("Content-Type", "text/css; charset=utf-8")
	rw.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = rw.Write(css)
	return nil
}
