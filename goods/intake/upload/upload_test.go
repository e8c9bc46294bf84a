package upload_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/goods/catalog"
	"hutong/goods/intake"
	"hutong/goods/intake/mapped"
	"hutong/goods/intake/upload"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

const shop = "shp_1"

// desk is a shop's way to imports, on an empty database.
type desk struct {
	*upload.Service
	t      *testing.T
	dir    string
	clock  *clock.Manual
	intake *intake.Service
}

func onBoth(t *testing.T, test func(t *testing.T, d *desk)) {
	schemas := []db.Schema{event.Schema, audit.Schema, catalog.Schema, offer.Schema, stock.Schema, intake.Schema}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
		ids := id.NewMaker(c, rand.Reader)
		k := &desk{t: t, dir: t.TempDir(), clock: c}
		k.intake = intake.New(d, c, ids, intake.Rooms{Catalog: catalog.New(d, c, ids), Offers: offer.New(d, c, ids),
			Stock: stock.New(d, c, ids)}, nil)
		var err error
		k.Service, err = upload.Open(upload.Deps{Intake: k.intake, Clock: c, Dir: k.dir})
		k.ok(err)
		t.Cleanup(func() { k.ok(k.Close()) })
		test(t, k)
	})
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) put(name, content string) (intake.Run, error) {
	return d.Put(d.t.Context(), upload.Put{Shop: shop, By: "lgn_1", Name: name, Currency: "CNY",
		Body: strings.NewReader(content)})
}

// want waits until the run rests and tells in which state.
func (d *desk) want(id intake.RunID, state intake.RunState) intake.Run {
	d.t.Helper()
	d.Wait()
	v, err := d.intake.Run(d.t.Context(), shop, id)
	d.ok(err)
	if v.State != state {
		d.t.Fatalf("%s, want %s: %+v", v.State, state, v)
	}
	return v
}

// files are what lies in the folder.
func (d *desk) files() (names []string) {
	d.t.Helper()
	all, err := os.ReadDir(d.dir)
	d.ok(err)
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

const shopify = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty,Published\n" +
	"tee,Tee,Size,S,19.90,5,true\ntee,,,M,20,7,\nbad,Bad,,,1.999,,true\n"

// TestA13_AShopFillsNotTheDiskOfAll: files of 256 MB wait for a day, so only some of a shop do.
func TestA13_AShopFillsNotTheDiskOfAll(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		var first intake.Run
		for i := range upload.WaitingMax {
			v, err := d.put("tees.csv", shopify)
			d.ok(err)
			if i == 0 {
				first = v
			}
		}
		if _, err := d.put("tees.csv", shopify); !fault.Is(err, "upload.waiting") || len(d.files()) != upload.WaitingMax {
			t.Fatalf("%v, %d files", err, len(d.files()))
		}
		other := upload.Put{Shop: "shp_2", Name: "tees.csv", Currency: "CNY", Body: strings.NewReader(shopify)}
		if _, err := d.Put(t.Context(), other); err != nil {
			t.Error("another shop is kept from sending", err)
		}
		d.ok(d.Drop(t.Context(), shop, first.ID))
		in, out := io.Pipe() // one comes in slowly
		ended := make(chan error)
		go func() {
			_, err := d.Put(t.Context(), upload.Put{Shop: shop, Name: "slow.csv", Currency: "CNY", Body: in})
			ended <- err
		}()
		_, err := io.WriteString(out, shopify)
		d.ok(err)
		if _, err := d.put("tees.csv", shopify); !fault.Is(err, "upload.one") {
			t.Errorf("two at one time: %v", err)
		}
		d.ok(out.Close())
		d.ok(<-ended)
	})
}

func TestAFileIsUploadedCheckedImportedAndUndone(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		v, err := d.put("tees.csv", shopify)
		d.ok(err)
		if v.Format != "shopify" || v.State != intake.Uploaded || len(d.files()) != 1 {
			t.Fatalf("%+v, %v", v, d.files())
		}
		if err := d.Confirm(ctx, shop, v.ID); !fault.Is(err, "intake.moved_on") {
			t.Fatalf("imported unseen: %v", err)
		}
		if err := d.Check(ctx, "shp_2", v.ID, upload.Reading{Format: v.Format}); !fault.Is(err, "intake.no_run") {
			t.Fatalf("A1: another shop's file: %v", err)
		}
		d.ok(d.Check(ctx, shop, v.ID, upload.Reading{Format: v.Format}))
		want := intake.Counts{Products: 1, SKUs: 2, Created: 1, Rejected: 1}
		if v := d.want(v.ID, intake.Checked); v.Counts != want {
			t.Fatalf("%+v", v)
		}
		d.ok(d.Confirm(ctx, shop, v.ID))
		if v := d.want(v.ID, intake.Done); v.Counts != want || len(d.files()) != 0 {
			t.Fatalf("%+v, %v", v, d.files())
		}
		refused, err := d.intake.Rejects(ctx, shop, v.ID, 0, 10)
		d.ok(err)
		if len(refused) != 1 || refused[0].File != "tees.csv" || refused[0].Line != 4 {
			t.Fatalf("%+v", refused)
		}
		d.ok(d.Undo(ctx, shop, v.ID))
		if v := d.want(v.ID, intake.Undone); v.Withdrawn != 1 {
			t.Fatalf("%+v", v)
		}
	})
}

func TestAnUnknownCSVIsReadThroughAMapping(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		v, err := d.put("仓库.csv", "货号;商品名称;售价;库存\n1;龙井茶;19.90;5\n2;茶杯;8;\n")
		d.ok(err)
		look, err := d.Look(ctx, shop, v.ID)
		d.ok(err)
		if v.Format != upload.Mapped || len(look.Rows) != 2 {
			t.Fatalf("%+v, %+v", v, look)
		}
		m := mapped.Propose(look)
		broken := m
		broken.Source = "?"
		if err := d.Check(ctx, shop, v.ID, upload.Reading{Format: upload.Mapped, Mapping: broken.JSON()}); err == nil {
			t.Fatal("checked through a broken mapping")
		}
		other := mapped.Mapping{Source: "csv", Columns: map[string]string{"title": "x", "price": "y", "id": "z"}}
		d.ok(d.Check(ctx, shop, v.ID, upload.Reading{Format: upload.Mapped, Mapping: other.JSON()}))
		if v := d.want(v.ID, intake.Uploaded); v.Reason != "intake.columns_missing" {
			t.Fatalf("%+v", v)
		}
		d.ok(d.Check(ctx, shop, v.ID, upload.Reading{Format: upload.Mapped, Mapping: m.JSON()}))
		if v := d.want(v.ID, intake.Checked); v.Counts.Created != 2 {
			t.Fatalf("%+v", v)
		}
		d.ok(d.Drop(ctx, shop, v.ID))
		if d.want(v.ID, intake.Dropped); len(d.files()) != 0 {
			t.Fatal(d.files())
		}
		if _, err := d.Look(ctx, shop, v.ID); !fault.Is(err, "upload.gone") {
			t.Fatal(err)
		}
	})
}

// TestA14_AFileNameIsNeverAPath: whatever a file is called, it lies in the folder under the run's id.
func TestA14_AFileNameIsNeverAPath(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		for _, name := range []string{"../../etc/passwd", "%2e%2e%2f", `..\..\x`, "/etc/passwd", "a\x00b", "", "con",
			strings.Repeat("长", 500)} {
			v, err := d.put(name, shopify)
			d.ok(err)
			files := d.files()
			if len(files) != 1 || files[0] != string(v.ID) || len([]rune(v.File)) > intake.FileNameMax {
				t.Fatalf("%q lies at %v as %q", name, files, v.File)
			}
			d.ok(d.Drop(t.Context(), shop, v.ID))
		}
	})
}

// endless gives zeros for ever and counts them.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	clear(p)
	e.read += int64(len(p))
	return len(p), nil
}

// TestA13_BombsAreRefused: a body that does not end, a file that unzips to more than is allowed, and files that are no
// text leave nothing behind.
func TestA13_BombsAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		var bomb bytes.Buffer
		z := gzip.NewWriter(&bomb)
		_, err := io.Copy(z, io.LimitReader(&endless{}, 64<<20))
		d.ok(err)
		d.ok(z.Close())
		for want, content := range map[string]string{
			"upload.empty": "", "intake.not_utf8": "PK\x03\x04\x14\x00\x00\x00", "upload.unknown": "nothing\n",
		} {
			if _, err := d.put("x", content); !fault.Is(err, want) || fault.As(err).Field != "file" {
				t.Errorf("%s: %v", want, err)
			}
		}
		if _, err := d.put("bomb.csv.gz", bomb.String()); fault.Of(err) != fault.Invalid {
			t.Errorf("a bomb: %v", err)
		}
		if files := d.files(); len(files) != 0 {
			t.Errorf("left behind: %v", files)
		}
	})
}

func TestAnEndlessUploadIsCutOff(t *testing.T) {
	d := &desk{t: t, dir: t.TempDir(), clock: clock.NewManual(time.Unix(0, 0))}
	d.intake = intake.New(dbtest.SQLite(t, db.Options{}, intake.Schema), d.clock, id.NewMaker(d.clock, rand.Reader),
		intake.Rooms{}, nil)
	var err error
	d.Service, err = upload.Open(upload.Deps{Intake: d.intake, Clock: d.clock, Dir: d.dir})
	d.ok(err)
	body := &endless{}
	if _, err = d.Put(t.Context(), upload.Put{Shop: shop, Body: body}); !fault.Is(err, "upload.too_big") {
		t.Fatal(err)
	}
	if body.read > upload.BytesMax+1<<20 || len(d.files()) != 0 {
		t.Fatalf("read %d bytes, left %v", body.read, d.files())
	}
	d.ok(d.Close())
}

func TestFilesThatNobodyWantsAreSwept(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		v, err := d.put("a.csv", shopify)
		d.ok(err)
		_, err = d.Sweep(t.Context())
		d.ok(err)
		d.want(v.ID, intake.Uploaded)
		info, err := os.Stat(d.dir + "/" + string(v.ID))
		d.ok(err)
		d.clock.Advance(info.ModTime().Sub(d.clock.Now()) + 3*intake.WaitMax)
		_, err = d.Sweep(t.Context())
		d.ok(err)
		if d.want(v.ID, intake.Dropped); len(d.files()) != 0 {
			t.Fatal(d.files())
		}
	})
}
