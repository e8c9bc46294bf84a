package demo

import (
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/picture"
	"hutong/node"
)

// TestPicturesOfADemoAreShownByServe: a folder that a demo made shows the goods' pictures to whoever serves it, without
// the demo: re-encoded, never as they are embedded.
func TestPicturesOfADemoAreShownByServe(t *testing.T) {
	dir := t.TempDir()
	config := node.Config{URL: "sqlite:" + filepath.Join(dir, "market.db"), Dir: dir}
	m, err := node.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Seed(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := EmbeddedPictures(d.Market.Pictures)
	if err != nil {
		t.Fatal(err)
	}
	products := picturesOf(t, d)[:12]
	maps.DeleteFunc(shown.embedded, func(id picture.ID, _ []byte) bool { return !slices.Contains(products, id) })
	first, err := shown.Open(products[0], picture.Medium)
	if err != nil || first.Type != "image/webp" {
		t.Fatalf("a demo shows its pictures from the first second: %+v %v", first, err)
	}
	if _, err := m.Pictures.Open(products[0], picture.Medium); !fault.Is(err, "picture.not_found") {
		t.Fatalf("kept before Keep: %v", err)
	}
	if err := shown.Keep(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(shown.Keep(t.Context(), 2), m.Close()); err != nil { // again: nothing to do
		t.Fatal(err)
	}

	m, err = node.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, id := range products {
		for _, size := range picture.Sizes {
			f, err := m.Pictures.Open(id, size)
			if err != nil || f.Type == "image/webp" {
				t.Fatalf("%s %s: %+v %v", id, size, f, err)
			}
			if n, err := io.Copy(io.Discard, f); n == 0 || err != nil {
				t.Errorf("%s %s: %d bytes, %v", id, size, n, err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// picturesOf are the pictures that the seeded products name.
func picturesOf(t *testing.T, d *Market) (all []picture.ID) {
	t.Helper()
	var ids []catalog.ID
	for _, o := range d.Offers {
		ids = append(ids, catalog.ID(o.Product))
	}
	products, err := d.Catalog.Products(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range products {
		for _, id := range p.Pictures {
			all = append(all, picture.ID(id))
		}
	}
	if len(all) < 300 {
		t.Fatalf("%d pictures", len(all))
	}
	return all
}
