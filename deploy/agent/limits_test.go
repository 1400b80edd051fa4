package agent

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
)

// All sub-models that are fetched count, each once, whatever actors they are said to be of.
func TestAllFetchedModelsCount(t *testing.T) {
	b := enginetest.NewBuilder("p", 1, 1)
	b.Chain(1, 1, 0, 0)
	n := needs(b.Plan(), &wire.LoadRequest{Models: map[int]wire.Model{
		0: {SHA256: "a", Bytes: 5}, 1: {SHA256: "a", Bytes: 5}, 1 << 20: {SHA256: "b", Bytes: 7},
		-1: {SHA256: "c", Bytes: 100},
	}})
	assert.EqualValues(t, 112, n.ModelBytes)
}
