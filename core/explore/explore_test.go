package explore_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// random returns a problem that a seed fixes.
func random(rng *rand.Rand, least, most int) *explore.Problem {
	units := 2 + rng.IntN(2)
	tasks := least + rng.IntN(most-least+1)
	chain, joins := rng.IntN(3) == 0, rng.IntN(5) == 0
	p := &explore.Problem{}
	for d := range units {
		if d > 0 && rng.IntN(6) == 0 { // two units of one device
			p.Units = append(p.Units, explore.Unit{Name: fmt.Sprint("u", d), Device: len(p.Devices) - 1, Watts: 3})
			continue
		}
		p.Units = append(p.Units, explore.Unit{
			Name: fmt.Sprint("u", d), Device: len(p.Devices), Lanes: rng.IntN(3), Watts: float64(rng.IntN(10)),
		})
		p.Devices = append(p.Devices, explore.Device{
			Name: fmt.Sprint("d", d), Endpoint: d == 0 || rng.IntN(4) == 0, Idle: float64(rng.IntN(3)),
			Send: float64(rng.IntN(3)), Receive: float64(rng.IntN(3)),
		})
	}
	for t := range tasks {
		task := explore.Task{
			Name: fmt.Sprint("t", t), MemoryBytes: float64(rng.IntN(100)), Joins: joins && t > 0 && rng.IntN(4) > 0,
		}
		for range units {
			ns := float64(rng.IntN(1000))
			if rng.IntN(8) == 0 {
				ns = -1
			}
			task.Nanos = append(task.Nanos, ns)
		}
		if slices.Max(task.Nanos) < 0 {
			task.Nanos[rng.IntN(units)] = 5
		}
		p.Tasks = append(p.Tasks, task)
	}
	for from := range tasks {
		net := explore.Net{
			From: from, Bytes: float64(rng.IntN(5000)), Leakage: rng.Float64(), Loss: rng.Float64(), Raw: from == 0,
			HeldBytes: float64(rng.IntN(30)), SentBytes: float64(rng.IntN(60)),
		}
		for to := from + 1; to < tasks; to++ {
			if chain && to == from+1 || !chain && rng.IntN(3) == 0 {
				net.To = append(net.To, to)
			}
		}
		if rng.IntN(2) == 0 {
			for range units {
				net.Encode = append(net.Encode, float64(rng.IntN(50)))
				net.Decode = append(net.Decode, float64(rng.IntN(50)))
			}
		}
		p.Nets = append(p.Nets, net)
	}
	n := len(p.Devices)
	half := rng.IntN(2)
	p.Channels = n * n
	missing := -1
	if n > 2 && rng.IntN(3) == 0 {
		missing = rng.IntN(n)
	}
	rate := 1 + rng.Float64()*20
	flight := float64(rng.IntN(200))
	p.Hop = func(net, from, to int) (explore.Hop, bool) {
		channel := from*n + to
		if half == 1 {
			channel = min(from, to)*n + max(from, to)
		}
		occupancy := math.Round(p.Nets[net].Bytes / rate)
		return explore.Hop{Channel: channel, Occupancy: occupancy, Flight: flight, Sending: occupancy + 1},
			from+to != missing
	}
	if joins && rng.IntN(2) == 0 {
		table := map[[3]int]float64{}
		var took func(u, first, t int) float64 // that of the firing
		p.Fused = func(u, first, t int) float64 {
			k := [3]int{u, first, t}
			if _, ok := table[k]; !ok {
				table[k] = p.Tasks[t].Nanos[u]
				if first < t {
					table[k] = math.Round(p.Tasks[t].Nanos[u] * float64(3+(u+7*first+3*t)%7) / 8)
					if p.Tasks[t].Nanos[u] < 200 {
						table[k] -= min(100, took(u, first, t-1)) // less than without it
					}
				}
			}
			return table[k]
		}
		took = func(u, first, t int) (sum float64) {
			for ; t >= first; t-- {
				sum += p.Fused(u, first, t)
			}
			return sum
		}
	}
	if rng.IntN(2) == 0 {
		p.FrameInterval = float64(1 + rng.IntN(5000))
	}
	return p
}

// all lists the values of all mappings that can be.
func all(t *testing.T, p *explore.Problem) []explore.Values {
	units := make([]int, len(p.Tasks))
	var list []explore.Values
	evaluate, err := p.Evaluator()
	require.NoError(t, err)
	for {
		if v, ok := evaluate(units); ok {
			list = append(list, v)
		}
		i := 0
		for ; i < len(units); i++ {
			units[i]++
			if units[i] < len(p.Units) {
				break
			}
			units[i] = 0
		}
		if i == len(units) {
			return list
		}
	}
}

func randomGoal(rng *rand.Rand, p *explore.Problem, list []explore.Values) explore.Goal {
	one := func() explore.Objective {
		o := explore.Objective{Metric: explore.Metrics()[rng.IntN(len(explore.Metrics()))], Device: -1}
		if o.Metric == explore.Energy || o.Metric == explore.Memory {
			o.Device = rng.IntN(len(p.Devices)+1) - 1
		}
		return o
	}
	var g explore.Goal
	for range 1 + rng.IntN(4)/2 {
		g.Objectives = append(g.Objectives, one())
	}
	for range rng.IntN(3) {
		l := explore.Limit{Objective: one()}
		l.Max = 1
		if len(list) > 0 {
			v := list[rng.IntN(len(list))]
			l.Max = v.Of(l.Objective) * (0.3 + rng.Float64())
		}
		g.Limits = append(g.Limits, l)
	}
	return g
}

func within(g *explore.Goal, v *explore.Values) bool {
	return !slices.ContainsFunc(g.Limits, func(l explore.Limit) bool { return v.Of(l.Objective) > l.Max })
}

// paretoFront returns the objectives' values that no others are better than, sorted.
func paretoFront(g *explore.Goal, list []explore.Values) [][]float64 {
	var rows [][]float64
	for i := range list {
		if !within(g, &list[i]) {
			continue
		}
		var row []float64
		for _, o := range g.Objectives {
			row = append(row, list[i].Of(o))
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, slices.Compare)
	rows = slices.CompactFunc(rows, slices.Equal)
	var kept [][]float64
	for i, a := range rows {
		if !slices.ContainsFunc(rows, func(b []float64) bool {
			return &b[0] != &rows[i][0] && noWorse(b, a) && !slices.Equal(a, b)
		}) {
			kept = append(kept, a)
		}
	}
	return kept
}

func noWorse(a, b []float64) bool {
	for i := range a {
		if a[i] > b[i] {
			return false
		}
	}
	return true
}

// TestExact compares what is called proven with all mappings, of 1,000 random problems and goals.
func TestExact(t *testing.T) {
	methods := map[explore.Method]int{}
	empty, mappings := 0, 0
	for seed := range uint64(1000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := random(rng, 2, 8)
		list := all(t, p)
		mappings += len(list)
		g := randomGoal(rng, p, list)
		a, err := explore.Find(t.Context(), p, g, explore.Options{})
		require.NoError(t, err, "seed %d", seed)
		require.True(t, a.Proven, "seed %d", seed)
		evaluate, err := p.Evaluator()
		require.NoError(t, err)
		want := paretoFront(&g, list)
		var got [][]float64
		for _, c := range a.Front {
			v, ok := evaluate(c.Units)
			require.True(t, ok)
			require.Equal(t, v, c.Values, "seed %d", seed)
			var row []float64
			for _, o := range g.Objectives {
				row = append(row, v.Of(o))
			}
			got = append(got, row)
		}
		require.Len(t, got, len(want), "seed %d: %v: %v and %v", seed, g, want, got)
		for i := range want {
			require.InEpsilonSlice(t, plus(want[i]), plus(got[i]), 1e-9, "seed %d: %v", seed, g)
		}
		methods[a.Method]++
		if len(want) == 0 {
			empty++
			checkClashes(t, p, &g, a, list)
		}
	}
	t.Logf("1,000 random graphs, platforms and goals with %d mappings in all: each front is that of the exhaustive "+
		"search; %d by branch and bound, %d by least cut; %d have no mapping within the limits, and each is recognised",
		mappings, methods[explore.BranchAndBound], methods[explore.MinCut], empty)
	assert.Greater(t, methods[explore.MinCut], 20)
	assert.Greater(t, methods[explore.BranchAndBound], 500)
	assert.Greater(t, empty, 50)
}

// plus adds 1, as 0 has no relative error.
func plus(list []float64) []float64 {
	out := slices.Clone(list)
	for i := range out {
		out[i]++
	}
	return out
}

// checkClashes checks that the limits that clash do, that no part of them does, and what each
// would have to be.
func checkClashes(t *testing.T, p *explore.Problem, g *explore.Goal, a *explore.Answer, list []explore.Values) {
	if len(list) == 0 {
		return
	}
	require.NotEmpty(t, a.Clashes)
	for i, c := range a.Clashes {
		var others explore.Goal
		for k, o := range a.Clashes {
			if k != i {
				others.Limits = append(others.Limits, o.Limit)
			}
		}
		nearest := math.Inf(1)
		for k := range list {
			if within(&others, &list[k]) {
				nearest = min(nearest, list[k].Of(c.Objective))
			}
		}
		assert.Greater(t, nearest, c.Max)
		assert.InEpsilon(t, nearest+1, c.Nearest+1, 1e-9)
	}
}

// TestLeastCut compares least cuts with all mappings to two units.
func TestLeastCut(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 3))
		p := random(rng, 2, 8)
		if len(p.Units) != 2 {
			continue
		}
		for i := range p.Tasks {
			p.Tasks[i].Joins = false
		}
		p.FrameInterval = 1000
		metrics := []explore.Metric{explore.Traffic, explore.EndpointTime, explore.Energy}
		g := explore.Goal{Objectives: []explore.Objective{{Metric: metrics[rng.IntN(3)], Device: -1}}}
		if rng.IntN(2) == 0 {
			g.Limits = append(g.Limits, explore.Limit{Objective: explore.Objective{Metric: explore.Raw}})
		}
		if rng.IntN(2) == 0 {
			of := explore.Objective{Metric: explore.Leakage}
			g.Limits = append(g.Limits, explore.Limit{Objective: of, Max: rng.Float64()})
		}
		a, err := explore.Find(t.Context(), p, g, explore.Options{})
		require.NoError(t, err)
		if p.Units[0].Device == p.Units[1].Device || !p.Devices[1].Endpoint || !p.Devices[0].Endpoint {
			require.Equal(t, explore.MinCut, a.Method, "seed %d", seed)
		}
		want := paretoFront(&g, all(t, p))
		require.Len(t, a.Front, len(want), "seed %d", seed)
		if len(want) == 1 {
			require.InEpsilon(t, 1+want[0][0], 1+a.Front[0].Values.Of(g.Objectives[0]), 1e-9, "seed %d", seed)
		}
	}
}

func TestBadProblems(t *testing.T) {
	find := func(change func(p *explore.Problem, g *explore.Goal)) error {
		p := &explore.Problem{
			Tasks: []explore.Task{{Name: "camera", Nanos: []float64{1}}, {Name: "tracker", Nanos: []float64{1}}},
			Nets:  []explore.Net{{From: 0, To: []int{1}}},
			Units: []explore.Unit{{Name: "cpu"}}, Devices: []explore.Device{{Name: "box"}},
		}
		g := explore.Goal{Objectives: []explore.Objective{{Metric: explore.Latency}}}
		change(p, &g)
		_, err := explore.Find(t.Context(), p, g, explore.Options{})
		require.ErrorIs(t, err, explore.ErrProblem)
		return err
	}
	assert.EqualError(t, find(func(p *explore.Problem, _ *explore.Goal) { p.Tasks = nil }),
		"problem can't be searched: 0 tasks, 1 units and 1 devices; give at least one of each")
	assert.EqualError(t, find(func(p *explore.Problem, _ *explore.Goal) { p.Tasks[0].Nanos[0] = -1 }),
		"problem can't be searched: task camera can run nowhere; allow it a unit")
	assert.EqualError(t, find(func(p *explore.Problem, _ *explore.Goal) { p.Tasks[0].Nanos[0] = math.NaN() }),
		"problem can't be searched: task camera costs NaN ns")
	assert.EqualError(t, find(func(p *explore.Problem, _ *explore.Goal) { p.Nets[0].To[0] = 0 }),
		"problem can't be searched: net 0 goes from task 0 to [0]; tasks stand behind those that they need")
	assert.EqualError(t, find(func(_ *explore.Problem, g *explore.Goal) { g.Objectives = nil }),
		"problem can't be searched: there is no objective; give one of [latency endpoint_time period energy traffic leakage "+
			"loss memory raw]")
	assert.EqualError(t, find(func(_ *explore.Problem, g *explore.Goal) { g.Objectives[0].Metric = "speed" }),
		`problem can't be searched: there is no metric "speed"; the metrics are [latency endpoint_time period energy `+
			"traffic leakage loss memory raw]")
}
