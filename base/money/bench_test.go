package money_test

import (
	"fmt"
	"testing"

	"hutong/base/money"
)

// uneven makes n weights that leave remainders.
func uneven(n int) []int64 {
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = 1990 + int64(i)*7919%100_003
	}
	return weights
}

// TestNothingIsAllocatedBesideTheAnswer keeps the arithmetic of the hot path off the heap.
func TestNothingIsAllocatedBesideTheAnswer(t *testing.T) {
	weights, m := uneven(500), money.New(1990, cny)
	for name, c := range map[string]struct {
		allowed int
		run     func() error
	}{
		"apportion": {1, func() error { _, err := money.Apportion(99_999, weights); return err }},
		"rate":      {0, func() error { _, err := m.Rate(6000, money.RoundHalfUp); return err }},
		"refund":    {0, func() error { _, err := money.UnitsRefund(10_000, 3, 1, 2); return err }},
		"sum":       {0, func() error { _, err := money.Sum(cny, m, m, m); return err }},
		"parse":     {0, func() error { _, err := money.ParseMinor("1234.50", cny); return err }},
	} {
		var err error
		if n := testing.AllocsPerRun(100, func() { err = c.run() }); int(n) > c.allowed || err != nil {
			t.Errorf("%s allocates %v times, %v; allowed %v", name, n, err, c.allowed)
		}
	}
}

func BenchmarkApportion(b *testing.B) {
	for _, lines := range []int{3, 30, 1000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			weights := uneven(lines)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := money.Apportion(99_999, weights); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := money.Rate(123_456_789, 6000, money.RoundHalfUp); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	for _, lang := range []string{"zh-CN", "en", "de-DE"} {
		b.Run(lang, func(b *testing.B) {
			m := money.New(123_450, cny)
			b.ReportAllocs()
			for b.Loop() {
				m.Format(lang)
			}
		})
	}
}

func BenchmarkDecimal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		money.New(123_450, cny).Decimal()
	}
}
