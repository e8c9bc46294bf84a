package node

import (
	"sync"
	"time"

	"hutong/party/login"
)

// denialsMax bounds the refusals that one node records in an hour, whoever tries.
const denialsMax = 2000

// denials knows which refusals of this hour are in the record already, once for each login and route.
type denials struct {
	mu   sync.Mutex
	hour int64
	seen map[denial]bool
}

type denial struct {
	who   login.ID
	route string
}

// first tells whether a refusal is to be recorded.
func (d *denials) first(who login.ID, route string, at time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if hour := at.Unix() / 3600; d.seen == nil || hour != d.hour {
		d.hour, d.seen = hour, map[denial]bool{}
	}
	if d.seen[denial{who, route}] || len(d.seen) >= denialsMax {
		return false
	}
	d.seen[denial{who, route}] = true
	return true
}
