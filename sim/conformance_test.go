package sim_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/sim"
)

func TestConformance(t *testing.T) {
	enginetest.Conformance(t, func(*testing.T) enginetest.Driver {
		return &sim.Driver{Profile: enginetest.Profile()}
	})
}
