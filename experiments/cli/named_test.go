package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// namingProfiles is mappedExperiment, of which every device names a profile.
func namingProfiles() string {
	return strings.NewReplacer(
		"{name: camera, unit", "{name: camera, profile: camera.json, unit",
		"{name: gateway, unit", "{name: gateway, profile: gateway.json, unit",
		"{name: server, role", "{name: server, profile: server.json, role",
	).Replace(mappedExperiment)
}

// elsewhereHost runs a command line in a process of its own, as on a host with an empty cache, without
// ONNX Runtime.
func elsewhereHost(t *testing.T, args ...string) output {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = []string{childVariable + "=yes", "EDGEPRUNE_CACHE=" + t.TempDir(), "HOME=" + t.TempDir(),
		ort.LibraryVariable + "=" + filepath.Join(t.TempDir(), "none.so"), "PATH="}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &failed)
	}
	return output{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// tables returns the CSV files of the only run in a folder of results, by name, without the
// paths of traces.
func tables(t *testing.T, results string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(results, "*", "*", "*.csv"))
	require.NoError(t, err)
	for _, f := range files {
		lines := strings.Split(strings.TrimSpace(read(t, f)), "\n")
		for i := range lines {
			if strings.HasSuffix(lines[0], ",trace") && i > 0 {
				lines[i] = lines[i][:strings.LastIndexByte(lines[i], ',')]
			}
		}
		found[filepath.Base(f)] = strings.Join(lines, "\n")
	}
	return found
}

// profiled profiles the experiment on a testbed and exports what was measured to a folder,
// with what names it.
func profiled(t *testing.T) (cache, dir string) {
	t.Helper()
	loadLibrary(t)
	cache, dir = t.TempDir(), filepath.Join(t.TempDir(), "columns")
	require.NoError(t, os.Symlink(dataset(t, "onnxruntime"), filepath.Join(cache, "onnxruntime")))
	measured := filepath.Join(t.TempDir(), "columns")
	write(t, filepath.Join(measured, "experiment.yaml"), mappedExperiment)
	write(t, filepath.Join(measured, "columns.onnx"), string(onnxtest.Columns().Data))
	url := openServer(t, "camera", "gateway", "server")
	o := edgeprune(t, "--cache", cache, "profile", measured, "--nats", url, "--quick")
	require.Equal(t, exitOK, o.code, o.stderr)
	write(t, filepath.Join(dir, "experiment.yaml"), namingProfiles())
	for _, device := range []string{"camera", "gateway", "server"} {
		o := edgeprune(t, "--cache", cache, "profile", "export", device, filepath.Join(dir, device+".json"))
		require.Equal(t, exitOK, o.code, o.stderr)
	}
	return cache, dir
}

// With the profiles of its devices alone, an experiment is simulated on any host: the same
// figures as where they were measured, without the model, ONNX Runtime or NATS.
func TestSimulateFromProfilesAlone(t *testing.T) {
	cache, dir := profiled(t)
	write(t, filepath.Join(dir, "columns.onnx"), string(onnxtest.Columns().Data))
	here := t.TempDir()
	o := edgeprune(t, "--cache", cache, "run", dir, "--driver", "sim", "--results", here)
	require.Equal(t, exitOK, o.code, o.stderr)
	want := tables(t, here)
	require.Contains(t, want, "summary.csv")
	assert.Greater(t, strings.Count(want["summary.csv"], "\n"), 4)

	there := filepath.Join(t.TempDir(), "columns")
	require.NoError(t, os.CopyFS(there, os.DirFS(dir)))
	require.NoError(t, os.Remove(filepath.Join(there, "columns.onnx")))
	results := t.TempDir()
	o = elsewhereHost(t, "run", there, "--driver", "sim", "--results", results)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, want, tables(t, results))
	assert.Contains(t, o.stdout+o.stderr, "profiles of devices: camera as camera.json (camera, ")

	o = elsewhereHost(t, "check", there)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stdout, "costs: profiles of devices: camera as camera.json (camera, ")
	assert.Contains(t, o.stdout, "gateway.cpu")

	plans, err := filepath.Glob(filepath.Join(here, "columns", "*", "plans", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, plans)
	once, twice := t.TempDir(), t.TempDir()
	o = edgeprune(t, "--cache", cache, "run", plans[0], "--driver", "sim", "--results", once)
	require.Equal(t, exitOK, o.code, o.stderr)
	o = elsewhereHost(t, "run", plans[0], "--driver", "sim", "--results", twice)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, tables(t, once), tables(t, twice))
	assert.NotEmpty(t, tables(t, once))
}

// changed rewrites a device's profile.
func changed(t *testing.T, path string, change func(d *profiles.Device)) {
	t.Helper()
	d, err := profiles.ReadDevice(path)
	require.NoError(t, err)
	change(d)
	require.NoError(t, d.Write(path))
}

func TestBadNamedProfiles(t *testing.T) {
	_, dir := profiled(t)
	camera := filepath.Join(dir, "camera.json")
	whole := read(t, camera)
	for _, c := range []struct {
		name   string
		change func()
		says   []string
	}{
		{"missing file", func() { require.NoError(t, os.Remove(camera)) },
			[]string{"profile of device camera: open ", "camera.json: no such file"}},
		{"truncated", func() { write(t, camera, whole[:200]) },
			[]string{"profile of device camera: no usable profile: ", "it is truncated: its 200 bytes end within the JSON"}},
		{"newer", func() { write(t, camera, strings.Replace(whole, `"format":1`, `"format":2`, 1)) },
			[]string{"newer format", "has format 2 and this program reads up to 1"}},
		{"another model at hand", func() {
			write(t, filepath.Join(dir, "columns.onnx"), string(onnxtest.Residual().Data))
		}, []string{"profile of another model: ", "is of model columns.onnx with SHA-256 ", "and the one at hand has "}},
		{"model not profiled", func() {
			for _, name := range []string{"camera", "gateway", "server"} {
				changed(t, filepath.Join(dir, name+".json"), func(d *profiles.Device) { d.Models = nil })
			}
		}, []string{"not measured: no profile knows model columns.onnx", "edgeprune profile --testbed FILE"}},
		{"entry missing", func() {
			changed(t, filepath.Join(dir, "server.json"), func(d *profiles.Device) {
				for key := range d.Entries {
					if strings.HasPrefix(key, "sink") {
						delete(d.Entries, key)
					}
				}
			})
		}, []string{"server.json of device server: not measured on device server: sink ",
			"run edgeprune profile --testbed FILE --device server on what needs it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.change()
			edgeprune(t, "run", dir, "--driver", "sim", "--results", t.TempDir()).refused(t, exitInput, c.says...)
			write(t, camera, whole)
			if c.name != "model not profiled" {
				_ = os.Remove(filepath.Join(dir, "columns.onnx"))
			}
		})
		if t.Failed() || c.name == "model not profiled" {
			_, dir = profiled(t)
			camera = filepath.Join(dir, "camera.json")
			whole = read(t, camera)
		}
	}
	edgeprune(t, "run", dir, "--results", t.TempDir()).refused(t, exitInput,
		"device camera names a profile, and devices on this machine are others")
}

// On a testbed, a profile that is named must be of the device as it is.
func TestStaleProfileOfATestbed(t *testing.T) {
	loadLibrary(t)
	url, dir, cache := openServer(t, "box", "server"), t.TempDir(), t.TempDir()
	text := read(t, filepath.Join("testdata", "plan.yaml"))
	plan := write(t, filepath.Join(dir, "plan.yaml"), text)
	o := edgeprune(t, "--cache", cache, "profile", plan, "--nats", url, "--quick")
	require.Equal(t, exitOK, o.code, o.stderr)
	box := filepath.Join(dir, "box.json")
	o = edgeprune(t, "--cache", cache, "profile", "export", "box", box)
	require.Equal(t, exitOK, o.code, o.stderr)
	write(t, plan, strings.Replace(text, "name: box, role", "name: box, profile: box.json, role", 1))
	run := func() output {
		return edgeprune(t, "--cache", cache, "run", plan, "--nats", url, "--results", t.TempDir(), "--json")
	}
	o = run()
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.True(t, json.Valid([]byte(o.stdout)))

	var was device.Fingerprint
	changed(t, box, func(d *profiles.Device) { was, d.Fingerprint.PowerMode = d.Fingerprint, "1 5W" })
	run().refused(t, exitInput, "stale profile: ", "box.json, of box: power mode: 1 5W, now none; profile "+
		"the device again")
	changed(t, box, func(d *profiles.Device) { d.Fingerprint, d.Fingerprint.Board = was, "Jetson" })
	run().refused(t, exitInput, "profile of another device: ", "board: Jetson, now none")
}
