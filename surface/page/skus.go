package page

import (
	"hutong/goods/catalog"
	"hutong/goods/picture"
)

// SKUCells are how tables show SKUs, by id: the picture, the title and what was chosen, such as "Longjing · 50 g".
func (t Tongue) SKUCells(products []catalog.Product) map[string]Cell {
	cells := map[string]Cell{}
	for _, p := range products {
		of := catalog.Brief{Product: p.ID, Title: p.Title}
		if len(p.Pictures) > 0 {
			of.Picture = p.Pictures[0]
		}
		for _, k := range p.SKUs {
			of.Choice = catalog.Choose(p.Options, k.Choice)
			cells[string(k.ID)] = t.SKUCell(of)
		}
	}
	return cells
}

// SKUCell is how tables show one SKU.
func (t Tongue) SKUCell(b catalog.Brief) Cell {
	c := Cell{Text: b.Title.In(t.Lang), Picture: &Picture{Tint: TintOf(string(b.Product)),
		Small: PictureURL(string(b.Picture), picture.Small)}}
	if choice := b.Choice.In(t.Lang); choice != "" {
		c.Text += " · " + choice
	}
	return c
}
