package order

import (
	"context"
	"slices"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/lane"
)

// askedMax bounds how many orders are read at once for shoppers, and askedWorkers how many such batches there are, each
// on a reader of its own: fewer than there are.
const (
	askedMax     = 64
	askedWorkers = 2
)

// readAll reads the orders that several ask for at once, with as many statements as for one. Whatever they were told
// was committed before they asked, and so before this snapshot.
func (s *Service) readAll(ids []ID) (outs []lane.Outcome[Order], err error) {
	err = s.DB.Read(context.Background(), func(tx *db.Tx) error {
		all, err := load(tx, ids, false)
		if err != nil {
			return err
		}
		steps, err := loadSteps(tx, ids)
		if err != nil {
			return err
		}
		byID := make(map[ID]Order, len(all))
		for _, o := range all {
			o.Steps = steps[o.ID]
			byID[o.ID] = o
		}
		outs = make([]lane.Outcome[Order], len(ids))
		for i, id := range ids {
			o, found := byID[id]
			switch {
			case !found:
				outs[i].Err = fault.New(fault.NotFound, "order.not_found")
			case slices.Contains(ids[:i], id): // two ask for the same
				outs[i].Reply = o.apart()
			default:
				outs[i].Reply = o
			}
		}
		return nil
	})
	return outs, err
}

// apart is an order that shares nothing with the one that it is made of.
func (o Order) apart() Order {
	o.Steps, o.Subs = slices.Clone(o.Steps), slices.Clone(o.Subs)
	for i := range o.Subs {
		o.Subs[i].Lines = slices.Clone(o.Subs[i].Lines)
	}
	if o.Presale != nil {
		presale := *o.Presale
		o.Presale = &presale
	}
	return o
}
