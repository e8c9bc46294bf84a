package merchant

import (
	"slices"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
)

const columns = `id, code, name_zh, name_en, intro_zh, intro_en, logo, division, state, created_us`

func scan(r db.Row) (s Shop, err error) {
	var created int64
	err = r.Scan(&s.ID, &s.Code, &s.Name.Zh, &s.Name.En, &s.Intro.Zh, &s.Intro.En, &s.Logo, &s.Division,
		&s.State, &created)
	s.Created = clock.FromMicros(created)
	return s, err
}

func insert(tx *db.Tx, s Shop) (fresh bool, err error) {
	n, err := tx.Exec(`INSERT INTO shops (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (code) DO NOTHING`,
		s.ID, s.Code, s.Name.Zh, s.Name.En, s.Intro.Zh, s.Intro.En, s.Logo, s.Division, s.State, clock.Micros(s.Created))
	return n == 1, err
}

func one(tx *db.Tx, q string, arg any) (s Shop, err error) {
	found := false
	err = tx.Each(q, func(r db.Row) error {
		found = true
		s, err = scan(r)
		return err
	}, arg)
	if err == nil && !found {
		err = notFound()
	}
	return s, err
}

func notFound() error { return fault.New(fault.NotFound, "merchant.not_found") }

// Load is the shop with that id, in the caller's transaction. Codes: merchant.not_found.
func Load(tx *db.Tx, shop ID) (Shop, error) {
	if !id.Valid(string(shop), "shp") { // an id that nobody made: PostgreSQL would call some of them malformed
		return Shop{}, notFound()
	}
	return one(tx, `SELECT `+columns+` FROM shops WHERE id = $1`, shop)
}

// held is Load of a shop that stays as it is until the commit: the operator may be opening it.
func held(tx *db.Tx, shop ID) (Shop, error) {
	if !id.Valid(string(shop), "shp") {
		return Shop{}, notFound()
	}
	return one(tx, `SELECT `+columns+` FROM shops WHERE id = $1 {lock}`, shop)
}

// LoadByCode is the shop with that code, in the caller's transaction. Codes: merchant.not_found.
func LoadByCode(tx *db.Tx, code string) (Shop, error) {
	if !ValidCode(code) {
		return Shop{}, notFound()
	}
	return one(tx, `SELECT `+columns+` FROM shops WHERE code = $1`, code)
}

// Names are the names of shops, for pages that show many; an unknown shop is left out.
func Names(tx *db.Tx, ids []string) (map[string]text.Entry, error) {
	names := make(map[string]text.Entry, len(ids))
	err := tx.EachKey(`SELECT id, name_zh, name_en FROM shops WHERE id IN ({keys})`, ids, func(r db.Row) error {
		var id string
		var name text.Entry
		err := r.Scan(&id, &name.Zh, &name.En)
		names[id] = name
		return err
	})
	return names, err
}

// OpenOf tells which of these shops take orders.
func OpenOf(tx *db.Tx, ids []string) (map[string]bool, error) {
	open := make(map[string]bool, len(ids))
	some := slices.Compact(slices.Sorted(slices.Values(ids)))
	err := tx.EachKey(`SELECT id FROM shops WHERE state = 'open' AND id IN ({keys})`, some,
		func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			open[id] = true
			return err
		})
	return open, err
}

func all(tx *db.Tx) ([]Shop, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM shops ORDER BY id LIMIT $1`, ShopsMax)
}

// openAfter are open shops, the oldest first, after an id; "" begins with the first.
func openAfter(tx *db.Tx, after ID, limit int) ([]Shop, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM shops WHERE state = 'open' AND id > $1 ORDER BY id LIMIT $2`,
		string(after), limit)
}

func move(tx *db.Tx, shop ID, from, to State) (moved bool, err error) {
	n, err := tx.Exec(`UPDATE shops SET state = $3 WHERE id = $1 AND state = $2`, shop, from, to)
	return n == 1, err
}

func edit(tx *db.Tx, s Shop) error {
	_, err := tx.Exec(`UPDATE shops SET name_zh = $2, name_en = $3, intro_zh = $4, intro_en = $5, logo = $6,
		division = $7 WHERE id = $1`, s.ID, s.Name.Zh, s.Name.En, s.Intro.Zh, s.Intro.En, s.Logo, s.Division)
	return err
}

func withdraw(tx *db.Tx, shop ID) error {
	if _, err := tx.Exec(`DELETE FROM shop_papers WHERE shop_id = $1`, shop); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM shops WHERE id = $1 AND state = $2`, shop, Applied)
	return err
}

func savePapers(tx *db.Tx, p Papers) error {
	_, err := tx.Exec(`INSERT INTO shop_papers (shop_id, holder, licence, picture, given_us)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shop_id) DO UPDATE
		SET holder = excluded.holder, licence = excluded.licence, picture = excluded.picture,
			given_us = excluded.given_us`, p.Shop, p.Holder, p.Licence, p.Picture, clock.Micros(p.Given))
	return err
}

func papersOf(tx *db.Tx, shop ID) (p Papers, found bool, err error) {
	err = tx.Each(`SELECT shop_id, holder, licence, picture, given_us FROM shop_papers WHERE shop_id = $1`,
		func(r db.Row) error {
			found = true
			given := int64(0)
			err := r.Scan(&p.Shop, &p.Holder, &p.Licence, &p.Picture, &given)
			p.Given = clock.FromMicros(given)
			return err
		}, shop)
	return p, found, err
}
