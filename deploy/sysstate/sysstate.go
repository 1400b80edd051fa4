// Package sysstate reads the state of the machine from /proc and /sys: clocks, nvpmodel's mode,
// temperatures, throttling, memory and processor time. It may not judge it; core/device does.
package sysstate

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
)

// Read returns the state of the machine whose files lie below root, which is os.DirFS("/") but
// for tests. pid is the process that counts as the program's own, with its children; 0: none.
// What can't be read is left out, and named where it is left out as a whole.
func Read(root fs.FS, pid int) device.State {
	f := files{root}
	s := device.State{
		Clocks: f.clocks(), PowerMode: f.powerMode(), Zones: f.zones(), Throttled: f.throttles(), Memory: f.memory(),
		CPU: f.cpu(pid),
	}
	for _, lack := range []struct {
		what string
		is   bool
	}{
		{"clocks", len(s.Clocks) == 0}, {"temperatures", len(s.Zones) == 0}, {"throttling", len(s.Throttled) == 0},
		{"memory", s.Memory == nil}, {"processor time", s.CPU == nil},
	} {
		if lack.is {
			s.Missing = append(s.Missing, lack.what)
		}
	}
	return s
}

type files struct{ fs.FS }

// line returns the first line of a file; false if it can't be read.
func (f files) line(name string) (string, bool) {
	b, err := fs.ReadFile(f, name)
	if err != nil {
		return "", false
	}
	text, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(text), true
}

func (f files) number(name string) (float64, bool) {
	text, ok := f.line(name)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// list returns the entries of a folder that match a pattern, shorter names first.
func (f files) list(dir, pattern string) []string {
	entries, _ := fs.ReadDir(f, dir)
	var names []string
	for _, e := range entries {
		if ok, _ := path.Match(pattern, e.Name()); ok {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return names
}

// clocks are those of cpufreq's policies, in kHz there, and of devfreq's devices, in Hz.
func (f files) clocks() []device.Clock {
	var all []device.Clock
	hz := func(name string, unit float64) float64 {
		v, _ := f.number(name)
		return v * unit
	}
	for _, dir := range f.list("sys/devices/system/cpu/cpufreq", "policy*") {
		cpus, _ := f.line(dir + "/affected_cpus")
		governor, _ := f.line(dir + "/scaling_governor")
		all = append(all, device.Clock{
			Of: "cpu " + cpus, Governor: governor, Hz: hz(dir+"/scaling_cur_freq", 1e3), MinHz: hz(dir+"/scaling_min_freq", 1e3),
			MaxHz: hz(dir+"/scaling_max_freq", 1e3), TopHz: hz(dir+"/cpuinfo_max_freq", 1e3),
		})
	}
	for _, dir := range f.list("sys/class/devfreq", "*") {
		governor, _ := f.line(dir + "/governor")
		c := device.Clock{
			Of: path.Base(dir), Governor: governor, Hz: hz(dir+"/cur_freq", 1), MinHz: hz(dir+"/min_freq", 1),
			MaxHz: hz(dir+"/max_freq", 1),
		}
		if list, ok := f.line(dir + "/available_frequencies"); ok {
			for _, text := range strings.Fields(list) {
				if v, err := strconv.ParseFloat(text, 64); err == nil {
					c.TopHz = max(c.TopHz, v)
				}
			}
		}
		all = append(all, c)
	}
	return all
}

// powerMode is the mode that nvpmodel left in its status file, with its name from the table
// beside it: lines such as "< POWER_MODEL ID=0 NAME=MAXN >".
func (f files) powerMode() string {
	status, ok := f.line("var/lib/nvpmodel/status")
	if !ok {
		return ""
	}
	for _, field := range strings.Fields(status) {
		text, is := strings.CutPrefix(field, "pmode:")
		id, err := strconv.Atoi(text)
		if !is || err != nil {
			continue
		}
		table, _ := fs.ReadFile(f, "etc/nvpmodel.conf")
		for row := range strings.Lines(string(table)) {
			words := strings.Fields(row)
			if slices.Contains(words, "POWER_MODEL") && slices.Contains(words, fmt.Sprint("ID=", id)) {
				for _, w := range words {
					if name, is := strings.CutPrefix(w, "NAME="); is {
						return fmt.Sprint(id, " ", name)
					}
				}
			}
		}
		return strconv.Itoa(id)
	}
	return ""
}

// zones are those of the kernel's thermal framework, in thousandths of a degree there. Parts
// that are switched off give errors, or a value below -200.
func (f files) zones() []device.Zone {
	var all []device.Zone
	for _, dir := range f.list("sys/class/thermal", "thermal_zone*") {
		name, _ := f.line(dir + "/type")
		if v, ok := f.number(dir + "/temp"); ok && v > -200e3 {
			all = append(all, device.Zone{Name: name, Celsius: v / 1000})
		}
	}
	return all
}
