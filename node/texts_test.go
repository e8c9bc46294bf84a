package node_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hutong/base/text"
	"hutong/node"
)

// tree is every Go file of the market that is not a test, parsed, by path from the module's folder.
func tree(t *testing.T) (map[string]*ast.File, *token.FileSet) {
	t.Helper()
	files, set := map[string]*ast.File{}, token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".") && name != ".."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		files[strings.TrimPrefix(filepath.ToSlash(path), "../")] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("only %d files were found: this test looks in the wrong place", len(files))
	}
	return files, set
}

// TestEveryRefusalHasItsSentence: a code without words would show a person a key. The code is the second argument of
// fault.New; where it is a variable, some string of the same package must be a code that has words.
func TestEveryRefusalHasItsSentence(t *testing.T) {
	texts := node.Texts()
	above, err := filepath.Glob("*/text.json") // what stands above the node brings its own
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range above {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(texts, text.MustParse(data))
	}
	files, set := tree(t)
	found, known := 0, map[string]int{}
	for path, f := range files {
		known[filepath.Dir(path)] += codes(f, texts)
	}
	for path, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isNew(call) {
				return true
			}
			found++
			code, ok := literal(call.Args[1])
			if !ok {
				if known[filepath.Dir(path)] == 0 {
					t.Errorf("%s: a code that is no literal, and none stands in this package", set.Position(call.Pos()))
				}
				return true
			}
			entry, there := texts[code]
			if !there || entry.Zh == "" || entry.En == "" {
				t.Errorf("%s: %s has no sentence in both languages", set.Position(call.Pos()), code)
			}
			return true
		})
	}
	if found < 200 {
		t.Fatalf("only %d refusals were found: this test does not see them", found)
	}
}

// TestEverySentenceIsFilled: a refusal gives each value that its sentence names, or people read the name in braces.
func TestEverySentenceIsFilled(t *testing.T) {
	texts := node.Texts()
	files, set := tree(t)
	hole := regexp.MustCompile(`\{(\w+)\}`)
	found := 0
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isNew(call) || call.Ellipsis.IsValid() {
				return true
			}
			code, _ := literal(call.Args[1])
			given := map[string]bool{}
			for _, arg := range call.Args[2:] {
				p, ok := arg.(*ast.CallExpr)
				if !ok || len(p.Args) == 0 {
					return true // a value that was made elsewhere
				}
				name, _ := literal(p.Args[0])
				given[name] = true
			}
			for _, m := range hole.FindAllStringSubmatch(texts[code].Zh+texts[code].En, -1) {
				found++
				if !given[m[1]] {
					t.Errorf("%s: %s is not told its {%s}", set.Position(call.Pos()), code, m[1])
				}
			}
			return true
		})
	}
	if found < 100 {
		t.Fatalf("only %d values were found: this test does not see them", found)
	}
}

// told are the sentences that name a state, and the types whose constants it may be.
var told = map[string]struct {
	room  string
	types []string
}{
	"order.state":       {"trade/order", []string{"State", "SubState", "PresaleState"}},
	"aftersale.state":   {"trade/aftersale", []string{"State"}},
	"group.offer_state": {"trade/group", []string{"OfferState"}},
	"referral.state":    {"trade/referral", []string{"State", "ProgrammeState"}},
	"pay.not_refused":   {"funds/pay", []string{"RefundState"}},
	"deposit.state":     {"funds/deposit", []string{"State"}},
	"approval.decided":  {"party/approval", []string{"State"}},
	"enrolment.decided": {"deal/campaign", []string{"EnrolmentState"}},
	"place.state":       {"deal/place", []string{"State"}},
	"voucher.state":     {"deal/voucher", []string{"TemplateState"}},
	"promo.state":       {"deal/promo/rulebook", []string{"State"}},
}

// TestStatesAreToldInWords: a sentence that names a state says it in the reader's language, whichever it is: no reader
// knows what awaiting_payment is.
func TestStatesAreToldInWords(t *testing.T) {
	texts := node.Texts()
	for key, e := range texts {
		if _, listed := told[key]; !listed && strings.Contains(e.En, "{state}") {
			t.Errorf("%s names a state and is not listed here", key)
		}
	}
	files, _ := tree(t)
	for path, f := range files {
		for code, of := range told {
			if filepath.Dir(path) != of.room {
				continue
			}
			for _, state := range constants(f, of.types) {
				if said := texts.Text(text.Zh, code, "state", state); strings.Contains(said, state) {
					t.Errorf("%s: %s", code, said)
				}
			}
		}
	}
	if said := texts.Text(text.Zh, "order.state", "state", "cancelled"); !strings.Contains(said, "已取消") {
		t.Error(said)
	}
}

// constants are the values of a file's constants of those types.
func constants(f *ast.File, types []string) (values []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && slices.Contains(types, kind.Name) {
			for _, v := range spec.Values {
				if s, ok := literal(v); ok {
					values = append(values, s)
				}
			}
		}
		return true
	})
	return values
}

// TestEveryFactOfTheRecordHasItsWord: what stands in the record of who changed what is read by people.
func TestEveryFactOfTheRecordHasItsWord(t *testing.T) {
	texts := node.Texts()
	files, set := tree(t)
	found := 0
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			all, ok := n.(*ast.CompositeLit)
			if !ok || !isFacts(all.Type) {
				return true
			}
			for _, e := range all.Elts {
				pair, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				found++
				if name, ok := literal(pair.Key); !ok || texts["fact."+name].Zh == "" {
					t.Errorf("%s: there is no fact.%s", set.Position(pair.Pos()), name)
				}
			}
			return true
		})
	}
	if found < 50 {
		t.Fatalf("only %d facts were found: this test does not see them", found)
	}
}

func isFacts(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "Facts" {
		return false
	}
	p, ok := s.X.(*ast.Ident)
	return ok && p.Name == "audit"
}

func isNew(call *ast.CallExpr) bool {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "New" || len(call.Args) < 2 {
		return false
	}
	p, ok := s.X.(*ast.Ident)
	return ok && p.Name == "fault"
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// codes counts the strings of a file that are keys of a sentence.
func codes[V any](f *ast.File, texts map[string]V) (n int) {
	ast.Inspect(f, func(e ast.Node) bool {
		if l, ok := e.(*ast.BasicLit); ok {
			if s, ok := literal(l); ok {
				if _, there := texts[s]; there {
					n++
				}
			}
		}
		return true
	})
	return n
}

// TestAmountsAreToldAsMoney: people read ¥29.90, not 2990 of the smallest unit.
func TestAmountsAreToldAsMoney(t *testing.T) {
	counted := regexp.MustCompile(`\}[ （(]*(分$|分[^钟]|最小货币单位|minor unit|fen\b)`)
	for key, e := range node.Texts() {
		if key != "page.left_hours" && (counted.MatchString(e.Zh) || counted.MatchString(e.En)) {
			t.Errorf("%s counts money in its smallest unit: %q, %q", key, e.Zh, e.En)
		}
	}
}

// TestEveryRoomSpeaks: a package that exports Texts is in the node's list, or its sentences are never shown.
func TestEveryRoomSpeaks(t *testing.T) {
	files, _ := tree(t)
	listed := map[string]bool{}
	ast.Inspect(files["node/texts.go"], func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Texts" {
			if p, ok := s.X.(*ast.Ident); ok {
				listed[p.Name] = true
			}
		}
		return true
	})
	paths := map[string]string{} // by the name that node/texts.go knows it by
	for _, i := range files["node/texts.go"].Imports {
		path, _ := literal(i.Path)
		paths[strings.TrimPrefix(path, "hutong/")] = filepath.Base(path)
	}
	for path, f := range files {
		dir := strings.TrimSuffix(path, "/"+filepath.Base(path))
		if speaks(f) && dir != "node" && dir != "node/replay" && !listed[paths[dir]] { // replay stands above the node
			t.Errorf("%s exports Texts and is not in node/texts.go", dir)
		}
	}
}

func speaks(f *ast.File) bool {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, name := range s.(*ast.ValueSpec).Names {
				if name.Name == "Texts" {
					return true
				}
			}
		}
	}
	return false
}
