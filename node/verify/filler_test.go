package verify

import (
	"context"
	secret "crypto/rand"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/idempotency"
	"hutong/base/setting"
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
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/intake"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/approval"
	record "hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/reach/segment"
	"hutong/reach/webhook"
	"hutong/trade/aftersale"
	"hutong/trade/cart"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/review"
	"hutong/trade/ship"
)

// schemas are the tables that the auditor reads.
func schemas() []db.Schema {
	return []db.Schema{setting.Schema, idempotency.Schema, event.Schema, record.Schema, login.Schema, shopper.Schema,
		merchant.Schema, catalog.Schema, offer.Schema, stock.Schema, ledger.Schema, settle.Schema, deposit.Schema, pay.Schema, cart.Schema,
		reference.Schema, campaign.Schema, place.Schema, flash.Schema, quota.Schema, voucher.Schema, rulebook.Schema, order.Schema, ship.Schema, aftersale.Schema, group.Schema, guarantee.Schema, ruleset.Schema,
		referral.Schema, segment.Schema, review.Schema,
		intake.Schema, approval.Schema, webhook.Schema}
}

// start is when the first order of a filled market was placed.
var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

// The size of a filled market's shelf.
const (
	shopsFilled  = 20
	offersFilled = 25 // per shop
)

// fate is what became of an order, in words that fill knows.
type fate string

const (
	awaiting   fate = "awaiting"   // not paid yet
	lapsed     fate = "lapsed"     // never paid
	retaken    fate = "retaken"    // paid after it had lapsed
	paid       fate = "paid"       // not shipped
	cut        fate = "cut"        // one piece of the first line refunded before shipping
	undone     fate = "undone"     // refunded whole before shipping
	shipped    fate = "shipped"    // on its way
	delivered  fate = "delivered"  // not yet received
	completed  fate = "completed"  // and that is all
	kept       fate = "kept"       // one piece refunded while on its way, the shopper keeps it
	returned   fate = "returned"   // completed, then one piece came back
	paidTwice  fate = "paid twice" // completed; a second wallet captured too and gave it back
	halfRefund fate = "asked"      // completed, a refund of one piece is on its way
)

// saleDay is how the orders of a busy market stand: most are done.
var saleDay = []fate{awaiting, lapsed, paid, paid, shipped, delivered, completed, completed, completed, completed,
	completed, completed, completed, completed, completed, completed, completed, cut, kept, returned}

// everyFate has each once: a small market in which each check has something to look at.
var everyFate = []fate{awaiting, lapsed, retaken, paid, cut, undone, shipped, delivered, completed, kept, returned,
	paidTwice, halfRefund}

// filler writes a consistent market straight into the tables, without the rooms' verbs but for the books' chain and
// the claims: three hundred thousand orders are there in a minute.
type filler struct {
	t      testing.TB
	d      *db.DB
	ids    *id.Maker
	clock  *clock.Manual
	settle *settle.Service
	goods  []filledOffer
	made   int
	spent  int64      // of the budget of the one promotion
	plain  bool       // orders of one line in one part
	chance *rand.Rand // nil: what is taken off and given back follows from the order's number

	tables map[string]*rows
	order  []string // of tables, as they were first used
	posts  []ledger.Transfer
	sales  []settle.Sale
	back   []settle.Refunded
	late   []ledger.Transfer // after the sales are accrued
}

// filledOffer is one SKU for sale, with the counts of its pool.
type filledOffer struct {
	offer, shop, product, sku, pool string
	price                           int64
	held, sold, shipped, returned   int64
}

type rows struct {
	cols []string
	rows [][]any
}

// anywhere says that every shop has an account.
type anywhere struct{}

func (anywhere) AccountIn(*db.Tx, string) (string, error) { return "pac_anywhere", nil }

func newFiller(t testing.TB, d *db.DB) *filler {
	f := &filler{t: t, d: d, clock: clock.NewManual(start), tables: map[string]*rows{}}
	f.ids = id.NewMaker(f.clock, secret.Reader)
	set := settle.Defaults()
	set.Accounts = anywhere{}
	s, err := settle.New(context.Background(), d, f.clock, f.ids, set)
	f.must(err)
	f.settle = s
	f.shelf()
	return f
}

func (f *filler) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *filler) write(fn func(*db.Tx) error) {
	f.t.Helper()
	f.must(f.d.Write(context.Background(), fn))
}

// add puts a row aside for its table; pairs are column, value, column, value.
func (f *filler) add(table string, pairs ...any) {
	t := f.tables[table]
	if t == nil {
		t = &rows{}
		for i := 0; i < len(pairs); i += 2 {
			t.cols = append(t.cols, pairs[i].(string))
		}
		f.tables[table], f.order = t, append(f.order, table)
	}
	values := make([]any, 0, len(pairs)/2)
	for i := 1; i < len(pairs); i += 2 {
		values = append(values, pairs[i])
	}
	t.rows = append(t.rows, values)
}

// flush writes what was put aside.
func (f *filler) flush() {
	f.t.Helper()
	f.write(func(tx *db.Tx) error {
		for _, name := range f.order {
			if err := tx.Insert(name, f.tables[name].cols, f.tables[name].rows); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := ledger.Post(tx, f.clock.Now(), f.posts); err != nil {
			return err
		}
		if err := f.settle.Accrue(tx, f.clock.Now(), f.sales); err != nil {
			return err
		}
		if err := f.settle.Reverse(tx, f.clock.Now(), f.back); err != nil {
			return err
		}
		return ledger.Post(tx, f.clock.Now(), f.late)
	})
	f.tables, f.order, f.posts, f.sales, f.back, f.late = map[string]*rows{}, nil, nil, nil, nil, nil
}

func (f *filler) shelf() {
	at := clock.Micros(start.Add(-time.Hour))
	f.add("audit_entries", "id", "aud_shelf", "at_us", at, "who", "system", "acted_for", "", "shop_id", "", "what",
		"offer.priced", "subject", "", "facts_before", "{}", "facts_after", "{}", "request_id", "", "network", "")
	for s := range shopsFilled {
		shop := f.ids.New("shp")
		f.add("shops", "id", shop, "code", fmt.Sprint("shop-", s), "name_zh", "店", "name_en", "Shop", "intro_zh", "",
			"intro_en", "", "logo", "", "division", "", "state", "open", "created_us", at)
		for n := range offersFilled {
			f.shelve(shop, s*offersFilled+n, at)
		}
	}
	f.flush()
}

func (f *filler) shelve(shop string, n int, at int64) {
	g := filledOffer{offer: f.ids.New("off"), shop: shop, product: f.ids.New("prd"), sku: f.ids.New("sku"),
		pool: f.ids.New("pol"), price: int64(199 + 101*n)}
	f.goods = append(f.goods, g)
	f.add("products", "id", g.product, "shop_id", shop, "category_id", "aa-1", "title_zh", "货", "title_en", "Thing",
		"description_zh", "", "description_en", "", "brand", "", "pictures", "[]", "options", "[]", "attributes", "[]",
		"state", "listed", "source", "test", "external_id", g.product, "content_hash", "", "position", n,
		"created_us", at, "updated_us", at)
	f.add("skus", "id", g.sku, "product_id", g.product, "shop_id", shop, "code", "", "external_id", "x", "choice", "[]",
		"barcode", "", "weight_g", 100, "picture", "", "state", "listed", "position", 0)
	f.add("offers", "id", g.offer, "shop_id", shop, "product_id", g.product, "sku_id", g.sku, "pool_id", g.pool,
		"currency", "CNY", "unit_price", g.price, "list_price", 0, "version", 2, "state", "listed", "floor_price", 1)
	f.add("floor_history", "offer_id", g.offer, "from_us", at-int64(time.Hour/time.Microsecond), "floor_price", 1,
		"cause", "aud_shelf")
	f.add("price_history", "offer_id", g.offer, "version", 1, "unit_price", g.price+1, "list_price", 0,
		"from_us", at-int64(24*time.Hour/time.Microsecond), "cause", "before")
	f.add("price_history", "offer_id", g.offer, "version", 2, "unit_price", g.price, "list_price", 0, "from_us", at,
		"cause", "aud_shelf")
}

// fill adds n orders whose fates go round.
func (f *filler) fill(n int, fates []fate) {
	f.t.Helper()
	for i := range n {
		f.one(fates[i%len(fates)])
		f.clock.Advance(3 * time.Millisecond)
		if i%2000 == 1999 {
			f.flush()
		}
	}
	f.flush()
}

// stockUp writes the pools as the orders left them.
func (f *filler) stockUp() {
	f.t.Helper()
	const received = 100_000_000
	at := clock.Micros(start.Add(-time.Hour))
	for i, g := range f.goods {
		f.add("pools", "id", g.pool, "no", i+1, "shop_id", g.shop, "sku_id", g.sku, "place", "main")
		f.add("pool_counts", "no", i+1, "open", true, "received", received, "returned", g.returned, "written_off", 5, "held", g.held, "sold", g.sold,
			"shipped", g.shipped)
		f.add("stock_moves", "id", f.ids.New("mov"), "pool_id", g.pool, "kind", "receive", "quantity", received,
			"ref", "", "at_us", at)
		f.add("stock_moves", "id", f.ids.New("mov"), "pool_id", g.pool, "kind", "write_off", "quantity", 5,
			"ref", "", "at_us", at)
		if g.returned > 0 {
			f.add("stock_moves", "id", f.ids.New("mov"), "pool_id", g.pool, "kind", "return", "quantity", g.returned,
				"ref", "", "at_us", at)
		}
	}
	f.add("quotas", "quota", "bud:prm_1", "cap", 1_000_000_000_000, "used", f.spent,
		"open", true)
	f.vouchers()
	f.flush()
}

// vouchers are one template with two vouchers, the second of a code.
func (f *filler) vouchers() {
	at := clock.Micros(start.Add(-time.Hour))
	f.add("voucher_templates", "id", "vtp_1", "shop_id", "", "state", "open", "version", 1, "newest", 1, "minute_us", 0,
		"minute_claims", 0, "made_us", at)
	f.add("voucher_versions", "template_id", "vtp_1", "version", 1, "body", "{}", "made_by", "", "made_us", at)
	f.told("vtp_1", "voucher.drafted", `{"version":"1","worst":"5"}`)
	f.told("vtp_1", "voucher.published", `{"state":"open","version":"1","was":"draft","worst":"5"}`)
	f.told("vtp_1", "voucher.drawn", `{"count":"3"}`)
	for i, origin := range []string{"centre", "code"} {
		id, shopper := fmt.Sprint("vch_", i), fmt.Sprint("shr_voucher", i)
		f.add("vouchers", "id", id, "template_id", "vtp_1", "version", 1, "shopper_id", shopper, "nth", 1, "from_us", at,
			"until_us", at+1, "claimed_us", at, "amount", 0, "origin", origin, "given_by", "", "void_us", 0)
		limit := "clm:vtp_1:" + shopper
		f.add("quota_uses", "order_id", id, "uses", fmt.Sprintf(`[["iss:vtp_1",1],[%q,1]]`, limit), "released", false)
		f.add("quotas", "quota", limit, "cap", 1, "used", 1, "open", true)
	}
	f.add("quotas", "quota", "iss:vtp_1", "cap", 5, "used", 2, "open", true)
	f.add("quota_uses", "order_id", "vcd_1", "uses", `[["cod:vtp_1",3]]`, "released", false)
	f.add("quotas", "quota", "cod:vtp_1", "cap", 3, "used", 3, "open", true)
	f.add("voucher_codes", "hash", "hash_1", "template_id", "vtp_1", "voucher_id", "vch_1", "made_us", at)
}

// told is an entry of the audit log.
func (f *filler) told(subject, what, after string) {
	f.add("audit_entries", "id", f.ids.New("aud"), "at_us", 1, "who", "lgn_o", "acted_for", "", "shop_id", "", "what", what,
		"subject", subject, "facts_before", "{}", "facts_after", after, "request_id", "", "network", "")
}

// close closes a period for all shops and pays the first shop's statement out.
func (f *filler) close() {
	f.t.Helper()
	ctx := context.Background()
	_, err := f.settle.CloseAll(ctx, f.clock.Now())
	f.must(err)
	all, err := f.settle.Recent(ctx, 1)
	f.must(err)
	_, err = f.settle.Payout(ctx, all[0].ID)
	f.must(err)
}
