package review

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
)

// Imported is a review that a merchant brings from elsewhere.
type Imported struct {
	Source     string // where it was written: "taobao", "amazon"
	ExternalID string // its name there, good for one review
	Product    string
	Stars      int64
	Text       string
	Author     string
	WrittenAt  time.Time
}

// Rejected is an imported review that was not taken, by its place in the import.
type Rejected struct {
	Index int
	Err   error
}

// Imports tells what an import did.
type Imports struct {
	Created   int
	Unchanged int // there already, by source and external id
	Rejected  []Rejected
}

var sourceForm = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// Import takes reviews from elsewhere for a shop's own products. They are marked with their source and counted apart
// from verified purchases. One that is there already stays as it is, so it is safe to repeat. What is not sound is
// rejected by itself, with review.source, review.external_id, review.stars, review.text, review.name, review.written or
// review.product (also for another shop's). Codes of the whole: review.import_many.
func (s *Service) Import(ctx context.Context, shop string, given []Imported) (out Imports, err error) {
	if len(given) > ImportMax {
		return Imports{}, fault.New(fault.Invalid, "review.import_many", fault.P("max", ImportMax))
	}
	now := clock.Now(ctx, s.Clock)
	drafts, rejected := make([]Review, 0, len(given)), []Rejected(nil)
	places := map[ID]int{}
	for i, g := range given {
		r, err := g.draft(shop, now)
		if err != nil {
			rejected = append(rejected, Rejected{i, err})
			continue
		}
		r.ID = ID(s.IDs.New("rev"))
		places[r.ID] = i
		drafts = append(drafts, r)
	}
	slices.SortFunc(drafts, func(a, b Review) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ExternalID, b.ExternalID), cmp.Compare(a.ID, b.ID))
	})
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out = Imports{Rejected: slices.Clone(rejected)}
		mine, err := s.own(tx, shop, drafts)
		if err != nil {
			return err
		}
		var sound []Review
		for _, r := range drafts {
			if mine[r.Product] {
				sound = append(sound, r)
				continue
			}
			out.Rejected = append(out.Rejected, Rejected{places[r.ID],
				fault.New(fault.Unprocessable, "review.product").At("product")})
		}
		return s.take(tx, sound, &out)
	})
	slices.SortFunc(out.Rejected, func(a, b Rejected) int { return a.Index - b.Index })
	return out, err
}

func (s *Service) take(tx *db.Tx, sound []Review, out *Imports) error {
	fresh, err := insertImported(tx, sound)
	if err != nil {
		return err
	}
	t := tally{}
	for i, r := range sound {
		if !fresh[i] {
			out.Unchanged++
			continue
		}
		out.Created++
		t.add(r, 1)
	}
	return count(tx, t)
}

// own tells which products of the drafts are the shop's.
func (s *Service) own(tx *db.Tx, shop string, drafts []Review) (map[string]bool, error) {
	asked := map[string]bool{}
	for _, r := range drafts {
		asked[r.Product] = true
	}
	ids := make([]catalog.ID, 0, len(asked))
	for _, p := range names(asked) {
		ids = append(ids, catalog.ID(p))
	}
	found, err := s.Catalog.ProductsIn(tx, ids)
	mine := map[string]bool{}
	for _, p := range found {
		mine[string(p.ID)] = p.Shop == shop
	}
	return mine, err
}

func (g Imported) draft(shop string, now time.Time) (Review, error) {
	external, ok := line(g.ExternalID, externalMax)
	if !sourceForm.MatchString(g.Source) {
		return Review{}, fault.New(fault.Invalid, "review.source", fault.P("max", sourceMax)).At("source")
	}
	if !ok || external == "" {
		return Review{}, fault.New(fault.Invalid, "review.external_id", fault.P("max", externalMax)).At("external_id")
	}
	if err := checkStars(g.Stars); err != nil {
		return Review{}, err
	}
	said, err := Said{Text: g.Text}.check(nil)
	if err != nil {
		return Review{}, err
	}
	author, ok := line(g.Author, NameMax)
	if !ok {
		return Review{}, fault.New(fault.Invalid, "review.name", fault.P("max", NameMax)).At("author")
	}
	if g.WrittenAt.IsZero() || g.WrittenAt.Year() < 1990 || g.WrittenAt.After(now) {
		return Review{}, fault.New(fault.Invalid, "review.written").At("written_at")
	}
	return Review{Product: g.Product, Shop: shop, Source: g.Source, ExternalID: external, Author: author, Stars: g.Stars,
		Said: said, State: Shown, WrittenAt: g.WrittenAt}, nil
}
