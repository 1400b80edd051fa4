package deploy_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/nats-io/nats.go"
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
	return fire(func(f *kernel.Firing) error {
		n := binary.LittleEndian.Uint64(f.In[0][0].Data)
		s.Record(trace.Result{Instance: s.Instance, Frame: f.Frame, Values: []float32{float32(n >> 16), float32(n & 0xffff)}})
		return nil
	}), nil
}

// there and back: a source and a sink on d0, an actor with state between them on d1,
// and delay tokens from the sink to the source.
func thereAndBack(frames int64) *plan.Plan {
	b := enginetest.NewBuilder("there and back", frames, 1, 1)
	source, state, back, sink := b.Actor("count", 0), b.Actor("sum", 1), b.Actor("pass", 1), b.Actor("tell", 0)
	b.FIFO(source, state, 1, 0, 3)
	b.FIFO(state, back, 1, 0, 2)
	b.FIFO(back, sink, 1, 0, 3)
	b.FIFO(sink, source, 1, 4, 6)
	p := b.Plan()
	p.Graph.Actors[state].Stateful = true
	p.Work[sink].Sink = true
	return p
}

func TestKillsLoseNothing(t *testing.T) {
	var cmds []*exec.Cmd
	tb, err := deploy.NewTestbed(t.Context(), restarting(&cmds, "d0", "d1"))
	if err != nil {
		t.Fatal(err)
	}
	defer tb.Close()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			const frames = 2400
			working := map[string]*nats.Subscription{} // by device: it has fired
			for _, device := range []string{"d0", "d1"} {
				sub, err := tb.Conn().SubscribeSync("edgeprune.run.*.trace." + device)
				if err != nil {
					t.Fatal(err)
				}
				defer unsubscribe(t, sub)
				working[device] = sub
			}
			d := tb.Driver()
			d.Patience = 20 * time.Second
			done := make(chan struct{})
			killed := make(chan error, 1)
			go func() {
				rng := rand.New(rand.NewPCG(seed, 1))
				victims := []string{"d0", "", "d1"}
				rng.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
				for _, v := range victims {
					// Who is killed while it still starts has not been interrupted.
					for device, sub := range working {
						if _, err := sub.NextMsg(20 * time.Second); err != nil {
							killed <- fmt.Errorf("%s before %q was to be killed: %w", device, v, err)
							return
						}
					}
					select {
					case <-done:
						killed <- fmt.Errorf("the run was over before %q was to be killed", v)
						return
					case <-time.After(time.Duration(rng.IntN(300)) * time.Millisecond):
					}
					if err := tb.Kill(v); err != nil {
						killed <- err
						return
					}
					for _, sub := range working {
						drain(sub)
					}
				}
				killed <- nil
			}()
			tr, err := d.Run(t.Context(), thereAndBack(frames))
			close(done)
			if err := <-killed; err != nil {
				t.Error(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if tr.Restarts < 3 || len(tr.Results) != frames {
				t.Errorf("%d restarts, %d results", tr.Restarts, len(tr.Results))
			}
			total := uint64(0)
			for i, r := range tr.Results {
				total += uint64(i)
				if r.Frame != int64(i) || len(r.Values) != 2 || r.Values[0] != float32(total>>16) || r.Values[1] != float32(total&0xffff) {
					t.Fatalf("result %d is %+v, want the sum %d", i, r, total)
				}
			}
		})
	}
	tb.Close()
	gone(t, cmds)
}

// drain takes what has come so far.
func drain(sub *nats.Subscription) {
	time.Sleep(20 * time.Millisecond)
	for {
		if _, err := sub.NextMsg(time.Millisecond); err != nil {
			return
		}
	}
}

func unsubscribe(t *testing.T, sub *nats.Subscription) {
	if err := sub.Unsubscribe(); err != nil {
		t.Error(err)
	}
}

// past returns a plan of a source and a sink on d0 and an actor between them on d1,
// without which d0 goes on after a while.
func past(frames int64) *plan.Plan {
	b := enginetest.NewBuilder("past", frames, 1, 1)
	source, far, sink := b.Actor("count", 0), b.Actor("slow", 1), b.Actor("tell", 0)
	b.FIFO(source, far, 1, 0, 3)
	b.FIFO(far, sink, 1, 0, 3)
	p := b.Plan()
	p.Work[sink].Sink = true
	p.Fallbacks = []plan.Takeover{{Device: 0, Peer: 1, After: 100 * time.Millisecond}}
	return p
}

// A device with a fallback does the work of a lost peer, and gives it back when
// the peer is there again.
func TestFallbackLosesNothing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		frames int64
		lose   func(*os.Process) error
		find   func(*os.Process) error
	}{
		{"a killed peer", 600, (*os.Process).Kill, nil},
		{"a peer that stops for a while", 1800, send(syscall.SIGSTOP), send(syscall.SIGCONT)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var cmds []*exec.Cmd
			tb, err := deploy.NewTestbed(t.Context(), children("", &cmds, "d0", "d1"))
			if err != nil {
				t.Fatal(err)
			}
			defer tb.Close()
			sub, err := tb.Conn().SubscribeSync("edgeprune.run.*.trace.d0")
			if err != nil {
				t.Fatal(err)
			}
			var alone, together int // records of d0's firings of d1's actor, and of d1's after them
			over := make(chan struct{})
			go func() {
				defer close(over)
				_, _ = sub.NextMsg(10 * time.Second)
				if err := tt.lose(cmds[1].Process); err != nil {
					t.Error(err)
				}
				time.Sleep(3 * time.Second)
				if tt.find != nil {
					if err := tt.find(cmds[1].Process); err != nil {
						t.Error(err)
					}
				}
			}()
			// Without its testbed the driver doesn't mind that a process has ended.
			d := &deploy.Driver{Conn: tb.Conn(), Patience: 10 * time.Second}
			tr, err := d.Run(t.Context(), past(tt.frames))
			<-over
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range tr.Events {
				switch {
				case e.Kind == trace.Firing && e.Actor == 1 && e.Device == "d0":
					alone++
				case e.Kind == trace.Firing && e.Actor == 1 && alone > 0:
					together++
				}
			}
			if alone == 0 || (together > 0) != (tt.find != nil) || tr.Restarts == 0 {
				t.Errorf("%d firings alone, %d after them together, %d restarts", alone, together, tr.Restarts)
			}
			for i, r := range tr.Results {
				if r.Frame != int64(i) || r.Values[1] != float32(i) {
					t.Fatalf("result %d is %+v", i, r)
				}
			}
			if int64(len(tr.Results)) != tt.frames {
				t.Errorf("%d results", len(tr.Results))
			}
		})
	}
}

func send(s os.Signal) func(*os.Process) error {
	return func(p *os.Process) error { return p.Signal(s) }
}
