package event

import "sync"

// Hub wakes whoever waits for news of a subject, such as an order page that is open. It carries no news itself: a woken
// page reads the tables again, and a lost wake-up costs a delay, never a fact.
type Hub struct {
	mu   sync.Mutex
	subs map[string]map[chan struct{}]bool
}

// NewHub makes an empty Hub.
func NewHub() *Hub { return &Hub{subs: map[string]map[chan struct{}]bool{}} }

// Publish wakes all subscribers of the subject. It never blocks: a subscriber who has not yet looked is woken once.
func (h *Hub) Publish(subject string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subs[subject] {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Subscribe gives a channel that is woken on news of the subject, and a function that ends the subscription.
func (h *Hub) Subscribe(subject string) (news <-chan struct{}, cancel func()) {
	ch := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs[subject] == nil {
		h.subs[subject] = map[chan struct{}]bool{}
	}
	h.subs[subject][ch] = true
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs[subject], ch)
		if len(h.subs[subject]) == 0 {
			delete(h.subs, subject)
		}
	}
}
