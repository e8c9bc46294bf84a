// Package node is the composition root: it opens the storage, builds every room's service, plugs wallets and carriers,
// mounts the surfaces and runs the jobs. It holds the lists that nothing else holds, and no rule of business.
//
// Read this file first (what a market is made of), then surfaces.go (what is mounted where) and jobs.go (what runs by
// itself).
package node

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/netip"

	"hutong/base/checkup"
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/idempotency"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/base/rollout"
	"hutong/base/setting"
	"hutong/base/tune"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/place"
	"hutong/deal/promo/rulebook"
	"hutong/deal/quota"
	"hutong/deal/reference"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/sandbox"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/intake"
	"hutong/goods/intake/upload"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/search"
	"hutong/goods/stock"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/reach/notice"
	"hutong/reach/segment"
	"hutong/reach/webhook"
	"hutong/surface/shopweb"
	"hutong/surface/walletweb"
	"hutong/trade/aftersale"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/review"
	"hutong/trade/ship"
	"hutong/trade/ship/courier"
	"hutong/trade/tally"
)

// Config is what an operator decides about a node. Only URL must be set.
type Config struct {
	URL           string // the database: "sqlite:path" or "postgres://..."
	Dir           string // where pictures are kept; "" keeps none
	Log           *slog.Logger
	Clock         clock.Clock
	Rand          io.Reader
	Storage       db.Options
	Checkout      checkout.Settings
	Courier       courier.Settings
	Logins        login.Settings   // what a password costs, and how often one may guess; the zero ones are the default
	Pictures      shopweb.Pictures // what shows pictures instead of the ones in Dir; nil: those
	Wallets       []pay.Provider   // beside the simulated ones
	Carriers      []ship.Carrier   // instead of courier and selfpickup
	Deals         checkout.Deals   // instead of the market's own promotions and vouchers
	FetchPictures bool             // imports may fetch pictures from public addresses; otherwise they are only recorded
	Sender        login.Sender     // brings one-time codes; nil: Mail does, or nobody can log in by code
	Mail          notice.Sender    // brings mails; nil: notices stay on the page
	Hooks         webhook.Settings // its Loopback and Roots; the rest is the default
	PublicAt      string           // where shoppers and wallets reach the node, such as "http://127.0.0.1:8080"
	Proxies       []netip.Prefix   // in front, which say for whom they ask; none: everybody asks for themselves
}

// Schemas are the tables of all rooms. First come those whose steps alter tables most, each behind the rooms that its
// steps read: SQLite reads all that there is anew after every ALTER TABLE, and a new market shows its first page sooner
// where there is little yet.
func Schemas() []db.Schema {
	return []db.Schema{stock.Schema, pay.Schema, order.Schema, settle.Schema, audit.Schema, login.Schema,
		campaign.Schema, offer.Schema, aftersale.Schema, voucher.Schema, rulebook.Schema, flash.Schema, shopper.Schema,
		merchant.Schema, guarantee.Schema, ruleset.Schema, sandbox.Schema,
		setting.Schema, idempotency.Schema, event.Schema, approval.Schema, rollout.Schema, checkup.Schema,
		catalog.Schema, ledger.Schema, deposit.Schema, quota.Schema, cart.Schema, ship.Schema, intake.Schema, tally.Schema,
		review.Schema, notice.Schema, webhook.Schema, reference.Schema, place.Schema, group.Schema, referral.Schema,
		segment.Schema}
}

// Market is one node's rooms, open and ready. Close it.
type Market struct {
	Config
	denials    denials
	DB         *db.DB
	IDs        *id.Maker
	Hub        *event.Hub
	Bus        *event.Bus
	Keys       *idempotency.Service
	Login      *login.Service
	Audit      *audit.Service
	Vault      *shopper.Vault
	Approvals  *approval.Service
	Payouts    *merchant.Payouts
	Switches   *rollout.Service
	Board      *job.Board
	Tune       *tune.Service
	Checkups   *checkup.Service
	Shoppers   *shopper.Service
	Reference  *reference.Service
	Deposits   *deposit.Service
	Campaigns  *campaign.Service
	Places     *place.Service
	Flash      *flash.Service
	Vouchers   *voucher.Service
	Promotions *rulebook.Service
	Rules      *ruleset.Service
	Marks      voucher.PartyMarks // of who stands behind a shopper
	Shops      *merchant.Service
	Catalog    *catalog.Service
	Offers     *offer.Service
	Stock      *stock.Service
	Search     *search.Service
	Pictures   *picture.Service // nil when Config.Dir is ""
	Ledger     *ledger.Service
	Settle     *settle.Service
	Pay        *pay.Service
	Sandbox    *sandbox.Company
	Cart       *cart.Service
	Orders     *order.Service
	Ship       *ship.Service
	Checkout   *checkout.Service
	Aftersale  *aftersale.Service
	Groups     *group.Service
	Guarantee  *guarantee.Service
	Referrals  *referral.Service
	Segments   *segment.Service
	Tally      *tally.Service
	Papers     *picture.Service // pictures of licences, apart from the public ones; nil when Config.Dir is ""
	Reviews    *review.Service
	Notices    *notice.Service
	Webhooks   *webhook.Service
	Intake     *intake.Service
	Uploads    *upload.Service // files on their way to an import; nil when Config.Dir is ""

	tunable     bool               // Config left the checkout to the market's own settings
	walletPages []walletweb.Wallet // the simulated wallets, for their own pages
}

// Open opens the market at c.URL, brings its tables up to date and builds its rooms. The market's secrets are made the
// first time and kept in the database. A currency that is none is refused before anything is made.
func Open(ctx context.Context, c Config) (*Market, error) {
	tunable := c.Checkout.LinesMax == 0
	c = c.whole()
	if asked := c.Checkout.Currency; asked != "" && !asked.Valid() {
		return nil, fault.New(fault.Invalid, "node.currency_unknown", fault.P("asked", string(asked))).At("currency")
	}
	ctx = db.Relieve(ctx) // a node starts on a full disk, too, and shows what there is
	d, err := db.Open(ctx, c.URL, c.Storage)
	if err != nil {
		return nil, err
	}
	m := &Market{Config: c, tunable: tunable, DB: d, IDs: id.NewMaker(c.Clock, c.Rand), Hub: event.NewHub()}
	if err := d.Migrate(ctx, Schemas()...); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := m.agree(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := m.build(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return m, nil
}

func (c Config) whole() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = &clock.System{}
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Checkout.LinesMax == 0 {
		currency := c.Checkout.Currency
		c.Checkout = checkout.DefaultSettings()
		c.Checkout.Currency = currency
	}
	if c.Courier.Day == 0 {
		c.Courier = courier.DefaultSettings()
	}
	c.Storage.Log = c.Log
	return c
}

// Close finishes what is under way, upper rooms first, then closes the database.
func (m *Market) Close() error {
	m.Webhooks.Close()
	m.Checkout.Close()
	m.Vouchers.Close()
	m.Checkups.Close()
	err := errors.Join(m.closeUploads(), m.closePapers(), m.DB.Close())
	if m.Pictures != nil {
		err = errors.Join(err, m.Pictures.Close())
	}
	return err
}

// agree settles what the market's currency is: the one that it was made with. Asking for another one is refused with
// node.currency, because its prices, orders and books are in one currency.
func (m *Market) agree(ctx context.Context) error {
	asked := m.Config.Checkout.Currency
	fresh := asked
	if fresh == "" {
		fresh = checkout.DefaultSettings().Currency
	}
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		kept, err := setting.Once(tx, "market.currency", string(fresh))
		if err != nil {
			return err
		}
		if asked != "" && kept != string(asked) {
			return fault.New(fault.Invalid, "node.currency", fault.P("asked", string(asked)),
				fault.P("market", kept)).At("currency")
		}
		m.Config.Checkout.Currency = money.Currency(kept)
		return nil
	})
}

// secret is the market's secret of that name, n random bytes, made once.
func (m *Market) secret(ctx context.Context, name string, n int) ([]byte, error) {
	fresh := make([]byte, n)
	if _, err := io.ReadFull(m.Rand, fresh); err != nil {
		return nil, err
	}
	kept := ""
	err := m.DB.Write(ctx, func(tx *db.Tx) (err error) {
		kept, err = setting.Once(tx, "secret."+name, base64.StdEncoding.EncodeToString(fresh))
		return err
	})
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(kept)
}
