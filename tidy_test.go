package hutong

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// districts in the order in which they may be imported: a district imports itself and those before it.
var districts = []string{"base", "party", "goods", "funds", "deal", "trade", "reach", "peer", "surface", "node", "cmd"}

// The sizes that keep the house easy to see.
const (
	fileLinesMax     = 500
	functionLinesMax = 70
	depthMax         = 3
	parametersMax    = 5
	lineMax          = 120
)

// moneyDistricts hold no floating point: amounts are integers there.
var moneyDistricts = []string{"base/money", "goods", "funds", "deal", "trade"}

// emptyNames say nothing about what is inside.
var emptyNames = []string{"util", "utils", "common", "core", "model", "models", "manager", "helper", "helpers", "misc"}

type source struct {
	path, dir, district string
	file                *ast.File
	fset                *token.FileSet
	lines               []string
}

func (s source) at(p token.Pos) string { return fmt.Sprintf("%s:%d", s.path, s.fset.Position(p).Line) }
func (s source) test() bool            { return strings.HasSuffix(s.path, "_test.go") }
func (s source) span(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, data, parser.ParseComments)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		district, _, _ := strings.Cut(path, "/")
		all = append(all, source{path, filepath.ToSlash(filepath.Dir(path)), district, f, fset,
			strings.Split(string(data), "\n")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d files were found: this test looks in the wrong place", len(all))
	}
	return all
}

func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		own := slices.Index(districts, s.district)
		if own < 0 {
			continue
		}
		for _, i := range s.file.Imports {
			path, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "hutong/")
			if !ok {
				continue
			}
			district, _, _ := strings.Cut(path, "/")
			if other := slices.Index(districts, district); other > own {
				t.Errorf("%s imports %s: imports point down; publish an event or declare an interface here",
					s.at(i.Pos()), path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented, seen := map[string]bool{}, map[string]string{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		seen[s.dir] = s.file.Name.Name
		if s.file.Doc != nil && len(s.file.Doc.Text()) > 30 {
			documented[s.dir] = true
		}
	}
	for dir, name := range seen {
		if !documented[dir] {
			t.Errorf("%s: the package comment is missing", dir)
		}
		if slices.Contains(emptyNames, name) {
			t.Errorf("%s: the name %q says nothing", dir, name)
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.file.Name.Name == "main" {
			continue
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil {
					t.Errorf("%s: %s is not documented", s.at(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				checkDocs(t, s, d)
			}
		}
	}
}

func checkDocs(t *testing.T, s source, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
				t.Errorf("%s: %s is not documented", s.at(spec.Pos()), spec.Name.Name)
			}
		case *ast.ValueSpec:
			if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s: %s is not documented", s.at(spec.Pos()), spec.Names[0].Name)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexListExpr); ok {
		typ = index.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	for _, s := range sources(t) {
		if n := len(s.lines); n > fileLinesMax {
			t.Errorf("%s: %d lines, at most %d", s.path, n, fileLinesMax)
		}
		for i, l := range s.lines {
			if n := len([]rune(l)); n > lineMax && !s.test() {
				t.Errorf("%s:%d: %d characters, at most %d", s.path, i+1, n, lineMax)
			}
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := s.span(f); n > functionLinesMax {
				t.Errorf("%s: %s has %d lines, at most %d", s.at(f.Pos()), f.Name.Name, n, functionLinesMax)
			}
			if n := f.Type.Params.NumFields(); n > parametersMax && !s.test() {
				t.Errorf("%s: %s has %d parameters, at most %d: use a command struct",
					s.at(f.Pos()), f.Name.Name, n, parametersMax)
			}
			if n := depth(f.Body); n > depthMax && !s.test() {
				t.Errorf("%s: %s nests %d deep, at most %d", s.at(f.Pos()), f.Name.Name, n, depthMax)
			}
		}
	}
}

// depth is how many control blocks stand inside each other; an else-if is no deeper than its if, and a function literal
// starts anew.
func depth(n ast.Node) int {
	deepest := 0
	ast.Inspect(n, func(c ast.Node) bool {
		if c == nil || c == n {
			return true
		}
		switch c := c.(type) {
		case *ast.FuncLit:
			deepest = max(deepest, depth(c.Body))
			return false
		case *ast.IfStmt:
			inner := depth(c.Body)
			deepest = max(deepest, 1+inner)
			if other, ok := c.Else.(*ast.IfStmt); ok {
				deepest = max(deepest, depth(&ast.BlockStmt{List: []ast.Stmt{other}}))
			} else if c.Else != nil {
				deepest = max(deepest, 1+depth(c.Else))
			}
			return false
		case *ast.ForStmt:
			deepest = max(deepest, 1+depth(c.Body))
			return false
		case *ast.RangeStmt:
			deepest = max(deepest, 1+depth(c.Body))
			return false
		case *ast.SwitchStmt:
			deepest = max(deepest, 1+depth(c.Body))
			return false
		case *ast.TypeSwitchStmt:
			deepest = max(deepest, 1+depth(c.Body))
			return false
		case *ast.SelectStmt:
			deepest = max(deepest, 1+depth(c.Body))
			return false
		}
		return true
	})
	return deepest
}

func TestMoneyIsNeverFloating(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || !slices.ContainsFunc(moneyDistricts, func(d string) bool {
			return s.dir == d || strings.HasPrefix(s.dir, d+"/")
		}) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok && (name.Name == "float64" || name.Name == "float32") {
				t.Errorf("%s: %s in a district that carries money", s.at(n.Pos()), name.Name)
			}
			return true
		})
	}
}

func TestTimeComesFromTheClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.dir == "base/clock" || s.district == "cmd" || s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since") {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
					t.Errorf("%s: time.%s; ask the clock that was given", s.at(n.Pos()), sel.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestNothingRunsAtInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init(); node holds the lists", s.at(f.Pos()))
			}
		}
	}
}

var sqlText = regexp.MustCompile(`(?s)^\s*(SELECT\s.+\sFROM\s|INSERT INTO\s|UPDATE\s+\w+\s+SET\s|DELETE FROM\s|CREATE TABLE\s)`)

// TestSQLStandsInTheStore holds the kinds of file apart: SQL in store*.go (base/db and base/event are storage
// themselves, node/verify is nothing but queries, a room named ...test helps tests), transactions in service*.go.
func TestSQLStandsInTheStore(t *testing.T) {
	for _, s := range sources(t) {
		kind := filepath.Base(s.path)
		if s.test() || strings.HasSuffix(s.dir, "test") || s.district == "base" || s.district == "node" || s.district == "sim" || s.district == "cmd" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.STRING && !strings.HasPrefix(kind, "store") && sqlText.MatchString(strings.Trim(n.Value, "`\"")) {
					t.Errorf("%s: SQL outside store.go", s.at(n.Pos()))
				}
			case *ast.CallExpr:
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if ok && (sel.Sel.Name == "Write" || sel.Sel.Name == "Read") && isDatabase(sel.X) && !opensTransactions(kind) {
					t.Errorf("%s: a transaction is opened outside service.go", s.at(n.Pos()))
				}
			}
			return true
		})
	}
}

func opensTransactions(kind string) bool {
	return strings.HasPrefix(kind, "service")
}

// isDatabase tells x.db or x.DB, by name: the tests look at syntax only.
func isDatabase(x ast.Expr) bool {
	sel, ok := x.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "db" || sel.Sel.Name == "DB")
}

// TestPeopleAreSpokenToInOneWay keeps the polite form of "you" out: beside the plain one it reads like two houses
// (STYLE.md).
func TestPeopleAreSpokenToInOneWay(t *testing.T) {
	read := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return cmp.Or(err, fs.SkipDir)
		}
		if d.IsDir() || !slices.Contains([]string{".json", ".html", ".go", ".toml"}, filepath.Ext(path)) {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		for i, line := range strings.Split(string(data), "\n") {
			if strings.Contains(line, "\u60a8") {
				t.Errorf("%s:%d: says \u60a8, where the market says 你", path, i+1)
			}
		}
		return nil
	})
	if err != nil || read < 500 {
		t.Fatalf("%d files were read: %v", read, err)
	}
}
