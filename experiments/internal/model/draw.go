package model

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/experiments/internal/tensorfile"
)

// fill is a way to make up an input.
type fill string

// The fills, in the order in which they are tried.
const (
	random   fill = "random numbers"
	zeros    fill = "zeros"
	ones     fill = "ones"
	small    fill = "1, 2, 3, 1, 2, 3 ..."
	lead     fill = "-1, then ones" // as a shape of which one size follows
	mostRuns      = 300             // that are tried
	// mostForElements is how many are tried for an output with elements, where the model runs.
	mostForElements = 16
)

// text says what a fill makes of a type.
func (f fill) text(e onnx.Elem) string {
	if f != random {
		return string(f)
	}
	switch e {
	case onnx.Float16, onnx.BFloat16, onnx.Float32, onnx.Float64:
		return "random numbers from -1 to 1"
	case onnx.Uint8, onnx.Int8:
		return "random bytes"
	}
	return "random numbers, 0 or 1"
}

// make makes an input up; seed tells drawn ones apart.
func (f fill) make(t onnx.TensorInfo, seed uint64, rt Runtime) (Tensor, error) {
	value := map[fill]func(int64) float64{
		zeros: func(int64) float64 { return 0 },
		ones:  func(int64) float64 { return 1 },
		small: func(i int64) float64 { return float64(i%3 + 1) },
		lead: func(i int64) float64 {
			if i == 0 {
				return -1
			}
			return 1
		},
	}[f]
	if value == nil {
		data, err := rt.Draw(t, seed)
		return Tensor{TensorInfo: t, Data: data}, err
	}
	return Tensor{TensorInfo: t, Data: tensorfile.Fill(t.Elem, t.Elements(), value)}, nil
}

// unmakeable says why an input can't be made up, and how to give it; "" if it can.
func unmakeable(t onnx.TensorInfo) string {
	how := fmt.Sprintf("give it by --input %s=FILE", t.Name)
	switch {
	case t.Elem == 0:
		return fmt.Sprintf("input %s is no tensor; it can neither be made up nor given", t.Name)
	case t.Elem == onnx.String:
		return fmt.Sprintf("input %s can't be made up: %s, a text file with one string a line", t, how)
	case t.Elements() < 0:
		return fmt.Sprintf("input %s can't be made up, for its shape isn't known: %s, an .npy or .pb", t, how)
	case tensorfile.Number(t.Elem) == nil:
		return fmt.Sprintf("input %s can't be made up, nor given: numbers of its type are none of this program's", t)
	}
	return ""
}

// draw makes up the inputs that none is given for, as random numbers, without trying them.
// It sets Unmakeable where that can't be.
func (m *Model) draw(rt Runtime) error {
	for i, t := range m.Inputs() {
		if m.Sources[i] != "" {
			continue
		}
		if s, ok := m.Span(t.Name); ok {
			t.Shape = s.Max
		}
		if m.Unmakeable = unmakeable(t); m.Unmakeable != "" {
			return nil
		}
		m.made = append(m.made, i)
		m.Input[i].TensorInfo = t
	}
	return m.use(firstFills(m.Input, m.made), rt)
}

// use makes up inputs.
func (m *Model) use(fills []fill, rt Runtime) error {
	for k, i := range m.made {
		t := m.Input[i].TensorInfo
		var err error
		if m.Input[i], err = fills[k].make(t, uint64(i+1), rt); err != nil {
			return fmt.Errorf("%w: input %s: %w", ErrInput, t, err)
		}
		m.Sources[i] = fills[k].text(t.Elem)
	}
	m.Plain = !slices.ContainsFunc(fills, func(f fill) bool { return f != random }) && len(m.made) == len(m.Input)
	return nil
}

// Try makes up inputs with which the model runs: other values than random ones are tried,
// first for inputs that may mean more than numbers do, such as indices, shapes and scales,
// then for all. It does nothing where all inputs are given, or were tried before. It is
// ErrInput if no values were found.
func (m *Model) Try(rt Runtime) error {
	if m.tried || len(m.made) == 0 || m.Unmakeable != "" {
		return nil
	}
	m.tried = true
	data, err := m.trial()
	if err != nil {
		return err
	}
	s, err := rt.Load(data, m.Dir, true)
	if err != nil {
		return err
	}
	defer s.Close()
	var first error
	var runs []fill // with these it runs, but all that it makes is empty
	tries := attempts(m.Input, m.made)
	for i, fills := range tries {
		if runs != nil && i >= mostForElements {
			break
		}
		if err := m.use(fills, rt); err != nil {
			return err
		}
		out, err := s.Run(m.Input, knownShapes(m.Outputs()))
		switch {
		case err == nil && !hollow(out):
			return nil
		case err == nil && runs == nil:
			runs = fills
		case err != nil && first == nil:
			first = err
		}
	}
	if runs != nil {
		return m.use(runs, rt)
	}
	var list []string
	for _, i := range m.made {
		list = append(list, "--input "+m.Input[i].Name+"=FILE")
	}
	return fmt.Errorf("%w: no values were found with which the model runs, of %d tries with random numbers, zeros, ones "+
		"and small numbers; give the inputs by %s: %w", ErrInput, len(tries), strings.Join(list, " "), first)
}

// hollow reports whether no output has an element. In place of an output may stand its shape:
// see trial.
func hollow(out []Tensor) bool {
	return !slices.ContainsFunc(out, func(t Tensor) bool {
		if !strings.HasSuffix(t.Name, shape.Suffix) {
			return t.Other != "" || t.Elements() != 0
		}
		for at := 0; at < len(t.Data); at += 8 {
			if binary.LittleEndian.Uint64(t.Data[at:]) == 0 {
				return false
			}
		}
		return true
	})
}

// Ready makes sure that there is an input with which the model can be run: see Try. One that
// can't be made up is ErrInput.
func (m *Model) Ready(rt Runtime) error {
	if m.Unmakeable != "" {
		return fmt.Errorf("%w: %s", ErrInput, m.Unmakeable)
	}
	return m.Try(rt)
}

// WithMissing adds to an error which input is missing, if one is.
func (m *Model) WithMissing(err error) error {
	if m.Unmakeable == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, m.Unmakeable)
}

// trial returns the model to try inputs with: itself, or, where that isn't known to be what
// the runtime can run, or the runtime's Go interface can't take over outputs, halves of open
// shape, with the shapes of the outputs in their place.
func (m *Model) trial() ([]byte, error) {
	var nodes []*onnxpb.NodeProto
	var outputs []onnx.TensorInfo
	itself := m.settled
	for _, t := range m.Outputs() {
		itself = itself && (!halfTypes[t.Elem] || t.Elements() >= 0)
		if m.Sendable(t.Name) {
			name := t.Name + shape.Suffix
			nodes = append(nodes, shape.Node(t.Name, name))
			t = shape.Vector(name)
		}
		outputs = append(outputs, t)
	}
	if itself {
		return m.Data, nil
	}
	return m.Extended(nodes, nil, outputs)
}

// firstFills is what is tried first: random numbers, but all positions for a mask.
func firstFills(inputs []Tensor, made []int) []fill {
	fills := slices.Repeat([]fill{random}, len(made))
	for k, i := range made {
		if t := inputs[i]; strings.Contains(strings.ToLower(t.Name), "mask") && whole(t.Elem) {
			fills[k] = ones
		}
	}
	return fills
}

func whole(e onnx.Elem) bool {
	return e != onnx.Float16 && e != onnx.BFloat16 && e != onnx.Float32 && e != onnx.Float64
}

// attempts lists what to try: a fill for each input that is made up.
func attempts(inputs []Tensor, made []int) [][]fill {
	base := firstFills(inputs, made)
	list := [][]fill{base}
	var special []int // places in made
	for k, i := range made {
		if t := inputs[i]; whole(t.Elem) || len(t.Shape) <= 1 && t.Elements() <= 16 {
			special = append(special, k)
		}
	}
	others := []fill{zeros, ones, small, lead}
	var all []int
	for k := range made {
		all = append(all, k)
	}
	for _, places := range [][]int{special, all} {
		for _, f := range others {
			fills := slices.Clone(base)
			for _, k := range places {
				fills[k] = f
			}
			list = append(list, fills)
		}
	}
	mixed := [][]fill{base}
	for _, k := range special { // every mixture, as far as there is time
		if len(mixed) > mostRuns {
			break
		}
		for _, fills := range mixed {
			for _, f := range others {
				next := slices.Clone(fills)
				next[k] = f
				mixed = append(mixed, next)
			}
		}
	}
	seen := map[string]bool{}
	list = slices.DeleteFunc(append(list, mixed[1:]...), func(fills []fill) bool {
		key := fmt.Sprint(fills)
		again := seen[key]
		seen[key] = true
		return again
	})
	return list[:min(len(list), mostRuns)]
}
