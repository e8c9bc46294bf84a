package node_test

import (
	"testing"

	"hutong/surface/page/browsertest"
)

// TestMain ends the browser that the journeys share.
func TestMain(m *testing.M) { browsertest.Main(m) }
