package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/lane"
	"hutong/base/text"
	"hutong/deal/quota"
	"hutong/goods/stock"
	"hutong/trade/order"
)

// ask is one Place on its way through the lane.
type ask struct {
	sheet *order.Sheet // the order as the token says, with the request's own fields put in
	wants []stock.Want
	good  time.Time // until when the token is
	over  error     // why its prices do not hold any more; an order that is there already stands
}

// newAsk prepares here, where requests run beside each other, all that the lane can be spared.
func newAsk(o order.Order, at time.Time, payWithin time.Duration, over error) ask {
	a := ask{sheet: order.NewSheet(o, at, at.Add(payWithin)), good: o.ExpiresAt, over: over}
	lines := 0
	for i := range o.Subs {
		lines += len(o.Subs[i].Lines)
	}
	a.wants = make([]stock.Want, 0, lines)
	for i := range o.Subs {
		for n := range o.Subs[i].Lines {
			l := &o.Subs[i].Lines[n]
			a.wants = append(a.wants, stock.Want{Pool: stock.PoolID(l.Pool), Quantity: l.Quantity})
		}
	}
	return a
}

// Place makes the order of a token: stock is held and the order written in the same commit, after which it answers.
// It is safe to repeat: the same token and note give the same answer, whenever and on whichever node.
//
// Codes: checkout.token, checkout.remark, checkout.expired, checkout.mismatch, checkout.deal_over, flash.withdrawn,
// flash.terms_changed, stock.sold_out, stock.closed, promo.exhausted, promo.limit_reached, promo.claim_used,
// order.balance_changed, checkout.unpaid_max, checkout.account_limit, checkout.presale_agree, voucher.marked,
// lane.full, and those of db.Write. A refused call leaves no row.
func (s *Service) Place(ctx context.Context, cmd Place) (Placed, error) {
	o, err := s.tokens.open(cmd.Token, cmd.Shopper)
	if err != nil {
		return Placed{}, err
	}
	cmd.Remark = text.Unfold(cmd.Remark)
	if utf8.RuneCountInString(cmd.Remark) > s.set.RemarkMax || !text.Lines(cmd.Remark) {
		return Placed{}, fault.New(fault.Invalid, "checkout.remark", fault.P("max", s.set.RemarkMax)).At("remark")
	}
	if o.Presale != nil && !cmd.Agreed {
		return Placed{}, fault.New(fault.Unprocessable, "checkout.presale_agree").At("agreed")
	}
	if utf8.RuneCountInString(cmd.Source) > sourceMax || !text.Line(cmd.Source) {
		return Placed{}, fault.New(fault.Invalid, "checkout.source", fault.P("max", sourceMax)).At("source")
	}
	o.Remark, o.Source, o.RequestHash = cmd.Remark, cmd.Source, requestHash(cmd)
	at := clock.Now(ctx, s.clock)
	placed, err := s.lane.Do(ctx, newAsk(o, at, s.set.PayWithin, s.kept(o, at)))
	if fault.Is(err, "stock.closed") {
		err = s.closed(o, at, err)
	}
	return placed, err
}

// closed is why pieces are not to be had: a sale's pool closes with the item that was taken out of it, a moment before
// the rules of now are without its price (FAULTS R22).
func (s *Service) closed(o order.Order, at time.Time, refusal error) error {
	for _, l := range o.Lines() {
		all, err := order.DecodeDiscounts(l.Discounts)
		if err != nil {
			return err
		}
		if err := s.redeem(l, all, at); err != nil {
			return err
		}
	}
	return refusal
}

// sourceMax bounds, in characters, where a shopper says to have come from.
const sourceMax = 200

func requestHash(cmd Place) string {
	if cmd.Remark == "" && cmd.Source == "" {
		return nothingSaid
	}
	return hashOf(cmd.Remark, cmd.Source)
}

// nothingSaid is the hash of nearly every request.
var nothingSaid = hashOf("", "")

func hashOf(remark, source string) string {
	sum := sha256.Sum256([]byte(remark + "\x00" + source))
	return hex.EncodeToString(sum[:8])
}

// nodesAtOnce bounds how often a batch is decided again because another node was faster.
const nodesAtOnce = 8

// placeAll runs one batch: load, decide, save, one transaction. Where another node has placed one of its tokens, or
// made a count that it needs, since they were looked for, the batch is decided again on what there is now.
func (s *Service) placeAll(asks []ask) (outs []lane.Outcome[Placed], err error) {
	for range nodesAtOnce {
		if outs, err = s.placeOnce(asks); !errors.Is(err, db.ErrUnique) {
			break
		}
	}
	return outs, err
}

func (s *Service) placeOnce(asks []ask) (outs []lane.Outcome[Placed], err error) {
	ctx := context.Background()
	if len(asks) >= s.enough() {
		ctx = db.Gathered(ctx)
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		b, err := loadBatch(tx, asks, s.ids)
		if err != nil {
			return err
		}
		outs = make([]lane.Outcome[Placed], len(asks))
		for i := range asks {
			outs[i].Reply, outs[i].Err = b.decide(&asks[i])
		}
		return s.save(tx, b)
	})
	return outs, err
}

// batch is the book of one lane run: what the commands touch, loaded once, decided on in memory, in order.
type batch struct {
	stock    *stock.Book
	quotas   *quota.Book // nil when no order of the batch needs any
	ids      IDs
	existing map[string]order.Order // placed before, by quote
	placed   []*order.Sheet
	known    map[string]*order.Sheet // placed, by quote
	free     []order.ID              // of placed, those that cost nothing
	merge    *order.Merge            // nil when no order of the batch is placed with balances
}

func loadBatch(tx *db.Tx, asks []ask, ids IDs) (*batch, error) {
	placing := make([]string, len(asks))
	var balances []order.ID
	var pools []stock.PoolID
	var quotas []string
	for i := range asks {
		placing[i] = asks[i].sheet.Quote
		for n := range asks[i].sheet.Needs {
			quotas = append(quotas, asks[i].sheet.Needs[n].Quota)
		}
		for _, w := range asks[i].wants {
			pools = append(pools, w.Pool)
		}
		for _, p := range asks[i].sheet.Parts {
			balances = append(balances, p.Order)
		}
	}
	existing, err := order.ByQuote(tx, placing)
	if err != nil {
		return nil, err
	}
	b := &batch{ids: ids, existing: existing, known: make(map[string]*order.Sheet, len(asks))}
	if len(balances) > 0 {
		heads, err := order.Headers(tx, balances)
		if err != nil {
			return nil, err
		}
		if b.merge, err = order.LoadMerge(tx, heads); err != nil {
			return nil, err
		}
	}
	if b.stock, err = stock.LoadBook(tx, pools); err == nil && len(quotas) > 0 {
		b.quotas, err = quota.LoadBook(tx, quotas)
	}
	return b, err
}

// decide answers one command on the book; nothing is written yet.
func (b *batch) decide(a *ask) (Placed, error) {
	o := &a.sheet.Order
	if was := b.was(o.Quote); was != nil {
		if was.RequestHash != o.RequestHash {
			return Placed{}, fault.New(fault.Unprocessable, "checkout.mismatch").At("token")
		}
		return answer(was, o.Parts, true), nil
	}
	if expired(a.good, o.PlacedAt) {
		return Placed{}, fault.New(fault.Expired, "checkout.expired").At("token")
	}
	if a.over != nil {
		return Placed{}, a.over
	}
	if len(o.Parts) > 0 {
		if err := b.merge.Can(o); err != nil {
			return Placed{}, err
		}
	}
	a.sheet.Call(order.ID(b.ids.New("ord")))
	if err := b.take(o, a.wants); err != nil {
		return Placed{}, err
	}
	if len(o.Parts) > 0 {
		b.merge.Fix(o)
	}
	b.known[o.Quote] = a.sheet
	b.placed = append(b.placed, a.sheet)
	if o.Total == 0 {
		b.free = append(b.free, o.ID)
	}
	return answer(o, o.Parts, false), nil
}

// was is the order of that quote if there is one already, from earlier or in this batch.
func (b *batch) was(quote string) *order.Order {
	if sheet := b.known[quote]; sheet != nil {
		return &sheet.Order
	}
	if o, ok := b.existing[quote]; ok {
		return &o
	}
	return nil
}

// take takes an order's stock and what else it needs, all or nothing.
func (b *batch) take(o *order.Order, wants []stock.Want) error {
	if len(o.Needs) == 0 {
		return b.stock.Hold(wants)
	}
	if err := b.stock.Can(wants); err != nil {
		return err
	}
	if err := b.quotas.Take(string(o.ID), o.Needs); err != nil {
		return err
	}
	return b.stock.Hold(wants)
}

func answer(o *order.Order, parts []order.Part, replayed bool) Placed {
	with := *o
	with.Parts = parts
	state := order.AwaitingPayment
	if o.Total == 0 {
		state = order.Paid
	}
	return Placed{Order: o.ID, State: state, Total: o.Total, Currency: o.Currency, ExpiresAt: o.PayBy(),
		Earnest: o.Earnest, Together: with.Together(), Replayed: replayed}
}

// save writes a decided batch.
func (s *Service) save(tx *db.Tx, b *batch) error {
	if err := b.stock.Save(tx); err != nil {
		return err
	}
	if b.quotas != nil {
		if err := b.quotas.Save(tx); err != nil {
			return err
		}
	}
	if err := s.orders.Open(tx, b.placed); err != nil {
		return err
	}
	if b.merge != nil {
		if err := b.merge.Save(tx); err != nil {
			return err
		}
	}
	return s.orders.Free(tx, b.free)
}
