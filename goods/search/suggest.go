package search

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search/index"
)

// What a list of suggestions may hold.
const (
	suggestionsMax = 8
	categoriesMax  = 3
	wordsMax       = 6  // of a suggested title
	charsMax       = 20 // of a suggested title in Chinese
	prefixMax      = 60 // characters of what is being typed: longer texts are not completed
)

// Suggest completes what is being typed: with categories that hold something, whose name begins so or has a
// word that does, then with the beginnings of titles that match best. Every suggestion finds something.
func (s *Service) Suggest(ctx context.Context, prefix string, lang text.Lang) ([]Suggestion, error) {
	prefix = strings.TrimSpace(prefix)
	if prefix == "" || utf8.RuneCountInString(prefix) > prefixMax {
		return nil, nil
	}
	list := s.categories(prefix, lang)
	found, err := s.index.Search(index.Query{Text: prefix, Limit: 3 * suggestionsMax})
	if err != nil || found.Loose {
		return list, err
	}
	ids := make([]catalog.ID, len(found.IDs))
	for i, id := range found.IDs {
		ids[i] = catalog.ID(id)
	}
	cards, err := s.Cards(ctx, ids)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, suggestion := range list {
		seen[strings.ToLower(suggestion.Text)] = true
	}
	for _, c := range cards {
		short := shortTitle(c.Title.In(lang))
		if key := strings.ToLower(short); len(list) < suggestionsMax && !seen[key] {
			seen[key] = true
			list = append(list, Suggestion{Text: short})
		}
	}
	return list, nil
}

// categories are the fullest that match and hold something.
func (s *Service) categories(prefix string, lang text.Lang) []Suggestion {
	typed := strings.ToLower(prefix)
	var list []Suggestion
	for _, full := range s.index.Categories(func(id string) bool { return begins(id, typed) }) {
		if n, known := taxonomy.Find(full.ID); known && len(list) < categoriesMax {
			name := text.Entry{Zh: n.Zh, En: n.En}
			list = append(list, Suggestion{Text: name.Pick(lang), Category: full.ID})
		}
	}
	return list
}

// begins tells whether the name of a category, or a word of it, begins with what was typed in small letters.
func begins(category, typed string) bool {
	n, _ := taxonomy.Find(category)
	en := strings.ToLower(n.En)
	return strings.Contains(n.Zh, typed) || strings.HasPrefix(en, typed) || strings.Contains(en, " "+typed)
}

// shortTitle is the beginning of a title, cut where a word ends.
func shortTitle(title string) string {
	words, chars := 0, 0
	for at, r := range title {
		switch {
		case unicode.Is(unicode.Han, r):
			chars++
		case unicode.IsSpace(r):
			words++
		}
		if words == wordsMax || chars > charsMax {
			return strings.TrimRight(title[:at], " ,;:-–(，、；：（")
		}
	}
	return title
}
