package api

import (
	"net/http"
	"strconv"
	"time"

	"hutong/base/money"
	"hutong/base/strict"
	"hutong/surface/gate"
	"hutong/trade/checkout"
)

// placeBody is the request of POST /api/v1/orders. It has no price and no address: those are in the token.
type placeBody struct {
	Token  string `json:"token"`            // the checkout token of a quote; it is also the idempotency key
	Remark string `json:"remark,omitempty"` // the shopper's note to the sellers
	Source string `json:"source,omitempty"` // the link, room or channel that the shopper came from
}

// placedForm is the answer, as the document shows it.
type placedForm struct {
	Order     string      `json:"order"`
	State     string      `json:"state"`
	Total     money.Money `json:"total"`
	ExpiresAt string      `json:"expires_at"`
}

// placeMax bounds the body of a place: a token holds a whole basket, five hundred lines of the longest.
const placeMax = 1 << 20

// placeName is the operation's name.
const placeName = "order.place"

// place is the hottest endpoint of a sale day: it stays on the bare ServeMux, and writes its few fields by hand.
func (a *api) place(w http.ResponseWriter, r *http.Request) error {
	var b placeBody
	raw, err := strict.ReadUpTo(r.Body, placeMax, &b)
	if err == nil {
		err = noNUL(raw)
	}
	if err != nil {
		return err
	}
	placed, err := a.Checkout.Place(r.Context(), checkout.Place{Token: b.Token, Shopper: gate.Who(r.Context()).Shopper,
		Remark: b.Remark, Source: b.Source})
	if err != nil {
		return err
	}
	out := make([]byte, 0, 256)
	out = append(append(out, `{"order":"`...), placed.Order...)
	out = append(append(out, `","state":"`...), placed.State...)
	out = strconv.AppendInt(append(out, `","total":{"minor":`...), placed.Total, 10)
	out = append(append(out, `,"currency":"`...), placed.Currency...)
	out = placed.ExpiresAt.UTC().AppendFormat(append(out, `"},"expires_at":"`...), time.RFC3339)
	out = append(out, "\"}\n"...)
	h := w.Header()
	h["Content-Type"] = jsonType
	if placed.Replayed {
		h.Set("Idempotent-Replay", "true")
	}
	w.WriteHeader(http.StatusCreated)
	_, err = w.Write(out)
	return err
}

var jsonType = []string{"application/json"}
