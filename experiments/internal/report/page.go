// Package report writes what was found as one self-contained page that leads with the answer. It
// may not compute a result, nor draw.
package report

import "github.com/edgeprune/edgeprune/experiments/internal/listing"

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
// taken over; without a Caption it has the SVG's description. File is the path of the drawing,
// relative to the page, where it lies beside the page; empty: it does not.
type Figure struct {
	Name, Caption, File string
	SVG, PNG            []byte
}

// Picture is a photograph or the like, as PNG.
type Picture struct {
	Caption, Group string
	PNG            []byte
}

// Tables are plain data, which other packages make as well.
type (
	// Table can be sorted and filtered.
	Table = listing.Table
	// Column is one of its columns.
	Column = listing.Column
	// Row can be hidden where it was not measured, in a table that has measured ones too.
	Row = listing.Row
	// Cell shows a text, and is sorted by its value.
	Cell = listing.Cell
)

// Number is a cell with a value.
func Number(text string, value float64) Cell { return listing.Number(text, value) }

// Section is a part of how the results came about: a title, and a paragraph for each line.
type Section struct {
	Title string
	Lines []string
}
