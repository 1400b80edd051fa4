package model

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/core/picture"
	"google.golang.org/protobuf/encoding/protowire"
)

// Model is a model whose inputs have known shapes.
type Model struct {
	*onnx.Model
	Name string
	Path string
	Size int64    // of the file
	Data []byte   // the file as it is, or what stands for it; see settle
	Dir  string   // where its external data lies
	Read []string // the files that it is made of, and those that were given for inputs

	moved  bool // see parse
	zeroed bool // see sizeZeros
	// sized: Data leaves dimensions open that have sizes here.
	sized bool
	// Probed counts the tensors whose types came from a run, not from the file.
	Probed int
	// NotRun says why the model could not be run to find types, where Options.Show let that pass.
	NotRun string
	// Input is what the model is run on: what was given, else the test data that lies
	// beside it, else what was made up. Sources says which, input by input.
	Input    []Tensor
	Sources  []string
	TestData bool
	// Plain: all inputs are random numbers.
	Plain bool
	// Unmakeable says which input can't be made up, and how to give it; Input is not
	// complete then, and the model can't be run. It is empty where all are there.
	Unmakeable string

	declared []onnx.TensorInfo // the inputs, with their dimensions as they are in the file
	sets     []string          // the folders of test data beside it
	made     []int             // the inputs that were made up
	tried    bool              // the model ran on them, or was found not to
	settled  bool              // Data is what the runtime can run; see settle
}

// Options say how a model is opened.
type Options struct {
	Name string // for messages
	Dims map[string]int64
	// Bounds are the greatest shapes of tensors whose shape depends on the data.
	Bounds map[string][]int64
	// Inputs are files for inputs, each as NAME=FILE, or FILE if it is clear for which.
	Inputs []string
	// Reshape takes tensors of other shapes with the same number of elements.
	Reshape bool
	// Picture says how pictures become elements.
	Picture picture.Conversion
	// Runtime finds the types that the file doesn't state; without it they stay
	// unknown, and no inputs are made up.
	Runtime Runtime
	// Show opens a model that can't be run: what a run would find stays unknown.
	Show bool
}

// Open reads the model in the file at path, binds its symbolic dimensions, named
// as onnx.Model.Dims does, or else by the files given for inputs or the test data beside
// it, and finds the types that the file doesn't state.
func Open(path string, o Options) (*Model, error) {
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	m := &Model{Name: o.Name, Path: path, Data: data, Size: int64(len(data))}
	if m.Model, m.Dir, m.moved, err = parse(path, data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m.Read = files(path, m.Dir, m.Model)
	for _, in := range o.Inputs {
		_, file, named := strings.Cut(in, "=")
		if m.Read = append(m.Read, in); named {
			m.Read = append(m.Read, file)
		}
	}
	if err := m.open(o); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, m.settle()
}

func (m *Model) open(o Options) error {
	m.declared, m.sets = m.Inputs(), testSets(filepath.Dir(m.Path))
	files, err := m.assign(o.Inputs)
	if err != nil {
		return err
	}
	if len(o.Inputs) == 0 {
		files = m.testData()
	}
	if err := m.bind(o.Dims, files); err != nil {
		return err
	}
	var tensors []Tensor
	for _, t := range m.declared {
		if g := files[t.Name]; g.tensor != nil {
			tensors = append(tensors, Tensor{TensorInfo: onnx.TensorInfo{Name: t.Name, Shape: g.tensor.Shape}})
		}
	}
	if err := m.sizeZeros(o.Dims, tensors); err != nil {
		return err
	}
	err = m.take(files, o.Reshape, o.Picture)
	if err != nil && m.TestData { // of other sizes than those that were given
		m.TestData = false
		err = m.take(nil, false, o.Picture)
	}
	if err != nil {
		return err
	}
	if o.Runtime == nil {
		return m.bound(o.Bounds)
	}
	if err := m.draw(o.Runtime); err != nil {
		return err
	}
	if err := m.probe(o.Runtime); err != nil {
		if !o.Show {
			return err
		}
		m.NotRun, m.Probed = strings.Join(strings.Fields(err.Error()), " "), 0
	}
	return m.bound(o.Bounds)
}

// take sets the inputs that are given.
func (m *Model) take(files map[string]given, reshape bool, c picture.Conversion) (err error) {
	m.Input, m.Sources = make([]Tensor, len(m.declared)), make([]string, len(m.declared))
	for i, t := range m.Inputs() {
		if g, ok := files[t.Name]; ok {
			if m.Input[i], m.Sources[i], err = g.fit(t, reshape, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// testData returns the first folder of test data that fits.
func (m *Model) testData() map[string]given {
	for _, dir := range m.sets {
		tensors, err := testInputs(dir, m.declared)
		if err != nil {
			continue // of a sequence, or for other inputs
		}
		files := map[string]given{}
		for _, t := range tensors {
			files[t.Name] = given{path: dir, tensor: &t}
		}
		m.TestData = true
		return files
	}
	return nil
}

// probe runs the model to find the types that the file doesn't state, and to check those that
// it does. It does nothing where an input is missing.
func (m *Model) probe(rt Runtime) error {
	if m.Unmakeable != "" {
		return nil
	}
	m.Probed = len(shape.Unknown(m.Model))
	var on []Tensor // other made-up inputs in each run show which shapes depend on the data
	if !m.Plain {
		on = m.Input
	}
	known, err := rt.Probe(m.Model, m.Dir, on)
	if err != nil && len(m.made) > 0 {
		if err := m.Try(rt); err != nil {
			return err
		}
		known, err = rt.Probe(m.Model, m.Dir, m.Input)
	}
	if err == nil {
		m.Model = known
	}
	return err
}

// Ran says in a line what the model is run on.
func (m *Model) Ran() string {
	var order []string
	names := map[string][]string{}
	for i, source := range m.Sources {
		if names[source] == nil {
			order = append(order, source)
		}
		names[source] = append(names[source], m.Input[i].Name)
	}
	switch {
	case m.Unmakeable != "":
		return "nothing, for an input is missing"
	case len(order) == 0:
		return "nothing, for it has no inputs"
	case m.TestData:
		return "its test data, " + filepath.Base(m.Sources[0])
	case len(order) == 1:
		return order[0]
	}
	var list []string
	for _, source := range order {
		list = append(list, fmt.Sprintf("%s: %s", strings.Join(names[source], ", "), source))
	}
	return strings.Join(list, "; ")
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

// bind gives the open dimensions of the inputs their sizes: those of dims, else those of the
// tensors that are given.
func (m *Model) bind(dims map[string]int64, files map[string]given) error {
	if len(dims) > 0 {
		bound, err := shape.Bind(m.Model, dims)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDims, err)
		}
		m.Model, m.sized = bound, true
	}
	open := shape.Dims(m.Model)
	if len(open) > 0 {
		shapes := map[string][]int64{}
		for _, t := range m.Inputs() {
			if g := files[t.Name]; g.tensor != nil && slices.Contains(t.Shape, -1) {
				shapes[t.Name] = g.tensor.Shape
			}
		}
		bound, err := shape.BindInputs(m.Model, shapes)
		if err != nil && !m.TestData {
			return fmt.Errorf("%w: %w", ErrInput, err)
		}
		if err == nil {
			m.Model, m.sized, open = bound, m.sized || len(shapes) > 0, shape.Dims(bound)
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
// of a model that Open refuses; 0 nodes of what is no model at all. It decodes nothing: the
// file may be one that would take too much memory.
func Peek(data []byte) (producer string, nodes int) {
	const fieldProducer, fieldGraph, fieldNode = 2, 7, 1
	ok := eachField(data, func(num protowire.Number, v []byte) bool {
		switch num {
		case fieldProducer:
			producer = string(v)
		case fieldGraph:
			return eachField(v, func(num protowire.Number, _ []byte) bool {
				if num == fieldNode {
					nodes++
				}
				return true
			})
		}
		return true
	})
	if !ok || !utf8.ValidString(producer) {
		return "", 0
	}
	return producer, nodes
}

// eachField visits the fields of a message that hold bytes; false if it is malformed, or if
// visit says so.
func eachField(b []byte, visit func(num protowire.Number, v []byte) bool) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeField(b)
		if n < 0 {
			return false
		}
		if typ == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(b)
			if v, _ := protowire.ConsumeBytes(b[tag:]); !visit(num, v) {
				return false
			}
		}
		b = b[n:]
	}
	return true
}
