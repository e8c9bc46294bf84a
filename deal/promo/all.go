package promo

import "iter"

// All are the promotions of the set, in their order; they must not be changed.
func (r *Rules) All() iter.Seq[*Promotion] {
	return func(yield func(*Promotion) bool) {
		for i := range r.rules {
			if !yield(r.rules[i].promotion) {
				return
			}
		}
	}
}
