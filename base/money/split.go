package money

import "math/bits"

// Apportion splits total over the weights by largest remainder: everyone gets the floor of its exact
// share, and the minor units left over go one each to the largest remainders, on a tie to the lower
// index. The shares add up to total, and where total is at most the sum of the weights no share
// exceeds its weight; so a discount never makes a line negative.
//
// A negative argument or a sum of weights that does not fit is ErrRange; a total above zero over
// weights that are all zero is ErrWeights. The answer is the only allocation.
func Apportion(total int64, weights []int64) ([]int64, error) {
	sum, err := weigh(total, weights)
	if err != nil {
		return nil, err
	}
	shares := make([]int64, len(weights))
	if total == 0 {
		return shares, nil
	}
	// First the remainders: shares is their scratch space until the winners are known.
	left := uint64(total)
	for i, w := range weights {
		q, rem := divide(uint64(total), uint64(w), sum)
		left -= q
		shares[i] = int64(rem)
	}
	cut, ties := winners(shares, int64(left))
	for i, w := range weights {
		rem := shares[i]
		q, _ := divide(uint64(total), uint64(w), sum)
		shares[i] = int64(q)
		switch {
		case rem > cut:
			shares[i]++
		case rem == cut && ties > 0:
			shares[i]++
			ties--
		}
	}
	return shares, nil
}

// weigh checks the arguments of Apportion and adds the weights up.
func weigh(total int64, weights []int64) (uint64, error) {
	if total < 0 {
		return 0, ErrRange
	}
	var sum int64
	for _, w := range weights {
		if sum+w < sum { // a negative weight, or a sum that wrapped
			return 0, ErrRange
		}
		sum += w
	}
	if sum == 0 && total > 0 {
		return 0, ErrWeights
	}
	return uint64(sum), nil
}

// winners finds the remainder that the last of n winners has, and how many winners have exactly it.
// It halves the range of possible remainders, which needs neither a sorted copy nor an allocation and
// at most 63 looks at each line. With n = 0 all remainders are zero, and so are both answers.
func winners(remainders []int64, n int64) (cut, ties int64) {
	var high int64
	for _, rem := range remainders {
		high = max(high, rem)
	}
	low := int64(0) // at least n remainders are >= low; fewer than n are > high
	for low < high {
		mid := high - (high-low)/2
		if reach(remainders, mid) >= n {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low, n - reach(remainders, low+1)
}

// reach counts the remainders that are at least v.
func reach(remainders []int64, v int64) int64 {
	var n int64
	for _, rem := range remainders {
		if rem >= v {
			n++
		}
	}
	return n
}

// divide returns a × b / c and its remainder, exact in 128 bits. The callers keep a below 2^63 and
// b <= c, so the quotient fits.
func divide(a, b, c uint64) (quotient, remainder uint64) {
	hi, lo := bits.Mul64(a, b)
	return bits.Div64(hi, lo, c)
}

// UnitRefund returns what the k-th unit (the first is 1) of a line gives back that was paid for quantity
// units: ⌊paid·k/quantity⌋ − ⌊paid·(k−1)/quantity⌋. All units together give back exactly paid.
func UnitRefund(paid, quantity, k int64) (int64, error) {
	if k < 1 {
		return 0, ErrRange
	}
	return UnitsRefund(paid, quantity, k-1, 1)
}

// UnitsRefund returns the sum of UnitRefund over the n units after the first from, without a loop.
// Paid, from and n are at least 0, quantity at least 1 and from+n at most quantity; else ErrRange.
func UnitsRefund(paid, quantity, from, n int64) (int64, error) {
	if paid < 0 || quantity < 1 || from < 0 || n < 0 || from > quantity || n > quantity-from {
		return 0, ErrRange
	}
	upto, _ := divide(uint64(paid), uint64(from+n), uint64(quantity))
	before, _ := divide(uint64(paid), uint64(from), uint64(quantity))
	return int64(upto - before), nil
}
