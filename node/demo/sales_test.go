package demo

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/place"
	"hutong/node"
)

// TestTheDemoHasARunningSession: the session of this hour is on sale, ends on the hour, and is seeded once.
func TestTheDemoHasARunningSession(t *testing.T) {
	at := time.Date(2026, 11, 11, 4, 20, 0, 0, time.UTC)
	m, err := node.Open(t.Context(), node.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "market.db"), Dir: t.TempDir(),
		Clock: clock.NewManual(at)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 2 {
		if _, err := Seed(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	hall, err := m.Flash.Hall(t.Context())
	if err != nil || len(hall) < 2 {
		t.Fatal(hall, err)
	}
	all, err := m.Campaigns.Campaigns(t.Context(), "", 10)
	if err != nil || len(all) != 5 {
		t.Fatal(len(all), err)
	}
	holdsPlaces(t, m, all)
	now := hall[slices.IndexFunc(hall, func(s flash.Sitting) bool { return s.Channel == campaign.Seckill })]
	if now.Stage != campaign.Spot || !now.Window.Until.Equal(at.Truncate(time.Hour).Add(time.Hour)) || len(now.Items) != perSession {
		t.Fatalf("%+v", now)
	}
	for _, i := range now.Items {
		if i.State != flash.OnSale || i.Left != piecesPledged {
			t.Errorf("%+v", i.View)
		}
	}
	if len(m.Campaigns.Live().Campaigns) != 5 {
		t.Error("shops have nothing to join")
	}
	presold := 0
	for i := range m.Campaigns.Live().Items {
		if item := &m.Campaigns.Live().Items[i]; item.Stage == campaign.Earnest && item.InForce(at) {
			presold++
		}
	}
	if presold != 1 {
		t.Errorf("%d things are sold for earnest money", presold)
	}
}

// holdsPlaces looks at the sales whose places are sold: one sells what has them, and in the other one bids stand in
// several states, one of them the merchant's to pay, which its deposit covers.
func holdsPlaces(t *testing.T, m *node.Market, all []campaign.Campaign) {
	t.Helper()
	stages := map[place.Stage]int{}
	for _, c := range all {
		openings, err := m.Places.Openings(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range openings {
			bids, err := m.Places.Bids(t.Context(), o.ID, "", place.PageMax)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range bids {
				stages[b.Stage(o, m.Clock.Now())]++
			}
		}
	}
	want := map[place.Stage]int{place.Live: 2, "paid": 1, "shortlisted": 1, "applied": 1, "refused": 1}
	if !maps.Equal(stages, want) {
		t.Errorf("places: %v, want %v", stages, want)
	}
}
