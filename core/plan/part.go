package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// PartSpec is one part of a model that is divided by branches, as written: the
// nodes that compute the tensors of Makes and that no part before it holds. The
// last part may leave them out and gets all nodes that are left.
type PartSpec struct {
	Name  string   `yaml:"name"`
	Makes []string `yaml:"makes,omitempty"`
}

// checkParts reports what is wrong with the names of the parts of actor i.
func (f *File) checkParts(i int) []error {
	var errs []error
	a := &f.Application.Actors[i]
	for k, p := range a.Parts {
		path := fmt.Sprintf("$.application.actors[%d].parts[%d]", i, k)
		if p.Name == "" || strings.ContainsAny(p.Name, ". */>[]:") || slices.ContainsFunc(a.Parts[:k], func(o PartSpec) bool { return o.Name == p.Name }) {
			errs = append(errs, f.errorf(path+".name", "%w: part name %q of actor %s must be unique, not empty and without dots, spaces, slashes, brackets, colons, '*' and '>'", ErrActor, p.Name, a.Name))
		}
		if len(p.Makes) == 0 && k < len(a.Parts)-1 {
			errs = append(errs, f.errorf(path, "%w: part %s of actor %s makes nothing; only the last part may leave out makes", ErrActor, p.Name, a.Name))
		}
	}
	return errs
}

// division gives every node of the model of actor i its part.
func (f *File) division(i int, m *Model) ([]int, error) {
	a := &f.Application.Actors[i]
	var of []int
	for k, p := range a.Parts {
		path := fmt.Sprintf("$.application.actors[%d].parts[%d]", i, k)
		var err error
		if of, err = m.Claim(of, k, p.Makes...); err != nil {
			return nil, f.errorf(path, "%w: part %s of actor %s: %w", ErrActor, p.Name, a.Name, err)
		}
	}
	if left := m.Unclaimed(of); left != "" {
		return nil, f.errorf(fmt.Sprintf("$.application.actors[%d].parts", i), "%w: no part of actor %s makes %q; end the parts with one that has no makes", ErrActor, a.Name, left)
	}
	return of, nil
}

// part returns what parts from up to to, without it, of the model of actor i get
// and give as one.
func (f *File) part(i int, m *Model, from, to int) (ins, outs []onnx.TensorInfo, err error) {
	of, err := f.division(i, m)
	if err != nil {
		return nil, nil, err
	}
	own := min(from, 1) // the parts before are one, and so are those behind
	for n, p := range of {
		switch {
		case p >= to:
			of[n] = own + 1
		case p >= from:
			of[n] = own
		default:
			of[n] = min(p, 0)
		}
	}
	parts, err := m.Parts(of)
	if err == nil {
		ins, outs = parts[own].Inputs, parts[own].Outputs
		_, err = m.ExtractPart(parts[own], "")
	}
	if err == nil {
		if _, found := m.SegmentIO(onnx.Cut{Tensors: ins}, onnx.Cut{Tensors: outs}); found == nil {
			err = fmt.Errorf("%w: the shape of one of %s is open", onnx.ErrNoShape, list(append(tensorNames(ins), tensorNames(outs)...)))
		}
	}
	if err != nil {
		a := &f.Application.Actors[i]
		return nil, nil, f.errorf(fmt.Sprintf("$.application.actors[%d].parts[%d]", i, from), "%w: part %s of actor %s: %w", ErrActor, a.Parts[from].Name, a.Name, err)
	}
	return ins, outs, nil
}

// Section names what of its model the actor runs: partition points, or for a part of
// a model divided by branches the tensors that it gets and gives. Equal models and
// sections are equal sub-models.
func (w *Work) Section() string {
	if !w.Branch {
		return fmt.Sprintf("[%d:%d]", w.From, w.To)
	}
	ins, outs := w.ends()
	return "[" + quoted(ins) + " > " + quoted(outs) + "]"
}

func quoted(names []string) string {
	var list []string
	for _, n := range names {
		list = append(list, strconv.Quote(n))
	}
	return strings.Join(list, " ")
}

// ends returns the tensors that the actor gets and gives, each once.
func (w *Work) ends() (ins, outs []string) {
	for _, t := range w.Outputs {
		if !slices.Contains(outs, t) {
			outs = append(outs, t)
		}
	}
	return w.Inputs, outs
}

// section returns what lies between the tensors of ends.
func (w *Work) section() onnx.Section {
	ins, outs := w.ends()
	return onnx.Section{From: cutAt("its inputs", ins), To: cutAt("its outputs", outs)}
}

// cutAt returns a cut of the tensors named.
func cutAt(name string, tensors []string) onnx.Cut {
	c := onnx.Cut{Name: name}
	for _, t := range tensors {
		c.Tensors = append(c.Tensors, onnx.TensorInfo{Name: t})
	}
	return c
}
