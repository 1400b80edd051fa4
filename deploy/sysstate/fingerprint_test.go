package sysstate_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/sysstate"
	"github.com/stretchr/testify/assert"
)

func TestFingerprintOfOrin(t *testing.T) {
	root := orin()
	for name, text := range map[string]string{
		"proc/cpuinfo":           "CPU implementer\t: 0x41\nCPU part\t: 0xd42\n\nprocessor\t: 1\nCPU part\t: 0xd43\n",
		"proc/device-tree/model": "NVIDIA Jetson Orin Nano\x00",
		"etc/nv_tegra_release":   "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref\n",
	} {
		root[name] = tree(map[string]string{name: text})[name]
	}
	assert.Equal(t, device.Fingerprint{
		Processor: "implementer 0x41, part 0xd42", Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Board: "NVIDIA Jetson Orin Nano", Accelerators: []string{"Tegra, L4T R35.4.1"}, PowerMode: "2 15W",
		Clocks: []device.Limits{
			{Of: "cpu 0 1 2 3", Governor: "schedutil", MinHz: 7.296e8, MaxHz: 1.4976e9},
			{Of: "17000000.gpu", Governor: "nvhost_podgov", MaxHz: 6.12e8},
		},
	}, sysstate.Fingerprint(root))
}

func TestFingerprintOfServer(t *testing.T) {
	f := sysstate.Fingerprint(tree(map[string]string{
		"proc/cpuinfo":                  "processor : 0\nmodel name : Xeon X\nmodel name : other\n",
		"sys/class/dmi/id/product_name": "PowerEdge\n",
		"proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19\n" +
			"GCC version: 12\n",
		"proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA H100\nIRQ: 7\n",
		"proc/driver/nvidia/gpus/0000:02:00.0/information": "Model: \t\t NVIDIA H100\n",
	}))
	assert.Equal(t, "Xeon X", f.Processor)
	assert.Equal(t, "PowerEdge", f.Board)
	assert.Equal(t, []string{"NVIDIA H100, driver 535.104.05", "NVIDIA H100, driver 535.104.05"}, f.Accelerators)
}

func TestFingerprintOfNothing(t *testing.T) {
	want := device.Fingerprint{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	assert.Equal(t, want, sysstate.Fingerprint(nil))
	odd := tree(map[string]string{"proc/cpuinfo": "x", "proc/driver/nvidia/version": ""})
	assert.Equal(t, want, sysstate.Fingerprint(odd))
}

func TestFingerprintOfThisMachineStays(t *testing.T) {
	f, g := sysstate.Fingerprint(os.DirFS("/")), sysstate.Fingerprint(os.DirFS("/"))
	assert.Empty(t, f.Differs(&g))
}
