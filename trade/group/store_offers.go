package group

import (
	"encoding/json"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/offer"
)

var offerColumns = []string{"id", "shop_id", "offer_id", "product_id", "sku_id", "currency", "steps", "places",
	"window_us", "per_shopper", "stacks", "from_us", "until_us", "state", "created_us"}

const selectOffer = `SELECT id, shop_id, offer_id, product_id, sku_id, currency, steps, places, window_us, per_shopper,
	stacks, from_us, until_us, state, created_us FROM group_offers `

func scanOffer(r db.Row) (o Offer, err error) {
	var steps string
	var window, from, until, created int64
	err = r.Scan(&o.ID, &o.Shop, &o.Goods, &o.Product, &o.SKU, &o.Currency, &steps, &o.Places, &window, &o.PerShopper,
		&o.Stacks, &from, &until, &o.State, &created)
	if err != nil {
		return o, err
	}
	o.Window = time.Duration(window) * time.Microsecond
	o.From, o.Until, o.CreatedAt = clock.FromMicros(from), clock.FromMicros(until), clock.FromMicros(created)
	return o, json.Unmarshal([]byte(steps), &o.Steps)
}

func insertOffer(tx *db.Tx, o Offer) error {
	steps, err := json.Marshal(o.Steps)
	if err != nil {
		return err
	}
	return tx.Insert("group_offers", offerColumns, [][]any{{string(o.ID), o.Shop, o.Goods, o.Product, o.SKU,
		string(o.Currency), string(steps), o.Places, o.Window.Microseconds(), o.PerShopper, o.Stacks, clock.Micros(o.From),
		clock.Micros(o.Until), string(o.State), clock.Micros(o.CreatedAt)}})
}

func offerByID(tx *db.Tx, id OfferID) (o Offer, found bool, err error) {
	all, err := db.List(tx, scanOffer, selectOffer+`WHERE id = $1`, id)
	if err != nil || len(all) == 0 {
		return o, false, err
	}
	return all[0], true, nil
}

// offerOf reads a shop's own offer. Codes: group.offer_not_found.
func offerOf(tx *db.Tx, shop string, id OfferID) (Offer, error) {
	all, err := db.List(tx, scanOffer, selectOffer+`WHERE id = $1 AND shop_id = $2 {lock}`, id, shop)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "group.offer_not_found")
	}
	if err != nil {
		return Offer{}, err
	}
	return all[0], nil
}

func offersByShop(tx *db.Tx, shop string, before OfferID, limit int) ([]Offer, error) {
	return db.List(tx, scanOffer, selectOffer+`WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, shop, before,
		limit)
}

// offersOf are the offers of a product that are not withdrawn.
func offersOf(tx *db.Tx, product string) ([]Offer, error) {
	return db.List(tx, scanOffer, selectOffer+`WHERE product_id = $1 AND state <> 'withdrawn' ORDER BY id`, product)
}

// offersOfGoods are the offers of the products of goods that are not withdrawn.
func offersOfGoods(tx *db.Tx, goods []offer.ID) (all []Offer, err error) {
	keys := make([]string, len(goods))
	for i, g := range goods {
		keys[i] = string(g)
	}
	err = tx.EachKey(selectOffer+`WHERE state <> 'withdrawn'
		AND product_id IN (SELECT product_id FROM offers WHERE id IN ({keys}))`, keys, func(r db.Row) error {
		o, err := scanOffer(r)
		all = append(all, o)
		return err
	})
	return all, err
}

func offersInForce(tx *db.Tx) ([]Offer, error) {
	return db.List(tx, scanOffer, selectOffer+`WHERE state <> 'withdrawn' ORDER BY id`)
}

func turnOffer(tx *db.Tx, id OfferID, from, to OfferState) (won bool, err error) {
	n, err := tx.Exec(`UPDATE group_offers SET state = $2 WHERE id = $1 AND state = $3`, id, to, from)
	return n == 1, err
}

// opened tells whether goods are open to groups already.
func opened(tx *db.Tx, goods string) (taken bool, err error) {
	_, taken, err = db.Value[string](tx, `SELECT id FROM group_offers WHERE offer_id = $1 AND state = 'open'`, goods)
	return taken, err
}

func standing(tx *db.Tx, s *Standing) error {
	return tx.Each(`SELECT state, COUNT(*), CAST(COALESCE(SUM(paid), 0) AS BIGINT) FROM group_buys
		WHERE group_offer_id = $1 GROUP BY state`, func(r db.Row) error {
		var state State
		var groups, members int64
		err := r.Scan(&state, &groups, &members)
		switch state {
		case Forming:
			s.Forming = groups
		case Formed:
			s.Groups, s.Members = groups, members
		}
		return err
	}, s.ID)
}
