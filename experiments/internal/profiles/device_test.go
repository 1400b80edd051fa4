package profiles_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func took(all ...time.Duration) profile.Entry { return profile.Entry{Samples: all} }

// nano is a profile of a device with a model.
func nano(t *testing.T) *profiles.Device {
	t.Helper()
	m, err := onnxtest.Residual().Parse()
	require.NoError(t, err)
	model, err := profiles.ModelOf("net", m)
	require.NoError(t, err)
	return &profiles.Device{
		Device: "jetson1", Created: noon, Dispatch: 7,
		Fingerprint: device.Fingerprint{Board: "Jetson Nano", Processor: "Cortex-A57", PowerMode: "0 MAXN"},
		Measured:    []profiles.Measured{{What: "experiment net", Effort: "quick", Rounds: 1, Created: noon}},
		Units:       []profiles.Unit{{Provider: "cpu", Threads: 1}},
		Models:      []profiles.Model{model},
		Entries: map[string]profile.Entry{
			"a": {Samples: []time.Duration{3, 4}, References: []time.Duration{1, 1}, OutBytes: []int64{8}}, "b": took(5),
		},
	}
}

func written(t *testing.T, d *profiles.Device) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nano.json")
	require.NoError(t, d.Write(path))
	return path
}

func TestDeviceFileKeepsAll(t *testing.T) {
	d := nano(t)
	got, err := profiles.ReadDevice(written(t, d))
	require.NoError(t, err)
	assert.Equal(t, d, got)
	assert.Equal(t, &profile.Device{Fingerprint: d.Fingerprint, Entries: d.Entries, Dispatch: 7}, got.Profile())
	m, err := got.Models[0].Open()
	require.NoError(t, err)
	assert.True(t, m.IsSkeleton())
	assert.Equal(t, d.Models[0].SHA256, m.SHA256())
}

// edited writes a profile and changes its JSON.
func edited(t *testing.T, change func(map[string]any)) string {
	t.Helper()
	path := written(t, nano(t))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var v map[string]any
	err = json.Unmarshal(b, &v)
	require.NoError(t, err)
	change(v)
	b, err = json.Marshal(v)
	require.NoError(t, err)
	err = os.WriteFile(path, b, 0o600)
	require.NoError(t, err)
	return path
}

func TestBadDeviceFiles(t *testing.T) {
	for name, c := range map[string]struct {
		change func(map[string]any)
		want   string
		is     error
	}{
		"newer": {func(v map[string]any) { v["format"] = 2 }, "no usable profile: newer format: PATH has format 2 and this " +
			"program reads up to 1; use the program that wrote it, or a newer one", profiles.ErrFormat},
		"no format": {func(v map[string]any) { delete(v, "format") },
			"no usable profile: PATH has format 0; the first one is 1", nil},
		"other kind": {func(v map[string]any) { v["kind"] = "\x1b[2J" },
			`no usable profile: PATH is no edgeprune device profile, its kind is "\x1b[2J"`, nil},
		"odd name": {func(v map[string]any) { v["device"] = "\x1b" },
			`no usable profile: PATH: its device is named "\x1b"`, nil},
		"odd text": {func(v map[string]any) { v["fingerprint"].(map[string]any)["board"] = "\u202e" },
			`no usable profile: PATH: it has the text "\u202e"`, nil},
		"no samples": {func(v map[string]any) { v["entries"].(map[string]any)["a"] = map[string]any{} },
			"no usable profile: PATH: entry a has no samples", nil},
		"negative": {func(v map[string]any) {
			v["entries"].(map[string]any)["a"] = map[string]any{"samples_ns": []int{1, -2}}
		}, "no usable profile: PATH: entry a took -2ns once", nil},
		"references": {func(v map[string]any) {
			v["entries"].(map[string]any)["a"] = map[string]any{"samples_ns": []int{1, 2}, "reference_ns": []int{1}}
		}, "no usable profile: PATH: entry a has 2 samples and 1 references; every sample has one, or none has", nil},
		"token": {func(v map[string]any) {
			v["entries"].(map[string]any)["a"] = map[string]any{"samples_ns": []int{1}, "out_bytes": []int{-1}}
		}, "no usable profile: PATH: entry a gives tokens of -1 bytes", nil},
		"dispatch": {func(v map[string]any) { v["dispatch_ns"] = -1 },
			"no usable profile: PATH: its dispatch takes -1ns", nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := edited(t, c.change)
			_, err := profiles.ReadDevice(path)
			require.ErrorIs(t, err, profiles.ErrFile)
			assert.EqualError(t, err, strings.ReplaceAll(c.want, "PATH", path))
			if c.is != nil {
				assert.ErrorIs(t, err, c.is)
			}
		})
	}
}

func TestTruncatedDeviceFile(t *testing.T) {
	path := written(t, nano(t))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b[:100], 0o600))
	_, err = profiles.ReadDevice(path)
	assert.EqualError(t, err, "no usable profile: "+path+
		": it is truncated: its 100 bytes end within the JSON; export or copy it again")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err = profiles.ReadDevice(path)
	assert.EqualError(t, err, "no usable profile: "+path+": it is empty")
	for n := range len(b) {
		if n%97 == 0 {
			require.NoError(t, os.WriteFile(path, b[:n], 0o600))
			_, err = profiles.ReadDevice(path)
			require.ErrorIs(t, err, profiles.ErrFile)
		}
	}
	_, err = profiles.ReadDevice(path + ".none")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestHugeFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge.json")
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, f.Truncate(profiles.MaxBytes+1))
	require.NoError(t, f.Close())
	_, err = profiles.ReadDevice(path)
	assert.EqualError(t, err, "no usable profile: "+path+" has more than 64 MiB")

	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 65 {
		_, err := w.Write(zeros)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	m := profiles.Model{Name: "net", Skeleton: bomb.Bytes()}
	_, err = m.Open()
	assert.EqualError(t, err, "no usable profile: model net has more than 64 MiB without its weights")
}

func TestOddModels(t *testing.T) {
	m := nano(t).Models[0]
	m.SHA256 = strings.Repeat("0", 64)
	_, err := m.Open()
	require.ErrorIs(t, err, profiles.ErrFile)
	assert.ErrorContains(t, err, "model net has SHA-256 00000000, and its structure is of ")
	m.Skeleton = []byte("no gzip")
	_, err = m.Open()
	assert.EqualError(t, err, "no usable profile: model net: unexpected EOF")
}

func TestAddMeasuresOfTheSameDevice(t *testing.T) {
	d, later := nano(t), nano(t)
	later.Created, later.Dispatch = noon.Add(time.Hour), 0
	later.Measured = []profiles.Measured{
		{What: "experiment net", Effort: "full", Rounds: 5, Created: later.Created}, {What: "plan x", Created: later.Created},
	}
	later.Units = append(later.Units, profiles.Unit{Provider: "cuda", Threads: 1})
	later.Models[0].Name = "other"
	later.Entries = map[string]profile.Entry{"b": took(50), "c": took(6)}
	assert.Empty(t, d.Add(later))
	assert.Equal(t, map[string]profile.Entry{
		"a": {Samples: []time.Duration{3, 4}, References: []time.Duration{1, 1}, OutBytes: []int64{8}},
		"b": took(50), "c": took(6),
	}, d.Entries)
	assert.Equal(t, later.Measured, d.Measured)
	assert.Len(t, d.Models, 2)
	assert.Len(t, d.Units, 2)
	assert.EqualValues(t, 7, d.Dispatch)
	assert.Equal(t, later.Created, d.Created)
}

func TestOtherwiseSetDeviceBeginsAnew(t *testing.T) {
	d, later := nano(t), nano(t)
	later.Fingerprint.PowerMode, later.Entries = "1 5W", map[string]profile.Entry{"c": took(6)}
	assert.Equal(t, []string{"power mode: 0 MAXN, now 1 5W"}, d.Add(later))
	assert.Equal(t, later, d)
}

func TestCheck(t *testing.T) {
	d := nano(t)
	now := d.Fingerprint
	require.NoError(t, d.Check("nano.json", &now))
	now.PowerMode, now.Runtime = "1 5W", "1.28.0"
	err := d.Check("nano.json", &now)
	require.ErrorIs(t, err, profiles.ErrStale)
	assert.EqualError(t, err, "stale profile: nano.json, of jetson1: power mode: 0 MAXN, now 1 5W; ONNX Runtime: none, "+
		"now 1.28.0; profile the device again, or set it as it was")
	now.Processor, now.Board = "Cortex-A78AE", "Jetson Orin Nano"
	err = d.Check("nano.json", &now)
	require.ErrorIs(t, err, profiles.ErrOtherDevice)
	assert.EqualError(t, err, "profile of another device: nano.json, of jetson1: processor: Cortex-A57, now "+
		"Cortex-A78AE; board: Jetson Nano, now Jetson Orin Nano; name the profile of this device")
}

func TestUnits(t *testing.T) {
	assert.Equal(t, profiles.Unit{Provider: "cpu", Threads: 1}, profiles.UnitOf(&plan.Unit{Name: "cpu"}))
	assert.Equal(t, "cpu, 1 thread", profiles.UnitOf(&plan.Unit{}).String())
	assert.Equal(t, "cpu, 4 threads, spinning", profiles.UnitOf(&plan.Unit{Threads: 4, Spin: true}).String())
}
