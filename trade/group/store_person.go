package group

import (
	"time"

	"hutong/base/db"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit makes a guest's places the account's, in the transaction of the login. Where the account is in the same group
// already, the place stays under the guest's old id: the order that it belongs to says whose it is.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	_, err := tx.Exec(`UPDATE group_members SET shopper_id = $2 WHERE shopper_id = $1 AND NOT EXISTS (
		SELECT 1 FROM group_members o WHERE o.group_id = group_members.group_id AND o.shopper_id = $2
		AND o.state IN ('waiting', 'lowering', 'in'))`, from, into)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE group_buys SET leader_id = $2 WHERE leader_id = $1 AND id IN (
		SELECT group_id FROM group_members WHERE shopper_id = $2)`, from, into)
	return err
}

// Name is the part's member of an export.
func (Person) Name() string { return "groups" }

type personPlace struct {
	Group ID          `json:"group,omitempty"`
	Order string      `json:"order"`
	State MemberState `json:"state"`
	Lead  bool        `json:"lead"`
	Paid  time.Time   `json:"paid"`
}

// personMax bounds the places of one shopper that are read at once.
const personMax = 1 << 20

// Export is the shopper's places in groups.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	all, err := ofShopper(tx, string(who), "~", personMax)
	out := make([]personPlace, len(all))
	for i, m := range all {
		g, _, err := groupByID(tx, m.Group)
		if err != nil {
			return nil, err
		}
		out[i] = personPlace{m.Group, string(m.Order), m.State, g.Leader == m.Shopper, m.PaidAt}
	}
	return out, err
}

// Hold refuses no erasure: a place under way is an order under way, which does.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase keeps the places, with ids alone: other people's groups were counted with them.
func (Person) Erase(*db.Tx, time.Time, shopper.ID) error { return nil }
