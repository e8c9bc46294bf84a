package woocommerce

import (
	"slices"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// families knows which rows make up one variable product. A variation names its parent by code or as "id:123".
type families struct {
	parents  map[string]string // code or "id:123" of a parent, to its family's key
	pending  map[string]int    // rows by what they name as Parent, until all parents are known
	assembly *intake.Assembly[member]
	arrived  map[string]int // line of the parent that the second look met, by family key
	rows     int
}

// member is a row of a variable product: its parent, or a variation.
type member struct {
	parent    *intake.Product
	variation *intake.SKU
	refused   bool // its figures were rejected
	line      int
	pairs     []pair
	position  int
}

func newFamilies() *families {
	return &families{
		parents: map[string]string{}, pending: map[string]int{}, arrived: map[string]int{},
		assembly: intake.NewAssembly[member](intake.HeldMax),
	}
}

// parentKey is the key of the family whose parent is the current row.
func (f *families) parentKey(s *intake.Sheet) string { return "id:" + id(s) }

// familyOf is the key of the family that a variation's Parent names, "" when the file has no such parent.
func (f *families) familyOf(parent string) string { return f.parents[parent] }

// note remembers one row at the first look.
func (f *families) note(s *intake.Sheet) error {
	if f.rows >= intake.IndexMax { // later families are incomplete, and refused as such
		return nil
	}
	switch kind(s) {
	case "variable":
		key := f.parentKey(s)
		if len(key) > intake.IDMax || f.parents[key] != "" {
			return nil
		}
		f.rows++
		f.parents[key] = key
		f.assembly.Expect(key)
		if code := s.Get("SKU"); code != "" && f.parents[code] == "" && len(code) <= intake.IDMax {
			f.parents[code] = key
		}
	case "variation":
		if parent := s.Get("Parent"); parent != "" && len(parent) <= intake.IDMax {
			f.rows++
			f.pending[parent]++
		}
	}
	return nil
}

// join adds the variations to their families, once all parents are known.
func (f *families) join() {
	for parent, rows := range f.pending {
		key := f.parents[parent]
		for range rows {
			if key != "" {
				f.assembly.Expect(key)
			}
		}
	}
	f.pending = nil
}

// member hands one row of a variable product over, and emits the product when that was its last.
func (r *reader) member(s *intake.Sheet, key string, variation bool) error {
	if first := r.families.arrived[key]; first > 0 && !variation {
		s.Reject("intake.duplicate_product", "id", fault.P("id", id(s)), fault.P("line", first))
		return nil
	}
	if !r.families.assembly.Expects(key) { // more rows than can be remembered
		s.Reject("intake.too_scattered", "parent")
		return nil
	}
	m := member{line: s.Line(), pairs: pairs(s)}
	size := len(s.Get("Name")) + len(s.Get("Images")) + 500
	if variation {
		sku, ok := r.sku(s)
		m.variation, m.refused = &sku, !ok
		m.position, _ = strconv.Atoi(s.Get("Position")) // no number sorts first, as in the shop
	} else {
		p := r.product(s)
		m.parent = &p
		r.families.arrived[key] = s.Line()
		size += len(p.DescriptionHTML) + len(s.Get("Tags")) + len(s.Get("Categories"))
	}
	for _, a := range m.pairs {
		size += len(a.name) + len(strings.Join(a.values, ""))
	}
	rows, refused := r.families.assembly.Add(key, m, size)
	if refused {
		for _, row := range rows {
			s.RejectAt(row.line, "intake.too_scattered", "parent")
		}
		return nil
	}
	if r.families.arrived[key] == 0 || len(rows) == 0 {
		return nil
	}
	return r.emit(join(rows))
}

// anyValue stands for a variation that fits every value of an option.
const anyValue = "Any"

// join makes one product of its parent and its variations.
func join(rows []member) intake.Product {
	parent := rows[slices.IndexFunc(rows, func(m member) bool { return m.parent != nil })]
	p := *parent.parent
	variations := slices.DeleteFunc(slices.Clone(rows), func(m member) bool { return m.variation == nil })
	slices.SortStableFunc(variations, func(a, b member) int { return a.position - b.position })
	for _, a := range parent.pairs {
		chosen := func(m member) bool { return value(m, a.name) != "" }
		if !slices.ContainsFunc(variations, chosen) { // a fact of the whole product, nothing to choose
			p.Attributes = append(p.Attributes, intake.Attribute{Name: a.name, Value: strings.Join(a.values, ", ")})
			continue
		}
		p.Options = append(p.Options, intake.Option{Name: a.name, Values: a.values})
	}
	for _, v := range variations {
		if v.refused {
			p.Refused++
			continue
		}
		if len(p.SKUs) > intake.SKUsMax { // enough for Check to refuse the product
			break
		}
		sku := *v.variation
		for i := range p.Options {
			sku.Values = append(sku.Values, choose(&p.Options[i], value(v, p.Options[i].Name)))
		}
		p.SKUs = append(p.SKUs, sku)
	}
	return p
}

// choose gives the variation's value of an option and makes sure that the option has it.
func choose(o *intake.Option, v string) string {
	if v == "" {
		v = anyValue
	}
	if !slices.Contains(o.Values, v) {
		o.Values = append(slices.Clip(o.Values), v)
	}
	return v
}

func value(m member, name string) string {
	for _, a := range m.pairs {
		if a.name == name {
			return strings.Join(a.values, ", ")
		}
	}
	return ""
}
