package cli

import (
	"encoding/json"
	"fmt"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/deal/promo/standard"
	"hutong/deal/promo/wire"
)

type quoteCmd struct{}

// Help is what --help adds.
func (quoteCmd) Help() string {
	return `Reads one JSON object on standard input, needs no market, and prints one:

  {"currency":"CNY", "threshold_mode":"parallel", "now":"2026-11-11T00:00:00+08:00",
   "lines":[{"id":"1","shop":"A","sku":"a1","unit_price":19900,"quantity":2}],
   "promotions":[{"id":"v","kind":"voucher","shop":"A","threshold":30000,"off":4000},
     {"id":"x","kind":"crossshop","every":30000,"off":5000,
      "funding":[{"party":"platform","ppm":500000},{"party":"merchant","ppm":500000}]}],
   "vouchers":["v"]}

Amounts are whole minor units. The kinds, in the order in which they are applied, and their terms:

  price       unit_price                          the lowest of each line
  direct      rate_ppm, or off a unit             one for each line
  subsidy     off a unit                          one for each line
  presale     earnest, worth of a unit            one for each line
  gift        buy or spend, get, gift?            whole pieces; a line takes part in one
  spend       tiers [{threshold, off}], shop      one for each shop
  voucher     threshold?, off or rate_ppm (max_off?)  one for each shop, one scoped, one for all
  crossshop   every, off, max_times?              one
  redpacket   off, threshold?                     all of them
  points      points, worth, cap_ppm              one; "points" of the basket pay

A scope is any of "shop", "category" and "skus"; without one a promotion is for every line. "from" and "until" are held
against "now", which is the present where it is left out. A voucher is applied when "vouchers" names it. A malformed
basket ends in status 2 and {"error":{"code","field","message"}}.

Example: hutong quote < basket.json`
}

// Run prices the basket on standard input.
func (c *quoteCmd) Run(e *env) error {
	q, err := wire.Read(e.In, standard.Kinds(), clock.Now(e.ctx, new(clock.System)))
	var a wire.Answer
	if err == nil {
		a, err = q.Price()
	}
	if err != nil {
		return e.refuseQuote(err)
	}
	if e.json {
		e.print(a)
		return nil
	}
	out, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.Out, string(out))
	return err
}

// refuseQuote prints the refusal as the object that answers a quote, also to a person; with --json finish does.
func (e *env) refuseQuote(err error) error {
	if e.json {
		return err
	}
	f := fault.As(err)
	e.print(map[string]any{"error": map[string]string{"code": f.Code, "field": f.Field, "message": e.sentence(f)}})
	return err
}
