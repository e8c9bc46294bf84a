package referral

import (
	"time"

	"hutong/base/db"
	"hutong/deal/quota"
	"hutong/party/shopper"
	"hutong/trade/order"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit makes a guest's invitation the account's, unless the account was invited itself, had bought before,
// or is the inviter: then it never was one. It goes before orders do, so that the guest's own are not taken for
// earlier ones. What was credited already stays under the guest's id where the account has an invitation of its
// own.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	if _, err := tx.Exec(`INSERT INTO referral_marks (mark, shopper_id) SELECT mark, $2 FROM referral_marks
		WHERE shopper_id = $1 ON CONFLICT (mark, shopper_id) DO NOTHING`, from, into); err != nil {
		return err
	}
	all, err := boundTo(tx, []string{string(from), string(into)}, forWriting)
	if err != nil {
		return err
	}
	mine := false
	var theirs *Referral
	for i := range all {
		if all[i].Invitee == string(into) {
			mine = true
			continue
		}
		theirs = &all[i]
	}
	if theirs == nil {
		return nil
	}
	bought, err := order.Buyers(tx, []string{string(into)})
	if err != nil {
		return err
	}
	if theirs.State == Bound && (mine || bought[string(into)] || theirs.Inviter == string(into)) {
		return dropReferral(tx, theirs.ID)
	}
	if mine {
		return nil
	}
	_, err = tx.Exec(`UPDATE referrals SET invitee_id = $2 WHERE id = $1`, theirs.ID, into)
	return err
}

// Name is the part's member of an export.
func (Person) Name() string { return "invitations" }

type personInvitation struct {
	Bound  time.Time  `json:"bound"`
	State  State      `json:"state"`
	Why    Why        `json:"why,omitempty"`
	Closed *time.Time `json:"closed,omitempty"`
}

type personPart struct {
	Code    string             `json:"code,omitempty"`
	Invited []personInvitation `json:"invited"` // whom the shopper brought, without their names
	By      []personInvitation `json:"by"`      // when the shopper was brought, without the name of who did
}

// personMax bounds the invitations of one shopper that are read at once.
const personMax = 1 << 20

// Export is the shopper's code, whom they brought and that they were brought. Who the others are is theirs to tell.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	code, err := codeOf(tx, string(who))
	if err != nil {
		return nil, err
	}
	invited, err := byInviter(tx, string(who), "~", personMax)
	if err != nil {
		return nil, err
	}
	by, err := boundTo(tx, []string{string(who)}, forReading)
	if err != nil || code == "" && len(invited) == 0 && len(by) == 0 {
		return nil, err
	}
	return personPart{code, told(invited), told(by)}, nil
}

func told(all []Referral) []personInvitation {
	out := make([]personInvitation, len(all))
	for i, r := range all {
		out[i] = personInvitation{Bound: r.BoundAt, State: r.State, Why: r.Why}
		if !r.ClosedAt.IsZero() {
			out[i].Closed = &r.ClosedAt
		}
	}
	return out
}

// Hold refuses no erasure.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase forgets the shopper's code and marks, and ends what was open on either side. What is over stays, with
// ids alone: it is what the budget was spent on. Nobody is told: a notice would say that somebody left.
func (Person) Erase(tx *db.Tx, at time.Time, who shopper.ID) error {
	open, err := openOf(tx, string(who))
	if err != nil {
		return err
	}
	for _, r := range open {
		from := r.State
		r.refuse(WhyGone, at)
		if err := quota.Release(tx, []string{string(r.ID)}); err != nil {
			return err
		}
		if err := saveReferrals(tx, from, []Referral{r}); err != nil {
			return err
		}
	}
	for _, q := range []string{`DELETE FROM referral_codes WHERE shopper_id = $1`,
		`DELETE FROM referral_marks WHERE shopper_id = $1`} {
		if _, err := tx.Exec(q, who); err != nil {
			return err
		}
	}
	return nil
}

// openOf are the referrals of a shopper, on either side, that are not over.
func openOf(tx *db.Tx, who string) ([]Referral, error) {
	return db.List(tx, scan, selectReferrals+` WHERE (inviter_id = $1 OR invitee_id = $1)
		AND state IN ('bound', 'pending') ORDER BY id {lock}`, who)
}
