package login

import (
	_ "embed"
	"strings"

	"hutong/base/fault"
)

//go:embed common.txt
var commonText string

// common are passwords that guessers try first (FAULTS A23).
var common = func() map[string]bool {
	all := map[string]bool{}
	for p := range strings.FieldsSeq(commonText) {
		all[p] = true
	}
	return all
}()

// checkFresh holds a password that somebody chooses to its bounds, and refuses one that is tried first: a common one,
// one letter repeated, or the name itself.
func checkFresh(p Password, name string) error {
	if err := checkPassword(p); err != nil {
		return err
	}
	lower := strings.ToLower(string(p))
	if common[lower] || strings.Count(lower, lower[:1]) == len(lower) || lower == strings.ToLower(name) {
		return fault.New(fault.Invalid, "login.password_common").At("password")
	}
	return nil
}
