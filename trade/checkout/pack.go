package checkout

import "encoding/binary"

// packer writes texts and numbers one after the other; unpacker reads them in the same order.
type packer []byte

func (p *packer) text(s string) {
	*p = binary.AppendUvarint(*p, uint64(len(s)))
	*p = append(*p, s...)
}

func (p *packer) number(n int64) { *p = binary.AppendVarint(*p, n) }

type unpacker struct {
	rest   []byte
	all    string // what texts are cut from, which needs no memory for each
	broken bool
}

func newUnpacker(b []byte) unpacker { return unpacker{rest: b, all: string(b)} }

func (u *unpacker) text() string {
	n, size := binary.Uvarint(u.rest)
	if size <= 0 || n > uint64(len(u.rest)-size) {
		u.broken, u.rest = true, nil
		return ""
	}
	from := len(u.all) - len(u.rest) + size
	u.rest = u.rest[size+int(n):]
	return u.all[from : from+int(n)]
}

func (u *unpacker) number() int64 {
	n, size := binary.Varint(u.rest)
	if size <= 0 {
		u.broken, u.rest = true, nil
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

// count reads how many things follow: never more than there are bytes left.
func (u *unpacker) count() int64 {
	n := u.number()
	if n < 0 || n > int64(len(u.rest)) {
		u.broken, u.rest = true, nil
		return 0
	}
	return n
}

func (u *unpacker) ok() bool { return !u.broken && len(u.rest) == 0 }
