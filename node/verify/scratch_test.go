package verify

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"hutong/base/db"
)

func TestScratchFill(t *testing.T) {
	p := os.Getenv("SCRATCH")
	if p == "" {
		t.Skip()
	}
	d, err := db.Open(context.Background(), p, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(context.Background(), schemas()...); err != nil {
		t.Fatal(err)
	}
	f := newFiller(t, d)
	t0 := time.Now()
	f.fill(300000, saleDay)
	f.stockUp()
	f.close()
	fmt.Println(time.Since(t0))
	d.Close()
}

func TestScratchSQL(t *testing.T) {
	p := os.Getenv("SCRATCHQ")
	if p == "" {
		t.Skip()
	}
	d, err := db.Open(context.Background(), p, db.Options{Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile("/tmp/vb/q.sql")
	for _, q := range strings.Split(string(data), "\n;;\n") {
		if strings.TrimSpace(q) == "" {
			continue
		}
		c0 := cpu()
		n := 0
		var first string
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			if os.Getenv("EXPLAIN") != "" && d.Engine() == db.SQLite {
				tx.Each("EXPLAIN QUERY PLAN "+q, func(r db.Row) error {
					var a, b, c int64
					var s string
					err := r.Scan(&a, &b, &c, &s)
					fmt.Println("    ", s)
					return err
				})
			}
			return tx.Each("SELECT COUNT(*), '' FROM ("+q+") v", func(r db.Row) error {
				var k int
				err := r.Scan(&k, &first)
				n += k
				return err
			})
		})
		fmt.Printf("%8.2fs rows=%d err=%v  %.60s\n", cpu()-c0, n, err, strings.ReplaceAll(q, "\n", " "))
	}
	d.Close()
}

func TestScratchRun(t *testing.T) {
	p := os.Getenv("SCRATCHR")
	if p == "" {
		t.Skip()
	}
	d, err := db.Open(context.Background(), p, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c0 := cpu()
	r, err := Run(context.Background(), d, Options{})
	fmt.Println(err, r.OK, cpu()-c0)
	for _, c := range r.Checks {
		fmt.Println(c.Name, c.OK, c.Counted, c.Took, c.Total, c.Violations[:min(len(c.Violations), 2)])
	}
	d.Close()
}

func TestScratchEach(t *testing.T) {
	p := os.Getenv("SCRATCHE")
	if p == "" {
		t.Skip()
	}
	d, err := db.Open(context.Background(), p, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAudit(context.Background(), d, Options{}.full())
	if err != nil {
		t.Fatal(err)
	}
	only := os.Getenv("ONLY")
	total := 0.0
	for i, part := range a.parts {
		if only != "" && (i < 2 || !strings.Contains(only, a.checks()[i-2].name)) {
			continue
		}
		var u0, u1 syscall.Rusage
		syscall.Getrusage(0, &u0)
		var cs []Check
		t0 := time.Now()
		err := d.Read(context.Background(), func(tx *db.Tx) (err error) { cs, err = part(tx); return err })
		if err != nil {
			t.Fatal(err)
		}
		syscall.Getrusage(0, &u1)
		us := float64(u1.Utime.Nano()-u0.Utime.Nano()) / 1e9
		ss := float64(u1.Stime.Nano()-u0.Stime.Nano()) / 1e9
		total += us + ss
		fmt.Printf("%-20s user %6.2f sys %6.2f wall %6.2f\n", cs[0].Name, us, ss, time.Since(t0).Seconds())
	}
	fmt.Println("total cpu", total)
	d.Close()
}

func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
