package compile

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// division gives every node of the model of actor i its part.
func division(f *planfile.File, i int, m *Model) ([]int, error) {
	a := &f.Application.Actors[i]
	var of []int
	for k, p := range a.Parts {
		path := fmt.Sprintf("$.application.actors[%d].parts[%d]", i, k)
		var err error
		if of, err = cut.Claim(m.Model, of, k, p.Makes...); err != nil {
			return nil, f.Errorf(path, "%w: part %s of actor %s: %w", planfile.ErrActor, p.Name, a.Name, err)
		}
	}
	if left := cut.Unclaimed(m.Model, of); left != "" {
		return nil, f.Errorf(fmt.Sprintf("$.application.actors[%d].parts", i), "%w: no part of actor %s makes %q; end "+
			"the parts with one that has no makes", planfile.ErrActor, a.Name, left)
	}
	return of, nil
}

// part returns what parts from up to to, without it, of the model of actor i get
// and give as one.
func part(f *planfile.File, i int, m *Model, from, to int) (ins, outs []onnx.TensorInfo, err error) {
	of, err := division(f, i, m)
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
	parts, err := cut.Parts(m.Model, of)
	if err == nil {
		ins, outs = parts[own].Inputs, parts[own].Outputs
		_, err = cut.ExtractPart(m.Model, parts[own], "")
	}
	if err == nil {
		if _, found := cut.SegmentIO(m.Model, cut.Cut{Tensors: ins}, cut.Cut{Tensors: outs}); found == nil {
			err = fmt.Errorf("%w: the shape of one of %s is open",
				onnx.ErrNoShape, list(append(tensorNames(ins), tensorNames(outs)...)))
		}
	}
	if err != nil {
		a := &f.Application.Actors[i]
		return nil, nil, f.Errorf(fmt.Sprintf("$.application.actors[%d].parts[%d]", i, from), "%w: part %s of actor %s: %w",
			planfile.ErrActor, a.Parts[from].Name, a.Name, err)
	}
	return ins, outs, nil
}
