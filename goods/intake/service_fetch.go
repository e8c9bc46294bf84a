package intake

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
)

// The bounds of one round of fetching.
const (
	FetchMax       = 200 // pictures
	fetchAtOnce    = 8
	fetchTriesMax  = 3 // then a picture is refused
	fetchesPerTurn = 20
)

// FetchPictures fetches some of the pictures that imports of the shop recorded, keeps them and shows them with their
// products; it tells how many it looked at, 0 when none is left. A picture that cannot be had is tried three times, one
// that is none once. It is safe to repeat. Codes: intake.fetch_off when the operator has not allowed it.
func (s *Service) FetchPictures(ctx context.Context, shop string, limit int) (int, error) {
	if s.fetch == nil {
		return 0, fault.New(fault.Forbidden, "intake.fetch_off")
	}
	var todo []link
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		todo, err = waiting(tx, shop, min(max(limit, 1), FetchMax))
		return err
	})
	done := 0
	for turn := range slices.Chunk(todo, fetchesPerTurn) {
		if err != nil {
			break
		}
		if err = s.fetchSome(ctx, turn); err == nil {
			err = s.show(ctx, shop, turn)
		}
		if err == nil {
			done += len(turn)
		}
	}
	return done, err
}

// fetchSome fetches pictures side by side and notes in them what became of each.
func (s *Service) fetchSome(ctx context.Context, turn []link) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(fetchAtOnce)
	for i := range turn {
		g.Go(func() error { return s.fetchOne(inner, &turn[i]) })
	}
	return g.Wait()
}

func (s *Service) fetchOne(ctx context.Context, l *link) error {
	l.tries++
	id, err := s.bring(ctx, l.url)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		l.state, l.picture, l.reason = stored, id, ""
		return nil
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		return err // the disk's, not the picture's
	}
	l.reason = f.Code
	if f.Kind == fault.Invalid || l.tries >= fetchTriesMax {
		l.state = refused
	}
	return nil
}

func (s *Service) bring(ctx context.Context, url string) (catalog.PictureID, error) {
	body, err := s.fetch.Get(ctx, url)
	if err != nil {
		return "", err
	}
	p, err := s.rooms.Pictures.Put(ctx, body)
	return catalog.PictureID(p.ID), errors.Join(err, body.Close())
}

// show adds what was fetched to the products, behind the pictures that they have.
func (s *Service) show(ctx context.Context, shop string, turn []link) error {
	at := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		fresh := map[catalog.ID][]catalog.PictureID{}
		for _, l := range turn {
			if l.state == stored {
				fresh[l.product] = append(fresh[l.product], l.picture)
			}
		}
		ids := make([]catalog.ID, 0, len(fresh))
		for id := range fresh {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		products, err := s.rooms.Catalog.ProductsIn(tx, ids)
		if err != nil {
			return err
		}
		for i, p := range products {
			for _, id := range fresh[p.ID] {
				if len(p.Pictures) < catalog.PicturesMax && !slices.Contains(p.Pictures, id) {
					p.Pictures = append(p.Pictures, id)
				}
			}
			products[i] = p
		}
		if _, err := s.rooms.Catalog.Save(tx, at, products); err != nil {
			return err
		}
		return settle(tx, shop, turn)
	})
}
