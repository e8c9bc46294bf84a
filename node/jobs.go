package node

import (
	"context"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/job"
)

// relieving are the jobs that go on while the disk is full: they end what lapses and sweep what is old. No earnest is
// forfeited meanwhile (order.Expire), no reminder and no refund goes out: those would take room, and wait for it.
var relieving = []string{"order.expire", "approval.expire", "idempotency.sweep", "voucher.sweep", "login.sweep",
	"upload.sweep", "tally.sweep", "webhook.sweep", "notice.sweep"}

// relieve lets a job write while the disk is full, if it is one of those.
func relieve(j job.Job) job.Job {
	if run := j.Run; slices.Contains(relieving, j.Name) {
		j.Run = func(ctx context.Context) (int, error) { return run(db.Relieve(ctx)) }
	}
	return j
}

// Jobs are what runs by itself. Each is harmless on several nodes at once.
func (m *Market) Jobs() []job.Job {
	all := append([]job.Job{
		{Name: "storage.refill", Every: 10 * time.Second, Run: m.DB.Refill},
		{Name: "event.dispatch", Every: 200 * time.Millisecond, Rest: 10, Run: m.Bus.Dispatch},
		{Name: "event.retry", Every: time.Second, Run: m.Bus.Retry},
		{Name: "order.expire", Every: time.Second, Run: m.Orders.Expire},
		{Name: "order.auto_receive", Every: time.Minute, Run: m.Orders.AutoReceive},
		{Name: "pay.poll", Every: 2 * time.Second, Run: m.Pay.Poll},
		{Name: "pay.send_refunds", Every: 500 * time.Millisecond, Run: m.Pay.SendRefunds},
		{Name: "pay.return_suspense", Every: time.Minute, Run: m.Pay.ReturnOld},
		{Name: "sandbox.deliver", Every: 500 * time.Millisecond, Run: m.Sandbox.Deliver},
		{Name: "ship.track", Every: 2 * time.Second, Run: m.Ship.Track},
		{Name: "idempotency.sweep", Every: time.Hour, Run: m.Keys.Sweep},
		{Name: "approval.expire", Every: time.Minute, Run: m.Approvals.Expire},
		{Name: "tune.refresh", Every: 5 * time.Second, Run: m.Tune.Refresh},
		{Name: "rollout.refresh", Every: 2 * time.Second, Run: m.Switches.Refresh},
		{Name: "login.seen", Every: time.Minute, Run: m.Login.MarkSeen},
		{Name: "voucher.sweep", Every: time.Hour, Run: m.Vouchers.Sweep},
		{Name: "login.sweep", Every: time.Hour, Run: m.Login.Sweep},
	}, slices.Concat(m.Search.Jobs(), m.Settle.Jobs(), m.Tally.Jobs(), m.Notices.Jobs(),
		m.Webhooks.Jobs(), m.uploadJobs(), m.Checkups.Jobs(), m.saleJobs(), m.Rules.Jobs(),
		m.Groups.Jobs(), m.Deposits.Jobs(), m.Guarantee.Jobs(), m.Referrals.Jobs(), m.Segments.Jobs(), m.Aftersale.Jobs(),
		m.presaleJobs())...)
	for i := range all {
		all[i] = relieve(all[i])
	}
	return m.Board.Watch(all...)
}
