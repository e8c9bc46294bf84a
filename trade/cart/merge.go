package cart

import "hutong/goods/offer"

// merged is what merging another cart's lines into one does.
type merged struct {
	fresh  []Line     // come in
	raised []Line     // were there, with a smaller quantity
	moved  []offer.ID // leave the other cart
}

// merge decides which of theirs come into mine.
func merge(mine, theirs []Line, known map[offer.ID]offer.Offer) merged {
	var m merged
	have := make(map[offer.ID]int64, len(mine))
	for _, l := range mine {
		have[l.Offer] = l.Quantity
	}
	for _, l := range theirs {
		was, there := have[l.Offer]
		if !there {
			if admit(known[l.Offer], mine, known) != nil {
				continue
			}
			m.fresh = append(m.fresh, l)
			mine = append(mine, l)
		} else if l.Quantity > was {
			m.raised = append(m.raised, l)
		}
		m.moved = append(m.moved, l.Offer)
	}
	return m
}
