package taxonomy

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

func TestLoad_TreeIsWhole(t *testing.T) {
	nodes, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes) != 10_281 || len(Roots()) != 25 {
		t.Fatalf("%d categories, %d roots; the source has 10281 and 25", len(nodes), len(Roots()))
	}
	seen := map[string]bool{}
	for _, n := range nodes {
		if n.Zh == "" || n.En == "" || n.Zh != strings.TrimSpace(n.Zh) || n.En != strings.TrimSpace(n.En) {
			t.Errorf("%s: zh %q, en %q", n.ID, n.Zh, n.En)
		}
		// A parent that was always seen before its child leaves no room for a cycle.
		if seen[n.ID] || (n.Depth == 0) != (n.Parent == "") || n.Parent != "" && !seen[n.Parent] {
			t.Errorf("%s: parent %q, depth %d", n.ID, n.Parent, n.Depth)
		}
		seen[n.ID] = true
	}
}

func TestChildren_ReachEveryNodeOnce(t *testing.T) {
	count := 0
	for queue := Roots(); len(queue) > 0; {
		n := queue[0]
		below := Children(n.ID)
		for _, c := range below {
			if c.Parent != n.ID || c.Depth != n.Depth+1 || !Within(c.ID, n.ID) || Within(n.ID, c.ID) {
				t.Errorf("%s is no child of %s", c.ID, n.ID)
			}
		}
		queue = append(queue[1:], below...)
		count++
	}
	if count != 10_281 {
		t.Errorf("walked %d of 10281", count)
	}
}

func TestPath(t *testing.T) {
	path := Path("ap-2-1-1-2")
	ids := make([]string, len(path))
	for i, n := range path {
		ids[i] = n.ID
	}
	if got := strings.Join(ids, " "); got != "ap ap-2 ap-2-1 ap-2-1-1 ap-2-1-1-2" {
		t.Errorf("path %q", got)
	}
	if path[0].En != "Animals & Pet Supplies" || path[2].Zh != "鸟类用品" {
		t.Errorf("names %q, %q", path[0].En, path[2].Zh)
	}
	for _, unknown := range []string{"", "zz", "ap-", "ap-2-999", "AP"} {
		if _, ok := Find(unknown); ok || len(Path(unknown)) != 0 {
			t.Errorf("%q was found", unknown)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		id, root string
		want     bool
	}{
		{"aa-1", "aa", true},
		{"aa", "aa", true},
		{"aa-10", "aa-1", false},
		{"aa", "aa-1", false},
		{"aa", "", false},
	} {
		if got := Within(c.id, c.root); got != c.want {
			t.Errorf("Within(%q, %q) = %v", c.id, c.root, got)
		}
	}
}

func TestLoad_CallerCannotSpoilTree(t *testing.T) {
	nodes, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	nodes[0].En = "spoilt"
	Roots()[0].En = "spoilt"
	if again, _ := Find(nodes[0].ID); again.En == "spoilt" {
		t.Error("a caller's copy is shared")
	}
}

func TestUnpack_RefusesDamage(t *testing.T) {
	for name, plain := range map[string]string{
		"orphan":    "aa\tA\t甲\nbb-1\tB\t乙\n",
		"twice":     "aa\tA\t甲\naa\tA\t甲\n",
		"no name":   "aa\tA\n",
		"no id":     "\tA\t甲\n",
		"blank row": "aa\tA\t甲\n\n",
	} {
		if _, err := unpack(zipped(t, plain)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	good := zipped(t, "aa\tA\t甲\naa-1\tB\t乙\n")
	if _, err := unpack(good); err != nil {
		t.Error(err)
	}
	if _, err := unpack(good[:len(good)-4]); err == nil {
		t.Error("a cut file was accepted")
	}
	if _, err := unpack([]byte("no gzip")); err == nil {
		t.Error("no gzip was accepted")
	}
}

func zipped(t *testing.T, plain string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
