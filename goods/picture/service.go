package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"hutong/base/fault"
)

// Service holds the verbs of pictures. They are kept in one folder, below which it never leads out.
type Service struct {
	root   *os.Root
	memory *semaphore.Weighted // what hostile pictures can take together: two large ones, or one that takes twice as much
	temp   atomic.Int64
}

// Open opens the pictures in a folder, which is made if it is not there.
func Open(dir string) (*Service, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Service{root: root, memory: semaphore.NewWeighted(allMax)}, nil
}

// Close lets the folder go.
func (s *Service) Close() error { return s.root.Close() }

// Identify tells which picture Put would make of these bytes, looking at their header only and keeping nothing.
// Codes: picture.kind, picture.too_large, picture.unreadable.
func (s *Service) Identify(r io.Reader) (ID, error) {
	source, err := read(r)
	if err != nil {
		return "", err
	}
	if _, _, refused := inspect(source); refused != nil {
		return "", refused
	}
	return idOf(source), nil
}

// Put keeps a picture in all sizes. It is safe to repeat: the same bytes are the same picture, and are not decoded
// again. Codes: picture.kind, picture.too_large, picture.unreadable.
func (s *Service) Put(ctx context.Context, r io.Reader) (Picture, error) {
	source, err := read(r)
	if err != nil {
		return Picture{}, err
	}
	id := idOf(source)
	if p, ok := s.kept(id); ok {
		return p, nil
	}
	d, takes, refused := inspect(source)
	if refused != nil {
		return Picture{}, refused
	}
	if err := s.memory.Acquire(ctx, takes); err != nil {
		return Picture{}, err
	}
	defer s.memory.Release(takes)
	img, refused := d.pixels(source)
	if refused != nil {
		return Picture{}, refused
	}
	return s.keep(id, upright(shrink(img, sides[Large]), orientation(source)))
}

// keep writes the sizes, each made of the next larger one, the largest last: where it is there, all are.
func (s *Service) keep(id ID, large *image.NRGBA) (Picture, error) {
	files := make([]encoded, len(Sizes))
	img := large
	for i, size := range Sizes {
		if i > 0 && max(img.Rect.Dx(), img.Rect.Dy()) <= sides[size] {
			files[i] = files[i-1] // small enough already
			continue
		}
		img = shrink(img, sides[size])
		var err error
		if files[i], err = encode(img); err != nil {
			return Picture{}, err
		}
	}
	for i := len(Sizes) - 1; i >= 0; i-- {
		if err := s.write(name(id, Sizes[i], files[i].extension), files[i].data); err != nil {
			return Picture{}, err
		}
	}
	return Picture{ID: id, Width: large.Rect.Dx(), Height: large.Rect.Dy()}, nil
}

// name is where a size is kept. The id is nothing but hex digits.
func name(id ID, size Size, extension string) string {
	return path.Join(string(id[4:6]), string(id)+"-"+string(size)+"."+extension)
}

// write makes the file whole or not at all: it is renamed into its place when its bytes are on disk.
func (s *Service) write(to string, data []byte) error {
	if err := s.root.Mkdir(path.Dir(to), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	temp := to + "." + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(s.temp.Add(1), 10)
	f, err := s.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = s.root.Rename(temp, to)
	}
	if err != nil {
		err = errors.Join(err, s.root.Remove(temp))
	}
	return err
}

// types are the kept kinds of file by extension.
var types = []struct{ extension, mime string }{{"jpg", "image/jpeg"}, {"png", "image/png"}}

// Open gives the stored bytes of one size. Codes: picture.not_found.
func (s *Service) Open(id ID, size Size) (File, error) {
	missing := fault.New(fault.NotFound, "picture.not_found")
	if !id.Valid() || sides[size] == 0 {
		return File{}, missing
	}
	for _, t := range types {
		f, err := s.root.Open(name(id, size, t.extension))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return File{}, err
		}
		info, err := f.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return File{}, errors.Join(missing, err, f.Close())
		}
		return File{ReadSeekCloser: f, Type: t.mime, Bytes: info.Size()}, nil
	}
	return File{}, missing
}

// kept tells whether a picture is there already, and how large it is.
func (s *Service) kept(id ID) (Picture, bool) {
	f, err := s.Open(id, Large)
	if err != nil {
		return Picture{}, false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return Picture{}, false
	}
	config := jpeg.DecodeConfig
	if f.Type == "image/png" {
		config = png.DecodeConfig
	}
	c, err := config(bytes.NewReader(head))
	return Picture{ID: id, Width: c.Width, Height: c.Height}, err == nil
}
