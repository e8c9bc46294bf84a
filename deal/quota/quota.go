// Package quota keeps counts that must never be passed: how often a voucher is used, a budget in minor units, what one
// shopper may buy of an item, the places of a group.
//
// A quota is a row with a cap; an order uses amounts of it. An order that is not paid holds them, one that is paid has
// spent them, and one that ends unpaid gives them back: which of these is so, the order knows, not this room. Hot verbs
// use quotas through a Book, as with stock: loaded for a whole batch, decided in memory in order, saved set-based; the
// row refuses what would pass its cap, whatever the book believed.
//
// It never knows what a quota is for: names are made by those who use them (Budget, Voucher, Limit and the others
// here, so that they are written one way). Read this file first, then book.go.
package quota

import (
	_ "embed"
	"strings"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
)

// CapMax bounds every cap: far above any budget, far below where sums could overflow.
const CapMax = 1_000_000_000_000_000

// Need is an amount that an order asks of a quota.
type Need struct {
	Quota  string
	Amount int64 // nothing is asked when it is 0
	// Cap makes the quota when it is not there; one that is there keeps its own, except a person's, which is whatever
	// Cap says (personal). With 0 it must be there.
	Cap int64
	// Code and Kind are of the refusal when too little is left; quota.exhausted and fault.SoldOut by default. It has
	// the parameters free and cap.
	Code string
	Kind fault.Kind
	Look bool // asks whether so much is left, and takes nothing
}

// personal tells whether a quota counts what one person takes. What a person may take is published with what they take
// it of, in versions, and no verb sets it for each of them: what is asked now decides, not what was asked first.
func personal(quota string) bool {
	return strings.HasPrefix(quota, "lim:") || strings.HasPrefix(quota, "clm:") || strings.HasPrefix(quota, "opn:")
}

// Left is what a quota has left for the need, as it stands; there is false where it was never used.
func (n *Need) Left(c Count, there bool) int64 {
	switch {
	case !there:
		return n.Cap
	case c.Open && n.Cap > 0 && personal(n.Quota):
		return n.Cap - c.Used
	}
	return c.Free()
}

// Use is what an order takes of a quota.
type Use struct {
	Quota  string
	Amount int64
}

// Back is a part of an order's use that goes back.
type Back struct {
	Order, Quota string
	Amount       int64
}

// Count is one quota: its cap, how much of it is used, and whether orders may take more.
type Count struct {
	Cap, Used int64
	Open      bool
}

// Free is what orders can still take.
func (c Count) Free() int64 {
	if !c.Open {
		return 0
	}
	return c.Cap - c.Used
}

// Budget is the quota of what a promotion may cost, in minor units.
func Budget(promotion string) string { return "bud:" + promotion }

// Voucher is the quota of one claimed voucher's uses.
func Voucher(voucher string) string { return "vch:" + voucher }

// Limit is the quota of what one shopper may buy of an item or under a promotion, in pieces. What follows a slash in
// the name is one of an item's windows, which share a limit.
func Limit(of, shopper string) string {
	item, _, _ := strings.Cut(of, "/")
	return "lim:" + item + ":" + shopper
}

// Together is the quota of the pieces that items which count together may sell, such as a brand's in a session.
func Together(name string) string { return "brd:" + name }

// IsTogether tells whether a quota is one of Together's.
func IsTogether(quota string) bool { return strings.HasPrefix(quota, "brd:") }

// Account is the quota of what may be bought of an item from one payment account, of which only a hash is known. It
// follows the limit of each shopper: one account pays for no more than one shopper may buy.
func Account(of, accountHash string) string {
	item, _, _ := strings.Cut(of, "/")
	return "pay:" + item + ":" + accountHash
}

// IsAccount tells whether a quota is one of Account's for an item.
func IsAccount(quota, of string) bool {
	item, _, _ := strings.Cut(of, "/")
	return strings.HasPrefix(quota, "pay:"+item+":")
}

// CountsPieces tells whether a quota counts pieces that an order has: a shopper's Limit, an Account's, or Together's.
func CountsPieces(quota string) bool {
	return strings.HasPrefix(quota, "lim:") || strings.HasPrefix(quota, "pay:") || IsTogether(quota)
}

// LimitOf is what a quota that is somebody's Limit is of. The shopper is not looked at: a guest's order may be an
// account's by now.
func LimitOf(quota string) (of string, ok bool) {
	rest, ok := strings.CutPrefix(quota, "lim:")
	of, _, _ = strings.Cut(rest, ":")
	return of, ok
}

// Unpaid is the quota of how many unpaid orders of one shopper may hold pieces of a sale.
func Unpaid(shopper string) string { return "opn:" + shopper }

// IsUnpaid tells whether a quota is one of Unpaid's.
func IsUnpaid(quota string) bool { return strings.HasPrefix(quota, "opn:") }

// Group is the quota of a group's places.
func Group(group string) string { return "grp:" + group }

// Issue is the quota of how many vouchers of a template there are.
func Issue(template string) string { return "iss:" + template }

// Codes is the quota of how many codes of a template are drawn.
func Codes(template string) string { return "cod:" + template }

// Claims is the quota of how many vouchers of a template one shopper may claim.
func Claims(template, shopper string) string { return "clm:" + template + ":" + shopper }

// Guarantee is the quota of what others than the shops give back of fallen prices in a month ("2026-11"), in minor
// units.
func Guarantee(currency, month string) string { return "gtb:" + currency + ":" + month }

// IsGuarantee tells whether a quota is one of Guarantee's.
func IsGuarantee(quota string) bool { return strings.HasPrefix(quota, "gtb:") }

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "quota", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
