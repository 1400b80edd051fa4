package sysstate_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/sysstate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tree(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

const (
	modes  = "< POWER_MODEL ID=0 NAME=MAXN >\n# x\n< POWER_MODEL ID=2 NAME=15W >\nCPU_ONLINE CORE_0 1\n"
	memory = "MemTotal: 1000 kB\nMemAvailable:   600 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\n"
)

// orin is the state of a Jetson Orin NX, as its files show it.
func orin() fstest.MapFS {
	return tree(map[string]string{
		"sys/devices/system/cpu/cpufreq/policy0/affected_cpus":    "0 1 2 3\n",
		"sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "schedutil\n",
		"sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq": "1190400\n",
		"sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq": "729600\n",
		"sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq": "1497600\n",
		"sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq": "1984000\n",
		"sys/class/devfreq/17000000.gpu/governor":                 "nvhost_podgov\n",
		"sys/class/devfreq/17000000.gpu/cur_freq":                 "306000000\n",
		"sys/class/devfreq/17000000.gpu/max_freq":                 "612000000\n",
		"sys/class/devfreq/17000000.gpu/available_frequencies":    "306000000 612000000 918000000\n",
		"var/lib/nvpmodel/status":                                 "pmode:0002\n",
		"etc/nvpmodel.conf":                                       modes,
		"sys/class/thermal/thermal_zone0/type":                    "cpu-thermal\n",
		"sys/class/thermal/thermal_zone0/temp":                    "51187\n",
		"sys/class/thermal/thermal_zone1/type":                    "gpu-thermal\n",
		"sys/class/thermal/thermal_zone1/temp":                    "-256000\n", // switched off
		"sys/class/thermal/cooling_device0/type":                  "gpu-throttle-alert\n",
		"sys/class/thermal/cooling_device0/cur_state":             "1\n",
		"sys/class/thermal/cooling_device1/type":                  "pwm-fan\n",
		"sys/class/thermal/cooling_device1/cur_state":             "2\n",
		"sys/class/hwmon/hwmon2/oc1_event_cnt":                    "12\n",
		"proc/meminfo":                                            memory,
		"proc/stat":                                               "cpu  100 20 30 5000 7 3 2 1 0 0\ncpu0 1 1 1\n",
		"proc/uptime":                                             "60.5 200.1\n",
		"proc/7/stat":                                             "7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 30 10 5 5 20 0 1 0\n",
		"proc/8/stat":                                             "8 (child) S 7 7 7 0 -1 0 0 0 0 0 8 2 0 0 20 0 1 0\n",
		"proc/9/stat":                                             "9 (other) S 1 9 9 0 -1 0 0 0 0 0 900 2 0 0 20 0 1 0\n",
	})
}

func TestOrin(t *testing.T) {
	s := sysstate.Read(orin(), 7)
	assert.Equal(t, []device.Clock{
		{Of: "cpu 0 1 2 3", Governor: "schedutil", Hz: 1.1904e9, MinHz: 7.296e8, MaxHz: 1.4976e9, TopHz: 1.984e9},
		{Of: "17000000.gpu", Governor: "nvhost_podgov", Hz: 3.06e8, MaxHz: 6.12e8, TopHz: 9.18e8},
	}, s.Clocks)
	assert.Equal(t, "2 15W", s.PowerMode)
	assert.Equal(t, []device.Zone{{Name: "cpu-thermal", Celsius: 51.187}}, s.Zones)
	assert.Equal(t, []device.Throttle{
		{Name: "oc1_event_cnt", Value: 12}, {Name: "gpu-throttle-alert", Flag: true, Value: 1},
	}, s.Throttled)
	assert.Equal(t, &device.Memory{Total: 1024000, Available: 614400, SwapUsed: 30720}, s.Memory)
	require.NotNil(t, s.CPU)
	assert.InDelta(t, 1.56, s.CPU.Busy, 1e-9)
	assert.InDelta(t, 0.6, s.CPU.Own, 1e-9, "process 7 with its children that ended, and 8, but not 9")
	assert.InDelta(t, 60.5, s.CPU.Up, 1e-9)
	assert.Empty(t, s.Missing)
}

func TestIntelAndPi(t *testing.T) {
	s := sysstate.Read(tree(map[string]string{
		"sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count":    "4",
		"sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count": "9",
		"sys/devices/system/cpu/cpu10/thermal_throttle/core_throttle_count":   "0",
		"sys/devices/platform/soc/soc:firmware/get_throttled":                 "50005",
	}), 0)
	assert.Equal(t, []device.Throttle{
		{Name: "cpu0 core_throttle_count", Value: 4}, {Name: "cpu10 core_throttle_count"},
		{Name: "package_throttle_count", Value: 9},
		{Name: "under-voltage", Flag: true, Value: 1}, {Name: "clock capped", Flag: true},
		{Name: "throttled", Flag: true, Value: 1}, {Name: "soft temperature limit", Flag: true},
	}, s.Throttled)
}

// What can't be read is named, and nothing stands in its place.
func TestNothing(t *testing.T) {
	s := sysstate.Read(tree(nil), 1)
	assert.Equal(t, device.State{Missing: []string{"clocks", "temperatures", "throttling", "memory", "processor time"}}, s)
	s = sysstate.Read(tree(map[string]string{
		"proc/stat": "cpu x", "proc/uptime": "1", "proc/meminfo": "MemTotal: no kB",
		"var/lib/nvpmodel/status": "?", "sys/class/thermal/thermal_zone0/temp": "hot",
	}), 1)
	assert.Equal(t, device.State{Missing: []string{"clocks", "temperatures", "throttling", "memory", "processor time"}}, s)
	s = sysstate.Read(tree(map[string]string{"var/lib/nvpmodel/status": "pmode:0003 fmode:cool"}), 0)
	assert.Equal(t, "3", s.PowerMode, "without a table the number alone")
}

// On this machine, a Linux, memory and processor time can be read.
func TestThisMachine(t *testing.T) {
	s := sysstate.Read(os.DirFS("/"), os.Getpid())
	require.NotNil(t, s.Memory)
	assert.Positive(t, s.Memory.Total)
	require.NotNil(t, s.CPU)
	assert.Positive(t, s.CPU.Busy)
	assert.LessOrEqual(t, s.CPU.Own, s.CPU.Busy+1)
}
