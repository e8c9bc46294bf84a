package job

import (
	"context"
	"errors"
	"slices"

	"hutong/base/fault"
)

// Walk reads what is due in bounded pages and has it done. What cannot be done, or stays due for another reason, is
// passed: however much of it stands in front, what comes after it is reached in the same run. A run in which all goes
// well ends after its first page, for a job that found work is called again at once.
//
// due reads up to limit of what is due, always in the same order; key names one; work does some and tells how many it
// did.
func Walk[T any, K comparable](ctx context.Context, page int, key func(T) K, due func(limit int) ([]T, error),
	work func([]T) (int, error)) (done int, err error) {
	var failed []error
	tried := map[K]bool{}
	for limit := page; ; {
		all, err := due(limit)
		if err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		fresh := slices.DeleteFunc(slices.Clone(all), func(one T) bool { return tried[key(one)] })
		switch {
		case len(fresh) == 0 && len(all) < limit:
			return done, passed(failed...)
		case len(fresh) == 0: // the whole page cannot be done now
			limit += page
			continue
		}
		first := len(tried) == 0
		fresh = fresh[:min(len(fresh), page)]
		for _, one := range fresh {
			tried[key(one)] = true
		}
		n, err := work(fresh)
		done += n
		if err != nil {
			failed = append(failed, err)
		}
		if first && n == len(fresh) || ctx.Err() != nil || away(err) {
			return done, errors.Join(failed...)
		}
	}
}

// Halves does what is due at once or, where something in it cannot be done, its halves, until that one is alone: it
// keeps nothing else waiting, and is the error. work does all of some or, with an error, nothing of it.
func Halves[T any](ctx context.Context, due []T, work func([]T) (int, error)) (done int, err error) {
	if done, err = work(due); err == nil {
		return done, nil
	}
	if ctx.Err() != nil || away(err) { // the database's, nobody's in it
		return 0, err
	}
	if len(due) == 1 {
		return 0, round{err}
	}
	half := len(due) / 2
	first, err := Halves(ctx, due[:half], work)
	second, other := Halves(ctx, due[half:], work)
	return first + second, errors.Join(err, other)
}

// Self is the key of what is its own name.
func Self[K comparable](k K) K { return k }

// away tells whether one of the errors is that the database is not there.
func away(err error) bool {
	if r, ok := err.(round); ok {
		err = r.error
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			if away(one) {
				return true
			}
		}
		return false
	}
	return err != nil && fault.Of(err) == fault.Unavailable
}
