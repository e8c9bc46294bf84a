package catalog

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash"
	"strings"

	"hutong/base/fault"
)

// content is a product as it is stored: its lists as JSON and the hash by which an unchanged product is
// recognised.
type content struct {
	pictures, options, attributes string
	choices                       []string // of each SKU
	hash                          string
}

// render makes the stored form. The hash covers everything that a merchant may change and nothing that Save
// makes.
func render(p Product) content {
	c := content{pictures: list(p.Pictures), options: list(p.Options), attributes: list(p.Attributes)}
	h := sha256.New()
	feed(h, p.Category, p.Title.Zh, p.Title.En, p.Description.Zh, p.Description.En, p.Brand, string(p.State))
	feed(h, c.pictures, c.options, c.attributes)
	number(h, p.Position)
	for _, k := range p.SKUs {
		choice := list(k.Choice)
		c.choices = append(c.choices, choice)
		feed(h, skuName(k, p.Options), k.Code, choice, k.Barcode, string(k.Picture))
		number(h, k.WeightG)
	}
	c.hash = base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
	return c
}

// feed writes each text with its length in front, so that no two lists of texts hash alike.
func feed(h hash.Hash, texts ...string) {
	for _, s := range texts {
		number(h, int64(len(s)))
		h.Write([]byte(s))
	}
}

func number(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

// list renders a list as JSON; none is the empty text. What it is given always renders.
func list[T any](v []T) string {
	if len(v) == 0 {
		return ""
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("catalog: " + err.Error()) // lists of texts and numbers: a defect of this package
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func unlist[T any](stored string, into *[]T) error {
	if stored == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(stored), into); err != nil {
		return fault.New(fault.Internal, "internal.error").Because(err)
	}
	return nil
}

// tidied is the product with the spaces around its texts removed.
func tidied(p Product) Product {
	for _, s := range []*string{&p.Title.Zh, &p.Title.En, &p.Brand, &p.Source, &p.ExternalID} {
		*s = strings.TrimSpace(*s)
	}
	return p
}
