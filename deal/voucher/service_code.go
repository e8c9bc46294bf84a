package voucher

import (
	"context"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/quota"
	"hutong/party/audit"
)

// DrawMax bounds the codes of one draw.
const DrawMax = 1_000

// Draw asks for codes of a template.
type Draw struct {
	Shop     string
	Template TemplateID
	Count    int
}

// Draw makes codes; they are shown this once, only their hashes are kept. How many there can be, the published terms
// say. Repeating it draws further ones. Codes: voucher.not_found, voucher.closed, voucher.codes, voucher.codes_left.
func (s *Service) Draw(ctx context.Context, cmd Draw) ([]string, error) {
	if cmd.Count < 1 || cmd.Count > DrawMax {
		return nil, fault.New(fault.Invalid, "voucher.codes", fault.P("max", DrawMax)).At("count")
	}
	codes, hashes := make([]string, cmd.Count), make([]string, cmd.Count)
	for i := range codes {
		code, err := newCode(s.random)
		if err != nil {
			return nil, err
		}
		codes[i], hashes[i] = code, codeHash(code)
	}
	now := clock.Now(ctx, s.clock)
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		t, err := s.own(tx, cmd.Shop, cmd.Template)
		if err != nil {
			return err
		}
		if t.State != TemplateOpen {
			return fault.New(fault.Conflict, "voucher.closed")
		}
		name := quota.Codes(string(t.ID))
		book, err := quota.LoadBook(tx, []string{name})
		if err != nil {
			return err
		}
		if err := book.Take(s.ids.New("vcd"), []quota.Need{{Quota: name, Amount: int64(cmd.Count),
			Code: "voucher.codes_left", Kind: fault.Limited}}); err != nil {
			return err
		}
		if err := book.Save(tx); err != nil {
			return err
		}
		if err := insertCodes(tx, t.ID, hashes, now); err != nil {
			return err
		}
		return s.note(ctx, tx, "voucher.drawn", t, audit.Facts{"count": strconv.Itoa(cmd.Count)})
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// Redeem turns a code into a voucher.
type Redeem struct {
	Shopper string
	Guest   bool
	Code    string // as typed
}

// Redeem turns a code into a voucher of the shopper. It is safe to repeat by whoever redeemed it. Wrong codes are
// counted for the shopper and for their network, also across nodes and restarts; above that many in an hour, none is
// looked at (FAULTS P10). Of a code that is unknown, used by another or not good here, the answer is the same.
//
// Codes: voucher.login, voucher.code, voucher.tries, and those of Claim.
func (s *Service) Redeem(ctx context.Context, cmd Redeem) (out Claimed, err error) {
	if cmd.Guest || cmd.Shopper == "" {
		return Claimed{}, fault.New(fault.Unauthenticated, "voucher.login")
	}
	now := clock.Now(ctx, s.clock)
	tries := []try{{cmd.Shopper, s.set.TriesMax}}
	if network := audit.Rough(ctx); network != "" {
		tries = append(tries, try{network, s.set.TriesNetworkMax})
	}
	var refusal error // a wrong try stays spent: it is no failure of the transaction
	err = s.write(ctx, func(tx *db.Tx) error {
		refusal = nil
		if refusal, err = spend(tx, tries, now); err != nil || refusal != nil {
			return err
		}
		out, err = s.redeem(ctx, tx, cmd, now)
		if fault.Is(err, "voucher.code") {
			refusal = err
			return nil
		}
		if err != nil {
			return err
		}
		return unspend(tx, tries, now)
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Claimed{}, err
	}
	return out, nil
}

// try is who tries, and how often they may in an hour.
type try struct {
	who  string
	most int64
}

// spend counts a try for all of them; refusal is voucher.tries when one of them has none left.
func spend(tx *db.Tx, tries []try, now time.Time) (refusal, err error) {
	hour := now.Truncate(time.Hour)
	for _, t := range tries {
		allowed, err := spendTry(tx, t.who, hour, t.most)
		if err != nil {
			return nil, err
		}
		if !allowed {
			return fault.New(fault.Limited, "voucher.tries").After(hour.Add(time.Hour).Sub(now)), nil
		}
	}
	return nil, nil
}

func unspend(tx *db.Tx, tries []try, now time.Time) error {
	for _, t := range tries {
		if err := giveTry(tx, t.who, now.Truncate(time.Hour)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) redeem(ctx context.Context, tx *db.Tx, cmd Redeem, now time.Time) (Claimed, error) {
	wrong := fault.New(fault.NotFound, "voucher.code").At("code")
	hash := codeHash(cmd.Code)
	if hash == "" {
		return Claimed{}, wrong
	}
	template, used, found, err := readCode(tx, hash)
	if err != nil {
		return Claimed{}, err
	}
	if !found {
		return Claimed{}, wrong
	}
	if used != "" {
		all, err := byIDs(tx, []string{string(used)})
		if v, there := all[used]; err == nil && there && v.Shopper == cmd.Shopper {
			v.Terms, _, err = s.version(tx, v.Template, v.Version)
			return Claimed{Voucher: v, Replayed: true}, err
		}
		if err != nil {
			return Claimed{}, err
		}
		return Claimed{}, wrong
	}
	outs, err := s.claimBatch(ctx, tx, []ask{{shopper: cmd.Shopper, template: template, at: now, origin: FromCode}})
	if err != nil {
		return Claimed{}, err
	}
	if outs[0].Err != nil {
		return Claimed{}, outs[0].Err
	}
	return outs[0].Reply, useCode(tx, hash, outs[0].Reply.Voucher.ID)
}
