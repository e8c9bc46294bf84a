package event

import (
	"sync"
	"time"

	"hutong/base/fault"
)

// A waiting page costs a connection and a goroutine; a person has a few of one subject open at most.
const (
	listenersEach = 16
	listenersMax  = 20_000
)

// Hub wakes whoever waits for news of a subject, such as an order page that is open. It carries no news itself: a woken
// page reads the tables again, and a lost wake-up costs a delay, never a fact.
type Hub struct {
	mu   sync.Mutex
	subs map[string]map[chan struct{}]bool
	all  int // subscribers of all subjects
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

// Subscribe gives a channel that is woken on news of the subject, and a function that ends the subscription, which is
// called once. Code: event.listeners (16 wait for this subject already, or 20,000 in all).
func (h *Hub) Subscribe(subject string) (news <-chan struct{}, cancel func(), err error) {
	ch := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs[subject]) >= listenersEach || h.all >= listenersMax {
		return nil, nil, fault.New(fault.Limited, "event.listeners").After(time.Minute)
	}
	h.all++
	if h.subs[subject] == nil {
		h.subs[subject] = map[chan struct{}]bool{}
	}
	h.subs[subject][ch] = true
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.all--
		delete(h.subs[subject], ch)
		if len(h.subs[subject]) == 0 {
			delete(h.subs, subject)
		}
	}, nil
}
