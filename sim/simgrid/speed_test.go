//go:build simgrid

package simgrid

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rounds = flag.Int("rounds", 3, "how often every program runs, in turns")

// aChild is the environment variable that makes the test binary run the workload once, in a
// process of its own, as SimGrid's programs do: endpoints, frames, and whether they share a medium.
const aChild = "EDGEPRUNE_CHAINS"

func TestMain(m *testing.M) {
	if s := os.Getenv(aChild); s != "" {
		var endpoints int
		var frames int64
		var shared bool
		_, err := fmt.Sscan(s, &endpoints, &frames, &shared)
		if err == nil {
			err = simulate(endpoints, frames, shared)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// options make SimGrid's links those of sim.Ideal: latency and bandwidth as given, in both
// directions apart. Times are exact to a nanosecond; stacks are small, so that there is
// room for many actors.
var options = []string{
	"--cfg=network/model:CM02", "--cfg=network/latency-factor:1", "--cfg=network/bandwidth-factor:1",
	"--cfg=network/TCP-gamma:0", "--cfg=network/crosstraffic:0", "--cfg=surf/precision:1e-9",
	"--cfg=contexts/stack-size:64", "--cfg=contexts/guard-size:0", "--log=root.threshold:critical",
}

// built compiles a program of s4u.
func built(t *testing.T, name string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), name)
	out, err := exec.Command("g++", "-O2", "-std=c++17", "-o", bin, filepath.Join("s4u", name+".cpp"),
		"-lsimgrid").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return bin
}

func run(t *testing.T, cmd *exec.Cmd) measured {
	t.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	var m measured
	_, err = fmt.Sscan(string(out), &m.Firings, &m.Ends, &m.Total, &m.MaxKiB)
	require.NoError(t, err, "%s", out)
	return m
}

// TestSpeed prints how many firings per second of processor time both simulators do, of
// the same workload in processes of their own, in turns: with private links, and with all
// endpoints on one medium, which they share max-min fair. The times at which it ends agree.
func TestSpeed(t *testing.T) {
	bin := built(t, "chains")
	for _, shared := range []bool{false, true} {
		compare(t, bin, shared)
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Println("load of the machine at the end:", strings.TrimSpace(string(load)))
	}
}

// compare prints a table of the speeds by endpoints.
func compare(t *testing.T, bin string, shared bool) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	forms := []string{"halves", "actors"}
	var base float64
	flag, title := "0", "private links"
	if shared {
		flag, title = "1", "one medium for all endpoints, of 60 MB/s for each; a token's own link passes 300 MB/s"
	}
	fmt.Println(title)
	fmt.Println("firings per second of processor time, with preparation; medians. SimGrid's program has an S4U actor for")
	fmt.Println("every dataflow actor, or, leaner than the workload, one for the seven on a machine; ratios to both")
	fmt.Printf("%9s %7s %12s %12s %12s %8s %8s %10s %7s %8s\n",
		"endpoints", "frames", "SimGrid/14", "SimGrid/2", "edgeprune", "to /14", "to /2", "ns/firing", "to 1", "peak MB")
	for _, c := range []struct {
		endpoints int
		frames    int64
	}{{1, 100}, {10, 100}, {100, 100}, {1000, 100}, {10_000, 20}} {
		rates := map[string][]float64{}
		n := *rounds
		if c.endpoints <= 10 {
			n *= 5 // short
		}
		if shared && c.endpoints >= 10_000 {
			n = 1 // SimGrid takes minutes
		}
		var peak int64
		for range n {
			ends := map[string]float64{}
			for _, f := range forms {
				args := append([]string{strconv.Itoa(c.endpoints), strconv.FormatInt(c.frames, 10), f, flag}, options...)
				m := run(t, exec.Command(bin, args...))
				rates[f] = append(rates[f], float64(m.Firings)/m.Total)
				ends[f] = m.Ends
			}
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %t", aChild, c.endpoints, c.frames, shared))
			m := run(t, cmd)
			assert.Equal(t, int64(2*perHalf*c.endpoints)*c.frames, m.Firings)
			rates["here"] = append(rates["here"], float64(m.Firings)/m.Total)
			peak = max(peak, m.MaxKiB)
			assert.InEpsilon(t, ends["halves"], m.Ends, 0.01, "%d endpoints", c.endpoints)
		}
		half, act, mine := quantile.Median(rates["halves"]), quantile.Median(rates["actors"]), quantile.Median(rates["here"])
		if base == 0 {
			base = mine
		}
		times := func(ratio float64) string { return fmt.Sprintf("%.1f x", ratio) }
		fmt.Printf("%9d %7d %12.0f %12.0f %12.0f %8s %8s %10.0f %7s %8d\n", c.endpoints, c.frames, act, half, mine,
			times(mine/act), times(mine/half), 1e9/mine, times(base/mine), peak>>10)
	}
}
