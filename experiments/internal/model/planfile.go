package model

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// writer writes the plan of a model in parts.
type writer struct {
	strings.Builder
	m      *Model
	ports  compile.Ports // of the source and of the sink
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
	line := strings.Map(func(r rune) rune { // a comment ends with the line
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, fmt.Sprintf("%s in %d parts, cut at %s", w.m.Name, len(w.parts), strings.Join(cuts, ", ")))
	w.linef("# %s.", strings.ToValidUTF8(line, "?"))
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
	direct, fans := fanned(list, len(w.parts))
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
	for _, e := range direct {
		if e.from < 0 {
			readers[e.tensor]++
		}
	}
	for _, f := range fans {
		if f.from < 0 {
			readers[f.tensor]++
		}
	}
	var copied []string
	for _, t := range w.m.Inputs() {
		if readers[t.Name] == 0 {
			continue
		}
		w.linef("        - {port: %s, type: %s}", quote(w.ports.Of(t.Name)), quote(typeText(t)))
		if readers[t.Name] > 1 {
			copied = append(copied, t.Name)
		}
	}
	for k, name := range copied { // a port has one reader
		w.pass(fmt.Sprintf("copy%d", k), typeText(w.m.Tensor(name)), readers[name])
	}
	for i, p := range w.parts {
		for k, f := range fans {
			if f.device == i {
				w.pass(fmt.Sprintf("share%d", k), compile.TokenType(w.m.Model, w.m.Tensor(f.tensor)).String(), len(f.to))
			}
		}
		w.linef("    - {name: %s, model: %s.onnx}", p.Name, p.Name)
	}
	w.linef("    - name: sink")
	w.linef("      kernel: sink")
	w.linef("      params: {record: summary}")
	w.linef("      in:")
	for _, e := range list {
		if e.to == len(w.parts) {
			w.linef("        - {port: %s}", quote(w.sinkPort(e)))
		}
	}
	w.fifos(direct, fans, copied)
}

// pass writes an actor that copies tokens of a type to n ports.
func (w *writer) pass(name, typ string, n int) {
	w.linef("    - name: %s", name)
	w.linef("      kernel: pass")
	w.linef("      in: [{port: in}]")
	w.linef("      out:")
	for i := range n {
		w.linef("        - {port: out%d, type: %s}", i, quote(typ))
	}
}

// sinkPort names the port that an output is delivered at.
func (w *writer) sinkPort(e edge) string {
	if e.again > 0 {
		return fmt.Sprintf("%s#%d", w.ports.Of(e.tensor), e.again+1)
	}
	return w.ports.Of(e.tensor)
}

func (w *writer) fifos(direct []edge, fans []fan, copied []string) {
	w.linef("  fifos:")
	for k, name := range copied {
		w.linef("    - {from: %s, to: copy%d.in}", quote("source."+w.ports.Of(name)), k)
	}
	used := map[string]int{}
	from := func(part int, tensor string) string {
		if part >= 0 {
			return w.parts[part].Name + "." + tensor
		}
		if k := slices.Index(copied, tensor); k >= 0 {
			used[tensor]++
			return fmt.Sprintf("copy%d.out%d", k, used[tensor]-1)
		}
		return "source." + w.ports.Of(tensor)
	}
	to := func(e edge) string {
		if e.to < len(w.parts) {
			return w.parts[e.to].Name + "." + e.tensor
		}
		return "sink." + w.sinkPort(e)
	}
	for _, e := range direct {
		w.linef("    - {from: %s, to: %s}", quote(from(e.from, e.tensor)), quote(to(e)))
	}
	for k, f := range fans {
		w.linef("    - {from: %s, to: share%d.in}", quote(from(f.from, f.tensor)), k)
		for i, e := range f.to {
			w.linef("    - {from: share%d.out%d, to: %s}", k, i, quote(to(e)))
		}
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

// Source returns the elements of all inputs that a plan's source shows, one after the other.
// An input whose shape depends on the data, and one of strings, is ErrInput.
func (m *Model) Source() ([]byte, error) {
	var data []byte
	for i, t := range m.Inputs() {
		if !m.Wants(t.Name) {
			continue
		}
		if _, varies := m.Span(t.Name); varies || t.Bytes() < 0 {
			return nil, fmt.Errorf("%w: input %s of a plan can only be made up, for its size isn't fixed", ErrInput, t)
		}
		data = append(data, m.Input[i].Data...)
	}
	return data, nil
}

// Wants says that a node that runs in every frame reads an input, or that it is an output.
func (m *Model) Wants(input string) bool {
	for i := range m.Nodes() {
		if n := &m.Nodes()[i]; n.PerFrame() && slices.Contains(n.Uses(), input) {
			return true
		}
	}
	return slices.Contains(m.Delivered(), input)
}
