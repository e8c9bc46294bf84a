package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"hutong/base/fault"
)

func open(t testing.TB) (*Service, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pictures")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

// drawn is a picture whose four corners differ.
func drawn(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	corners := [2][2]color.NRGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {255, 255, 255, 255}}}
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, corners[2*y/h][2*x/w])
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPutAndOpen(t *testing.T) {
	glass := drawn(400, 100)
	glass.SetNRGBA(0, 0, color.NRGBA{})
	var moving bytes.Buffer
	if err := gif.Encode(&moving, drawn(100, 200), nil); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		source []byte
		kind   string
		sizes  map[Size]image.Point
	}{
		{"photo", jpegOf(t, drawn(2560, 1000)), "image/jpeg",
			map[Size]image.Point{Large: {1280, 500}, Medium: {480, 188}, Small: {160, 63}}},
		{"upright", pngOf(t, drawn(300, 900)), "image/jpeg",
			map[Size]image.Point{Large: {300, 900}, Medium: {160, 480}, Small: {53, 160}}},
		{"see-through", pngOf(t, glass), "image/png",
			map[Size]image.Point{Large: {400, 100}, Medium: {400, 100}, Small: {160, 40}}},
		{"gif", moving.Bytes(), "image/jpeg",
			map[Size]image.Point{Large: {100, 200}, Medium: {100, 200}, Small: {80, 160}}},
		{"one line", pngOf(t, drawn(3000, 1)), "image/jpeg",
			map[Size]image.Point{Large: {1280, 1}, Medium: {480, 1}, Small: {160, 1}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, _ := open(t)
			p, err := s.Put(t.Context(), bytes.NewReader(c.source))
			if err != nil || !p.ID.Valid() || image.Pt(p.Width, p.Height) != c.sizes[Large] {
				t.Fatalf("%+v, %v", p, err)
			}
			for size, want := range c.sizes {
				f, err := s.Open(p.ID, size)
				if err != nil {
					t.Fatal(err)
				}
				data, err := io.ReadAll(f)
				if err != nil || f.Close() != nil || f.Type != c.kind || f.Bytes != int64(len(data)) {
					t.Fatalf("%s: %s of %d bytes, %v", size, f.Type, f.Bytes, err)
				}
				config, _, err := image.DecodeConfig(bytes.NewReader(data))
				if err != nil || image.Pt(config.Width, config.Height) != want {
					t.Fatalf("%s is %d by %d, want %v, %v", size, config.Width, config.Height, want, err)
				}
			}
			again, err := s.Put(t.Context(), bytes.NewReader(c.source))
			if err != nil || again != p {
				t.Fatalf("the same bytes became %+v, %v", again, err)
			}
			if id, err := s.Identify(bytes.NewReader(c.source)); err != nil || id != p.ID {
				t.Fatalf("Identify says %s, %v", id, err)
			}
		})
	}
}

// header makes a PNG that says it is that large and holds next to nothing.
func header(w, h uint32, depth byte) []byte {
	chunk := []byte("IHDR\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00")
	binary.BigEndian.PutUint32(chunk[4:], w)
	binary.BigEndian.PutUint32(chunk[8:], h)
	chunk[12] = depth
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

// TestA12_NotAPicture and its like: what is no picture is refused by its content, whatever it is called.
func TestA12_NotAPicture(t *testing.T) {
	s, dir := open(t)
	photo := jpegOf(t, drawn(64, 64))
	for name, c := range map[string]struct {
		source []byte
		want   string
	}{
		"svg": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "picture.kind"},
		"xml": {[]byte(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>`),
			"picture.kind"},
		"html":      {[]byte(`<html><script>alert(1)</script>`), "picture.kind"},
		"nothing":   {nil, "picture.kind"},
		"bmp":       {[]byte("BM\x00\x00\x00\x00"), "picture.kind"},
		"half":      {photo[:len(photo)/2], "picture.unreadable"},
		"only head": {[]byte("\xff\xd8\xff\xe0"), "picture.unreadable"},
		"gif head":  {[]byte("GIF89a<script>alert(1)</script>"), "picture.too_large"},
	} {
		if _, err := s.Put(t.Context(), bytes.NewReader(c.source)); !fault.Is(err, c.want) {
			t.Errorf("%s: %v; want %s", name, err, c.want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Fatalf("a refused picture left %v, %v", left, err)
	}
}

// TestA12_Polyglot: nothing of what stands beside the pixels is kept.
func TestA12_Polyglot(t *testing.T) {
	s, dir := open(t)
	source := append(withEXIF(jpegOf(t, drawn(64, 64)), 1), []byte("<script>alert(1)</script>PK\x03\x04")...)
	if _, err := s.Put(t.Context(), bytes.NewReader(source)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("script")) || bytes.Contains(data, []byte("Exif")) {
			t.Errorf("%s holds what stood beside the pixels", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestA13_DecompressionBomb: the header is judged before anything is decoded.
func TestA13_DecompressionBomb(t *testing.T) {
	s, _ := open(t)
	for _, c := range []struct {
		w, h  uint32
		depth byte
		want  string
	}{
		{50_000, 50_000, 8, "picture.too_large"}, {16_001, 10, 8, "picture.too_large"},
		{8_000, 5_001, 8, "picture.too_large"}, {5_000, 4_001, 16, "picture.too_large"},
		{1 << 31, 1, 8, "picture.unreadable"}, {0, 5, 8, "picture.unreadable"},
		{8_000, 5_000, 8, "picture.unreadable"}, // may be that large, but then has no pixels
	} {
		if _, err := s.Put(t.Context(), bytes.NewReader(header(c.w, c.h, c.depth))); !fault.Is(err, c.want) {
			t.Errorf("%d by %d: %v; want %s", c.w, c.h, err, c.want)
		}
	}
	if _, err := s.Put(t.Context(), io.LimitReader(zeros{}, BytesMax+1)); !fault.Is(err, "picture.too_large") {
		t.Errorf("more bytes than allowed: %v", err)
	}
}

// TestA14_PathTraversal: an id that is none never becomes a path, and a link in the folder leads nowhere.
func TestA14_PathTraversal(t *testing.T) {
	s, dir := open(t)
	for _, id := range []ID{"", "pic_", "../../etc/passwd", "pic_" + ID(strings.Repeat("../", 14)),
		"pic_" + ID(strings.Repeat("A", 40)), "pic_" + ID(strings.Repeat("a", 40)) + "\n",
		"pic_" + ID(strings.Repeat("a", 39)) + "\x00", "pic_" + ID(strings.Repeat("a", 40))} {
		if _, err := s.Open(id, Large); !fault.Is(err, "picture.not_found") {
			t.Errorf("%q: %v", id, err)
		}
	}
	p, err := s.Put(t.Context(), bytes.NewReader(jpegOf(t, drawn(9, 9))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(p.ID, "../large"); !fault.Is(err, "picture.not_found") {
		t.Error(err)
	}
	secret := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	stored := filepath.Join(dir, name(p.ID, Small, "jpg"))
	if err := errors.Join(os.Remove(stored), os.Symlink(secret, stored)); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Open(p.ID, Small); err == nil {
		t.Errorf("a link out of the folder was followed: %+v", f)
	}
}

func TestPutReportsTheReadersError(t *testing.T) {
	s, _ := open(t)
	broken := errors.New("cut")
	if _, err := s.Put(t.Context(), iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Fatal(err)
	}
}

func TestPutAtOnce(t *testing.T) {
	s, dir := open(t)
	source := jpegOf(t, drawn(700, 300))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := s.Put(t.Context(), bytes.NewReader(source)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	folders, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(folders) != len(Sizes) {
		t.Fatalf("left %v, %v", folders, err)
	}
}

// withEXIF puts a note of the orientation behind a JPEG's first two bytes.
func withEXIF(source []byte, orientation uint16) []byte {
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00")
	binary.LittleEndian.PutUint16(exif[len(exif)-4:], orientation)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return append(append(append([]byte{0xff, 0xd8}, segment...), exif...), source[2:]...)
}

// TestOrientation looks where the red corner of the stored picture is seen.
func TestOrientation(t *testing.T) {
	const w, h = 64, 32
	for orientation, want := range map[uint16]struct {
		size image.Point
		red  image.Point // corner: 0 or 1
	}{
		0: {image.Pt(w, h), image.Pt(0, 0)}, 1: {image.Pt(w, h), image.Pt(0, 0)}, 2: {image.Pt(w, h), image.Pt(1, 0)},
		3: {image.Pt(w, h), image.Pt(1, 1)}, 4: {image.Pt(w, h), image.Pt(0, 1)}, 5: {image.Pt(h, w), image.Pt(0, 0)},
		6: {image.Pt(h, w), image.Pt(1, 0)}, 7: {image.Pt(h, w), image.Pt(1, 1)}, 8: {image.Pt(h, w), image.Pt(0, 1)},
		9: {image.Pt(w, h), image.Pt(0, 0)},
	} {
		s, _ := open(t)
		p, err := s.Put(t.Context(), bytes.NewReader(withEXIF(jpegOf(t, drawn(w, h)), orientation)))
		if err != nil || image.Pt(p.Width, p.Height) != want.size {
			t.Fatalf("%d: %+v, %v", orientation, p, err)
		}
		f, err := s.Open(p.ID, Large)
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := image.Decode(f)
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		x, y := 4+want.red.X*(want.size.X-9), 4+want.red.Y*(want.size.Y-9)
		if r, g, b, _ := img.At(x, y).RGBA(); r>>8 < 200 || g>>8 > 60 || b>>8 > 60 {
			t.Errorf("%d: at %d,%d is %d,%d,%d", orientation, x, y, r>>8, g>>8, b>>8)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(withEXIF(jpegOf(f, drawn(8, 8)), 6))
	f.Add(pngOf(f, drawn(8, 8)))
	f.Add(header(9, 9, 8))
	f.Fuzz(func(t *testing.T, source []byte) {
		if n := orientation(source); n < 1 || n > 8 {
			t.Fatal(n)
		}
		d, _, refused := inspect(source)
		if refused == nil {
			if c, err := d.config(source); err != nil || c.Width*c.Height > 1<<16 {
				return // allowed, but slow to fuzz
			}
		}
		if refused != nil {
			return
		}
		img, refused := d.pixels(source)
		if refused != nil {
			return
		}
		if data, err := encode(upright(shrink(img, 32), orientation(source))); err != nil || len(data.data) == 0 {
			t.Fatal(err)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
