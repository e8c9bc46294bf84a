package shopper

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
)

// Favour keeps products in the shopper's favourites, newest first; of more than FavouritesMax the oldest give way. What
// is no product's id is left out. It is safe to repeat. Codes: shopper.not_found.
func (s *Service) Favour(ctx context.Context, who ID, all ...string) error {
	return s.put(ctx, favourites, who, all)
}

// Unfavour takes products out of the shopper's favourites. It is safe to repeat.
func (s *Service) Unfavour(ctx context.Context, who ID, all ...string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return dropProducts(tx, favourites, who, products(all)) })
}

// Favourites are the products that the shopper keeps, newest first.
func (s *Service) Favourites(ctx context.Context, who ID) ([]string, error) {
	return s.list(ctx, favourites, who)
}

// Favoured tells which of these products are the shopper's favourites, in one read.
func (s *Service) Favoured(ctx context.Context, who ID, all []string) (found map[string]bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		found, err = marked(tx, who, products(all))
		return err
	})
	return found, err
}

// Saw notes that the shopper looked at products; of more than LatelyMax the oldest give way. What is no product's id is
// left out. Codes: shopper.not_found.
func (s *Service) Saw(ctx context.Context, who ID, all ...string) error {
	return s.put(ctx, lately, who, all)
}

// Lately are the products that the shopper looked at, the last one first.
func (s *Service) Lately(ctx context.Context, who ID) ([]string, error) {
	return s.list(ctx, lately, who)
}

// ForgetLately empties the list of products looked at. It is safe to repeat.
func (s *Service) ForgetLately(ctx context.Context, who ID) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		all, err := readProducts(tx, lately, who)
		if err != nil {
			return err
		}
		return dropProducts(tx, lately, who, all)
	})
}

func (s *Service) put(ctx context.Context, l list, who ID, all []string) error {
	all = products(all)
	if len(all) == 0 {
		return nil
	}
	all = all[:min(len(all), l.max)]
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := Lock(tx, who); err != nil {
			return err
		}
		return putProducts(tx, l, who, all, now)
	})
}

func (s *Service) list(ctx context.Context, l list, who ID) (all []string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = readProducts(tx, l, who)
		return err
	})
	return all, err
}
