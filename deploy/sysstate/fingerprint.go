package sysstate

import (
	"bytes"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
)

// Fingerprint reads what the machine is and how it is set. What runs on it, such as ONNX
// Runtime, is the caller's to add.
func Fingerprint(root fs.FS) device.Fingerprint {
	s := device.State{}
	f := device.Fingerprint{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if root == nil {
		return f
	}
	in := files{root}
	s.Clocks = in.clocks()
	f.Processor, f.Board, f.Accelerators = Processor(root), in.board(), in.accelerators()
	f.PowerMode, f.Clocks = in.powerMode(), s.Limits()
	return f
}

// Processor returns the model of the machine's first processor, or on Arm, where the system
// knows numbers only, these; "" if it can't be read.
func Processor(root fs.FS) string {
	b, err := fs.ReadFile(root, "proc/cpuinfo")
	if err != nil {
		return ""
	}
	first := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); first[name] == "" {
			first[name] = strings.TrimSpace(value)
		}
	}
	switch {
	case first["model name"] != "":
		return first["model name"]
	case first["CPU part"] != "":
		return fmt.Sprintf("implementer %s, part %s", first["CPU implementer"], first["CPU part"])
	}
	return ""
}

// board is the model that the device tree names, or else the board's or product's name.
func (f files) board() string {
	if b, err := fs.ReadFile(f, "proc/device-tree/model"); err == nil {
		return strings.TrimSpace(string(bytes.TrimRight(b, "\x00")))
	}
	text, _ := f.line("sys/class/dmi/id/product_name")
	return text
}

// accelerators are the GPUs that NVIDIA's drivers tell of, with their version.
func (f files) accelerators() []string {
	version := ""
	if line, ok := f.line("proc/driver/nvidia/version"); ok {
		for _, w := range strings.Fields(line) {
			if strings.Count(w, ".") > 0 && w[0] >= '0' && w[0] <= '9' {
				version = ", driver " + w
				break
			}
		}
	}
	var all []string
	for _, dir := range f.list("proc/driver/nvidia/gpus", "*") {
		b, _ := fs.ReadFile(f, dir+"/information")
		for line := range strings.Lines(string(b)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "Model" {
				all = append(all, strings.TrimSpace(value)+version)
			}
		}
	}
	if line, ok := f.line("etc/nv_tegra_release"); ok { // such as "# R35 (release), REVISION: 4.1, GCID: ..."
		release, rest, _ := strings.Cut(strings.TrimPrefix(line, "# "), " ")
		_, revision, _ := strings.Cut(rest, "REVISION: ")
		revision, _, _ = strings.Cut(revision, ",")
		all = append(all, fmt.Sprintf("Tegra, L4T %s.%s", release, revision))
	}
	return all
}
