package intake

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/stock"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Fetcher gets a picture from a web address; goods/intake/fetch is one. The caller closes what it gives.
type Fetcher interface {
	Get(ctx context.Context, address string) (io.ReadCloser, error)
}

// Rooms are the rooms that an import writes to.
type Rooms struct {
	Catalog  *catalog.Service
	Offers   *offer.Service
	Stock    *stock.Service
	Pictures *picture.Service
}

// Service holds the verbs of importing.
type Service struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs
	rooms Rooms
	fetch Fetcher
}

// New makes the Service. Without a Fetcher pictures that lie elsewhere are recorded and never fetched: the operator
// has not allowed it.
func New(d *db.DB, c clock.Clock, ids IDs, rooms Rooms, fetch Fetcher) *Service {
	return &Service{d, c, ids, rooms, fetch}
}

// Import asks for files to be brought into a shop.
type Import struct {
	Shop       string         // its id
	Files      []string       // paths
	Formats    []Format       // those to choose from; one is taken without looking
	Currency   money.Currency // what the prices are in
	DryRun     bool           // say what would be done, and write nothing
	Pictures   string         // folder of pictures, "" for none
	Run        RunID          // a kept run to go on with; "" begins one, unless it is a dry run
	By         string         // who asks, for the run that begins
	OnProgress func(Progress) // told now and then, may be nil
	OnReject   func(Reject)   // told every refusal as it is found, may be nil
}

// Progress is how far an import is.
type Progress struct {
	File               string
	Read, Size         int64 // bytes as stored; formats that look over a file first read it twice
	Products, Rejected int64 // so far
}

// Report is what an import did.
type Report struct {
	Products, SKUs              int64 // taken
	Created, Updated, Unchanged int64 // products
	Rejected                    int64
	Rejects                     []Reject // by file and line, at most RejectsMax
	Pictures                    PictureReport
	Run                         RunID // which keeps this; "" for a dry run from outside
}

// PictureReport is what became of the pictures that the files name.
type PictureReport struct {
	Kept     int64 // found in the folder
	Recorded int64 // lie elsewhere
	Missing  int64 // are nowhere
	Refused  int64 // were found and are no pictures
}

// RejectsMax is how many refusals a Report lists. It counts all; Import.OnReject is told all.
const RejectsMax = 10_000

// View is a Report as "hutong import --json" prints it.
type View struct {
	Products  int64        `json:"products"`
	SKUs      int64        `json:"skus"`
	Created   int64        `json:"created"`
	Updated   int64        `json:"updated"`
	Unchanged int64        `json:"unchanged"`
	Rejected  int64        `json:"rejected"`
	Rejects   []RejectView `json:"rejects"`
	Run       RunID        `json:"run,omitempty"`
}

// RejectView is one refusal with its sentence.
type RejectView struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// View renders the report in a language. texts must hold the sentences of this room and of the catalogue.
func (r Report) View(texts text.Bundle, l text.Lang) View {
	v := View{r.Products, r.SKUs, r.Created, r.Updated, r.Unchanged, r.Rejected, []RejectView{}, r.Run}
	for _, x := range r.Rejects {
		v.Rejects = append(v.Rejects, RejectView{x.File, x.Line, x.Code, x.Field, x.sentence(texts, l)})
	}
	return v
}

// Import reads the files and brings what can be sold into the shop, in batches of one transaction each: after a crash
// the same import goes on where it stopped. It is safe to repeat: a product whose content has not changed is not
// written, and stock is set only when a file states another figure than the import before. A file that cannot be read
// on is in the report as its last refusal, and Import's error names it; the other files are still imported. What an
// import did is kept as a Run, which can be undone.
//
// Codes: intake.shop, intake.currency, intake.files, intake.no_folder, and for files intake.no_file,
// intake.unknown_format, intake.too_big, intake.bad_gzip, intake.not_utf8, intake.no_header, intake.columns_missing.
func (s *Service) Import(ctx context.Context, cmd Import) (Report, error) {
	switch {
	case cmd.Shop == "":
		return Report{}, fault.New(fault.Invalid, "intake.shop").At("shop")
	case !cmd.Currency.Valid():
		return Report{}, fault.New(fault.Invalid, "intake.currency").At("currency")
	case len(cmd.Files) == 0 || len(cmd.Formats) == 0:
		return Report{}, fault.New(fault.Invalid, "intake.files").At("files")
	}
	r := &run{s: s, cmd: cmd, pretended: map[[16]byte]string{}}
	if err := r.begin(ctx); err != nil {
		return Report{}, err
	}
	err := r.files(ctx)
	report := r.finished()
	return report, errors.Join(err, r.end(context.WithoutCancel(ctx), report, err))
}

// files imports one file after the other.
func (r *run) files(ctx context.Context) error {
	if err := r.openPictures(); err != nil {
		return err
	}
	var first error
	for _, path := range r.cmd.Files {
		err := r.file(ctx, path)
		if err != nil && !ofFile(err) {
			return errors.Join(err, r.closePictures())
		}
		if first == nil {
			first = err
		}
	}
	return errors.Join(first, r.closePictures())
}

// ofFile tells whether an error is of one file, so that the others are still worth reading.
func ofFile(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.NotFound)
}

// run is one import.
type run struct {
	s        *Service
	cmd      Import
	folder   *folder // nil without one
	source   *Source // the file being read
	position int64   // of the next product in the shop

	pretended map[[16]byte]string // of a dry run: the hashes that it would have left, by product

	mu        sync.Mutex
	report    Report
	kept      Run   // the zero Run when none is kept
	readBytes int64 // of the file
}

func (r *run) openPictures() (err error) {
	if r.cmd.Pictures == "" {
		return nil
	}
	keep := func(ctx context.Context, from io.Reader) (picture.ID, error) {
		p, err := r.s.rooms.Pictures.Put(ctx, from)
		return p.ID, err
	}
	if r.cmd.DryRun {
		keep = func(_ context.Context, from io.Reader) (picture.ID, error) {
			return r.s.rooms.Pictures.Identify(from)
		}
	}
	r.folder, err = openFolder(r.cmd.Pictures, keep)
	return err
}

func (r *run) closePictures() error {
	if r.folder == nil {
		return nil
	}
	return r.folder.close()
}

// reject counts and reports a refusal. The reader and the writer of a file both call it.
func (r *run) reject(x Reject) {
	r.mu.Lock()
	r.report.Rejected++
	if len(r.report.Rejects) < RejectsMax {
		r.report.Rejects = append(r.report.Rejects, x)
	}
	r.mu.Unlock()
	if r.cmd.OnReject != nil {
		r.cmd.OnReject(x)
	}
}

// rejectFault is reject for a fault that some rule answered.
func (r *run) rejectFault(line int, f *fault.Error) {
	r.reject(r.source.Reject(line, f.Code, f.Field, f.Params...))
}

// counted is a copy of the report as it is now.
func (r *run) counted() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report
}

// finished is the report, its refusals in the order of the files and their lines.
func (r *run) finished() Report {
	report := r.counted()
	files := map[string]int{}
	for _, x := range report.Rejects {
		if _, ok := files[x.File]; !ok {
			files[x.File] = len(files)
		}
	}
	slices.SortStableFunc(report.Rejects, func(a, b Reject) int {
		if a.File != b.File {
			return files[a.File] - files[b.File]
		}
		return a.Line - b.Line
	})
	return report
}

func (r *run) progress(read int64) {
	r.mu.Lock()
	r.readBytes = read
	r.mu.Unlock()
	if r.cmd.OnProgress == nil {
		return
	}
	now := r.counted()
	r.cmd.OnProgress(Progress{r.source.Name, read, r.source.Size, now.Products, now.Rejected})
}

// isLink tells a web address from a path.
func isLink(ref string) bool { return strings.Contains(ref, "://") }
