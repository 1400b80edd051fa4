//go:build hosts

package hosts

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kernelControl is reno unless it is given: kernels permit it in namespaces, whatever their own.
var kernelControl = flag.String("kernel.control", "reno", "TCP's congestion control on the hosts of TestKernelLinks")

// kernelLink is a link that the kernel's tbf limits, and the tokens that cross it: sizes that
// were not probed.
type kernelLink struct {
	host        string
	bytesPerSec float64
	largest     int // bytes of a token that is probed
	tokens      []int
}

var kernelLinks = []kernelLink{
	{"fast", 30e6, 3_000_000, []int{200e3, 700e3, 2.88e6}},
	{"wired", 11.2e6, 3_000_000, []int{40e3, 300e3, 1.4e6, 2.88e6}},
	{"wireless", 2.3e6, 1_000_000, []int{40e3, 200e3, 700e3}},
}

// kernelPlan sends tokens over a link as it was probed.
const kernelPlan = `plan: kernel
application:
  name: kernel
  actors:
    - {name: source, kernel: count, out: [{port: out, type: "uint8[BYTES]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos: [{from: source.out, to: sink.in}]
platform:
  devices:
    - {name: HOST, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links: [{name: link, between: [HOST, server], profile: PROFILE}]
instances:
  - mapping: [{unit: HOST.cpu, through: source}, {unit: server.cpu}]
workload: {kind: KIND, frames: FRAMES, warmup: 5}
`

// sharedPlan sends tokens of two endpoints over links to a switch that has one uplink.
const sharedPlan = `plan: shared
application:
  name: shared
  actors:
    - {name: source, kernel: count, out: [{port: out, type: "uint8[BYTES]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos: [{from: source.out, to: sink.in}]
platform:
  devices:
    - {name: one, role: endpoint, units: [{name: cpu}]}
    - {name: two, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu, lanes: 2}]}
  media: [{name: uplink, capacity_bytes_per_sec: CAPACITY}]
  links:
    - {name: first, between: [one, server], medium: uplink, profile: ONE}
    - {name: second, between: [two, server], medium: uplink, profile: TWO}
instances:
  - {name: one, mapping: [{unit: one.cpu, through: source}, {unit: server.cpu}]}
  - {name: two, mapping: [{unit: two.cpu, through: source}, {unit: server.cpu}]}
workload: {WORKLOAD, warmup: 5}
`

// kernelRow is what was found in one run.
type kernelRow struct {
	title string
	result.Row
}

// Runs over links of the kernel take what is simulated from probes of these links: tokens one by
// one and in a row, of sizes that no probe has sent. How far that is off is printed, worst first,
// and not asserted.
func TestKernelLinks(t *testing.T) {
	slowly(t)
	specs := map[string]hoststest.Spec{"hub": {}, "laptop": {}}
	devices := []string{"server"}
	for _, l := range kernelLinks {
		specs[l.host] = hoststest.Spec{Link: hoststest.Both(hoststest.Direction{BytesPerSec: l.bytesPerSec})}
		devices = append(devices, l.host)
	}
	s := newSite(t, specs)
	s.control(t, *kernelControl)
	s.provide(t, devices...)
	s.serve(t)
	s.agentOn(t, "hub", "server")
	for _, l := range kernelLinks {
		s.agent(t, l.host)
	}
	s.present(t, "hub", devices...)
	load := loads(t)
	var rows []kernelRow
	for _, l := range kernelLinks {
		prof := s.probeKernel(t, l.host, l.largest)
		for _, bytes := range l.tokens {
			for _, kind := range []string{"single-stream", "offline"} {
				frames := min(max(int(4*l.bytesPerSec)/bytes, 25), 60)
				text := strings.NewReplacer("BYTES", fmt.Sprint(bytes), "HOST", l.host, "PROFILE", prof, "KIND", kind,
					"FRAMES", fmt.Sprint(frames+5)).Replace(kernelPlan)
				title := fmt.Sprintf("%.1f MB/s, %s, tokens of %d kB", l.bytesPerSec/1e6, kind, bytes/1000)
				rows = append(rows, s.both(t, title, text)...)
			}
		}
	}
	report(t, rows, load)
}

// Two endpoints share an uplink of the kernel as a medium says: both at once, and frames of one
// that begin later than those of the other. How far that is off is printed, and not asserted.
func TestKernelMedium(t *testing.T) {
	slowly(t)
	const capacity = 11.2e6
	s := newSite(t, map[string]hoststest.Spec{
		"hub": {Link: hoststest.Link{Down: hoststest.Direction{BytesPerSec: capacity}}}, "laptop": {}, "one": {}, "two": {},
	})
	s.control(t, *kernelControl)
	s.provide(t, "server", "one", "two")
	s.serve(t)
	s.agentOn(t, "hub", "server")
	s.agent(t, "one")
	s.agent(t, "two")
	s.present(t, "hub", "server", "one", "two")
	load := loads(t)
	probed := [2]string{s.probeKernel(t, "one", 3_000_000), s.probeKernel(t, "two", 3_000_000)}
	f, err := profiles.ReadLink(probed[0])
	require.NoError(t, err)
	passes := f.Link.Direction("one").BytesPerSec.Median
	var rows []kernelRow
	for _, c := range []struct {
		what, workload string
		bytes          int
	}{
		{"both one by one", "kind: single-stream, frames: 35", 300e3},
		{"both one by one", "kind: single-stream, frames: 35", 1.4e6},
		{"both in a row", "kind: offline, frames: 35", 700e3},
		{"both in a row", "kind: offline, frames: 25", 2.88e6},
		{"both at the same times", "kind: camera, period: 400ms, frames: 35", 1.4e6},
		{"one begins before the other", "kind: camera, period: 330ms, phase: random, frames: 35", 1.4e6},
	} {
		text := strings.NewReplacer("BYTES", fmt.Sprint(c.bytes), "ONE", probed[0], "TWO", probed[1], "CAPACITY",
			fmt.Sprintf("%.0f", passes), "WORKLOAD", c.workload).Replace(sharedPlan)
		rows = append(rows, s.both(t, fmt.Sprintf("%s, tokens of %d kB", c.what, c.bytes/1000), text)...)
	}
	report(t, rows, load)
}

// control sets TCP's congestion control of all hosts.
func (s *site) control(t *testing.T, name string) {
	t.Helper()
	for _, host := range s.Names() {
		out, err := s.Command(host, "sysctl", "-q", "-w", "net.ipv4.tcp_congestion_control="+name).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// loads returns the machine's load in words, as the kernel tells it.
func loads(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/loadavg")
	require.NoError(t, err)
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// probeKernel measures the link of a host to the server, and returns its profile's file.
func (s *site) probeKernel(t *testing.T, host string, largest int) string {
	t.Helper()
	file := filepath.Join(s.dir, host+".json")
	p := s.probe(t, "--between", host+",server", "-o", file, "--largest", fmt.Sprint(largest), "--limit", "15s")
	t.Logf("\n%s", p.Output())
	return file
}

// both simulates a plan, then runs it, and returns a row for each of its instances.
func (s *site) both(t *testing.T, title, text string) []kernelRow {
	t.Helper()
	path := filepath.Join(s.dir, "plan.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	found, err := runs(s.coordinate(t, "laptop", path, strings.ReplaceAll(title, "/", " per "), "--driver", "both"))
	require.NoError(t, err, title)
	byInstance := map[string]*result.Row{}
	var order []string
	for i := range found {
		r := &found[i]
		assert.False(t, r.Emulated, title)
		row := byInstance[r.Instance]
		if row == nil {
			row = &result.Row{}
			byInstance[r.Instance] = row
			order = append(order, r.Instance)
		}
		if r.Driver == "sim" {
			row.Stored = &r.Outcome
		} else {
			row.Measured = &r.Outcome
		}
	}
	var rows []kernelRow
	for _, name := range order {
		rows = append(rows, kernelRow{strings.TrimSpace(title + " " + name), *byInstance[name]})
	}
	return rows
}

// report prints the rows, worst first, and the medians of their errors.
func report(t *testing.T, rows []kernelRow, before string) {
	t.Helper()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "quantity\trun\tsimulated\tmeasured\terror")
	var medians []string
	for _, q := range result.Quantities() {
		type line struct {
			off  float64
			text string
		}
		var lines []line
		var settled []float64
		for _, r := range rows {
			e, noise, ok := r.ErrorOf(q, result.Stored)
			require.True(t, ok, "%s: %s", r.title, q)
			scale, unit, note := 1e3, "ms", ""
			if q == result.Throughput {
				scale, unit = 1, "frames/s"
			}
			if noise {
				note = ", within noise"
			}
			if r.Settled(q) {
				settled = append(settled, math.Abs(e))
			} else {
				note += ", not settled"
			}
			m := r.Measured.Interval(q)
			lines = append(lines, line{math.Abs(e), fmt.Sprintf("%s\t%s\t%.4g\t%.4g ± %.2g %s\t%+.1f %%%s\n", q, r.title,
				scale*r.Stored.Interval(q).Value, scale*m.Value, scale*(m.Spread()+r.Measured.Clock(q)), unit, 100*e, note)})
		}
		slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(b.off, a.off) })
		for _, l := range lines {
			fmt.Fprint(w, l.text)
		}
		if len(settled) > 0 {
			medians = append(medians, fmt.Sprintf("%s: median %.1f %%, worst %.1f %% of %d settled rows; %d not settled", q,
				100*quantile.Median(settled), 100*slices.Max(settled), len(settled), len(lines)-len(settled)))
		}
	}
	require.NoError(t, w.Flush())
	t.Logf("TCP with %s; load of the machine before %s, after %s; goal: medians of at most 5 %%\n%s%s", *kernelControl,
		before, loads(t), text.String(), strings.Join(medians, "\n"))
}
