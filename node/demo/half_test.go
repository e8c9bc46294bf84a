package demo

import (
	"path/filepath"
	"testing"

	"hutong/base/fault"
	"hutong/node"
	"hutong/party/login"
)

// TestAHalfSeededDemoSaysSo: what was broken off is refused from then on, with what to do; what is whole is looked at again.
func TestAHalfSeededDemoSaysSo(t *testing.T) {
	open := func() *node.Market {
		t.Helper()
		m, err := node.Open(t.Context(), node.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "market.db"), Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
		return m
	}
	half := open()
	if _, err := half.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: Merchant,
		Password: "another person's"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Seed(t.Context(), half); !fault.Is(err, "login.name_taken") {
		t.Fatal(err)
	}
	for range 2 {
		_, err := Seed(t.Context(), half)
		if !fault.Is(err, "node.demo_half") || fault.As(err).Params[0].Value != half.Config.Dir {
			t.Fatal(err)
		}
	}
	whole := open()
	for range 2 {
		if _, err := Seed(t.Context(), whole); err != nil {
			t.Fatal(err)
		}
	}
}
