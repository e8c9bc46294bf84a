package intake

// Assembly puts the rows of one product together again when a file scatters them: a first look over the file says how
// many rows each product has (Expect), the second hands the rows over (Add) and gets each product as soon as its last
// row is there. So only what is open at one time is held, and that within a budget.
type Assembly[T any] struct {
	left  map[string]int // rows still to come
	held  map[string]*held[T]
	bytes int
	max   int
}

type held[T any] struct {
	rows   []T
	bytes  int
	broken bool // was refused; what still comes is refused too
}

// HeldMax is the budget of an Assembly, in bytes of text.
const HeldMax = 64 << 20

// IndexMax is how many scattered rows a file may have.
const IndexMax = 1_000_000

// NewAssembly makes an Assembly that holds at most that many bytes.
func NewAssembly[T any](heldMax int) *Assembly[T] {
	return &Assembly[T]{left: map[string]int{}, held: map[string]*held[T]{}, max: heldMax}
}

// Expect says that one more row belongs to the product. It is false when the file has too many.
func (a *Assembly[T]) Expect(product string) bool {
	if a.left[product] == 0 && len(a.left) >= IndexMax {
		return false
	}
	a.left[product]++
	return true
}

// Expects tells whether rows of that product are still to come.
func (a *Assembly[T]) Expects(product string) bool { return a.left[product] > 0 }

// Add takes one row of size bytes. Once the last row of its product is there, it gives all of them in the file's order.
// With refused, the rows that it gives are more than the budget holds.
func (a *Assembly[T]) Add(product string, row T, size int) (rows []T, refused bool) {
	h := a.held[product]
	if h == nil {
		h = &held[T]{}
		a.held[product] = h
	}
	a.left[product]--
	last := a.left[product] <= 0
	if last {
		delete(a.left, product)
		delete(a.held, product)
	}
	if h.broken {
		return []T{row}, true
	}
	h.rows = append(h.rows, row)
	if last {
		a.bytes -= h.bytes
		return h.rows, false
	}
	h.bytes += size
	a.bytes += size
	if a.bytes <= a.max {
		return nil, false
	}
	a.bytes -= h.bytes
	rows, h.rows, h.broken = h.rows, nil, true
	return rows, true
}
