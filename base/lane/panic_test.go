package lane_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"hutong/base/lane"
)

// TestX18_APanicInTheLaneEndsTheProcess: half a batch in memory is nothing to go on with, so the process ends, even where
// the caller would recover. The lane panics in a process of its own: this test, started again.
func TestX18_APanicInTheLaneEndsTheProcess(t *testing.T) {
	const mark = "HUTONG_LANE_PANICS"
	if os.Getenv(mark) != "" {
		l := lane.New(lane.Options{}, func([]int) ([]lane.Outcome[int], error) { panic("a defect in the books") })
		defer func() {
			_ = recover() // as a web server does for its handlers
			os.Exit(0)
		}()
		_, err := l.Do(context.Background(), 1)
		t.Fatal("the lane answered", err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=20s")
	cmd.Env = append(os.Environ(), mark+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "panic: a defect in the books") {
		t.Errorf("the process went on: %v\n%s", err, out)
	}
}
