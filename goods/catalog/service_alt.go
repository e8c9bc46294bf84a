package catalog

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"hutong/base/db"
	"hutong/base/fault"
)

// AltMax is how long what is said of a picture may be, in characters: it is read out.
const AltMax = 150

// Describe says what is to be seen on one of a product's pictures.
type Describe struct {
	Shop    string
	Product ID
	Picture PictureID
	Words   Words // empty takes it back
}

// Describe keeps it with the picture; the content's hash does not change, and an import leaves it as it is. It is safe
// to repeat. Codes: product.not_found, also for another shop's and for a picture that the product has not; product.alt.
func (s *Service) Describe(ctx context.Context, cmd Describe) error {
	for _, side := range []struct {
		field string
		words *string
	}{{"alt_zh", &cmd.Words.Zh}, {"alt_en", &cmd.Words.En}} {
		*side.words = strings.Join(strings.Fields(*side.words), " ") // one line, read out as one sentence
		if !utf8.ValidString(*side.words) || strings.ContainsRune(*side.words, 0) ||
			utf8.RuneCountInString(*side.words) > AltMax {
			return invalid("product.alt", side.field, fault.P("max", AltMax))
		}
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		found, err := productsIn(tx, []ID{cmd.Product})
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].Shop != cmd.Shop || !slices.Contains(found[0].Pictures, cmd.Picture) {
			return fault.New(fault.NotFound, "product.not_found")
		}
		return saveAlt(tx, cmd)
	})
}

// Alts are what is said of a product's pictures; one of which nothing is said is not there.
func (s *Service) Alts(ctx context.Context, product ID) (all map[PictureID]Words, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = altsOf(tx, product); return err })
	return all, err
}
