package verify

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hutong/base/text"
)

// Title says in words what a check promises.
func (c Check) Title(l text.Lang) string { return Texts.Text(l, "verify."+c.Name) }

// String is the violation on one line: column=value, the columns sorted.
func (v Violation) String() string {
	parts := make([]string, 0, len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if v[name] != "" {
			parts = append(parts, name+"="+v[name])
		}
	}
	return strings.Join(parts, " ")
}

// Print writes the report for people: one line per check, under a broken one the rows that break it.
func (r Report) Print(w io.Writer, l text.Lang) error {
	var b strings.Builder
	rows, broken := int64(0), 0
	for _, c := range r.Checks {
		rows += c.Counted
		mark := "✓"
		if !c.OK {
			mark = "✗"
			broken++
		}
		fmt.Fprintf(&b, "%s %-21s %-16s %12s  %s\n", mark, c.Name, c.Rule, grouped(c.Counted), c.Title(l))
		for _, v := range c.Violations {
			fmt.Fprintf(&b, "    %s\n", v)
		}
		if more := c.Total - int64(len(c.Violations)); more > 0 {
			fmt.Fprintf(&b, "    %s\n", Texts.Text(l, "verify.more", "n", grouped(more)))
		}
	}
	verdict := Texts.Text(l, "verify.holds", "checks", len(r.Checks), "rows", grouped(rows))
	if !r.OK {
		verdict = Texts.Text(l, "verify.broken", "checks", len(r.Checks), "broken", broken)
	}
	fmt.Fprintf(&b, "\n%s\n", verdict)
	_, err := io.WriteString(w, b.String())
	return err
}

// grouped is a count with a comma after each three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
