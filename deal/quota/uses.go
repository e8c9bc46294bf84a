package quota

import (
	"fmt"
	"strconv"
	"strings"
)

// nameMax bounds a quota's name, in bytes.
const nameMax = 200

// checkName refuses a name that is not plain, printable ASCII without quotes: names are made of ids by us, so any other
// is a defect of whoever made it.
func checkName(name string) error {
	if name == "" || len(name) > nameMax {
		return fmt.Errorf("quota: the name %q has %d bytes", name, len(name))
	}
	for _, c := range []byte(name) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return fmt.Errorf("quota: the name %q is not plain", name)
		}
	}
	return nil
}

// appendUses writes uses in their stored form, leaving out those of nothing.
func appendUses(b []byte, uses []Use) []byte {
	b = append(b, '[')
	for _, u := range uses {
		if u.Amount == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, `["`...), u.Quota...), `",`...)
		b = append(strconv.AppendInt(b, u.Amount, 10), ']')
	}
	return append(b, ']')
}

// parseUses reads what appendUses wrote.
func parseUses(stored string) ([]Use, error) {
	broken := fmt.Errorf("quota: the uses %q are broken", stored)
	s, ok := strings.CutPrefix(stored, "[")
	if !ok {
		return nil, broken
	}
	if s == "]" {
		return nil, nil
	}
	uses := make([]Use, 0, strings.Count(s, "["))
	for {
		rest, ok := strings.CutPrefix(s, `["`)
		name, rest, found := strings.Cut(rest, `",`)
		number, rest, ended := strings.Cut(rest, "]")
		n, err := strconv.ParseInt(number, 10, 64)
		if !ok || !found || !ended || err != nil || n < 1 || checkName(name) != nil {
			return nil, broken
		}
		uses = append(uses, Use{name, n})
		if rest == "]" {
			return uses, nil
		}
		if s, ok = strings.CutPrefix(rest, ","); !ok {
			return nil, broken
		}
	}
}

// add puts an amount to those of the same quota.
func add(uses []Use, quota string, amount int64) []Use {
	for i := range uses {
		if uses[i].Quota == quota {
			uses[i].Amount += amount
			return uses
		}
	}
	return append(uses, Use{quota, amount})
}
