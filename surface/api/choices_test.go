package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"hutong/deal/place"
	"hutong/funds/deposit"
	"hutong/funds/settle"
	"hutong/trade/aftersale"
	"hutong/trade/group"
)

// TestTheDocumentNamesTheRoomsChoices: where a body takes one of a few words, the document and its readable form name
// all those that the room takes. A program could only guess at them otherwise.
func TestTheDocumentNamesTheRoomsChoices(t *testing.T) {
	want := map[string][]string{
		"AskBack.reason":    spelled(aftersale.Reasons()),
		"OpenCase.reason":   spelled(aftersale.Reasons()),
		"DrawBody.payee":    spelled([]deposit.Payee{deposit.ToMarket, deposit.ToShopper}),
		"FeeBody.scope":     spelled([]settle.Scope{settle.ScopeMarket, settle.ScopeShop, settle.ScopeCategory}),
		"TurnBody.to":       spelled([]group.OfferState{group.Open, group.Stopped, group.Withdrawn}),
		"PlacesBody.terms":  spelled([]place.Terms{place.Guarantee, place.Fixed}),
		"PayPlaceBody.from": spelled([]settle.Source{settle.Owed, settle.Deposit}),
	}
	page, err := readable((&api{}).ops())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for name, s := range read(t, written(t)).Components.Schemas {
		fields, _ := s.(map[string]any)["properties"].(map[string]any)
		for field, v := range fields {
			among, _ := v.(map[string]any)["enum"].([]any)
			for _, one := range among {
				found[name+"."+field] = append(found[name+"."+field], one.(string))
			}
		}
	}
	for at, all := range want {
		if !slices.Equal(found[at], all) {
			t.Errorf("%s: the document names %v, the room takes %v", at, found[at], all)
		}
		shown := "one of <code>" + strings.Join(all, "</code>, <code>") + "</code>"
		if !strings.Contains(string(page), shown) {
			t.Errorf("%s: not on the page: %s", at, shown)
		}
	}
	for at := range maps.Keys(found) {
		if want[at] == nil {
			t.Errorf("%s: nothing here says where its words come from", at)
		}
	}
}

func spelled[S ~string](all []S) (out []string) {
	for _, s := range all {
		out = append(out, string(s))
	}
	return out
}

// TestWhatIsSaidOfAFieldIsInTheDocument: a comment beside a field of a form is read by nobody who writes a program.
func TestWhatIsSaidOfAFieldIsInTheDocument(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		at := token.NewFileSet()
		file, err := parser.ParseFile(at, f.Name(), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			field, is := n.(*ast.Field)
			if !is || field.Tag == nil || !strings.Contains(field.Tag.Value, `json:"`) {
				return true
			}
			fields++
			if field.Comment != nil || field.Doc != nil {
				t.Errorf("%s: say it with doc:\"...\" in the field's tag", at.Position(field.Pos()))
			}
			return true
		})
	}
	if fields < 300 {
		t.Errorf("%d fields are no API", fields)
	}
	said := `<code>tracking_no</code> string, optional — of a parcel that was booked with the carrier elsewhere`
	if page, err := readable((&api{}).ops()); err != nil || !strings.Contains(string(page), said) {
		t.Errorf("the page does not say: %s (%v)", said, err)
	}
}
