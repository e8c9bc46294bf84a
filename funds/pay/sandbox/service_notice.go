package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const (
	noticesPerRun = 64
	triesMax      = 8       // then the merchant has to ask
	answerMax     = 4 << 10 // bytes read of a merchant's answer
)

// nextTry is when a notice that failed so often is told again; the zero time is never.
func nextTry(now time.Time, tries int) time.Time {
	if tries >= triesMax {
		return time.Time{}
	}
	return now.Add(15 * time.Second << min(tries-1, 10))
}

// Deliver tells merchants what is due: notices that were to be late and those that failed before. It is a job and
// tells how many it tried.
func (c *Company) Deliver(ctx context.Context) (int, error) {
	now := clock.Now(ctx, c.clock)
	var due []later
	err := c.db.Write(ctx, func(tx *db.Tx) (err error) {
		due, err = claimNotices(tx, now, noticesPerRun)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, l := range due {
		if err := c.tell(ctx, l.bill, max(l.times, 1)); err != nil {
			c.log.WarnContext(ctx, "merchant was not told", slog.String("bill", l.bill.No), slog.Any("err", err))
			continue
		}
		if err := c.db.Write(ctx, func(tx *db.Tx) error { return endNotice(tx, l.bill) }); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

// tell sends the notice of a paid bill that many times. Each is signed anew, as a wallet that repeats itself does.
func (c *Company) tell(ctx context.Context, b Bill, times int) error {
	n := Notice{Txn: b.Txn, Trade: b.Trade, Account: b.Account, Amount: b.Amount, At: b.Paid, Payer: b.Payer}
	for range times {
		if err := c.send(ctx, b.Wallet, n); err != nil {
			return err
		}
	}
	return nil
}

func (c *Company) send(ctx context.Context, wallet string, n Notice) error {
	d, ok := c.dialects[wallet]
	if !ok || c.wire == nil {
		return fmt.Errorf("sandbox: %s is not connected", wallet)
	}
	header, body, err := d.Write(n, clock.Now(ctx, c.clock))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.hooks+"/"+wallet, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = header
	res, err := c.wire.RoundTrip(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, answerMax))
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if !d.Heard(res.StatusCode, answer) {
		return fmt.Errorf("sandbox: the merchant answered %d", res.StatusCode)
	}
	return nil
}
