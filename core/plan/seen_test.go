package plan_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRaw(t *testing.T) {
	for through, want := range map[string][]string{
		"camera":    {"camera.frame->normalise.frame"},
		"normalise": {"encode(normalise.image).out->decode(normalise.image).in"}, // resized and coded
		"net/relu0": nil,
	} {
		f := plantest.Good(t)
		f.Instances[0].Mapping = plantest.Through(through)
		p := plantest.Compiled(t, f)
		raw, err := p.Raw()
		require.NoError(t, err)
		var names []string
		for _, i := range raw {
			names = append(names, p.Graph.FIFOName(i))
		}
		assert.Equal(t, want, names, through)
	}
}
