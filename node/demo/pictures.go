package demo

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"hutong/goods/picture"
	"hutong/node/demo/seed"
)

// Pictures serves a demo's pictures from the first second: what the picture room has not re-encoded yet is shown as it
// is embedded. In a real market nothing is shown that was not re-encoded.
type Pictures struct {
	*picture.Service
	embedded map[picture.ID][]byte
}

// EmbeddedPictures knows the embedded pictures of the goods that Seed seeds.
func EmbeddedPictures(of *picture.Service) (*Pictures, error) {
	shops, err := seed.Shops()
	if err != nil {
		return nil, err
	}
	p := &Pictures{Service: of, embedded: map[picture.ID][]byte{}}
	for _, s := range shops {
		for _, good := range s.Products {
			data, _, err := seed.Picture(good.Picture)
			if err != nil {
				return nil, err
			}
			id, err := p.Identify(bytes.NewReader(data))
			if err != nil {
				return nil, err
			}
			p.embedded[id] = data
		}
	}
	return p, nil
}

// Keep puts the embedded pictures into the picture room, so many at a time, re-encoded like everybody's, so that the
// market's folder has them when hutong serve opens it. It is safe to repeat: what is kept already is only looked at.
func (p *Pictures) Keep(ctx context.Context, atOnce int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, id := range slices.Sorted(maps.Keys(p.embedded)) {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			_, err := p.Put(ctx, bytes.NewReader(p.embedded[id]))
			return err
		})
	}
	return g.Wait()
}

type embedded struct{ *bytes.Reader }

// Close does nothing: the bytes are in the program.
func (embedded) Close() error { return nil }

// Open gives the stored bytes of one size, or the embedded ones.
func (p *Pictures) Open(id picture.ID, size picture.Size) (picture.File, error) {
	f, err := p.Service.Open(id, size)
	if err == nil {
		return f, nil
	}
	data, ok := p.embedded[id]
	if !ok {
		return picture.File{}, err
	}
	return picture.File{ReadSeekCloser: embedded{bytes.NewReader(data)}, Type: "image/webp", Bytes: int64(len(data))}, nil
}
