package model

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"google.golang.org/protobuf/proto"
)

// Model is a model whose inputs have known shapes.
type Model struct {
	*onnx.Model
	Name string
	Path string
	Size int64  // of the file
	Data []byte // the file as it is, or what stands for it; see settle
	Dir  string // where its external data lies

	moved  bool // see parse
	zeroed bool // see sizeZeros
	// sized: Data leaves dimensions open that have sizes here.
	sized bool
	// Probed counts the tensors whose types came from a run, not from the file.
	Probed int
	// NotRun says why the model could not be run to find types, where Options.Show let that pass.
	NotRun string
	// Input is what the model is run on: the test data that lies beside it, else
	// drawn numbers.
	Input    []Tensor
	TestData bool
}

// Options say how a model is opened.
type Options struct {
	Name string // for messages
	Dims map[string]int64
	// Bounds are the greatest shapes of tensors whose shape depends on the data.
	Bounds map[string][]int64
	// Runtime finds the types that the file doesn't state; without it they stay
	// unknown, and there are no inputs but test data.
	Runtime Runtime
	// Show opens a model that can't be run: what a run would find stays unknown.
	Show bool
}

// Open reads the model in the file at path, binds its symbolic dimensions, named
// as onnx.Model.Dims does, or else by the test data beside it, and finds the types
// that the file doesn't state.
func Open(path string, o Options) (*Model, error) {
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	m := &Model{Name: o.Name, Path: path, Data: data, Size: int64(len(data))}
	if m.Model, m.Dir, m.moved, err = parse(path, data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := m.open(o); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, m.settle()
}

func (m *Model) open(o Options) (err error) {
	if m.Input, err = testData(m.Dir, m.Inputs()); err != nil {
		return err
	}
	m.TestData = m.Input != nil
	if err := m.bind(o.Dims); err != nil {
		return err
	}
	if err := m.sizeZeros(o.Dims, m.Input); err != nil {
		return err
	}
	if o.Runtime == nil {
		return m.bound(o.Bounds)
	}
	if !m.TestData {
		if m.Input, err = drawn(m.Model, o.Runtime); err != nil {
			return err
		}
	}
	if err := m.probe(o.Runtime); err != nil {
		if !o.Show {
			return err
		}
		m.NotRun, m.Probed = strings.Join(strings.Fields(err.Error()), " "), 0
	}
	return m.bound(o.Bounds)
}

// probe runs the model to find the types that the file doesn't state, and to check those that
// it does.
func (m *Model) probe(rt Runtime) error {
	m.Probed = len(shape.Unknown(m.Model))
	var on []Tensor // other made-up inputs in each run show which shapes depend on the data
	if m.TestData {
		on = m.Input
	}
	known, err := rt.Probe(m.Model, m.Dir, on)
	if err != nil {
		return err
	}
	m.Model = known
	return nil
}

// bound declares the greatest shapes of tensors.
func (m *Model) bound(most map[string][]int64) error {
	if len(most) == 0 {
		return nil
	}
	bounded, err := shape.Bounded(m.Model, most)
	if err != nil {
		return err
	}
	m.Model = bounded
	return nil
}

// bind gives the open dimensions of the inputs their sizes.
func (m *Model) bind(dims map[string]int64) error {
	if len(dims) > 0 {
		bound, err := shape.Bind(m.Model, dims)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDims, err)
		}
		m.Model, m.sized = bound, true
	}
	open := shape.Dims(m.Model)
	if len(dims) == 0 && len(open) > 0 && m.TestData {
		shapes := map[string][]int64{}
		for _, t := range m.Input {
			shapes[t.Name] = t.Shape
		}
		if bound, err := shape.BindInputs(m.Model, shapes); err == nil && len(shape.Dims(bound)) == 0 {
			m.Model, m.sized, open = bound, true, nil
		}
	}
	if len(open) == 0 {
		return nil
	}
	names, flags := dimHints(shape.OpenDims(m.Model))
	return fmt.Errorf("%w: left open are %s; say how large they are, for example %s", ErrDims,
		strings.Join(names, "; "), strings.Join(flags, " "))
}

// dimHints names open dimensions, and gives every one a size that most models of
// its kind take: one picture or sequence, sides that can be halved often.
func dimHints(open []shape.Dim) (names, flags []string) {
	seen := map[string]bool{}
	for _, d := range open {
		if seen[d.Name] {
			continue
		}
		seen[d.Name] = true
		size := 16
		switch {
		case d.Axis == 0:
			size = 1
		case d.Rank == 4:
			size = 320
		}
		name := d.Name
		if name != d.Place() {
			name += ", which is " + d.Place()
		}
		names, flags = append(names, name), append(flags, fmt.Sprintf("--dim %s=%d", d.Name, size))
	}
	return names, flags
}

// Peek returns the program that wrote a model and the number of its nodes, also
// of a model that Open refuses; 0 nodes of what is no model at all.
func Peek(data []byte) (producer string, nodes int) {
	pb := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(data, pb); err != nil {
		return "", 0
	}
	return pb.GetProducerName(), len(pb.GetGraph().GetNode())
}
