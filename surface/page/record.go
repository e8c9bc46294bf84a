package page

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"hutong/base/money"
	"hutong/party/audit"
)

// Changes says what an entry of the record changed, fact by fact, as people read it: "share: 5 % → 25 %". market is
// the currency of amounts that do not say theirs, roles is where the reader's words for roles stand.
func (t Tongue) Changes(e audit.Entry, market money.Currency, roles string) (parts []string) {
	of, _, _ := strings.Cut(e.On, "_")
	s := scribe{t: t, of: of, currency: market, roles: roles}
	for _, facts := range []audit.Facts{e.Before, e.After} {
		if c := facts["currency"]; c != "" {
			s.currency = money.Currency(c)
		}
	}
	known := maps.Clone(e.Before)
	if known == nil {
		known = audit.Facts{}
	}
	maps.Copy(known, e.After)
	amounts := slices.ContainsFunc(slices.Collect(maps.Keys(known)), isAmount)
	for _, key := range slices.Sorted(maps.Keys(known)) {
		before, after := s.say(key, e.Before[key]), s.say(key, e.After[key])
		name := t.word("fact."+key, key) + t.T("fact.colon")
		switch {
		case before == "" && after == "", key == "currency" && amounts: // the amounts say it
		case before != "" && after != "" && before != after:
			parts = append(parts, name+before+" → "+after)
		case after != "":
			parts = append(parts, name+after)
		default:
			parts = append(parts, name+before+" → –")
		}
	}
	return parts
}

// scribe writes the values of facts.
type scribe struct {
	t        Tongue
	of       string // what was changed, by the prefix of its id
	currency money.Currency
	roles    string
}

func isAmount(key string) bool {
	switch key {
	case "amount", "back", "budget", "charged", "commission", "deposit", "due", "earnest", "floor_price", "list_price",
		"lost", "own", "penalty", "price", "sold", "total", "worst":
		return true
	}
	return false
}

// say is a value in words; what is kept in another form than its kind's is shown as it is, so that nothing is hidden.
func (s scribe) say(key, value string) string {
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case isAmount(key) && err == nil:
		return s.t.Money(money.New(n, s.currency))
	case strings.HasSuffix(key, "_ppm") && err == nil:
		return Percent(n)
	case key == "state" || key == "was":
		return s.t.word("fact.state."+s.of+"."+value, s.t.word("fact.state."+value, value))
	case key == "off":
		return s.t.word("fact.is."+value, value)
	case key == "role":
		return s.t.word(s.roles+value, value)
	}
	return value
}

// Deed is what an entry of the record says was done; what has no words is shown as it is.
func (t Tongue) Deed(what string) string { return t.word("record."+what, what) }

// word is the sentence for key, where there is one.
func (t Tongue) word(key, otherwise string) string {
	if t.Has(key) {
		return t.T(key)
	}
	return otherwise
}

// Percent writes parts per million as a percentage, without zeros that say nothing.
func Percent(ppm int64) string { return money.PPM(ppm).Percent() + " %" }
