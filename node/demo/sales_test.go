package demo

import (
	"path/filepath"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/deal/campaign"
	"hutong/deal/flash"
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
	now := hall[0]
	if now.Stage != campaign.Spot || !now.Window.Until.Equal(at.Truncate(time.Hour).Add(time.Hour)) || len(now.Items) != perSession {
		t.Fatalf("%+v", now)
	}
	for _, i := range now.Items {
		if i.State != flash.OnSale || i.Left != piecesPledged {
			t.Errorf("%+v", i.View)
		}
	}
	all, err := m.Campaigns.Campaigns(t.Context(), "", 10)
	if err != nil || len(all) != 3 {
		t.Fatal(len(all), err)
	}
	if len(m.Campaigns.Live().Campaigns) != 3 {
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
