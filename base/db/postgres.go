package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hutong/base/fault"
)

// retriesMax bounds how often one write is run again; with the growing pause it gives up after about two seconds.
const retriesMax = 12

// copyMin is the number of rows from which COPY beats a pipeline of single inserts.
const copyMin = 6

type postgresEngine struct {
	pool *pgxpool.Pool
	opts Options
	gate chan struct{} // bounds the writes that wait for a connection
}

func openPostgres(ctx context.Context, url string, o Options) (engine, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fault.New(fault.Invalid, "storage.url", fault.P("url", "postgres://…")).Because(err)
	}
	cfg.MaxConns = 16
	if o.PoolMax > 0 {
		cfg.MaxConns = o.PoolMax
	}
	cfg.ConnConfig.StatementCacheCapacity = stmtsMax
	// A generic plan made while the tables were empty would read them whole for ever after.
	cfg.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	// PostgreSQL's own default is of disks that turn: with it a batch of orders reads whole tables for a few hundred rows.
	if cfg.ConnConfig.RuntimeParams["random_page_cost"] == "" {
		cfg.ConnConfig.RuntimeParams["random_page_cost"] = "1.1"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fault.New(fault.Unavailable, "storage.unreachable").Because(err)
	}
	return &postgresEngine{pool: pool, opts: o, gate: make(chan struct{}, o.WritersMax)}, nil
}

func (e *postgresEngine) name() Engine { return Postgres }

func (e *postgresEngine) close() error { e.pool.Close(); return nil }

func (e *postgresEngine) write(ctx context.Context, fn func(*Tx) error) error {
	select {
	case e.gate <- struct{}{}:
		defer func() { <-e.gate }()
	default:
		return fault.New(fault.Unavailable, "storage.busy").After(time.Second)
	}
	// From here on the outcome matters more than the caller's patience: see sqliteEngine.write.
	ctx = context.WithoutCancel(ctx)
	for try := 0; ; try++ {
		tx, err := e.attempt(ctx, fn)
		if err == nil {
			for _, f := range tx.after {
				f()
			}
			return nil
		}
		if !retryable(err) || try == retriesMax {
			return err
		}
		e.opts.Log.Debug("storage: write again", slog.Int("try", try), slog.Any("err", err))
		time.Sleep(min(time.Millisecond<<try, 300*time.Millisecond))
	}
}

func (e *postgresEngine) attempt(ctx context.Context, fn func(*Tx) error) (*Tx, error) {
	ptx, err := e.pool.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		return nil, mapPostgres(err)
	}
	defer func() {
		if err := ptx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			e.opts.Log.Warn("storage: rollback", slog.Any("err", err))
		}
	}()
	tx := &Tx{backend: &postgresTx{ctx: ctx, tx: ptx}}
	if err := fn(tx); err != nil {
		return nil, err
	}
	return tx, e.commit(ctx, ptx)
}

func (e *postgresEngine) commit(ctx context.Context, ptx pgx.Tx) error {
	if e.opts.Crash != nil {
		if err := e.opts.Crash("commit.before"); err != nil {
			return err
		}
	}
	if err := ptx.Commit(ctx); err != nil {
		var pe *pgconn.PgError
		if errors.As(err, &pe) {
			return mapPostgres(err) // the server answered: it was rolled back
		}
		return fault.New(fault.Unavailable, "storage.unknown").Because(err)
	}
	if e.opts.Crash != nil {
		return e.opts.Crash("commit.after")
	}
	return nil
}

func (e *postgresEngine) read(ctx context.Context, fn func(*Tx) error) error {
	ptx, err := e.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return mapPostgres(err)
	}
	defer func() {
		if err := ptx.Rollback(context.WithoutCancel(ctx)); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			e.opts.Log.Warn("storage: end of read", slog.Any("err", err))
		}
	}()
	return fn(&Tx{backend: &postgresTx{ctx: ctx, tx: ptx}})
}

type postgresTx struct {
	ctx context.Context
	tx  pgx.Tx
}

func (p *postgresTx) engine() Engine { return Postgres }

func (p *postgresTx) exec(q string, args []any) (int64, error) {
	tag, err := p.tx.Exec(p.ctx, q, args...)
	return tag.RowsAffected(), mapPostgres(err)
}

func (p *postgresTx) each(q string, args []any, fn func(Row) error) error {
	rows, err := p.tx.Query(p.ctx, q, args...)
	if err != nil {
		return mapPostgres(err)
	}
	// The rows are read to the end before fn sees them, because fn may run statements on the same connection.
	kept, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
	if err != nil {
		return mapPostgres(err)
	}
	for _, values := range kept {
		if err := fn(postgresRow(values)); err != nil {
			return err
		}
	}
	return nil
}

func (p *postgresTx) insert(table string, cols []string, rows [][]any) error {
	if len(rows) < copyMin {
		_, err := p.many(insertText(table, cols, make([]bool, len(cols)), 1), rows)
		return err
	}
	_, err := p.tx.CopyFrom(p.ctx, pgx.Identifier{table}, cols, pgx.CopyFromRows(rows))
	return mapPostgres(err)
}

// add sends the keys and the counts of all rows at once: an UPDATE each would be planned and run as often as there are
// rows, which takes twice as long.
func (p *postgresTx) add(table string, cols, counts []string, rows [][]any) error {
	key, text := keysOf(rows)
	sums, names, args := make([]string, len(counts)), []string{"k"}, []any{key}
	lists := []string{"$1::bigint[]"}
	if text {
		lists[0] = "$1::text[]"
	}
	for i, n := range counts {
		v := fmt.Sprintf("v%d", i)
		sums[i] = n + " = t." + n + " + v." + v
		names, lists = append(names, v), append(lists, fmt.Sprintf("$%d::bigint[]", i+2))
		more, at := make([]int64, len(rows)), slices.Index(cols, n)
		for r := range rows {
			more[r] = numberOf(rows[r][at])
		}
		args = append(args, more)
	}
	changed, err := p.exec("UPDATE "+table+" AS t SET "+strings.Join(sums, ", ")+" FROM unnest("+strings.Join(lists, ", ")+
		") AS v ("+strings.Join(names, ", ")+") WHERE t."+cols[0]+" = v.k", args)
	if err == nil && changed != int64(len(rows)) {
		err = fmt.Errorf("db: %s: a row that was to be added to is gone", table)
	}
	return err
}

// keysOf are the first values of rows, as one list of texts or of numbers.
func keysOf(rows [][]any) (keys any, text bool) {
	texts, numbers := make([]string, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		switch k := r[0].(type) {
		case string:
			texts[i], text = k, true
		case *string:
			texts[i], text = *k, true
		default:
			numbers[i] = numberOf(k)
		}
	}
	if text {
		return texts, true
	}
	return numbers, false
}

func numberOf(v any) int64 {
	switch v := v.(type) {
	case *int64:
		return *v
	case int64:
		return v
	}
	panic(fmt.Sprintf("db: a count is a %T", v)) // a mistake of the caller's code
}

func (p *postgresTx) many(q string, rows [][]any) ([]int64, error) {
	var batch pgx.Batch
	for _, args := range rows {
		batch.Queue(q, args...)
	}
	sent := p.tx.SendBatch(p.ctx, &batch)
	changed := make([]int64, len(rows))
	for i := range rows {
		tag, err := sent.Exec()
		if err != nil {
			return nil, errors.Join(mapPostgres(err), ignoreSame(sent.Close(), err))
		}
		changed[i] = tag.RowsAffected()
	}
	return changed, mapPostgres(sent.Close())
}

// ignoreSame drops the error that closing a batch repeats after its first failure.
func ignoreSame(err, first error) error {
	if err == nil || err.Error() == first.Error() {
		return nil
	}
	return err
}

type postgresRow []any

func (r postgresRow) Scan(dst ...any) error {
	if len(r) != len(dst) {
		return fmt.Errorf("db: %d columns for %d targets", len(r), len(dst))
	}
	for i, d := range dst {
		if err := assign(d, r[i]); err != nil {
			return fmt.Errorf("db: column %d: %w", i+1, err)
		}
	}
	return nil
}

func mapPostgres(err error) error {
	var pe *pgconn.PgError
	if err == nil || !errors.As(err, &pe) {
		return err
	}
	switch {
	case pe.Code == "23505":
		return fmt.Errorf("%w: %w", ErrUnique, err)
	case pe.Code == "23514" || pe.Code == "23502":
		return fmt.Errorf("%w: %w", ErrCheck, err)
	case pe.Code == "22021": // a NUL, or bytes that are no UTF-8
		return fault.New(fault.Invalid, "storage.text").Because(err)
	case strings.HasPrefix(pe.Code, "53"):
		return fault.New(fault.Unavailable, "storage.full").Because(err)
	}
	return err
}

// retryable tells whether the server asked for the transaction to be run again: serialization failure, deadlock,
// or a shutdown before anything of it was committed.
func retryable(err error) bool {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		return false
	}
	return pe.Code == "40001" || pe.Code == "40P01" || pe.Code == "57P01"
}
