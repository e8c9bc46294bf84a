package login

import (
	"context"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
)

// Staff are the caller's colleagues, oldest first: a shop's, or the market's.
func (s *Service) Staff(ctx context.Context, by Principal) (all []Member, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := staffOf(tx, by, false)
		all = all[:0]
		for _, l := range rows {
			m := Member{Login: l.ID, Name: l.Name, Role: l.Login.Staff, Since: l.Created, Yourself: l.ID == by.Login}
			if strings.HasPrefix(m.Name, "~") {
				m.Name = ""
			}
			all = append(all, m)
		}
		return err
	})
	return all, err
}

// Invite asks for a link that makes somebody staff of the caller's shop, or of the market. With Email, whoever single
// sign-on proves to hold that address may take it without the link.
type Invite struct {
	By    Principal
	Role  StaffRole
	Email string
}

// Invite makes the link's token; it is shown once. Codes: login.staff_role, login.not_yours_to_grant, login.address,
// login.staff_many, login.proof_old: whoever takes the link up has a fresh proof, and may ask for what is dear.
func (s *Service) Invite(ctx context.Context, cmd Invite) (string, Invitation, error) {
	if err := mayGrant(cmd.By, cmd.Role); err != nil {
		return "", Invitation{}, err
	}
	if err := s.Proved(ctx, cmd.By); err != nil {
		return "", Invitation{}, err
	}
	email := ""
	if strings.TrimSpace(cmd.Email) != "" {
		ok := false
		if email, ok = normalEmail(cmd.Email); !ok {
			return "", Invitation{}, fault.New(fault.Invalid, "login.address").At("email")
		}
	}
	now := clock.Now(ctx, s.clock)
	token, name, secret := newSecret(s.ids, s.random, "inv")
	i := invite{hash: secret.String(), Invitation: Invitation{ID: name, Side: cmd.By.Role, Shop: cmd.By.Shop,
		Role: cmd.Role, Email: email, By: cmd.By.Login, Created: now, Expires: now.Add(s.settings.InviteFor)}}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Turn("login.invite " + cmd.By.Shop); err != nil {
			return err
		}
		by, err := hold(tx, cmd.By.Login) // what they invited ends with them, and with what they may
		if err == nil {
			err = mayGrant(by.principal(cmd.By.Lang), cmd.Role)
		}
		if err != nil {
			return err
		}
		open, err := invitesOf(tx, cmd.By, now)
		if err != nil {
			return err
		}
		staff, err := staffOf(tx, cmd.By, false)
		if err != nil {
			return err
		}
		if len(open) >= InvitesMax || len(staff)+len(open) >= StaffMax { // each who is invited may come
			return fault.New(fault.Unprocessable, "login.staff_many", fault.P("max", StaffMax))
		}
		if err := insertInvite(tx, i); err != nil {
			return err
		}
		return s.note(ctx, tx, cmd.By, audit.Entry{At: now, What: "staff.invited", On: i.ID,
			After: audit.Facts{"role": string(cmd.Role)}})
	})
	if err != nil {
		return "", Invitation{}, err
	}
	return token, i.Invitation, nil
}

// Invites are the caller's side's open invitations, newest first.
func (s *Service) Invites(ctx context.Context, by Principal) (all []Invitation, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := invitesOf(tx, by, now)
		all = all[:0]
		for _, i := range rows {
			all = append(all, i.Invitation)
		}
		return err
	})
	return all, err
}

// DropInvite takes an open invitation back. Codes: login.invite, also for another side's;
// login.not_yours_to_grant.
func (s *Service) DropInvite(ctx context.Context, by Principal, name string) error {
	now := clock.Now(ctx, s.clock)
	if !by.Person() || !by.Can(managing(by.Role)) {
		return fault.New(fault.Forbidden, "login.not_yours_to_grant")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		dropped, err := dropInvite(tx, by, name)
		if err == nil && !dropped {
			err = fault.New(fault.NotFound, "login.invite")
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, by, audit.Entry{At: now, What: "staff.invite_dropped", On: name})
	})
}

// Invitation is what a link's token offers, for the page that takes it up. Codes: login.invite.
func (s *Service) Invitation(ctx context.Context, token string) (i Invitation, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		i, err = s.invitation(ctx, tx, token)
		return err
	})
	return i, err
}

func (s *Service) invitation(ctx context.Context, tx *db.Tx, token string) (Invitation, error) {
	gone := fault.New(fault.NotFound, "login.invite")
	name, secret, ok := readSecret(token, "inv")
	if !ok {
		return Invitation{}, gone
	}
	i, found, err := inviteByID(tx, name)
	if err != nil {
		return Invitation{}, err
	}
	if !found || !secret.equal(i.hash) || !clock.Now(ctx, s.clock).Before(i.Expires) {
		return Invitation{}, gone
	}
	return i.Invitation, nil
}

// Join takes an invitation up with a name and a password.
type Join struct {
	Token    string
	Name     string
	Password Password
	Lang     text.Lang
}

// Join makes the invited login and opens a session for it. What it may do is what the invitation says, whatever its
// inviter became meanwhile; a removed inviter's invitations are gone.
//
// Codes: login.invite, login.name, login.password, login.name_taken, login.busy, login.limited.
func (s *Service) Join(ctx context.Context, cmd Join) (string, Principal, error) {
	name, err := checkName(cmd.Name)
	if err != nil {
		return "", Nobody, err
	}
	if err := checkFresh(cmd.Password, name); err != nil {
		return "", Nobody, err
	}
	if _, err := s.Invitation(ctx, cmd.Token); err != nil { // before any password is hashed
		return "", Nobody, err
	}
	hash, err := s.hasher.hash(ctx, cmd.Password)
	if err != nil {
		return "", Nobody, err
	}
	first := func(tx *db.Tx, at time.Time, who *Principal) error {
		i, err := s.invitation(ctx, tx, cmd.Token)
		if err != nil {
			return err
		}
		l, err := s.join(ctx, tx, joining{i, name, hash, at})
		*who = l.principal(cmd.Lang)
		return err
	}
	return s.open(ctx, opening{way: ByInvite, first: first})
}

// joining is an invitation as it is taken up. Without a name the login gets one that cannot be typed.
type joining struct {
	Invitation
	name, hash string
	at         time.Time
}

// join makes the login of an invitation and uses the invitation up.
func (s *Service) join(ctx context.Context, tx *db.Tx, i joining) (Login, error) {
	taken, err := takeInvite(tx, i.ID)
	if err == nil && !taken {
		err = fault.New(fault.NotFound, "login.invite")
	}
	if err != nil {
		return Login{}, err
	}
	l := Login{ID: ID(s.ids.New("lgn")), Role: i.Side, Name: i.name, Shop: i.Shop, Staff: i.Role, Created: i.at}
	if l.Name == "" {
		l.Name = unnamed(l.ID)
	}
	if err := insertLogin(tx, l, i.hash); err != nil {
		return Login{}, err
	}
	// Single sign-on may find this login by the address that was invited, if the market invited it: of a shop's link
	// nobody knows who took it up, and two people must not come to share a login.
	if i.Email != "" && i.Side == Operator {
		if err := bindSSO(tx, invitedIssuer, i.Email, l.ID, i.at); err != nil {
			return Login{}, err
		}
	}
	return l, s.note(ctx, tx, l.principal(text.Zh), audit.Entry{At: i.at, What: "staff.joined", On: string(l.ID),
		After: audit.Facts{"role": string(l.Staff), "invite": i.ID, "invited_by": string(i.By)}})
}

// SetStaffRole gives a colleague another role and ends their sessions, so that nothing goes on with the old one
// (FAULTS A21), also no API key of theirs that may do more than they may now. Nobody changes their own (FAULTS A6), and
// a side keeps somebody of its widest role.
//
// Codes: login.staff_not_found, login.own_role, login.staff_role, login.not_yours_to_grant, login.last_owner,
// login.proof_old.
func (s *Service) SetStaffRole(ctx context.Context, by Principal, login ID, role StaffRole) error {
	if err := mayGrant(by, role); err != nil {
		return err
	}
	if err := s.Proved(ctx, by); err != nil {
		return err
	}
	return s.changeStaff(ctx, by, login, func(tx *db.Tx, now time.Time, l kept) error {
		if l.Login.Staff == role {
			return nil
		}
		if err := setStaffRole(tx, login, role); err != nil {
			return err
		}
		return s.note(ctx, tx, by, audit.Entry{At: now, What: "staff.role_changed", On: string(login),
			Before: audit.Facts{"role": string(l.Login.Staff)}, After: audit.Facts{"role": string(role)}})
	}, role)
}

// RemoveStaff takes a colleague's login away, with their sessions, passkeys, open invitations and the API keys that
// they made, of which they may have kept a copy.
//
// Codes: login.staff_not_found, login.own_role, login.not_yours_to_grant, login.last_owner.
func (s *Service) RemoveStaff(ctx context.Context, by Principal, login ID) error {
	return s.changeStaff(ctx, by, login, func(tx *db.Tx, now time.Time, l kept) error {
		if err := endLogin(tx, login, now); err != nil {
			return err
		}
		if err := dropInvitesBy(tx, login); err != nil {
			return err
		}
		return s.note(ctx, tx, by, audit.Entry{At: now, What: "staff.removed", On: string(login),
			Before: audit.Facts{"role": string(l.Login.Staff)}})
	}, "")
}

type staffChange func(tx *db.Tx, now time.Time, l kept) error

// changeStaff holds a change of a colleague to its rules; next is the role that they will have, "" for none.
func (s *Service) changeStaff(ctx context.Context, by Principal, login ID, do staffChange, next StaffRole) error {
	now := clock.Now(ctx, s.clock)
	var ended []string
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		l, all, err := memberOf(tx, by, login)
		if err != nil {
			return err
		}
		if err := mayChange(by, l.Login); err != nil {
			return err
		}
		if next != first(by.Role) && lastOwner(all, login, first(by.Role)) {
			return fault.New(fault.Conflict, "login.last_owner")
		}
		if err := do(tx, now, l); err != nil {
			return err
		}
		if ended, err = endSessions(tx, login, ""); err != nil {
			return err
		}
		keys, err := s.endKeysBeyond(ctx, tx, by, endKeys{login, PermissionsOf(next), now})
		ended = append(ended, keys...)
		return err
	})
	if err != nil {
		return err
	}
	s.endAll(ended)
	return nil
}

// lastOwner tells whether nobody else has the widest role.
func lastOwner(all []kept, login ID, widest StaffRole) bool {
	for _, l := range all {
		if l.ID != login && l.Login.Staff == widest {
			return false
		}
	}
	return true
}
