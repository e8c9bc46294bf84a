package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"

	"hutong/base/db"
	"hutong/base/job"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/node"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/surface/gate"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

const (
	skus      = 10_000      // what Spread sells from
	pieces    = 100_000_000 // of each
	batch     = 500         // products saved at once
	rawAnswer = `{"order":"ord_00000000000000000000000000","state":"awaiting_payment"}`
)

// hall is the server's side of a bench: the market, what it sells, and who buys.
type hall struct {
	*node.Market
	deals  *Deals
	mu     sync.Mutex
	offers []offer.Offer
	quoted map[string]order.Order // by mix and place, of any shopper
	guests []guest

	profile io.Writer // until it is written
}

type guest struct {
	Token   string `json:"token"`
	Shopper string `json:"shopper"`
	Address string `json:"address"`
}

// Serve runs the server process of a bench: the node's real surfaces, and beside them the bench's own: a handler that
// decodes nothing, guests, and tokens of quotes. It prints its address once it listens and ends with ctx.
// A market that was given Deals sells them, and the tokens are of the sale mix. A profile, unless nil, gets what the
// processor did while the first run was measured, and nothing of what was made for it.
func Serve(ctx context.Context, m *node.Market, out, profile io.Writer) error {
	node.Tune()
	h := &hall{Market: m, quoted: map[string]order.Order{}, profile: profile}
	h.deals, _ = m.Config.Deals.(*Deals)
	if err := h.stock(ctx); err != nil {
		return err
	}
	front, err := m.Handler(
		gate.Route{Name: "bench.guests", Method: http.MethodPost, Path: "/bench/guests", Roles: gate.Anyone(),
			Handler: gate.Verb(h.makeGuests)},
		gate.Route{Name: "bench.offers", Method: http.MethodPost, Path: "/bench/offers", Roles: gate.Anyone(),
			Handler: gate.Verb(h.listOffers)},
		gate.Route{Name: "bench.tokens", Method: http.MethodPost, Path: "/bench/tokens", Roles: gate.Anyone(),
			Handler: gate.Verb(h.makeTokens)},
		gate.Route{Name: "bench.watch", Method: http.MethodPost, Path: "/bench/watch", Roles: gate.Anyone(),
			Handler: gate.Verb(h.watch)})
	if err != nil {
		return err
	}
	// The raw handler stands outside the gate: it is what net/http alone can do here. Each has a mux of its own, as a
	// node has one.
	alone := http.NewServeMux()
	alone.HandleFunc("POST "+rawPath, raw)
	both := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == rawPath {
			alone.ServeHTTP(w, r)
			return
		}
		front.ServeHTTP(w, r)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: both, ReadHeaderTimeout: 10 * time.Second}
	jobs, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); job.Run(jobs, m.Log, m.Jobs()...) }()
	go func() { <-ctx.Done(); server.Close() }()
	fmt.Fprintln(out, "listening", listener.Addr())
	err = server.Serve(listener)
	stop()
	<-done
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// rawPath is where raw answers.
const rawPath = "/bench/raw"

// raw answers a fixed JSON to any body, which it reads and does not look at.
func raw(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, rawAnswer)
}

// stock opens a shop with ten thousand SKUs and a second one with a few, unless an earlier run did.
func (h *hall) stock(ctx context.Context) error {
	first, err := h.stockShop(ctx, "bench", skus)
	if err != nil {
		return err
	}
	if _, err := h.stockShop(ctx, "bench-second", batch); err != nil {
		return err
	}
	if h.deals == nil {
		return nil
	}
	return h.openSale(first)
}

func (h *hall) stockShop(ctx context.Context, code string, skus int) (string, error) {
	shop, err := h.Shops.ByCode(ctx, code)
	if err != nil {
		shop, err = h.Shops.OpenShop(ctx, merchant.OpenShop{Code: code, Name: text.Entry{Zh: "压测", En: "Bench"}})
	}
	for first := 0; first < skus && err == nil; first += batch {
		var offers []offer.Offer
		err = h.DB.Write(ctx, func(tx *db.Tx) (err error) {
			offers, err = h.stockBatch(tx, string(shop.ID), first)
			return err
		})
		h.offers = append(h.offers, offers...)
	}
	return string(shop.ID), err
}

func (h *hall) stockBatch(tx *db.Tx, shop string, first int) ([]offer.Offer, error) {
	at := h.Clock.Now()
	products := make([]catalog.Product, batch)
	for i := range products {
		name := fmt.Sprintf("%05d", first+i)
		products[i] = catalog.Product{Shop: shop, Source: "bench", ExternalID: name, State: catalog.Listed,
			Title: catalog.Words{Zh: "商品 " + name, En: "Piece " + name},
			SKUs:  []catalog.SKU{{ExternalID: "only", WeightG: 100}}}
	}
	saved, err := h.Catalog.Save(tx, at, products)
	if err != nil {
		return nil, err
	}
	receipts := make([]stock.Receipt, batch)
	for i, s := range saved {
		receipts[i] = stock.Receipt{Shop: shop, SKU: string(s.SKUs[0]), Quantity: pieces, Ref: "bench"}
		if s.Outcome != catalog.Created {
			receipts[i].Quantity = 0
		}
	}
	pools, err := h.Stock.Receive(tx, at, receipts)
	if err != nil {
		return nil, err
	}
	listings := make([]offer.Listing, batch)
	for i, s := range saved {
		listings[i] = offer.Listing{Shop: shop, Product: string(s.Product), SKU: string(s.SKUs[0]), Pool: pools[i],
			Currency: h.Checkout.Settings().Currency, UnitPrice: listPrice}
	}
	offers, _, err := h.Offers.List(tx, at, listings)
	return offers, err
}

// listPrice is what a piece costs while no promotion lowers it.
const listPrice = 29_900

type want struct {
	N      int     `json:"n"`
	Stock  string  `json:"stock"`
	Guests []guest `json:"guests"`
}

// wanted refuses what it does not know: a generator that asks for something else would measure nothing.
func wanted(r *http.Request) (c want, err error) {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	return c, d.Decode(&c)
}

func (h *hall) makeGuests(w http.ResponseWriter, r *http.Request) error {
	c, err := wanted(r)
	if err != nil {
		return err
	}
	for len(h.guests) < c.N {
		token, who, err := h.Login.Guest(r.Context(), text.Zh)
		if err != nil {
			return err
		}
		a, err := h.Shoppers.AddAddress(r.Context(), shopper.ID(who.Shopper), shopper.Address{Country: "CN",
			Division: "330106", Recipient: "压测", Phone: "13800138000", Street: "文三路 1 号"})
		if err != nil {
			return err
		}
		h.guests = append(h.guests, guest{Token: string(token), Shopper: who.Shopper, Address: string(a.ID)})
	}
	return send(w, h.guests[:c.N])
}

// listOffers gives the ids of what can be bought.
func (h *hall) listOffers(w http.ResponseWriter, r *http.Request) error {
	c, err := wanted(r)
	if err != nil {
		return err
	}
	n := skus
	if c.Stock == Hot {
		n = 1
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = string(h.offers[i].ID)
	}
	return send(w, ids)
}

// makeTokens seals n tokens for each guest, each of one piece: of the same SKU, or of any. They are sealed in turn, as
// shoppers come one after the other, so that orders placed at about the same time have neighbouring ids.
func (h *hall) makeTokens(w http.ResponseWriter, r *http.Request) error {
	c, err := wanted(r)
	if err != nil {
		return err
	}
	tokens := make([][]string, len(c.Guests))
	for range c.N {
		for i, g := range c.Guests {
			seal := h.token
			if h.deals != nil {
				seal = h.saleToken
			}
			token, err := seal(r.Context(), c.Stock, g)
			if err != nil {
				return err
			}
			tokens[i] = append(tokens[i], token)
		}
	}
	return send(w, tokens)
}

func (h *hall) token(ctx context.Context, stock string, g guest) (string, error) {
	pick := 0
	if stock == Spread {
		pick = rand.IntN(skus)
	}
	quoted, err := h.quote(ctx, pick, g, []checkout.BasketLine{{Offer: string(h.offers[pick].ID), Quantity: 1}})
	if err != nil {
		return "", err
	}
	quoted.Shopper, quoted.Address = g.Shopper, g.Address
	return h.Checkout.Seal(quoted)
}

// watch begins and ends the profile, if one was asked for.
func (h *hall) watch(w http.ResponseWriter, r *http.Request) error {
	c, err := wanted(r)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.profile == nil:
	case c.N > 0:
		err = pprof.StartCPUProfile(h.profile)
	default:
		pprof.StopCPUProfile()
		h.profile = nil
	}
	if err != nil {
		return err
	}
	return send(w, c.N)
}

// send answers with a length: the generator reads no chunks.
func send(w http.ResponseWriter, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, err = w.Write(data)
	return err
}

func (h *hall) quote(ctx context.Context, pick int, c guest, lines []checkout.BasketLine) (order.Order, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := fmt.Sprint(len(lines), " ", pick)
	if q, ok := h.quoted[key]; ok && h.Clock.Now().Before(q.ExpiresAt.Add(-5*time.Minute)) {
		return q, nil
	}
	q, err := h.Checkout.Quote(ctx, c.Shopper, checkout.Basket{Address: c.Address, Lang: text.Zh, Lines: lines})
	if err == nil && q.Token == "" {
		err = fmt.Errorf("bench: no token: %+v", q.Problems)
	}
	h.quoted[key] = q.Order
	return q.Order, err
}
