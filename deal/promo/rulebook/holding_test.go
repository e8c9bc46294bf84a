package rulebook_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/rulebook"
	"hutong/deal/quota"
)

// TestTheBudgetIsAQuota: publishing gives it its cap, and a newer version cannot promise less than was spent.
func TestTheBudgetIsAQuota(t *testing.T) {
	onBoth(t, func(b *book) {
		cmd := b.publish("shp_a", spendAndSave("shp_a"))
		name := quota.Budget(cmd.ID)
		b.ok(b.db.Write(ctx, func(tx *db.Tx) error {
			book, err := quota.LoadBook(tx, []string{name})
			if err != nil {
				return err
			}
			if err := book.Take("ord_1", []quota.Need{{Quota: name, Amount: 30_000}}); err != nil {
				return err
			}
			return book.Save(tx)
		}))
		p := spendAndSave("shp_a")
		p.ID, p.Budget = cmd.ID, 29_999
		b.want(b.Publish(ctx, b.draft("shp_a", p)), "quota.below_used")
		if all, _, err := b.List(ctx); err != nil || len(all) != 1 || all[0].Version != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		p.Budget = 30_001
		b.ok(b.Publish(ctx, b.draft("shp_a", p)))
		b.ok(b.db.Read(ctx, func(tx *db.Tx) error {
			free, err := quota.Free(tx, []string{name})
			if free[name] != 1 {
				t.Errorf("%d are left", free[name])
			}
			return err
		}))
	})
}

// TestWhatIsOverIsNotPublished, and falls out of the list when it is read anew.
func TestWhatIsOverIsNotPublished(t *testing.T) {
	onBoth(t, func(b *book) {
		late, first := b.draft("shp_a", spendAndSave("shp_a")), b.publish("shp_a", spendAndSave("shp_a"))
		b.clock.Set(start.Add(24 * time.Hour))
		b.want(b.Publish(ctx, late), "promo.window_over")
		endless := spendAndSave("shp_a")
		endless.From, endless.Until = time.Time{}, time.Time{}
		second := b.publish("shp_a", endless)
		if ids, _ := b.holds(b.Service); !slices.Equal(ids, []string{second.ID}) {
			t.Errorf("%v holds, not %s", ids, first.ID)
		}
	})
}

// TestADraftIsTriedOut: prices as they would be, while nothing holds yet.
func TestADraftIsTriedOut(t *testing.T) {
	onBoth(t, func(b *book) {
		b.publish("shp_a", spendAndSave("shp_a"))
		all, _, err := b.List(ctx)
		b.ok(err)
		now, err := promo.Compile(promo.Parallel, all)
		b.ok(err)
		p := crossShop()
		draft := b.draft("", p)
		packet := p
		packet.Kind, packet.Terms = redpacket.Name, &redpacket.Terms{Off: 300}
		second := b.draft("", packet)
		ref := []rulebook.DraftRef{{ID: draft.ID, Version: 1}, {ID: second.ID, Version: 1}}
		tried, err := b.Try(ctx, rulebook.Try{Rules: now, Drafts: ref})
		b.ok(err)
		basket := promo.Basket{Currency: "CNY", At: start, Lines: []promo.Line{{ID: "1", Shop: "shp_a", SKU: "a", UnitPrice: 40_000, Quantity: 1}}}
		for rules, want := range map[*promo.Rules]int64{now: 39_000, tried: 39_000 - 5_000 - 300} {
			if a, err := rules.Price(basket); err != nil || a.Total != want {
				t.Errorf("%d, %v, want %d", a.Total, err, want)
			}
		}
		if held, _ := b.holds(b.Service); len(held) != 1 {
			t.Errorf("%v holds", held)
		}
		_, err = b.Try(ctx, rulebook.Try{Shop: "shp_a", Rules: now, Drafts: ref})
		b.want(err, "promo.not_found")
		ref[0].Version = 2
		_, err = b.Try(ctx, rulebook.Try{Rules: now, Drafts: ref})
		b.want(err, "promo.not_found")
	})
}

// TestAnOwnersPromotionsAreListed: the newest version of each, newest first, page by page; another shop's are not there.
func TestAnOwnersPromotionsAreListed(t *testing.T) {
	onBoth(t, func(b *book) {
		var made []string
		for range 5 {
			made = append(made, b.publish("shp_a", spendAndSave("shp_a")).ID)
			b.clock.Advance(time.Second)
		}
		p := spendAndSave("shp_a")
		p.ID = made[4]
		b.draft("shp_a", p)
		b.publish("shp_b", spendAndSave("shp_b"))
		b.publish("", crossShop())
		var seen []string
		q := rulebook.Query{Shop: "shp_a", Limit: 2}
		for range 4 {
			page, err := b.Promotions(ctx, q)
			b.ok(err)
			for _, e := range page.Entries {
				seen = append(seen, e.Promotion.ID)
				if first := e.Promotion.ID == made[4]; first != (e.State == rulebook.Draft) || first != (e.Promotion.Version == 2) {
					t.Errorf("%+v", e)
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		slices.Reverse(seen)
		if !slices.Equal(seen, made) {
			t.Errorf("%v, want %v", seen, made)
		}
		for q, want := range map[rulebook.Query]int{{}: 1, {Any: true}: 7, {Shop: "shp_c"}: 0, {Any: true, Limit: 1000}: 7} {
			if page, err := b.Promotions(ctx, q); err != nil || len(page.Entries) != want || page.Next != "" {
				t.Errorf("%+v: %+v, %v", q, page, err)
			}
		}
		_, err := b.Promotions(ctx, rulebook.Query{Cursor: "x"})
		b.want(err, "promo.cursor")
	})
}

// TestTwoDraftsAtOnce have numbers of their own, and two who publish one draft publish it once.
func TestTwoDraftsAtOnce(t *testing.T) {
	onBoth(t, func(b *book) {
		p := spendAndSave("shp_a")
		p.ID = b.draft("shp_a", p).ID
		var mu sync.Mutex
		var wg sync.WaitGroup
		seen := map[int64]int{1: 1}
		refused := 0
		for range 8 {
			wg.Go(func() {
				e, err := b.SaveDraft(ctx, rulebook.SaveDraft{Shop: "shp_a", Promotion: p})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					seen[e.Promotion.Version]++
				case fault.Is(err, "promo.at_once"):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for v := range int64(len(seen)) {
			if seen[v+1] != 1 {
				t.Errorf("version %d was made %d times", v+1, seen[v+1])
			}
		}
		if len(seen)+refused != 9 {
			t.Errorf("%d versions, %d refused", len(seen), refused)
		}
		published := 0
		for range 8 {
			wg.Go(func() {
				err := b.Publish(ctx, rulebook.Publish{Shop: "shp_a", ID: p.ID, Version: 1})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					published++
				} else if !fault.Is(err, "promo.state") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if published != 1 {
			t.Errorf("published %d times", published)
		}
	})
}

// TestChangesAreToldAndRecorded: one event for each change of what holds, one row of the record for each change.
func TestChangesAreToldAndRecorded(t *testing.T) {
	onBoth(t, func(b *book) {
		cmd := b.publish("shp_a", spendAndSave("shp_a"))
		b.ok(b.Withdraw(ctx, rulebook.Withdraw{Shop: "shp_a", ID: cmd.ID}))
		b.ok(b.db.Read(ctx, func(tx *db.Tx) error {
			for q, want := range map[string]int64{
				`SELECT COUNT(*) FROM outbox WHERE topic = 'promotion.changed' AND subject = $1`: 2,
				`SELECT COUNT(*) FROM audit_entries WHERE subject = $1`:                          3} {
				if n, _, err := db.Value[int64](tx, q, cmd.ID); err != nil || n != want {
					t.Errorf("%s: %d, %v, want %d", q, n, err, want)
				}
			}
			return nil
		}))
	})
}
