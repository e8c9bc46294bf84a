// Package notice tells people what happened to their orders: a row in the inbox of their page always, and a mail when
// they have an address and have not switched it off. What was told to whom, when and with what outcome stays in a log.
//
// Events come at least once; a notice is made once, by event, order, recipient and channel. A notice keeps facts, not
// sentences: the page words it in the reader's language, a mail in the language of the order. It holds no address: that
// is asked for when the mail goes out, so that erasing a shopper leaves none here.
//
// A shopper without an account is not told that an order was placed: the order's page is before them, and on a sale day
// that would be a row for each order of each guest. One-time codes go out by mail too, but are never written down.
//
// Read this file first, then wording.go, service_listen.go (what becomes a notice) and service_send.go (the mails).
package notice

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
)

// ID names a notice, "ntc_...".
type ID string

// Kind is a kind of recipient.
type Kind string

// The kinds of recipients.
const (
	Shopper Kind = "shopper"
	Shop    Kind = "shop" // its staff share one inbox
)

// To is a recipient.
type To struct {
	Kind Kind
	ID   string // the shopper's or the shop's
}

// Inbox is the subject of base/event.Hub on which a page hears of news in the inbox.
func (t To) Inbox() string { return "inbox:" + t.ID }

// Topic is what a notice is about.
type Topic string

// The topics for shoppers.
const (
	Placed      Topic = "placed"
	Paid        Topic = "paid"
	Shipped     Topic = "shipped"
	Ready       Topic = "ready" // for pickup
	Delivered   Topic = "delivered"
	Cancelled   Topic = "cancelled"
	Refunded    Topic = "refunded" // the wallet has paid the money out
	CaseAgreed  Topic = "case_agreed"
	CaseRefused Topic = "case_refused"
	CaseSendTo  Topic = "case_send_to" // its shop says, or says anew, where the goods go
	CaseDenied  Topic = "case_denied"  // by the market
	CaseUnsent  Topic = "case_unsent"  // its goods did not come back in time
	GroupFormed Topic = "group_formed"
	GroupMoved  Topic = "group_moved" // the group they paid for was full: they lead a new one
	EarnestPaid Topic = "earnest_paid"
	BalanceOpen Topic = "balance_open" // the balance of a presale can be paid now
	BalanceEnds Topic = "balance_ends" // it is still owed, and its end is near
	GroupFailed Topic = "group_failed" // it ended without success, or fell apart: its members are paid back
	PriceBack   Topic = "price_back"   // the price fell, and the difference is on its way back
	LotWon      Topic = "lot_won"      // their lot was drawn: they can buy the item when it is sold
	LotLost     Topic = "lot_lost"     // it was not

	InviteCounts   Topic = "invite_counts"   // the order of an invited friend counts
	InviteRewarded Topic = "invite_rewarded" // its reward was given
	InviteReturned Topic = "invite_returned" // that order went back, and with it what was unused of the reward
)

// The topics for shops.
const (
	ShopPaid Topic = "shop_paid" // a new order is to be sent
	ShopCase Topic = "shop_case" // a shopper asks for a refund

	ShopWithdrawn Topic = "shop_withdrawn" // who asked took it back: there is nothing to answer

	ShopDecided Topic = "shop_decided" // the market decided a request

	ShopSilent Topic = "shop_silent" // the shop did not answer in time, and so has agreed

	ShopTaken  Topic = "shop_taken"   // a wallet took an order's money back: it is not to be sent
	ShopGoesOn Topic = "shop_goes_on" // what is left of it is paid

	ShopForfeited Topic = "shop_forfeited" // a balance was not paid: the earnest, or a part of it, is the shop's

	ShopPriceBack Topic = "shop_price_back" // the shop gave back what its price fell

	SaleAccepted Topic = "sale_accepted" // an enrolment may take part
	SaleRefused  Topic = "sale_refused"
	SaleLocked   Topic = "sale_locked"  // its price and pieces are fixed
	SaleShort    Topic = "sale_short"   // fewer pieces are free than were pledged
	SaleRemoved  Topic = "sale_removed" // the market took it out
	SaleEnded    Topic = "sale_ended"   // what was not sold goes back
	SalePenalty  Topic = "sale_penalty" // the shop left after the lock and owes for it

	SaleShortlisted Topic = "sale_shortlisted"     // a bid for a place may be paid now; the first who pay have the places
	PlaceRefused    Topic = "sale_place_refused"   // the market chose others
	PlaceReturned   Topic = "sale_place_returned"  // it called the place off, and the fee went back
	PlaceForfeited  Topic = "sale_place_forfeited" // the shop left, and the fee is kept
	PlaceSettled    Topic = "sale_place_settled"   // its commission was charged

	DepositFrozen    Topic = "deposit_frozen"    // part of the deposit cannot be paid out for now
	DepositReleased  Topic = "deposit_released"  // it can again
	DepositAnnounced Topic = "deposit_announced" // part of it is to be drawn; the shop may appeal
	DepositDrawn     Topic = "deposit_drawn"     // it was drawn
)

// Topics are those for a kind of recipient, in the order in which preferences show them.
func Topics(k Kind) []Topic {
	if k == Shop {
		return []Topic{ShopPaid, ShopCase, ShopWithdrawn, ShopDecided, ShopSilent,
			ShopTaken, ShopGoesOn, ShopForfeited, ShopPriceBack, SaleAccepted,
			SaleRefused, SaleLocked, SaleShort, SaleRemoved, SaleEnded, SalePenalty, SaleShortlisted, PlaceRefused,
			PlaceReturned, PlaceForfeited, PlaceSettled, DepositFrozen, DepositReleased,
			DepositAnnounced, DepositDrawn}
	}
	return []Topic{Placed, Paid, Shipped, Ready, Delivered, Cancelled, Refunded, CaseAgreed, CaseSendTo,
		CaseRefused, CaseDenied, CaseUnsent,
		GroupFormed, GroupMoved, GroupFailed, PriceBack, LotWon, LotLost, EarnestPaid, BalanceOpen,
		BalanceEnds,
		InviteCounts, InviteRewarded, InviteReturned}
}

// Channel is the way a notice goes.
type Channel string

// The channels.
const (
	Page Channel = "page" // the inbox
	Mail Channel = "mail"
)

// State is a notice's position.
type State string

// The states of a notice, with who acts next.
const (
	Queued  State = "queued"  // the job sends it
	Sent    State = "sent"    // nobody; the server has taken it, or it stands in the inbox
	Failed  State = "failed"  // nobody; it cannot be sent, or was tried often enough
	Skipped State = "skipped" // nobody; it was not to be sent, as Reason says
)

// Facts are what a notice tells, in no language.
type Facts struct {
	Order    string         `json:"order"`
	Seq      int64          `json:"seq,omitempty"` // the suborder, 0 for the whole order
	Amount   int64          `json:"amount,omitempty"`
	Currency money.Currency `json:"currency,omitempty"`
	ShopZh   string         `json:"shop_zh,omitempty"`
	ShopEn   string         `json:"shop_en,omitempty"`
	Why      string         `json:"why,omitempty"` // why it was cancelled, or what it waits for
	By       time.Time      `json:"by,omitzero"`   // until when it is answered
	Sale     *Sale          `json:"sale,omitempty"`
	Invite   *Invite        `json:"invite,omitempty"`
	Deposit  *Deposit       `json:"deposit,omitempty"`
	Group    *Group         `json:"group,omitempty"`
	Lot      *Lot           `json:"lot,omitempty"`
}

// Lot is what a notice about a lottery that was drawn tells beside the price: which item of which sale, and when it is
// sold, in the market's time zone.
type Lot struct {
	Item  string     `json:"item"`
	Title text.Entry `json:"title"`
	Goods text.Entry `json:"goods"`
	From  time.Time  `json:"from"`
	Until time.Time  `json:"until"`
}

// Group is what a notice about a new group tells: how it is shared, and how many are to join it until when.
type Group struct {
	Code  string    `json:"code"`
	Need  int64     `json:"need"`
	Until time.Time `json:"until"` // in the market's time zone
}

// Invite is what a notice about an invitation tells: which it is, and nothing of what the other one did.
type Invite struct {
	Referral string `json:"referral"`
	Invited  bool   `json:"invited,omitempty"` // whether the recipient is who was invited
}

// Sale is what a notice about an enrolment tells: which sale, and which goods.
type Sale struct {
	Enrolment string     `json:"enrolment"`
	Place     bool       `json:"place,omitempty"` // it is about the enrolment's place
	Title     text.Entry `json:"title"`
	Goods     text.Entry `json:"goods"`
}

// Deposit is what a notice about a shop's security deposit tells: which hold, and the operator's reason in their words.
type Deposit struct {
	Hold   string `json:"hold"`
	Reason string `json:"reason"`
}

// Path is where a notice leads: its order, the group to share, the sale or its item, or the invitations.
func (n Notice) Path() string {
	switch {
	case n.Facts.Deposit != nil:
		return "/desk/deposit"
	case n.Facts.Lot != nil:
		return "/sale/" + n.Facts.Lot.Item
	case n.Facts.Sale != nil && n.Facts.Sale.Place:
		return "/desk/places"
	case n.Facts.Sale != nil:
		return "/desk/sales"
	case n.Facts.Invite != nil && n.Facts.Invite.Invited:
		return "/me/vouchers"
	case n.Facts.Invite != nil:
		return "/me/invites"
	case n.Facts.Group != nil:
		return "/group/" + n.Facts.Group.Code
	case n.To.Kind == Shop:
		return "/desk/orders/" + n.Facts.Order
	}
	return "/orders/" + n.Facts.Order
}

// Notice is one thing told to one recipient on one channel.
type Notice struct {
	ID      ID
	Event   string // what it was made from
	To      To
	Topic   Topic
	Facts   Facts
	Lang    text.Lang // a mail's
	Channel Channel
	State   State
	Reason  string // why it failed or was skipped: "switched_off", "no_address", "too_old", "tries", or a mail.Refusal
	Tries   int64
	NextTry time.Time
	At      time.Time
	SentAt  time.Time
	ReadAt  time.Time
}

// Preference is whether a recipient wants mails about a topic. The inbox has them all.
type Preference struct {
	Topic Topic
	Mail  bool
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "notice", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
