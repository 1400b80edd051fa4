package model

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// writer writes the plan of a model in parts.
type writer struct {
	strings.Builder
	m      *Model
	parts  []Part
	models compile.Models
	tb     Testbed
}

func (w *writer) linef(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// plan returns the file.
func (w *writer) plan() []byte {
	var cuts []string
	for _, p := range w.parts[1:] {
		cuts = append(cuts, p.From)
	}
	w.linef("# %s in %d parts, cut at %s.", w.m.Name, len(w.parts), strings.Join(cuts, ", "))
	w.linef("# Run it: edgeprune run plan.yaml; it starts a device per part on this machine. The first device is")
	w.linef("# slowed down and the links are shaped: change them to what you have.")
	w.linef("plan: %s", quote(w.tb.Name))
	list := edges(w.m, w.parts)
	w.application(list)
	w.platform(list)
	w.linef("instances:")
	w.linef("  - mapping:")
	names := devices(len(w.parts))
	for i, p := range w.parts {
		if i == len(w.parts)-1 {
			w.linef("      - {unit: %s.cpu}", names[i])
			continue
		}
		cuts := w.models[p.Name+".onnx"].Cuts
		w.linef("      - {unit: %s.cpu, through: %s}", names[i], quote(p.Name+"/"+cuts[len(cuts)-1].Name))
	}
	w.linef("workload: {kind: single-stream, frames: %d, warmup: %d}", w.tb.Frames, max(w.tb.Frames/10, 1))
	return []byte(w.String())
}

func (w *writer) application(list []edge) {
	types := map[string]onnx.TensorInfo{}
	for _, t := range append(w.m.Inputs(), w.m.Outputs()...) {
		types[t.Name] = t
	}
	w.linef("application:")
	w.linef("  name: %s", quote(w.tb.Name))
	w.linef("  actors:")
	params := "{seed: 1}"
	if w.tb.Input != "" {
		params = "{file: " + quote(w.tb.Input) + "}"
	}
	w.linef("    - name: source")
	w.linef("      kernel: tensor")
	w.linef("      params: %s", params)
	w.linef("      out:")
	readers := map[string]int{}
	for _, e := range list {
		if e.from < 0 {
			readers[e.tensor]++
		}
	}
	var copied []string
	for _, t := range w.m.Inputs() {
		if readers[t.Name] == 0 {
			continue
		}
		w.linef("        - {port: %s, type: %s}", quote(t.Name), quote(typeText(t)))
		if readers[t.Name] > 1 {
			copied = append(copied, t.Name)
		}
	}
	for k, name := range copied { // a port has one reader
		w.linef("    - name: copy%d", k)
		w.linef("      kernel: pass")
		w.linef("      in: [{port: in}]")
		w.linef("      out:")
		for i := range readers[name] {
			w.linef("        - {port: out%d, type: %s}", i, quote(typeText(types[name])))
		}
	}
	for _, p := range w.parts {
		w.linef("    - {name: %s, model: %s.onnx}", p.Name, p.Name)
	}
	w.linef("    - name: sink")
	w.linef("      kernel: sink")
	w.linef("      params: {record: summary}")
	w.linef("      in:")
	for _, t := range w.m.Outputs() {
		w.linef("        - {port: %s}", quote(t.Name))
	}
	w.fifos(list, copied)
}

func (w *writer) fifos(list []edge, copied []string) {
	w.linef("  fifos:")
	used := map[string]int{}
	for k, name := range copied {
		w.linef("    - {from: %s, to: copy%d.in}", quote("source."+name), k)
	}
	for _, e := range list {
		from, to := "source."+e.tensor, "sink."+e.tensor
		if e.from >= 0 {
			from = w.parts[e.from].Name + "." + e.tensor
		} else {
			for k, name := range copied {
				if name == e.tensor {
					from = fmt.Sprintf("copy%d.out%d", k, used[name])
					used[name]++
				}
			}
		}
		if e.to < len(w.parts) {
			to = w.parts[e.to].Name + "." + e.tensor
		}
		w.linef("    - {from: %s, to: %s}", quote(from), quote(to))
	}
}

func (w *writer) platform(list []edge) {
	w.linef("platform:")
	w.linef("  name: first try")
	w.linef("  devices:")
	names := devices(len(w.parts))
	for i, name := range names {
		role, unit := plan.Gateway, "{name: cpu}"
		switch {
		case i == 0:
			role, unit = plan.Endpoint, fmt.Sprintf("{name: cpu, slowdown: %s}", number(w.tb.Slowdown))
		case i == len(names)-1:
			role = plan.Server
		}
		w.linef("    - {name: %s, role: %s, units: [%s]}", name, role, unit)
	}
	links := pairs(list, len(w.parts))
	if len(links) == 0 {
		w.linef("  links: []")
		return
	}
	w.linef("  links:")
	for _, l := range links {
		w.linef("    - {name: %s-%s, between: [%s, %s], bandwidth_bytes_per_sec: %s, latency: %s}",
			names[l[0]], names[l[1]], names[l[0]], names[l[1]], number(w.tb.BandwidthBytesPerSec), w.tb.Latency)
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// quote writes text as a YAML string.
func quote(s string) string { return strconv.Quote(s) }

// create writes a file.
func create(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
