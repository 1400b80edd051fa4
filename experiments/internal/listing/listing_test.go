package listing

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Columns in which no row has anything are left out; others stay, in their order.
func TestCompact(t *testing.T) {
	one := Number("1 ms", 1)
	table := Table{Name: "t", Columns: []Column{{Name: "a"}, {Name: "none"}, {Name: "b", Numeric: true}, {Name: "dash"}},
		Rows: []Row{
			{Cells: []Cell{{Text: "x"}, {}, {Text: Missing}, {Text: Missing}}},
			{Cells: []Cell{{}, {}, one, {}}, Measured: true},
		}}
	assert.Equal(t, Table{Name: "t", Columns: []Column{{Name: "a"}, {Name: "b", Numeric: true}}, Rows: []Row{
		{Cells: []Cell{{Text: "x"}, {Text: Missing}}}, {Cells: []Cell{{}, one}, Measured: true},
	}}, table.Compact())
	assert.Len(t, table.Columns, 4)
	assert.Equal(t, Table{Rows: []Row{}}, Table{Columns: []Column{{Name: "a"}}}.Compact())
}
