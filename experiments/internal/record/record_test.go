package record_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/revision"
)

var started = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// run is a run that was started so many minutes after the first.
func run(minutes int, change func(*record.Inputs)) *record.Run {
	r := &record.Run{Started: started.Add(time.Duration(minutes) * time.Minute), Inputs: record.Inputs{
		Program: revision.Info{Revision: "v1"}, Experiment: "e1", Models: map[string]string{"net": "m1"},
		Effort: "standard", Drivers: "both", Machine: "box", Runtime: "1.23",
	}}
	if change != nil {
		change(&r.Inputs)
	}
	return r
}

func open(t *testing.T, dir string, r *record.Run) (string, *record.Run, bool) {
	t.Helper()
	out, opened, resumed, err := record.Open(dir, r)
	require.NoError(t, err)
	return filepath.Base(out), opened, resumed
}

func TestOpenGoesOnWithEqualInputs(t *testing.T) {
	dir := t.TempDir()
	first, _, resumed := open(t, dir, run(0, nil))
	assert.False(t, resumed)
	again, rec, resumed := open(t, dir, run(5, nil))
	assert.True(t, resumed)
	assert.Equal(t, first, again)
	assert.Equal(t, started, rec.Started)

	rec.Finished = true
	require.NoError(t, rec.Write(filepath.Join(dir, first)))
	next, rec, resumed := open(t, dir, run(6, nil))
	assert.False(t, resumed, "a finished run has nothing to go on with")
	assert.NotEqual(t, first, next)
	assert.Empty(t, rec.NotResumed)
}

// A folder of results may have any name, and hold other files.
func TestOpenInFoldersOfAnyName(t *testing.T) {
	for _, name := range []string{"plain", "a[b]", "[", "*", "a\\b", "with blank, größer"} {
		dir := filepath.Join(t.TempDir(), name)
		first, _, resumed := open(t, dir, run(0, nil))
		assert.False(t, resumed, name)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "zz-notes.txt"), nil, 0o644))
		require.NoError(t, os.Mkdir(filepath.Join(dir, "zz-other"), 0o755))
		again, _, resumed := open(t, dir, run(5, nil))
		assert.True(t, resumed, "%s: a run that is there is not found", name)
		assert.Equal(t, first, again, name)
	}
}

// Results of two programs are never mixed, and what isn't gone on with is said.
func TestOpenRefusesOtherInputs(t *testing.T) {
	for why, change := range map[string]func(*record.Inputs){
		"program v1, now v2": func(i *record.Inputs) { i.Program.Revision = "v2" },
		"program v1, now v1, modified, executable 0123": func(i *record.Inputs) {
			i.Program = revision.Info{Revision: "v1", Modified: true, Digest: "0123"}
		},
		"another experiment.yaml":        func(i *record.Inputs) { i.Experiment = "e2" },
		"other models":                   func(i *record.Inputs) { i.Models = map[string]string{"net": "m2"} },
		"effort standard, now quick":     func(i *record.Inputs) { i.Effort = "quick" },
		"drivers both, now sim":          func(i *record.Inputs) { i.Drivers = "sim" },
		"machine box, now board":         func(i *record.Inputs) { i.Machine = "board" },
		"ONNX Runtime 1.23, now unknown": func(i *record.Inputs) { i.Runtime = "unknown" },
	} {
		dir := t.TempDir()
		first, _, _ := open(t, dir, run(0, nil))
		next, rec, resumed := open(t, dir, run(1, change))
		assert.False(t, resumed, why)
		assert.NotEqual(t, first, next)
		assert.Equal(t, []string{first + ": " + why}, rec.NotResumed)
	}
}

func TestOpenReadsAroundABrokenRecord(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "20260101-000000.000", "run.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o644))
	out, rec, resumed := open(t, dir, run(0, nil))
	assert.False(t, resumed)
	require.Len(t, rec.NotResumed, 1)
	assert.Contains(t, rec.NotResumed[0], "its run.json can't be read")
	b, err := os.ReadFile(filepath.Join(dir, out, "run.json"))
	require.NoError(t, err)
	var kept record.Run
	require.NoError(t, json.Unmarshal(b, &kept))
	assert.Equal(t, *rec, kept)
}
