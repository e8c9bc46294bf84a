package edit_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

const shop = "shp_1"

type desk struct {
	*edit.Service
	t     *testing.T
	clock *clock.Manual
}

func onBoth(t *testing.T, test func(t *testing.T, d *desk)) {
	schemas := []db.Schema{event.Schema, audit.Schema, catalog.Schema, offer.Schema, stock.Schema}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
		ids := id.NewMaker(c, rand.Reader)
		test(t, &desk{edit.New(edit.Deps{DB: d, Clock: c, IDs: ids, Catalog: catalog.New(d, c, ids),
			Offers: offer.New(d, c, ids), Stock: stock.New(d, c, ids)}), t, c})
	})
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func pieces(n int64) *int64 { return &n }

// tea is a product in two sizes.
func tea(title string) edit.Draft {
	size := catalog.Option{Name: catalog.Words{Zh: "规格"}, Values: []catalog.Words{{Zh: "大"}, {Zh: "小"}}}
	return edit.Draft{Shop: shop, Currency: "CNY", Product: catalog.Product{Title: catalog.Words{Zh: title},
		Options: []catalog.Option{size}, State: catalog.Listed},
		Variants: []edit.Variant{{Choice: []int{0}, Code: title + "-1", Price: 1990, List: 2990, Stock: pieces(10)},
			{Choice: []int{1}, Code: title + "-2", Price: 990, Stock: pieces(4)}}}
}

func (d *desk) save(draft edit.Draft) catalog.ID {
	d.t.Helper()
	id, err := d.Save(d.t.Context(), draft)
	d.ok(err)
	return id
}

func (d *desk) open(id catalog.ID) edit.Sheet {
	d.t.Helper()
	s, err := d.Open(d.t.Context(), shop, id)
	d.ok(err)
	return s
}

// shelf says "price/list stock state" of every SKU.
func (d *desk) shelf(id catalog.ID) string {
	d.t.Helper()
	s := d.open(id)
	var out []string
	for _, k := range s.Product.SKUs {
		o := s.Offers[k.ID]
		out = append(out, fmt.Sprintf("%d/%d %d %s", o.UnitPrice, o.ListPrice, s.OnHand[k.ID], o.State))
	}
	return strings.Join(out, ", ")
}

// again is the draft that an editor makes of what it shows.
func (d *desk) again(id catalog.ID) edit.Draft {
	d.t.Helper()
	s := d.open(id)
	draft := edit.Draft{Shop: shop, ID: id, Seen: s.Hash, Currency: "CNY", Product: s.Product}
	for _, k := range s.Product.SKUs {
		o := s.Offers[k.ID]
		draft.Variants = append(draft.Variants, edit.Variant{SKU: k.ID, Choice: k.Choice, Code: k.Code, Price: o.UnitPrice,
			List: o.ListPrice, Floor: o.FloorPrice, Stock: pieces(s.OnHand[k.ID]), StockWas: s.OnHand[k.ID]})
	}
	return draft
}

func (d *desk) hold(sku catalog.SKUID, n int64) {
	d.t.Helper()
	d.ok(d.DB.Write(d.t.Context(), func(tx *db.Tx) error {
		pools, err := d.Stock.Receive(tx, d.clock.Now(), []stock.Receipt{{Shop: shop, SKU: string(sku)}})
		if err != nil {
			return err
		}
		b, err := stock.LoadBook(tx, pools)
		if err == nil {
			err = b.Hold([]stock.Want{{Pool: pools[0], Quantity: n}})
		}
		if err != nil {
			return err
		}
		return b.Save(tx)
	}))
}

func TestAProductIsMadeAndChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		id := d.save(tea("龙井"))
		if got := d.shelf(id); got != "1990/2990 10 listed, 990/0 4 listed" {
			t.Fatal(got)
		}
		was := d.open(id)
		draft := d.again(id)
		draft.Product.Options[0].Values = append(draft.Product.Options[0].Values, catalog.Words{Zh: "特大"})
		draft.Variants = append(draft.Variants[:1], edit.Variant{Choice: []int{2}, Price: 5000, Stock: pieces(1)})
		draft.Variants[0].Price, *draft.Variants[0].Stock = 1800, 12
		d.save(draft)
		if got := d.shelf(id); got != "1800/2990 12 listed, 5000/0 1 listed" {
			t.Fatal(got)
		}
		now := d.open(id)
		if now.Product.SKUs[0].ID != was.Product.SKUs[0].ID {
			t.Error("a SKU that stayed became another")
		}
		if gone := now.Offers[was.Product.SKUs[1].ID]; gone.State != offer.Withdrawn {
			t.Errorf("what is no longer made can be bought: %+v", gone)
		}
		again := d.again(id)
		priced := d.again(id)
		priced.Variants[0].Price = 1801
		d.save(priced)
		if _, err := d.Save(t.Context(), again); !fault.Is(err, "edit.raced") {
			t.Errorf("another's price was lost: %v", err)
		}
		draft.Seen = was.Hash
		if _, err := d.Save(t.Context(), draft); !fault.Is(err, "edit.raced") {
			t.Errorf("another's change was lost: %v", err)
		}
		draft = d.again(id)
		draft.Shop = "shp_2"
		if _, err := d.Save(t.Context(), draft); !fault.Is(err, "product.not_found") {
			t.Errorf("A1: another shop's product: %v", err)
		}
		if _, err := d.Open(t.Context(), "shp_2", id); !fault.Is(err, "product.not_found") {
			t.Errorf("A1: another shop's product: %v", err)
		}
	})
}

// TestR18_AnEditorBooksTheDifference: what was sold while the form was open does not come back, and stock cannot fall
// below what was promised.
// TestR1_OneFormMakesOneProduct: sent again, or several times at once; another form makes another.
func TestR1_OneFormMakesOneProduct(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		draft := tea("龙井")
		draft.Key = d.NewKey()
		made := make([]catalog.ID, 6)
		var wg sync.WaitGroup
		for i := range made {
			wg.Go(func() {
				var err error
				if made[i], err = d.Save(t.Context(), draft); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		made = append(made, d.save(draft))
		for _, id := range made {
			if id != made[0] {
				t.Errorf("one form made %v", made)
			}
		}
		if got := d.shelf(made[0]); got != "1990/2990 10 listed, 990/0 4 listed" {
			t.Error(got)
		}
		draft.Key = d.NewKey()
		if other := d.save(draft); other == made[0] {
			t.Error("another form made nothing")
		}
		d.save(d.again(made[0]))
		draft.Key = "a b"
		if _, err := d.Save(t.Context(), draft); !fault.Is(err, "edit.key") {
			t.Error(err)
		}
	})
}

func TestR18_AnEditorBooksTheDifference(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		id := d.save(tea("龙井"))
		draft := d.again(id)
		sku := draft.Variants[0].SKU
		d.hold(sku, 6)
		*draft.Variants[0].Stock = 12
		d.save(draft)
		if s := d.open(id); s.OnHand[sku] != 12 || s.Held[sku] != 6 {
			t.Fatalf("%+v", s)
		}
		draft = d.again(id)
		*draft.Variants[0].Stock = 5
		draft.Variants[1].Price = 1
		_, err := d.Save(t.Context(), draft)
		if !fault.Is(err, "stock.below_promised") || fault.As(err).Field != "skus.0.stock" {
			t.Fatal(err)
		}
		if got := d.shelf(id); got != "1990/2990 12 listed, 990/0 4 listed" {
			t.Errorf("a refused save left %s", got)
		}
	})
}

func TestADraftNamesWhatIsWrong(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		for want, spoil := range map[string]func(*edit.Draft){
			"edit.variants skus":             func(d *edit.Draft) { d.Variants = nil },
			"edit.price skus.1.price":        func(d *edit.Draft) { d.Variants[1].Price = 0 },
			"edit.list_price skus.0.list":    func(d *edit.Draft) { d.Variants[0].List = 1990 },
			"edit.floor_price skus.1.floor":  func(d *edit.Draft) { d.Variants[1].Floor = 991 },
			"edit.floor_price skus.0.floor":  func(d *edit.Draft) { d.Variants[0].Floor = -1 },
			"stock.quantity skus.1.stock":    func(d *edit.Draft) { d.Variants[1].Stock = pieces(-1) },
			"product.title_missing title":    func(d *edit.Draft) { d.Product.Title = catalog.Words{} },
			"product.choice skus.0.choice":   func(d *edit.Draft) { d.Variants[0].Choice = []int{7} },
			"product.choice_twice skus.1":    func(d *edit.Draft) { d.Variants[1].Choice = []int{0} },
			"product.html description_zh":    func(d *edit.Draft) { d.Product.Description.Zh = "<script>" },
			"product.not_found ":             func(d *edit.Draft) { d.ID = "prd_none" },
			"product.barcode skus.1.barcode": func(d *edit.Draft) { d.Variants[1].Barcode = "=1" },
		} {
			draft := tea("龙井")
			spoil(&draft)
			_, err := d.Save(t.Context(), draft)
			if got := fault.As(err).Code + " " + fault.As(err).Field; err == nil || !strings.HasPrefix(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

func TestManyProductsAreChangedTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a, b := d.save(tea("龙井")), d.save(tea("普洱"))
		both := []catalog.ID{a, b}
		do := func(c edit.Change) int {
			t.Helper()
			n, err := d.Bulk(ctx, shop, both, c)
			d.ok(err)
			return n
		}
		effects, err := d.Preview(ctx, shop, both, edit.Change{Kind: edit.PriceRate, Rate: -125_000})
		d.ok(err)
		if len(effects) != 4 || effects[0].Before != 1990 || effects[0].After != 1741 {
			t.Fatalf("%+v", effects)
		}
		if n := do(edit.Change{Kind: edit.PriceRate, Rate: -125_000}); n != 4 || d.shelf(a) != "1741/2990 10 listed, 866/0 4 listed" {
			t.Fatalf("%d: %s", n, d.shelf(a))
		}
		do(edit.Change{Kind: edit.PriceAmount, Amount: 1300})
		do(edit.Change{Kind: edit.StockAdd, Pieces: -3})
		if got := d.shelf(b); got != "3041/0 7 listed, 2166/0 1 listed" {
			t.Fatal(got)
		}
		if n := do(edit.Change{Kind: edit.Withdraw}); n != 2 || d.open(a).Product.State != catalog.Withdrawn {
			t.Fatalf("%d", n)
		}
		if n := do(edit.Change{Kind: edit.Publish}); n != 2 || d.open(a).Product.State != catalog.Listed {
			t.Fatalf("%d", n)
		}
		do(edit.Change{Kind: edit.StockSet, Pieces: 5})
		sku := d.open(b).Product.SKUs[1].ID
		d.hold(sku, 2)
		for want, c := range map[string]edit.Change{
			"edit.price_range":     {Kind: edit.PriceAmount, Amount: -2166},
			"stock.below_promised": {Kind: edit.StockSet, Pieces: 1},
			"edit.kind":            {Kind: "x"},
			"edit.rate":            {Kind: edit.PriceRate, Rate: -1_000_000},
			"edit.by":              {Kind: edit.StockAdd},
		} {
			before := d.shelf(a) + d.shelf(b)
			if _, err := d.Preview(ctx, shop, both, c); !fault.Is(err, want) {
				t.Errorf("a preview of %+v: %v", c, err)
			}
			if _, err := d.Bulk(ctx, shop, both, c); !fault.Is(err, want) || d.shelf(a)+d.shelf(b) != before {
				t.Errorf("%+v: %v, %s", c, err, d.shelf(a))
			}
		}
		if _, err := d.Bulk(ctx, "shp_2", both, edit.Change{Kind: edit.Withdraw}); !fault.Is(err, "product.not_found") {
			t.Errorf("A1: another shop's products: %v", err)
		}
	})
}

// TestA27_ABulkChangeIsBounded: what names too many products is refused before anything is read.
func TestA27_ABulkChangeIsBounded(t *testing.T) {
	d := edit.New(edit.Deps{})
	for n, want := range map[int]string{0: "edit.none", edit.BulkMax + 1: "edit.too_many", 100_000: "edit.too_many"} {
		ids := make([]catalog.ID, n)
		if _, err := d.Bulk(t.Context(), shop, ids, edit.Change{Kind: edit.Publish}); !fault.Is(err, want) {
			t.Errorf("%d: %v", n, err)
		}
		if _, err := d.Preview(t.Context(), shop, ids, edit.Change{Kind: edit.Publish}); !fault.Is(err, want) {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func TestTheListIsSearchedFilteredAndSorted(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		green, black := tea("Green Tea_1"), tea("黑茶")
		black.Product.Brand, black.Product.State = "100%", catalog.Withdrawn
		black.Variants[0].Price, black.Variants[0].List, *black.Variants[0].Stock, *black.Variants[1].Stock = 50, 0, 0, 3
		empty := tea("白茶")
		*empty.Variants[0].Stock, *empty.Variants[1].Stock = 0, 0
		names := map[catalog.ID]string{d.save(green): "green", d.save(black): "black", d.save(empty): "white"}
		other := tea("绿茶")
		other.Shop = "shp_2"
		d.save(other)
		for q, want := range map[edit.Query]string{
			{}:                            "white black green",
			{Text: "green"}:               "green",
			{Text: "TEA_1-2"}:             "green",
			{Text: "_"}:                   "green",
			{Text: "%"}:                   "black",
			{Text: "茶"}:                   "white black",
			{Text: "' OR 1=1 --"}:         "",
			{State: catalog.Withdrawn}:    "black",
			{Stock: edit.Out}:             "white",
			{Stock: edit.Low}:             "black",
			{Stock: edit.In}:              "black green",
			{Sort: edit.ByPrice}:          "black green white",
			{Sort: edit.ByStockDown}:      "green black white",
			{Sort: "id; DROP TABLE skus"}: "white black green",
			{Stock: "1=1", Limit: 1}:      "white",
			{Limit: 1, Page: 1}:           "black",
			{Limit: 1, Page: 9}:           "",
		} {
			if q.Limit == 0 {
				q.Limit = 9
			}
			q.Shop = shop
			ids, more, err := d.List(t.Context(), q)
			d.ok(err)
			var got []string
			for _, id := range ids {
				got = append(got, names[id])
			}
			if !slices.Equal(got, strings.Fields(want)) || more != (q.Limit == 1 && q.Page < 2) {
				t.Errorf("%+v: %v, %v; want %s", q, got, more, want)
			}
		}
	})
}
