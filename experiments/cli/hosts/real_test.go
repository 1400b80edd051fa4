//go:build hosts

package hosts

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	realName   = flag.String("real", "vehicle-classification", "the experiment that runs on hosts as real devices")
	realEffort = flag.String("real.effort", "quick", "quick, standard or full")
)

// Half of a processor in every 5 ms makes a device slow. The times of its firings vary with
// what is left of the quota when they begin.
const (
	quotaPeriod = 5 * time.Millisecond
	quotaPart   = 0.5
)

// realTestbed is one of real devices as far as hosts of one machine can be: the NATS server and
// device server on hub, box with half of a processor behind a fast link, and notebook with a
// whole one behind a slow link. The kernel limits all of that; the program is told of none.
func realTestbed(t *testing.T) *site {
	t.Helper()
	wired := hoststest.Both(hoststest.Direction{BytesPerSec: 11.2e6})
	wireless := hoststest.Both(hoststest.Direction{BytesPerSec: 2.3e6})
	s := newSite(t, map[string]hoststest.Spec{
		"hub": {Ahead: time.Hour}, "box": {Ahead: day, Link: wired}, "laptop": {Ahead: 3 * day},
		"notebook": {Ahead: 2 * day, Link: wireless},
	})
	s.provide(t, "server", "box", "notebook")
	s.serve(t)
	s.agentOn(t, "hub", "server")
	hoststest.Quota(t, s.agent(t, "box"), quotaPeriod, quotaPart)
	s.agent(t, "notebook")
	s.present(t, "hub", "server", "box", "notebook")
	return s
}

// ownCache is a cache with all data sets that are there, whose profiles are its own.
func ownCache(t *testing.T) string {
	t.Helper()
	from, err := datasets.DefaultDir()
	require.NoError(t, err)
	sets, err := os.ReadDir(from)
	require.NoError(t, err)
	cache := t.TempDir()
	for _, set := range sets {
		if name := set.Name(); name != "profiles" {
			require.NoError(t, os.Symlink(filepath.Join(from, name), filepath.Join(cache, name)))
		}
	}
	return cache
}

// Devices and links are profiled, and the experiment then runs on them: nothing is emulated,
// all that was chosen is measured, and its prediction from the stored profiles stands beside it.
// How far that is off is printed, and not asserted.
func TestRealExperiment(t *testing.T) {
	slowly(t)
	s := realTestbed(t)
	cache, results := ownCache(t), filepath.Join(s.dir, "results")
	experiment, err := filepath.Abs(filepath.Join("..", "..", *realName))
	require.NoError(t, err)
	command := func(name string, args ...string) *hoststest.Process {
		all := append([]string{program, "--cache", cache, name, experiment}, s.access("coordinator-at-laptop")...)
		all = append(all, "--on", "slow=box", "--on", "fast=notebook")
		if name == "run" || *realEffort == "quick" { // profile has no other effort
			all = append(all, map[string][]string{"quick": {"--quick"}, "standard": nil, "full": {"--full"}}[*realEffort]...)
		}
		p := s.Start(t, "laptop", append(all, args...)...)
		<-p.Done()
		require.Zero(t, p.Code(), p.Output())
		return p
	}
	command("profile", "--json")
	p := command("run", "--results", results, "--json")
	assert.Contains(t, p.Output(), "the profile of "+*realName+": made at ")
	var found result.Sweep
	require.NoError(t, json.Unmarshal([]byte(p.Answer()), &found))
	assert.True(t, found.Real())
	assert.Empty(t, found.Parameters)
	measured := 0
	for _, r := range found.All() {
		assert.Empty(t, r.Failed, r.Title())
		if r.Measured == nil {
			continue
		}
		measured++
		assert.True(t, r.Measured.Origin.Real, r.Title())
		require.NotNil(t, r.Stored, r.Title())
		for _, q := range []result.Quantity{result.EndpointTime, result.Latency} {
			_, _, ok := r.ErrorOf(q, result.Stored)
			assert.True(t, ok, "%s: %s", r.Title(), q)
		}
	}
	assert.GreaterOrEqual(t, measured, 5)
	if len(found.TwoEndpoints) > 0 {
		assert.Len(t, found.TwoEndpoints, 2, "all endpoints at once")
	}
	tables, err := filepath.Glob(filepath.Join(results, *realName, "*", "table.txt"))
	require.NoError(t, err)
	require.Len(t, tables, 1)
	text, err := os.ReadFile(tables[0])
	require.NoError(t, err)
	assert.Contains(t, string(text), ", real\ntestbed: fast on notebook, server on server, slow on box at tls")
	t.Logf("\n%s", strings.TrimSpace(string(text)))
	sum, err := result.Summarise(&found)
	require.NoError(t, err)
	t.Log("goals for predictions from stored profiles: median at most 5 %, 95th percentile at most 15 %\n" +
		strings.Join(result.ErrorLines(sum.Errors), "\n"))
}
