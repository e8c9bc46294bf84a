// Package seed is what the demo market sells, and who buys there: twenty small shops with their
// products in Chinese and English, a picture for each, and thirty simulated shoppers.
//
// It is plain data beside a reader. It opens no shop and writes nothing: the demo does that
// through the same verbs as any merchant. Shops, people, telephone numbers and streets are made
// up; only the category ids and the division codes are real. Read seed.go first.
package seed

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"hutong/base/text"
)

//go:embed shops/*.json
var shopFiles embed.FS

//go:embed shoppers.json
var shoppersJSON []byte

// Text is one wording in Chinese and English.
type Text = text.Entry

// Shop is a merchant of the demo market. Key is a short stable name such as "tea"; Area is the
// division code of the place it ships from.
type Shop struct {
	Key      string    `json:"key"`
	Area     string    `json:"area"`
	Name     Text      `json:"name"`
	About    Text      `json:"about"`
	Products []Product `json:"products"`
}

// Product is one thing a shop sells. Key is unique within its shop, Category is an id of the
// taxonomy, Picture a name for Picture. A product without options has exactly one SKU.
type Product struct {
	Key      string   `json:"key"`
	Title    Text     `json:"title"`
	About    Text     `json:"about"`
	Category string   `json:"category"`
	Picture  string   `json:"picture"`
	Options  []Option `json:"options"`
	SKUs     []SKU    `json:"skus"`
}

// Option is something the shopper chooses, such as the colour.
type Option struct {
	Name   Text   `json:"name"`
	Values []Text `json:"values"`
}

// SKU is one choice of every option: Values[i] is an index into Options[i].Values. Price and List
// are in fen; List is 0 or the higher price that is struck through.
type SKU struct {
	Values []int `json:"values"`
	Price  int64 `json:"price"`
	List   int64 `json:"list"`
	Stock  int64 `json:"stock"`
}

// Shopper is a simulated buyer with one address in China, its divisions given by code.
type Shopper struct {
	Key      string    `json:"key"`
	Lang     text.Lang `json:"lang"`
	Name     Text      `json:"name"`
	Phone    string    `json:"phone"`
	Province string    `json:"province"`
	City     string    `json:"city"`
	Area     string    `json:"area"`
	Street   string    `json:"street"`
	Postcode string    `json:"postcode"`
}

// Shops returns every shop with its products, in a fixed order. Each call reads anew, so the
// answer is the caller's to change.
func Shops() ([]Shop, error) {
	names, err := fs.Glob(shopFiles, "shops/*.json")
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	shops := make([]Shop, len(names))
	for i, name := range names {
		data, err := shopFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("seed: %w", err)
		}
		if err := read(data, &shops[i]); err != nil {
			return nil, fmt.Errorf("seed: %s: %w", name, err)
		}
	}
	return shops, nil
}

// Shoppers returns the simulated buyers in a fixed order.
func Shoppers() ([]Shopper, error) {
	var all []Shopper
	if err := read(shoppersJSON, &all); err != nil {
		return nil, fmt.Errorf("seed: shoppers.json: %w", err)
	}
	return all, nil
}

// read refuses fields it does not know, so that a misspelt one is not silently empty.
func read(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
