package group

import (
	"crypto/rand"
	"io"
	"slices"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/price"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// The bounds of an offer.
const (
	SizeMin   = 2
	SizeMax   = 200   // of one step
	PlacesMax = 1_000 // of a ladder
	StepsMax  = 8
	WindowMin = 10 * time.Minute
	WindowMax = 7 * 24 * time.Hour
	LimitMax  = 9_999
)

// Settings are the market's rules about groups. DefaultSettings has safe ones.
type Settings struct {
	Window time.Duration // how long a group may form, where the merchant does not say
	// A formed group of which fewer than this share kept their goods before they were shipped is dissolved, and who has
	// not been sent the goods is paid back: its success was not real. 0 never dissolves one.
	KeptMin money.PPM
	// Who gave goods back after a group had formed so many times in a while opens and joins none until that is over.
	ReturnsMax  int64
	ReturnsTime time.Duration
}

// DefaultSettings are 24 hours, half the members, and three returns in 90 days.
func DefaultSettings() Settings {
	return Settings{Window: 24 * time.Hour, KeptMin: 500_000, ReturnsMax: 3, ReturnsTime: 90 * 24 * time.Hour}
}

// check refuses terms that make no sense beside the solo price. Codes: group.steps, group.size, group.ladder,
// group.price, group.window, group.limit, group.places, group.times.
func (o *Offer) check(solo int64) error {
	switch first := o.Steps[:min(1, len(o.Steps))]; {
	case len(first) == 0 || len(o.Steps) > StepsMax:
		return fault.New(fault.Invalid, "group.steps", fault.P("max", StepsMax)).At("steps")
	case first[0].Price >= solo:
		return fault.New(fault.Invalid, "group.price").At("price")
	case o.Window < WindowMin || o.Window > WindowMax:
		return fault.New(fault.Invalid, "group.window").At("window")
	case o.PerShopper < 0 || o.PerShopper > LimitMax:
		return fault.New(fault.Invalid, "group.limit", fault.P("max", LimitMax)).At("per_shopper")
	case !o.Until.IsZero() && !o.From.Before(o.Until):
		return fault.New(fault.Invalid, "group.times").At("until")
	}
	for i, s := range o.Steps {
		switch {
		case s.Size < SizeMin || s.Size > SizeMax:
			return fault.New(fault.Invalid, "group.size", fault.P("min", SizeMin), fault.P("max", SizeMax)).At("size")
		case s.Price < 1 || s.Price > offer.PriceMax:
			return fault.New(fault.Invalid, "group.price").At("price")
		case i > 0 && (s.Size <= o.Steps[i-1].Size || s.Price >= o.Steps[i-1].Price):
			return fault.New(fault.Invalid, "group.ladder").At("steps")
		}
	}
	last := o.Steps[len(o.Steps)-1].Size
	if o.Places < last || o.Places > PlacesMax || len(o.Steps) == 1 && o.Places != last {
		return fault.New(fault.Invalid, "group.places", fault.P("min", last), fault.P("max", PlacesMax)).At("places")
	}
	return nil
}

// whole puts in what the merchant left open.
func (o *Offer) whole(set Settings) {
	if o.Window == 0 {
		o.Window = set.Window
	}
	if o.Places == 0 && len(o.Steps) == 1 {
		o.Places = o.Steps[0].Size
	}
	if o.Places == 0 && len(o.Steps) > 1 {
		o.Places = PlacesMax
	}
}

// Size is how many members a group takes at least.
func (o *Offer) Size() int64 { return o.Steps[0].Size }

// Price is what a piece costs to begin with.
func (o *Offer) Price() int64 { return o.Steps[0].Price }

// Lowest is what a piece may come down to.
func (o *Offer) Lowest() int64 { return o.Steps[len(o.Steps)-1].Price }

// Ladder tells that the price falls with the number of members: such a group stays open until its deadline.
func (o *Offer) Ladder() bool { return len(o.Steps) > 1 }

// PriceOf is what a piece costs in a group of so many members.
func (o *Offer) PriceOf(members int64) int64 {
	p := o.Price()
	for _, s := range o.Steps {
		if s.Size <= members {
			p = s.Price
		}
	}
	return p
}

// InForce tells whether the offer's price can be had at an instant.
func (o *Offer) InForce(at time.Time) bool {
	return o.State != Withdrawn && !at.Before(o.From) && (o.Until.IsZero() || at.Before(o.Until))
}

// inForceAfter tells whether the offer's price can be had from an instant on, if it was not withdrawn.
func (o *Offer) inForceAfter(at time.Time) bool { return o.Until.IsZero() || at.Before(o.Until) }

// Opens tells whether a group can be opened at an instant.
func (o *Offer) Opens(at time.Time) bool { return o.State == Open && o.InForce(at) }

// deadline is when a group that opens at an instant ends.
func (o *Offer) deadline(at time.Time) time.Time {
	end := at.Add(o.Window)
	if !o.Until.IsZero() && o.Until.Before(end) {
		end = o.Until
	}
	return end
}

// alone are the kinds of promotions that a group's price takes nothing from, unless its merchant lets them stack.
var alone = []string{"direct", "subsidy", "presale", "gift", "spend", "voucher", "crossshop", "redpacket", "points"}

// Promotion is what the price engine knows of the offer: a price for who claims a place.
func (o *Offer) Promotion() promo.Promotion {
	p := promo.Promotion{ID: string(o.ID), Version: 1, Kind: price.Name, Scope: promo.Scope{Shop: o.Shop,
		SKUs: []string{o.SKU}}, Terms: price.At(o.Price()), From: o.From, Until: o.Until, Claim: true,
		PerShopper: o.PerShopper, Title: Texts["group.promotion"]}
	if !o.Stacks {
		p.Excludes = alone
	}
	return p
}

// A claim is the id of a group to join, or one of these and the offer to open one of.
const (
	claimOpen    = "open:"
	claimPrivate = "private:"
)

// ClaimOpen is the claim that opens a group of an offer.
func ClaimOpen(o OfferID, private bool) string {
	if private {
		return claimPrivate + string(o)
	}
	return claimOpen + string(o)
}

// ClaimJoin is the claim that joins a group: its code, which who joins must know.
func ClaimJoin(g Group) string { return claimCode + g.Code }

// claimCode begins a claim that names a group by its code; the order keeps the group's id.
const claimCode = "join:"

// wish is what a claim asks for.
type wish struct {
	offer   OfferID // to open a group of
	private bool
	group   ID     // to join
	code    string // to join
}

func wishOf(claim string) (w wish, ok bool) {
	if id, is := strings.CutPrefix(claim, claimOpen); is {
		return wish{offer: OfferID(id)}, true
	}
	if id, is := strings.CutPrefix(claim, claimPrivate); is {
		return wish{offer: OfferID(id), private: true}, true
	}
	if code, is := strings.CutPrefix(claim, claimCode); is {
		return wish{code: TidyCode(code)}, true
	}
	return wish{group: ID(claim)}, strings.HasPrefix(claim, "grp_")
}

// The alphabet of codes has no letters that are read as others; 32 of them, 5 bits each.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// The lengths of codes: that of a public group is short and may be read aloud (40 bits, it opens nothing that is not
// shown anyway); that of a private one is its key (100 bits).
const (
	codePublic  = 8
	codePrivate = 20
)

// newCode draws a code.
func newCode(r io.Reader, private bool) (string, error) {
	b := make([]byte, codePublic)
	if private {
		b = make([]byte, codePrivate)
	}
	if r == nil {
		r = rand.Reader
	}
	if _, err := io.ReadFull(r, b); err != nil {
		return "", err
	}
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b), nil
}

// TidyCode is a code as it is kept, from what somebody typed or pasted.
func TidyCode(s string) string {
	s = strings.NewReplacer("O", "0", "I", "1", "L", "1", "U", "V").Replace(strings.ToUpper(s))
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(alphabet, r) {
			return r
		}
		return -1
	}, s[:min(len(s), 64)])
}

// short tells whether too few members kept their goods.
func (set Settings) short(g *Group) bool {
	return g.Kept*int64(money.Whole) < g.Paid*int64(set.KeptMin) // a thousand members at most
}

// grouped are the lines of an order that are bought in a group, with their discount.
func grouped(o order.Order) ([]bought, error) {
	var all []bought
	for _, l := range o.Lines() {
		if l.Discounts == "" {
			continue
		}
		discounts, err := order.DecodeDiscounts(l.Discounts)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(discounts, func(d order.Discount) bool {
			return strings.HasPrefix(d.Promotion, order.GroupPrice)
		})
		if i >= 0 {
			all = append(all, bought{order: o, line: l, offer: OfferID(discounts[i].Promotion), claim: discounts[i].Claim})
		}
	}
	return all, nil
}

// bought is one line that was bought in a group.
type bought struct {
	order order.Order
	line  order.Line
	offer OfferID
	claim string
}
