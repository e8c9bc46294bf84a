package node

import (
	"context"
	"crypto/ed25519"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/idempotency"
	"hutong/base/rollout"
	"hutong/deal/flash"
	"hutong/deal/promo/standard"
	"hutong/deal/voucher"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/bluejay"
	"hutong/funds/pay/redbean"
	"hutong/funds/pay/sandbox"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/intake"
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
	"hutong/surface/walletweb"
	"hutong/trade/aftersale"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/review"
	"hutong/trade/ship"
	"hutong/trade/ship/courier"
	"hutong/trade/ship/selfpickup"
	"hutong/trade/tally"
)

// build makes the rooms, lower districts first, and plugs the upper ones into the interfaces of the lower.
func (m *Market) build(ctx context.Context) (err error) {
	m.Bus = event.NewBus(m.DB, m.Clock, m.Log)
	m.Keys = idempotency.New(m.DB, m.Clock, m.IDs, idempotency.Settings{})
	m.Login = login.New(m.DB, m.Clock, m.IDs, m.Rand, m.Logins)
	if err := m.plugLogin(); err != nil {
		return err
	}
	m.Audit = audit.New(m.DB, m.Clock, m.IDs)
	if err := m.buildOperator(ctx); err != nil {
		return err
	}
	m.Shoppers = shopper.New(m.DB, m.Clock, m.IDs)
	m.Shops = merchant.New(m.DB, m.Clock, m.IDs)
	m.Ledger = ledger.New(m.DB)
	if err := m.buildSettle(ctx); err != nil {
		return err
	}
	if err := m.buildPay(ctx); err != nil {
		return err
	}
	if err := m.buildDesk(ctx); err != nil {
		return err
	}
	if err := m.buildGoods(); err != nil {
		return err
	}
	if err := m.buildSales(ctx); err != nil {
		return err
	}
	if m.Dir != "" {
		if m.Pictures, err = picture.Open(filepath.Join(m.Dir, "pictures")); err != nil {
			return err
		}
	}
	m.Cart = cart.New(m.DB, m.Clock)
	m.Orders = order.New(order.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Stock: m.Stock, Settle: m.Settle,
		Refunds: m.Pay, Claims: m.Vouchers, Hub: m.Hub, Kinds: standard.Kinds()})
	m.Orders.Listen(m.Bus)
	m.Orders.ListenPersons(m.Bus)
	m.Pay.Plug(m.Orders)
	m.Tally = tally.New(m.DB, m.Clock)
	m.Tally.Listen(m.Bus)
	m.Ship = ship.New(ship.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Log: m.Log, Orders: m.Orders,
		Carriers: m.carriers()}, ship.DefaultSettings())
	key, err := m.secret(ctx, "checkout", checkout.KeyLen)
	if err != nil {
		return err
	}
	m.Aftersale = aftersale.New(aftersale.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Orders: m.Orders, Pay: m.Pay,
		Stock: m.Stock, Hub: m.Hub}, m.aftersaleSettings())
	m.Aftersale.Listen(m.Bus)
	m.buildGroups()
	if err := m.buildDeals(ctx); err != nil {
		return err
	}
	m.Search.Plug(m.Rules)
	m.buildGuarantee()
	m.Checkout, err = checkout.New(checkout.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: m.Rand, Key: key,
		Catalog: m.Catalog, Settle: m.Settle, Orders: m.Orders, Ship: m.Ship, Deals: m.checkoutDeals(),
		Settings: m.Config.Checkout, Reprices: func() bool { return m.Tune.Is("refund.reprice") }})
	m.buildReach()
	m.Intake = intake.New(m.DB, m.Clock, m.IDs, intake.Rooms{Catalog: m.Catalog, Offers: m.Offers, Stock: m.Stock,
		Pictures: m.Pictures}, m.fetcher())
	if err != nil {
		return err
	}
	m.plugCheckout()
	m.Groups.Listen(m.Bus) // last: what shops are told of a payment is told before a group forms with it
	return m.buildUploads()
}

// buildGoods makes what is sold: the catalogue, offers, stock and the search over them.
func (m *Market) buildGoods() (err error) {
	m.Catalog = catalog.New(m.DB, m.Clock, m.IDs)
	m.Offers = offer.New(m.DB, m.Clock, m.IDs)
	m.Stock = stock.New(m.DB, m.Clock, m.IDs)
	if m.Search, err = search.New(m.DB, m.Clock); err != nil {
		return err
	}
	m.Search.Listen(m.Bus)
	return nil
}

// plugLogin puts in what the node knows: who brings codes, and the address where passkeys are good.
func (m *Market) plugLogin() error {
	plugs := login.Plugs{Sender: m.codeSender(), Heirs: []login.Heir{referral.Person{}, // before orders are
		cart.Person{}, order.Person{}, ship.Person{},
		aftersale.Person{}, review.Person{}, notice.Person{}, voucher.Person{}, flash.Person{}, group.Person{}, replies{}}}
	at, err := url.Parse(m.PublicAt)
	if err != nil {
		return err
	}
	host, origin := at.Hostname(), at.Scheme+"://"+at.Host
	if ip := net.ParseIP(host); ip != nil { // passkeys are for names, and this machine has one
		host, origin = "", at.Scheme+"://localhost:"+at.Port()
		if ip.IsLoopback() {
			host = "localhost"
		}
	}
	if host != "" {
		plugs.Passkeys = login.RelyingParty{ID: host, Name: "胡同 Hutong", Origins: []string{origin}}
	}
	return m.Login.Plug(plugs)
}

// buildSettle makes settlement, and the accounts that it pays out to.
func (m *Market) buildSettle(ctx context.Context) error {
	key, err := m.secret(ctx, "payout", 32)
	if err != nil {
		return err
	}
	m.Payouts, err = merchant.NewPayouts(merchant.PayoutDeps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: m.Rand, Key: key})
	if err != nil {
		return err
	}
	set := settle.Defaults()
	set.Accounts = m.Payouts
	m.Settle, err = settle.New(ctx, m.DB, m.Clock, m.IDs, set)
	return err
}

// buildDesk makes what privileged changes go through: two people for some of them, and the switches of grey releases.
func (m *Market) buildDesk(ctx context.Context) (err error) {
	m.buildRulebook()
	if err := m.buildVouchers(ctx); err != nil {
		return err
	}
	if err := m.buildReferrals(ctx); err != nil {
		return err
	}
	m.Vault = shopper.NewVault(m.DB, m.Clock, m.IDs, m.Login.Part(), cart.Person{}, order.Person{}, aftersale.Person{},
		review.Person{}, notice.Person{}, voucher.Person{}, flash.Person{},
		group.Person{}, referral.Person{}, segment.Person{}, replies{})
	m.Deposits = deposit.New(m.DB, m.Clock, m.IDs)
	m.Approvals, err = approval.New(m.DB, m.Clock, m.IDs, append(m.saleKinds(),
		approval.PayoutKind(m.Payouts), m.Settle.FeeKind(), m.Deposits.PayOutKind(), m.Deposits.DrawKind(),
		m.Pay.HandKind())...)
	if err != nil {
		return err
	}
	m.Switches, err = rollout.New(ctx, m.DB, m.Clock, m.switched)
	return err
}

// switched writes a change of a switch into the record. Who is on a list stays out of it: only how many.
func (m *Market) switched(ctx context.Context, tx *db.Tx, at time.Time, before, after rollout.Switch) error {
	facts := func(s rollout.Switch) audit.Facts {
		if s.Name == "" {
			return nil
		}
		return audit.Facts{"off": strconv.FormatBool(s.Off), "share_ppm": strconv.FormatInt(s.SharePPM, 10),
			"shops": strconv.Itoa(len(s.Shops)), "shoppers": strconv.Itoa(len(s.Shoppers)),
			"channels": strings.Join(s.Channels[:min(len(s.Channels), 5)], " ")}
	}
	return audit.Note(ctx, tx, m.IDs, audit.Entry{At: at, What: "switch.changed", On: max(before.Name, after.Name),
		Before: facts(before), After: facts(after)})
}

func (m *Market) carriers() []ship.Carrier {
	if len(m.Carriers) > 0 {
		return m.Carriers
	}
	return []ship.Carrier{courier.New(m.Courier), selfpickup.New(m.Rand)}
}

// accounts are the market's merchant numbers at the simulated wallets.
const (
	redbeanAccount = "HT-0001"
	bluejayAccount = "HT-0002"
)

// buildPay makes the two simulated wallets, with keys of this market's own, and the desk in front of them.
func (m *Market) buildPay(ctx context.Context) error {
	shared, err := m.secret(ctx, "wallet.redbean", 32)
	if err != nil {
		return err
	}
	seed, err := m.secret(ctx, "wallet.bluejay", ed25519.SeedSize)
	if err != nil {
		return err
	}
	payee := sandbox.Payee{Name: "胡同集市 Hutong", Short: "Hutong Market", City: "Hangzhou", Country: "CN", MCC: "5311"}
	m.Sandbox = sandbox.New(m.DB, m.Clock, m.IDs, m.Log)
	red := redbean.New(m.Sandbox, m.Clock, redbean.Options{Account: redbeanAccount, Secret: shared,
		Pages: m.PublicAt + walletweb.Path, Payee: payee})
	blue := bluejay.New(m.Sandbox, m.Clock, bluejay.Options{Account: bluejayAccount, Seed: seed,
		Pages: m.PublicAt + walletweb.Path, Payee: payee})
	m.Sandbox.Speak(red, blue)
	m.walletPages = []walletweb.Wallet{red, blue}
	wallets := append([]pay.Provider{red, blue}, m.Wallets...)
	m.Pay = pay.New(m.DB, m.Clock, m.IDs, pay.Options{Log: m.Log, Providers: wallets, Alone: m.refundAlone,
		Mark: func(wallet, payer string) string { return m.Marks.Account(wallet, payer) }})
	return nil
}
