package page

// Table is rows to look through: sorted by links in its heads, filtered by a form, turned by pages, acted on by many.
// It is a plain table, and cards on a phone. Template "table".
type Table struct {
	ID      string // also the name of the form of Bulk
	Caption string // for readers who listen
	Filter  *Filter
	Columns []Column
	Rows    []Row
	Bulk    *Bulk
	Pager   Pager
	Empty   Empty // instead of no rows
}

// Column is one column; every row has a cell for each. Sorted is "up", "down" or "".
type Column struct {
	Name   string
	Href   string // sorts by it; "" for a column that cannot be
	Sorted string
	Num    bool // numbers, to the right
	Wide   bool // takes the whole width of a card on a phone, without its name
}

// Row is one row. ID is its value in the form of Bulk, Name what its box is called.
type Row struct {
	ID, Name string
	Picked   bool
	Fixed    bool // cannot be picked
	Cells    []Cell
}

// Cell is what stands in one place: a text with what explains it, a state, things to do. All that is set is shown.
type Cell struct {
	Text, Sub string
	Href      string // of the text
	SubHref   string // of what stands below it
	Code      bool   // the text is a number to copy
	Picture   *Picture
	Price     *Price
	Badge     *Badge
	Acts      []Act // buttons of the form that Post names, or links
	Post      string
	Hidden    []Pair
	Field     *CellField
}

// CellField is a small input in a cell, of the form with the id Form.
type CellField struct {
	Name, Value, Label, Form, Mode string
	Error                          string
}

// Filter narrows a list by a form that is sent as the query. Template "filter".
type Filter struct {
	Action string
	Name   string // of the search field, "q" by custom; "" for none
	Label  string
	Query  string
	Fields []Field
	Keep   []Pair // of the query, such as the order
	Clear  string // leads to the list without filters; "" when none is set
}

// Bulk acts on the rows that are picked: a bar that stays in sight. Its form posts the ids of the rows under Name.
type Bulk struct {
	Action, Name string
	Hidden       []Pair
	Acts         []Act
}

// Aria is the value of aria-sort.
func (c Column) Aria() string {
	switch c.Sorted {
	case "up":
		return "ascending"
	case "down":
		return "descending"
	}
	return "none"
}

// Column is the column of a row's cell.
func (t Table) Column(i int) Column { return t.Columns[i] }
