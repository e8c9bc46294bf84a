package voucher

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const selectTemplates = `SELECT id, shop_id, state, version, newest, minute_us, minute_claims, made_us
	FROM voucher_templates`

func scanTemplate(r db.Row) (t Template, err error) {
	var minute, made int64
	err = r.Scan(&t.ID, &t.Shop, &t.State, &t.Version, &t.Newest, &minute, &t.minuteClaims, &made)
	t.minute, t.Made = clock.FromMicros(minute), clock.FromMicros(made)
	return t, err
}

// templates reads templates by id, for writing locked in order, with the terms of their versions.
func (s *Service) templates(tx *db.Tx, ids []TemplateID, purpose string) (map[TemplateID]*Template, error) {
	all := make(map[TemplateID]*Template, len(ids))
	err := tx.EachKey(selectTemplates+` WHERE id IN ({keys})`+purpose, distinct(ids), func(r db.Row) error {
		t, err := scanTemplate(r)
		all[t.ID] = &t
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if err := s.fill(tx, t); err != nil {
			return nil, err
		}
	}
	return all, nil
}

const (
	forReading = ``
	forWriting = ` ORDER BY id {lock}`
)

// fill puts in the terms that hold: of the published version, or of the newest draft.
func (s *Service) fill(tx *db.Tx, t *Template) (err error) {
	version := t.Version
	if version == 0 {
		version = t.Newest
	}
	t.Terms, _, err = s.version(tx, t.ID, version)
	return err
}

// version reads the terms of a version, and who wrote it. What a body says is kept, because it never changes.
func (s *Service) version(tx *db.Tx, template TemplateID, version int64) (*Terms, string, error) {
	var body, by string
	found, err := tx.One(`SELECT body, made_by FROM voucher_versions WHERE template_id = $1 AND version = $2`,
		[]any{template, version}, &body, &by)
	if err := missing(found, err); err != nil {
		return nil, "", err
	}
	if kept, ok := s.bodies.Load(body); ok {
		return kept.(*Terms), by, nil
	}
	terms, err := decodeTerms(body)
	if err == nil {
		s.bodies.Store(body, terms)
	}
	return terms, by, err
}

// listed reads the templates that may stand in the claim centre.
func (s *Service) listed(tx *db.Tx, limit int) ([]*Template, error) {
	return s.list(tx, selectTemplates+` WHERE state = $1 ORDER BY id DESC LIMIT $2`, TemplateOpen, limit)
}

// inForce reads the templates whose vouchers can be used.
func (s *Service) inForce(tx *db.Tx) ([]*Template, error) {
	return s.list(tx, selectTemplates+` WHERE state IN ($1, $2) ORDER BY id`, TemplateOpen, TemplateEnded)
}

// ofShop reads a page of a shop's templates, newest first; "" is the market.
func (s *Service) ofShop(tx *db.Tx, shop, before string, limit int) ([]*Template, error) {
	return s.list(tx, selectTemplates+` WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, shop, before, limit)
}

func (s *Service) list(tx *db.Tx, q string, args ...any) ([]*Template, error) {
	all, err := db.List(tx, func(r db.Row) (*Template, error) { t, err := scanTemplate(r); return &t, err }, q, args...)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if err := s.fill(tx, t); err != nil {
			return nil, err
		}
	}
	return all, nil
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

func saveMinutes(tx *db.Tx, rows [][]any) error {
	_, err := tx.Many(`UPDATE voucher_templates SET minute_us = $2, minute_claims = $3 WHERE id = $1`, rows)
	return err
}
