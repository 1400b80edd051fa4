package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/codectable"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/goccy/go-yaml"
)

var vehicles = filepath.Join("..", "vehicle-classification")

// The table of a real model: sizes are exact, lossless codecs change nothing.
func TestCodecsCommand(t *testing.T) {
	o := edgeprune(t, "codecs", vehicles, "--frames", "6", "--cut", "l1", "--json",
		"--codec", "none", "--codec", "fp16", "--codec", "int8-static", "--codec", "sparse+zstd")
	if o.code != exitOK {
		t.Fatal(o.stderr)
	}
	var rows []codectable.Row
	if err := json.Unmarshal([]byte(o.stdout), &rows); err != nil {
		t.Fatal(err)
	}
	const raw = 4 * 32 * 48 * 48
	wire := map[string]float64{"none": raw, "fp16": raw / 2, "int8-static": raw / 4}
	if len(rows) != 5 || !rows[3].PerChannel {
		t.Fatalf("%+v", rows)
	}
	for _, r := range rows {
		lossless := r.Codec == "none" || r.Codec == "sparse+zstd"
		if r.RawBytes != raw || wire[r.Codec] > 0 && r.WireBytes != wire[r.Codec] || r.WireBytes > raw+1+raw/32 {
			t.Errorf("%s: %v bytes of %d", r.Codec, r.WireBytes, r.RawBytes)
		}
		if (r.MaxError == 0) != lossless || lossless && r.Agreement != 1 || r.Agreement < .5 || r.NotFinite > 0 {
			t.Errorf("%s: error %v, agreement %v", r.Codec, r.MaxError, r.Agreement)
		}
		if (r.EncodeGBps > 0) != (r.Codec != "none") || r.Quality["accuracy"] == 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestCodecsText(t *testing.T) {
	o := edgeprune(t, "codecs", vehicles, "--frames", "2", "--cut", "classifier/flat", "--codec", "int8+lz4", "--codec", "int8-channel")
	if o.code != exitOK {
		t.Fatal(o.stderr)
	}
	for _, want := range []string{"PP4 flat", "2 frames", "ENCODE GB/s", "accuracy", "int8+lz4", "does not apply"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("%q lacks %q", o.stdout, want)
		}
	}
}

// What --calibrate prints is what an experiment takes.
func TestCodecsCalibrate(t *testing.T) {
	o := edgeprune(t, "codecs", vehicles, "--frames", "2", "--cut", "l1", "--calibrate", "--per-channel")
	if o.code != exitOK {
		t.Fatal(o.stderr)
	}
	var got struct{ Calibration spec.Calibration }
	if err := yaml.UnmarshalWithOptions([]byte(o.stdout), &got, yaml.Strict()); err != nil {
		t.Fatalf("%v:\n%s", err, o.stdout)
	}
	a := got.Calibration["classifier.l1"]
	if len(got.Calibration) != 1 || len(a.Scale) != 32 || len(a.ZeroPoint) != 32 {
		t.Errorf("read %v from\n%s", got, o.stdout)
	}
}

func TestCodecsRefuses(t *testing.T) {
	edgeprune(t, "codecs").refused(t, exitInput, "expected one experiment's folder")
	edgeprune(t, "codecs", vehicles, "--frames", "0").refused(t, exitInput, "--frames 0; expected at least 1")
	edgeprune(t, "codecs", vehicles, "--per-channel").refused(t, exitInput, "goes with --calibrate")
	edgeprune(t, "codecs", vehicles, "--codec", "zstd+int8").refused(t, exitInput, `in "zstd+int8", int8 can't follow zstd`)
	edgeprune(t, "codecs", vehicles, "--cut", "l9").refused(t, exitInput, `there is no cut "l9" inside the model; the cuts are classifier/`)
	edgeprune(t, "codecs", t.TempDir()).refused(t, exitInput, "experiment.yaml")
}
