package checkout

import (
	"crypto/cipher"
	"encoding/base64"
	"io"
	"slices"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/quota"
	"hutong/trade/order"
)

// tokenPrefix names the form of the sealed content; another form gets another prefix.
const tokenPrefix = "ck1."

// KeyLen is the length of a market's token key in bytes.
const KeyLen = chacha20poly1305.KeySize

// Tokens seals quotes into checkout tokens and opens them again. A token is the quote itself, encrypted and
// authenticated: placing needs no look-up to trust its prices, and the shopper cannot read the fees in it.
type Tokens struct {
	aead cipher.AEAD
	rand io.Reader
	max  int // bytes of a token that is looked at
}

// NewTokens makes Tokens from the market's key, for orders of at most that many lines; all nodes of a market share it.
func NewTokens(key []byte, rand io.Reader, lines int) (*Tokens, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	return &Tokens{aead, rand, TokenMax(lines)}, nil
}

// seal makes the token of an order that was not placed yet.
func (t *Tokens) seal(o order.Order) (string, error) {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, 512)
	if _, err := io.ReadFull(t.rand, nonce); err != nil {
		return "", err
	}
	sealed := t.aead.Seal(nonce, nonce, pack(o), []byte(tokenPrefix))
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// open gives the order in a token, if the market sealed it for this shopper. Codes: checkout.token.
func (t *Tokens) open(token, shopper string) (order.Order, error) {
	if len(token) <= len(tokenPrefix) || token[:len(tokenPrefix)] != tokenPrefix || len(token) > t.max {
		return order.Order{}, fault.New(fault.Invalid, "checkout.token").At("token")
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token[len(tokenPrefix):])
	if err != nil || len(sealed) < chacha20poly1305.NonceSizeX {
		return order.Order{}, fault.New(fault.Invalid, "checkout.token").At("token")
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := t.aead.Open(box[:0], nonce, box, []byte(tokenPrefix))
	if err != nil {
		return order.Order{}, fault.New(fault.Invalid, "checkout.token").At("token")
	}
	o, err := unpack(plain)
	if err != nil || o.Shopper != shopper || shopper == "" {
		return order.Order{}, fault.New(fault.Invalid, "checkout.token").At("token")
	}
	return o, nil
}

// pack writes what a quote promises, compactly: the hot path opens one of these per order.
func pack(o order.Order) []byte {
	p := make(packer, 0, 256)
	_, body, _ := id.Cut(o.Quote)
	p.text(body)
	p.text(o.Shopper)
	p.text(string(o.Currency))
	p.text(o.Address)
	p.text(string(o.Lang))
	p.number(clock.Micros(o.ExpiresAt)) // here: until when the quote holds
	p.number(o.Rules)
	p.number(int64(len(o.Needs)))
	for _, n := range o.Needs {
		p.text(n.Quota)
		p.text(n.Code)
		p.number(n.Amount)
		p.number(n.Cap)
		p.number(kindOf(n))
	}
	p.number(int64(len(o.Subs)))
	for _, s := range o.Subs {
		p.text(s.Shop)
		p.text(s.Carrier)
		p.text(s.Pickup)
		p.number(s.Freight)
		p.number(int64(len(s.Lines)))
		for _, l := range s.Lines {
			p.line(l)
		}
	}
	if o.Chosen {
		p.text(chosenMark)
	}
	if o.Basis != "" {
		p.text(repriceMark)
		p.text(o.Basis)
	}
	if o.Presale != nil {
		p.presale(o.Presale)
	}
	if hours := promised(o.Subs); len(o.Parts) > 0 || hours {
		p.parts(o.Parts)
		if hours {
			p.hours(o.Subs)
		}
	}
	return p
}

// lookBit marks, beside the kind of its refusal, a need that takes nothing.
const lookBit = 1 << 16

func kindOf(n quota.Need) int64 {
	if n.Look {
		return int64(n.Kind) | lookBit
	}
	return int64(n.Kind)
}

func (p *packer) line(l order.Line) {
	for _, s := range []string{l.Offer, l.Product, l.SKU, l.Pool, l.Title, l.Choice, l.Picture, l.FeeRule,
		l.Discounts} {
		p.text(s)
	}
	for _, n := range []int64{l.Quantity, l.UnitPrice, l.PriceVersion, l.Discount, l.Funded, int64(l.FeePPM)} {
		p.number(n)
	}
}

// unpack reads what pack wrote and adds up the sums again. The bytes are authenticated, yet nothing here trusts a
// length: an old key that leaked must not become a crash.
func unpack(b []byte) (order.Order, error) {
	u := newUnpacker(b)
	o := order.Order{Quote: "quo_" + u.text()}
	o.Shopper, o.Currency, o.Address = u.text(), money.Currency(u.text()), u.text()
	o.Lang, o.ExpiresAt = text.Lang(u.text()), clock.FromMicros(u.number())
	o.Rules = u.number()
	needs := u.count()
	o.Needs = make([]quota.Need, 0, hint(needs))
	for range needs {
		n := quota.Need{Quota: u.text(), Code: u.text(), Amount: u.number(), Cap: u.number()}
		kind := u.number()
		n.Kind, n.Look = fault.Kind(kind&^lookBit), kind&lookBit != 0
		o.Needs = append(o.Needs, n)
	}
	no, subs := int64(0), u.count()
	o.Subs = make([]order.Sub, 0, hint(subs))
	for seq := range subs {
		s := order.Sub{Seq: seq + 1, Shop: u.text(), State: order.SubOpen}
		s.Carrier, s.Pickup, s.Freight = u.text(), u.text(), u.number()
		lines := u.count()
		s.Lines = make([]order.Line, 0, hint(lines))
		for range lines {
			no++
			l := u.line()
			l.No, l.Seq, l.Shop = no, s.Seq, s.Shop
			s.Goods += l.Paid
			s.Lines = append(s.Lines, l)
		}
		o.Goods += s.Goods
		o.Freight += s.Freight
		o.Subs = append(o.Subs, s)
	}
	o.Total = o.Goods + o.Freight
	u.more(&o)
	if !u.ok() || !id.Valid(o.Quote, "quo") {
		return order.Order{}, fault.New(fault.Invalid, "checkout.token").At("token")
	}
	return o, nil
}

// promised tells whether anything of an order is to be sent within some hours.
func promised(subs []order.Sub) bool {
	return slices.ContainsFunc(subs, func(s order.Sub) bool { return s.ShipHours > 0 })
}

// hours adds to a token within how many hours each part is sent; most orders promise nothing, and have none.
func (p *packer) hours(subs []order.Sub) {
	for _, s := range subs {
		p.number(s.ShipHours)
	}
}

func (u *unpacker) hours(o *order.Order) {
	if len(u.rest) == 0 {
		return
	}
	for i := range o.Subs {
		o.Subs[i].ShipHours = u.number()
	}
}

// more reads what stands in few tokens: that its vouchers were named, what the price came from, and a presale or
// balances and hours.
func (u *unpacker) more(o *order.Order) {
	for len(u.rest) > 0 {
		switch item := u.text(); item {
		case "":
			u.parts(o)
			u.hours(o)
			return
		case chosenMark:
			o.Chosen = true
		case repriceMark:
			o.Basis = u.text()
		default:
			u.presale(o, item)
			return
		}
	}
}

// hint is how much room is made for so many things at once; what a broken token says comes true only byte by byte.
func hint(n int64) int64 { return min(n, 32) }

func (u *unpacker) line() (l order.Line) {
	for _, s := range []*string{&l.Offer, &l.Product, &l.SKU, &l.Pool, &l.Title, &l.Choice, &l.Picture, &l.FeeRule,
		&l.Discounts} {
		*s = u.text()
	}
	ppm := int64(0)
	for _, n := range []*int64{&l.Quantity, &l.UnitPrice, &l.PriceVersion, &l.Discount, &l.Funded, &ppm} {
		*n = u.number()
	}
	l.FeePPM = money.PPM(ppm)
	l.Paid = l.Quantity*l.UnitPrice - l.Discount // checked when the quote was made
	return l
}

// expired tells whether a quote's promise is over: it holds in [made, until).
func expired(until, now time.Time) bool { return !now.Before(until) }
