package edit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Hand is the source of products that were made at the desk.
const Hand = "hand"

// Save makes a product or changes one, with its prices and its stock, in one transaction. SKUs that the draft no longer
// has are withdrawn; the others are for sale while the product is listed. Codes: product.*, edit.raced, edit.variants,
// edit.price, edit.list_price, edit.floor_price, offer.*, stock.*; a field of a variant is "skus.3.price".
func (s *Service) Save(ctx context.Context, d Draft) (id catalog.ID, err error) {
	if err := d.check(); err != nil {
		return "", err
	}
	at := clock.Now(ctx, s.Clock)
	for range 2 {
		err = s.DB.Write(ctx, func(tx *db.Tx) (err error) { id, err = s.save(ctx, tx, at, d); return err })
		if d.ID != "" || !errors.Is(err, db.ErrUnique) { // else the same form was sent twice at once
			break
		}
	}
	s.shelves.forget(d.Shop)
	return id, err
}

// NewKey names a form for a new product.
func (s *Service) NewKey() string { return s.IDs.New("req") }

func (s *Service) save(ctx context.Context, tx *db.Tx, at time.Time, d Draft) (catalog.ID, error) {
	if d.ID == "" && d.Key != "" {
		if made, found, err := madeBy(tx, d.Shop, d.Key); err != nil || found {
			return made, err
		}
	}
	p, err := s.product(tx, d)
	if err != nil {
		return "", err
	}
	saved, err := s.Catalog.Save(tx, at, []catalog.Product{p})
	if err != nil {
		return "", ofDraft(err)
	}
	if d.ID == "" && saved[0].Outcome != catalog.Created { // it was made while we looked
		return saved[0].Product, nil
	}
	return saved[0].Product, s.sell(ctx, tx, at, d, saved[0])
}

// keyMax bounds a form's key, in bytes.
const keyMax = 64

// check refuses what no room would look at.
func (d Draft) check() error {
	if len(d.Key) > keyMax || strings.ContainsFunc(d.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fault.New(fault.Invalid, "edit.key").At("key")
	}
	if len(d.Variants) == 0 {
		return fault.New(fault.Invalid, "edit.variants").At("skus")
	}
	for i, v := range d.Variants {
		at := fmt.Sprintf("skus.%d.", i)
		switch {
		case v.Price <= 0 || v.Price > offer.PriceMax:
			return fault.New(fault.Invalid, "edit.price").At(at + "price")
		case v.List != 0 && (v.List <= v.Price || v.List > offer.PriceMax):
			return fault.New(fault.Invalid, "edit.list_price").At(at + "list")
		case v.Floor < 0 || v.Floor > v.Price:
			return fault.New(fault.Invalid, "edit.floor_price").At(at + "floor")
		case v.Stock != nil && (*v.Stock < 0 || *v.Stock > stock.QuantityMax):
			return fault.New(fault.Invalid, "stock.quantity", fault.P("max", int64(stock.QuantityMax))).At(at + "stock")
		}
	}
	return nil
}

// product is the catalogue's product of a draft: what the editor does not show stays as it is.
func (s *Service) product(tx *db.Tx, d Draft) (catalog.Product, error) {
	p := d.Product
	p.Shop, p.Source, p.ExternalID, p.SKUs = d.Shop, Hand, d.Key, nil
	var was catalog.Product
	if d.ID != "" {
		// Held from here on: of two that save what they saw, the second is told that it is something else by now.
		if err := catalog.Hold(tx, []catalog.ID{d.ID}); err != nil {
			return p, err
		}
		now, hash, err := s.mine(tx, d.Shop, d.ID)
		if err != nil {
			return p, err
		}
		offers, err := offer.Held(tx, []string{string(d.ID)})
		if err != nil {
			return p, err
		}
		if seen(hash, d.Shop, offers[string(d.ID)]) != d.Seen {
			return p, fault.New(fault.Conflict, "edit.raced")
		}
		was = now
		p.Source, p.ExternalID, p.Position = was.Source, was.ExternalID, was.Position
	}
	known := map[catalog.SKUID]catalog.SKU{}
	for _, k := range was.SKUs {
		known[k.ID] = k
	}
	for _, v := range d.Variants {
		k := catalog.SKU{Choice: v.Choice, Code: v.Code, Barcode: v.Barcode, WeightG: v.WeightG}
		if old, there := known[v.SKU]; there {
			k.ExternalID, k.Picture = old.ExternalID, old.Picture
			delete(known, v.SKU) // one that stands twice is another one the second time
		}
		p.SKUs = append(p.SKUs, k)
	}
	return p, nil
}

// ofDraft takes the batch's part off the field that the catalogue names.
func ofDraft(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	return f.At(strings.TrimPrefix(f.Field, "products.0."))
}

// sell puts the SKUs up for sale and counts them.
func (s *Service) sell(ctx context.Context, tx *db.Tx, at time.Time, d Draft, saved catalog.Saved) error {
	receipts := make([]stock.Receipt, len(saved.SKUs))
	for i, k := range saved.SKUs {
		receipts[i] = stock.Receipt{Shop: d.Shop, SKU: string(k), Ref: "desk"}
	}
	pools, err := s.Stock.Receive(tx, at, receipts)
	if err != nil {
		return err
	}
	listings := make([]offer.Listing, len(pools))
	for i, v := range d.Variants {
		listings[i] = offer.Listing{Shop: d.Shop, Product: string(saved.Product), SKU: string(saved.SKUs[i]),
			Pool: pools[i], Currency: d.Currency, UnitPrice: v.Price, ListPrice: v.List, FloorPrice: &v.Floor}
		if err := s.count(tx, at, d.Shop, saved.SKUs[i], v); err != nil {
			return inVariant(err, i, "stock")
		}
	}
	_, changed, err := s.Offers.By(ctx).List(tx, at, listings)
	if err != nil {
		return promised(err, listings)
	}
	if err := s.withdraw(tx, at, d.Shop, saved); err != nil || changed == 0 || saved.Outcome != catalog.Unchanged {
		return err
	}
	return event.Emit(tx, s.IDs, event.Event{Topic: offer.Changed, Subject: d.Shop, Shop: d.Shop, At: at,
		Body: event.Body(offer.ChangedBody{IDs: []string{string(saved.Product)}})})
}

// count books the difference between what the merchant saw and what they want.
func (s *Service) count(tx *db.Tx, at time.Time, shop string, sku catalog.SKUID, v Variant) error {
	if v.Stock == nil || *v.Stock == v.StockWas {
		return nil
	}
	_, err := s.Stock.Count(tx, at, shop, []stock.Count{{SKU: string(sku), Pieces: *v.Stock - v.StockWas, By: true,
		Ref: "desk"}})
	return err
}

func inVariant(err error, i int, field string) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	return f.At(fmt.Sprintf("skus.%d.%s", i, field))
}

// promised names the variant whose floor would take a promise back.
func promised(err error, listings []offer.Listing) error {
	if !fault.Is(err, "offer.floor_promised") {
		return err
	}
	for _, p := range fault.As(err).Params {
		at := slices.IndexFunc(listings, func(l offer.Listing) bool { return p.Name == "sku" && l.SKU == p.Value })
		if at >= 0 {
			return inVariant(err, at, "floor")
		}
	}
	return err
}

// withdraw takes the offers of SKUs that the product no longer has off sale.
func (s *Service) withdraw(tx *db.Tx, at time.Time, shop string, saved catalog.Saved) error {
	if len(saved.Withdrawn) == 0 {
		return nil
	}
	gone := make(map[string]bool, len(saved.Withdrawn))
	for _, k := range saved.Withdrawn {
		gone[string(k)] = true
	}
	offers, err := offer.ByProducts(tx, []string{string(saved.Product)})
	if err != nil {
		return err
	}
	var terms []offer.Terms
	for _, o := range offers[string(saved.Product)] {
		if gone[o.SKU] && o.Shop == shop {
			terms = append(terms, offer.Terms{Offer: o.ID, UnitPrice: o.UnitPrice, ListPrice: o.ListPrice,
				State: offer.Withdrawn})
		}
	}
	_, err = s.Offers.Set(tx, at, shop, terms)
	return err
}
