package merchantweb

import (
	"context"
	"log/slog"
	"testing"

	"hutong/base/event"
	"hutong/trade/checkout"
)

// TestTheShopsInbox: what happens to a shop stands in its inbox, and in nobody else's, until it is read.
func TestTheShopsInbox(t *testing.T) {
	s := open(t)
	s.tea.Get("/desk/notices").Must(200, "暂无消息")
	s.Paid(s.cup, 2, checkout.CarrierChoice{})
	bus := event.NewBus(s.DB, s.Clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
	s.Notices.Listen(bus)
	_, err := bus.Dispatch(context.Background())
	s.Must(err)
	s.tea.Get("/desk/notices").Must(200, "新订单待发货", "全部标为已读").
		Submit("全部标为已读", nil).Must(200, "新订单待发货").MustNot("全部标为已读")
	s.sport.Get("/desk/notices").Must(200, "暂无消息").MustNot("新订单待发货")
}
