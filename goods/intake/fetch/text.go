package fetch

import (
	_ "embed"

	"hutong/base/text"
)

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
