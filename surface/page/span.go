package page

import (
	"time"

	"hutong/base/text"
)

// Span is a window of time in as few words as say it: the day once where both ends are on it, the year once where both
// are in it. An end of zero is none.
func (t Tongue) Span(from, until time.Time) string {
	if from.IsZero() || until.IsZero() {
		return t.When(from) + " –"
	}
	a, b := from.In(t.zone), until.In(t.zone)
	sameDay := a.Format(time.DateOnly) == b.Format(time.DateOnly)
	switch {
	case sameDay:
		return t.When(a) + "–" + b.Format("15:04")
	case a.Year() != b.Year():
		return t.When(a) + " – " + t.When(b)
	case t.Lang == text.Zh:
		return t.When(a) + " – " + b.Format("1月2日 15:04")
	}
	return a.Format("2 Jan, 15:04") + " – " + t.When(b)
}

// Day is a day and its name: "Mon 2 Nov", "11月2日 周一".
func (t Tongue) Day(at time.Time) string {
	at = at.In(t.zone)
	name := t.weekdays()[(int(at.Weekday())+6)%7]
	if t.Lang == text.Zh {
		return at.Format("1月2日 ") + name
	}
	return name + at.Format(" 2 Jan")
}
