package input_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/nearest"
	"github.com/stretchr/testify/assert"
)

func TestNearest(t *testing.T) {
	known := []string{"run", "up", "reproduce", "check", "datasets", "o"}
	for name, want := range map[string]string{
		"rum": "run", "RUN": "run", "urn": "run", "reprodcue": "reproduce", "dataset": "datasets", "chekc": "check",
		"frobnicate": "", "x": "", "": "", "pu": "up", "reprod": "reproduce", "re": "",
	} {
		assert.Equal(t, want, nearest.Of(name, known), name)
	}
	assert.Equal(t, `; did you mean "run"?`, input.Suggest("rum", known))
	assert.Empty(t, input.Suggest("frobnicate", known))
}
