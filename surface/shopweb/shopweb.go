// Package shopweb is the shop: the pages that shoppers see and the forms on them.
//
// Each page is a view (views*.go) filled from the rooms' verbs and rendered by surface/page. Everything works without
// script. It decides nothing about money, stock or orders: the rooms do, and a refusal of theirs is shown beside the
// field that it is about. Public pages are kept as bytes for a moment; nothing personal is in them.
// Read this file first, then views.go; each page has a file of its own.
package shopweb

import (
	"context"
	"embed"
	"io"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/deal/flash"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/funds/pay"
	"hutong/goods/catalog"
	"hutong/goods/picture"
	"hutong/goods/search"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/reach/notice"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/review"
	"hutong/trade/ship"
)

//go:embed html/*.html
var files embed.FS

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.Merge(text.MustParse(textJSON), voucherTexts, saleTexts, groupTexts, guaranteeTexts,
	inviteTexts, presaleTexts, billTexts)

// Deps are what the shop stands on.
type Deps struct {
	Pages     page.Config
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Maker
	Hub       *event.Hub
	Logins    *login.Service
	Shoppers  *shopper.Service
	Shops     *merchant.Service
	Catalog   *catalog.Service
	Carts     *cart.Service
	Checkout  *checkout.Service
	Orders    *order.Service
	Pay       *pay.Service
	Ship      *ship.Service
	Cases     *aftersale.Service // nil: refunds are not asked for on the pages
	Search    *search.Service
	Pictures  Pictures
	Views     Views              // nil: nobody counts
	Reviews   *review.Service    // nil: there are none
	Vouchers  *voucher.Service   // nil: there are none
	Flash     *flash.Service     // nil: there is no campaign hall
	Groups    *group.Service     // nil: nothing is bought together
	Referrals *referral.Service  // nil: nobody is invited
	Deals     *ruleset.Service   // nil: prices are those of offers
	Guarantee *guarantee.Service // nil: no price is guaranteed
	Notices   *notice.Service    // nil: there is no inbox
	Vault     *shopper.Vault     // nil: nothing is exported or erased on the pages
	Photos    Photos             // nil: reviews come without pictures
	Default   shopper.Address    // where delivery is promised to whoever gave no address; zero: Shanghai

	// WalletPage is where a wallet that names no page of its own can be tried out; nil: nowhere.
	WalletPage func(pay.Attempt) string
	SessionFor time.Duration // how long a session lasts; 0: login.Defaults
	Version    func() uint64 // changes with what is sold, so that no page shows an old price; nil: pages only age
}

// Pictures opens what goods/picture keeps.
type Pictures interface {
	Open(id picture.ID, size picture.Size) (picture.File, error)
}

// Views counts product pages that were shown; trade/tally.
type Views interface{ Viewed(shop string) }

// Photos keeps pictures that shoppers send; goods/picture.
type Photos interface {
	Put(ctx context.Context, r io.Reader) (picture.Picture, error)
	Identify(r io.Reader) (picture.ID, error)
}

// keepFor is how long a public page may be old: what it says of stock is checked again when an order is placed.
const keepFor = 2 * time.Second

// web is the shop's pages.
type web struct {
	Deps
	set   *page.Set
	kept  *page.Kept
	shops *directory
}
