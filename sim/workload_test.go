package sim_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// randomWorkload returns one of the kinds of which frames come at times of their own, or in queries.
func randomWorkload(r *rand.Rand) plan.Workload {
	w := plan.Workload{Frames: 12 + 4*r.Int64N(8)}
	switch r.IntN(5) {
	case 0:
		w.Kind, w.Samples = plan.MultiStream, 4
		return w
	case 1:
		w.Kind, w.Rate, w.Bound = plan.ServerScenario, 500+5000*r.Float64(), time.Millisecond
		return w
	case 2:
		w.Kind, w.Period, w.Phase = plan.Camera, time.Duration(1+r.IntN(400))*time.Microsecond, plan.SpreadPhase
	case 3:
		w.Kind, w.Rate = plan.Poisson, 500+5000*r.Float64()
	case 4:
		at, times := int64(0), []int64{}
		for range 1 + r.IntN(9) {
			at += r.Int64N(500_000)
			times = append(times, at)
		}
		w.Kind, w.Phase, w.Record = plan.Recorded, plan.RandomPhase, &arrival.Record{TimesNs: times, LoopNs: at + 50_000}
	}
	w.Drop, w.Queue = []admission.Policy{admission.Block, admission.Newest, admission.Oldest}[r.IntN(3)], 1+r.IntN(3)
	return w
}

// cameras returns chains of three actors from some endpoints to one server.
func cameras(n int, w plan.Workload) *plan.Plan {
	lanes := []int{2}
	for range n {
		lanes = append(lanes, 1)
	}
	b := enginetest.NewBuilder("cameras", w.Frames, lanes...)
	for i := range n {
		c := b.Chain(1, 2, i+1, 0, 0)
		if q := w.Query(); q > 0 {
			b.FIFO(c[2], c[0], 1, q, 2*q)
		}
		for _, a := range c {
			b.Plan().Work[a].Instance = fmt.Sprint("c", i)
		}
	}
	b.Plan().Workload = w
	return b.Plan()
}

// Whatever the workload, each frame that came enters once, is dropped once or is left over; all that
// enter come out; and a run has the same bytes however many processors there are.
func TestFramesInAreFramesOutAndDropped(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 5))
		p := cameras(1+r.IntN(4), randomWorkload(r))
		p.Seed = seed
		var texts [2]string
		for k, processors := range []int{1, 4} {
			runtime.GOMAXPROCS(processors)
			tr, err := (&sim.Driver{Profile: enginetest.Profile()}).Run(t.Context(), p)
			require.NoError(t, err, "seed %d", seed)
			in, out, dropped := map[string]int64{}, map[string]int64{}, map[int]int64{}
			for _, e := range tr.Events {
				switch {
				case e.Kind == trace.Firing && p.Work[e.Actor].Source:
					in[p.Work[e.Actor].Instance]++
				case e.Kind == trace.Firing && p.Work[e.Actor].Sink:
					out[p.Work[e.Actor].Instance]++
				case e.Kind == trace.Drop:
					dropped[e.Actor]++
				}
			}
			for _, n := range out {
				assert.Equal(t, p.Workload.Frames, n)
			}
			assert.Equal(t, in, out, "seed %d", seed)
			assert.Equal(t, p.Workload.Drops(), len(tr.Captured) > 0)
			for _, c := range tr.Captured {
				assert.Equal(t, c.Captured, p.Workload.Frames+dropped[c.Actor]+c.Waiting, "seed %d", seed)
				assert.Equal(t, dropped[c.Actor], c.Dropped)
			}
			text, err := json.Marshal(tr)
			require.NoError(t, err)
			texts[k] = string(text)
		}
		assert.Equal(t, texts[0], texts[1], "seed %d", seed)
	}
}
