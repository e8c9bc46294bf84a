package intake

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/party/audit"
)

// The bounds of what is read at once, and of a name.
const (
	RunsMax     = 100
	RunPageMax  = 200
	FileNameMax = 200
	MappingsMax = 50 // of a shop
	beatEvery   = time.Second
	rejectsOnce = 500
)

// begin finds the run that keeps this import, or makes one.
func (r *run) begin(ctx context.Context) error {
	if r.cmd.Run == "" {
		return r.beginOwn(ctx)
	}
	v, err := r.s.Run(ctx, r.cmd.Shop, r.cmd.Run)
	if err != nil {
		return err
	}
	want := Importing
	if r.cmd.DryRun {
		want = Checking
	}
	if v.State != want {
		return fault.New(fault.Conflict, "intake.moved_on", fault.P("state", string(want)))
	}
	r.kept, r.report.Run = v, v.ID
	return nil
}

// beginOwn makes the run of an import that nobody uploaded.
func (r *run) beginOwn(ctx context.Context) error {
	if r.cmd.DryRun {
		return nil
	}
	at := clock.Now(ctx, r.s.clock)
	names := make([]string, len(r.cmd.Files))
	for i, f := range r.cmd.Files {
		names[i] = filepath.Base(f)
	}
	id := RunID(r.s.ids.New("imp"))
	r.kept = Run{ID: id, Shop: r.cmd.Shop, State: Importing, File: FileName(strings.Join(names, ", ")),
		Currency: r.cmd.Currency, By: cmp.Or(r.cmd.By, audit.System), At: at, BeatAt: at}
	r.report.Run = id
	return r.s.db.Write(ctx, func(tx *db.Tx) error { return insertRun(tx, r.kept) })
}

// FileName is a file's name as it may be shown: one line, its last characters where it is long. It never is a path.
func FileName(name string) string {
	runes := slices.DeleteFunc([]rune(strings.ToValidUTF8(name, "")), func(c rune) bool { return c < ' ' || c == 0x7f })
	return string(runes[max(0, len(runes)-FileNameMax):])
}

// beat says now and then that the run is at work, and how far it is.
func (r *run) beat(ctx context.Context) error {
	at := clock.Now(ctx, r.s.clock)
	r.mu.Lock()
	due := r.kept.ID != "" && at.Sub(r.kept.BeatAt) >= beatEvery
	if due {
		r.kept.BeatAt = at
		r.kept.Counts, r.kept.Read = r.report.counts(), r.readBytes
	}
	v := r.kept
	r.mu.Unlock()
	if !due {
		return nil
	}
	return r.s.db.Write(ctx, func(tx *db.Tx) error { return updateRun(tx, v, v.State) })
}

func (r Report) counts() Counts {
	return Counts{r.Products, r.SKUs, r.Created, r.Updated, r.Unchanged, r.Rejected}
}

// end writes what became of the run, and its refused rows.
func (r *run) end(ctx context.Context, report Report, failed error) error {
	if r.kept.ID == "" {
		return nil
	}
	v, from := r.kept, r.kept.State
	v.Counts, v.Read, v.desk, v.Reason = report.counts(), r.readBytes, false, ""
	v.BeatAt = clock.Now(ctx, r.s.clock)
	switch {
	case failed != nil && r.cmd.DryRun:
		v.State, v.Reason = Uploaded, fault.As(failed).Code
	case failed != nil:
		v.State, v.Reason, v.EndedAt = Failed, fault.As(failed).Code, v.BeatAt
	case r.cmd.DryRun:
		v.State = Checked
	default:
		v.State, v.EndedAt = Done, v.BeatAt
	}
	if r.cmd.Run != "" { // those of the check before it
		if err := r.s.db.Write(ctx, func(tx *db.Tx) error { return deleteRejects(tx, v) }); err != nil {
			return err
		}
	}
	seq := 0
	for some := range slices.Chunk(report.Rejects, rejectsOnce) {
		if err := r.s.db.Write(ctx, func(tx *db.Tx) error { return insertRejects(tx, v, seq, some) }); err != nil {
			return err
		}
		seq += len(some)
	}
	return r.s.db.Write(ctx, func(tx *db.Tx) error { return updateRun(tx, v, from) })
}

// NewRun is a file that was uploaded.
type NewRun struct {
	Shop, By, File string
	Size           int64
	Format         string // "" when nobody knows it yet
	Currency       money.Currency
}

// Keep makes the run of an uploaded file. Codes: intake.shop, intake.currency.
func (s *Service) Keep(ctx context.Context, cmd NewRun) (Run, error) {
	if cmd.Shop == "" {
		return Run{}, fault.New(fault.Invalid, "intake.shop").At("shop")
	}
	if !cmd.Currency.Valid() {
		return Run{}, fault.New(fault.Invalid, "intake.currency").At("currency")
	}
	at := clock.Now(ctx, s.clock)
	v := Run{ID: RunID(s.ids.New("imp")), Shop: cmd.Shop, State: Uploaded, File: FileName(cmd.File), Size: cmd.Size,
		Format: cmd.Format, Currency: cmd.Currency, By: cmd.By, At: at, BeatAt: at}
	return v, s.db.Write(ctx, func(tx *db.Tx) error { return insertRun(tx, v) })
}

// Turn moves a run of the desk on: to Checking, Importing or Dropped. Reading says how its file is read, for Checking.
type Turn struct {
	Shop    string
	Run     RunID
	To      RunState
	Format  string
	Mapping string
}

// Turn moves a run on. A shop has one run at work at a time. Codes: intake.no_run, intake.moved_on, intake.busy.
func (s *Service) Turn(ctx context.Context, cmd Turn) (v Run, err error) {
	at := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = lockRun(tx, cmd.Shop, cmd.Run); err != nil {
			return err
		}
		from := v.State
		if !from.May(cmd.To) {
			return fault.New(fault.Conflict, "intake.moved_on", fault.P("state", string(from)))
		}
		v.State, v.BeatAt, v.desk = cmd.To, at, cmd.To.Busy()
		switch cmd.To {
		case Checking:
			v.Format, v.Mapping, v.Reason, v.Counts, v.Read = cmd.Format, cmd.Mapping, "", Counts{}, 0
		case Importing:
			v.Counts, v.Read = Counts{}, 0
		case Dropped:
			v.EndedAt = at
		}
		return updateRun(tx, v, from)
	})
	return v, err
}

// Run reads a run of a shop. Codes: intake.no_run.
func (s *Service) Run(ctx context.Context, shop string, id RunID) (v Run, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { v, err = readRun(tx, shop, id); return err })
	return v, err
}

// Runs reads a shop's runs before one, the newest first; before "" begins.
func (s *Service) Runs(ctx context.Context, shop string, before RunID, limit int) (all []Run, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = runsOf(tx, shop, before, min(max(limit, 1), RunsMax))
		return err
	})
	return all, err
}

// Rejects reads refused rows of a run from a place on, in the file's order. Codes: intake.no_run.
func (s *Service) Rejects(ctx context.Context, shop string, id RunID, from, limit int) (all []Reject, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := readRun(tx, shop, id); err != nil {
			return err
		}
		all, err = rejectsOf(tx, shop, id, from, min(max(limit, 1), RunPageMax))
		return err
	})
	return all, err
}

// Sweep ends runs whose node went away while it was at work on them, and drops those that their merchant has not
// confirmed for a day. It tells how many, is safe to repeat, and is a job's.
func (s *Service) Sweep(ctx context.Context) (done int, err error) {
	at := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		all, err := silentRuns(tx, at.Add(-staleAfter), at.Add(-WaitMax))
		for _, v := range all {
			from := v.State
			v.desk, v.BeatAt = false, at
			switch from {
			case Checking:
				v.State, v.Reason = Uploaded, "intake.broken_off"
			case Importing, Undoing:
				v.State, v.Reason, v.EndedAt = Failed, "intake.broken_off", at
			default:
				v.State, v.EndedAt = Dropped, at
			}
			if err == nil {
				err = updateRun(tx, v, from)
			}
		}
		done = len(all)
		return err
	})
	return done, err
}

// WaitMax is how long an uploaded file waits for its merchant.
const WaitMax = 24 * time.Hour

// Mappings reads the column mappings that a shop has saved, by name.
func (s *Service) Mappings(ctx context.Context, shop string) (all []Mapping, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { all, err = mappingsOf(tx, shop, MappingsMax); return err })
	return all, err
}

// SaveMapping saves a mapping under its name, over one of the same name. The caller has parsed it. Codes:
// intake.mapping_name, intake.too_many.
func (s *Service) SaveMapping(ctx context.Context, shop string, m Mapping) error {
	m.Name = strings.TrimSpace(FileName(m.Name))
	if m.Name == "" || len([]rune(m.Name)) > NameMax {
		return fault.New(fault.Invalid, "intake.mapping_name").At("mapping_name")
	}
	m.At = clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Turn("intake.mapping " + shop); err != nil {
			return err
		}
		all, err := mappingsOf(tx, shop, MappingsMax)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(all, func(o Mapping) bool { return o.Name == m.Name })
		if len(all) >= MappingsMax && !known {
			return fault.New(fault.Invalid, "intake.too_many", fault.P("max", MappingsMax)).At("mapping_name")
		}
		return putMapping(tx, shop, m)
	})
}

// DropMapping forgets a mapping. It is safe to repeat.
func (s *Service) DropMapping(ctx context.Context, shop, name string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return deleteMapping(tx, shop, name) })
}
