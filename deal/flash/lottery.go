package flash

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"hutong/deal/campaign"
)

// Commitment is what is published before a draw: SHA-256 of the seed, in hex. After the draw the seed is published, and
// everybody can see that it is the one.
func Commitment(seed []byte) string {
	sum := sha256.Sum256(seed)
	return hex.EncodeToString(sum[:])
}

// Rank is an entrant's number in the draw: HMAC-SHA256 of the entrant's name with the seed as key. The lowest win.
func Rank(seed []byte, entrant string) []byte {
	h := hmac.New(sha256.New, seed)
	h.Write([]byte(entrant))
	return h.Sum(nil)
}

// Winners are the first k entrants in the order of their ranks. They follow from the seed and the names alone: neither
// the order in which people entered nor anything else counts.
func Winners(seed []byte, entrants []string, k int) []string {
	type ranked struct {
		name string
		rank []byte
	}
	all := make([]ranked, len(entrants))
	for i, e := range entrants {
		all[i] = ranked{e, Rank(seed, e)}
	}
	slices.SortFunc(all, func(a, b ranked) int { return bytes.Compare(a.rank, b.rank) })
	won := make([]string, 0, max(k, 0))
	for _, r := range all[:min(max(k, 0), len(all))] {
		won = append(won, r.name)
	}
	return won
}

// drawLead is how long before the sale a lottery closes and is drawn, so that winners can be told.
const drawLead = 10 * time.Minute

// Closes is when no more appointments are taken for an item: when the sale begins, and for a lottery a while before.
func Closes(i *campaign.Item) time.Time {
	closes := i.From
	if early := i.From.Add(-drawLead); i.Lottery && early.After(i.Warmup) {
		closes = early
	}
	return closes
}

// Lots is how many entrants of an item's lottery win: each may buy up to the limit, and one does where the limit is
// more than there is.
func Lots(i *campaign.Item) int64 { return max(i.Quantity/max(i.PerShopper, 1), 1) }

// Lottery is what is published about the lottery of an item.
type Lottery struct {
	Item       campaign.EnrolmentID
	Commitment string // before the draw
	Lots       int64  // how many win
	Closes     time.Time
	Drawn      time.Time // zero while it is not
	Seed       string    // hex, "" before the draw
	Entrants   int64     // 0 before the draw
	LastRank   string    // hex; whose rank is not above it has won
}
