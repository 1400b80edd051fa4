package cli

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killsVariable asks for that many kills of every process, of ssd-tracking's
// application; else each is killed once, of the smaller application.
const killsVariable = "EDGEPRUNE_KILLS"

// toBeKilled returns a plan of an experiment's application, cut in the midst of its
// model, with all frames in flight that the FIFOs hold.
func toBeKilled(t *testing.T, experiment string, frames int64) (*plan.Plan, compile.Models) {
	t.Helper()
	s, models := projectSpec(t, experiment)
	unit := []plan.Unit{{Name: "cpu", Lanes: 1, Threads: 1}}
	f := &planfile.File{
		Plan:        experiment + ", killed",
		Application: s.Application,
		Platform: plan.Platform{
			Name: "two",
			Devices: []plan.Device{{Name: "endpoint", Role: plan.Endpoint, Units: unit},
				{Name: "server", Role: plan.Server, Units: slices.Clone(unit)}},
			Links: []plan.Link{{Name: "link", Between: []string{"endpoint", "server"}}},
		},
		Instances: []planfile.Instance{
			{Mapping: []planfile.Assign{{Unit: "endpoint.cpu", Through: s.Together.Through}, {Unit: "server.cpu"}}},
		},
		Workload: plan.Workload{Kind: plan.Offline, Frames: frames},
		Seed:     s.Seed,
	}
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	return p, models
}

// killer ends the three processes of a testbed in turn, at times drawn from a seed.
type killer struct {
	tb    *testbed.Testbed
	rng   *rand.Rand
	log   func(format string, args ...any)
	count int
	total int
}

// begun returns a channel that is closed when the next run has fired.
func begun(t *testing.T, tb *testbed.Testbed) <-chan struct{} {
	t.Helper()
	first := make(chan struct{})
	sub, err := tb.Conn().SubscribeSync(wire.TraceSubject(wire.Any, tb.Driver().Name, wire.Any))
	if err == nil {
		err = tb.Conn().Flush()
	}
	require.NoError(t, err)
	go func() {
		defer close(first)
		_, _ = sub.NextMsg(time.Minute)
		_ = sub.Unsubscribe()
	}()
	return first
}

// during kills every process once within about span from when the run has begun,
// and reports whether all were killed before it was over.
func (k *killer) during(span time.Duration, begun, over <-chan struct{}) bool {
	victims := []string{"endpoint", "server", ""}
	k.rng.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
	<-begun
	start := time.Now()
	for _, victim := range victims {
		wait := time.Duration((0.05 + 0.25*k.rng.Float64()) * float64(span))
		select {
		case <-over:
			return false
		case <-time.After(wait):
		}
		for k.tb.Kill(victim) != nil { // it is just being started again
			time.Sleep(10 * time.Millisecond)
		}
		k.count++
		name := "the agent " + victim
		if victim == "" {
			name = "the NATS server"
		}
		k.log("kill %d of %d: %s, %v into the run", k.count, k.total, name, time.Since(start).Round(time.Millisecond))
	}
	return true
}

// equal reports where results differ from what they must be, in any bit.
func equal(got, want []trace.Result) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d results, want %d", len(got), len(want))
	}
	for i := range want {
		g, w := got[i], want[i]
		same := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
		if g.Instance != w.Instance || g.Frame != w.Frame || !slices.EqualFunc(g.Values, w.Values, same) {
			return fmt.Errorf("result %d is %+v, want %+v", i, g, w)
		}
	}
	return nil
}

// Agents and the NATS server are killed, each in turn, and every frame appears at
// the sink once, in order and with the result that it has to have.
func TestKills(t *testing.T) {
	experiment, kills, frames := "vehicle-classification", 1, int64(1500)
	if s := os.Getenv(killsVariable); s != "" {
		var err error
		kills, err = strconv.Atoi(s)
		require.NoError(t, err)
		experiment, frames = "ssd-tracking", 100
	}
	loadLibrary(t)
	p, models := toBeKilled(t, experiment, frames)
	oracle := &local.Driver{Kernels: builtin.Registry(),
		Data: func(name string) (string, error) { return dataset(t, name), nil }, Models: models}
	want, _, err := oracle.Results(t.Context(), p)
	require.NoError(t, err)
	app := New(Env{Executable: os.Args[0], Getenv: os.Getenv})
	tb, err := testbed.Start(t.Context(), testbed.Config{
		Devices: []string{"endpoint", "server"}, Broker: app.broker, Restarts: restarts,
		Command: func(_, testbed, state string) *exec.Cmd {
			return exec.Command(os.Args[0], "agent", "--testbed", testbed, "--state", state, "--wait", "20s",
				"--watch-stdin")
		},
	})
	require.NoError(t, err)
	defer tb.Close()
	d := tb.Driver()
	d.Models, d.Patience = models, time.Minute
	start, first := make(chan time.Time, 1), begun(t, tb)
	go func() {
		<-first
		start <- time.Now()
	}()
	tr, err := d.Run(t.Context(), p)
	if err == nil {
		err = equal(tr.Results, want)
	}
	require.NoError(t, err, "without kills: %d restarts", tr.Restarts)
	require.Equal(t, 0, tr.Restarts, "without kills: %d restarts", tr.Restarts)
	span := time.Since(<-start)
	k := &killer{tb: tb, rng: rand.New(rand.NewPCG(1, uint64(kills))), log: t.Logf, total: 3 * kills}
	k.log("%s, %d frames; without kills %v", p.Name, frames, span.Round(time.Millisecond))
	for n := range kills {
		over, all := make(chan struct{}), make(chan bool)
		first := begun(t, tb)
		go func() { all <- k.during(span, first, over) }()
		began := time.Now()
		tr, err := d.Run(t.Context(), p)
		close(over)
		switch complete := <-all; {
		case err != nil:
			t.Fatalf("run %d: %v", n, err)
		case !complete:
			t.Errorf("run %d was over before every process was killed", n)
		case tr.Restarts < 3:
			t.Errorf("run %d: %d restarts", n, tr.Restarts)
		}
		assert.NoError(t, equal(tr.Results, want), "run %d", n)
		k.log("run %d: %d frames once, in order and as they must be; %d restarts, %v", n, len(tr.Results), tr.Restarts,
			time.Since(began).Round(time.Millisecond))
	}
	k.log("%d kills in %d runs of %d frames: nothing lost, doubled or reordered: %v", k.count, kills, frames, !t.Failed())
}
