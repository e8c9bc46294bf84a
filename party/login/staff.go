package login

import (
	"slices"
	"time"

	"hutong/base/fault"
)

// Member is one of a shop's staff, or of the market's.
type Member struct {
	Login    ID
	Name     string // "" for one who has no name to type: reached by single sign-on
	Role     StaffRole
	Since    time.Time
	Yourself bool
}

// Invitation is a link that makes somebody staff.
type Invitation struct {
	ID      string
	Side    Role // Merchant or Operator
	Shop    string
	Role    StaffRole
	Email   string // who may take it by single sign-on, "" if only the link counts
	By      ID
	Created time.Time
	Expires time.Time
}

// The bounds of staff, per shop and for the market.
const (
	StaffMax   = 200
	InvitesMax = 50
)

// mayGrant decides whether somebody may make staff of that role, or take it from them: only a role of their own side,
// and none that may do what they may not (FAULTS A6).
func mayGrant(by Principal, role StaffRole) error {
	if !slices.Contains(StaffRoles(by.Role), role) {
		return fault.New(fault.Invalid, "login.staff_role").At("role")
	}
	if !by.Person() || !by.Can(managing(by.Role)) || !PermissionsOf(role).Within(by.May) {
		return fault.New(fault.Forbidden, "login.not_yours_to_grant")
	}
	return nil
}

// managing is the permission to change staff.
func managing(side Role) Permission {
	if side == Operator {
		return MarketStaffManage
	}
	return StaffManage
}

// mayChange decides whether somebody may change or end another's role: not their own, and nobody's who may do what they
// may not (FAULTS A6).
func mayChange(by Principal, whose Login) error {
	if by.Login == whose.ID {
		return fault.New(fault.Forbidden, "login.own_role")
	}
	return mayGrant(by, whose.Staff)
}
