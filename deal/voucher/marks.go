package voucher

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"hutong/base/db"
	"hutong/party/login"
	"hutong/party/shopper"
)

// PartyMarks are the marks that the party district knows: verified phone numbers, and the phone numbers and places of
// delivery addresses. They are keyed hashes, so that whoever reads the table cannot try numbers.
type PartyMarks struct{ key []byte }

// NewPartyMarks makes them with a secret of this market.
func NewPartyMarks(key []byte) PartyMarks { return PartyMarks{key} }

// Marks are those of shoppers.
func (p PartyMarks) Marks(tx *db.Tx, shoppers []string) (map[string][]string, error) {
	phones, err := login.Phones(tx, shoppers)
	if err != nil {
		return nil, err
	}
	traces, err := shopper.Traces(tx, shoppers)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]string, len(shoppers))
	for _, who := range shoppers {
		for _, phone := range phones[who] {
			all[who] = append(all[who], p.Phone(phone))
		}
		for _, t := range traces[who] {
			all[who] = append(all[who], p.Phone(t.Phone), p.Place(t.Country, t.Division+t.Region, t.Street))
		}
		slices.Sort(all[who])
		all[who] = slices.Compact(all[who])
	}
	return all, nil
}

// Phone is the mark of a phone number.
func (p PartyMarks) Phone(number string) string { return p.mark("phone", number) }

// Place is the mark of a delivery address: spaces, punctuation and the size of letters do not make another one.
func (p PartyMarks) Place(country, region, street string) string {
	return p.mark("place", country+" "+plainly(region)+" "+plainly(street))
}

// Account is the mark of an account at a wallet, such as the payer's number there.
func (p PartyMarks) Account(wallet, payer string) string { return p.mark("account", wallet+" "+payer) }

// markBytes is how much of a hash makes a mark: enough that two never meet.
const markBytes = 16

func (p PartyMarks) mark(sort, value string) string {
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte(sort + "\x00" + value))
	return hex.EncodeToString(h.Sum(nil)[:markBytes])
}

func plainly(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // full width
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
