package plantest

import (
	"fmt"
	"strings"
)

// Large is a plan file of many actors, made for its size.
type Large struct {
	Name string
	YAML func(actors int) []byte // of about so many actors; the same call gives the same bytes
}

// LargePlans returns one plan of every shape that work per actor shows on.
func LargePlans() []Large {
	return []Large{
		{"chain", Row}, {"fan", fan}, {"devices", devices}, {"instances", instances}, {"configured", configured},
	}
}

// Row is a plan of one row of actors, half of them on each of two devices.
func Row(actors int) []byte {
	w := largeApplication("row")
	w.row(actors)
	w.twoDevices(fmt.Sprintf("- mapping: [{unit: box.cpu, through: a%d}, {unit: server.cpu}]", actors/2))
	return w.bytes()
}

// fan has actors side by side between the source and the sink.
func fan(actors int) []byte {
	w := largeApplication("fan")
	var outs, ins []string
	for i := range actors {
		outs = append(outs, fmt.Sprintf("{port: p%d, type: %q}", i, largeToken))
		ins = append(ins, fmt.Sprintf("{port: p%d}", i))
		w.fifo(fmt.Sprint("source.p", i), fmt.Sprintf("b%d.in", i))
		w.fifo(fmt.Sprintf("b%d.out", i), fmt.Sprint("sink.p", i))
	}
	w.actor("source", "kernel: count, out: [%s]", strings.Join(outs, ", "))
	for i := range actors {
		w.actor(fmt.Sprint("b", i), "kernel: pass, in: [{port: in}], out: [{port: out, type: %q}]", largeToken)
	}
	w.actor("sink", "kernel: sink, in: [%s]", strings.Join(ins, ", "))
	w.twoDevices("- {codec: zstd, mapping: [{unit: box.cpu, through: source}, {unit: server.cpu}]}")
	return w.bytes()
}

// devices has a device for every two actors of a row.
func devices(actors int) []byte {
	w := largeApplication("devices")
	w.row(actors)
	var devices, links, mapping []string
	for i := range actors / 2 {
		devices = append(devices, fmt.Sprintf("{name: d%d, role: endpoint, units: [{name: cpu}]}", i))
		if i > 0 {
			links = append(links, fmt.Sprintf("{name: l%d, between: [d%d, d%d], latency: 1ms}", i, i-1, i))
		}
		mapping = append(mapping, fmt.Sprintf("{unit: d%d.cpu, through: a%d}", i, 2*i+1))
	}
	w.platform(devices, links, "- mapping:\n    - "+strings.Join(mapping, "\n    - "))
	w.offline = true // nothing goes from the last device to the first
	return w.bytes()
}

// instances has a hundredth as many instances, each of a hundred actors in a row.
func instances(actors int) []byte {
	w := largeApplication("instances")
	w.row(100)
	var all []string
	for i := range max(actors/100, 1) {
		all = append(all, fmt.Sprintf("- {name: i%d, mapping: [{unit: box.cpu, through: a50}, {unit: server.cpu}]}", i))
	}
	w.twoDevices(strings.Join(all, "\n  "))
	return w.bytes()
}

// configured is a dynamic part of a row of actors, all of which one actor configures.
func configured(actors int) []byte {
	w := largeApplication("configured")
	const rate = "rate: [0, 1]"
	w.actor("source", "kernel: count, out: [{port: out, type: %q}]", largeToken)
	w.actor("entry", "kind: dynamic, kernel: gate, in: [{port: in}], out: [{port: out, type: %q, %s}]", largeToken, rate)
	w.fifo("source.out", "entry.in")
	last, members := "entry", []string{"entry"}
	for i := range actors {
		name := fmt.Sprint("m", i)
		w.actor(name, "kind: dynamic-processing, kernel: pass, in: [{port: in, %s}], out: [{port: out, type: %q, %s}]",
			rate, largeToken, rate)
		w.fifo(last+".out", name+".in")
		last, members = name, append(members, name)
	}
	w.actor("exit", "kind: dynamic, kernel: pass, in: [{port: in, %s}], out: [{port: out, type: %q}]", rate, largeToken)
	w.fifo(last+".out", "exit.in")
	w.actor("choice", "kind: configuration, kernel: choose, configures: [%s]",
		strings.Join(append(members, "exit"), ", "))
	w.actor("sink", "kernel: sink, in: [{port: in}]")
	w.fifo("exit.out", "sink.in")
	w.twoDevices(fmt.Sprintf(
		"- {codec: zstd, mapping: [{unit: box.cpu, actors: [choice]}, {unit: box.cpu, through: m%d}, {unit: server.cpu}]}",
		actors/2))
	return w.bytes()
}

const largeToken = "uint8[64]"

// largeFile collects the parts of a plan file.
type largeFile struct {
	name          string
	actors, fifos strings.Builder
	rest          string
	offline       bool
}

func largeApplication(name string) *largeFile { return &largeFile{name: name} }

func (w *largeFile) actor(name, format string, args ...any) {
	fmt.Fprintf(&w.actors, "    - {name: %s, %s}\n", name, fmt.Sprintf(format, args...))
}

func (w *largeFile) fifo(from, to string) {
	fmt.Fprintf(&w.fifos, "    - {from: %s, to: %s}\n", from, to)
}

// row adds actors a0, a1, ..., each of which feeds the next.
func (w *largeFile) row(actors int) {
	for i := range actors {
		name := fmt.Sprint("a", i)
		switch i {
		case 0:
			w.actor(name, "kernel: count, out: [{port: out, type: %q}]", largeToken)
		case actors - 1:
			w.actor(name, "kernel: sink, in: [{port: in}]")
		default:
			w.actor(name, "kernel: pass, in: [{port: in}], out: [{port: out, type: %q}]", largeToken)
		}
		if i > 0 {
			w.fifo(fmt.Sprintf("a%d.out", i-1), name+".in")
		}
	}
}

func (w *largeFile) twoDevices(instances string) {
	w.platform(
		[]string{"{name: box, role: endpoint, units: [{name: cpu}]}", "{name: server, role: server, units: [{name: cpu}]}"},
		[]string{"{name: wired, between: [box, server], bandwidth_bytes_per_sec: 1e6, latency: 1ms}"}, instances)
}

func (w *largeFile) platform(devices, links []string, instances string) {
	w.rest = fmt.Sprintf("platform:\n  devices:\n    - %s\n  links:\n    - %s\ninstances:\n  %s\n",
		strings.Join(devices, "\n    - "), strings.Join(links, "\n    - "), instances)
}

func (w *largeFile) bytes() []byte {
	kind := "single-stream"
	if w.offline {
		kind = "offline"
	}
	return fmt.Appendf(nil, "plan: %s\napplication:\n  name: %s\n  actors:\n%s  fifos:\n%s%s"+
		"workload: {kind: %s, frames: 3, warmup: 1}\n",
		w.name, w.name, w.actors.String(), w.fifos.String(), w.rest, kind)
}
