package login

import "sync"

// cache keeps the most used values in bounded memory: a young half and an old one. What is used moves to the young
// half; when that is full it becomes the old one and the old one is dropped.
type cache[V any] struct {
	half int

	mu         sync.RWMutex
	young, old map[string]V
}

func newCache[V any](most int) *cache[V] {
	return &cache[V]{half: max(1, most/2), young: map[string]V{}, old: map[string]V{}}
}

func (c *cache[V]) get(key string) (v V, ok bool) {
	c.mu.RLock()
	v, ok = c.young[key]
	c.mu.RUnlock()
	if ok {
		return v, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok = c.young[key]; ok { // another caller moved it in between
		return v, true
	}
	if v, ok = c.old[key]; ok {
		c.set(key, v)
	}
	return v, ok
}

func (c *cache[V]) put(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(key, v)
}

// change replaces the value of key by what f makes of it, in one step.
func (c *cache[V]) change(key string, f func(was V, ok bool) V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, ok := c.young[key]
	if !ok {
		was, ok = c.old[key]
	}
	c.set(key, f(was, ok))
}

func (c *cache[V]) set(key string, v V) {
	if _, there := c.young[key]; !there && len(c.young) >= c.half {
		c.old, c.young = c.young, make(map[string]V, c.half)
	}
	c.young[key] = v
}

func (c *cache[V]) len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.young) + len(c.old)
}
