package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"hutong/base/fault"
)

// The numbers may be stored and the statuses are a contract with every caller: both are written down a second time.
func TestKindsKeepTheirNumberNameAndStatus(t *testing.T) {
	for number, want := range []struct {
		kind   fault.Kind
		name   string
		status int
	}{
		{fault.Internal, "internal", 500}, {fault.Invalid, "invalid", 400},
		{fault.Unauthenticated, "unauthenticated", 401}, {fault.Forbidden, "forbidden", 403},
		{fault.NotFound, "not_found", 404}, {fault.Conflict, "conflict", 409}, {fault.SoldOut, "sold_out", 409},
		{fault.Expired, "expired", 410}, {fault.Limited, "limited", 429}, {fault.Refused, "refused", 502},
		{fault.Unavailable, "unavailable", 503}, {fault.Unimplemented, "unimplemented", 501},
		{fault.Unprocessable, "unprocessable", 422},
	} {
		if int(want.kind) != number || want.kind.String() != want.name || want.kind.Status() != want.status {
			t.Errorf("%s is number %d with status %d, want %s, %d, %d", want.kind, want.kind, want.kind.Status(),
				want.name, number, want.status)
		}
	}
	if k := fault.Kind(200); k.String() != "internal" || k.Status() != http.StatusInternalServerError {
		t.Errorf("a number that no kind has is %s, %d", k, k.Status())
	}
}

func TestAFaultIsNotChangedByWhatIsSaidOfIt(t *testing.T) {
	cause := errors.New("disk")
	plain := fault.New(fault.Limited, "lane.full", fault.P("max", 64))
	said := plain.At("lines.0").Because(cause).After(time.Second)
	if plain.Field != "" || plain.Cause != nil || plain.RetryAfter != 0 {
		t.Errorf("the first was changed: %+v", plain)
	}
	if said.Field != "lines.0" || said.RetryAfter != time.Second || !errors.Is(said, cause) {
		t.Errorf("got %+v", said)
	}
	if got := said.Error(); got != "lane.full at lines.0 max=64: disk" {
		t.Errorf("the log would read %q", got)
	}
}

func TestAsNeverLetsAForeignErrorThrough(t *testing.T) {
	refusal := fault.New(fault.SoldOut, "stock.sold_out")
	for _, c := range []struct {
		name string
		in   error
		kind fault.Kind
		code string
	}{
		{"a refusal", refusal, fault.SoldOut, "stock.sold_out"},
		{"wrapped", fmt.Errorf("place: %w", refusal), fault.SoldOut, "stock.sold_out"},
		{"joined", errors.Join(errors.New("close"), refusal), fault.SoldOut, "stock.sold_out"},
		{"foreign", errors.New("pq: secret"), fault.Internal, "internal.error"},
		{"canceled", fmt.Errorf("read: %w", context.Canceled), fault.Unavailable, "internal.canceled"},
		{"too late", context.DeadlineExceeded, fault.Unavailable, "internal.canceled"},
	} {
		f := fault.As(c.in)
		if f.Kind != c.kind || f.Code != c.code || fault.Of(c.in) != c.kind || !fault.Is(f, c.code) {
			t.Errorf("%s: %v %s", c.name, f.Kind, f.Code)
		}
		if f != refusal && !errors.Is(f, c.in) {
			t.Errorf("%s: the log loses the cause", c.name)
		}
	}
	if fault.As(nil) != nil || fault.Is(nil, "internal.error") || fault.Is(errors.New("x"), "internal.error") {
		t.Error("no error, or a foreign one, is taken for a refusal")
	}
}
