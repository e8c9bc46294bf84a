package money_test

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/money"
)

func TestApportion(t *testing.T) {
	const top = math.MaxInt64
	for _, c := range []struct {
		name    string
		total   int64
		weights []int64
		want    []int64
		err     error
	}{
		{"three alike", 1000, []int64{1000, 1000, 1000}, []int64{334, 333, 333}, nil},
		{"no last line below zero", 5, []int64{1000, 1000, 1000, 1000, 1000, 1000, 1},
			[]int64{1, 1, 1, 1, 1, 0, 0}, nil},
		{"shop discount", 4000, []int64{19900, 17980}, []int64{2101, 1899}, nil},
		{"cross-shop discount", 10000, []int64{17799, 16081, 25900}, []int64{2977, 2690, 4333}, nil},
		{"red packet", 1000, []int64{14822, 13391, 21567}, []int64{298, 269, 433}, nil},
		{"chain, first", 5000, []int64{10000, 20000}, []int64{1667, 3333}, nil},
		{"chain, second", 10000, []int64{8333, 16667, 30000}, []int64{1515, 3030, 5455}, nil},
		{"chain, third", 15000, []int64{6818, 13637, 24545}, []int64{2273, 4546, 8181}, nil},
		{"the largest remainder wins, not the first line", 1, []int64{1, 2}, []int64{0, 1}, nil},
		{"a tie goes to the lower index", 1, []int64{7, 7}, []int64{1, 0}, nil},
		{"a tie behind a clear winner", 2, []int64{3, 2, 3, 4}, []int64{1, 0, 0, 1}, nil},
		{"a line of nothing gets nothing", 1, []int64{0, 5, 0}, []int64{0, 1, 0}, nil},
		{"more than the weights", 7, []int64{1, 1, 1}, []int64{3, 2, 2}, nil},
		{"the whole is the weights", 6, []int64{1, 2, 3}, []int64{1, 2, 3}, nil},
		{"nothing over something", 0, []int64{4, 5}, []int64{0, 0}, nil},
		{"nothing over nothing", 0, []int64{0, 0}, []int64{0, 0}, nil},
		{"nothing over nobody", 0, nil, []int64{}, nil},
		{"the top over halves of it", top, []int64{top / 2, top / 2}, []int64{top/2 + 1, top / 2}, nil},
		{"the top over the top", top, []int64{top}, []int64{top}, nil},
		{"something over nobody", 1, nil, nil, money.ErrWeights},
		{"something over nothing", 1, []int64{0, 0}, nil, money.ErrWeights},
		{"a negative total", -1, []int64{1}, nil, money.ErrRange},
		{"a negative weight", 1, []int64{2, -1}, nil, money.ErrRange},
		{"weights past the top", 1, []int64{top, 1}, nil, money.ErrRange},
	} {
		got, err := money.Apportion(c.total, c.weights)
		if !errors.Is(err, c.err) || !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, err, c.want, c.err)
		}
	}
}

// bigApportion follows the words of the rule: sort the lines by remainder, then by index.
func bigApportion(total int64, weights []int64) []int64 {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	shares, order := make([]int64, len(weights)), make([]int, len(weights))
	remainders := make([]*big.Int, len(weights))
	left := total
	for i, w := range weights {
		order[i] = i
		q, rem := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(total), big.NewInt(w)), sum, new(big.Int))
		shares[i], remainders[i] = q.Int64(), rem
		left -= shares[i]
	}
	sort.SliceStable(order, func(a, b int) bool { return remainders[order[a]].Cmp(remainders[order[b]]) > 0 })
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

// failer is what *testing.T and *rapid.T have in common here.
type failer interface{ Fatalf(string, ...any) }

// holdSplit checks an answer of Apportion against the oracle and against the promises of its comment.
func holdSplit(t failer, total int64, weights []int64) {
	before := slices.Clone(weights)
	got, err := money.Apportion(total, weights)
	if err != nil {
		t.Fatalf("apportion %d over %v: %v", total, weights, err)
	}
	if want := bigApportion(total, weights); !slices.Equal(got, want) {
		t.Fatalf("apportion %d over %v = %v; want %v", total, weights, got, want)
	}
	var sum, weight int64
	for i, share := range got {
		sum += share
		weight += weights[i]
	}
	if sum != total {
		t.Fatalf("shares of %d add up to %d", total, sum)
	}
	for i, share := range got {
		if share < 0 || total <= weight && share > weights[i] {
			t.Fatalf("share %d of weight %d, total %d of %d", share, weights[i], total, weight)
		}
	}
	if !slices.Equal(before, weights) {
		t.Fatalf("the weights were changed")
	}
}

// TestApportionAgainstBig covers the production range: 10^15 minor units over 1 to 1000 lines of up to
// 10^12 each. Small weights are drawn as well, because there ties are the rule.
func TestApportionAgainstBig(t *testing.T) {
	weight := rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, 100_000), rapid.Int64Range(0, 1e12))
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.OneOf(rapid.IntRange(1, 12), rapid.IntRange(1, 1000)).Draw(t, "lines")
		weights := rapid.SliceOfN(weight, lines, lines).Draw(t, "weights")
		weights[rapid.IntRange(0, lines-1).Draw(t, "heavy")]++
		holdSplit(t, rapid.Int64Range(0, 1e15).Draw(t, "total"), weights)
	})
}

// TestApportionDiscountNeverExceedsALine draws totals at most the sum of the weights.
func TestApportionDiscountNeverExceedsALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(1, 2_000), 1, 60).Draw(t, "weights")
		var sum int64
		for _, w := range weights {
			sum += w
		}
		holdSplit(t, rapid.Int64Range(0, sum).Draw(t, "total"), weights)
	})
}

// FuzzApportion reads bytes as a total and weights over all of int64.
func FuzzApportion(f *testing.F) {
	f.Add(int64(1000), []byte{0, 0, 0, 0, 0, 0, 3, 232, 0, 0, 0, 0, 0, 0, 3, 232, 0, 0, 0, 0, 0, 0, 3, 232})
	f.Add(int64(math.MaxInt64), []byte{127, 255, 255, 255, 255, 255, 255, 255})
	f.Add(int64(-1), []byte{})
	f.Fuzz(func(t *testing.T, total int64, data []byte) {
		weights := []int64{}
		sum, negative := new(big.Int), total < 0
		for ; len(data) >= 8; data = data[8:] {
			w := int64(binary.BigEndian.Uint64(data))
			weights = append(weights, w)
			negative = negative || w < 0
			sum.Add(sum, big.NewInt(w))
		}
		_, err := money.Apportion(total, weights)
		switch {
		case negative || !sum.IsInt64():
			if !errors.Is(err, money.ErrRange) {
				t.Fatalf("%v; want ErrRange", err)
			}
		case sum.Sign() == 0:
			if (total > 0) != errors.Is(err, money.ErrWeights) {
				t.Fatalf("%d over nothing: %v", total, err)
			}
		default:
			holdSplit(t, total, weights)
		}
	})
}

func TestUnitRefund(t *testing.T) {
	for _, c := range []struct {
		name           string
		paid, quantity int64
		want           []int64
	}{
		{"two units", 13122, 2, []int64{6561, 6561}},
		{"three units", 10000, 3, []int64{3333, 3333, 3334}},
		{"fewer fen than units", 2, 5, []int64{0, 0, 1, 0, 1}},
		{"a free line", 0, 2, []int64{0, 0}},
		{"one unit at the top", math.MaxInt64, 1, []int64{math.MaxInt64}},
	} {
		for k, want := range c.want {
			got, err := money.UnitRefund(c.paid, c.quantity, int64(k)+1)
			same(t, c.name, got, err, want, nil)
		}
	}
}

func TestUnitRefundRefuses(t *testing.T) {
	const top, bottom = math.MaxInt64, math.MinInt64
	for _, c := range [][4]int64{
		{-1, 1, 0, 1}, {1, 0, 0, 0}, {1, -1, 0, 0}, {1, 2, -1, 1}, {1, 2, 0, -1}, {1, 2, 0, 3}, {1, 2, 2, 1},
		{1, 2, 3, 0}, {1, top, top, 1}, {1, 2, 1, top}, {1, 2, bottom, top}, {1, 2, bottom, bottom},
	} {
		got, err := money.UnitsRefund(c[0], c[1], c[2], c[3])
		same(t, "units", got, err, 0, money.ErrRange)
	}
	for _, k := range []int64{0, -1, 4, bottom, top} {
		got, err := money.UnitRefund(10, 3, k)
		same(t, "unit", got, err, 0, money.ErrRange)
	}
}

// TestUnitsRefundIsTheSumOfItsUnits also checks that a refund in two parts gives back what one would.
func TestUnitsRefundIsTheSumOfItsUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paid, quantity := rapid.Int64Range(0, 1e15).Draw(t, "paid"), rapid.Int64Range(1, 300).Draw(t, "quantity")
		from := rapid.Int64Range(0, quantity).Draw(t, "from")
		n := rapid.Int64Range(0, quantity-from).Draw(t, "n")
		var sum int64
		for k := from + 1; k <= from+n; k++ {
			unit, err := money.UnitRefund(paid, quantity, k)
			if floor := paid / quantity; err != nil || unit != floor && unit != floor+1 {
				t.Fatalf("unit %d of %d gives %d, %v", k, quantity, unit, err)
			}
			sum += unit
		}
		if got, err := money.UnitsRefund(paid, quantity, from, n); err != nil || got != sum {
			t.Fatalf("units %d+%d of %d paid %d: %d, %v; want %d", from, n, quantity, paid, got, err, sum)
		}
		if all, err := money.UnitsRefund(paid, quantity, 0, quantity); err != nil || all != paid {
			t.Fatalf("all units give %d, %v; paid %d", all, err, paid)
		}
	})
}

// TestUnitsRefundAgainstBig takes lines of any size, where the product needs 128 bits.
func TestUnitsRefundAgainstBig(t *testing.T) {
	upto := func(paid, k, quantity int64) *big.Int {
		p := new(big.Int).Mul(big.NewInt(paid), big.NewInt(k))
		return p.Quo(p, big.NewInt(quantity))
	}
	rapid.Check(t, func(t *rapid.T) {
		paid := rapid.Int64Range(0, math.MaxInt64).Draw(t, "paid")
		quantity := rapid.Int64Range(1, math.MaxInt64).Draw(t, "quantity")
		from := rapid.Int64Range(0, quantity).Draw(t, "from")
		n := rapid.Int64Range(0, quantity-from).Draw(t, "n")
		got, err := money.UnitsRefund(paid, quantity, from, n)
		want := new(big.Int).Sub(upto(paid, from+n, quantity), upto(paid, from, quantity))
		agree(t, "units", got, err, want)
	})
}
