package login

import (
	"slices"
	"strings"
)

// StaffRole is what a merchant's or an operator's login may do there: a column of the table of permissions.
type StaffRole string

// The roles of a shop's staff, and of the market's.
const (
	Owner   StaffRole = "owner"   // of a shop: everything there
	Manager StaffRole = "manager" // runs a shop, but for its money's way out and its staff
	Clerk   StaffRole = "clerk"   // packs and ships
	Finance StaffRole = "finance" // of a shop: reads its money, asks for a payout account
	Viewer  StaffRole = "viewer"  // of a shop: reads

	Admin   StaffRole = "admin"   // of the market: everything there
	Support StaffRole = "support" // helps shoppers and merchants
	Books   StaffRole = "books"   // the market's finance
	Auditor StaffRole = "auditor" // reads everything of the market, changes nothing
)

// Permission is one thing that staff may be allowed to do. The gate asks for one at each of their routes.
type Permission string

// The permissions of a shop's staff.
const (
	Self           Permission = "self" // one's own login and sessions: everybody's
	OrdersRead     Permission = "orders.read"
	OrdersShip     Permission = "orders.ship"
	CasesAnswer    Permission = "cases.answer"
	ProductsRead   Permission = "products.read"
	ProductsWrite  Permission = "products.write"
	StockWrite     Permission = "stock.write"
	ReviewsAnswer  Permission = "reviews.answer"
	MoneyRead      Permission = "money.read"
	PayoutAsk      Permission = "payout.ask"
	PayoutApprove  Permission = "payout.approve"
	ShopEdit       Permission = "shop.edit"
	StaffRead      Permission = "staff.read"
	StaffManage    Permission = "staff.manage"
	KeysManage     Permission = "keys.manage"
	WebhooksManage Permission = "webhooks.manage"
	AuditRead      Permission = "audit.read"
	ConsentGive    Permission = "consent.give"
	SaleRead       Permission = "sale.read" // campaigns, promotions and vouchers
	SaleWrite      Permission = "sale.write"
)

// The permissions of the market's staff.
const (
	MarketRead          Permission = "market.read" // numbers, jobs, health
	MarketOrders        Permission = "market.orders.read"
	MarketBooks         Permission = "market.books.read"
	MarketVerify        Permission = "market.verify"
	MarketSuspense      Permission = "market.suspense.read"
	MarketSuspenseMove  Permission = "market.suspense.return"
	MarketShops         Permission = "market.shops.read"
	MarketShopsManage   Permission = "market.shops.manage"
	MarketFeesAsk       Permission = "market.fees.ask"
	MarketFeesApprove   Permission = "market.fees.approve"
	MarketPayoutApprove Permission = "market.payout.approve"
	MarketStaff         Permission = "market.staff.read"
	MarketStaffManage   Permission = "market.staff.manage"
	MarketAudit         Permission = "market.audit.read"
	MarketSettings      Permission = "market.settings"
	MarketSwitches      Permission = "market.switches"
	MarketReviews       Permission = "market.reviews.moderate"
	MarketNotices       Permission = "market.notices"
	MarketHelp          Permission = "market.help"      // look at the market as a shopper or a merchant who consented
	MarketSale          Permission = "market.sale.read" // campaigns, promotions and vouchers
	MarketSaleAsk       Permission = "market.sale.ask"
	MarketSaleApprove   Permission = "market.sale.approve"
)

// grant is a row of the table: who holds a permission.
type grant struct {
	permission Permission
	side       Role // whose staff it is for; "" for both
	holders    []StaffRole
}

func held(p Permission, side Role, by ...StaffRole) grant { return grant{p, side, by} }

// grants is the table of permissions, the only place that says who may what. A permission's place in it is its bit in
// Permissions; nothing stores the bit.
var grants = []grant{
	held(Self, "", Owner, Manager, Clerk, Finance, Viewer, Admin, Support, Books, Auditor),
	held(OrdersRead, Merchant, Owner, Manager, Clerk, Finance, Viewer),
	held(OrdersShip, Merchant, Owner, Manager, Clerk),
	held(CasesAnswer, Merchant, Owner, Manager),
	held(ProductsRead, Merchant, Owner, Manager, Clerk, Finance, Viewer),
	held(ProductsWrite, Merchant, Owner, Manager),
	held(StockWrite, Merchant, Owner, Manager, Clerk),
	held(ReviewsAnswer, Merchant, Owner, Manager),
	held(MoneyRead, Merchant, Owner, Finance),
	held(PayoutAsk, Merchant, Owner, Finance),
	held(PayoutApprove, Merchant, Owner),
	held(ShopEdit, Merchant, Owner, Manager),
	held(StaffRead, Merchant, Owner, Manager),
	held(StaffManage, Merchant, Owner),
	held(KeysManage, Merchant, Owner),
	held(WebhooksManage, Merchant, Owner),
	held(AuditRead, Merchant, Owner, Finance),
	held(ConsentGive, Merchant, Owner, Manager),
	held(SaleRead, Merchant, Owner, Manager, Clerk, Finance, Viewer),
	held(SaleWrite, Merchant, Owner, Manager),

	held(MarketRead, Operator, Admin, Support, Books, Auditor),
	held(MarketOrders, Operator, Admin, Support, Books, Auditor),
	held(MarketBooks, Operator, Admin, Books, Auditor),
	held(MarketVerify, Operator, Admin, Books, Auditor),
	held(MarketSuspense, Operator, Admin, Books, Auditor),
	held(MarketSuspenseMove, Operator, Admin, Books),
	held(MarketShops, Operator, Admin, Support, Books, Auditor),
	held(MarketShopsManage, Operator, Admin),
	held(MarketFeesAsk, Operator, Admin, Books),
	held(MarketFeesApprove, Operator, Admin, Books),
	held(MarketPayoutApprove, Operator, Admin, Books),
	held(MarketStaff, Operator, Admin, Auditor),
	held(MarketStaffManage, Operator, Admin),
	held(MarketAudit, Operator, Admin, Auditor),
	held(MarketSettings, Operator, Admin),
	held(MarketSwitches, Operator, Admin),
	held(MarketReviews, Operator, Admin, Support),
	held(MarketNotices, Operator, Admin, Support),
	held(MarketHelp, Operator, Admin, Support),
	held(MarketSale, Operator, Admin, Support, Books, Auditor),
	held(MarketSaleAsk, Operator, Admin, Books),
	held(MarketSaleApprove, Operator, Admin, Books),
}

// Permissions is a set of permissions; the zero value is empty. Two are compared with ==.
type Permissions uint64

// SetOf is the set of these permissions; unknown ones are left out.
func SetOf(all ...Permission) (set Permissions) {
	for _, p := range all {
		set |= bit(p)
	}
	return set
}

// PermissionsOf is what a role may do, nothing for an unknown one.
func PermissionsOf(r StaffRole) (set Permissions) {
	for i, g := range grants {
		if slices.Contains(g.holders, r) {
			set |= 1 << i
		}
	}
	return set
}

func bit(p Permission) Permissions {
	for i, g := range grants {
		if g.permission == p {
			return 1 << i
		}
	}
	return 0
}

// Has tells whether p is in the set. An unknown permission is in none.
func (s Permissions) Has(p Permission) bool { return s&bit(p) != 0 }

// Within tells whether all of s is in other.
func (s Permissions) Within(other Permissions) bool { return s&^other == 0 }

// List is the set in the order of the table.
func (s Permissions) List() (all []Permission) {
	for i, g := range grants {
		if s&(1<<i) != 0 {
			all = append(all, g.permission)
		}
	}
	return all
}

// String is the set as it is stored: names joined by spaces.
func (s Permissions) String() string {
	var names []string
	for _, p := range s.List() {
		names = append(names, string(p))
	}
	return strings.Join(names, " ")
}

// parsePermissions reads what String wrote; a name that the table no longer knows gives nothing.
func parsePermissions(stored string) (set Permissions) {
	for name := range strings.FieldsSeq(stored) {
		set |= bit(Permission(name))
	}
	return set
}

// Fits tells whether a permission is one that staff of that role of principal can hold, for the gate's registration.
func Fits(p Permission, side Role) bool {
	for _, g := range grants {
		if g.permission == p {
			return g.side == "" || g.side == side
		}
	}
	return false
}

// StaffRoles are the roles of a shop's staff (Merchant) or of the market's (Operator), the widest first.
func StaffRoles(side Role) []StaffRole {
	switch side {
	case Merchant:
		return []StaffRole{Owner, Manager, Clerk, Finance, Viewer}
	case Operator:
		return []StaffRole{Admin, Support, Books, Auditor}
	}
	return nil
}

// PermissionsFor are the permissions that staff of that side can hold, in the order of the table.
func PermissionsFor(side Role) (all []Permission) {
	for _, g := range grants {
		if Fits(g.permission, side) {
			all = append(all, g.permission)
		}
	}
	return all
}

// first is the role of a side that may do everything, and that a side never is without.
func first(side Role) StaffRole {
	if roles := StaffRoles(side); len(roles) > 0 {
		return roles[0]
	}
	return ""
}
