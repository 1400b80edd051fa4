//go:build simgrid

package simgrid

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// randomPlan draws a plan of 4 to 12 actors on 2 to 4 devices of one lane, every two of them
// joined by a link of its own, three of four of them on one of the media if there are some, and what
// s4u/plans.cpp reads of it. FIFOs over links have room
// for all frames: SimGrid's program knows no acknowledgements, for which slots wait here.
func randomPlan(rng *rand.Rand, frames int64, media int) (*plan.Plan, *profile.Profile, string) {
	g := &graph.Graph{Name: "random"}
	p := &plan.Plan{
		Name: "random", Graph: g, Seed: 1, Workload: plan.Workload{Kind: plan.Offline, Frames: frames},
		Platform: plan.Platform{Name: "full"},
	}
	prof := &profile.Profile{Entries: map[string]profile.Entry{}}
	var actors, fifos, links, shared strings.Builder
	devices, n := 2+rng.IntN(3), 4+rng.IntN(9)
	for i := range media {
		capacity := quantity.BytesPerSec(math.Round(math.Pow(10, 6+2*rng.Float64())))
		p.Platform.Media = append(p.Platform.Media, plan.Medium{
			Name: fmt.Sprint("m", i), CapacityBytesPerSec: capacity, MessageBytes: plan.MessageBytes,
		})
		fmt.Fprintf(&shared, "%.17g\n", float64(capacity))
	}
	direction := map[[2]int]int{}
	for d := range devices {
		p.Platform.Devices = append(p.Platform.Devices, plan.Device{
			Name: fmt.Sprint("d", d), Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu", Lanes: 1, Threads: 1, Slowdown: 1}},
		})
		for other := range d {
			l := plan.Link{
				Name: fmt.Sprintf("l%d.%d", other, d), Duplex: plan.Full,
				Between:              []string{fmt.Sprint("d", other), fmt.Sprint("d", d)},
				BandwidthBytesPerSec: quantity.BytesPerSec(math.Round(math.Pow(10, 6+3*rng.Float64()))),
				Latency:              time.Duration(rng.IntN(20_000_000)),
			}
			medium := -1
			if media > 0 && rng.IntN(4) > 0 {
				medium = rng.IntN(media)
				l.Medium = p.Platform.Media[medium].Name
			}
			p.Platform.Links = append(p.Platform.Links, l)
			for _, ends := range [][2]int{{other, d}, {d, other}} {
				direction[ends] = len(direction)
				fmt.Fprintf(&links, "%d %d %.17g %.17g %d\n", ends[0], ends[1], float64(l.BandwidthBytesPerSec),
					l.Latency.Seconds(), medium)
			}
		}
	}
	for a := range n {
		key, takes := fmt.Sprint("a", a), time.Duration(1+rng.IntN(20_000_000))
		prof.Entries[key] = profile.Entry{Samples: []time.Duration{takes}}
		g.Actors = append(g.Actors, graph.Actor{Name: key, Kind: graph.StaticProcessing, Kernel: "work"})
		on := rng.IntN(devices)
		p.Work = append(p.Work, plan.Work{Device: on, Source: a == 0, Sink: a == n-1, CostKey: key})
		fmt.Fprintln(&actors, on, strconv.FormatFloat(takes.Seconds(), 'g', -1, 64))
	}
	join := func(from, to int) {
		bytes, capacity, route, link := 1000+rng.Int64N(300_000), 1+rng.IntN(4), -1, -1
		if d, e := p.Work[from].Device, p.Work[to].Device; d != e {
			capacity, link = int(frames), direction[[2]int{d, e}]
			route = p.Platform.Link(fmt.Sprint("d", d), fmt.Sprint("d", e))
		}
		port := graph.Port{LRL: 1, URL: 1, Type: graph.TokenType{Elem: "uint8", Shape: []int64{bytes}}}
		out, in := &g.Actors[from].Out, &g.Actors[to].In
		port.Name = fmt.Sprint("out", len(*out))
		*out = append(*out, port)
		port.Name = fmt.Sprint("in", len(*in))
		*in = append(*in, port)
		g.FIFOs = append(g.FIFOs, graph.FIFO{
			From: from, OutPort: len(*out) - 1, To: to, InPort: len(*in) - 1, Capacity: capacity,
		})
		p.Routes = append(p.Routes, route)
		fmt.Fprintln(&fifos, from, to, capacity, bytes, link)
	}
	for a := 1; a < n; a++ {
		join(rng.IntN(a), a)
	}
	for a := range n - 1 { // all end in the sink, and some paths meet again
		if len(g.Actors[a].Out) == 0 {
			join(a, n-1)
		} else if rng.IntN(3) == 0 {
			join(a, a+1+rng.IntN(n-1-a))
		}
	}
	text := fmt.Sprintf("%d %d %d %d %d %d\n", frames, devices, n, len(g.FIFOs), len(direction), media)
	return p, prof, text + actors.String() + fifos.String() + links.String() + shared.String()
}

// TestPlansEndTogether compares when 50 random plans end here and in SimGrid: half of them with
// private links alone, the others with one or two media that links share.
func TestPlansEndTogether(t *testing.T) {
	bin := built(t, "plans")
	const plans, frames = 25, 40
	for _, kind := range []string{"private links", "shared media"} {
		worst, crossing := 0.0, 0
		for seed := range uint64(plans) {
			media := 0
			if kind == "shared media" {
				media = 1 + int(seed%2)
			}
			p, prof, text := randomPlan(rand.New(rand.NewPCG(seed, 13)), frames, media)
			require.NoError(t, graph.Validate(p.Graph), "seed %d", seed)
			s, err := (&sim.Driver{Link: sim.Ideal{}, Profile: prof}).Summarize(context.Background(), p)
			require.NoError(t, err, "seed %d", seed)
			cmd := exec.Command(bin, options...)
			cmd.Stdin, cmd.Stderr = strings.NewReader(text), os.Stderr
			out, err := cmd.Output()
			require.NoError(t, err, "seed %d: %s", seed, out)
			want, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			require.NoError(t, err)
			off := s.End.Seconds()/want - 1
			worst = max(worst, math.Abs(off))
			assert.LessOrEqual(t, math.Abs(off), 0.01, "%s, seed %d: it ends at %v here, at %.9f s in SimGrid", kind, seed,
				s.End, want)
			if crosses(s, media > 0) {
				crossing++
			}
		}
		assert.Greater(t, crossing, plans/2)
		fmt.Printf("%d random plans with %s, %d of them with traffic there: the end is off by %.4f %% at most\n", plans, kind,
			crossing, 100*worst)
	}
}

// crosses reports whether tokens crossed a medium, or else any link.
func crosses(s *summary.Run, shared bool) bool {
	if shared {
		return slices.ContainsFunc(s.Media, func(m summary.Medium) bool { return m.Tokens > 0 })
	}
	return slices.ContainsFunc(s.FIFOs, func(f summary.FIFO) bool { return f.Tokens > 0 })
}
