package login

import (
	"context"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"hutong/party/audit"
)

// Budget allows Burst wrong attempts at once and gives one back every Every.
type Budget struct {
	Burst int
	Every time.Duration
}

// limiter counts wrong attempts per key in constant memory: two rows of cells, a key in one cell of each, the emptier
// of the two holds. Keys that share cells make each other's count too high only where both cells are shared; the seed
// is drawn anew at each start, so that nobody can look for a victim's cells.
type limiter struct {
	budget Budget
	seeds  [2]maphash.Seed

	mu    sync.Mutex
	cells [2][]int64 // microseconds at which the cell's budget is whole again
}

const limiterCells = 1 << 13

func newLimiter(b Budget) *limiter {
	l := &limiter{budget: b}
	for i := range l.cells {
		l.seeds[i] = maphash.MakeSeed()
		l.cells[i] = make([]int64, limiterCells)
	}
	return l
}

func (l *limiter) at(row int, key string) *int64 {
	return &l.cells[row][maphash.String(l.seeds[row], key)%limiterCells]
}

// take spends one attempt from the key's budget, or tells how long the key has to wait for its next one. Checking and
// spending are one step: a hundred attempts at the same instant do not all pass.
func (l *limiter) take(key string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	us, every := now.UnixMicro(), l.budget.Every.Microseconds()
	latest := us + int64(l.budget.Burst-1)*every
	if whole := min(*l.at(0, key), *l.at(1, key)); whole > latest {
		return time.Duration(whole-latest) * time.Microsecond
	}
	for row := range l.cells {
		cell := l.at(row, key)
		*cell = max(*cell, us) + every
	}
	return 0
}

// give puts back what take spent: the attempt was no wrong one.
func (l *limiter) give(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for row := range l.cells {
		*l.at(row, key) -= l.budget.Every.Microseconds()
	}
}

// Network is the key of a context under which the netip.Addr stands that a call comes from. The gate answers to it;
// without it, no limit per network holds.
type Network = audit.Network

// From marks a context with the address that a call comes from.
func From(ctx context.Context, addr netip.Addr) context.Context {
	return context.WithValue(ctx, Network{}, addr)
}

// networkOf is the key of the caller's network: an IPv4 address, or the /64 of an IPv6 one, of which one household
// has 2^64 (FAULTS A24).
func networkOf(ctx context.Context) string {
	addr, ok := ctx.Value(Network{}).(netip.Addr)
	if !ok || !addr.IsValid() {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

// here tells whether a request comes from this machine.
func here(ctx context.Context) bool {
	addr, ok := ctx.Value(Network{}).(netip.Addr)
	return ok && addr.Unmap().IsLoopback()
}
