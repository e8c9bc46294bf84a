package replay_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/node"
	"hutong/node/replay"
	"hutong/node/verify"
)

// naive recomputes a replay by one plain pass over the CSV, sharing nothing with the market: the rules once more, in
// decimal strings and big integers.
func naive(t *testing.T, rows io.Reader) replay.Result {
	t.Helper()
	all, err := csv.NewReader(bufio.NewReader(rows)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type line struct{ paid, pieces, back *big.Int }
	bought := map[string][]*line{}
	orders := map[string]bool{}
	var lines []*line
	out := replay.Result{Currency: "GBP"}
	for _, r := range all[1:] {
		number, code, who := r[0], r[1], r[6]
		pieces, ok := new(big.Int).SetString(r[3], 10)
		pence, priced := cents(r[5])
		switch {
		case ok && code != "" && strings.HasPrefix(number, "C"):
			n := new(big.Int).Neg(pieces)
			for _, l := range bought[who+"\x00"+code] {
				free := new(big.Int).Sub(l.pieces, l.back)
				if who == "" || n.Sign() <= 0 || free.Sign() <= 0 {
					continue
				}
				if free.Cmp(n) > 0 {
					free.Set(n)
				}
				l.back.Add(l.back, free)
				n.Sub(n, free)
				out.Cancelled += free.Int64()
			}
			if n.Sign() != 0 {
				out.Rejected++
			}
		case ok && code != "" && number != "" && number[0] <= '9' && pieces.Sign() > 0 && priced && pence.Sign() > 0:
			l := &line{new(big.Int).Mul(pence, pieces), pieces, new(big.Int)}
			lines = append(lines, l)
			orders[number] = true
			bought[who+"\x00"+code] = append(bought[who+"\x00"+code], l)
		default:
			out.Rejected++
		}
	}
	out.Orders = int64(len(orders))
	for _, l := range lines {
		back := new(big.Int).Div(new(big.Int).Mul(l.paid, l.back), l.pieces)
		kept := new(big.Int).Sub(l.paid, back)
		fee := new(big.Int).Mul(kept, big.NewInt(6_000))
		fee.Div(fee.Add(fee, big.NewInt(500_000)), big.NewInt(1_000_000))
		out.Gross += l.paid.Int64()
		out.Refunded += back.Int64()
		out.Fees += fee.Int64()
		out.Net += kept.Int64() - fee.Int64()
	}
	return out
}

// cents reads "2.55" and "3"; ok is false for what has more than two decimals or is no number.
func cents(s string) (n *big.Int, ok bool) {
	whole, part, _ := strings.Cut(s, ".")
	if len(part) > 2 {
		return nil, false
	}
	return new(big.Int).SetString(whole+(part + "00")[:2], 10)
}

const small = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
100,A,RED CUP,3,2010-12-01 08:26:00,0.33,7,United Kingdom
100,B,BOWL,2,2010-12-01 08:26:00,10,7,United Kingdom
100,A,RED CUP,3,2010-12-01 08:26:00,0.33,7,United Kingdom
101,A,RED CUP,5,2010-12-01 08:28:00,0.35,,United Kingdom
C102,A,RED CUP,-4,2010-12-01 09:00:00,0.33,7,United Kingdom
C103,A,RED CUP,-9,2010-12-01 09:10:00,0.33,7,United Kingdom
C104,A,RED CUP,-1,2010-12-01 09:20:00,0.35,,United Kingdom
A105,B,Adjust bad debt,1,2010-12-01 09:30:00,11062.06,,United Kingdom
106,,NO CODE,1,2010-12-01 09:40:00,1.00,7,United Kingdom
106,B,,0,2010-12-01 09:40:00,1.00,7,United Kingdom
106,B,"19.999, REFUSED",1,2010-12-01 09:40:00,19.999,7,United Kingdom
106,B,FREE,1,2010-12-01 09:40:00,0,7,United Kingdom
107,C,"HUGE, ""QUOTED""",74215,2010-12-02 09:40:00,1.04,8,Japan
C108,C,HUGE,-74215,2010-12-02 09:50:00,1.04,8,Japan
C109,B,BOWL,2,2010-12-02 09:55:00,1.04,7,Japan
`

func run(t *testing.T, url, file string) (replay.Result, verify.Report) {
	t.Helper()
	ctx := context.Background()
	m, err := node.Open(ctx, replay.Configure(node.Config{URL: url}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := replay.Run(ctx, m, replay.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	books, err := verify.Run(ctx, d, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return got, books
}

func check(t *testing.T, got, want replay.Result, books verify.Report) {
	t.Helper()
	if got != want {
		t.Errorf("the market says %+v,\nthe file says  %+v", got, want)
	}
	for _, c := range books.Checks {
		if !c.OK {
			t.Errorf("%s: %v", c.Name, c.Violations)
		}
	}
}

func TestSmallFileOnBothEngines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "small.csv")
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	want := naive(t, strings.NewReader(small))
	if want.Orders != 3 || want.Cancelled != 6+74215 || want.Rejected != 8 {
		t.Fatalf("the plain pass itself says %+v", want)
	}
	dbtest.Engines(t, func(t *testing.T) {
		got, books := run(t, "sqlite:"+filepath.Join(t.TempDir(), "market.db"), file)
		check(t, got, want, books)
	}, func(t *testing.T) {
		got, books := run(t, dbtest.PostgresURL(t, node.Schemas()...), file)
		check(t, got, want, books)
	})
}

// An invoice is one order wherever its lines stand: here its second half comes after a wave of others, with refunds of
// both halves in between and behind. The file's times jump back too.
func TestInvoiceThatStandsApartIsOneOrder(t *testing.T) {
	var b strings.Builder
	b.WriteString("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")
	b.WriteString("1,A,CUP,5,2010-12-01 08:26:00,0.33,7,United Kingdom\n")
	b.WriteString("C2,A,CUP,-2,2010-12-01 08:27:00,0.33,7,United Kingdom\n")
	for i := range 2400 {
		at := time.Date(2010, 12, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(i%7) * time.Hour)
		fmt.Fprintf(&b, "%d,B,BOWL,%d,%s,1.10,%s,France\n", 100+i, 1+i%3, at.Format(time.DateTime), []string{"", "8"}[i%2])
	}
	b.WriteString("1,A,\"CUP\tAGAIN\",5,2010-12-01 08:26:00,0.33,7,United Kingdom\n")
	b.WriteString("C3,A,CUP,-9,2010-12-01 08:28:00,0.33,7,United Kingdom\n")
	b.WriteString("C4,B,BOWL,-700,2010-12-05 08:28:00,0.33,8,France\n")
	file := filepath.Join(t.TempDir(), "apart.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	want := naive(t, strings.NewReader(b.String()))
	if want.Orders != 2401 || want.Cancelled != 10+700 || want.Rejected != 1 {
		t.Fatalf("the plain pass itself says %+v", want)
	}
	got, books := run(t, "sqlite:"+filepath.Join(t.TempDir(), "market.db"), file)
	check(t, got, want, books)
}

func TestFileThatCannotBeReadIsRefused(t *testing.T) {
	m, err := node.Open(context.Background(), replay.Configure(node.Config{URL: "sqlite:" + t.TempDir() + "/m.db"}))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	missing := filepath.Join(t.TempDir(), "missing.csv")
	columns := filepath.Join(t.TempDir(), "columns.csv")
	torn := filepath.Join(t.TempDir(), "torn.csv.gz")
	for name, data := range map[string]string{columns: "InvoiceNo,StockCode\n", torn: "\x1f\x8b\x08\x00\x00"} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, code := range map[string]string{missing: "replay.file", columns: "replay.column", torn: "replay.file"} {
		if _, err := replay.Run(context.Background(), m, replay.Options{File: file}); !fault.Is(err, code) {
			t.Errorf("%s: %v, want %s", filepath.Base(file), err, code)
		}
	}
	shops, err := m.Shops.Shops(context.Background())
	if err != nil || len(shops) > 0 {
		t.Error("a refused file left a shop behind", err)
	}
}

// realYear is 320,705 lines of 12,494 invoices.
var realYear = filepath.Join("..", "..", "..", "shared", "data", "transactions", "online-retail", "online_retail.csv.gz")

// BenchmarkRealYear tells how many orders, of 25 lines on average, a second takes from quote to receipt and refund.
func BenchmarkRealYear(b *testing.B) {
	if _, err := os.Stat(realYear); err != nil {
		b.Skip("no ../shared beside the checkout: the real invoices are not here")
	}
	orders := int64(0)
	for b.Loop() {
		url := "sqlite:" + filepath.Join(b.TempDir(), "market.db")
		m, err := node.Open(context.Background(), replay.Configure(node.Config{URL: url}))
		if err != nil {
			b.Fatal(err)
		}
		got, err := replay.Run(context.Background(), m, replay.Options{File: realYear})
		if err != nil {
			b.Fatal(err)
		}
		if err := m.Close(); err != nil {
			b.Fatal(err)
		}
		orders += got.Orders
	}
	b.ReportMetric(float64(orders)/b.Elapsed().Seconds(), "orders/s")
}

func TestRealYearAgreesToThePenny(t *testing.T) {
	file := realYear
	f, err := os.Open(file)
	if err != nil {
		if strings.Contains(os.Getenv("HUTONG_REQUIRE"), "shared") {
			t.Fatal(err)
		}
		t.Skip("no ../shared beside the checkout: the real invoices are not here")
	}
	defer f.Close()
	if testing.Short() {
		t.Skip("-short: 320,705 invoice lines take a while")
	}
	rows, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	want := naive(t, rows)
	got, books := run(t, "sqlite:"+filepath.Join(t.TempDir(), "market.db"), file)
	check(t, got, want, books)
}
