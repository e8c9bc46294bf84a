package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/intake"
	"hutong/goods/intake/intaketest"
	"hutong/goods/picture"
)

// fetcher is a web of pictures by address; an address that is not there cannot be had.
type fetcher map[string][]byte

func (f fetcher) Get(_ context.Context, address string) (io.ReadCloser, error) {
	data, ok := f[address]
	if !ok {
		return nil, fault.New(fault.Refused, "fetch.failed")
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func mapped(rows string) string { return shopifyHeader + rows }

// TestA14_FolderOfPictures: pictures are found by path or by their last part, below the folder only, and links are not
// followed; what is no picture does not hold up its product.
func TestA14_FolderOfPictures(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		outside, dir := t.TempDir(), t.TempDir()
		put(t, outside, "secret.jpg", photo(t, 50))
		put(t, dir, "m/a.jpg", photo(t, 10))
		put(t, dir, "b.jpg", photo(t, 20))
		put(t, dir, "c.jpg", photo(t, 30))
		put(t, dir, "broken.jpg", []byte("<svg/>"))
		put(t, dir, "folder.jpg/x", nil)
		err := errors.Join(os.Symlink(filepath.Join(outside, "secret.jpg"), filepath.Join(dir, "out.jpg")),
			os.Symlink(outside, filepath.Join(dir, "up")), os.Symlink("b.jpg", filepath.Join(dir, "within.jpg")))
		if err != nil {
			t.Fatal(err)
		}
		refs := []string{"/m/a.jpg", "x/y/b.jpg", "https://x.test/img/c.jpg?v=2", "broken.jpg", "folder.jpg", "out.jpg",
			"up/secret.jpg", "within.jpg", "../" + filepath.Base(outside) + "/secret.jpg", "..%2fsecret.jpg",
			"none.jpg", "https://x.test/remote.jpg", strings.Repeat("n", 300) + ".jpg", `..\secret.jpg`}
		rows := "a,A,,,5,,," + refs[0] + ",,,true\n"
		for _, ref := range refs[1:] {
			rows += "a,,,,,,," + ref + ",,,\n"
		}
		path := file(t, "a.csv", mapped(rows))
		with := func(c *intake.Import) { c.Pictures = dir }
		dry := m.bring(func(c *intake.Import) { c.Pictures, c.DryRun = dir, true }, path)
		r := m.bring(with, path)
		want := intake.PictureReport{Kept: 3, Recorded: 1, Missing: 9, Refused: 1}
		if r.Pictures != want || dry.Pictures != want {
			t.Fatalf("got %+v, dry %+v; want %+v", r.Pictures, dry.Pictures, want)
		}
		p := m.product("A")
		if len(p.Pictures) != 3 {
			t.Fatalf("%+v", p)
		}
		for _, id := range p.Pictures {
			f, err := m.pictures.Open(picture.ID(id), picture.Small)
			if err != nil || f.Close() != nil {
				t.Fatal(err)
			}
		}
		before := m.fingerprint()
		m.expect(m.bring(with, path), "1/1: 0 new, 0 changed, 1 same, 0 refused")
		if m.fingerprint() != before {
			t.Fatal("the second import wrote something")
		}
		put(t, dir, "none.jpg", photo(t, 40))
		m.expect(m.bring(with, path), "1/1: 0 new, 1 changed, 0 same, 0 refused")
		if n := len(m.product("A").Pictures); n != 4 {
			t.Fatalf("%d pictures after one more came", n)
		}
	})
}

// TestFetchPictures: recorded pictures are fetched when asked, shown with their product, and survive a changed file.
func TestFetchPictures(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.fetch["https://x.test/1.jpg"], m.fetch["https://x.test/2.jpg"] = photo(t, 10), photo(t, 20)
		m.fetch["https://x.test/no.jpg"] = []byte("<html>")
		rows := "a,A,,,5,,,https://x.test/1.jpg,,,true\na,,,,,,,https://x.test/no.jpg,,,\n" +
			"a,,,,,,,https://x.test/gone.jpg,,,\nb,B,,,5,,,https://x.test/2.jpg,,,true\n"
		m.bring(nil, file(t, "a.csv", mapped(rows)))
		if n := len(m.product("A").Pictures); n != 0 {
			t.Fatalf("%d pictures before anybody fetched", n)
		}
		var rounds []int
		for range 6 {
			n, err := m.intake.FetchPictures(t.Context(), shop, 100)
			if err != nil {
				t.Fatal(err)
			}
			rounds = append(rounds, n)
		}
		if want := [6]int{4, 1, 1, 0, 0, 0}; [6]int(rounds) != want {
			t.Fatalf("looked at %v; want %v", rounds, want)
		}
		shown := m.product("A").Pictures
		if len(shown) != 1 || len(m.product("B").Pictures) != 1 {
			t.Fatalf("%v", shown)
		}
		before := m.fingerprint()
		m.bring(nil, file(t, "a.csv", mapped(rows)))
		if m.fingerprint() != before {
			t.Fatal("the second import wrote something")
		}
		m.bring(nil, file(t, "a.csv", mapped(strings.Replace(rows, "A,,,5", "A,,,6", 1))))
		if now := m.product("A").Pictures; len(now) != 1 || now[0] != shown[0] {
			t.Fatalf("a new price lost the picture: %v", now)
		}
		if n, err := m.intake.FetchPictures(t.Context(), "shp_other", 100); n != 0 || err != nil {
			t.Fatalf("another shop's pictures: %d, %v", n, err)
		}
	})
}

func TestFetchMustBeAllowed(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	m := newMarket(t, d)
	rooms := intake.Rooms{Catalog: m.catalog, Offers: m.offers, Stock: m.stock, Pictures: m.pictures}
	s := intake.New(d, nil, nil, rooms, nil)
	if _, err := s.FetchPictures(t.Context(), shop, 1); !fault.Is(err, "intake.fetch_off") {
		t.Fatal(err)
	}
}

// TestCategories: a merchant's path finds the market's category, in either language.
func TestCategories(t *testing.T) {
	m := newMarket(t, dbtest.SQLite(t, db.Options{}, schemas...))
	rows := "a,A,,,5,,,,,Clothing,true\nb,B,,,5,,,,,笔记本电脑,true\nc,C,,,5,,,,,Nothing Known,true\n"
	m.bring(nil, file(t, "a.csv", mapped(rows)))
	for title, want := range map[string]string{"A": "aa-1", "B": "el-6-6", "C": ""} {
		if got := m.product(title).Category; got != want {
			t.Errorf("%s is in %q; want %q", title, got, want)
		}
	}
	name := catalog.Words{Zh: "原类目", En: "Category"}
	own := catalog.Attribute{Name: name, Value: catalog.Words{En: "Nothing Known"}}
	if got := m.product("C").Attributes; len(got) != 1 || got[0] != own {
		t.Errorf("an unknown category is kept as a fact: %+v", got)
	}
}

// TestRealPictures imports the real configurables with the real folder of their photos: each photo that a product names
// and the folder holds is shown with it.
func TestRealPictures(t *testing.T) {
	m := newMarket(t, dbtest.SQLite(t, db.Options{}, schemas...))
	path := intaketest.Shared(t, "catalog/magento2/ConfigurableSampleData__products.csv")
	dir := intaketest.Shared(t, "photos/magento2-osl3")
	r := m.bring(func(c *intake.Import) { c.Pictures = dir }, path)
	there, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, photo := range there {
		if bytes.Contains(sheet, []byte("/"+filepath.Base(photo))) {
			named++
		}
	}
	shown := map[catalog.PictureID]bool{}
	for q, more := (catalog.ByShop{Shop: shop, Limit: 100}), true; more; more = q.Cursor != "" {
		page, err := m.catalog.ByShop(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Products {
			for _, id := range p.Pictures {
				shown[id] = true
			}
		}
		q.Cursor = page.Next
	}
	if len(shown) != named || named == 0 || r.Pictures.Refused != 0 {
		t.Fatalf("%d photos are shown of %d that are named and there; %+v", len(shown), named, r.Pictures)
	}
}
