package model

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
)

// Part is one of the models that a model is split into.
type Part struct {
	Name string // of its files and of its actor
	From string // cut that it begins at
	To   string
	Sub  *onnx.Sub
	// Broken and Instead are those of the cut that it begins at; see cut.Cut.
	Broken  []string
	Instead string
	Took    string // what a number that named that cut was taken as; "" of a name
}

// inlineBytes is how much external data a part may have and still be one file. A
// plan's model is one, but has to be held in memory; at 2 GiB a protobuf message ends.
const inlineBytes = 1 << 30

// Split returns the parts between the ends that Sequence gave.
func (m *Model) Split(ends []cut.Cut) ([]Part, error) {
	var parts []Part
	for i := range len(ends) - 1 {
		p := Part{Name: fmt.Sprintf("part%d", i+1), From: ends[i].Name, To: ends[i+1].Name, Broken: ends[i].Broken,
			Instead: ends[i].Instead}
		if i == 0 {
			p.From = "the input"
		}
		if i == len(ends)-2 {
			p.To = "the output"
		}
		var err error
		if p.Sub, err = cut.Between(m.Model, ends[i], ends[i+1], p.Name+".data"); err != nil {
			return nil, err
		}
		if size, data := p.Sub.Size(); size+data < inlineBytes {
			if p.Sub, err = cut.Between(m.Model, ends[i], ends[i+1], ""); err != nil {
				return nil, err
			}
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// SplitAt is Split at the cuts that a list names; see Sequence.
func (m *Model) SplitAt(at string) ([]Part, error) {
	ends, took, err := m.Sequence(at)
	if err != nil {
		return nil, err
	}
	parts, err := m.Split(ends)
	for i := range parts {
		parts[i].Took = took[parts[i].From]
	}
	return parts, err
}

// Settled returns the model as one file that states the sizes and types that are known here.
func (m *Model) Settled() ([]byte, error) {
	whole, err := m.Whole()
	if err != nil {
		return nil, err
	}
	return whole.Bytes()
}

// Whole returns the whole model as its one part, model.
func (m *Model) Whole() (Part, error) {
	chain, err := cut.Chain(m.Model)
	if err != nil {
		return Part{}, err
	}
	parts, err := m.Split([]cut.Cut{chain[0], chain[len(chain)-1]})
	if err != nil {
		return Part{}, err
	}
	whole := parts[0]
	whole.Name = "model"
	return whole, nil
}

// Uncut returns the whole model as the only part.
func (m *Model) Uncut() ([]Part, error) {
	list, _, err := cut.All(m.Model, cut.Limits{})
	if err != nil {
		return nil, err
	}
	return m.Split([]cut.Cut{list[0], list[len(list)-1]})
}

// Bytes returns the part as one file.
func (p *Part) Bytes() ([]byte, error) {
	if p.Sub.Data != nil {
		return nil, fmt.Errorf("the weights of %s are too large for one file, which a plan's model is; cut it in more parts",
			p.Name)
	}
	size, _ := p.Sub.Size()
	b := bytes.NewBuffer(make([]byte, 0, size))
	err := p.Sub.WriteModel(b)
	return b.Bytes(), err
}

// WriteParts writes the parts, and the files given by name, into a folder that is new or
// empty; see output.Folder. When ctx ends, it stops before the next file, and nothing is left.
func WriteParts(ctx context.Context, dir string, parts []Part, files map[string][]byte) error {
	return output.Folder(dir, func(temp string) error {
		for _, p := range parts {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := create(filepath.Join(temp, p.Name+".onnx"), p.Sub.WriteModel); err != nil {
				return err
			}
			if p.Sub.Data == nil {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := create(filepath.Join(temp, p.Name+".data"), p.Sub.WriteData); err != nil {
				return err
			}
		}
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(temp, name), data, 0o644); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// Testbed says what a plan for a first try runs on.
type Testbed struct {
	Slowdown             float64 // of the first device
	BandwidthBytesPerSec float64
	Latency              string // such as 1ms, one way
	Frames               int
	Input                string // path of a file with the elements of the inputs; empty: drawn ones
	Name                 string
}

// Plan returns a plan that runs the parts one after the other, each on a device of
// its own, and the models that it names.
func (m *Model) Plan(parts []Part, tb Testbed) (yaml []byte, models compile.Models, err error) {
	models = compile.Models{}
	for _, p := range parts {
		data, err := p.Bytes()
		if err != nil {
			return nil, nil, err
		}
		sub, err := onnx.Parse(data)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		model, err := compile.NewModel(sub)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		models[p.Name+".onnx"] = model
	}
	w := writer{m: m, ports: compile.NewPorts(m.Model), parts: parts, models: models, tb: tb}
	yaml = w.plan()
	f, err := planfile.Parse("plan.yaml", yaml)
	if err != nil {
		return nil, nil, err
	}
	_, err = compile.Compile(f, models)
	return yaml, models, err
}

// devices names the devices of a plan with n parts.
func devices(n int) []string {
	switch n {
	case 1:
		return []string{"endpoint"}
	case 2:
		return []string{"endpoint", "server"}
	case 3:
		return []string{"endpoint", "gateway", "server"}
	}
	list := []string{"endpoint"}
	for i := range n - 2 {
		list = append(list, fmt.Sprintf("gateway%d", i+1))
	}
	return append(list, "server")
}

// edge is a tensor on its way from one actor to the next that wants it. Part -1
// is the source, part len(parts) the sink.
type edge struct {
	from, to int
	tensor   string
	again    int // how often the model has delivered it already
}

// edges lists who makes what for whom, in order.
func edges(m *Model, parts []Part) []edge {
	maker := map[string]int{}
	for _, t := range m.Inputs() {
		maker[t.Name] = -1
	}
	var list []edge
	for i, p := range parts {
		for _, t := range p.Sub.Inputs {
			list = append(list, edge{maker[t.Name], i, t.Name, 0})
		}
		for _, t := range p.Sub.Outputs {
			if _, made := maker[t.Name]; !made {
				maker[t.Name] = i
			}
		}
	}
	times := map[string]int{}
	for _, name := range m.Delivered() {
		list = append(list, edge{maker[name], len(parts), name, times[name]})
		times[name]++
	}
	return list
}

// fan is a tensor that several on one device want and that is made on another: it is sent once.
type fan struct {
	tensor       string
	from, device int // part that makes it, -1 the source; part on whose device it is wanted
	to           []edge
}

// fanned parts the edges of n parts into those that go their own way, and the fans of others.
func fanned(list []edge, n int) (direct []edge, fans []fan) {
	at := func(e edge) int { return min(e.to, n-1) }
	for i, e := range list {
		same := func(o edge) bool { return o.tensor == e.tensor && at(o) == at(e) }
		switch {
		case max(e.from, 0) == at(e) || !slices.ContainsFunc(list[i+1:], same) && !slices.ContainsFunc(list[:i], same):
			direct = append(direct, e)
		case slices.ContainsFunc(list[:i], same):
			k := slices.IndexFunc(fans, func(f fan) bool { return f.tensor == e.tensor && f.device == at(e) })
			fans[k].to = append(fans[k].to, e)
		default:
			fans = append(fans, fan{e.tensor, e.from, at(e), []edge{e}})
		}
	}
	return direct, fans
}

// pairs lists the devices that edges go between, each pair once; the last tells
// the first when a frame has left.
func pairs(list []edge, parts int) [][2]int {
	if parts < 2 {
		return nil
	}
	out := [][2]int{{0, parts - 1}}
	for _, e := range list {
		pair := [2]int{max(e.from, 0), min(e.to, parts-1)}
		if pair[0] != pair[1] && !slices.Contains(out, pair) {
			out = append(out, pair)
		}
	}
	return out
}
