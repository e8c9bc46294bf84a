package settle

import (
	"encoding/json"
	"errors"
)

// EncodeShares is the stored form of shares, [[party, amount], ...]; "" for none.
func EncodeShares(all []Share) (string, error) {
	if len(all) == 0 {
		return "", nil
	}
	rows := make([][2]any, len(all))
	for i, s := range all {
		rows[i] = [2]any{s.Party, s.Amount}
	}
	b, err := json.Marshal(rows)
	return string(b), err
}

// DecodeShares reads the stored form of shares.
func DecodeShares(stored string) ([]Share, error) {
	if stored == "" {
		return nil, nil
	}
	var rows [][2]json.RawMessage
	if err := json.Unmarshal([]byte(stored), &rows); err != nil {
		return nil, err
	}
	all := make([]Share, len(rows))
	for i, r := range rows {
		if err := errors.Join(json.Unmarshal(r[0], &all[i].Party), json.Unmarshal(r[1], &all[i].Amount)); err != nil {
			return nil, err
		}
	}
	return all, nil
}
