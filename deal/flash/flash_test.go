package flash

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/goods/stock"
)

var noon = time.Date(2026, 11, 11, 4, 0, 0, 0, time.UTC)

func item() *campaign.Item {
	return &campaign.Item{ID: "enr_1", Version: 3, Terms: campaign.Terms{Price: 990, Quantity: 100, PerShopper: 1},
		Warmup: noon.Add(-2 * time.Hour), From: noon, Until: noon.Add(time.Hour)}
}

func TestWhatShoppersAreTold(t *testing.T) {
	pool := func(held, sold, shipped int64) stock.Pool {
		return stock.Pool{Open: true, Received: 100, Held: held, Sold: sold, Shipped: shipped}
	}
	closed := pool(10, 0, 0)
	closed.Open = false
	for _, x := range []struct {
		name string
		p    stock.Pool
		at   time.Duration
		want View
	}{
		{"before", pool(0, 0, 0), -time.Millisecond, View{State: Warming}},
		{"begun", pool(0, 0, 0), 0, View{State: OnSale}},
		{"eleven left", pool(29, 50, 10), 1, View{State: OnSale, Unpaid: 29, Taken: 89}},
		{"ten left", pool(30, 50, 10), 1, View{State: OnSale, Unpaid: 30, Taken: 90, Low: true, Left: 10}},
		{"others are still paying", pool(12, 88, 0), 1, View{State: Paying, Unpaid: 12, Taken: 100}},
		{"all are paid", pool(0, 88, 12), 1, View{State: SoldOut, Taken: 100}},
		{"closed by the operator", closed, 1, View{State: SoldOut, Unpaid: 10, Taken: 10}},
		{"over", pool(0, 10, 0), time.Hour, View{State: Over, Taken: 10}},
	} {
		if got := ViewOf(item(), x.p, noon.Add(x.at)); got != x.want {
			t.Errorf("%s: %+v, want %+v", x.name, got, x.want)
		}
	}
}

// TestR22_TermsThatChangedNeedConsent: a ticket with terms that are not those of now is refused with the terms of now;
// whoever comes back with these has agreed.
func TestR22_TermsThatChangedNeedConsent(t *testing.T) {
	i := item()
	ticket := TicketOf(i)
	if _, err := ticket.Redeem(i, 1990, noon); err != nil {
		t.Fatal("the same terms:", err)
	}
	grown := *i
	grown.Version, grown.Quantity = 4, 200
	if _, err := ticket.Redeem(&grown, 1990, noon); err != nil {
		t.Fatal("more pieces are no worse terms:", err)
	}
	for name, x := range map[string]struct {
		now  *campaign.Item
		at   time.Time
		code string
		want int64
	}{
		"withdrawn": {nil, noon, "flash.withdrawn", 1990},
		"over":      {i, i.Until, "flash.withdrawn", 1990},
		"cheaper":   {&campaign.Item{ID: i.ID, Version: 4, Terms: campaign.Terms{Price: 890}, From: i.From, Until: i.Until}, noon, "flash.terms_changed", 890},
	} {
		fresh, err := ticket.Redeem(x.now, 1990, x.at)
		if !fault.Is(err, x.code) || fault.Of(err) != fault.Conflict || fresh.Price != x.want {
			t.Errorf("%s: %+v %v", name, fresh, err)
		}
		if p := fault.As(err).Params; p[0].Value != int64(990) || p[1].Value != x.want {
			t.Errorf("%s: %v", name, p)
		}
		if again, err := fresh.Redeem(x.now, 1990, x.at); err != nil || again != fresh {
			t.Errorf("%s: consent is not taken: %v", name, err)
		}
		if _, err := fresh.Redeem(x.now, 2090, x.at); x.code == "flash.withdrawn" && err == nil {
			t.Errorf("%s: another price was agreed to", name)
		}
	}
}

// offline draws lots as a shopper would with nothing but the published seed: no code of this room.
func offline(seedHex string, names []string, k int) []string {
	seed, _ := hex.DecodeString(seedHex)
	rank := func(n string) string {
		h := hmac.New(sha256.New, seed)
		h.Write([]byte(n))
		return hex.EncodeToString(h.Sum(nil))
	}
	all := slices.Clone(names)
	slices.SortFunc(all, func(a, b string) int {
		if rank(a) < rank(b) {
			return -1
		}
		return 1
	})
	return all[:min(k, len(all))]
}

func TestADrawFollowsFromSeedAndNamesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`shr_[a-z0-9]{4}`), 0, 40, rapid.ID[string]).Draw(t, "names")
		k := rapid.IntRange(0, 50).Draw(t, "k")
		won := Winners(seed, names, k)
		if len(won) != min(k, len(names)) || !slices.Equal(won, offline(hex.EncodeToString(seed), names, k)) {
			t.Fatal(won)
		}
		shuffled := rapid.Permutation(names).Draw(t, "order")
		if !slices.Equal(won, Winners(seed, shuffled, k)) {
			t.Fatal("the order of entry counts")
		}
		if more := Winners(seed, append(slices.Clone(names), "shr_late!"), k+1); k < len(names) && !contains(more, won) {
			t.Fatal("one entrant more with one lot more took somebody's lot")
		}
	})
}

func contains(all, some []string) bool {
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return true
}

// TestOddsAreEven: over many seeds everybody wins about as often.
func TestOddsAreEven(t *testing.T) {
	names := make([]string, 20)
	for i := range names {
		names[i] = fmt.Sprint("shr_", i)
	}
	wins := map[string]int{}
	for n := range 4000 {
		seed := sha256.Sum256([]byte(fmt.Sprint(n)))
		for _, w := range Winners(seed[:], names, 5) {
			wins[w]++
		}
	}
	for _, n := range names {
		if wins[n] < 850 || wins[n] > 1150 { // 1000 expected, deviation 27
			t.Errorf("%s won %d times of 4000", n, wins[n])
		}
	}
}

func TestALotteryClosesBeforeTheSale(t *testing.T) {
	i := item()
	if !Closes(i).Equal(noon) || Lots(i) != 100 {
		t.Error(Closes(i), Lots(i))
	}
	i.Lottery, i.PerShopper = true, 3
	if !Closes(i).Equal(noon.Add(-10*time.Minute)) || Lots(i) != 33 {
		t.Error(Closes(i), Lots(i))
	}
	i.Warmup, i.PerShopper = noon.Add(-5*time.Minute), 0
	if !Closes(i).Equal(noon) || Lots(i) != 100 {
		t.Error(Closes(i), Lots(i))
	}
}
