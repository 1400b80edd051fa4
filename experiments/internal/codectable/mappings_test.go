package codectable

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
)

// Mappings have no cuts that codecs could be compared at.
func TestCodecsOfMappings(t *testing.T) {
	table := Table{Spec: exptest.Spec(t, "mapped"), Models: exptest.Model(t)}
	if _, err := table.Run(t.Context(), nil, nil, 3); !errors.Is(err, ErrCut) {
		t.Errorf("got %v, want ErrCut", err)
	}
}
