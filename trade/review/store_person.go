package review

import (
	"time"

	"hutong/base/db"
	"hutong/goods/picture"
	"hutong/party/shopper"
	"hutong/trade/order"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit makes what a guest wrote and reported the account's, in the transaction of the login.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	_, err := tx.Exec(`UPDATE reviews SET shopper_id = $2 WHERE shopper_id = $1 AND source = ''`, from, into)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE review_reports SET shopper_id = $2 WHERE shopper_id = $1 AND NOT EXISTS (
		SELECT 1 FROM review_reports o WHERE o.review_id = review_reports.review_id AND o.shopper_id = $2)`, from, into)
	return err
}

// Name is the part's member of an export.
func (Person) Name() string { return "reviews" }

type personReview struct {
	ID       ID           `json:"id"`
	Order    order.ID     `json:"order"`
	Line     int64        `json:"line"`
	Product  string       `json:"product"`
	Stars    int64        `json:"stars"`
	Name     string       `json:"name,omitempty"`
	Text     string       `json:"text,omitempty"`
	Pictures []picture.ID `json:"pictures,omitempty"`
	FollowUp string       `json:"follow_up,omitempty"`
	Written  time.Time    `json:"written"`
}

// Export is what the shopper wrote.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	all, err := db.List(tx, scan, `SELECT `+columns+` FROM reviews WHERE shopper_id = $1 AND source = ''
		ORDER BY written_us, id`, who)
	out := []personReview{}
	for _, r := range all {
		out = append(out, personReview{r.ID, r.Order, r.Line, r.Product, r.Stars, r.Author, r.Said.Text,
			append(r.Said.Pictures, r.FollowUp.Pictures...), r.FollowUp.Text, r.WrittenAt})
	}
	return out, err
}

// Hold has nothing to wait for.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase takes the shopper's name, words and pictures from all they wrote and reported. The stars stay, as nobody's:
// they are part of what the product's average was shown as.
func (Person) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	_, err := tx.Exec(`UPDATE reviews SET author = '', anonymous = TRUE, body = '', pictures = '', pictured = FALSE,
		follow_body = '', follow_pictures = '' WHERE shopper_id = $1 AND source = ''`, who)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE review_reports SET note = '' WHERE shopper_id = $1`, who)
	return err
}
