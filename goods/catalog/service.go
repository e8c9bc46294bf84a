package catalog

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
)

// Service holds the catalogue's verbs.
type Service struct {
	db      *db.DB
	clock   clock.Clock
	ids     *id.Maker
	pledges []Pledges
}

// New makes the catalogue on a database that has Schema and event.Schema.
func New(d *db.DB, c clock.Clock, ids *id.Maker) *Service { return &Service{db: d, clock: c, ids: ids} }

// Save creates the products that are new to their shop and source and changes those that differ, all or
// none, in the caller's transaction. SKUs that a product no longer has are withdrawn. It is safe to repeat:
// what has not changed is not written. ids, times and the products' SKU states in the input are not looked
// at.
//
// Codes: those of Check, at "products.3.title"; product.batch, product.twice, product.pledged; product.raced when
// another transaction saves the same product.
func (s *Service) Save(tx *db.Tx, at time.Time, products []Product) ([]Saved, error) {
	if len(products) > BatchMax {
		return nil, invalid("product.batch", "products", fault.P("max", BatchMax))
	}
	all := make([]Product, len(products))
	seen := make(map[origin]bool, len(products))
	for i, p := range products {
		all[i] = tidied(p)
		field := "products." + strconv.Itoa(i)
		if err := Check(all[i]); err != nil {
			return nil, fault.As(err).At(field + "." + fault.As(err).Field)
		}
		o := origin{all[i].Shop, all[i].Source, all[i].ExternalID}
		if seen[o] && o.external != "" {
			return nil, invalid("product.twice", field, fault.P("id", o.external))
		}
		seen[o] = true
	}
	found, err := find(tx, all)
	if err != nil {
		return nil, err
	}
	b := &batch{at: at}
	saved, off := make([]Saved, len(all)), make([]bool, len(all))
	for i, p := range all {
		was := found[origin{p.Shop, p.Source, p.ExternalID}]
		saved[i] = s.plan(b, p, was)
		off[i] = saved[i].Outcome == Updated && was.state == Listed && p.State == Withdrawn
	}
	if err := s.staying(tx, at, all, saved, off); err != nil {
		return nil, err
	}
	if err := b.write(tx); errors.Is(err, db.ErrUnique) {
		return nil, fault.New(fault.Conflict, "product.raced").Because(err).After(time.Second)
	} else if err != nil {
		return nil, err
	}
	return saved, s.announce(tx, at, all, saved)
}

// plan decides what one product needs: nothing, new rows or changed ones.
func (s *Service) plan(b *batch, p Product, was *kept) Saved {
	c := render(p)
	switch {
	case was == nil:
		p.ID = ID(s.ids.New("prd"))
		if p.ExternalID == "" {
			p.ExternalID = string(p.ID) // made here, in no other system
		}
		b.create(p, c)
		return s.planSKUs(b, p, c, &kept{})
	case was.hash == c.hash:
		saved := Saved{Product: was.id, Outcome: Unchanged, SKUs: make([]SKUID, len(p.SKUs)), Hash: c.hash}
		for i, k := range p.SKUs {
			saved.SKUs[i] = was.skus[skuName(k, p.Options)].id
		}
		return saved
	default:
		p.ID = was.id
		b.update(p, c)
		return s.planSKUs(b, p, c, was)
	}
}

func (s *Service) planSKUs(b *batch, p Product, c content, was *kept) Saved {
	saved := Saved{Product: p.ID, Outcome: Created, SKUs: make([]SKUID, len(p.SKUs)), Hash: c.hash}
	if was.id != "" {
		saved.Outcome = Updated
	}
	for i, k := range p.SKUs {
		k.ExternalID = skuName(k, p.Options)
		old, there := was.skus[k.ExternalID]
		delete(was.skus, k.ExternalID)
		if there {
			k.ID = old.id
			b.updateSKU(p, k, c.choices[i], i)
		} else {
			k.ID = SKUID(s.ids.New("sku"))
			b.createSKU(p, k, c.choices[i], i)
		}
		saved.SKUs[i] = k.ID
	}
	for _, gone := range was.skus {
		if gone.state == Listed {
			b.withdrawSKU(p, gone.id)
			saved.Withdrawn = append(saved.Withdrawn, gone.id)
		}
	}
	slices.Sort(saved.Withdrawn)
	return saved
}

// announce emits one event per shop that has changes in the batch.
func (s *Service) announce(tx *db.Tx, at time.Time, products []Product, saved []Saved) error {
	byShop := map[string][]ID{}
	var shops []string
	for i, p := range products {
		if saved[i].Outcome == Unchanged {
			continue
		}
		if byShop[p.Shop] == nil {
			shops = append(shops, p.Shop)
		}
		byShop[p.Shop] = append(byShop[p.Shop], saved[i].Product)
	}
	for _, shop := range shops {
		if err := s.emit(tx, at, shop, byShop[shop]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) emit(tx *db.Tx, at time.Time, shop string, ids []ID) error {
	return event.Emit(tx, s.ids, event.Event{Topic: Changed, Subject: shop, Shop: shop,
		Body: event.Body(ChangedBody{IDs: ids}), At: at})
}

// Withdraw takes products of the shop out of sale; old orders still show them. Goods that are pledged to a sale stay.
// It is safe to repeat.
//
// Codes: product.not_found, product.batch, product.pledged.
func (s *Service) Withdraw(ctx context.Context, shop string, ids ...ID) error {
	return s.setState(ctx, shop, ids, Withdrawn)
}

// Relist puts withdrawn products of the shop on sale again. It is safe to repeat.
//
// Codes: product.not_found, product.batch.
func (s *Service) Relist(ctx context.Context, shop string, ids ...ID) error {
	return s.setState(ctx, shop, ids, Listed)
}

func (s *Service) setState(ctx context.Context, shop string, ids []ID, state State) error {
	at := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := s.SetStateIn(tx, at, shop, ids, state)
		return err
	})
}

// SetStateIn is Withdraw and Relist in the caller's transaction. It tells which products changed.
//
// Codes: product.not_found, product.batch, product.pledged.
func (s *Service) SetStateIn(tx *db.Tx, at time.Time, shop string, ids []ID, state State) ([]ID, error) {
	if len(ids) > BatchMax {
		return nil, invalid("product.batch", "products", fault.P("max", BatchMax))
	}
	n, err := owned(tx, shop, ids)
	if err != nil {
		return nil, err
	}
	if n != len(keys(ids)) {
		return nil, fault.New(fault.NotFound, "product.not_found").At("products")
	}
	if state == Withdrawn {
		if err := Hold(tx, ids); err != nil {
			return nil, err
		}
		if err := s.Stay(tx, at, ids); err != nil {
			return nil, err
		}
	}
	changed, err := setState(tx, shop, ids, state, at)
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	return changed, s.emit(tx, at, shop, changed)
}

// Product reads one product with its listed SKUs, whether it is listed or not.
//
// Codes: product.not_found.
func (s *Service) Product(ctx context.Context, id ID) (p Product, err error) {
	all, err := s.Products(ctx, []ID{id})
	if err != nil {
		return p, err
	}
	if len(all) == 0 {
		return p, fault.New(fault.NotFound, "product.not_found")
	}
	return all[0], nil
}

// Products reads products with their listed SKUs in the order of ids; those that do not exist are left out.
func (s *Service) Products(ctx context.Context, ids []ID) (products []Product, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		products, err = productsIn(tx, ids)
		return err
	})
	return products, err
}

// ProductsIn is Products in the caller's transaction.
func (s *Service) ProductsIn(tx *db.Tx, ids []ID) ([]Product, error) { return productsIn(tx, ids) }

// HashesIn reads the hashes of products' contents, as Saved told them: a product whose hash is another one was changed
// since. Those that do not exist are left out.
func (s *Service) HashesIn(tx *db.Tx, ids []ID) (map[ID]string, error) { return hashesIn(tx, ids) }

// SKUs reads SKUs, withdrawn ones too; those that do not exist are left out.
func (s *Service) SKUs(tx *db.Tx, ids []SKUID) (map[SKUID]SKU, error) { return skusIn(tx, ids) }

// HasSKUs tells which of these SKUs are the shop's, or anybody's where it is ""; withdrawn ones too.
func (s *Service) HasSKUs(tx *db.Tx, shop string, ids []string) (map[string]bool, error) {
	names := make([]SKUID, len(ids))
	for i, k := range ids {
		names[i] = SKUID(k)
	}
	found, err := skusIn(tx, names)
	has := make(map[string]bool, len(found))
	for k, one := range found {
		has[string(k)] = shop == "" || one.Shop == shop
	}
	return has, err
}

// Briefs reads what order and cart lines say about SKUs; those that do not exist are left out.
func (s *Service) Briefs(tx *db.Tx, ids []SKUID) (map[SKUID]Brief, error) { return briefs(tx, ids) }

// ByShop asks for a page of a shop's products.
type ByShop struct {
	Shop   string
	State  State  // "": both
	Cursor string // Page.Next of the page before
	Limit  int    // 1..100
}

// Page is one page of products. Next is empty on the last one.
type Page struct {
	Products []Product
	Next     string
}

// ByShop reads the products of a shop in its order: by position, within one the newest first.
//
// Codes: product.cursor.
func (s *Service) ByShop(ctx context.Context, q ByShop) (page Page, err error) {
	var position int64
	var after ID
	if q.Cursor != "" {
		number, last, _ := strings.Cut(q.Cursor, ".")
		if position, err = strconv.ParseInt(number, 10, 64); err != nil || !id.Valid(last, "prd") {
			return page, invalid("product.cursor", "cursor")
		}
		after = ID(last)
	}
	q.Limit = min(max(q.Limit, 1), 100)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		ids, err := pageOf(tx, q, position, after)
		if err != nil {
			return err
		}
		more := len(ids) > q.Limit
		page.Products, err = productsIn(tx, ids[:min(len(ids), q.Limit)])
		if more && err == nil {
			page.Next = cursorOf(page.Products[len(page.Products)-1])
		}
		return err
	})
	return page, err
}
