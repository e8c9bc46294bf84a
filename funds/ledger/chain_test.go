package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/id"
	"hutong/base/money"
)

var noon = time.Date(2026, 11, 11, 4, 0, 0, 0, time.UTC)

func sample() Transfer {
	return Transfer{Debit: Wallet("redbean"), Credit: Escrow, Amount: 48780, Currency: "CNY", Kind: Capture,
		Order: "ord_1", Line: 2, Shop: "shp_1", Ref: "att_1", Seq: 7, At: noon}
}

// TestLink_ByHand writes the entry out byte by byte, so that the stored format cannot change unnoticed: books that
// were written yesterday must check tomorrow.
func TestLink_ByHand(t *testing.T) {
	prev := sha256.Sum256([]byte("before"))
	entry := hex.EncodeToString(prev[:]) +
		"00000003" + hex.EncodeToString([]byte("CNY")) +
		"0000000e" + hex.EncodeToString([]byte("wallet:redbean")) +
		"00000006" + hex.EncodeToString([]byte("escrow")) +
		"00000003" + hex.EncodeToString([]byte("CNY")) +
		"00000007" + hex.EncodeToString([]byte("capture")) +
		"00000005" + hex.EncodeToString([]byte("ord_1")) +
		"00000005" + hex.EncodeToString([]byte("shp_1")) +
		"00000005" + hex.EncodeToString([]byte("att_1")) +
		"0000000000000007" + "00065ff83a9a9000" + "000000000000be8c" + "0000000000000002"
	raw, err := hex.DecodeString(entry)
	if err != nil {
		t.Fatal(err)
	}
	var l linker
	tr := sample()
	if got, want := l.link(prev, &tr), sha256.Sum256(raw); got != want {
		t.Errorf("link is %x, by hand it is %x", got, want)
	}
}

// changes are all the ways to tamper with what a link covers.
var changes = map[string]func(*Transfer){
	"debit":    func(t *Transfer) { t.Debit = Wallet("bluebean") },
	"credit":   func(t *Transfer) { t.Credit = Suspense },
	"amount":   func(t *Transfer) { t.Amount++ },
	"currency": func(t *Transfer) { t.Currency = "USD" },
	"kind":     func(t *Transfer) { t.Kind = SuspenseIn },
	"order":    func(t *Transfer) { t.Order += "x" },
	"line":     func(t *Transfer) { t.Line++ },
	"shop":     func(t *Transfer) { t.Shop = "" },
	"ref":      func(t *Transfer) { t.Ref = "att_2" },
	"seq":      func(t *Transfer) { t.Seq++ },
	"at":       func(t *Transfer) { t.At = t.At.Add(time.Microsecond) },
	// The boundary between two texts moves; without lengths the entry would be the same.
	"boundary": func(t *Transfer) { t.Order, t.Shop = "ord_1s", "hp_1" },
}

func TestLink_CoversEveryField(t *testing.T) {
	var l linker
	tr := sample()
	was := l.link(sha256.Sum256(nil), &tr)
	for name, change := range changes {
		other := sample()
		change(&other)
		if l.link(sha256.Sum256(nil), &other) == was {
			t.Errorf("a changed %s is not seen", name)
		}
	}
	if l.link(sha256.Sum256([]byte("x")), &tr) == was {
		t.Error("the link before is not covered")
	}
}

func sealed(n int, chain money.Currency) []Transfer {
	var l linker
	var h head
	ts := make([]Transfer, n)
	for i := range ts {
		ts[i] = sample()
		ts[i].Currency = chain
		l.seal(&h, noon.Add(time.Duration(i)*time.Second), &ts[i])
	}
	return ts
}

func walk(ts []Transfer, h head) []Break {
	c := checker{chain: "CNY"}
	for i := range ts {
		c.add(&ts[i])
	}
	c.end(h)
	return c.breaks
}

func endOf(ts []Transfer) head {
	h, _ := parseHash(ts[len(ts)-1].Hash)
	return head{ts[len(ts)-1].Seq, h}
}

func TestChecker_NamesTheRow(t *testing.T) {
	good := sealed(5, "CNY")
	end := endOf(good)
	if breaks := walk(good, end); len(breaks) != 0 {
		t.Fatalf("an untouched chain: %v", breaks)
	}
	cases := map[string]struct {
		change func(ts []Transfer) []Transfer
		want   Break
	}{
		"amount": {func(ts []Transfer) []Transfer { ts[2].Amount++; return ts }, Break{"CNY", 3, good[2].ID, "hash"}},
		"removed": {func(ts []Transfer) []Transfer { return append(ts[:2], ts[3:]...) },
			Break{"CNY", 3, "", "missing"}},
		"hash": {func(ts []Transfer) []Transfer { ts[2].Hash = "?"; return ts }, Break{"CNY", 3, good[2].ID, "hash"}},
		"id":   {func(ts []Transfer) []Transfer { ts[2].ID = good[1].ID; return ts }, Break{"CNY", 3, good[1].ID, "id"}},
		"currency": {func(ts []Transfer) []Transfer { ts[2].Currency = "USD"; return ts },
			Break{"CNY", 3, good[2].ID, "currency"}},
		"cut off": {func(ts []Transfer) []Transfer { return ts[:4] }, Break{"CNY", 5, "", "head"}},
	}
	for name, c := range cases {
		breaks := walk(c.change(append([]Transfer(nil), good...)), end)
		if len(breaks) == 0 || breaks[0] != c.want {
			t.Errorf("%s: %v, want %v first", name, breaks, c.want)
		}
	}
}

// TestChecker_RehashedRow: whoever also writes the hash that fits is found at the next row, and whoever rewrites all
// that follows is found at the head.
func TestChecker_RehashedRow(t *testing.T) {
	good := sealed(5, "CNY")
	end := endOf(good)
	for _, upTo := range []int{3, 5} {
		ts := append([]Transfer(nil), good...)
		ts[2].Amount++
		var l linker
		h := endOf(good[:2])
		for i := 2; i < upTo; i++ {
			l.seal(&h, ts[i].At, &ts[i])
		}
		want := Break{"CNY", 4, good[3].ID, "hash"}
		if upTo == 5 {
			want = Break{"CNY", 5, "", "head"}
		}
		if breaks := walk(ts, end); len(breaks) != 1 || breaks[0] != want {
			t.Errorf("rewritten up to %d: %v, want %v", upTo, breaks, want)
		}
	}
}

func TestChecker_ListIsBounded(t *testing.T) {
	ts := sealed(1, "CNY")
	ts[0].Seq = 1 << 40
	if breaks := walk(ts, head{}); len(breaks) != breaksMax {
		t.Errorf("%d breaks listed", len(breaks))
	}
}

func TestNamedID_IsAnID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 1<<48-1).Draw(t, "ms")).UTC()
		digest := sha256.Sum256(rapid.SliceOf(rapid.Byte()).Draw(t, "facts"))
		name := NamedID("trf", at, digest)
		if !id.Valid(name, "trf") || !id.Time(name).Equal(at) {
			t.Fatalf("%q is not an id of %v", name, at)
		}
		other := digest
		other[rapid.IntRange(0, 9).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if NamedID("trf", at, other) == name {
			t.Fatalf("80 bits of the digest must tell")
		}
		if NamedID("trf", at, digest) != name {
			t.Fatal("the same facts make the same id")
		}
	})
}
