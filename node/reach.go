package node

import (
	"context"

	"hutong/party/login"
	"hutong/reach/notice"
	"hutong/reach/webhook"
	"hutong/trade/review"
)

// buildReach makes the rooms that tell people and programs what happened, and what people say of what they bought.
func (m *Market) buildReach() {
	reviews := review.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Orders: m.Orders, Catalog: m.Catalog}
	if m.Pictures != nil {
		reviews.Pictures = m.Pictures
	}
	m.Reviews = review.New(reviews)

	notices := notice.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: m.Rand, Log: m.Log, Hub: m.Hub, Orders: m.Orders,
		Campaigns: m.Campaigns, Catalog: m.Catalog}
	if m.Mail != nil { // without it nobody is looked up on the way of an order
		notices.Sender, notices.Book = m.Mail, notice.Logins{DB: m.DB}
	}
	set := notice.DefaultSettings()
	set.PublicAt, set.Zone = m.PublicAt, zone
	m.Notices = notice.New(notices, set)
	m.Notices.Listen(m.Bus)

	hooks := webhook.DefaultSettings()
	hooks.Loopback, hooks.Roots = m.Hooks.Loopback, m.Hooks.Roots
	m.Webhooks = webhook.New(webhook.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: m.Rand, Log: m.Log,
		Cases: m.Aftersale}, hooks)
	m.Webhooks.Listen(m.Bus)
}

// codes brings one-time codes by mail.
type codes struct{ m *Market }

// Send mails a code.
func (c codes) Send(ctx context.Context, m login.Message) error {
	return c.m.Notices.SendCode(ctx, notice.Code(m))
}

// codeSender is who brings one-time codes: whoever the operator named, or else the mail; nil when there is neither.
func (m *Market) codeSender() login.Sender {
	if m.Sender == nil && m.Mail != nil {
		return codes{m}
	}
	return m.Sender
}
