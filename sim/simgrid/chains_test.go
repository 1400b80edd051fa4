//go:build simgrid

package simgrid

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/sim"
)

// The workload of s4u/chains.cpp; its numbers are the same.
const (
	perHalf   = 7
	slots     = 4
	here      = time.Millisecond
	there     = 50 * time.Microsecond
	bytes     = 295_000
	bandwidth = 300e6
	latency   = time.Millisecond
	share     = 60e6
)

// slower is the slowdown of an endpoint: no two neighbours keep time.
func slower(endpoint int) float64 { return 1 + float64(endpoint%97)/1000 }

// chains returns the plan of s4u/chains.cpp: a chain of 14 actors per endpoint, half on it,
// half on a unit of its own of the server. With shared, all links are on one medium.
func chains(endpoints int, frames int64, shared bool) *plan.Plan {
	n := 2 * perHalf
	g := &graph.Graph{
		Name:   "chains",
		Actors: make([]graph.Actor, 0, n*endpoints), FIFOs: make([]graph.FIFO, 0, (n-1)*endpoints),
	}
	p := &plan.Plan{
		Name: "chains", Graph: g, Seed: 1,
		Work:     make([]plan.Work, 0, n*endpoints),
		Routes:   make([]int, 0, (n-1)*endpoints),
		Workload: plan.Workload{Kind: plan.Offline, Frames: frames},
		Platform: plan.Platform{Name: "star", Devices: make([]plan.Device, 1, endpoints+1)},
	}
	medium := ""
	if shared {
		medium = "air"
		p.Platform.Media = []plan.Medium{{
			Name: medium, CapacityBytesPerSec: quantity.BytesPerSec(share * endpoints), MessageBytes: plan.MessageBytes,
		}}
	}
	server := &p.Platform.Devices[0]
	*server = plan.Device{Name: "server", Role: plan.Server}
	port := graph.Port{LRL: 1, URL: 1, Type: graph.TokenType{Elem: "uint8", Shape: []int64{bytes}}}
	in, out := []graph.Port{port}, []graph.Port{port}
	in[0].Name, out[0].Name = "in", "out"
	for i := range endpoints {
		name := fmt.Sprint("e", i)
		unit := plan.Unit{Name: "cpu", Lanes: 1, Threads: 1, Slowdown: slower(i)}
		p.Platform.Devices = append(p.Platform.Devices, plan.Device{
			Name: name, Role: plan.Endpoint, Units: []plan.Unit{unit},
		})
		unit.Name, unit.Slowdown = fmt.Sprint("cpu", i), 1
		server.Units = append(server.Units, unit)
		p.Platform.Links = append(p.Platform.Links, plan.Link{
			Name: fmt.Sprint("l", i), Between: []string{name, server.Name}, Duplex: plan.Full,
			BandwidthBytesPerSec: bandwidth, Latency: latency, Medium: medium,
		})
		for a := range n {
			act := graph.Actor{Name: fmt.Sprintf("a%d.%d", i, a), Kind: graph.StaticProcessing, Kernel: "work"}
			w := plan.Work{Instance: name, Device: i + 1, Source: a == 0, Sink: a == n-1, CostKey: "here"}
			if a >= perHalf {
				w.Device, w.Unit, w.CostKey = 0, i, "there"
			}
			if a > 0 {
				act.In = in
				at, route := len(g.Actors), -1
				if a == perHalf {
					route = i
				}
				g.FIFOs = append(g.FIFOs, graph.FIFO{From: at - 1, To: at, Capacity: slots})
				p.Routes = append(p.Routes, route)
			}
			if a < n-1 {
				act.Out = out
			}
			g.Actors = append(g.Actors, act)
			p.Work = append(p.Work, w)
		}
	}
	return p
}

// measured is what a program says of one run of the workload.
type measured struct {
	Firings int64
	Ends    float64 // s of virtual time
	Total   float64 // processor time with preparation, s
	MaxKiB  int64   // resident at most
}

// simulate runs the workload here and prints what s4u/chains.cpp prints of it.
func simulate(endpoints int, frames int64, shared bool) error {
	begun := processorTime()
	p := chains(endpoints, frames, shared)
	d := &sim.Driver{Link: sim.Ideal{}, Profile: &profile.Profile{Entries: map[string]profile.Entry{
		"here": {Samples: []time.Duration{here}}, "there": {Samples: []time.Duration{there}},
	}}}
	s, err := d.Summarize(context.Background(), p)
	if err != nil {
		return err
	}
	_, err = fmt.Println(s.Firings, s.End.Seconds(), processorTime()-begun, usage().Maxrss)
	runtime.KeepAlive(p)
	return err
}

func usage() syscall.Rusage {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		fmt.Fprintln(os.Stderr, "getrusage:", err)
		os.Exit(1)
	}
	return u
}

// processorTime returns that of all threads of this process, the system's part with it, in s.
func processorTime() float64 {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
