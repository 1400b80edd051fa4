package compile_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chainsYAML is a plan of so many chains of 14 actors, half of each on an endpoint of its own.
func chainsYAML(count int) string {
	var b strings.Builder
	b.WriteString("plan: chains\napplication:\n  name: chain\n  actors:\n" +
		"    - {name: a0, kernel: count, out: [{port: y, type: \"float32[8]\"}]}\n")
	for i := 1; i < 13; i++ {
		fmt.Fprintf(&b, "    - {name: a%d, kernel: pass, in: [{port: x}], out: [{port: y, type: \"float32[8]\"}]}\n", i)
	}
	b.WriteString("    - {name: a13, kernel: sink, in: [{port: x}]}\n  fifos:\n")
	for i := range 13 {
		fmt.Fprintf(&b, "    - {from: a%d.y, to: a%d.x}\n", i, i+1)
	}
	fmt.Fprintf(&b, `platform:
  devices:
    - {name: nano, role: endpoint, units: [{name: cpu}]}
    - {name: nx, role: endpoint, units: [{name: cpu, slowdown: 2}]}
    - {name: server, role: server, units: [{name: cpu, lanes: 8}]}
  links:
    - {name: wifi, between: [nano, server], bandwidth_bytes_per_sec: 1MB/s, latency: 2ms}
    - {name: cable, between: [nx, server]}
instances:
  - name: cam
    count: %d
    mix: [{device: nano, share: 0.7}, {device: nx, share: 0.3}]
    mapping: [{unit: nano.cpu, through: a6}, {unit: server.cpu}]
workload: {kind: camera, frames: 20, period: 40ms, phase: random}
`, count)
	return b.String()
}

func chains(tb testing.TB, count int) *planfile.File {
	tb.Helper()
	f, err := planfile.Parse("chains.yaml", []byte(chainsYAML(count)))
	require.NoError(tb, err)
	return f
}

// Copies are as if they had been written: their actors, devices and links are their own, and each
// says what it is a copy of.
func TestCounted(t *testing.T) {
	p, err := compile.Compile(chains(t, 5), nil)
	require.NoError(t, err)
	require.Len(t, p.Work, 5*14)
	var where []string
	for a := range p.Work {
		if p.Work[a].Source {
			where = append(where, fmt.Sprintf("%s of %q on %s of "+
				"%q", p.Graph.Actors[a].Name, p.Work[a].CopyOf, p.DeviceOf(a).Name,
				p.DeviceOf(a).CopyOf))
		}
	}
	assert.Equal(t, []string{
		`cam/a0 of "" on nano of ""`, `cam-2/a0 of "cam" on nx of ""`, `cam-3/a0 of "cam" on nano-2 of "nano"`,
		`cam-4/a0 of "cam" on nano-3 of "nano"`, `cam-5/a0 of "cam" on nano-4 of "nano"`,
	}, where)
	crossing := map[string]bool{}
	for f, r := range p.Routes {
		if r >= 0 {
			crossing[p.Graph.FIFOName(f)+" over "+p.Platform.Links[r].Name] = true
		}
	}
	assert.Equal(t, map[string]bool{
		"cam/a6.y->cam/a7.x over wifi": true, "cam-2/a6.y->cam-2/a7.x over cable": true,
		"cam-3/a6.y->cam-3/a7.x over wifi-2": true, "cam-4/a6.y->cam-4/a7.x over wifi-3": true,
		"cam-5/a6.y->cam-5/a7.x over wifi-4": true,
	}, crossing)
	for i := range p.Platform.Links {
		assert.Equal(t, strings.HasPrefix(p.Platform.Links[i].Name, "wifi"), p.Platform.Links[i].Latency > 0)
	}
	assert.InDelta(t, 2, p.UnitOf(14).Slowdown, 0, "as its class")
}

// Errors of a copy point to what it is a copy of.
func TestErrorsOfCopies(t *testing.T) {
	f := chains(t, 3)
	f.Instances[0].Mapping[0].Unit = "nano.gpu"
	_, err := compile.Compile(f, nil)
	require.ErrorIs(t, err, planfile.ErrMapping)
	assert.EqualError(t, err, "bad input: chains.yaml:44:48: bad mapping: device nx has no unit \"gpu\", which the "+
		"mapping uses "+
		"of nano; it has cpu; did you mean \"cpu\"?")
	f.Instances[0].Mix = nil
	_, err = compile.Compile(f, nil)
	assert.EqualError(t, err, "bad input: chains.yaml:45:22: bad mapping: there is no unit \"nano.gpu\"; the units are "+
		"nano.cpu, nx.cpu, server.cpu; did you mean \"nano.cpu\"?")
	f = chains(t, 3)
	f.Instances[0].Mapping[0].Through = "a99"
	_, err = compile.Compile(f, nil)
	assert.EqualError(t, err, "bad input: chains.yaml:45:41: bad mapping: there is no actor \"a99\"; the actors are "+
		"a0, a1, a2, "+
		"a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13; "+
		`did you mean "a9"?`)
}

func BenchmarkCounted(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := compile.Compile(chains(b, n), nil)
				require.NoError(b, err)
				require.Len(b, p.Work, 14*n)
			}
		})
	}
}

// Instances have arrivals of their own, which other instances beside them don't change.
func TestOwnArrivals(t *testing.T) {
	for _, w := range []plan.Workload{
		{Kind: plan.Camera, Frames: 9, Period: 1e9, Phase: plan.RandomPhase},
		{Kind: plan.Poisson, Frames: 9, Rate: 10}, {Kind: plan.ServerScenario, Frames: 9, Rate: 10, Bound: 1e9},
	} {
		schedules := func(n int) map[string]any {
			f := chains(t, n)
			f.Workload = w
			p, err := compile.Compile(f, nil)
			require.NoError(t, err)
			all := map[string]any{}
			for a := range p.Work {
				all[p.Work[a].Instance] = p.Schedule(p.Work[a].Instance)
			}
			require.Len(t, all, n)
			return all
		}
		few, more := schedules(7), schedules(9)
		seen := map[any]bool{}
		for name, s := range few {
			assert.Equal(t, s, more[name])
			seen[s] = true
		}
		assert.Len(t, seen, 7, "no two are the same")
	}
}

// A copy is compiled as if it had been written out.
func TestClonesAreAsWritten(t *testing.T) {
	fallback := plantest.WithFallback(t)
	fallback.Platform.Devices[0].Count = 3
	relayed := plantest.Gated(t)
	relayed.Platform.Devices[0].Count = 3
	relayed.Instances[0].Mapping = []planfile.Assign{
		{Unit: "server.cpu", Actors: []string{"motion"}}, {Unit: "camera-box.cpu"},
	}
	good := plantest.Good(t)
	good.Platform.Devices[0].Count = 4
	stream := chains(t, 6)
	stream.Workload = plan.Workload{Kind: plan.MultiStream, Frames: 8}
	for _, f := range []*planfile.File{chains(t, 9), fallback, relayed, good, stream} {
		cloned, err := compile.Compile(f, plantest.Models(t))
		require.NoError(t, err)
		written, err := f.Expanded()
		require.NoError(t, err)
		for i := range written.Instances {
			written.Instances[i].CopyOf = ""
		}
		want, err := compile.Compile(written, plantest.Models(t))
		require.NoError(t, err)
		assert.Contains(t, fmt.Sprint(cloned.Work), cloned.Work[0].Instance+"-3")
		assert.Equal(t, described(want), described(cloned), f.Plan)
		assert.Equal(t, want.Fallbacks, cloned.Fallbacks)
	}
}

var controlPort = regexp.MustCompile(`control[0-9]+`)

// described returns a line for each actor and FIFO of a plan, sorted.
func described(p *plan.Plan) (lines []string) {
	for a := range p.Work {
		w := p.Work[a]
		w.CopyOf, w.Device = "", 0
		lines = append(lines, fmt.Sprintf("%+v on %s: %+v", p.Graph.Actors[a], p.DeviceOf(a).Name, w))
	}
	for f, q := range p.Graph.FIFOs {
		name := controlPort.ReplaceAllString(p.Graph.FIFOName(f), "control") // counted in the order of the devices
		lines = append(lines, fmt.Sprintf("%s %d %d %d", name, q.Delay, q.Capacity, p.Routes[f]))
	}
	slices.Sort(lines)
	return lines
}

// A fault of what has copies is one of each, as a choice of its instance is; that of a copy is its
// own. A pattern fits any text, slashes as well.
func TestFaultsOfCopies(t *testing.T) {
	for text, want := range map[string][]string{
		"{device: nx, at: 1s, for: 1s}":      {"device nx", "device nx-2", "device nx-3"},
		"{device: nx-2, at: 1s, for: 1s}":    {"device nx-2"},
		"{device: nx-*, mtbf: 1h, mttr: 1s}": {"device nx-2", "device nx-3"},
		"{link: cable, mtbf: 1h, mttr: 1s}":  {"link up/cable", "link up/cable-2", "link up/cable-3"},
		"{link: '*', at: 1s, for: 1s}": {
			"link wifi", "link up/cable", "link wifi-2", "link wifi-3", "link wifi-4", "link wifi-5", "link wifi-6",
			"link up/cable-2", "link wifi-7", "link up/cable-3",
		},
	} {
		file := strings.Replace(chainsYAML(10), "name: cable", "name: up/cable", 1)
		text = strings.Replace(text, "link: cable", "link: up/cable", 1)
		f, err := planfile.Parse("chains.yaml", []byte(file+"faults: ["+text+"]\n"))
		require.NoError(t, err)
		p, err := compile.Compile(f, nil)
		require.NoError(t, err, text)
		var of []string
		for i := range p.Faults {
			of = append(of, p.Target(&p.Faults[i]))
		}
		assert.ElementsMatch(t, want, of, text)
	}
	f, err := planfile.Parse("chains.yaml", []byte(chainsYAML(10)+
		"faults: [{device: nx, at: 1s, for: 1s}, {device: nx-2, at: 1s, for: 1s}]\n"))
	require.NoError(t, err)
	_, err = compile.Compile(f, nil)
	require.EqualError(t, err, "bad input: chains.yaml:47:60: bad fault: device nx-2 fails from 1s to 2s already; let "+
		"one fault end before the next begins")
}
