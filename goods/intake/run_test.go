package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/intake"
	"hutong/goods/stock"
)

func (m *market) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *market) run(id intake.RunID) intake.Run {
	m.t.Helper()
	v, err := m.intake.Run(m.t.Context(), shop, id)
	m.ok(err)
	return v
}

func (m *market) undo(id intake.RunID) intake.Run {
	m.t.Helper()
	v, err := m.intake.Undo(m.t.Context(), shop, id)
	m.ok(err)
	if v.State != intake.Undone {
		m.t.Fatalf("%+v", v)
	}
	return v
}

// hold promises pieces of a SKU to an order.
func (m *market) hold(sku string, pieces int64) {
	m.t.Helper()
	pools, err := m.stock.PoolsBySKU(m.t.Context(), shop, []string{sku})
	m.ok(err)
	m.ok(m.db.Write(m.t.Context(), func(tx *db.Tx) error {
		book, err := stock.LoadBook(tx, []stock.PoolID{pools[sku].ID})
		if err == nil {
			err = book.Hold([]stock.Want{{Pool: pools[sku].ID, Quantity: pieces}})
		}
		if err != nil {
			return err
		}
		return book.Save(tx)
	}))
}

// prices is every price that the first offer of a product had, in order.
func (m *market) prices(title string) (all []string) {
	m.t.Helper()
	p := m.product(title)
	offers, err := m.offers.ByProducts(m.t.Context(), []string{string(p.ID)})
	m.ok(err)
	m.ok(m.db.Read(m.t.Context(), func(tx *db.Tx) error {
		all, err = db.List(tx, func(r db.Row) (string, error) {
			var n, price int64
			err := r.Scan(&n, &price)
			return fmt.Sprintf("%d:%d", n, price), err
		}, `SELECT version, unit_price FROM price_history WHERE offer_id = $1 ORDER BY version`,
			string(offers[string(p.ID)][0].ID))
		return err
	}))
	return all
}

const cap1 = "cap,Cap,,,5,,3,,,,true\n"

// TestARunIsUndone: what a run created is withdrawn, what it changed is as it was, prices as a new version of their
// history; the runs are undone one after the other, and the file brings the same again.
func TestARunIsUndone(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		one := m.bring(nil, file(t, "one.csv", shopifyHeader+tee+cap1))
		was := m.product("Tee")
		changed := strings.NewReplacer("Tee", "Tee shirt", "19.90,25,5", "15,,9", ",,,M,20,,7", ",,,L,22,,4").Replace(tee)
		two := m.bring(nil, file(t, "two.csv", shopifyHeader+changed+cap1+"mug,Mug,,,9,,6,,,,true\n"))
		m.expect(two, "3/4: 1 new, 1 changed, 1 same, 0 refused")
		if got := m.shelf("Tee shirt"); got != "S 1500/0 9, L 2200/0 4" {
			t.Fatal(got)
		}
		_, err := m.intake.Undo(t.Context(), shop, one.Run)
		if !fault.Is(err, "intake.later_run") || !strings.Contains(fmt.Sprint(fault.As(err).Params), "two.csv") {
			t.Fatalf("undone below a later run: %v", err)
		}
		if v := m.undo(two.Run); v.Withdrawn != 1 || v.Restored != 1 || v.Kept != 0 {
			t.Fatalf("%+v", v)
		}
		now := m.product("Tee")
		if got := m.shelf("Tee"); got != "S 1990/2500 5, M 2000/0 7" || now.ID != was.ID || now.State != was.State {
			t.Fatalf("%s, %+v", got, now)
		}
		if got := fmt.Sprint(m.prices("Tee")); got != "[1:1990 2:1500 3:1990]" {
			t.Fatalf("the history of the price is %s", got)
		}
		if m.product("Mug").State != catalog.Withdrawn || m.shelf("Mug") != "" || m.listed() != 3 {
			t.Fatalf("the mug is still on sale: %s, %d", m.shelf("Mug"), m.listed())
		}
		m.expect(m.bring(nil, file(t, "one.csv", shopifyHeader+tee+cap1)), "2/3: 0 new, 0 changed, 2 same, 0 refused")
		if _, err := m.intake.Undo(t.Context(), shop, two.Run); !fault.Is(err, "intake.not_undoable") {
			t.Fatal(err)
		}
		m.undo(one.Run)
		if m.listed() != 0 {
			t.Fatalf("%d offers of nothing", m.listed())
		}
		again := m.bring(nil, file(t, "one.csv", shopifyHeader+tee+cap1))
		m.expect(again, "2/3: 2 new, 0 changed, 0 same, 0 refused")
		if got := m.shelf("Tee") + m.shelf("Cap"); got != "S 1990/2500 5, M 2000/0 7 500/0 3" || m.product("Tee").ID != was.ID {
			t.Fatal(got)
		}
		m.undo(again.Run)
		if m.listed() != 0 {
			t.Fatal("a product that came again is not withdrawn again")
		}
	})
}

// TestR18_UndoKeepsWhatOrdersWerePromised: stock goes back as far as it is not promised.
func TestR18_UndoKeepsWhatOrdersWerePromised(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.bring(nil, file(t, "one.csv", shopifyHeader+tee))
		two := m.bring(nil, file(t, "two.csv", shopifyHeader+strings.Replace(tee, "25,5,", "25,50,", 1)+cap1))
		tee, hat := string(m.product("Tee").SKUs[0].ID), string(m.product("Cap").SKUs[0].ID)
		m.hold(tee, 20)
		m.hold(hat, 2)
		m.undo(two.Run)
		pools, err := m.stock.PoolsBySKU(t.Context(), shop, []string{tee, hat})
		m.ok(err)
		if p := pools[tee]; p.OnHand() != 20 || p.Free() != 0 {
			t.Fatalf("%+v", p)
		}
		if p := pools[hat]; p.OnHand() != 2 || p.Free() != 0 || p.Open {
			t.Fatalf("%+v", p)
		}
	})
}

// TestUndoLeavesWhatWasChangedSince: a content or a price that is no longer the run's stays, and a count since then is
// moved, not set.
func TestUndoLeavesWhatWasChangedSince(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		m.bring(nil, file(t, "one.csv", shopifyHeader+tee+cap1))
		rows := strings.NewReplacer("19.90,25,5", "15,,9", ",20,,7", ",21,,7").Replace(tee) + "cap,Cap,,,6,,3,,,,true\n"
		two := m.bring(nil, file(t, "two.csv", shopifyHeader+rows))
		p, hat := m.product("Tee"), m.product("Cap")
		offers, err := m.offers.ByProducts(ctx, []string{string(p.ID)})
		m.ok(err)
		m.ok(m.offers.Reprice(ctx, shop, offers[string(p.ID)][0].ID, money.New(1111, "USD"), money.New(0, "USD")))
		m.ok(m.stock.SetStock(ctx, shop, string(p.SKUs[0].ID), 8)) // one was broken
		m.ok(m.catalog.Withdraw(ctx, shop, p.ID))
		hat.Title = catalog.Words{En: "Fine cap"}
		m.ok(m.db.Write(ctx, func(tx *db.Tx) error {
			_, err := m.catalog.Save(tx, time.Unix(1, 0), []catalog.Product{hat})
			return err
		}))
		v := m.undo(two.Run)
		if v.Restored != 1 || v.Kept != 1 {
			t.Fatalf("%+v", v)
		}
		if got := m.shelf("Tee"); got != "S 1111/0 4, M 2000/0 7" || m.product("Tee").State != catalog.Withdrawn {
			t.Fatalf("%s, %s", got, m.product("Tee").State)
		}
		if got := m.shelf("Fine cap"); got != " 500/0 3" {
			t.Fatal(got)
		}
	})
}

// TestAnUndoThatWasBrokenOffGoesOn: after a crash in the middle the rest is put back, and nothing twice.
func TestAnUndoThatWasBrokenOffGoesOn(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		var rows strings.Builder
		for i := range 120 {
			fmt.Fprintf(&rows, "p%d,P%d,Size,S,5,,3,,,,true\n", i, i)
		}
		path := file(t, "many.csv", shopifyHeader+rows.String())
		r := m.bring(nil, path)
		_, err := m.intake.BeginUndo(t.Context(), shop, r.Run)
		m.ok(err)
		if _, err := m.intake.BeginUndo(t.Context(), shop, r.Run); !fault.Is(err, "intake.not_undoable") {
			t.Fatalf("begun twice: %v", err)
		}
		m.ok(m.db.Write(t.Context(), func(tx *db.Tx) error { // as a crash behind the first batches leaves it
			_, err := tx.Exec(`UPDATE import_changes SET undone = TRUE WHERE product_id IN (SELECT id FROM products
				WHERE position < 70)`)
			return err
		}))
		m.clock.Advance(time.Minute)
		_, err = m.intake.Sweep(t.Context())
		m.ok(err)
		if v := m.run(r.Run); v.State != intake.Undoing {
			t.Fatalf("ended while it may be at work: %+v", v)
		}
		m.clock.Advance(2 * time.Minute)
		_, err = m.intake.Sweep(t.Context())
		m.ok(err)
		if v := m.run(r.Run); v.State != intake.Failed || v.Reason != "intake.broken_off" {
			t.Fatalf("%+v", v)
		}
		if v := m.undo(r.Run); v.Withdrawn != 50 || m.listed() != 70 {
			t.Fatalf("%+v, %d listed", v, m.listed())
		}
	})
}

func TestARunIsKept(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		bad := "bad,Bad,,,19.999,,,,,,\n"
		path := file(t, "a.csv", shopifyHeader+tee+strings.Repeat(bad, 3))
		r := m.bring(func(c *intake.Import) { c.By = "lgn_1" }, path)
		v := m.run(r.Run)
		want := intake.Counts{Products: 1, SKUs: 2, Created: 1, Rejected: 3}
		if v.State != intake.Done || v.Counts != want || v.File != "a.csv" || v.By != "lgn_1" || v.EndedAt.IsZero() {
			t.Fatalf("%+v", v)
		}
		page, err := m.intake.Rejects(ctx, shop, r.Run, 1, 1)
		m.ok(err)
		if len(page) != 1 || page[0].Line != 5 || page[0].Message(text.En) != r.Rejects[1].Message(text.En) {
			t.Fatalf("%+v, want %+v", page, r.Rejects[1])
		}
		if _, err := m.intake.Rejects(ctx, "shp_2", r.Run, 0, 9); !fault.Is(err, "intake.no_run") {
			t.Fatalf("A1: another shop reads the report: %v", err)
		}
		if _, err := m.intake.Undo(ctx, "shp_2", r.Run); !fault.Is(err, "intake.no_run") {
			t.Fatalf("A1: another shop undoes the run: %v", err)
		}
		if _, err := m.intake.Import(ctx, intake.Import{Shop: shop, Files: []string{path + "x"}, Formats: formats,
			Currency: "USD"}); !fault.Is(err, "intake.no_file") {
			t.Fatal(err)
		}
		all, err := m.intake.Runs(ctx, shop, "", 10)
		m.ok(err)
		if len(all) != 2 || all[0].State != intake.Failed || all[0].Reason != "intake.no_file" || all[1].ID != r.Run {
			t.Fatalf("%+v", all)
		}
		m.bring(func(c *intake.Import) { c.DryRun = true }, path)
		if all, err = m.intake.Runs(ctx, shop, all[0].ID, 10); err != nil || len(all) != 1 {
			t.Fatalf("%v %+v", err, all)
		}
	})
}

// TestADeskRun: uploaded, checked, imported; one at a time for each shop; the check tells what the import does.
func TestADeskRun(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		one, two := file(t, "1.csv", shopifyHeader+tee+cap1), file(t, "2.csv", shopifyHeader+cap1+strings.Replace(tee, "20", "21", 1))
		v, err := m.intake.Keep(ctx, intake.NewRun{Shop: shop, By: "lgn_1", File: "../a\x00b.csv", Size: 9, Currency: "USD"})
		m.ok(err)
		other, err := m.intake.Keep(ctx, intake.NewRun{Shop: shop, File: "b.csv", Currency: "USD"})
		m.ok(err)
		turn := func(id intake.RunID, to intake.RunState) error {
			_, err := m.intake.Turn(ctx, intake.Turn{Shop: shop, Run: id, To: to, Format: "shopify"})
			return err
		}
		if err := turn(v.ID, intake.Importing); !fault.Is(err, "intake.moved_on") {
			t.Fatalf("imported without a check: %v", err)
		}
		m.ok(turn(v.ID, intake.Checking))
		if err := turn(other.ID, intake.Checking); !fault.Is(err, "intake.busy") {
			t.Fatalf("two at once: %v", err)
		}
		dry := m.bring(func(c *intake.Import) { c.Run, c.DryRun = v.ID, true }, one, two)
		if now := m.run(v.ID); now.State != intake.Checked || now.File != "../ab.csv" || now.Counts.Created != 2 {
			t.Fatalf("%+v", now)
		}
		m.ok(turn(other.ID, intake.Dropped))
		m.ok(turn(v.ID, intake.Importing))
		real := m.bring(func(c *intake.Import) { c.Run = v.ID }, one, two)
		if counts(dry) != counts(real) || real.Updated != 1 || real.Unchanged != 1 {
			t.Fatalf("told %s, did %s", counts(dry), counts(real))
		}
		if v := m.undo(v.ID); v.Withdrawn != 2 || v.Restored != 0 {
			t.Fatalf("a product that stood in two files: %+v", v)
		}
		m.clock.Advance(intake.WaitMax + time.Hour)
		late, err := m.intake.Keep(ctx, intake.NewRun{Shop: shop, File: "c.csv", Currency: "USD"})
		m.ok(err)
		m.clock.Advance(intake.WaitMax + time.Hour)
		_, err = m.intake.Sweep(ctx)
		m.ok(err)
		if now := m.run(late.ID); now.State != intake.Dropped {
			t.Fatalf("%+v", now)
		}
	})
}

func TestMappingsAreSavedByName(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		for _, json := range []string{`{"a":1}`, `{"a":2}`} {
			m.ok(m.intake.SaveMapping(ctx, shop, intake.Mapping{Name: " 仓库 ", JSON: json}))
		}
		if err := m.intake.SaveMapping(ctx, shop, intake.Mapping{Name: " "}); !fault.Is(err, "intake.mapping_name") {
			t.Fatal(err)
		}
		all, err := m.intake.Mappings(ctx, shop)
		m.ok(err)
		if len(all) != 1 || all[0].Name != "仓库" || all[0].JSON != `{"a":2}` {
			t.Fatalf("%+v", all)
		}
		if all, err := m.intake.Mappings(ctx, "shp_2"); err != nil || len(all) != 0 {
			t.Fatalf("A1: another shop's mapping: %+v, %v", all, err)
		}
		m.ok(m.intake.DropMapping(ctx, shop, "仓库"))
		if all, err := m.intake.Mappings(ctx, shop); err != nil || len(all) != 0 {
			t.Fatalf("%+v, %v", all, err)
		}
	})
}
