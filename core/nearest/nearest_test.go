package nearest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/nearest"
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
	assert.Equal(t, `; did you mean "run"?`, nearest.Hint("rum", known))
	assert.Empty(t, nearest.Hint("frobnicate", known))
}

// A file with very many or very long names has no hint, and takes no time.
func TestNearestIsBounded(t *testing.T) {
	var many []string
	for i := range 10_001 {
		many = append(many, fmt.Sprint("actor", i))
	}
	assert.Equal(t, "actor77", nearest.Of("actr77", many[:10_000]))
	assert.Empty(t, nearest.Of("actr77", many))
	long := strings.Repeat("a", 1<<20)
	assert.Empty(t, nearest.Of(long+"b", []string{long}))
}
