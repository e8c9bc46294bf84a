package aftersale

import (
	"context"
	"strconv"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/audit"
	"hutong/trade/order"
)

// EndTaken is the operator's word that an order whose money a wallet took back by itself does not go on: all of it
// that was not sent is given back, its pieces, vouchers, limits and groups as with any refund. What the wallet took is
// booked as that, and only what goes beyond it is sent. A presale whose balance is open ends whole. The record keeps
// it.
//
// Codes: order.not_found, order.not_taken_back, order.state: nothing of it waits to be sent; those of pay.Ask.
func (s *Service) EndTaken(ctx context.Context, id order.ID) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := order.Hold(tx, id); err != nil {
			return err
		}
		all, err := order.Locked(tx, []order.ID{id})
		if err != nil {
			return err
		}
		switch {
		case len(all) == 0:
			return fault.New(fault.NotFound, "order.not_found")
		case all[0].TakenAt.IsZero():
			return fault.New(fault.Conflict, "order.not_taken_back")
		}
		o, ended := all[0], 0
		if o.State == order.AwaitingPayment {
			ended++
			err = s.Orders.EndUnpaid(tx, o, order.Cause{Actor: Party{Operator: true}.actor(), At: at})
		}
		for _, sub := range o.Subs {
			if err != nil || o.State != order.Paid || sub.State != order.SubOpen {
				continue
			}
			ended++
			r := request{by: Party{Operator: true}, order: o.ID, seq: sub.Seq, reason: TakenBack,
				key: "taken_back." + strconv.FormatInt(sub.Seq, 10)}
			_, err = s.fresh(tx, at, r, o, s.give)
		}
		if err == nil && ended == 0 {
			err = fault.New(fault.Conflict, "order.state", fault.P("state", string(o.State)))
		}
		if err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.IDs, audit.Entry{At: at, What: "order.ended", On: string(id),
			After: audit.Facts{"total": strconv.FormatInt(o.Total, 10), "currency": string(o.Currency)}})
	})
}
