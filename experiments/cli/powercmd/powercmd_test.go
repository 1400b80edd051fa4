package powercmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/edgeprune/edgeprune/experiments/cli/powercmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

// run executes the command over a root.
func run(t *testing.T, root fstest.MapFS, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	a := &powercmd.Commands{
		Stdout: &out, JSON: func(v any) error { return json.NewEncoder(&out).Encode(v) }, Root: root, Now: time.Now,
		NVML: func() (power.Library, error) { return nil, errors.New("no driver here") },
		Logf: func(string, ...any) {},
	}
	app := &cli.App{Commands: []*cli.Command{a.Command()}, ExitErrHandler: func(*cli.Context, error) {}}
	err := app.RunContext(t.Context(), append([]string{"x", "power"}, args...))
	return out.String(), err
}

// nx is an Orin NX whose VDD_IN shows 6 W, and whose processor counts 9 J.
func nx() fstest.MapFS {
	root := fstest.MapFS{}
	for name, value := range map[string]string{
		"hwmon1/name": "ina3221", "hwmon1/in1_label": "VDD_IN", "hwmon1/in1_input": "5000", "hwmon1/curr1_input": "1200",
		"hwmon1/in2_label": "VDD_SOC", "hwmon1/in2_input": "5000", "hwmon1/curr2_input": "300",
		"hwmon1/update_interval": "10",
	} {
		root["sys/class/hwmon/"+name] = &fstest.MapFile{Data: []byte(value)}
	}
	return root
}

const listed = `ina3221, of the device: its rail VDD_IN; a new value every 10ms ` +
	`(/sys/class/hwmon/hwmon1/update_interval)
  VDD_IN   watts  in the total      /sys/class/hwmon/hwmon1/in1_input × /sys/class/hwmon/hwmon1/curr1_input
  VDD_SOC  watts  beside the total  /sys/class/hwmon/hwmon1/in2_input × /sys/class/hwmon/hwmon1/curr2_input
missing: rapl: there is no zone below /sys/class/powercap; load the module intel_rapl_msr (modprobe intel_rapl_msr), ` +
	`which virtual machines mostly lack
missing: nvml: no driver here
`

func TestList(t *testing.T) {
	out, err := run(t, nx())
	require.NoError(t, err)
	assert.Equal(t, listed, out)
}

func TestRead(t *testing.T) {
	out, err := run(t, nx(), "--for", "50ms", "--json")
	require.NoError(t, err)
	var got struct {
		Seconds  float64
		Measured []struct {
			Rail  string
			Watts float64
		}
		Total struct{ Joules float64 }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	require.Len(t, got.Measured, 2)
	assert.InDelta(t, 6, got.Measured[0].Watts, 1e-9)
	assert.InDelta(t, 1.5, got.Measured[1].Watts, 1e-9)
	assert.InEpsilon(t, 6*got.Seconds, got.Total.Joules, 1e-6, "only the total rail counts")
}

// A meter that isn't there is an error where it was to be read, with all reasons.
func TestNothingToRead(t *testing.T) {
	out, err := run(t, fstest.MapFS{})
	require.NoError(t, err)
	assert.Contains(t, out, "no power meter can be read\nmissing: ina3221, ina238: there is no such chip")
	_, err = run(t, fstest.MapFS{}, "--for", "10ms")
	require.ErrorIs(t, err, power.ErrNoMeter)
	assert.Equal(t, "no power meter can be read; ina3221, ina238: there is no such chip below /sys/class/hwmon nor "+
		"/sys/bus/i2c/drivers/ina3221x; Jetson modules have them, the Nano of 2 GB doesn't; rapl: there is no zone below "+
		"/sys/class/powercap; load the module intel_rapl_msr (modprobe intel_rapl_msr), which virtual machines mostly lack; "+
		"nvml: no driver here", err.Error())
}

func TestExternal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "supply.csv")
	require.NoError(t, os.WriteFile(file, []byte("time_s,supply_w\n0,4\n1,6\n2,6\n"), 0o600))
	out, err := run(t, nil, "--csv", file)
	require.NoError(t, err)
	assert.Contains(t, out, "  external supply  5.5 W  11 J ± 1 J  3 readings cover 100.0 %\n")

	_, err = run(t, nil, "--csv", file+".not")
	require.ErrorIs(t, err, yamlfile.ErrInput)
	require.NoError(t, os.WriteFile(file, []byte("time_s,supply\n"), 0o600))
	_, err = run(t, nil, "--csv", file)
	require.ErrorIs(t, err, yamlfile.ErrInput)
	require.ErrorIs(t, err, power.ErrFile)
}

func TestBadFlags(t *testing.T) {
	for want, args := range map[string][]string{
		"--for -1s: expected more than 0":                              {"--for", "-1s"},
		`power takes no arguments; got "x"`:                            {"x"},
		"--for reads meters of this machine; it doesn't go with --csv": {"--for", "1s", "--csv", "a.csv"},
	} {
		_, err := run(t, nx(), args...)
		require.ErrorIs(t, err, yamlfile.ErrInput, want)
		assert.ErrorContains(t, err, want)
	}
}
