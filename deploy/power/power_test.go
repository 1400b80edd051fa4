package power_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/deploy/power"
)

func noNVML() (power.Library, error) { return nil, errors.New("no driver") }

// found returns the one meter of a tree.
func found(t *testing.T, root fs.FS) power.Meter {
	t.Helper()
	meters, _ := power.Find(root, noNVML)
	require.Len(t, meters, 1)
	return meters[0]
}

// shown returns what rails show, by label, and those in the total.
func shown(t *testing.T, m power.Meter) (values map[string]float64, total float64) {
	t.Helper()
	values = map[string]float64{}
	rails := m.About().Rails
	readings := m.Read()
	require.Len(t, readings, len(rails))
	for i, r := range readings {
		require.NoError(t, r.Err)
		values[rails[i].Label] = r.Value
		if rails[i].InTotal {
			total += r.Value
		}
	}
	return values, total
}

func TestJetsons(t *testing.T) {
	for name, c := range map[string]struct {
		root  tree
		rails map[string]float64 // W
		total float64
		of    string
	}{
		"Nano, JetPack 4": {nano4(), map[string]float64{"POM_5V_IN": 2.411, "POM_5V_GPU": 0.08, "POM_5V_CPU": 0.523}, 2.411,
			"the device: its rail POM_5V_IN"},
		"AGX Xavier, JetPack 4": {xavier4(), map[string]float64{"GPU": 1, "CPU": 1.1, "SOC": 1.2, "CV": 2, "VDDRQ": 2.1,
			"SYS5V": 2.2}, 9.6, "the device: sum of its rails"},
		"AGX Orin, JetPack 5": {agx5(), map[string]float64{"VDD_GPU_SOC": 3.4488, "VDD_CPU_CV": 0.7664,
			"VIN_SYS_5V0": 4.86864, "VDDQ_VDD2_1V8AO": 0.7936}, 9.87744, "the device: sum of its rails"},
		"Orin NX, JetPack 6": {nx6(), map[string]float64{"VDD_IN": 6.130432, "VDD_CPU_GPU_CV": 1.19424, "VDD_SOC": 1.510272},
			6.130432, "the device: its rail VDD_IN"},
		"Thor": {thor(), map[string]float64{"VDD_GPU": 7.7056, "VDD_CPU_SOC_MSS": 11.5584, "VIN_SYS_5V0": 8.85312,
			"VIN": 40.19}, 40.19, "the device: its rail VIN"},
	} {
		t.Run(name, func(t *testing.T) {
			m := found(t, fstest.MapFS(c.root))
			values, total := shown(t, m)
			assert.InDeltaMapValues(t, c.rails, values, 1e-9)
			assert.Len(t, values, len(c.rails))
			assert.InDelta(t, c.total, total, 1e-9)
			assert.Equal(t, c.of, m.About().Of)
		})
	}
}

// The meter's own rate is what its driver says.
func TestPeriod(t *testing.T) {
	about := found(t, fstest.MapFS(nx6())).About()
	assert.Equal(t, "ina3221", about.Name)
	assert.Equal(t, 37*time.Millisecond, about.Period)
	assert.Equal(t, "/sys/class/hwmon/hwmon1/update_interval", about.PeriodFrom)
	about = found(t, fstest.MapFS(thor())).About()
	assert.Equal(t, "ina3221+ina238", about.Name)
	assert.Equal(t, "assumed from the data sheet", about.PeriodFrom)
}

// A chip elsewhere than on a Thor board is named after its place: nobody knows what it is of.
func TestUnlabelledChip(t *testing.T) {
	root := thor().put("proc/device-tree/model", "A board of our own")
	values, _ := shown(t, found(t, fstest.MapFS(root)))
	assert.Contains(t, values, "hwmon4.1")
	assert.NotContains(t, values, "VIN")
}

func TestMissingRails(t *testing.T) {
	root := nx6()
	delete(root, "sys/class/hwmon/hwmon1/curr2_input")
	root.put("sys/class/hwmon/hwmon1/in3_enable", 0)
	meters, missing := power.Find(fstest.MapFS(root), noNVML)
	require.Len(t, meters, 1)
	assert.Len(t, meters[0].About().Rails, 1)
	assert.Contains(t, missing, power.Missing{Name: "ina3221, channel 2",
		Why: "rail VDD_CPU_GPU_CV has no /sys/class/hwmon/hwmon1/curr2_input"})
	assert.Contains(t, missing, power.Missing{Name: "ina3221, channel 3",
		Why: "rail VDD_SOC is switched off: /sys/class/hwmon/hwmon1/in3_enable is 0; write 1 to it"})

	older := nano4()
	delete(older, "sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_power1_input")
	delete(older, "sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_current1_input")
	_, missing = power.Find(fstest.MapFS(older), noNVML)
	assert.Contains(t, missing, power.Missing{Name: "ina3221, channel 1",
		Why: "rail POM_5V_GPU has no /sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_current1_input"})
}

// What can't be read has no value, and others keep theirs.
func TestUnreadable(t *testing.T) {
	root := agx5()
	m := found(t, fstest.MapFS(root))
	root.put("sys/class/hwmon/hwmon3/curr1_input", "")
	delete(root, "sys/class/hwmon/hwmon3/in2_input")
	r := m.Read()
	require.ErrorIs(t, r[0].Err, power.ErrValue)
	require.EqualError(t, r[0].Err,
		`bad value of a meter: /sys/class/hwmon/hwmon3/curr1_input holds ""; expected a number`)
	require.ErrorIs(t, r[1].Err, fs.ErrNotExist)
	require.NoError(t, r[2].Err)
	assert.Positive(t, r[2].Value)
}

func TestRAPL(t *testing.T) {
	m := found(t, fstest.MapFS(intel(262_143_328_850)))
	values, total := shown(t, m)
	assert.InDeltaMapValues(t, map[string]float64{
		"package-0": 1, "package-0/core": 0.4, "package-0/dram": 0.09, "package-1": 2,
	}, values, 1e-9)
	assert.InDelta(t, 3.09, total, 1e-9, "cores are in their package, memory isn't")
	for i, r := range m.About().Rails {
		assert.True(t, r.Counter)
		assert.InDelta(t, 262143.32885, r.WrapJoules, 1e-3, i)
	}
	assert.Equal(t, time.Millisecond, m.About().Period)
}

func TestAMDEnergy(t *testing.T) {
	dir := "sys/class/hwmon/hwmon2/"
	root := tree{}.put(dir+"name", "amd_energy").put(dir+"energy1_label", "Ecore000").put(dir+"energy1_input", 77).
		put(dir+"energy65_label", "Esocket0").put(dir+"energy65_input", 5_500_000)
	values, _ := shown(t, found(t, fstest.MapFS(root)))
	assert.Equal(t, map[string]float64{"Esocket0": 5.5}, values)
}

// onlyRoot denies files as the kernel does.
type onlyRoot struct {
	fs.FS
	denied func(name string) bool
}

func (f onlyRoot) Open(name string) (fs.File, error) {
	if f.denied(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.FS.Open(name)
}

func TestRAPLOnlyForRoot(t *testing.T) {
	root := onlyRoot{fstest.MapFS(intel(1e9)), func(name string) bool {
		ok, _ := fsMatch("sys/class/powercap/*/energy_uj", name)
		return ok
	}}
	meters, missing := power.Find(root, noNVML)
	assert.Empty(t, meters)
	assert.Contains(t, missing, power.Missing{Name: "rapl, package-0", Why: "power: open sys/class/powercap/" +
		"intel-rapl:0/energy_uj: permission denied: since Linux 5.10 only root may read it, as it can give secrets away " +
		"(CVE-2020-8694); run as root, or on a machine of your own: sudo chmod -R a+r /sys/class/powercap/*/energy_uj"})
}

func TestNothing(t *testing.T) {
	meters, missing := power.Find(fstest.MapFS{}, noNVML)
	assert.Empty(t, meters)
	assert.Equal(t, []power.Missing{
		{Name: "ina3221, ina238", Why: "there is no such chip below /sys/class/hwmon nor /sys/bus/i2c/drivers/ina3221x; " +
			"Jetson modules have them, the Nano of 2 GB doesn't"},
		{Name: "rapl", Why: "there is no zone below /sys/class/powercap; load the module intel_rapl_msr (modprobe " +
			"intel_rapl_msr), which virtual machines mostly lack"},
		{Name: "nvml", Why: "no driver"},
	}, missing)
}

// gpu is a GPU whose values are errors where they are 0.
type gpu struct{ watts, joules float64 }

func (g gpu) Name() string { return "Made-up GPU" }

func (g gpu) Watts() (float64, error)  { return orMissing(g.watts) }
func (g gpu) Joules() (float64, error) { return orMissing(g.joules) }

func orMissing(v float64) (float64, error) {
	if v == 0 {
		return 0, fmt.Errorf("power: nvmlDeviceGetPowerUsage: %w", power.ErrNotSupported)
	}
	return v, nil
}

type gpus []power.GPU

func (g gpus) GPUs() ([]power.GPU, error) { return g, nil }

func TestNVML(t *testing.T) {
	meters, missing := power.Find(fstest.MapFS{}, func() (power.Library, error) {
		return gpus{gpu{watts: 70, joules: 1234.5}, gpu{watts: 65}, gpu{}}, nil
	})
	require.Len(t, meters, 1)
	rails := meters[0].About().Rails
	require.Len(t, rails, 2, "a GPU that shows nothing is missing, not 0")
	assert.True(t, rails[0].Counter)
	assert.False(t, rails[1].Counter)
	values, _ := shown(t, meters[0])
	assert.Equal(t, map[string]float64{"0 Made-up GPU": 1234.5, "1 Made-up GPU": 65}, values)
	assert.Contains(t, missing, power.Missing{Name: "nvml, GPU 2 Made-up GPU",
		Why: "power: nvmlDeviceGetPowerUsage: not supported by this device"})

	_, missing = power.Find(fstest.MapFS{}, func() (power.Library, error) { return gpus{}, nil })
	assert.Contains(t, missing, power.Missing{Name: "nvml", Why: "NVIDIA's driver is there, and no GPU"})
}

// The library is looked for when it is asked for; machines of CI have none.
func TestNVMLIsThereOrSaysWhatIsMissing(t *testing.T) {
	lib, err := power.NVML()
	if err == nil {
		_, err = lib.GPUs()
		require.NoError(t, err)
		return
	}
	assert.Regexp(t, `^power: (libnvidia-ml\.so\.1 is not there: it comes with NVIDIA's driver|nvmlInit|this program was)`,
		err.Error())
}
