package device_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/stretchr/testify/assert"
)

func nano() *device.Fingerprint {
	return &device.Fingerprint{
		Processor: "Cortex-A57", Cores: 4, System: "linux/arm64", Board: "Jetson Nano",
		Accelerators: []string{"NVIDIA Tegra X1"},
		PowerMode:    "0 MAXN",
		Clocks:       []device.Limits{{Of: "cpu 0-3", Governor: "schedutil", MinHz: 1.02e8, MaxHz: 1.479e9}},
		Runtime:      "1.27.0", Providers: []string{"cuda", "cpu"}, Program: "v1",
	}
}

func TestFingerprintDiffers(t *testing.T) {
	same := nano()
	same.Providers = []string{"cpu", "cuda"}
	assert.Empty(t, nano().Differs(same), "an order differs")
	now := &device.Fingerprint{
		Processor: "Cortex-A78AE", Cores: 6, System: "linux/amd64", Board: "Jetson Orin", PowerMode: "1 5W",
		Clocks: []device.Limits{
			{Of: "cpu 0-3", Governor: "performance", MinHz: 1.02e8, MaxHz: 9.18e8}, {Of: "gpu", Governor: "podgov"},
		},
		Runtime: "1.28.0", Providers: []string{"cpu"}, Program: "v2",
	}
	assert.Equal(t, []string{
		"processor: Cortex-A57, now Cortex-A78AE", "processors: 4, now 6", "system: linux/arm64, now linux/amd64",
		"board: Jetson Nano, now Jetson Orin", "accelerators: NVIDIA Tegra X1, now none", "power mode: 0 MAXN, now 1 5W",
		"clock of cpu 0-3: schedutil 0.102 to 1.48 GHz, now performance 0.102 to 0.918 GHz", "clock of gpu: none, now podgov",
		"ONNX Runtime: 1.27.0, now 1.28.0", "providers: cpu, cuda, now cpu", "program: v1, now v2",
	}, nano().Differs(now))
	unread := nano()
	unread.Clocks, unread.Cores = nil, 0
	assert.Equal(t, []string{"processors: 4, now none", "clock of cpu 0-3: schedutil 0.102 to 1.48 GHz, now none"},
		nano().Differs(unread))
}

func TestAnotherDevice(t *testing.T) {
	set := nano()
	set.PowerMode, set.Runtime, set.Accelerators = "1 5W", "1.28.0", nil
	assert.Empty(t, nano().Other(set), "the same device, set otherwise")
	set.Board = "Jetson Orin"
	assert.Equal(t, []string{"board: Jetson Nano, now Jetson Orin"}, nano().Other(set))
}

func TestLimitsOfState(t *testing.T) {
	s := device.State{Clocks: []device.Clock{{Of: "gpu", Governor: "g", Hz: 5, MinHz: 1, MaxHz: 7, TopHz: 9}}}
	assert.Equal(t, []device.Limits{{Of: "gpu", Governor: "g", MinHz: 1, MaxHz: 7}}, s.Limits())
}

func TestLimitsInWords(t *testing.T) {
	for says, l := range map[string]device.Limits{
		"": {}, "podgov": {Governor: "podgov"},
		"schedutil 0.73 to 1.5 GHz": {Governor: "schedutil", MinHz: 7.3e8, MaxHz: 1.5e9},
		"up to 1.5 GHz":             {MaxHz: 1.5e9}, "podgov from 0.3 GHz": {Governor: "podgov", MinHz: 3e8},
	} {
		assert.Equal(t, says, l.String())
	}
}
