package promo

import (
	"math/bits"

	"hutong/base/money"
)

// split is money.Apportion into a slice that is there already. Where the products fit 64 bits and the parts are few,
// as in nearly every basket, it needs neither 128-bit divisions nor memory; a test holds the two against each other.
// The callers keep what is asked: total is at most the sum of the weights, or the weights are the parts of a whole.
func split(shares []int64, total int64, weights []int64) error {
	var sum, largest int64
	for _, w := range weights {
		sum += w
		largest = max(largest, w)
	}
	if hi, lo := bits.Mul64(uint64(total), uint64(largest)); hi != 0 || lo>>63 != 0 || len(weights) > fewLines {
		exact, err := money.Apportion(total, weights)
		copy(shares, exact)
		return err
	}
	if total == 0 || sum == 0 {
		clear(shares)
		if total > 0 {
			return money.ErrWeights
		}
		return nil
	}
	var remainders [fewLines]int64
	left := total
	for i, w := range weights {
		product := uint64(total) * uint64(w)
		share := product / uint64(sum)
		shares[i], remainders[i] = int64(share), int64(product-share*uint64(sum))
		left -= int64(share)
	}
	for ; left > 0; left-- { // fewer rounds than parts
		best := 0
		for i := range weights {
			if remainders[i] > remainders[best] {
				best = i
			}
		}
		shares[best]++
		remainders[best] = -1
	}
	return nil
}
