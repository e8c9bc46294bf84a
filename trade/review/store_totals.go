package review

import (
	"cmp"
	"slices"

	"hutong/base/db"
)

// kind is one score of a product.
type kind struct {
	product  string
	verified bool
}

// tally is how many reviews more, or fewer, each score has, by stars.
type tally map[kind]*[5]int64

func (t tally) add(r Review, n int64) {
	k := kind{r.Product, r.Verified()}
	if t[k] == nil {
		t[k] = &[5]int64{}
	}
	t[k][r.Stars-1] += n
}

// count takes a tally into the totals. Rows are locked in key order, so that two batches never wait for each other.
func count(tx *db.Tx, t tally) error {
	keys := make([]kind, 0, len(t))
	for k := range t {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b kind) int {
		if c := cmp.Compare(a.product, b.product); c != 0 || a.verified == b.verified {
			return c
		}
		if a.verified {
			return -1
		}
		return 1
	})
	fresh, changed := make([][]any, len(keys)), make([][]any, len(keys))
	for i, k := range keys {
		fresh[i] = []any{k.product, k.verified}
	}
	if _, err := tx.Many(`INSERT INTO review_totals (product_id, verified, star1, star2, star3, star4, star5, total,
		tenths) VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT (product_id, verified) DO NOTHING`, fresh); err != nil {
		return err
	}
	scores := map[kind]*Score{}
	products := map[string]bool{}
	for _, k := range keys {
		products[k.product] = true
	}
	if err := eachScore(tx, names(products), ` ORDER BY product_id, verified {lock}`, func(k kind, s Score) {
		scores[k] = &s
	}); err != nil {
		return err
	}
	for i, k := range keys {
		s := scores[k]
		for j, n := range t[k] {
			s.add(int64(j+1), n)
		}
		changed[i] = []any{k.product, k.verified, s.Stars[0], s.Stars[1], s.Stars[2], s.Stars[3], s.Stars[4], s.Total,
			s.Tenths}
	}
	_, err := tx.Many(`UPDATE review_totals SET star1 = $3, star2 = $4, star3 = $5, star4 = $6, star5 = $7, total = $8,
		tenths = $9 WHERE product_id = $1 AND verified = $2`, changed)
	return err
}

func eachScore(tx *db.Tx, products []string, purpose string, fn func(kind, Score)) error {
	return tx.EachKey(`SELECT product_id, verified, star1, star2, star3, star4, star5, total, tenths FROM review_totals
		WHERE product_id IN ({keys})`+purpose, products, func(r db.Row) error {
		var k kind
		var s Score
		err := r.Scan(&k.product, &k.verified, &s.Stars[0], &s.Stars[1], &s.Stars[2], &s.Stars[3], &s.Stars[4], &s.Total,
			&s.Tenths)
		if err == nil {
			fn(k, s)
		}
		return err
	})
}

// TotalsIn are the scores of products, set-based, in the caller's transaction; one without reviews is left out.
func TotalsIn(tx *db.Tx, products []string) (map[string]Totals, error) {
	all := map[string]Totals{}
	err := eachScore(tx, products, ``, func(k kind, s Score) {
		t := all[k.product]
		if k.verified {
			t.Verified = s
		} else {
			t.Imported = s
		}
		all[k.product] = t
	})
	return all, err
}
