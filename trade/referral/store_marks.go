package referral

import (
	"maps"
	"slices"

	"hutong/base/db"
)

// insertMarks keeps marks of shoppers; those that are known change nothing.
func insertMarks(tx *db.Tx, marks map[string][]string) error {
	var rows [][]any
	for _, who := range slices.Sorted(maps.Keys(marks)) {
		for _, mark := range slices.Sorted(slices.Values(marks[who])) {
			rows = append(rows, []any{mark, who})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Many(`INSERT INTO referral_marks (mark, shopper_id) VALUES ($1, $2)
		ON CONFLICT (mark, shopper_id) DO NOTHING`, rows)
	return err
}

// marked tells whether all these marks of a shopper are known.
func marked(tx *db.Tx, shopper string, marks []string) (bool, error) {
	if len(marks) == 0 {
		return true, nil
	}
	known, err := marksOf(tx, []string{shopper})
	for _, m := range marks {
		if !slices.Contains(known, m) {
			return false, err
		}
	}
	return true, err
}

// marksOf are the marks of shoppers, together.
func marksOf(tx *db.Tx, shoppers []string) ([]string, error) {
	return column(tx, `SELECT DISTINCT mark FROM referral_marks WHERE shopper_id IN ({keys})`, shoppers)
}

// sharing are the shoppers who bear any of these marks.
func sharing(tx *db.Tx, marks []string) ([]string, error) {
	return column(tx, `SELECT DISTINCT shopper_id FROM referral_marks WHERE mark IN ({keys})`, marks)
}

func column(tx *db.Tx, q string, keys []string) (all []string, err error) {
	err = tx.EachKey(q, keys, func(r db.Row) error {
		var v string
		err := r.Scan(&v)
		all = append(all, v)
		return err
	})
	slices.Sort(all)
	return slices.Compact(all), err
}

// credited tells whether one of these shoppers is a friend whose order was credited before: somebody is a
// friend once.
func credited(tx *db.Tx, shoppers map[string]bool, r Referral) (bool, error) {
	people := slices.Sorted(maps.Keys(shoppers))
	found := false
	err := tx.EachKey(selectReferrals+` WHERE invitee_id IN ({keys}) AND state IN ('pending', 'rewarded')`, people,
		func(row db.Row) error {
			other, err := scan(row)
			found = found || other.State == Rewarded || other.ID < r.ID
			return err
		})
	return found, err
}
