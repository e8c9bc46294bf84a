package segment

import (
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper, for their own vault (shopper.Part): the sets that name them. Those
// that they are in by rules are kept nowhere.
type Person struct{}

// Name is the part's member of an export.
func (Person) Name() string { return "segments" }

// Export is the names of the sets that name the shopper.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	all, err := db.List(tx, scan, selectSegments+` WHERE g.id IN (SELECT segment_id FROM segment_people
		WHERE shopper_id = $1) ORDER BY g.id`, who)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	titles := make([]text.Entry, len(all))
	for i, g := range all {
		titles[i] = g.Terms.Title
	}
	return titles, nil
}

// Hold refuses no erasure.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase takes the shopper out of the sets that name them.
func (Person) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	_, err := tx.Exec(`DELETE FROM segment_people WHERE shopper_id = $1`, who)
	return err
}
