package verify

import (
	"encoding/json"
	"strconv"
	"strings"
)

// column reads the lists of JSON that some columns hold: names and whole numbers in lists of fixed shapes, such as
// [["bud:prm_1",100]]. Every line of every order has one, and encoding/json makes a dozen pieces of memory of each.
// Where the text is not what is asked for, bad is set and nothing further is read.
type column struct {
	rest string
	bad  bool
}

// is tells whether the next sign is this one, and goes behind it.
func (c *column) is(sign byte) bool {
	c.rest = strings.TrimLeft(c.rest, " \t\r\n")
	if c.bad || c.rest == "" || c.rest[0] != sign {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

// want goes behind the next sign, which must be this one.
func (c *column) want(sign byte) { c.bad = !c.is(sign) || c.bad }

// more goes to the next element of a list, of which it has read n so far, or behind the list.
func (c *column) more(n int) bool {
	if c.is(']') || c.bad {
		return false
	}
	if n > 0 {
		c.want(',')
	}
	return !c.bad
}

// text reads a string.
func (c *column) text() string {
	c.want('"')
	end := strings.IndexByte(c.rest, '"')
	if c.bad || end < 0 {
		c.bad = true
		return ""
	}
	plain := c.rest[:end]
	if strings.IndexByte(plain, '\\') < 0 {
		c.rest = c.rest[end+1:]
		return plain
	}
	return c.escaped()
}

// escaped reads a string with escapes in it, behind its first quote.
func (c *column) escaped() (s string) {
	for end := 0; end < len(c.rest); end++ {
		switch c.rest[end] {
		case '\\':
			end++
		case '"':
			c.bad = json.Unmarshal([]byte(`"`+c.rest[:end+1]), &s) != nil
			c.rest = c.rest[end+1:]
			return s
		}
	}
	c.bad = true
	return ""
}

// number reads a whole number.
func (c *column) number() int64 {
	c.is(' ') // goes behind what is blank
	end := 0
	for end < len(c.rest) && strings.IndexByte("-0123456789", c.rest[end]) >= 0 {
		end++
	}
	n, err := strconv.ParseInt(c.rest[:end], 10, 64)
	c.bad = c.bad || err != nil
	c.rest = c.rest[end:]
	return n
}

// whole tells whether everything was right and read to its end.
func (c *column) whole() bool { return !c.bad && strings.TrimLeft(c.rest, " \t\r\n") == "" }

// pairs reads a list of names with a number each, and tells each. It is false where the text is not such a list.
func pairs(stored string, tell func(name string, n int64)) bool {
	c := column{rest: stored}
	c.pairs(tell)
	return c.whole()
}

func (c *column) pairs(tell func(name string, n int64)) {
	c.want('[')
	for n := 0; c.more(n); n++ {
		c.want('[')
		name := c.text()
		c.want(',')
		number := c.number()
		if c.want(']'); !c.bad {
			tell(name, number)
		}
	}
}
