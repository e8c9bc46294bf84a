package order

import "strings"

// split turns a column list, as the queries read it, into the names that a bulk insert takes.
func split(columns string) []string {
	names := strings.Split(columns, ",")
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
	}
	return names
}
