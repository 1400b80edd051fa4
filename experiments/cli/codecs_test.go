package cli

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/codectable"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var vehicles = filepath.Join("..", "vehicle-classification")

// The table of a real model: sizes are exact, lossless codecs change nothing.
func TestCodecsCommand(t *testing.T) {
	o := edgeprune(t, "codecs", vehicles, "--frames", "6", "--cut", "l1", "--json",
		"--codec", "none", "--codec", "fp16", "--codec", "int8-static", "--codec", "sparse+zstd")
	require.Equal(t, exitOK, o.code, o.stderr)
	var rows []codectable.Row
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &rows))
	const raw = 4 * 32 * 48 * 48
	wire := map[string]float64{"none": raw, "fp16": raw / 2, "int8-static": raw / 4}
	require.Len(t, rows, 5)
	require.True(t, rows[3].PerChannel)
	for _, r := range rows {
		lossless := r.Codec == "none" || r.Codec == "sparse+zstd"
		assert.EqualValues(t, raw, r.RawBytes, "%s: %v bytes", r.Codec, r.WireBytes)
		if wire[r.Codec] > 0 {
			assert.Equal(t, wire[r.Codec], r.WireBytes, "%s: %v bytes", r.Codec, r.WireBytes)
		}
		assert.LessOrEqual(t, r.WireBytes, float64(raw+1+raw/32), "%s: %v bytes", r.Codec, r.WireBytes)
		assert.Equal(t, lossless, (r.MaxError == 0), "%s: error %v, agreement", r.Codec, r.MaxError)
		if lossless {
			assert.Equal(t, 1.0, *r.Agreement, "%s: error %v, agreement", r.Codec, r.MaxError)
		}
		assert.GreaterOrEqual(t, *r.Agreement, .5, "%s: error %v, agreement", r.Codec, r.MaxError)
		assert.LessOrEqual(t, r.NotFinite, 0, "%s: error %v, agreement", r.Codec, r.MaxError)
		assert.Equal(t, (r.Codec != "none"), (r.EncodeGBps > 0))
		assert.NotEqual(t, 0.0, r.Quality["accuracy"])
	}
}

func TestCodecsText(t *testing.T) {
	o := edgeprune(t, "codecs", vehicles, "--frames", "2", "--cut", "classifier/flat", "--codec", "int8+lz4", "--codec",
		"int8-channel")
	require.Equal(t, exitOK, o.code, o.stderr)
	for _, want := range []string{"PP4 flat", "2 frames", "ENCODE GB/s", "accuracy", "int8+lz4", "does not apply"} {
		assert.Contains(t, o.stdout, want, "%q lacks", o.stdout)
	}
}

// What --calibrate prints is what an experiment takes.
func TestCodecsCalibrate(t *testing.T) {
	o := edgeprune(t, "codecs", vehicles, "--frames", "2", "--cut", "l1", "--calibrate", "--per-channel")
	require.Equal(t, exitOK, o.code, o.stderr)
	var got struct{ Calibration spec.Calibration }
	err := yaml.UnmarshalWithOptions([]byte(o.stdout), &got, yaml.Strict())
	require.NoError(t, err, "%v:\n%s", err, o.stdout)
	a := got.Calibration["classifier.l1"]
	require.Len(t, got.Calibration, 1, "read %v from\n%s", got, o.stdout)
	require.Len(t, a.Scale, 32, "read %v from\n%s", got, o.stdout)
	assert.Len(t, a.ZeroPoint, 32, "read %v from\n%s", got, o.stdout)
}

func TestCodecsRefuses(t *testing.T) {
	edgeprune(t, "codecs").refused(t, exitInput, "expected one experiment's folder")
	edgeprune(t, "codecs", vehicles, "--frames", "0").refused(t, exitInput, "--frames 0; expected at least 1")
	edgeprune(t, "codecs", vehicles, "--per-channel").refused(t, exitInput, "goes with --calibrate")
	edgeprune(t, "codecs", vehicles, "--codec", "zstd+int8").refused(
		t, exitInput, `in "zstd+int8", int8 can't follow zstd`,
	)
	edgeprune(t, "codecs", vehicles, "--cut", "l9").refused(
		t, exitInput, `there is no cut "l9" inside the model; the cuts are classifier/`,
	)
	edgeprune(t, "codecs", t.TempDir()).refused(t, exitInput, "experiment.yaml")
}
