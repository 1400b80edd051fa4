//go:build hosts

package hosts

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	drawnFaults = flag.Int("faults", 0, "how many faults to draw")
	drawnSeed   = flag.Uint64("faults.seed", 1, "from which to draw them")
	drawnFor    = flag.Duration("faults.for", time.Hour, "after which no further one is drawn")
)

// drawnFrames are those of a run through several faults.
const drawnFrames = 150

// tally counts the faults of a kind.
type tally struct {
	count   int
	unseen  int             // faults that were over before anyone had to notice
	noticed []time.Duration // from the fault to what the coordinator says of it
}

// Faults drawn from a seed: nothing is lost, doubled or reordered in runs of ssd-tracking, and
// every result is as in one process.
func TestDrawnFaults(t *testing.T) {
	if *drawnFaults == 0 {
		t.Skip("left out: just faults runs it")
	}
	k := trackingTask(t, drawnFrames)
	rng := rand.New(rand.NewPCG(*drawnSeed, uint64(*drawnFaults)))
	kinds := faults()
	tallies := map[string]*tally{}
	began, done, frames := time.Now(), 0, 0
	for n := 1; done < *drawnFaults && time.Since(began) < *drawnFor; n++ {
		b := newTestbed(t)
		run := b.coordinate(t, "laptop", k.path, fmt.Sprint(n), "--driver", "deploy", "--patience", "60s")
		for b.begun(t, k, run) && done < *drawnFaults {
			f := kinds[rng.IntN(len(kinds))]
			time.Sleep(time.Duration(rng.IntN(1000)) * time.Millisecond)
			at, ok := strike(t, b, f, run)
			if !ok {
				break
			}
			goesOn := b.goesOn(t, k, run)
			done++
			c := tallies[f.kind]
			if c == nil {
				c = &tally{}
				tallies[f.kind] = c
			}
			c.count++
			line, when, told := run.Said(at, "has been silent", "is lost", "was started again")
			if told {
				c.noticed = append(c.noticed, when.Sub(at))
			} else {
				c.unseen++
			}
			t.Logf("fault %d of %d, run %d: %s; %s; the run went on: %v", done, *drawnFaults, n, f.kind, line, goesOn)
		}
		if err := k.verify(run); assert.NoError(t, err, "run %d", n) {
			frames += len(k.want)
			t.Logf("run %d: %d frames once, in order and with the results of one process", n, len(k.want))
		}
		b.end(t)
	}
	t.Logf("%d faults in %v, seed %d, %d frames: nothing lost, doubled or reordered: %v\n%s", done,
		time.Since(began).Round(time.Second), *drawnSeed, frames, !t.Failed(), table(tallies))
	if time.Since(began) < *drawnFor {
		require.Equal(t, *drawnFaults, done)
	}
}

// strike has a fault begin and end, unless the run is over before; it returns when it began.
func strike(t *testing.T, b *testbed, f fault, run *hoststest.Process) (at time.Time, ok bool) {
	t.Helper()
	if run.Ended() {
		return at, false
	}
	at = time.Now()
	end := f.begin(t, b)
	time.Sleep(f.last)
	end()
	return at, true
}

// table shows what was counted, kind by kind.
func table(tallies map[string]*tally) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FAULT\tCOUNT\tNOTICED\tAFTER p50\tWORST\tOVER UNNOTICED")
	var kinds []string
	for kind := range tallies {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		c := tallies[kind]
		half, worst := "-", "-"
		if n := len(c.noticed); n > 0 {
			slices.Sort(c.noticed)
			half, worst = c.noticed[n/2].Round(time.Millisecond).String(), c.noticed[n-1].Round(time.Millisecond).String()
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%d\n", kind, c.count, len(c.noticed), half, worst, c.unseen)
	}
	_ = w.Flush() // to memory
	return text.String()
}
