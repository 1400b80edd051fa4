package leakagecmd

import (
	"testing"

	core "github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/stretchr/testify/assert"
)

// Codecs of which the same arrives are one line of the figure.
func TestDepthOfCodecsAlike(t *testing.T) {
	row := func(cut, codec string, value float64) leakage.Row {
		return leakage.Row{Cut: cut, Codec: codec, Dependence: &core.Estimate{Value: value, Low: value, High: value}}
	}
	d := depth(&leakage.Table{Rows: []leakage.Row{row("a", "none", 1), row("a", "zstd", 1), row("b", "none", 0.5),
		row("b", "int8", 0.4), row("b", "zstd", 0.5), row("b", "int8+zstd", 0.4)}})
	assert.Equal(t, []string{"a", "b"}, d.Cuts)
	var names []string
	for _, l := range d.Panels[0].Lines {
		names = append(names, l.Name)
	}
	assert.Equal(t, []string{"codec none, zstd", "codec int8, int8+zstd"}, names)
	assert.Equal(t, []string{"floor", "ceiling"}, []string{d.Panels[1].Bounds[0].Name, d.Panels[1].Bounds[1].Name})
}
