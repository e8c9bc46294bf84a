// Package upload is the desk's way to an import: a file that a merchant sends is kept in a folder of the market's own,
// looked at, checked (a dry run) and, when the merchant says so, imported, all in the background and one at a time for
// each shop. The run in goods/intake says how far it is.
//
// A file lies under the id of its run: what the merchant calls it is shown and never is a path (FAULTS A14). It is
// removed when its run has no more use for it. Read this file first, then service.go.
package upload

import (
	_ "embed"
	"strings"

	"hutong/base/text"
	"hutong/goods/intake"
	"hutong/goods/intake/icecat"
	"hutong/goods/intake/magento"
	"hutong/goods/intake/mapped"
	"hutong/goods/intake/shopify"
	"hutong/goods/intake/woocommerce"
)

// BytesMax bounds an uploaded file, as it is sent: gzipped or not.
const BytesMax = 256 << 20

// WorkMax is how many runs are at work at one time on this node.
const WorkMax = 4

// WaitingMax is how many files of one shop may wait to be confirmed or dropped.
const WaitingMax = 5

// Mapped is the name of the format that needs a column mapping.
const Mapped = "mapped"

// Formats are the formats that are known by a file's first bytes.
func Formats() []intake.Format {
	return []intake.Format{shopify.Format{}, woocommerce.Format{}, magento.Format{}, icecat.Format{}}
}

// formatOf makes the format of a run: one of Formats by its name, or Mapped through a mapping.
func formatOf(name, mapping string) (intake.Format, error) {
	if name == Mapped {
		m, err := mapped.Parse(strings.NewReader(mapping))
		return mapped.Format{Mapping: m}, err
	}
	for _, f := range Formats() {
		if f.Name() == name {
			return f, nil
		}
	}
	return nil, unknownFormat()
}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
