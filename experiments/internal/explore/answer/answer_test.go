package answer_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/confirm"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	latency    = goal.Metric{Name: goal.Latency}
	throughput = goal.Metric{Name: goal.Throughput}
	energy     = goal.Metric{Name: goal.Energy, Device: "cam"}
)

func values(ms, fps, j float64) goal.Values {
	return goal.Values{latency: ms / 1e3, throughput: fps, energy: j}
}

// some is an answer with the baselines and four cuts.
func some() *answer.Answer {
	return &answer.Answer{
		Name: "cam over wifi", Method: "branch and bound", Proven: true, Profiled: "made at noon",
		Candidates: []answer.Candidate{
			{Name: "all on endpoint", Baseline: "endpoint", Values: values(900, 1.1, 4)},
			{Name: "raw to server", Baseline: "raw", RawFrame: true, Codec: "none", Values: values(180, 8, 1)},
			{Name: "JPEG to server", Baseline: "jpeg", RawFrame: true, Codec: "jpeg", Values: values(60, 30, 0.7)},
			{Name: "cut at a", Codec: "int8", Values: values(100, 10, 0.8)},
			{Name: "cut at b", Codec: "none", Values: values(90, 12, 1.2)},
			{Name: "cut at c", Codec: "none", Values: values(120, 9, 1.5)},
			{Name: "cut at d", Codec: "int8", Values: values(85, 11, 3)},
		},
	}
}

func parse(t *testing.T, minimise, maximise string, noRaw bool, limits ...string) *goal.Goal {
	t.Helper()
	split := func(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }
	g, err := goal.Parse(split(minimise), split(maximise), limits, noRaw)
	require.NoError(t, err)
	return g
}

func names(a *answer.Answer, kept func(*answer.Candidate) bool) (all []string) {
	for i := range a.Candidates {
		if kept(&a.Candidates[i]) {
			all = append(all, a.Candidates[i].Name)
		}
	}
	return all
}

func front(c *answer.Candidate) bool { return c.Front }

func TestRank(t *testing.T) {
	a := some()
	a.Rank(parse(t, "latency", "", false))
	assert.Equal(t, "JPEG to server", a.Chosen)
	assert.Equal(t, []string{"JPEG to server"}, names(a, front))

	g := parse(t, "latency", "", true, "energy(cam)<=2J")
	a.Rank(g)
	assert.Equal(t, "cut at b", a.Chosen)
	assert.Equal(t, "Run cut at b: it has the least latency (90 ms) with no raw frames and energy(cam) <= 2 J "+
		"(1.2 J); 10 times better than all on the endpoint (which breaks: energy(cam) <= 2 J), 2 times "+
		"better than "+
		"raw frames to the server (which breaks: no raw frames), 1.5 times worse than JPEG to the server (which breaks: no "+
		"raw frames).", a.Sentence(g))
	assert.Equal(t, []string{"cut at b", "cut at a", "cut at c"},
		names(a, func(c *answer.Candidate) bool { return len(c.Broken) == 0 }))

	g = parse(t, "latency,energy(cam)", "", true)
	a.Rank(g)
	assert.Equal(t, []string{"cut at a", "cut at b", "cut at d"}, names(a, front))
	assert.Equal(t, "cut at a", a.Chosen, "1.18 times the least latency and the least energy")
	assert.Contains(t, a.Sentence(g), "Run cut at a: it is the compromise of the 3 mappings on the front of least "+
		"latency (100 "+
		"ms) and least energy(cam) (800 mJ) with no raw frames; ")

	a.Rank(parse(t, "", "throughput", true))
	assert.Equal(t, "cut at b", a.Chosen, "more is better")
}

// Of mappings that are as good by the objective, the one of the least latency is chosen.
func TestTies(t *testing.T) {
	a := some()
	leakage := goal.Metric{Name: goal.Leakage}
	for i := range a.Candidates {
		a.Candidates[i].Values[leakage] = 0.5
	}
	a.Rank(parse(t, "leakage", "", true))
	assert.Equal(t, "cut at d", a.Chosen)
}

// Where the best has none of what is to be least, the others are in the order of how much they have.
func TestBehindNothing(t *testing.T) {
	a := some()
	traffic := goal.Metric{Name: goal.Traffic}
	for i, bytes := range []float64{0, 9e5, 3e4, 100, 40, 90, 70} {
		a.Candidates[i].Values[traffic] = bytes
	}
	a.Rank(parse(t, "traffic", "", false))
	assert.Equal(t, []string{"all on endpoint", "cut at b", "cut at d", "cut at c", "cut at a", "JPEG to server",
		"raw to server"}, names(a, func(*answer.Candidate) bool { return true }))
}

func TestClashing(t *testing.T) {
	a := some()
	g := parse(t, "latency", "", true, "latency<=70ms", "energy(cam)<=1J", "throughput>=5")
	a.Rank(g)
	assert.Empty(t, a.Chosen)
	a.Clashes = a.Clashing(g)
	assert.Equal(t, "No mapping keeps these limits together: no raw frames (without this limit there is an answer); "+
		"latency <= 70 ms (nearest that can be had beside the others: 85 ms).", a.Sentence(g),
		"without the limits that don't matter")
	g = parse(t, "latency", "", false, "latency<=70ms", "energy(cam)<=500mJ")
	a.Rank(g)
	a.Clashes = a.Clashing(g)
	assert.Equal(t, "No mapping keeps energy(cam) <= 500 mJ (nearest that can be had beside the others: 700 mJ).",
		a.Sentence(g))
	g = parse(t, "latency", "", true, "latency<=86ms", "energy(cam)<=1.3J")
	a.Rank(g)
	a.Clashes = a.Clashing(g)
	assert.Equal(t, "No mapping keeps these limits together: no raw frames (without this limit there is an answer); "+
		"latency <= 86 ms (nearest that can be had beside the others: 90 ms); energy(cam) <= 1.3 J (nearest that can be had "+
		"beside the others: 3 J).", a.Sentence(g))
	a.Proven, a.Clashes = false, a.Clashes[1:2]
	assert.Equal(t, "No mapping was found that keeps latency <= 86 ms (nearest that can be had beside the others: 90 ms).",
		a.Sentence(g))
	a.Candidates, a.Clashes = nil, nil
	assert.Equal(t, "No mapping was found with "+g.String()+".", a.Sentence(g))
}

func TestTables(t *testing.T) {
	a := some()
	g := parse(t, "latency", "", true, "energy(cam)<=2J")
	a.Rank(g)
	var table bytes.Buffer
	require.NoError(t, a.WriteTable(&table, g, 5))
	assert.Equal(t, `MAPPING          CODEC  LATENCY  ENERGY(cam)  ENDPOINT TIME  THROUGHPUT    TRAFFIC  
cut at b         none   90 ms    1.2 J        -              12 frames/s   -        chosen
cut at a         int8   100 ms   800 mJ       -              10 frames/s   -        
JPEG to server   jpeg   60 ms    700 mJ       -              30 frames/s   -        baseline, breaks: no raw frames
raw to server    none   180 ms   1 J          -              8 frames/s    -        baseline, breaks: no raw frames
all on endpoint         900 ms   4 J          -              1.1 frames/s  -        baseline, breaks: energy(cam) <= 2 J
and 2 more, in explore.json
`, table.String())
	r := answer.Run{Name: "x", Goal: g, Answers: []answer.Answer{*a}}
	var csv bytes.Buffer
	require.NoError(t, r.WriteCSV(&csv))
	lines := strings.Split(csv.String(), "\n")
	assert.Equal(t, "platform,mapping,codec,baseline,chosen,front,raw_frame,breaks,latency_s,throughput_frames_per_s,"+
		"energy_cam_j", lines[0])
	assert.Equal(t, "cam over wifi,cut at b,none,,true,true,false,,0.09,12,1.2", lines[1])
	require.Len(t, lines, 9)

	b, err := json.Marshal(r)
	require.NoError(t, err)
	var again answer.Run
	require.NoError(t, json.Unmarshal(b, &again))
	assert.Equal(t, r, again)
	assert.Contains(t, string(b), `"values":{"energy(cam)":1.2,"latency":0.09,"throughput":12}`)
}

func TestSure(t *testing.T) {
	a := some()
	assert.Equal(t, []string{"Found by branch and bound, proven: by the analytic model no mapping is better than the " +
		"best of 7 candidates, which were simulated.",
		"Costs are from a profile: made at noon."}, a.Sure())
	a.Proven, a.Confirmed = false, &confirm.Found{Text: "cut at b is measured best"}
	assert.Equal(t, []string{"Found by branch and bound; 7 candidates were simulated.",
		"Costs are from a profile: made at noon.", "Measured: cut at b is measured best."}, a.Sure())
}
