package ruleset

import (
	"context"

	"hutong/base/text"
)

// Title is what a promotion is called, also when it is over: an order names it for years. It is empty where nobody
// knows the promotion any more, or it has no title. Only what is over costs a read.
func (s *Service) Title(ctx context.Context, id string) (text.Entry, error) {
	if p, found := s.Rules().Find(id); found {
		return p.Title, nil
	}
	for _, source := range s.Sources {
		if source.Title == nil {
			continue
		}
		title, err := source.Title(ctx, id)
		if err != nil || title != (text.Entry{}) {
			return title, err
		}
	}
	return text.Entry{}, nil
}
