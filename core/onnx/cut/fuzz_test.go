package cut_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/require"
)

// weights are the files beside a fuzzed model.
var weights = onnxtest.External().Files

// FuzzSplit cuts whatever can be read at one place: both sides can be read
// again.
func FuzzSplit(f *testing.F) {
	onnxtest.Seed(f)
	f.Fuzz(func(t *testing.T, data []byte, at byte) {
		m, err := onnx.ParseFiles(data, weights)
		if err != nil || len(m.Nodes()) > 200 {
			return
		}
		cuts, _, err := cut.All(m, cut.Limits{Heads: 64})
		if err != nil {
			require.ErrorIs(t, err, cut.ErrNoCut)
			return
		}
		_, err = cut.Chain(m)
		if err != nil && !errors.Is(err, onnx.ErrNoShape) {
			require.ErrorIs(t, err, cut.ErrNoCut)
		}
		c := cuts[int(at)%len(cuts)]
		for _, ends := range [][2]cut.Cut{{cuts[0], c}, {c, cuts[len(cuts)-1]}} {
			s, err := cut.Between(m, ends[0], ends[1], "")
			if errors.Is(err, cut.ErrNoCut) || errors.Is(err, onnx.ErrNoType) {
				continue
			}
			require.NoError(t, err, "from %q to %q", key(ends[0]), key(ends[1]))
			var b bytes.Buffer
			require.NoError(t, s.WriteModel(&b), "from %q to %q", key(ends[0]), key(ends[1]))
			_, err = onnx.Parse(b.Bytes())
			require.NoError(t, err, "from %q to %q: the part does not parse", key(ends[0]), key(ends[1]))
		}
	})
}
