package page

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
)

// Kept holds public pages as bytes for a short time: on a sale day they are asked for far more often than they change.
// The personal part of the frame is put in for each request, into the packed bytes too, and is never kept.
type Kept struct {
	set     *Set
	clock   clock.Clock
	ttl     time.Duration
	version func() uint64

	mu    sync.Mutex
	slots map[slotKey]*slot
	bytes int
}

type slotKey struct {
	path string
	lang text.Lang
}

// slot is one page; its lock lets one request make it while the others wait for that.
type slot struct {
	mu      sync.Mutex
	made    *made
	until   time.Time
	version uint64
}

// made is a page on both sides of the mark, plain and as deflate blocks that end on a byte.
type made struct {
	head, tail, packedHead, packedTail []byte
	sum                                uint32 // CRC-32 of head

	mu       sync.Mutex
	personal map[Me][]byte // the personal parts of readers who look alike, such as all who have an empty cart
}

// alikeMax bounds how many different personal parts are kept with a page.
const alikeMax = 8

func (m *made) size() int {
	return len(m.head) + len(m.tail) + len(m.packedHead) + len(m.packedTail)
}

// bytesMax bounds the memory of kept pages: some hundred pages, the ones that a sale day asks for.
const bytesMax = 16 << 20

// hereMax bounds the way back that the personal part holds, which must fit one stored block of 64 KiB.
const hereMax = 2000

// NewKept makes an empty Kept. version tells the version of what is sold: a page made of another one is made anew.
func NewKept(set *Set, c clock.Clock, ttl time.Duration, version func() uint64) *Kept {
	return &Kept{set: set, clock: c, ttl: ttl, version: version, slots: map[slotKey]*slot{}}
}

// Ask is a request for a public page. Path must be canonical: it is what the page is kept under, and the way back to
// it.
type Ask struct {
	Path string
	Lang text.Lang
	Name string // of the template
	Me   Me
	Make func(ctx context.Context) (View, error)
}

// Serve answers from the kept bytes, or makes them.
func (k *Kept) Serve(w http.ResponseWriter, r *http.Request, a Ask) error {
	m, err := k.page(r.Context(), a)
	if err != nil {
		return err
	}
	personal, err := k.personal(m, a)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(a.Lang))
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Accept-Encoding")
	if packs(r) {
		m.writePacked(w, personal)
		return nil
	}
	h.Set("Content-Length", strconv.Itoa(len(m.head)+len(personal)+len(m.tail)))
	for _, part := range [][]byte{m.head, personal, m.tail} {
		_, _ = w.Write(part) // a reader who has gone away is no error of ours
	}
	return nil
}

// personal is the part of the frame that is about the reader: all that it says follows from Me, the language and the
// page, so readers who look alike share it.
func (k *Kept) personal(m *made, a Ask) ([]byte, error) {
	m.mu.Lock()
	part, known := m.personal[a.Me]
	m.mu.Unlock()
	if known {
		return part, nil
	}
	f := Frame{Lang: a.Lang, Me: a.Me, Here: a.Path}
	if len(f.Here) > hereMax {
		f.Here = "/"
	}
	var b bytes.Buffer
	if err := k.set.execute(&b, a.Lang, a.Name, "personal", f); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.personal) < alikeMax {
		m.personal[a.Me] = b.Bytes()
	}
	return b.Bytes(), nil
}

// page finds the bytes or makes them; whoever asks meanwhile for the same page waits for the one who makes it.
func (k *Kept) page(ctx context.Context, a Ask) (*made, error) {
	key := slotKey{a.Path, a.Lang}
	s := k.slot(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	now, version := k.clock.Now(), k.version()
	if s.made != nil && now.Before(s.until) && s.version == version {
		return s.made, nil
	}
	m, err := k.make(ctx, a)
	k.account(key, s, m)
	if err != nil {
		return nil, err
	}
	s.made, s.until, s.version = m, now.Add(k.ttl), version
	return m, nil
}

func (k *Kept) slot(key slotKey) *slot {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.slots[key]
	if s == nil {
		s = &slot{}
		k.slots[key] = s
	}
	return s
}

// account counts the bytes of a page that is about to stand in its slot; m is nil when making it failed, and then the
// slot goes. Where there are too many bytes everything is dropped: the pages that matter are asked for, and so made,
// again at once, and what a crawler walked through is gone.
func (k *Kept) account(key slotKey, s *slot, m *made) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.slots[key] != s {
		return // dropped meanwhile: this page is served once and forgotten
	}
	if s.made != nil {
		k.bytes -= s.made.size()
	}
	if m == nil {
		s.made = nil
		delete(k.slots, key)
		return
	}
	k.bytes += m.size()
	if k.bytes > bytesMax {
		k.slots, k.bytes = map[slotKey]*slot{}, 0
	}
}

var errMark = errors.New("page: a public page must hold the mark once")

func (k *Kept) make(ctx context.Context, a Ask) (*made, error) {
	v, err := a.Make(ctx)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := k.set.execute(&b, a.Lang, a.Name, "layout", v); err != nil {
		return nil, err
	}
	if bytes.Count(b.Bytes(), []byte(mark)) != 1 {
		return nil, errMark
	}
	head, tail, _ := bytes.Cut(b.Bytes(), []byte(mark))
	m := &made{head: head, tail: tail, sum: crc32.ChecksumIEEE(head), personal: map[Me][]byte{}}
	if m.packedHead, err = deflate(head); err != nil {
		return nil, err
	}
	m.packedTail, err = deflate(tail)
	return m, err
}

// deflate packs a part into blocks that end on a byte boundary and refer to nothing outside the part.
func deflate(part []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, 6)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(part); err != nil {
		return nil, err
	}
	err = z.Flush()
	return b.Bytes(), err
}

var (
	gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
	lastBlock  = []byte{1, 0, 0, 0xff, 0xff} // an empty stored block that ends the stream
)

// writePacked sends one gzip stream: packed head, the personal part as a stored block, packed tail.
func (m *made) writePacked(w http.ResponseWriter, personal []byte) {
	stored := binary.LittleEndian.AppendUint16([]byte{0}, uint16(len(personal)))
	stored = append(binary.LittleEndian.AppendUint16(stored, ^uint16(len(personal))), personal...)
	sum := crc32.Update(crc32.Update(m.sum, crc32.IEEETable, personal), crc32.IEEETable, m.tail)
	size := len(m.head) + len(personal) + len(m.tail)
	end := binary.LittleEndian.AppendUint32(bytes.Clone(lastBlock), sum)
	end = binary.LittleEndian.AppendUint32(end, uint32(size))
	parts := [][]byte{gzipHeader, m.packedHead, stored, m.packedTail, end}
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(length))
	for _, p := range parts {
		_, _ = w.Write(p) // a reader who has gone away is no error of ours
	}
}
