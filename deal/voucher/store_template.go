package voucher

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// selectTemplates reads templates with the terms that hold: of the published version, or of the newest draft.
const selectTemplates = `SELECT t.id, t.shop_id, t.state, t.version, t.newest, t.minute_us, t.minute_claims, t.made_us,
	v.body FROM voucher_templates t JOIN voucher_versions v ON v.template_id = t.id
	AND v.version = CASE WHEN t.version > 0 THEN t.version ELSE t.newest END`

func (s *Service) scanTemplate(r db.Row) (*Template, error) {
	t := &Template{}
	var minute, made int64
	var body string
	err := r.Scan(&t.ID, &t.Shop, &t.State, &t.Version, &t.Newest, &minute, &t.minuteClaims, &made, &body)
	if err != nil {
		return nil, err
	}
	t.minute, t.Made = clock.FromMicros(minute), clock.FromMicros(made)
	t.Terms, err = s.terms(body)
	return t, err
}

// terms reads what a version says. It is kept, because a version never changes.
func (s *Service) terms(body string) (*Terms, error) {
	if terms, ok := s.bodies.get(body); ok {
		return terms, nil
	}
	terms, err := decodeTerms(body)
	if err == nil {
		s.bodies.put(body, terms)
	}
	return terms, err
}

// templates reads templates by id, for writing locked in order. They are locked before they are read: whoever waits for
// a row that is joined with another one's would be told that there is none, once its version has changed meanwhile.
func (s *Service) templates(tx *db.Tx, ids []TemplateID, writing bool) (map[TemplateID]*Template, error) {
	all := make(map[TemplateID]*Template, len(ids))
	if writing {
		err := tx.EachKey(`SELECT id FROM voucher_templates WHERE id IN ({keys}) ORDER BY id {lock}`, distinct(ids),
			func(db.Row) error { return nil })
		if err != nil {
			return nil, err
		}
	}
	err := tx.EachKey(selectTemplates+` WHERE t.id IN ({keys})`, distinct(ids), func(r db.Row) error {
		t, err := s.scanTemplate(r)
		if err == nil {
			all[t.ID] = t
		}
		return err
	})
	return all, err
}

const (
	forReading = false
	forWriting = true
)

// version reads the terms of a version, and who wrote it.
func (s *Service) version(tx *db.Tx, template TemplateID, version int64) (terms *Terms, by string, err error) {
	var body string
	found, err := tx.One(`SELECT body, made_by FROM voucher_versions WHERE template_id = $1 AND version = $2`,
		[]any{template, version}, &body, &by)
	if err := missing(found, err); err != nil {
		return nil, "", err
	}
	terms, err = s.terms(body)
	return terms, by, err
}

// NewOnly tells whether a version of a template is for new shoppers alone; what is no template is not.
func (s *Service) NewOnly(tx *db.Tx, template string, version int64) (bool, error) {
	terms, _, err := s.version(tx, TemplateID(template), version)
	if fault.Is(err, "voucher.not_found") {
		return false, nil
	}
	return err == nil && terms.Audience.Kind == NewShoppers, err
}

// listed reads the templates that may stand in the claim centre, the market's first, then the newest first, after one.
func (s *Service) listed(tx *db.Tx, after TemplateID, limit int) ([]*Template, error) {
	if after == "" {
		return s.list(tx, selectTemplates+` WHERE t.state = $1 ORDER BY (CASE WHEN t.shop_id = '' THEN 0 ELSE 1 END),
			t.id DESC LIMIT $2`, TemplateOpen, limit)
	}
	return s.list(tx, selectTemplates+` JOIN voucher_templates a ON a.id = $3 WHERE t.state = $1
		AND ((t.shop_id = '') = (a.shop_id = '') AND t.id < a.id OR t.shop_id <> '' AND a.shop_id = '')
		ORDER BY (CASE WHEN t.shop_id = '' THEN 0 ELSE 1 END), t.id DESC LIMIT $2`, TemplateOpen, limit, after)
}

// inForce reads the templates whose vouchers can be used.
func (s *Service) inForce(tx *db.Tx) ([]*Template, error) {
	return s.list(tx, selectTemplates+` WHERE t.state IN ($1, $2) ORDER BY t.id`, TemplateOpen, TemplateEnded)
}

// ofShop reads a page of a shop's templates, newest first; "" is the market.
func (s *Service) ofShop(tx *db.Tx, shop, before string, limit int) ([]*Template, error) {
	return s.list(tx, selectTemplates+` WHERE t.shop_id = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3`,
		shop, before, limit)
}

func (s *Service) list(tx *db.Tx, q string, args ...any) ([]*Template, error) {
	return db.List(tx, s.scanTemplate, q, args...)
}

func insertTemplate(tx *db.Tx, t *Template) error {
	return tx.Insert("voucher_templates", []string{"id", "shop_id", "state", "version", "newest", "minute_us",
		"minute_claims", "made_us"}, [][]any{{t.ID, t.Shop, t.State, t.Version, t.Newest, int64(0), int64(0),
		clock.Micros(t.Made)}})
}

func insertVersion(tx *db.Tx, t *Template, body, by string, at time.Time) error {
	return tx.Insert("voucher_versions", []string{"template_id", "version", "body", "made_by", "made_us"},
		[][]any{{t.ID, t.Newest, body, by, clock.Micros(at)}})
}

// saveTemplate writes what of a template changes.
func saveTemplate(tx *db.Tx, t *Template) error {
	_, err := tx.Exec(`UPDATE voucher_templates SET state = $2, version = $3, newest = $4 WHERE id = $1`, t.ID, t.State,
		t.Version, t.Newest)
	return err
}

// saveInForce keeps when a version came into force first, and what was known then of what it may cost: what takes two
// people can be looked up.
func saveInForce(tx *db.Tx, t *Template, alone int64, at time.Time) error {
	_, err := tx.Exec(`UPDATE voucher_versions SET published_us = $3, worst = $4, alone = $5
		WHERE template_id = $1 AND version = $2 AND published_us = 0`, t.ID, t.Version, clock.Micros(at), t.Terms.Worst(),
		alone)
	return err
}

func saveMinutes(tx *db.Tx, rows [][]any) error {
	_, err := tx.Many(`UPDATE voucher_templates SET minute_us = $2, minute_claims = $3 WHERE id = $1`, rows)
	return err
}
