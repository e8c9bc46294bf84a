// Package picture keeps the market's pictures. What comes in is decoded and encoded again, so that no byte of a
// stranger's file is ever served: no script in an SVG, no location in a photo, no second file behind the first. Each
// picture is kept in three sizes under a name made from its content.
//
// It never fetches (goods/intake/fetch does) and never trusts a name or a type that came with the bytes. Read this
// file first, then decode.go.
package picture

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"io"
	"regexp"

	"hutong/base/fault"
	"hutong/base/text"
)

// ID names a picture: "pic_" and 40 hex digits of the hash of the bytes that it was made from.
type ID string

var idForm = regexp.MustCompile(`^pic_[0-9a-f]{40}$`)

// Valid tells whether id has the form of a picture's id. Only such a name ever becomes a path.
func (id ID) Valid() bool { return idForm.MatchString(string(id)) }

// Picture is one kept picture.
type Picture struct {
	ID            ID
	Width, Height int // of the Large size
}

// Size is one of the kept sizes.
type Size string

// The kept sizes, by their longest side. A picture that is smaller is never made larger.
const (
	Large  Size = "large"  // 1,280: a product's page
	Medium Size = "medium" // 480: a card
	Small  Size = "small"  // 160: a line of an order
)

// Sizes are the kept sizes, the largest first.
var Sizes = []Size{Large, Medium, Small}

var sides = map[Size]int{Large: 1280, Medium: 480, Small: 160}

// The bounds of what comes in. They are looked at before anything is decoded.
const (
	BytesMax  = 20 << 20
	PixelsMax = 40_000_000
	SideMax   = 16_000
	memoryMax = 4 * PixelsMax  // bytes of the decoded picture: one of 16 bits a channel may have half the pixels
	allMax    = 2 * memoryMax  // bytes of all that are decoded at one time, with what a progressive one keeps meanwhile
	walksMax  = 20 * PixelsMax // pixels that a decoder may walk over: ten or so times the whole picture are usual
)

// File is the stored bytes of one size.
type File struct {
	io.ReadSeekCloser
	Type  string // image/jpeg, or image/png where the picture has see-through parts
	Bytes int64
}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

func tooLarge() *fault.Error {
	return fault.New(fault.Invalid, "picture.too_large",
		fault.P("bytes", BytesMax>>20), fault.P("pixels", PixelsMax/1_000_000))
}

func unreadable(cause error) *fault.Error {
	return fault.New(fault.Invalid, "picture.unreadable").Because(cause)
}

// idOf names the picture that is made from these bytes.
func idOf(source []byte) ID {
	digest := sha256.Sum256(source)
	return ID("pic_" + hex.EncodeToString(digest[:20]))
}

// read takes the whole source, which may be no longer than BytesMax.
func read(r io.Reader) ([]byte, error) {
	source, err := io.ReadAll(io.LimitReader(r, BytesMax+1))
	if err != nil {
		return nil, err
	}
	if len(source) > BytesMax {
		return nil, tooLarge()
	}
	return source, nil
}
