package intake

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestAssembly hands rows over in any order: every product comes once, whole, in the file's order, when its last row is
// there, and nothing stays behind.
func TestAssembly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.IntRange(0, 4)).Draw(t, "product of each row")
		a := NewAssembly[int](1 << 20)
		want := map[string][]int{}
		for line, p := range rows {
			key := fmt.Sprint(p)
			if !a.Expect(key) {
				t.Fatal("too many")
			}
			want[key] = append(want[key], line)
		}
		for line, p := range rows {
			key := fmt.Sprint(p)
			got, refused := a.Add(key, line, 10)
			last := want[key][len(want[key])-1] == line
			if refused || last != (len(got) > 0) || last && fmt.Sprint(got) != fmt.Sprint(want[key]) {
				t.Fatalf("row %d: got %v, %v; want %v", line, got, refused, want[key])
			}
		}
		if len(a.held) != 0 || len(a.left) != 0 || a.bytes != 0 {
			t.Fatalf("left behind: %+v", a)
		}
	})
}

// TestAssemblyBudget: what does not fit is refused whole, row by row, and what comes later fits again.
func TestAssemblyBudget(t *testing.T) {
	a := NewAssembly[int](25)
	for range 4 {
		a.Expect("large")
	}
	a.Expect("small")
	a.Expect("small")
	for line, want := range []string{"[] false", "[] false", "[0 1 2] true", "[3] true"} {
		rows, refused := a.Add("large", line, 10)
		if got := fmt.Sprint(rows, refused); got != want {
			t.Fatalf("row %d: %s; want %s", line, got, want)
		}
	}
	a.Add("small", 4, 10)
	if rows, refused := a.Add("small", 5, 10); refused || len(rows) != 2 || a.bytes != 0 {
		t.Fatalf("%v %v %d", rows, refused, a.bytes)
	}
}
