package shopper

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
)

// Create makes a shopper in the caller's transaction.
func Create(tx *db.Tx, at time.Time, fresh ID) error {
	return tx.Insert("shoppers", []string{"id", "created_us"}, [][]any{{fresh, clock.Micros(at)}})
}

// Lock holds the shopper's row until the caller's transaction ends, so that of two requests of one shopper the second
// sees what the first did. One who went into another or was erased is not found. Codes: shopper.not_found.
func Lock(tx *db.Tx, who ID) error {
	_, found, err := db.Value[string](tx, `SELECT id FROM shoppers 
		WHERE id = $1 AND merged_into = '' AND erased_us = 0 {lock}`, who)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "shopper.not_found")
	}
	return err
}

const columns = `shopper_id, id, country, division, region_text, recipient, phone, street, postcode,
	created_us, forgotten, erased`

func scan(r db.Row) (a Address, err error) {
	var created int64
	err = r.Scan(&a.Shopper, &a.ID, &a.Country, &a.Division, &a.Region, &a.Recipient, &a.Phone, &a.Street, &a.Postcode,
		&created, &a.Forgotten, &a.Erased)
	a.Created = clock.FromMicros(created)
	return a, err
}

// AddressIn is one of the shopper's addresses, in the caller's transaction; also a forgotten one, because orders go on
// with it. Codes: shopper.address_not_found, also for another shopper's.
func AddressIn(tx *db.Tx, who ID, name AddressID) (a Address, err error) {
	missing := fault.New(fault.NotFound, "shopper.address_not_found").At("address")
	if !id.Valid(string(name), "adr") { // an id that nobody made: PostgreSQL would call some of them malformed
		return Address{}, missing
	}
	found := false
	q := `SELECT ` + columns + ` FROM addresses WHERE shopper_id = $1 AND id = $2`
	err = tx.Each(q, func(r db.Row) error {
		found = true
		a, err = scan(r)
		return err
	}, who, name)
	if err == nil && !found {
		return Address{}, missing
	}
	return a, err
}

// UsableIn is AddressIn for a new order: a forgotten address is not found.
func UsableIn(tx *db.Tx, who ID, name AddressID) (Address, error) {
	a, err := AddressIn(tx, who, name)
	if err == nil && a.Forgotten {
		return Address{}, fault.New(fault.NotFound, "shopper.address_not_found").At("address")
	}
	return a, err
}

// usable are the addresses offered for a new order, newest first.
func usable(tx *db.Tx, who ID) ([]Address, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM addresses
		WHERE shopper_id = $1 AND NOT forgotten ORDER BY id DESC LIMIT $2`, who, AddressesMax+1)
}

func insert(tx *db.Tx, a Address) error {
	cols := []string{"shopper_id", "id", "country", "division", "region_text", "recipient", "phone", "street",
		"postcode", "created_us", "forgotten", "erased"}
	return tx.Insert("addresses", cols, [][]any{{a.Shopper, a.ID, a.Country, a.Division, a.Region, a.Recipient, a.Phone,
		a.Street, a.Postcode, clock.Micros(a.Created), a.Forgotten, a.Erased}})
}

func forget(tx *db.Tx, who ID, name AddressID) (forgotten bool, err error) {
	n, err := tx.Exec(`UPDATE addresses SET forgotten = TRUE
		WHERE shopper_id = $1 AND id = $2 AND NOT forgotten`, who, name)
	return n == 1, err
}

func erase(tx *db.Tx, who ID) (int64, error) {
	return tx.Exec(`UPDATE addresses SET forgotten = TRUE, erased = TRUE,
		region_text = '', recipient = '', phone = '', street = '', postcode = ''
		WHERE shopper_id = $1 AND NOT erased`, who)
}

// Merge moves what the shopper from has here into another one, in the caller's transaction: addresses, favourites and
// what was seen lately. From is empty afterwards and never found again. Of more addresses than one may have, the oldest
// are forgotten. merged is false when from had gone into another already.
//
// Codes: shopper.not_found (into).
func Merge(tx *db.Tx, from, into ID) (merged bool, err error) {
	for _, who := range []ID{min(from, into), max(from, into)} { // in one order, against deadlock
		err := Lock(tx, who)
		if who == from && fault.Is(err, "shopper.not_found") {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	for _, q := range []string{
		`UPDATE shoppers SET merged_into = $2 WHERE id = $1`,
		`UPDATE addresses SET shopper_id = $2 WHERE shopper_id = $1`,
		`DELETE FROM favourites WHERE shopper_id = $1 AND product_id IN (
			SELECT product_id FROM favourites WHERE shopper_id = $2)`,
		`UPDATE favourites SET shopper_id = $2 WHERE shopper_id = $1`,
		`DELETE FROM seen_products WHERE shopper_id = $1 AND product_id IN (
			SELECT product_id FROM seen_products WHERE shopper_id = $2)`,
		`UPDATE seen_products SET shopper_id = $2 WHERE shopper_id = $1`,
	} {
		if _, err := tx.Exec(q, from, into); err != nil {
			return false, err
		}
	}
	return true, bound(tx, into)
}

// bound brings a shopper's lists back to their bounds.
func bound(tx *db.Tx, who ID) error {
	_, err := tx.Exec(`UPDATE addresses SET forgotten = TRUE WHERE shopper_id = $1 AND NOT forgotten AND id NOT IN (
		SELECT id FROM addresses WHERE shopper_id = $1 AND NOT forgotten ORDER BY id DESC LIMIT $2)`, who, AddressesMax)
	if err == nil {
		err = trimProducts(tx, favourites, who)
	}
	if err == nil {
		err = trimProducts(tx, lately, who)
	}
	return err
}

// there tells that a shopper is there, without locking. Codes: shopper.not_found.
func there(tx *db.Tx, who ID) error {
	_, found, err := db.Value[string](tx, `SELECT id FROM shoppers
		WHERE id = $1 AND merged_into = '' AND erased_us = 0`, who)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "shopper.not_found")
	}
	return err
}

// everyAddress are all addresses of a shopper that still tell something, for the export.
func everyAddress(tx *db.Tx, who ID) ([]Address, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM addresses WHERE shopper_id = $1 AND NOT erased ORDER BY id`, who)
}

func markErased(tx *db.Tx, who ID, at time.Time) error {
	_, err := tx.Exec(`UPDATE shoppers SET erased_us = $2 WHERE id = $1`, who, clock.Micros(at))
	return err
}
