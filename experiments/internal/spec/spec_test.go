package spec_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// Every file in testdata/bad gives the one-line error in the .err file beside it.
func TestBadSpecs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in testdata/bad (%v)", err)
	}
	place := regexp.MustCompile(`^bad input: bad/[a-z-]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: .{20,}$`)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = spec.Parse("bad/"+name+".yaml", data)
			if !errors.Is(err, yamlfile.ErrInput) {
				t.Fatalf("got %v; want one that wraps ErrInput", err)
			}
			golden.Check(t, strings.TrimSuffix(file, ".yaml")+".err", err.Error()+"\n")
			if !place.MatchString(err.Error()) {
				t.Errorf("no place, several lines, or says nothing: %s", err)
			}
		})
	}
}

func TestParse(t *testing.T) {
	s := exptest.Spec(t, "toy")
	if s.Experiment != "toy" || s.Seed != 3 || s.Model() != "toy" || len(s.Application.Actors) != 4 {
		t.Errorf("parsed %+v", s)
	}
	if e := s.Endpoint("slow"); e == nil || e.WholeModel != 40*time.Millisecond || e.Unit.Name != "cpu" {
		t.Errorf("endpoint slow: %+v", e)
	}
	if e := s.Endpoint("absent"); e != nil {
		t.Errorf("endpoint absent: %+v", e)
	}
	if l := s.Links[1]; l.BandwidthBytesPerSec != 1e6 || l.Latency != 2*time.Millisecond || l.Unverified == "" {
		t.Errorf("link %+v", l)
	}
}

// The experiments that come with the project are well-formed, and ask for at
// least as much as the reproduction promises.
func TestProjectSpecs(t *testing.T) {
	for _, name := range []string{"vehicle-classification", "ssd-tracking"} {
		path := filepath.Join("..", "..", name, "experiment.yaml")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := spec.Parse(path, b)
		if err != nil {
			t.Fatal(err)
		}
		if s.Workload.MinFrames < 8 || s.Workload.MaxFrames > 40 || s.Workload.Precision != 0.02 ||
			s.Measure.Cuts < 4 || s.Measure.Groups < 2 || s.Workload.ThroughputFrames < 40 {
			t.Errorf("%s: %+v, %+v", name, s.Workload, s.Measure)
		}
		if len(s.Endpoints) != 2 || len(s.Links) != 2 {
			t.Errorf("%s: %d endpoints, %d links; want 2 of each", name, len(s.Endpoints), len(s.Links))
		}
		for _, l := range s.Links {
			if l.Unverified == "" {
				t.Errorf("%s: link %s isn't marked as unverified", name, l.Name)
			}
		}
	}
}

// Those that sweep a parameter hold both ends of it, at the end of the list.
func TestProjectSweeps(t *testing.T) {
	for name, want := range map[string]spec.ParamSweep{
		"gated-tracking": {Actor: "motion", Param: "threshold", Always: 0, Never: 255, Quality: "IDF1", Loss: 0.01},
		"early-exit":     {Actor: "confidence", Param: "threshold", Always: 2, Never: 0, Quality: "accuracy", Loss: 0.01},
	} {
		path := filepath.Join("..", "..", name, "experiment.yaml")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := spec.Parse(path, b)
		if err != nil {
			t.Fatal(err)
		}
		got := *s.Sweep
		if first, last := got.Values[0], got.Values[len(got.Values)-1]; min(first, last) != min(got.Always, got.Never) || max(first, last) != max(got.Always, got.Never) {
			t.Errorf("%s: values %v from %g to %g", name, got.Values, got.Never, got.Always)
		}
		got.Values, got.Mapping = nil, nil
		if !reflect.DeepEqual(got, want) || len(s.Links) != 2 {
			t.Errorf("%s: sweep %+v, %d links", name, got, len(s.Links))
		}
		for _, l := range s.Links {
			if l.Unverified == "" {
				t.Errorf("%s: link %s isn't marked as unverified", name, l.Name)
			}
		}
	}
}
