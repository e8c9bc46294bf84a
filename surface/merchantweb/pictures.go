package merchantweb

import (
	"context"
	"io"

	"hutong/goods/picture"
)

// Pictures keeps pictures that are handed in: a picture.Service.
type Pictures interface {
	Put(ctx context.Context, r io.Reader) (picture.Picture, error)
	Open(id picture.ID, size picture.Size) (picture.File, error)
}
