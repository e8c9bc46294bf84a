package page

import (
	"net/url"

	"hutong/base/id"
)

// Place is where a list goes on: the id of that kind that an address has under a name. What is none, or another
// list's, is "", the beginning: below it there might be nothing, and a list that has rows be shown as an empty one.
func Place(q url.Values, name, kind string) string {
	if at := q.Get(name); id.Valid(at, kind) {
		return at
	}
	return ""
}
