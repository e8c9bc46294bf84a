package voucher

import "sync"

// kept holds what can be made again at any time, up to a number of things: one more, and all are made again as they are
// asked for. It is safe for concurrent use.
type kept[K comparable, V any] struct {
	mu   sync.RWMutex
	most int
	all  map[K]V
}

func keep[K comparable, V any](most int) *kept[K, V] { return &kept[K, V]{most: most, all: map[K]V{}} }

func (k *kept[K, V]) get(key K) (v V, there bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	v, there = k.all[key]
	return v, there
}

func (k *kept[K, V]) put(key K, v V) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.all) >= k.most {
		clear(k.all)
	}
	k.all[key] = v
}
