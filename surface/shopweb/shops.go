package shopweb

import (
	"context"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/party/merchant"
	"hutong/surface/page"
)

// directoryFor is how long a shop's new name may take to be seen.
const directoryFor = 5 * time.Second

// directory keeps all shops at hand: every card names one.
type directory struct {
	load  func(context.Context) ([]merchant.Shop, error)
	clock clock.Clock

	mu    sync.Mutex
	all   []merchant.Shop
	byID  map[string]merchant.Shop
	until time.Time
}

func newDirectory(c clock.Clock, load func(context.Context) ([]merchant.Shop, error)) *directory {
	return &directory{load: load, clock: c}
}

// list is all shops, the oldest first, and the same by id. Neither is to be changed.
func (d *directory) list(ctx context.Context) ([]merchant.Shop, map[string]merchant.Shop, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := clock.Now(ctx, d.clock)
	if d.byID != nil && now.Before(d.until) {
		return d.all, d.byID, nil
	}
	all, err := d.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	byID := make(map[string]merchant.Shop, len(all))
	for _, s := range all {
		byID[string(s.ID)] = s
	}
	d.all, d.byID, d.until = all, byID, now.Add(directoryFor)
	return all, byID, nil
}

// shopCardOf is what a page says of a shop.
func shopCardOf(l text.Lang, s merchant.Shop) shopCard {
	c := shopCard{Href: "/shop/" + s.Code, Name: s.Name.Pick(l), Intro: s.Intro.Pick(l), Tint: page.TintOf(s.Code)}
	c.Logo = pictureURL(s.Logo, small)
	for _, first := range c.Name {
		c.Initial = string(first)
		break
	}
	return c
}
