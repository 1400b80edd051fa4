package codectable

import (
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/stretchr/testify/assert"
)

// Mappings have no cuts that codecs could be compared at.
func TestCodecsOfMappings(t *testing.T) {
	table := Table{Spec: exptest.Spec(t, "mapped"), Models: exptest.Model(t)}
	_, err := table.Run(t.Context(), nil, nil, 3)
	assert.ErrorIs(t, err, ErrCut, "got %v, want ErrCut", err)
}
