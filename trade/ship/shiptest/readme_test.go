package shiptest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	heading = regexp.MustCompile("(?s)`(trade/ship/pony/[a-z_.]+)`[^\n]*\n.*?```[a-z]+\n(.*?)```")
	module  = filepath.Join("..", "..", "..")
)

// TestTheReadmeMakesACarrier follows trade/ship/README.md: the files that it shows, laid over the tree without being
// written into it, build and pass the conformance suite.
func TestTheReadmeMakesACarrier(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command here")
	}
	page, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(module)
	if err != nil {
		t.Fatal(err)
	}
	files := heading.FindAllStringSubmatch(string(page), -1)
	if len(files) != 3 {
		t.Fatalf("the page shows %d files, want 3", len(files))
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	dir := t.TempDir()
	for _, f := range files {
		shown := filepath.Join(dir, filepath.Base(f[1]))
		if err := os.WriteFile(shown, []byte(f[2]), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(root, filepath.FromSlash(f[1]))] = shown
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	over := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(over, list, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "pony.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", over, "-o", binary,
		"./trade/ship/pony")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), binary, "-test.v")
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("PASS: TestPonyKeepsWhatACarrierMust")) {
		t.Fatalf("%v\n%s", err, out)
	}
}
