package magento

import (
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/goods/intake"
)

// assignment is one name=value of Magento's lists.
type assignment struct{ name, value string }

// assignments reads "size=XS,color=Black". A comma inside a value shows by what follows it having no name.
func assignments(list string) []assignment {
	var out []assignment
	value, end := 0, 0 // the last value is list[value:end]
	finish := func() {
		if len(out) > 0 {
			out[len(out)-1].value = unquote(strings.TrimSpace(list[value:end]))
		}
	}
	for at := 0; at <= len(list); {
		next := len(list)
		if i := strings.IndexByte(list[at:], ','); i >= 0 {
			next = at + i
		}
		if name, _, ok := strings.Cut(list[at:next], "="); ok {
			finish()
			out = append(out, assignment{name: strings.TrimSpace(name)})
			value = at + len(name) + 1
		}
		end, at = next, next+1
	}
	finish()
	return out
}

// unquote takes off the quotes that newer exports put around values.
func unquote(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		return strings.ReplaceAll(v[1:len(v)-1], `""`, `"`)
	}
	return v
}

// variation is one child that a configurable names.
type variation struct {
	sku     string
	choices []assignment
}

func variations(s *intake.Sheet) []variation {
	var out []variation
	for part := range strings.SplitSeq(s.Get("configurable_variations"), "|") {
		v := variation{}
		for _, a := range assignments(part) {
			if a.name == "sku" {
				v.sku = a.value
			} else {
				v.choices = append(v.choices, a)
			}
		}
		if v.sku != "" {
			out = append(out, v)
		}
	}
	return out
}

// families knows which simple products are children of which configurable.
type families struct {
	parents  map[string]string // parent's sku by child's
	present  map[string]int    // simple rows by sku, until join
	lines    map[string]int    // line of each configurable that the first look met
	assembly *intake.Assembly[member]
	rows     int
}

// member is a row of a configurable: the parent, or one child.
type member struct {
	line       int
	parent     *intake.Product
	variations []variation
	labels     []assignment
	sku        string
	child      *intake.SKU // nil when its figures were rejected
	pictures   []string    // of the child
}

func newFamilies() *families {
	return &families{
		parents: map[string]string{}, present: map[string]int{}, lines: map[string]int{},
		assembly: intake.NewAssembly[member](intake.HeldMax),
	}
}

func (f *families) parentOf(sku string) string { return f.parents[sku] }

// note remembers one row at the first look.
func (f *families) note(s *intake.Sheet) error {
	sku := s.Get("sku")
	if sku == "" || len(sku) > intake.IDMax || f.rows >= intake.IndexMax {
		return nil // refused at the second look
	}
	f.rows++
	switch kind(s) {
	case "simple", "virtual", "downloadable":
		f.present[sku]++
	case "configurable":
		if f.lines[sku] > 0 {
			return nil
		}
		f.lines[sku] = s.Line()
		f.assembly.Expect(sku)
		for _, v := range variations(s) {
			if f.parents[v.sku] == "" && len(v.sku) <= intake.IDMax && f.rows < intake.IndexMax {
				f.rows++
				f.parents[v.sku] = sku
			}
		}
	}
	return nil
}

// join counts the children that are in the file.
func (f *families) join() {
	for child, parent := range f.parents {
		for range f.present[child] {
			f.assembly.Expect(parent)
		}
		if f.present[child] == 0 {
			delete(f.parents, child)
		}
	}
	f.present = nil
}

// member hands one row of a configurable over, and emits the product when that was its last.
func (r *reader) member(s *intake.Sheet, parent string, isParent bool) error {
	first := r.families.lines[parent]
	if isParent && first != s.Line() && first > 0 {
		s.Reject("intake.duplicate_product", "id", fault.P("id", parent), fault.P("line", first))
		return nil
	}
	if !r.families.assembly.Expects(parent) { // more rows than can be remembered
		s.Reject("intake.too_scattered", "parent")
		return nil
	}
	m, size := r.read(s, isParent)
	rows, refused := r.families.assembly.Add(parent, m, size)
	if refused {
		for _, row := range rows {
			s.RejectAt(row.line, "intake.too_scattered", "parent")
		}
		return nil
	}
	if len(rows) == 0 {
		return nil
	}
	return r.join(s, parent, rows)
}

func (r *reader) read(s *intake.Sheet, isParent bool) (m member, size int) {
	m = member{line: s.Line(), sku: s.Get("sku")}
	if !isParent {
		if sku, ok := r.sku(s); ok {
			m.child = &sku
		}
		m.pictures = pictures(s)
		return m, 500 + len(s.Get("base_image")) + len(s.Get("additional_images"))
	}
	p := product(s)
	m.parent, m.variations = &p, variations(s)
	m.labels = assignments(s.Get("configurable_variation_labels"))
	p.Attributes = attributes(s, chosen(m.variations))
	size = 1000 + len(p.DescriptionHTML) + len(s.Get("additional_attributes")) +
		len(s.Get("additional_images")) + len(s.Get("categories")) + 2*len(s.Get("configurable_variations"))
	return m, size
}

// chosen are the names of what differs between the variations, in the file's order; if they are too many for one
// product, enough of them for Check to say so.
func chosen(all []variation) []string {
	var names []string
	for _, v := range all {
		for _, c := range v.choices {
			if len(names) <= intake.OptionsMax && !slices.Contains(names, c.name) {
				names = append(names, c.name)
			}
		}
	}
	return names
}

// join makes one product of a configurable and its children, in the order that the parent names them.
func (r *reader) join(s *intake.Sheet, sku string, rows []member) error {
	at := slices.IndexFunc(rows, func(m member) bool { return m.parent != nil })
	if at < 0 {
		return nil // the file changed between the two looks
	}
	parent := rows[at]
	p := *parent.parent
	names := chosen(parent.variations)
	for _, n := range names {
		p.Options = append(p.Options, intake.Option{Name: label(parent.labels, n)})
	}
	children := map[string][]member{}
	for _, m := range rows {
		if m.parent == nil {
			children[m.sku] = append(children[m.sku], m)
		}
	}
	for _, v := range parent.variations {
		switch owner := r.families.parentOf(v.sku); owner {
		case sku:
			take(&p, names, v, children[v.sku])
		case "":
			s.RejectAt(parent.line, "intake.child_missing", "sku", fault.P("sku", v.sku))
			p.Refused++
		default:
			s.RejectAt(parent.line, "intake.child_taken", "sku", fault.P("sku", v.sku))
			p.Refused++
		}
	}
	return r.emit(p)
}

// take adds the rows of one child: one, or more if the file repeats it, which Check refuses.
func take(p *intake.Product, names []string, v variation, rows []member) {
	values := make([]string, len(names))
	for i, n := range names {
		for _, c := range v.choices {
			if c.name == n {
				values[i] = c.value
			}
		}
		p.Options[i].Values = append(p.Options[i].Values, values[i])
	}
	for _, m := range rows {
		if m.child == nil {
			p.Refused++
			continue
		}
		child := *m.child
		child.Values = values
		p.SKUs = append(p.SKUs, child)
		for _, ref := range m.pictures {
			if len(p.Pictures) < intake.PicturesMax && !slices.Contains(p.Pictures, ref) {
				p.Pictures = append(p.Pictures, ref)
			}
		}
	}
}

// label is the shopper's name of an option, where the file has one.
func label(labels []assignment, name string) string {
	for _, l := range labels {
		if l.name == name {
			return l.value
		}
	}
	return intake.Label(name)
}
