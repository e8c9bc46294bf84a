package page

import (
	"html/template"
	"strings"
)

// Field is one input with its label, hint and the refusal beside it; template "field".
type Field struct {
	ID, Name, Label, Hint string
	// Kind is an input's type ("text", "tel", "email", "password", "number", "date", "search"), or "select", "area"
	// (several lines), "check" (one box) or "radios" (one of several).
	Kind          string
	Value         string
	Options       []Group // of a select
	Auto          string  // the autocomplete token
	Mode          string  // the inputmode
	Required      bool
	Error         string
	Min, Max      string // of a number
	Length        int    // most characters, 0: no limit
	Checked       bool   // of a check
	Before, After string // inside the box, beside the value: "¥", "kg"
	Rows          int    // of an area; 0: three
	Holder        string // the placeholder; never the only label
	Bare          bool   // nobody is told that it may be left empty: it is obvious
}

// Group is options under a heading, or under none.
type Group struct {
	Label   string
	Options []Option
}

// Option is one choice of a select or of radios.
type Option struct {
	Value, Text string
	Selected    bool
	Sub         string // of a radio: what it means
}

// Described names the elements that explain the field.
func (f Field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// Pair is a name and a value: a hidden field.
type Pair struct{ Name, Value string }

// Act is one thing to do: a button of the form around it, or a link where Href is set.
type Act struct {
	Text, Name, Value string
	Href              string
	Icon              string
	Main, Bad         bool // the one that most want; one that takes something away
}

// Dialog asks before it acts: a button that opens a form. It is a fold in the page, which page.js lets float. Template
// "dialog".
type Dialog struct {
	ID          string
	Open        string // the button in the page
	Title, Text string
	Wrong       string // the refusal of the form as a whole
	Action      string // where the form is posted
	Hidden      []Pair
	Fields      []Field
	Confirm     Act  // its Text, Name and Value; Bad paints it as one that takes something away
	Show        bool // open at once: a refusal stands inside
}

// FileDrop takes files by drag or by choice: an ordinary file field that page.js lets files fall into. The form around
// it has enctype="multipart/form-data". Template "drop".
type FileDrop struct {
	ID, Name, Label, Hint string
	Accept                string // "image/*", ".csv,.xlsx"
	Many, Required        bool
	Error                 string
}

// Described names the elements that explain the field.
func (f FileDrop) Described() string {
	return Field{ID: f.ID, Hint: f.Hint, Error: f.Error}.Described()
}

// StarsField asks for one to five stars: radio buttons in a fieldset. Template "stars-field".
type StarsField struct {
	ID, Name, Legend string
	Value            int // 0: none chosen yet
	Required         bool
	Error            string
	Names            [5]string // what each means, worst first
}

// StarChoice is one of the five.
type StarChoice struct {
	N       int
	Text    string
	Checked bool
}

// Choices are the five, worst first.
func (f StarsField) Choices() []StarChoice {
	all := make([]StarChoice, len(f.Names))
	for i, name := range f.Names {
		all[i] = StarChoice{N: i + 1, Text: name, Checked: i+1 == f.Value}
	}
	return all
}

// choices are the options of a select. Two hundred countries are written faster here than by a template's loops.
func choices(groups []Group) template.HTML {
	var b strings.Builder
	for _, g := range groups {
		if g.Label != "" {
			b.WriteString(`<optgroup label="` + template.HTMLEscapeString(g.Label) + `">`)
		}
		for _, o := range g.Options {
			b.WriteString(`<option value="` + template.HTMLEscapeString(o.Value) + `"`)
			if o.Selected {
				b.WriteString(" selected")
			}
			b.WriteString(">" + template.HTMLEscapeString(o.Text) + "</option>")
		}
		if g.Label != "" {
			b.WriteString("</optgroup>\n")
		}
	}
	return template.HTML(b.String())
}
