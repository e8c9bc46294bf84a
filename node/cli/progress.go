package cli

import (
	"fmt"
	"os"
	"strings"

	"hutong/goods/intake"
)

// progress is a bar on a terminal, and silence anywhere else.
type progress struct {
	e        *env
	terminal bool
	shown    bool
}

func newProgress(e *env) *progress {
	f, ok := e.Err.(*os.File)
	if !ok {
		return &progress{e: e}
	}
	info, err := f.Stat()
	return &progress{e: e, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// barWidth is how many characters the bar has.
const barWidth = 30

func (p *progress) show(s intake.Progress) {
	if !p.terminal || s.Size == 0 {
		return
	}
	p.shown = true
	filled := int(min(s.Read, s.Size) * barWidth / s.Size)
	fmt.Fprintf(p.e.Err, "\r\x1b[K%s%s %3d %%  %d products, %d refused", strings.Repeat("█", filled),
		strings.Repeat("░", barWidth-filled), min(s.Read, s.Size)*100/s.Size, s.Products, s.Rejected)
}

// count shows how many orders of a replay were played.
func (p *progress) count(orders, lines int64) {
	if p.terminal {
		fmt.Fprintf(p.e.Err, "\r\x1b[K%d orders, %d lines", orders, lines)
	}
}

func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(p.e.Err)
	}
}
