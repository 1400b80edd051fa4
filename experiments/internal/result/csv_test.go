package result

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/stretchr/testify/require"
)

func TestCSVGolden(t *testing.T) {
	for name, s := range map[string]*Sweep{
		"table": tableSweep(), "energy": energySweep(), "mapped": mappedSweep(), "swept": swept(),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, WriteCSV(&b, s))
			golden.Check(t, filepath.Join("testdata", name+".csv"), b.Bytes())
		})
	}
}
