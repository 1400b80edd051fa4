package coordinator_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sum is a kernel with state: it writes the sum of all frame numbers that came in.
type sum struct{ total uint64 }

func newSum(kernel.Spec) (kernel.Kernel, error) { return &sum{}, nil }

func (k *sum) Fire(f *kernel.Firing) error {
	time.Sleep(time.Millisecond)
	k.total += binary.LittleEndian.Uint64(f.In[0][0].Data)
	binary.LittleEndian.PutUint64(f.Out[0][0].Data, k.total)
	return nil
}

func (*sum) Close() error { return nil }

func (k *sum) Snapshot(dst []byte) []byte { return binary.LittleEndian.AppendUint64(dst, k.total) }

func (k *sum) Restore(b []byte) error {
	k.total = 0
	if b != nil {
		k.total = binary.LittleEndian.Uint64(b)
	}
	return nil
}

// tell is a sink that records the number that comes in, in two halves that a
// float32 holds exactly.
func tell(s kernel.Spec) (kernel.Kernel, error) {
	return kerneltest.Func(func(f *kernel.Firing) error {
		n := binary.LittleEndian.Uint64(f.In[0][0].Data)
		s.Record(trace.Result{Instance: s.Instance, Frame: f.Frame, Values: []float32{float32(n >> 16), float32(n & 0xffff)}})
		return nil
	}), nil
}

// endless has a plan's run go on until the test has seen enough.
func endless(p *plan.Plan) *plan.Plan {
	p.Workload.Frames, p.Workload.MinFrames, p.Workload.Precision = 1<<20, 1, 0.5
	return p
}

// thereAndBack returns a plan of a source and a sink on d0, an actor with state between
// them on d1, and delay tokens from the sink to the source.
func thereAndBack() *plan.Plan {
	b := enginetest.NewBuilder("there and back", 1, 1, 1)
	source, state, back, sink := b.Actor("count", 0), b.Actor("sum", 1), b.Actor("pass", 1), b.Actor("tell", 0)
	b.FIFO(source, state, 1, 0, 3)
	b.FIFO(state, back, 1, 0, 2)
	b.FIFO(back, sink, 1, 0, 3)
	b.FIFO(sink, source, 1, 4, 6)
	p := b.Plan()
	p.Graph.Actors[state].Stateful = true
	p.Work[sink].Sink = true
	return endless(p)
}

func TestKillsLoseNothing(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			var cmds testbedtest.Commands
			tb, err := testbed.Start(t.Context(), cmds.Restarting(testbedtest.Works, "d0", "d1"))
			require.NoError(t, err)
			defer tb.Close()
			rng := rand.New(rand.NewPCG(seed, 1))
			victims := []string{"d0", "", "d1"}
			rng.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
			devices := watch(t, tb, "d0", "d1")
			p := thereAndBack()
			p.Platform.Links[0].Seal = seed == 1 // agents that are started again have their keys
			tr := runWhile(t, tb.Driver(), p, nil, func(ctx context.Context) error {
				for _, w := range devices {
					if err := w.atWork(ctx, 0); err != nil {
						return err
					}
				}
				for _, v := range victims {
					// Nothing depends on how long this is: it is for another moment of the work.
					time.Sleep(time.Duration(rng.IntN(300)) * time.Millisecond)
					if err := interrupt(ctx, tb, devices, v); err != nil {
						return fmt.Errorf("kill %q: %w", v, err)
					}
				}
				return nil
			})
			assert.GreaterOrEqual(t, tr.Restarts, 3, "%d restarts, %d results of %d frames", tr.Restarts, len(tr.Results),
				begun(tr))
			assert.Equal(t, begun(tr), int64(len(tr.Results)), "%d restarts, %d results of %d frames", tr.Restarts,
				len(tr.Results), begun(tr))
			total := uint64(0)
			for i, r := range tr.Results {
				total += uint64(i)
				require.Equal(t, int64(i), r.Frame, "result %d is %+v, want the sum", i, r)
				require.Len(t, r.Values, 2, "result %d is %+v, want the sum", i, r)
				require.Equal(t, float32(total>>16), r.Values[0], "result %d is %+v, want the sum", i, r)
				require.Equal(t, float32(total&0xffff), r.Values[1], "result %d is %+v, want the sum", i, r)
			}
			tb.Close()
			cmds.CheckGone(t)
		})
	}
}

// past returns a plan of a source and a sink on d0 and an actor between them on d1,
// without which d0 goes on after a while.
func past() *plan.Plan {
	b := enginetest.NewBuilder("past", 1, 1, 1)
	source, far, sink := b.Actor("count", 0), b.Actor("slow", 1), b.Actor("tell", 0)
	b.FIFO(source, far, 1, 0, 3)
	b.FIFO(far, sink, 1, 0, 3)
	p := b.Plan()
	p.Work[sink].Sink = true
	p.Fallbacks = []plan.Takeover{{Device: 0, Peer: 1, After: 100 * time.Millisecond}}
	return endless(p)
}

// A device with a fallback does the work of a lost peer, and gives it back when
// the peer is there again.
func TestFallbackLosesNothing(t *testing.T) {
	for _, tt := range []struct {
		name string
		lose func(*os.Process) error
		find func(*os.Process) error
	}{
		{"a killed peer", (*os.Process).Kill, nil},
		{"a peer that stops for a while", send(syscall.SIGSTOP), send(syscall.SIGCONT)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var cmds testbedtest.Commands
			tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.Works, "d0", "d1"))
			require.NoError(t, err)
			defer tb.Close()
			devices := watch(t, tb, "d0", "d1")
			// Without its testbed the driver doesn't mind that a process has ended.
			d := &coordinator.Driver{Conn: tb.Conn(), Name: tb.Driver().Name}
			enough := func(tr *trace.Trace) bool {
				together, since := shares(tr)
				return tt.find == nil && since >= 20 || tt.find != nil && together > 0
			}
			p := past()
			p.Platform.Links[0].Seal = tt.find != nil
			tr := runWhile(t, d, p, enough, func(ctx context.Context) error {
				if err := devices[1].atWork(ctx, 0); err != nil {
					return err
				}
				if err := tt.lose(cmds.Started()[1].Process); err != nil {
					return err
				}
				if err := devices[0].fires(ctx, 1); err != nil || tt.find == nil {
					return err
				}
				return tt.find(cmds.Started()[1].Process)
			})
			if !enough(tr) || tr.Restarts == 0 {
				together, since := shares(tr)
				t.Errorf("%d firings of the peer after one alone, %d alone since, %d restarts", together, since, tr.Restarts)
			}
			for i, r := range tr.Results {
				require.Equal(t, int64(i), r.Frame, "result %d", i)
				require.Equal(t, float32(i&0xffff), r.Values[1], "result %d", i)
			}
			assert.Equal(t, begun(tr), int64(len(tr.Results)), "%d results of %d frames", len(tr.Results), begun(tr))
		})
	}
}

// shares counts the firings of d1's actor by d1 that come after one by d0, and those by
// d0 that come after all of d1's. On a loaded machine d0 may find d1 lost before it is.
func shares(tr *trace.Trace) (together, since int) {
	alone := false
	for _, e := range tr.Events {
		switch {
		case e.Kind != trace.Firing || e.Actor != 1:
		case e.Device == "d0":
			alone = true
			since++
		default:
			since = 0
			if alone {
				together++
			}
		}
	}
	return together, since
}

func send(s os.Signal) func(*os.Process) error {
	return func(p *os.Process) error { return p.Signal(s) }
}
