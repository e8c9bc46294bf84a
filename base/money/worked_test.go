package money_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hutong/base/money"
)

// sharedFile reads a file of the data set that lies beside the module, not in it. Where it is absent the
// test is skipped, unless HUTONG_REQUIRE names "shared".
func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(root, "go.mod")) {
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above the test's folder")
		}
		root = filepath.Dir(root)
	}
	path := filepath.Join(root, "..", "shared", name)
	data, err := os.ReadFile(path)
	if err == nil {
		return data
	}
	if required := strings.Split(os.Getenv("HUTONG_REQUIRE"), ","); slices.Contains(required, "shared") {
		t.Fatalf("HUTONG_REQUIRE wants the shared data: %v", err)
	}
	if !os.IsNotExist(err) {
		t.Fatal(err)
	}
	t.Skipf("no shared data: %s", path)
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// worked is one case of the worked numbers; which fields Input has depends on Fn.
type worked struct {
	ID    string `json:"id"`
	Fn    string `json:"fn"`
	Input struct {
		Total, Paid, Qty, Base, Price int64
		Weights, Refunds              []int64
	} `json:"input"`
	Expect json.RawMessage `json:"expect"`
}

// answers computes a case by its function; a single number is a list of one.
var answers = map[string]func(c worked) ([]int64, error){
	"apportion": func(c worked) ([]int64, error) { return money.Apportion(c.Input.Total, c.Input.Weights) },
	"unit_refunds": func(c worked) (units []int64, err error) {
		for k := int64(1); k <= c.Input.Qty && err == nil; k++ {
			var unit int64
			unit, err = money.UnitRefund(c.Input.Paid, c.Input.Qty, k)
			units = append(units, unit)
		}
		return units, err
	},
	"fee_6000ppm": func(c worked) ([]int64, error) {
		fee, err := money.Fee(c.Input.Base, 6000)
		return []int64{fee}, err
	},
	"fee_reversal_two_refunds": func(c worked) (back []int64, err error) {
		base := c.Input.Base
		for _, refund := range c.Input.Refunds {
			reversal, err := money.FeeReversal(base, base-refund, 6000)
			if err != nil {
				return nil, err
			}
			back, base = append(back, reversal), base-refund
		}
		return back, nil
	},
	"direct_cut_15pct_per_unit": func(c worked) ([]int64, error) {
		price, err := money.Rate(c.Input.Price, money.Whole-150_000, money.RoundHalfUp)
		return []int64{price}, err
	},
}

func TestWorkedNumbers(t *testing.T) {
	var cases []worked
	for _, raw := range rawCases(t, sharedFile(t, "vectors/worked.json")) {
		var c worked
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	seen := map[string]int{}
	for _, c := range cases {
		seen[c.Fn]++
		t.Run(c.ID, func(t *testing.T) { holdWorked(t, c) })
	}
	for fn := range answers {
		if seen[fn] == 0 {
			t.Errorf("the shared numbers have no case of %s", fn)
		}
	}
}

// rawCases keeps the cases that this package answers. Other functions have fields of other types.
func rawCases(t *testing.T, data []byte) []json.RawMessage {
	t.Helper()
	var all, kept []json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, raw := range all {
		var head struct{ Fn string }
		if err := json.Unmarshal(raw, &head); err != nil {
			t.Fatal(err)
		}
		if answers[head.Fn] != nil {
			kept = append(kept, raw)
		}
	}
	return kept
}

func holdWorked(t *testing.T, c worked) {
	var want []int64
	if json.Unmarshal(c.Expect, &want) != nil {
		want = make([]int64, 1)
		if err := json.Unmarshal(c.Expect, &want[0]); err != nil {
			t.Fatal(err)
		}
	}
	got, err := answers[c.Fn](c)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s = %v, %v; want %v", c.Fn, got, err, want)
	}
}

// TestWorkedFees repeats the shared fees and cuts here, so that the rule is tested without the files.
// The shared splits and unit refunds stand in the tables of split_test.go.
func TestWorkedFees(t *testing.T) {
	for base, want := range map[int64]int64{16311: 98, 14736: 88, 23734: 142, 834: 5, 417: 3} {
		got, err := money.Fee(base, 6000)
		same(t, "fee", got, err, want, nil)
	}
	for price, want := range map[int64]int64{9990: 8492, 1999: 1699, 3333: 2833, 1: 1, 99: 84} {
		got, err := money.Rate(price, 850_000, money.RoundHalfUp)
		same(t, "85 %", got, err, want, nil)
	}
	// Two refunds of 4.17 out of 8.34: the fees of the refunds would give back 0.06 of a fee of 0.05.
	got, err := money.FeeReversal(834, 417, 6000)
	same(t, "first reversal", got, err, 2, nil)
	got, err = money.FeeReversal(417, 0, 6000)
	same(t, "second reversal", got, err, 3, nil)
}
