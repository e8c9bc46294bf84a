package api

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/strict"
	"hutong/surface/gate"
	"hutong/trade/checkout"
)

// placeBody is the request of POST /api/v1/orders. It has no price and no address: those are in the token.
type placeBody struct {
	Token  string `json:"token" doc:"the checkout token of a quote; it is also the idempotency key"`
	Remark string `json:"remark,omitempty" doc:"the shopper's note to the sellers"`
	Source string `json:"source,omitempty" doc:"the link, room or channel that the shopper came from"`
	Agreed bool   `json:"agreed,omitempty" doc:"of a presale: to what becomes of the earnest"`
}

// placedForm is the answer, as the document shows it.
type placedForm struct {
	Order     string      `json:"order"`
	State     string      `json:"state"`
	Total     money.Money `json:"total"`
	ExpiresAt string      `json:"expires_at"`
	Earnest   money.Money `json:"earnest,omitzero" doc:"of a presale: of the total, what is paid first"`
	Together  money.Money `json:"together,omitzero" doc:"what one payment pays, with the balances quoted with the order"`
}

// placeMax bounds the body of a place: a token holds a whole basket, five hundred lines of the longest.
const placeMax = 1 << 20

// placeName is the operation's name.
const placeName = "order.place"

// place is the hottest endpoint of a sale day: it stays on the bare ServeMux, and writes its few fields by hand.
func (a *api) place(w http.ResponseWriter, r *http.Request) error {
	body := bodies.Get().(*bytes.Buffer)
	defer giveBack(body)
	if _, err := body.ReadFrom(io.LimitReader(r.Body, placeMax+1)); err != nil {
		return fault.New(fault.Invalid, "json.malformed").Because(err)
	}
	placed, err := a.placeRead(r, body.Bytes())
	if err != nil {
		return err
	}
	out := make([]byte, 0, 256)
	out = append(append(out, `{"order":"`...), placed.Order...)
	out = append(append(out, `","state":"`...), placed.State...)
	out = strconv.AppendInt(append(out, `","total":{"minor":`...), placed.Total, 10)
	out = append(append(out, `,"currency":"`...), placed.Currency...)
	out = placed.ExpiresAt.UTC().AppendFormat(append(out, `"},"expires_at":"`...), time.RFC3339)
	if out = append(out, '"'); placed.Earnest > 0 {
		out = strconv.AppendInt(append(out, `,"earnest":{"minor":`...), placed.Earnest, 10)
		out = append(append(append(out, `,"currency":"`...), placed.Currency...), `"}`...)
	}
	if placed.Earnest == 0 && placed.Together > placed.Total {
		out = strconv.AppendInt(append(out, `,"together":{"minor":`...), placed.Together, 10)
		out = append(append(append(out, `,"currency":"`...), placed.Currency...), `"}`...)
	}
	out = append(out, "}\n"...)
	h := w.Header()
	h["Content-Type"] = jsonType
	if placed.Replayed {
		h.Set("Idempotent-Replay", "true")
	}
	w.WriteHeader(http.StatusCreated)
	_, err = w.Write(out)
	return err
}

// placeRead places what a body says. Nearly every body is a token and nothing else, whose seal says more than any
// reading of the JSON around it: it is opened first, and the body read strictly where it is more, or does not open.
func (a *api) placeRead(r *http.Request, raw []byte) (checkout.Placed, error) {
	cmd := checkout.Place{Token: tokenOf(raw), Shopper: gate.Who(r.Context()).Shopper}
	placed, err := a.Checkout.Place(r.Context(), cmd)
	if fault.Is(err, "checkout.token") {
		var b placeBody
		if err := strict.DecodeUpTo(raw, placeMax, &b); err != nil {
			return placed, err
		}
		if err := noNUL(raw); err != nil {
			return placed, err
		}
		cmd.Token, cmd.Remark, cmd.Source, cmd.Agreed = b.Token, b.Remark, b.Source, b.Agreed
		placed, err = a.Checkout.Place(r.Context(), cmd)
	}
	if checkout.TermsGone(err) {
		return placed, a.again(r, cmd.Token, err)
	}
	return placed, err
}

// tokenOf is the token of a body that is nothing else, as far as one look tells; "" of any other.
func tokenOf(raw []byte) string {
	rest, opens := bytes.CutPrefix(raw, []byte(`{"token":"`))
	token, closes := bytes.CutSuffix(rest, []byte(`"}`))
	if !opens || !closes || bytes.IndexByte(token, '\n') >= 0 || bytes.IndexByte(token, '\r') >= 0 {
		return "" // base64 passes over the ends of lines, JSON does not
	}
	return string(token)
}

// bodies are what places are read into, one after another: nothing of a body is kept. A large one is not.
var bodies = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, usualBody)) }}

const usualBody = 8 << 10 // nearly every token fits, also one of a sale

func giveBack(body *bytes.Buffer) {
	if body.Cap() <= 4*usualBody {
		body.Reset()
		bodies.Put(body)
	}
}

var jsonType = []string{"application/json"}

// promisedForm is what a token promised that does not hold any more.
type promisedForm struct {
	Goods   money.Money        `json:"goods"`
	Freight money.Money        `json:"freight"`
	Total   money.Money        `json:"total"`
	Lines   []promisedLineForm `json:"lines"`
}

type promisedLineForm struct {
	Offer    string      `json:"offer"`
	Quantity int64       `json:"quantity"`
	Paid     money.Money `json:"paid"`
}

// again is a refusal with what was promised and a quote of now beside it: placing the quote's token is the shopper's
// consent. Where nothing can be quoted any more it is the refusal alone.
func (a *api) again(r *http.Request, token string, refused error) error {
	terms, err := a.Checkout.Again(r.Context(), token, gate.Who(r.Context()).Shopper)
	if err != nil {
		return refused
	}
	quote, err := quoteOf(terms.Now)
	if err != nil {
		return err
	}
	was := terms.Was
	cash := func(minor int64) money.Money { return money.New(minor, was.Currency) }
	promised := promisedForm{Goods: cash(was.Goods), Freight: cash(was.Freight), Total: cash(was.Total)}
	for _, l := range was.Lines() {
		promised.Lines = append(promised.Lines, promisedLineForm{l.Offer, l.Quantity, cash(l.Paid)})
	}
	return &gate.With{Err: refused, Members: map[string]any{"promised": promised, "quote": quote}}
}
