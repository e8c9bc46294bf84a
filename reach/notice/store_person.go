package notice

import (
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit makes a guest's inbox the account's, in the transaction of the login. What both were told stays once.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	_, err := tx.Exec(`UPDATE notices SET recipient_id = $2 WHERE recipient_id = $1 AND recipient_kind = 'shopper'
		AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.event_id = notices.event_id AND o.subject = notices.subject
			AND o.seq = notices.seq AND o.topic = notices.topic AND o.recipient_id = $2 AND o.channel = notices.channel)`,
		from, into)
	return err
}

// Name is the part's member of an export.
func (Person) Name() string { return "notices" }

type personNotice struct {
	Topic   Topic     `json:"topic"`
	Text    string    `json:"text"`
	Channel Channel   `json:"channel"`
	State   State     `json:"state"`
	At      time.Time `json:"at"`
}

// personMax bounds how many notices an export tells of, the newest first.
const personMax = 10_000

// Export is what the shopper was told, and which mails they switched off.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	out := struct {
		Sent []personNotice `json:"sent"`
		Off  []Topic        `json:"mails_off"`
	}{[]personNotice{}, []Topic{}}
	all, err := db.List(tx, scan, `SELECT `+columns+` FROM notices WHERE recipient_id = $1
		AND recipient_kind = 'shopper' ORDER BY id DESC LIMIT $2`, who, personMax)
	if err != nil {
		return nil, err
	}
	for _, n := range all {
		l := n.Lang
		if l == "" {
			l = text.Zh
		}
		out.Sent = append(out.Sent, personNotice{n.Topic, n.Words(l).Body, n.Channel, n.State, n.At})
	}
	off, err := loadSwitches(tx, []string{string(who)})
	for _, t := range Topics(Shopper) {
		if off.off(To{Shopper, string(who)}, t) {
			out.Off = append(out.Off, t)
		}
	}
	return out, err
}

// Hold has nothing to wait for.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase deletes all that was told to the shopper, and what they switched off.
func (Person) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	_, err := tx.Exec(`DELETE FROM notices WHERE recipient_id = $1 AND recipient_kind = 'shopper'`, who)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM notice_preferences WHERE recipient_id = $1 AND recipient_kind = 'shopper'`, who)
	return err
}
