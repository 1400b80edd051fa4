package spec_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every file in testdata/bad gives the one-line error in the .err file beside it.
func TestBadSpecs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yaml"))
	require.NoError(t, err, "no files in testdata/bad")
	require.NotEmpty(t, files, "no files in testdata/bad")
	place := regexp.MustCompile(`^bad input: bad/[a-z-]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: .{20,}$`)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			_, err = spec.Parse("bad/"+name+".yaml", data)
			require.ErrorIs(t, err, yamlfile.ErrInput, "got %v; want one that wraps ErrInput", err)
			golden.Check(t, strings.TrimSuffix(file, ".yaml")+".err", err.Error()+"\n")
			assert.True(t, place.MatchString(err.Error()), "no place, several lines, or says nothing")
		})
	}
}

func TestParse(t *testing.T) {
	s := exptest.Spec(t, "toy")
	assert.Equal(t, "toy", s.Experiment, "parsed")
	assert.EqualValues(t, 3, s.Seed, "parsed")
	assert.Equal(t, "toy", s.Model(), "parsed")
	assert.Len(t, s.Application.Actors, 4, "parsed")
	e := s.Endpoint("slow")
	require.NotNil(t, e, "endpoint slow")
	assert.Equal(t, 40*time.Millisecond, e.WholeModel, "endpoint slow")
	assert.Equal(t, "cpu", e.Unit.Name, "endpoint slow")
	assert.Nil(t, s.Endpoint("absent"), "endpoint absent")
	l := s.Links[1]
	assert.EqualValues(t, 1e6, l.BandwidthBytesPerSec, "link")
	assert.Equal(t, 2*time.Millisecond, l.Latency, "link")
	assert.NotEmpty(t, l.Unverified, "link")
}

// The experiments that come with the project are well-formed, and ask for at
// least as much as the reproduction promises.
func TestProjectSpecs(t *testing.T) {
	for _, name := range []string{"vehicle-classification", "ssd-tracking"} {
		path := filepath.Join("..", "..", name, "experiment.yaml")
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		s, err := spec.Parse(path, b)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, s.Workload.MinFrames, int64(8), name)
		assert.LessOrEqual(t, s.Workload.MaxFrames, int64(40), name)
		assert.Equal(t, 0.02, s.Workload.Precision, name)
		assert.GreaterOrEqual(t, s.Measure.Cuts, 4, name)
		assert.GreaterOrEqual(t, s.Measure.Groups, 2, name)
		assert.GreaterOrEqual(t, s.Workload.ThroughputFrames, int64(40), name)
		require.Len(t, s.Endpoints, 2, "%s: %d endpoints, %d links; want 2 of each", name, len(s.Endpoints), len(s.Links))
		assert.Len(t, s.Links, 2, "%s: %d endpoints, %d links; want 2 of each", name, len(s.Endpoints), len(s.Links))
		for _, l := range s.Links {
			assert.NotEmpty(t, l.Unverified, "%s: link %s isn't marked as unverified", name, l.Name)
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
		require.NoError(t, err)
		s, err := spec.Parse(path, b)
		require.NoError(t, err)
		got := *s.Sweep
		first, last := got.Values[0], got.Values[len(got.Values)-1]
		assert.Equal(t, min(got.Always, got.Never), min(first, last), "%s: values %v from %g", name, got.Values, got.Never)
		assert.Equal(t, max(got.Always, got.Never), max(first, last), "%s: values %v from %g", name, got.Values, got.Never)
		got.Values, got.Mapping = nil, nil
		assert.Equal(t, want, got, "%s: sweep %+v, %d links", name, got, len(s.Links))
		assert.Len(t, s.Links, 2, "%s: sweep %+v, %d links", name, got, len(s.Links))
		for _, l := range s.Links {
			assert.NotEmpty(t, l.Unverified, "%s: link %s isn't marked as unverified", name, l.Name)
		}
	}
}

// Whatever is in the file, reading it gives an experiment or an error marked as the
// user's.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"duplicate-link", "deep", "mapping-case-twice", "sweep-value-twice", "latin-one"} {
		data, err := os.ReadFile(filepath.Join("testdata", "bad", name+".yaml"))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("experiment: fuzz\nendpoints: [&a {name: b, whole_model_takes: 5}, *a]\nlinks: [{name: c}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := spec.Parse("fuzz/experiment.yaml", data)
		if err != nil {
			require.ErrorIs(t, err, yamlfile.ErrInput)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.Equal(t, "fuzz", s.Experiment)
		require.NotEmpty(t, s.Links)
		require.NotPanics(t, func() { _, _, _ = s.Model(), s.Slowed(), s.Kind() })
	})
}
