package db

import "log/slog"

// checkpointRows is after how many written rows the log is carried into the database file, about 12 MB of it in a sale.
// Twice as often, the pages that every order touches are carried so often that an order costs some 6 % more; twice as
// seldom, nothing more is gained.
const checkpointRows = 32_000

// checkpointer carries the write-ahead log into the database file beside the writer, on a connection and a core of its
// own: the writer would have stood still for it. It never waits for anybody and nobody waits for it (PASSIVE). What it
// has not reached by the time that the log is long, the writer's own checkpoint carries over (wal_autocheckpoint),
// after which the log begins again from its start.
type checkpointer struct {
	conn *sqliteConn
	due  chan struct{}
	done chan struct{}
	log  *slog.Logger
}

func newCheckpointer(path string, o Options) (*checkpointer, error) {
	c, err := openConn(path, o, false)
	if err != nil {
		return nil, err
	}
	p := &checkpointer{conn: c, due: make(chan struct{}, 1), done: make(chan struct{}), log: o.Log}
	go p.run()
	return p, nil
}

func (p *checkpointer) run() {
	defer close(p.done)
	for range p.due {
		err := p.conn.each("PRAGMA wal_checkpoint(PASSIVE)", nil, func(Row) error { return nil })
		if err != nil { // the log keeps what was not carried over; the writer finds out about a disk that fails
			p.log.Error("storage: checkpoint", slog.Any("err", err))
		}
	}
}

// wrote is told, by the writer, what a commit wrote.
func (p *checkpointer) wrote(c *sqliteConn) {
	if c.written < checkpointRows {
		return
	}
	c.written = 0
	select {
	case p.due <- struct{}{}:
	default: // one is under way, and another one waits
	}
}

func (p *checkpointer) close() error {
	close(p.due)
	<-p.done
	return p.conn.close()
}
