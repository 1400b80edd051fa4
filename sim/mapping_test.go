package sim_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/sim"
)

func TestMappingOfAPlan(t *testing.T) {
	b, c := shaped("mapping", 2, plan.Full, 100)
	b.Plan().Platform.Devices[1].Units[0].Slowdown = 3
	prof := costs()
	prof.Transport.Dispatch = 1
	delete(prof.Entries, enginetest.Count)
	m, err := (&sim.Driver{Profile: prof}).Mapping(b.Plan())
	if err != nil {
		t.Fatal(err)
	}
	if m.Cost[c[0]].Known || m.Cost[c[1]] != (analysis.Cost{Known: true, Best: 16, Worst: 16}) {
		t.Errorf("costs %+v", m.Cost)
	}
	if want := (analysis.Crossing{Occupancy: 8, Flight: 100, Ack: 100}); m.Cross[0] != want {
		t.Errorf("crossing %+v, want %+v", m.Cross[0], want)
	}
	b.Plan().Platform.Links[0].Between = []string{"d1", "d0"}
	prof.Entries[enginetest.Sink] = profile.Entry{Samples: []time.Duration{9, 4, 7}}
	model, err := sim.NewCostModel("empirical")
	if err != nil {
		t.Fatal(err)
	}
	m, err = (&sim.Driver{Profile: prof, Cost: model}).Mapping(b.Plan())
	if err != nil {
		t.Fatal(err)
	}
	if m.Cross[0].Channel != 1 || m.Cost[c[1]] != (analysis.Cost{Known: true, Best: 13, Worst: 28}) {
		t.Errorf("got %+v", m)
	}
}
