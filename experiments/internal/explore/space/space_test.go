package space_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// costs are made up: segment k of a model takes 10·(k+1) ms, all else 1 ms, and a dispatch 0.1 ms. Firings
// with a text of unknown in their cost key were not measured.
type costs struct{ unknown []string }

func (c costs) Typical(p *plan.Plan, a int) (time.Duration, error) {
	const dispatch = 100 * time.Microsecond
	u, w := p.UnitOf(a), &p.Work[a]
	if !u.Cost.IsZero() {
		return dispatch + u.Cost.Time, nil
	}
	for _, text := range c.unknown {
		if strings.Contains(w.CostKey, text) {
			return 0, fmt.Errorf("%w: %s", profile.ErrMissing, w.CostKey)
		}
	}
	took := time.Millisecond
	if w.Model != "" {
		took = 0
		for k := w.From; k < w.To; k++ {
			took += 10 * time.Duration(k+1) * time.Millisecond
		}
	}
	return dispatch + time.Duration(float64(took)*u.Slowdown), nil
}

func (costs) Cross(pf *plan.Platform, link int, from string, n int64) (analysis.Crossing, time.Duration, error) {
	took := pf.Links[link].Serialisation(n)
	c := analysis.Crossing{Link: link, Channel: 2 * link, Occupancy: int64(took), Flight: int64(pf.Links[link].Latency)}
	if from == pf.Links[link].Between[1] {
		c.Channel++
	}
	return c, took, nil
}

func (costs) TokenBytes(_, _ string, _ int, t graph.TokenType) (int64, bool, error) {
	return t.Bytes(), false, nil
}

func newSpace(t *testing.T, c costs, o space.Options, change ...func(*planfile.File)) *space.Space {
	t.Helper()
	f := plantest.Good(t)
	for _, by := range change {
		by(f)
	}
	s, err := space.New(f, plantest.Models(t), c, o)
	require.NoError(t, err)
	return s
}

func least(m explore.Metric, limits ...explore.Limit) explore.Goal {
	return explore.Goal{Objectives: []explore.Objective{{Metric: m, Device: -1}}, Limits: limits}
}

var noRaw = explore.Limit{Objective: explore.Objective{Metric: explore.Raw, Device: -1}}

// TestSearch finds mappings that compile into plans with their actors where the mapping says.
func TestSearch(t *testing.T) {
	models := plantest.Models(t)
	s := newSpace(t, costs{}, space.Options{Codecs: []string{"none", "fp16"}})
	var told []string
	f, err := s.Search(t.Context(), least(explore.Latency, noRaw), space.SearchOptions{
		Keep: 3, Progress: func(n, of int, what string) { told = append(told, fmt.Sprintf("%d/%d %s", n, of, what)) },
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"1/2 chain, codec none", "2/2 chain, codec fp16"}, told)
	assert.True(t, f.Proven)
	require.Len(t, f.Candidates, 3)
	assert.Equal(t, "to net/relu0 on camera-box, rest on server", f.Candidates[0].Name)
	assert.InDelta(t, f.Bound, f.Candidates[0].Values.Latency, 1)
	for i := range f.Candidates {
		c := &f.Candidates[i]
		assert.Zero(t, c.Values.Raw)
		assert.Empty(t, c.Interpolated)
		p, err := s.Plan(c, plan.Workload{Kind: plan.SingleStream, Frames: 5})
		require.NoError(t, err)
		chain, err := compile.Chain(plantest.Good(t), models)
		require.NoError(t, err)
		for k, name := range c.Actors {
			at := slices.IndexFunc(p.Work, func(w plan.Work) bool {
				return w.Actor == chain[k].Actor && (w.Model == "" || w.From <= chain[k].Segment && chain[k].Segment < w.To)
			})
			require.GreaterOrEqual(t, at, 0, name)
			assert.Equal(t, c.Units[k], p.DeviceOf(at).Name+"."+p.UnitOf(at).Name, "%s: %s", c.Name, name)
		}
		raw, err := p.Raw()
		require.NoError(t, err)
		assert.Empty(t, raw, c.Name)
	}
}

// TestInterpolated makes up what was not measured from the model's first and last segments.
func TestInterpolated(t *testing.T) {
	for unknown, how := range map[string]string{
		"[1:2]":             "from the model's first and last segments",
		"[1:2],[1:3]":       "from the model's first segments",
		"[1:2],[0:1]":       "from the model's last segments",
		"[0:2],[1:3],[0:3]": "",
	} {
		s := newSpace(t, costs{unknown: strings.Split(unknown, ",")}, space.Options{})
		const box, server = "camera-box.cpu", "server.cpu"
		c, err := s.Mapping(0, "none", []string{box, box, box, server, box, box})
		require.NoError(t, err, unknown)
		plans, err := s.Missing([]space.Candidate{c})
		require.NoError(t, err)
		made, err := s.MadeUp([]space.Candidate{c})
		require.NoError(t, err)
		if how == "" {
			assert.Empty(t, c.Interpolated, unknown)
			assert.Empty(t, plans)
			assert.Empty(t, made)
			continue
		}
		require.Contains(t, c.Interpolated, "net/relu1 on server.cpu: "+how, unknown)
		require.Len(t, plans, 1)
		n := 0
		for key, e := range made[""] {
			if strings.Contains(key, "[1:2]") {
				assert.Equal(t, "made up "+how, e.Basis)
				assert.Equal(t, 20*time.Millisecond, e.Median(), unknown)
				n++
			}
		}
		assert.Equal(t, 1, n, unknown)
	}
	_, err := newSpace(t, costs{unknown: []string{"classifier"}}, space.Options{}).
		Search(t.Context(), least(explore.Latency), space.SearchOptions{})
	require.ErrorIs(t, err, profile.ErrMissing)
	require.ErrorContains(t, err, "\nand 3 costs more that were not measured")
}

// Where every device has costs of its own, all that each may run is profiled on each.
func TestPlansOfEachDevice(t *testing.T) {
	fired := func(o space.Options) map[string]int {
		plans, err := newSpace(t, costs{}, o, func(f *planfile.File) { // devices that differ by name alone
			f.Platform.Devices[1].Units = f.Platform.Devices[0].Units
		}).Plans()
		require.NoError(t, err)
		seen, byDevice := map[string]bool{}, map[string]int{}
		for _, p := range plans {
			for a := range p.Work {
				name := p.DeviceOf(a).Name
				if key := name + " " + p.Work[a].CostKey; !seen[key] {
					seen[key] = true
					byDevice[name]++
				}
			}
		}
		return byDevice
	}
	one, each := fired(space.Options{}), fired(space.Options{EachDevice: true})
	require.Len(t, each, len(one))
	more := 0
	for name := range each {
		assert.GreaterOrEqual(t, each[name], one[name], name)
		more += each[name] - one[name]
	}
	assert.Positive(t, more, "this machine's costs are those of all of its devices")
}

// TestPlans are plans that together have all firings of cuts and the baselines.
func TestPlans(t *testing.T) {
	s := newSpace(t, costs{}, space.Options{Codecs: []string{"none", "int8"}})
	plans, err := s.Plans()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, p := range plans {
		for a := range p.Work {
			known[p.Work[a].CostKey] = true
		}
	}
	cuts, err := s.Cuts()
	require.NoError(t, err)
	assert.Len(t, cuts, 6+4, "the last two cuts of the chain send nothing that int8 codes")
	baselines, err := s.Baselines()
	require.NoError(t, err)
	var labels []string
	for i := range baselines {
		require.NoError(t, baselines[i].Err)
		labels = append(labels, baselines[i].Label+": "+baselines[i].Name)
		cuts = append(cuts, baselines[i].Candidate)
	}
	assert.Equal(t, []string{
		"all on endpoint: all on camera-box", "all on server, raw: camera on camera-box, rest on server",
		"all on server, JPEG: camera on camera-box, rest on server, jpeg",
	}, labels)
	for i := range cuts {
		p, err := s.Plan(&cuts[i], plan.Workload{Kind: plan.Offline, Frames: 1})
		require.NoError(t, err)
		for a := range p.Work {
			assert.True(t, known[p.Work[a].CostKey], "%s: %s", cuts[i].Name, p.Work[a].CostKey)
		}
	}
}

// TestLimits has what can't be had named, with what could.
func TestLimits(t *testing.T) {
	s := newSpace(t, costs{}, space.Options{
		Codecs: []string{"none", "int8"}, Pinned: map[string]string{"sink": "server.cpu"},
		Leakage: func(tensors []string, codec string) (float64, bool) {
			leaks := 0.9
			for _, t := range tensors {
				if t == "net.relu1" && codec == "int8" {
					leaks = 0.3
				}
			}
			return leaks, !slices.Contains(tensors, "net.relu2")
		},
		Loss: func(codec string) (float64, bool) { return map[string]float64{"int8": 0.1}[codec], true },
	})
	limit := func(m explore.Metric, most float64) explore.Limit {
		return explore.Limit{Objective: explore.Objective{Metric: m, Device: -1}, Max: most}
	}
	f, err := s.Search(t.Context(), least(explore.Latency, limit(explore.Leakage, 0.5), limit(explore.Traffic, 400)),
		space.SearchOptions{})
	require.NoError(t, err)
	require.Len(t, f.Candidates, 1)
	assert.Equal(t, "to net/relu1 on camera-box, rest on server, int8", f.Candidates[0].Name)
	assert.InDelta(t, 0.1, f.Candidates[0].Values.Loss, 1e-12)

	f, err = s.Search(t.Context(), least(explore.Latency, limit(explore.Leakage, 0.5), limit(explore.Loss, 0.05)),
		space.SearchOptions{})
	require.NoError(t, err)
	assert.Empty(t, f.Candidates)
	require.True(t, f.Proven)
	require.Len(t, f.Clashes, 2)
	assert.Equal(t, explore.Clash{Limit: limit(explore.Leakage, 0.5), Nearest: 0.9}, f.Clashes[0])
	assert.Equal(t, explore.Clash{Limit: limit(explore.Loss, 0.05), Nearest: 0.1}, f.Clashes[1])
}

func TestBadSpaces(t *testing.T) {
	models := plantest.Models(t)
	_, err := space.New(plantest.Good(t), models, costs{}, space.Options{Instance: 1})
	require.EqualError(t, err, "no mappings can be searched: instance 1 of 1")
	_, err = space.New(plantest.Good(t), models, costs{}, space.Options{Pinned: map[string]string{"net": "server.gpu"}})
	require.EqualError(t, err, `no mappings can be searched: actor net is to stay on "server.gpu", and there is no such `+
		"unit; the units are camera-box.cpu, server.cpu")
	_, err = space.New(plantest.Good(t), models, costs{}, space.Options{Pinned: map[string]string{"nett": "server.cpu"}})
	require.EqualError(t, err, `no mappings can be searched: "nett" is to stay on server.cpu, and there is no such actor`)

	search := func(g explore.Goal, change ...func(*planfile.File)) error {
		_, err := newSpace(t, costs{}, space.Options{}, change...).Search(t.Context(), g, space.SearchOptions{})
		require.ErrorIs(t, err, space.ErrSpace)
		return err
	}
	require.EqualError(t, search(least(explore.Energy)), "no mappings can be searched: energy is asked for, and device "+
		"camera-box has no power figures; give them under power")
	idle := quantity.Watts(1)
	require.EqualError(t, search(least(explore.Energy), func(f *planfile.File) {
		f.Platform.Devices[0].Power = &energy.Figures{Idle: &idle}
	}), "no mappings can be searched: energy is asked for, and device server has no power figures; give them under power")
	require.EqualError(t, search(least(explore.Leakage)), "no mappings can be searched: leakage is asked for, and it is "+
		"not known what tensors give away")
	loss := explore.Limit{Objective: explore.Objective{Metric: explore.Loss}}
	require.EqualError(t, search(least(explore.Latency, loss)),
		"no mappings can be searched: quality is asked for, and it is not known what codecs cost")
}
