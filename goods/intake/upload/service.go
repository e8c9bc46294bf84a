package upload

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/intake"
	"hutong/goods/intake/mapped"
)

// Deps are what uploads stand on.
type Deps struct {
	Intake *intake.Service
	Clock  clock.Clock
	Dir    string // where uploaded files wait; made if it is not there
	Log    *slog.Logger
}

// Service holds the verbs of uploads. Close it: it waits for what is at work.
type Service struct {
	Deps
	root  *os.Root
	temp  atomic.Int64
	turns chan struct{}
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup

	mu      sync.Mutex
	sending map[string]bool // shops whose file is just coming in
}

// Open opens the folder of uploaded files.
func Open(d Deps) (*Service, error) {
	if err := os.MkdirAll(d.Dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(d.Dir)
	if err != nil {
		return nil, err
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Deps: d, root: root, turns: make(chan struct{}, WorkMax), sending: map[string]bool{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Close breaks off what is at work and waits until it has said so.
func (s *Service) Close() error {
	s.stop()
	s.work.Wait()
	return s.root.Close()
}

// Wait waits until nothing is at work, for tests and for whoever wants to show a result at once.
func (s *Service) Wait() { s.work.Wait() }

// Put asks for a file to be kept. Body is read once, as it comes.
type Put struct {
	Shop, By string
	Name     string // as the merchant calls it
	Currency money.Currency
	Body     io.Reader
}

func unknownFormat() *fault.Error { return fault.New(fault.Invalid, "upload.unknown").At("file") }

// Put keeps an uploaded file and finds out its format; one that is no known export and has a header row is Mapped, and
// waits for a mapping. Codes: upload.empty, upload.too_big, upload.unknown, upload.waiting, upload.one, and those of a
// file that cannot be read.
func (s *Service) Put(ctx context.Context, cmd Put) (intake.Run, error) {
	leave, err := s.enter(ctx, cmd.Shop)
	if err != nil {
		return intake.Run{}, err
	}
	defer leave()
	temp, size, err := s.receive(cmd.Body)
	if err != nil {
		return intake.Run{}, err
	}
	v, err := s.keep(ctx, cmd, temp, size)
	if err != nil {
		return v, errors.Join(err, s.root.Remove(temp))
	}
	return v, nil
}

// enter lets a shop send a file: one at a time, and only so many that wait, so that no shop fills the disk of all.
func (s *Service) enter(ctx context.Context, shop string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sending[shop] {
		return nil, fault.New(fault.Limited, "upload.one").After(10 * time.Second).At("file")
	}
	all, err := s.Intake.Runs(ctx, shop, "", intake.RunsMax)
	if err != nil {
		return nil, err
	}
	waiting := 0
	for _, v := range all {
		if v.State == intake.Uploaded || v.State == intake.Checking || v.State == intake.Checked {
			waiting++
		}
	}
	if waiting >= WaitingMax {
		return nil, fault.New(fault.Unprocessable, "upload.waiting", fault.P("max", WaitingMax)).At("file")
	}
	s.sending[shop] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.sending, shop)
	}, nil
}

// receive writes the body to a file of its own, never more of it than is allowed.
func (s *Service) receive(body io.Reader) (temp string, size int64, err error) {
	temp = "up-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(s.temp.Add(1), 10)
	f, err := s.root.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, err
	}
	size, err = io.Copy(f, io.LimitReader(body, BytesMax+1))
	err = errors.Join(err, f.Close())
	switch {
	case err != nil:
	case size == 0:
		err = fault.New(fault.Invalid, "upload.empty").At("file")
	case size > BytesMax:
		err = fault.New(fault.Invalid, "upload.too_big", fault.P("max", BytesMax>>20)).At("file")
	default:
		return temp, size, nil
	}
	return "", 0, errors.Join(err, s.root.Remove(temp))
}

func (s *Service) keep(ctx context.Context, cmd Put, temp string, size int64) (intake.Run, error) {
	format, err := s.detect(ctx, s.source(temp, cmd.Name))
	if err != nil {
		return intake.Run{}, err
	}
	v, err := s.Intake.Keep(ctx, intake.NewRun{Shop: cmd.Shop, By: cmd.By, File: cmd.Name, Size: size, Format: format,
		Currency: cmd.Currency})
	if err != nil {
		return v, err
	}
	return v, s.root.Rename(temp, string(v.ID))
}

// detect tells the format's name.
func (s *Service) detect(ctx context.Context, src *intake.Source) (string, error) {
	f, err := intake.Detect(ctx, src, Formats())
	if err == nil {
		return f.Name(), nil
	}
	if !fault.Is(err, "intake.unknown_format") {
		return "", atFile(err)
	}
	if _, err := mapped.Peek(ctx, src); fault.Is(err, "intake.no_header") {
		return "", unknownFormat()
	} else if err != nil {
		return "", atFile(err)
	}
	return Mapped, nil
}

// atFile puts a refusal of a file beside the field that took it.
func atFile(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return f.At("file")
	}
	return err
}

// source opens a file of the folder, under the name that reports give it.
func (s *Service) source(file, name string) *intake.Source {
	return &intake.Source{Name: intake.FileName(name), Open: func() (io.ReadCloser, error) {
		f, err := s.root.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, gone()
		}
		return f, err
	}}
}

func gone() *fault.Error { return fault.New(fault.Conflict, "upload.gone") }

// Look reads the beginning of an uploaded CSV file, for its mapping. Codes: intake.no_run, upload.gone.
func (s *Service) Look(ctx context.Context, shop string, id intake.RunID) (mapped.Look, error) {
	v, err := s.Intake.Run(ctx, shop, id)
	if err != nil {
		return mapped.Look{}, err
	}
	return mapped.Peek(ctx, s.source(string(v.ID), v.File))
}

// Reading says how a file is to be read.
type Reading struct {
	Format  string
	Mapping string // of Mapped, as its JSON
}

// Check begins the dry run of an uploaded file. Codes: those of a mapping, intake.no_run, intake.moved_on, intake.busy,
// upload.full, upload.unknown.
func (s *Service) Check(ctx context.Context, shop string, id intake.RunID, how Reading) error {
	if _, err := formatOf(how.Format, how.Mapping); err != nil {
		return err
	}
	return s.begin(func() (intake.Run, error) {
		return s.Intake.Turn(ctx, intake.Turn{Shop: shop, Run: id, To: intake.Checking, Format: how.Format,
			Mapping: how.Mapping})
	}, s.bring)
}

// Confirm begins the import of a checked file. Codes: intake.no_run, intake.moved_on, intake.busy, upload.full.
func (s *Service) Confirm(ctx context.Context, shop string, id intake.RunID) error {
	return s.begin(func() (intake.Run, error) {
		return s.Intake.Turn(ctx, intake.Turn{Shop: shop, Run: id, To: intake.Importing})
	}, s.bring)
}

// Undo begins to take an import back. Codes: those of intake.BeginUndo, upload.full.
func (s *Service) Undo(ctx context.Context, shop string, id intake.RunID) error {
	return s.begin(func() (intake.Run, error) { return s.Intake.BeginUndo(ctx, shop, id) },
		func(ctx context.Context, v intake.Run) error {
			_, err := s.Intake.FinishUndo(ctx, v.Shop, v.ID)
			return err
		})
}

// Drop forgets an upload that was not imported. Codes: intake.no_run, intake.moved_on.
func (s *Service) Drop(ctx context.Context, shop string, id intake.RunID) error {
	v, err := s.Intake.Turn(ctx, intake.Turn{Shop: shop, Run: id, To: intake.Dropped})
	if err != nil {
		return err
	}
	return s.remove(string(v.ID))
}

// begin takes a turn and works in the background. What goes wrong there is in the run; the log has the cause.
func (s *Service) begin(turn func() (intake.Run, error), work func(context.Context, intake.Run) error) error {
	select {
	case s.turns <- struct{}{}:
	default:
		return fault.New(fault.Unavailable, "upload.full").After(10 * time.Second)
	}
	v, err := turn()
	if err != nil {
		<-s.turns
		return err
	}
	s.work.Go(func() {
		defer func() { <-s.turns }()
		if err := work(s.ctx, v); err != nil {
			s.Log.Warn("an import ended early", slog.String("run", string(v.ID)), slog.Any("err", err))
		}
	})
	return nil
}

// bring checks or imports the file of a run that is Checking or Importing.
func (s *Service) bring(ctx context.Context, v intake.Run) error {
	format, err := formatOf(v.Format, v.Mapping)
	if err != nil {
		return err
	}
	_, err = s.Intake.Import(ctx, intake.Import{Shop: v.Shop, Files: []string{filepath.Join(s.Dir, string(v.ID))},
		Formats: []intake.Format{format}, Currency: v.Currency, DryRun: v.State == intake.Checking, Run: v.ID, By: v.By})
	if v.State == intake.Importing {
		err = errors.Join(err, s.remove(string(v.ID)))
	}
	return err
}

func (s *Service) remove(file string) error {
	if err := s.root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// kept are the names that files of this folder have.
var kept = regexp.MustCompile(`^(imp_[0-9a-z]+|up-[0-9]+-[0-9]+)$`)

// Sweep ends runs that were broken off and removes files that wait no longer. It tells how many, is safe to repeat, and
// is a job's.
func (s *Service) Sweep(ctx context.Context) (done int, err error) {
	if done, err = s.Intake.Sweep(ctx); err != nil {
		return done, err
	}
	all, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return done, err
	}
	now := clock.Now(ctx, s.Clock)
	for _, e := range all {
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) <= 2*intake.WaitMax || !kept.MatchString(e.Name()) {
			continue // a file that went away meanwhile is no longer ours to remove
		}
		if err := s.remove(e.Name()); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
