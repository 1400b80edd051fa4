package result

import (
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What links share has rows of its own, in both tables.
func TestMediaInTables(t *testing.T) {
	r := ResourcesOf(&plan.Plan{}, &summary.Run{End: 2 * time.Second, Media: []summary.Medium{
		{Medium: "attic", Tokens: 3, Busy: 500 * time.Millisecond, Active: time.Second, Utilisation: 0.25, Crossing: 0.5},
		{Medium: "cell", Tokens: 40, Busy: time.Second, Active: time.Second, Utilisation: 0.5, Crossing: 2.5},
	}})
	require.Len(t, r.Media, 2)
	assert.Equal(t, 1.0, r.Media[0].ActiveSeconds)
	var text, table strings.Builder
	require.NoError(t, r.WriteTable(&text))
	require.NoError(t, r.WriteCSV(&table))
	assert.Contains(t, text.String(), `
MEDIUM  UTILISATION  TOKENS   AT A TIME
cell    50.0 %       40       2.5
attic   25.0 %       3        0.5
`)
	assert.Contains(t, table.String(), "\nmedium,attic,3,0.5,0.25,,,,,,,,,,,\nmedium,cell,40,1,0.5,,,,,,,,,,,\n")
}
