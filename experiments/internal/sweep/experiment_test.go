package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

func toyExperiment(t *testing.T) *Experiment {
	t.Helper()
	x, err := New(exptest.Spec(t, "toy"), exptest.Model(t))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The chain is source, normalise, three segments, sink: PP2 sends a normalised
// frame, PP3 and PP4 cut the network, PP5 sends its result.
func TestCases(t *testing.T) {
	x := toyExperiment(t)
	x.Slow("slow", 5)
	var got []string
	for _, c := range x.Cases("slow", "wired") {
		got = append(got, fmt.Sprintf("%d %s %s %q raw=%v %s", c.PP, c.Cut, c.Codec, c.Baseline, c.RawFrame, c.Label))
		if c.Endpoint != "slow" || c.Link != "wired" || c.Experiment != "toy" || c.Slowdown != 5 || c.Instances != 1 {
			t.Errorf("case %+v", c)
		}
	}
	want := []string{
		`6 sink none "endpoint" raw=false all on endpoint`,
		`1 source none "raw" raw=true all on server, raw`,
		`1 source jpeg "jpeg" raw=true all on server, JPEG`,
		`2 normalise none "" raw=true PP2 normalise`,
		`3 net/relu0 none "" raw=false PP3 relu0`,
		`3 net/relu0 fp16 "" raw=false PP3 relu0`,
		`3 net/relu0 int8 "" raw=false PP3 relu0`,
		`4 net/relu1 none "" raw=false PP4 relu1`,
		`4 net/relu1 fp16 "" raw=false PP4 relu1`,
		`4 net/relu1 int8 "" raw=false PP4 relu1`,
		`5 net/relu2 none "" raw=false PP5 relu2`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	labels := map[string]bool{}
	for _, c := range x.Cases("slow", "wired") {
		if labels[c.FullLabel()] {
			t.Errorf("two cases are labelled %s", c.FullLabel())
		}
		labels[c.FullLabel()] = true
	}
}

// Every case compiles, to a plan that does what the case says.
func TestCasesCompile(t *testing.T) {
	x := toyExperiment(t)
	x.Slow("slow", 5)
	for _, c := range x.Cases("slow", "wireless") {
		p, err := compile.Compile(x.File(c, x.Single(4)), x.Models)
		if err != nil {
			t.Fatalf("%s: %v", c.FullLabel(), err)
		}
		crossing, encoders := 0, 0
		for f, r := range p.Routes {
			if r >= 0 && p.DeviceOf(p.Graph.FIFOs[f].From).Name == "slow" {
				crossing++
				if l := p.Platform.Links[r]; l.BandwidthBytesPerSec != 1e6 || l.Name != "wireless slow" {
					t.Errorf("%s: crosses %+v", c.FullLabel(), l)
				}
			}
		}
		for _, a := range p.Graph.Actors {
			if a.Kernel == "encode" {
				encoders++
			}
		}
		if want := map[bool]int{true: 0, false: 1}[c.Baseline == result.AllOnEndpoint]; crossing != want {
			t.Errorf("%s: %d FIFOs leave the endpoint, want %d", c.FullLabel(), crossing, want)
		}
		if want := map[bool]int{true: 0, false: 1}[c.Codec == "none"]; encoders != want {
			t.Errorf("%s: %d encoders, want %d", c.FullLabel(), encoders, want)
		}
		if s := p.Platform.Devices[0].Units[0].Slowdown; s != 5 {
			t.Errorf("%s: slowdown %g, want 5", c.FullLabel(), s)
		}
		if w := p.Workload; w.Kind != plan.SingleStream || w.Frames != 5 || w.Warmup != 1 || w.MinFrames != 4 || p.Seed != 3 {
			t.Errorf("%s: workload %+v, seed %d", c.FullLabel(), w, p.Seed)
		}
	}
	if w := x.Offline(30); w.Kind != plan.Offline || w.Frames != 31 || w.Warmup != 1 || w.MinFrames != 7 || w.Precision != 0.05 {
		t.Errorf("offline workload %+v", w)
	}
}

// An endpoint can't be made faster than the machine.
func TestSlowdown(t *testing.T) {
	x := toyExperiment(t)
	x.Slow("slow", 0.5)
	for _, e := range []string{"slow", "fast"} {
		if k := x.SlowdownOf(x.Spec.Endpoint(e)); k != 1 {
			t.Errorf("%s: slowdown %g, want 1", e, k)
		}
	}
}

func TestTogetherPlan(t *testing.T) {
	x := toyExperiment(t)
	f, pp, err := x.TogetherFile(plan.Workload{Kind: plan.SingleStream, Frames: 3})
	if err != nil || pp != 3 {
		t.Fatalf("partition point %d, %v", pp, err)
	}
	p, err := compile.Compile(f, x.Models)
	if err != nil {
		t.Fatal(err)
	}
	var devices, instances []string
	for _, d := range p.Platform.Devices {
		devices = append(devices, d.Name)
	}
	for a, w := range p.Work {
		if w.Source {
			instances = append(instances, w.Instance+"@"+p.DeviceOf(a).Name)
		}
	}
	if !slices.Equal(devices, []string{"slow", "fast", "server"}) || !slices.Equal(instances, []string{"slow@slow", "fast@fast"}) {
		t.Errorf("devices %v, sources %v", devices, instances)
	}
	x.Spec.Together.Through = "net/nothing"
	if _, _, err := x.TogetherFile(plan.Workload{}); !errors.Is(err, yamlfile.ErrInput) || !strings.Contains(err.Error(), "experiment.yaml:34:34: there is no actor \"net/nothing\"") {
		t.Errorf("got %v", err)
	}
}

func TestModelThatWasNotLoaded(t *testing.T) {
	if _, err := New(exptest.Spec(t, "toy"), nil); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("got %v", err)
	}
}
