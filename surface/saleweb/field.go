package saleweb

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/catalog/taxonomy"
	"hutong/surface/page"
)

// spec is one field of a form: what is written in it, its name, and whether it must be filled. Amounts are written in
// whole units, rates in per cent, times by the market's clock.
type spec struct {
	kind string // text, area, amount, percent, whole, check, time, tiers, category
	name string
	must bool
}

// asked are the values of a form that was sent, or of what is shown for change.
type asked func(name string) string

// posted reads the form that was sent.
func posted(r *http.Request) asked {
	r.PostFormValue("") // has the form read
	return func(name string) string { return strings.TrimSpace(strings.Join(r.PostForm[name], " ")) }
}

// titleOf is what a form calls something: who writes it in one language is read in both.
func titleOf(get asked) text.Entry {
	zh, en := get("title_zh"), get("title_en")
	return text.Entry{Zh: cmp.Or(zh, en), En: cmp.Or(en, zh)}
}

// field shows a field. id keeps two forms on one page apart.
func (w *web) field(t page.Tongue, s spec, get asked, faults page.Faults) page.Field {
	f := page.Field{ID: "f-" + s.name, Name: s.name, Kind: "text", Required: s.must, Value: get(s.name), Length: 100,
		Label: t.T("saleweb.f_" + s.name), Error: faults.At(s.name)}
	if hint := "saleweb.h_" + s.name; t.Has(hint) {
		f.Hint = t.T(hint)
	}
	switch s.kind {
	case "area", "tiers":
		f.Kind, f.Length = "area", 20_000
	case "amount":
		f.Mode, f.After = "decimal", string(w.Currency)
	case "percent":
		f.Mode, f.After = "decimal", "%"
	case "whole":
		f.Kind, f.Min, f.Length = "number", "0", 0
	case "check":
		f.Kind, f.Checked, f.Value, f.Length = "check", f.Value != "", "on", 0
	case "time":
		f.Kind, f.Length = "datetime-local", 0
	}
	return f
}

// value reads what was written in a field. Codes: saleweb.amount, saleweb.percent, saleweb.whole, saleweb.time,
// saleweb.tiers, each at the field.
func (w *web) value(s spec, raw string) (v any, err error) {
	code := "saleweb." + s.kind
	switch s.kind {
	case "amount":
		v, err = money.ParseMinor(raw, w.Currency)
	case "percent":
		v, err = parsePercent(raw)
	case "whole":
		v, err = strconv.ParseInt(raw, 10, 64)
	case "check":
		v = true
	case "time":
		v, err = w.parseTime(raw)
	case "tiers":
		v, err = w.parseTiers(raw)
	case "category":
		return CategoryOf(raw)
	default:
		v = raw
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, code).At(s.name).Because(err)
	}
	return v, nil
}

// CategoryOf reads a category's number or its name in either language; of several with one name, one has to be chosen
// by its number, which the refusal tells. Codes: saleweb.category, saleweb.categories.
func CategoryOf(raw string) (string, error) {
	if _, known := taxonomy.Find(raw); known || raw == "" {
		return raw, nil
	}
	all, err := taxonomy.Load()
	if err != nil {
		return "", err
	}
	var named []string
	for _, n := range all {
		if strings.EqualFold(n.Zh, raw) || strings.EqualFold(n.En, raw) {
			named = append(named, n.ID)
		}
	}
	switch len(named) {
	case 0:
		return "", fault.New(fault.Invalid, "saleweb.category", fault.P("name", raw)).At("category")
	case 1:
		return named[0], nil
	}
	return "", fault.New(fault.Invalid, "saleweb.categories", fault.P("name", raw),
		fault.P("all", strings.Join(named[:min(len(named), categoriesSaid)], " "))).At("category")
}

// CategoryName is what a category is called; its number where nobody knows it.
func CategoryName(t page.Tongue, id string) string {
	n, known := taxonomy.Find(id)
	if !known {
		return id
	}
	return text.Entry{Zh: n.Zh, En: n.En}.Pick(t.Lang)
}

// CategoryNames are what categories are called, one after the other.
func CategoryNames(t page.Tongue, ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = CategoryName(t, id)
	}
	return strings.Join(names, t.T("saleweb.comma"))
}

// CapTexts are the highest prices of a sale by category, one after the other.
func CapTexts(t page.Tongue, all []campaign.Cap, currency money.Currency) string {
	texts := make([]string, len(all))
	for i, c := range all {
		price := t.Money(money.New(c.Price, currency))
		if texts[i] = t.T("saleweb.cap_all", "price", price); c.Category != "" {
			texts[i] = t.T("saleweb.cap_of", "category", CategoryName(t, c.Category), "price", price)
		}
	}
	return strings.Join(texts, t.T("saleweb.comma"))
}

// categoriesSaid bounds how many categories of one name a refusal tells.
const categoriesSaid = 8

// timeForm is how browsers write a time.
const timeForm = "2006-01-02T15:04"

func (w *web) parseTime(s string) (time.Time, error) {
	for _, form := range []string{timeForm, timeForm + ":05", "2006-01-02 15:04", time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(form, s, w.Pages.Zone); err == nil && at.Year() > 2000 && at.Year() < 2200 {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("saleweb: no time: %q", s)
}

func (w *web) timeText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(w.Pages.Zone).Format(timeForm)
}

// parsePercent reads a percentage with up to four places as parts of a million.
func parsePercent(s string) (int64, error) {
	s = strings.TrimSpace(strings.TrimSuffix(s, "%"))
	whole, places, _ := strings.Cut(s, ".")
	if len(whole) == 0 || len(whole) > 3 || len(places) > 4 {
		return 0, fmt.Errorf("saleweb: no percentage: %q", s)
	}
	n, err := strconv.ParseUint(whole+(places + "0000")[:4], 10, 32)
	if err != nil || n > uint64(money.Whole) {
		return 0, fmt.Errorf("saleweb: no percentage: %q", s)
	}
	return int64(n), nil
}

// tier is a step of spend and save.
type tier struct {
	Threshold int64 `json:"threshold"`
	Off       int64 `json:"off"`
}

// parseTiers reads a line for each tier: "300 40".
func (w *web) parseTiers(s string) (all []tier, err error) {
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:-，；", r) })
	if len(words) == 0 || len(words)%2 != 0 {
		return nil, fmt.Errorf("saleweb: %d numbers make no tiers", len(words))
	}
	for i := 0; i < len(words); i += 2 {
		var one tier
		if one.Threshold, err = money.ParseMinor(words[i], w.Currency); err != nil {
			return nil, err
		}
		if one.Off, err = money.ParseMinor(words[i+1], w.Currency); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// amountText writes an amount as it is typed.
func (w *web) amountText(minor int64) string { return money.New(minor, w.Currency).Decimal() }

// money writes an amount as it is read.
func (w *web) money(t page.Tongue, minor int64) string { return t.Money(money.New(minor, w.Currency)) }

// options are the choices of a select or of radios; each is shown by its text under prefix.
func options(t page.Tongue, prefix, chosen string, values ...string) []page.Group {
	var all []page.Option
	for _, v := range values {
		all = append(all, page.Option{Value: v, Text: t.T(prefix + v), Selected: v == chosen})
	}
	return []page.Group{{Options: all}}
}
