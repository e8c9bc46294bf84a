package merchant

import (
	"context"
	"slices"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
)

// ShopsMax bounds the list of all shops.
const ShopsMax = 10_000

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Service holds the verbs of shops.
type Service struct {
	db    *db.DB
	clock clock.Clock
	ids   IDs
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids IDs) *Service { return &Service{d, c, ids} }

// OpenShop asks for a shop. A text given in one language serves for both.
type OpenShop struct {
	Code     string
	Name     text.Entry
	Intro    text.Entry
	Logo     string
	Division string
}

// OpenShop opens a shop. A second one with the same code is refused, so that it is safe to repeat: read ByCode then.
// Codes: merchant.code, merchant.name, merchant.intro, merchant.logo, merchant.division, merchant.code_taken.
func (s *Service) OpenShop(ctx context.Context, cmd OpenShop) (Shop, error) {
	return s.make(ctx, cmd, Open)
}

// topics are what is told when a shop comes to a state.
var topics = map[State]event.Topic{Applied: ShopApplied, Open: ShopOpened, Closed: ShopClosed}

func (s *Service) make(ctx context.Context, cmd OpenShop, state State) (Shop, error) {
	if err := cmd.check(); err != nil {
		return Shop{}, err
	}
	shop := Shop{
		ID: ID(s.ids.New("shp")), Code: cmd.Code, Name: cmd.Name, Intro: cmd.Intro, Logo: cmd.Logo,
		Division: cmd.Division, State: state, Created: clock.Now(ctx, s.clock),
	}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		fresh, err := insert(tx, shop)
		if err != nil {
			return err
		}
		if !fresh {
			return fault.New(fault.Conflict, "merchant.code_taken", fault.P("code", cmd.Code)).At("code")
		}
		if state == Open {
			err = s.note(ctx, tx, "shop.moved", Shop{ID: shop.ID}, audit.Facts{"state": string(state)})
		}
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, topics[state], shop.ID)
	})
	if err != nil {
		return Shop{}, err
	}
	return shop, nil
}

// Close closes a shop to new purchases. It is safe to repeat. Codes: merchant.not_found.
func (s *Service) Close(ctx context.Context, id ID) error {
	return s.Move(ctx, Move{Shop: id, To: Closed})
}

// Reopen opens a closed shop again, or one that has applied. It is safe to repeat. Codes: merchant.not_found.
func (s *Service) Reopen(ctx context.Context, id ID) error {
	return s.Move(ctx, Move{Shop: id, To: Open})
}

// Move is the operator's word on a shop: open, close, or, to an applicant, what is missing. The record keeps why.
type Move struct {
	Shop   ID
	To     State // Applied sends an application back: the shop stays where it is and reads what is missing
	Reason string
}

// moves are the states from which a shop comes to another.
var moves = map[State][]State{Open: {Closed, Applied}, Closed: {Open}}

// Move gives the operator's word, and records it in the same transaction. It is safe to repeat: a shop that is where it
// should be stays there, without a word in the record. Codes: merchant.not_found, merchant.not_applied.
func (s *Service) Move(ctx context.Context, cmd Move) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		shop, err := Load(tx, cmd.Shop)
		switch {
		case err != nil:
			return err
		case cmd.To == Applied && shop.State != Applied:
			return fault.New(fault.Conflict, "merchant.not_applied")
		case cmd.To == Applied:
			return s.note(ctx, tx, "shop.sent_back", shop, audit.Facts{"reason": cmd.Reason})
		case !slices.Contains(moves[cmd.To], shop.State):
			return nil
		}
		moved, err := move(tx, cmd.Shop, shop.State, cmd.To)
		if err != nil || !moved {
			return err
		}
		after := audit.Facts{"state": string(cmd.To)}
		if cmd.Reason != "" {
			after["reason"] = cmd.Reason
		}
		if err := s.note(ctx, tx, "shop.moved", shop, after); err != nil {
			return err
		}
		return s.tell(ctx, tx, topics[cmd.To], cmd.Shop)
	})
}

// note records what the operator did with a shop.
func (s *Service) note(ctx context.Context, tx *db.Tx, what string, was Shop, after audit.Facts) error {
	e := audit.Entry{At: clock.Now(ctx, s.clock), Shop: string(was.ID), On: string(was.ID), What: what, After: after}
	if after["state"] != "" && was.State != "" {
		e.Before = audit.Facts{"state": string(was.State)}
	}
	return audit.Note(ctx, tx, s.ids, e)
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, topic event.Topic, id ID) error {
	return event.Emit(tx, s.ids, event.Event{
		Topic: topic, Subject: string(id), Shop: string(id), At: clock.Now(ctx, s.clock),
	})
}

// Shop is the shop with that id. Codes: merchant.not_found.
func (s *Service) Shop(ctx context.Context, id ID) (shop Shop, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		shop, err = Load(tx, id)
		return err
	})
	return shop, err
}

// ByCode is the shop with that code. Codes: merchant.not_found.
func (s *Service) ByCode(ctx context.Context, code string) (shop Shop, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		shop, err = LoadByCode(tx, code)
		return err
	})
	return shop, err
}

// ListOpen are shops where shoppers buy, the oldest first, after one of them; "" begins with the first.
func (s *Service) ListOpen(ctx context.Context, after ID, limit int) (shops []Shop, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		shops, err = openAfter(tx, after, limit)
		return err
	})
	return shops, err
}

// Shops are the shops, oldest first, closed ones included, at most ShopsMax.
func (s *Service) Shops(ctx context.Context) (shops []Shop, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		shops, err = all(tx)
		return err
	})
	return shops, err
}
