package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
)

// limited runs the test of that name in a process of its own whose files cannot grow beyond limit bytes, which is as
// close to a full disk as a process without rights comes. It tells the process itself that it is that one.
func limited(t *testing.T, limit uint64) bool {
	t.Helper()
	const where = "HUTONG_TEST_LIMITED"
	if os.Getenv(where) != "" {
		var was syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
		was.Cur = limit
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
		return true
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), where+"=1")
	said, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, said)
	}
	return false
}

// TestX4_NothingIsBegunOnAFullDisk: a command that would make a market where there is no room for one says how much is
// missing and where, and leaves nothing there: no empty database, no lock, no folder.
func TestX4_NothingIsBegunOnAFullDisk(t *testing.T) {
	if !limited(t, 64<<10) {
		return
	}
	dir := t.TempDir()
	inputs := t.TempDir()
	csv, sold := file(t, inputs, "goods.csv", good), file(t, inputs, "invoices.csv", invoices)
	for _, args := range [][]string{{"init"}, {"migrate"}, {"verify"}, {"user", "boss"}, {"import", "--shop", "kiln", csv},
		{"replay", sold}, {"serve", "--addr", free(t)}, {"demo", "--once", "--addr", free(t)}} {
		for lang, want := range map[string]string{"en": "there is no room for a market in " + dir + ": free at least 4 MB",
			"zh-CN": dir + " 所在的磁盘没有空间新建市场：请至少腾出 4 MB"} {
			got := run(t.Context(), append(args, "--data", filepath.Join(dir, "deep", "data"), "--json", "--lang", lang)...)
			why, _ := got.last(t)["error"].(map[string]any)
			if got.status != 1 || why["code"] != "storage.no_room" || !strings.Contains(got.err, want) ||
				strings.Contains(got.err, "file too large") {
				t.Errorf("%v: %+v", args, got)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Fatalf("%v leaves %v, %v", args, left, err)
			}
		}
	}
}

// TestX4_TheFirstRoomIsEnough: where as much is free as is asked for, a market is made, and takes what is said of it.
// A node whose reserve does not fit beside it says that nothing can be ordered, instead of looking as if it sold.
func TestX4_TheFirstRoomIsEnough(t *testing.T) {
	const first = 4 << 20
	if !limited(t, first) {
		return
	}
	data := t.TempDir()
	if got := run(t.Context(), "init", "--data", data); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	if info, err := os.Stat(filepath.Join(data, "market.db")); err != nil || info.Size() > first/3 {
		t.Errorf("an empty market takes more than a third of its first room: %v %v", info.Size(), err)
	}
	for reserve, tight := range map[int]bool{64: true, 2: false} {
		ctx, cancel := context.WithCancel(t.Context())
		at, done := free(t), make(chan outcome)
		go func() {
			done <- run(ctx, "serve", "--data", data, "--addr", at, "--lang", "en", "--reserve", fmt.Sprint(reserve))
		}()
		answers(t, "http://"+at+"/")
		cancel()
		got := <-done
		if said := strings.Contains(got.err, "nothing can be ordered until there is"); said != tight || got.status != 0 {
			t.Errorf("with a reserve of %d MB: %+v", reserve, got)
		}
	}
}

// TestX4_AFullDiskIsSaidPlainly: whoever types commands is told what to do, not what a shopper would be told.
func TestX4_AFullDiskIsSaidPlainly(t *testing.T) {
	said := &bytes.Buffer{}
	e := &env{Streams: Streams{Out: io.Discard, Err: said}, lang: text.En}
	status := e.finish(fault.New(fault.Unavailable, "storage.full").Because(syscall.ENOSPC))
	want := "hutong: the disk is full: make room on it, then run the command again\n"
	if status != 1 || said.String() != want {
		t.Errorf("%d %q", status, said)
	}
}

// TestARefusedCurrencyMakesNoMarket: what is refused leaves no database in no currency behind.
func TestARefusedCurrencyMakesNoMarket(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, args := range [][]string{{"init", "--currency", "ZZZ"}, {"import", "--shop", "kiln", "--currency", "ZZZ",
		file(t, t.TempDir(), "goods.csv", good)}} {
		got := run(t.Context(), append(slices.Clone(args), "--data", data, "--lang", "en")...)
		if _, err := os.Stat(data); got.status != 2 || !os.IsNotExist(err) {
			t.Errorf("%v: %+v, %v", args, got, err)
		}
	}
}
