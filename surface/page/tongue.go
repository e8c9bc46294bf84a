package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
)

// Tongue is one language with everything that is said in it: texts, amounts, times.
type Tongue struct {
	Lang  text.Lang
	texts text.Bundle
	zone  *time.Location

	account string // the path of the page about the reader
}

// T is the sentence for key; pairs are name, value, name, value.
func (t Tongue) T(key string, pairs ...any) string { return t.texts.Text(t.Lang, key, pairs...) }

// Has tells whether there is a sentence for key.
func (t Tongue) Has(key string) bool { _, ok := t.texts[key]; return ok }

// Fault is the sentence for a refusal, begun as one: refusals are written to stand behind a colon, too. The cause is
// never part of it.
func (t Tongue) Fault(err error) string {
	f := fault.As(err)
	pairs := make([]any, 0, 2*len(f.Params))
	for _, p := range f.Params {
		pairs = append(pairs, p.Name, t.say(p.Value))
	}
	if !t.Has(f.Code) && f.Kind == fault.Internal {
		return t.T("internal.error")
	}
	return t.Begin(f.Code, pairs...)
}

// Begin is T where it stands alone: it begins with a capital letter. A name at its beginning is left as it is.
func (t Tongue) Begin(key string, pairs ...any) string {
	said := t.T(key, pairs...)
	if strings.HasPrefix(t.texts[key].Pick(t.Lang), "{") || said == "" || said[0] < 'a' || said[0] > 'z' {
		return said
	}
	return string(said[0]-'a'+'A') + said[1:]
}

// say writes a parameter as readers of the language expect it.
func (t Tongue) say(v any) any {
	switch v := v.(type) {
	case money.Money:
		return t.Money(v)
	case time.Time:
		return t.When(v)
	case text.Entry:
		return v.Pick(t.Lang)
	}
	return v
}

// Money is the amount as readers of the language write it.
func (t Tongue) Money(m money.Money) string { return m.Format(string(t.Lang)) }

// When is the date and time in the market's time zone.
func (t Tongue) When(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return text.When(t.Lang, at.In(t.zone))
}

// Clock is the time of day in the market's time zone.
func (t Tongue) Clock(at time.Time) string { return at.In(t.zone).Format("15:04") }

// Left says how long it is until then: "14 min", "3 小时 5 分".
func (t Tongue) Left(d time.Duration) string {
	if d < time.Minute {
		return t.T("page.left_seconds", "n", max(0, int(d/time.Second)))
	}
	if d < time.Hour {
		return t.T("page.left_minutes", "n", int(d/time.Minute))
	}
	if d < 48*time.Hour {
		return t.T("page.left_hours", "h", int(d/time.Hour), "n", int(d%time.Hour/time.Minute))
	}
	return t.T("page.left_days", "n", int(d/(24*time.Hour)))
}

// mark stands in a page kept as bytes where the personal part goes; no template can write it otherwise.
const mark = "\x00me\x00"

func (t Tongue) funcs(a *Assets) template.FuncMap {
	return template.FuncMap{
		"t":       t.T,
		"money":   t.Money,
		"when":    t.When,
		"clock":   t.Clock,
		"iso":     func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"asset":   a.URL,
		"icon":    icon,
		"mark":    func() template.HTML { return mark },
		"count":   t.Count,
		"choices": choices,
		"joined":  func(parts ...string) string { return strings.Join(parts, "") },
		"other":   t.other,
		"account": func() string { return t.account },
		"trend": func(up bool) string {
			if up {
				return "up"
			}
			return "down"
		},
		"turned": func(here string) string { return inTongue(here, t.other()) },
	}
}

// Count groups digits by three.
func (t Tongue) Count(n int64) string {
	digits, sign := fmt.Sprint(n), ""
	if n < 0 {
		digits, sign = digits[1:], "−"
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Short is a count in few places, for a scale: "12.5k", "1.2M"; in Chinese "1.2万", "3亿".
func (t Tongue) Short(n int64) string {
	type unit struct {
		size int64
		sign string
	}
	units := []unit{{1_000_000_000, "B"}, {1_000_000, "M"}, {1_000, "k"}}
	if t.Lang == text.Zh {
		units = []unit{{100_000_000, "亿"}, {10_000, "万"}}
	}
	sign, left := "", n
	if n < 0 {
		sign, left = "−", -n
	}
	for _, u := range units {
		if left < u.size {
			continue
		}
		out := sign + t.Count(left/u.size)
		if tenth := left % u.size * 10 / u.size; tenth > 0 && left < 100*u.size {
			out += fmt.Sprintf(".%d", tenth)
		}
		return out + u.sign
	}
	return t.Count(n)
}

// ShortMoney is an amount in few places, for a scale: its whole part as Short, with the sign of its currency.
func (t Tongue) ShortMoney(m money.Money) string {
	sign, whole, cents, _ := cutAmount(t.Money(money.New(max(m.Minor, -m.Minor), m.Currency)))
	n := max(m.Minor, -m.Minor)
	for range max(len(cents)-1, 0) {
		n /= 10
	}
	if whole == "" {
		return t.Money(m)
	}
	if m.Minor < 0 {
		sign = "−" + sign
	}
	return sign + t.Short(n)
}

// other is the tag of the language that the page can be switched to.
func (t Tongue) other() string {
	if t.Lang == text.Zh {
		return string(text.En)
	}
	return string(text.Zh)
}
