package db_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
)

// TestOneServesAFile: whoever asks for a database alone has it alone, by whatever name it is called, until it is closed;
// others open it meanwhile.
func TestOneServesAFile(t *testing.T) {
	dir := t.TempDir()
	file, linked := filepath.Join(dir, "market.db"), filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(dir, linked); err != nil {
		t.Skipf("no links here: %v", err)
	}
	early := filepath.Join(t.TempDir(), "early.db") // made before what it leads to
	if err := os.Symlink(file, early); err != nil {
		t.Fatal(err)
	}
	open := func(path string, o db.Options) (*db.DB, error) { return db.Open(t.Context(), "sqlite:"+path, o) }
	sole, err := open(early, db.Options{Sole: true})
	if err != nil {
		t.Fatal(err)
	}
	alias := filepath.Join(t.TempDir(), "alias.db")
	if err := os.Symlink(file, alias); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(linked, "market.db"), alias} {
		if d, err := open(path, db.Options{Sole: true}); !fault.Is(err, "storage.served") {
			t.Errorf("%s is served twice: %v", path, err)
			if err == nil {
				d.Close()
			}
		}
	}
	beside, err := open(file, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sole.Close(); err != nil {
		t.Error(err)
	}
	again, err := open(alias, db.Options{Sole: true})
	if err != nil {
		t.Fatalf("it is free, but for one who did not ask: %v", err)
	}
	for _, d := range []*db.DB{beside, again} {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestADeadProcessHoldsNothing: who was killed holds its database no longer, though its file of that is still there.
func TestADeadProcessHoldsNothing(t *testing.T) {
	const where = "HUTONG_TEST_SOLE"
	if path := os.Getenv(where); path != "" { // the process that will be killed
		if _, err := db.Open(t.Context(), "sqlite:"+path, db.Options{Sole: true}); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("open\n")
		select {}
	}
	file := filepath.Join(t.TempDir(), "market.db")
	held := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestADeadProcessHoldsNothing$")
	held.Env = append(os.Environ(), where+"="+file)
	out, err := held.StdoutPipe()
	if err == nil {
		err = held.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("%q %v", line, err)
	}
	if _, err := db.Open(t.Context(), "sqlite:"+file, db.Options{Sole: true}); !fault.Is(err, "storage.served") {
		t.Errorf("it is served by two processes: %v", err)
	}
	if err := held.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := held.Wait(); err == nil {
		t.Error("it ended by itself")
	}
	if _, err := os.Stat(file + ".lock"); err != nil {
		t.Errorf("this proves nothing: %v", err)
	}
	d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{Sole: true})
	if err != nil {
		t.Fatalf("the dead hold it: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
