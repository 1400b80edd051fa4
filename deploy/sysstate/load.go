package sysstate

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
)

// tick is the unit of processor times in /proc: USER_HZ is 100 on all of Linux's architectures
// that this program runs on (proc(5)).
const tick = 1. / 100

func (f files) memory() *device.Memory {
	b, err := fs.ReadFile(f, "proc/meminfo")
	if err != nil {
		return nil
	}
	kB := map[string]int64{}
	for line := range strings.Lines(string(b)) {
		name, rest, _ := strings.Cut(line, ":")
		if words := strings.Fields(rest); len(words) > 0 {
			if v, err := strconv.ParseInt(words[0], 10, 64); err == nil {
				kB[name] = v
			}
		}
	}
	if kB["MemTotal"] == 0 {
		return nil
	}
	return &device.Memory{
		Total: kB["MemTotal"] << 10, Available: kB["MemAvailable"] << 10, SwapUsed: (kB["SwapTotal"] - kB["SwapFree"]) << 10,
	}
}

// cpu returns nil where the times can't be read. Of the first line of /proc/stat all but idle,
// iowait and the guests' times, which are in user's, is busy.
func (f files) cpu(pid int) *device.CPU {
	line, ok := f.line("proc/stat")
	words := strings.Fields(line)
	up, known := f.line("proc/uptime")
	if !ok || !known || len(words) < 9 || words[0] != "cpu" {
		return nil
	}
	c := &device.CPU{}
	for _, i := range []int{1, 2, 3, 6, 7, 8} { // user, nice, system, irq, softirq, steal
		v, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			return nil
		}
		c.Busy += v * tick
	}
	first, _, _ := strings.Cut(up, " ")
	var err error
	if c.Up, err = strconv.ParseFloat(first, 64); err != nil {
		return nil
	}
	if pid > 0 {
		c.Own = f.own(pid)
	}
	return c
}

// own returns the processor time of a process, of its children that have ended, and of its
// descendants that run.
func (f files) own(pid int) float64 {
	type process struct {
		parent int
		time   float64
	}
	all := map[int]process{}
	for _, dir := range f.list("proc", "[0-9]*") {
		id, err := strconv.Atoi(path.Base(dir))
		line, ok := f.line(dir + "/stat")
		i := strings.LastIndexByte(line, ')') // the name before it may hold anything
		words := strings.Fields(line[i+1:])
		if err != nil || !ok || i < 0 || len(words) < 15 {
			continue
		}
		p := process{}
		p.parent, _ = strconv.Atoi(words[1])
		for _, w := range words[11:15] { // utime, stime, and those of children that have ended
			v, _ := strconv.ParseFloat(w, 64)
			p.time += v * tick
		}
		all[id] = p
	}
	sum := 0.0
	for id := range all {
		for at, steps := id, 0; at > 0 && steps < len(all); at, steps = all[at].parent, steps+1 {
			if at == pid {
				sum += all[id].time
				break
			}
		}
	}
	return sum
}
