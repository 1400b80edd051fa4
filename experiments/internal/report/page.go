package report

// Page is what a report shows, from top to bottom. Every text is plain: it is escaped where it
// is written. What is empty is left out.
type Page struct {
	Title string
	// Kicker says in one line what of it is real, emulated, modelled or assumed.
	Kicker string
	// Lead is the answer, a sentence each, the most important first.
	Lead    []string
	Facts   []Fact
	Notes   []Note
	Figures []Figure
	// Pictures are shown side by side with others of their group, groups in order of appearance.
	Pictures []Picture
	Tables   []Table
	Method   []Section
}

// Fact is a figure that one looks for first, such as the speed-up, with its interval and unit.
type Fact struct{ Name, Value string }

// Note is what a reader must know about the results, by its kind: assumed, unverified,
// disturbed, throttled, failed.
type Note struct{ Kind, Text string }

// Figure is a drawing: SVG, or PNG where there is none. Of an SVG only shapes and texts are
// taken over. File is the path of the drawing, relative to the page, where it lies beside the
// page; empty: it does not.
type Figure struct {
	Name, Caption, File string
	SVG, PNG            []byte
}

// Picture is a photograph or the like, as PNG.
type Picture struct {
	Caption, Group string
	PNG            []byte
}

// Table is a table that can be sorted and filtered.
type Table struct {
	Name    string
	About   string // what one has to know to read it
	Columns []Column
	Rows    []Row
}

// Column is a column of a table. Unit is that of all its cells, empty where they have none.
type Column struct {
	Name, Unit string
	Numeric    bool   // sorted by Cell.Value, and aligned to the right
	About      string // what it means, where its name doesn't say it
}

// Row has a cell for each column. Rows that are not measured can be hidden where a table has
// both kinds.
type Row struct {
	Cells    []Cell
	Measured bool
}

// Cell shows a text. Value orders it in a numeric column; nil: it is missing, and comes last.
// Link is an address relative to the page that the text leads to; empty: it is no link.
type Cell struct {
	Text  string
	Value *float64
	Link  string
}

// Number is a cell with a value.
func Number(text string, value float64) Cell { return Cell{Text: text, Value: &value} }

// Section is a part of how the results came about: a title, and a paragraph for each line.
type Section struct {
	Title string
	Lines []string
}
