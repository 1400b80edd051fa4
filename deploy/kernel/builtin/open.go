package builtin

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// runOpen is run where tensors travel with their shape: those that come are seen where
// they are, those whose shape is not known before are copied from the runtime's memory.
// It allocates.
func (r *runner) runOpen(f *kernel.Firing) (err error) {
	var own []*ort.Tensor // of this firing
	defer func() {
		for _, t := range own {
			err = errors.Join(err, t.Close())
		}
	}()
	for i, a := range r.in {
		if a.tensors == nil {
			r.inTensors[i], err = a.tensorIn(f.In)
		} else if shape, data, e := f.In[a.port][0].Tensor(); e != nil {
			err = e
		} else if r.inTensors[i], err = ort.NewTensor(elemOf(a.tensors.Elem), shape, data); err == nil {
			own = append(own, r.inTensors[i])
		}
		if err != nil {
			return fmt.Errorf("tensor %s: %w", a.name, err)
		}
	}
	for i, a := range r.out {
		switch {
		case a.open():
			r.outTensors[i] = nil
			continue
		case a.tensors == nil:
			r.outTensors[i], err = a.tensorIn(f.Out)
		default:
			data, e := f.Out[a.port][0].SetShape(a.tensors.Most)
			if e != nil {
				err = e
			} else if r.outTensors[i], err = ort.NewTensor(elemOf(a.tensors.Elem), a.tensors.Most, data); err == nil {
				own = append(own, r.outTensors[i])
			}
		}
		if err != nil {
			return fmt.Errorf("tensor %s: %w", a.name, err)
		}
	}
	err = r.session.RunOpen(r.inTensors, r.outTensors)
	for i, a := range r.out {
		if t := r.outTensors[i]; a.open() && t != nil {
			own = append(own, t)
			if err == nil {
				err = a.pack(f.Out[a.port][0], t)
			}
		}
	}
	return err
}

// pack copies a tensor that the runtime has made into a token.
func (a arg) pack(token *kernel.Token, t *ort.Tensor) error {
	err := token.SetTensor(t.Shape(), t.Data())
	if !errors.Is(err, kernel.ErrBound) {
		return err
	}
	if len(t.Shape()) != len(a.tensors.Most) {
		return fmt.Errorf("tensor %s: %w", a.name, err)
	}
	sizes := make([]string, len(t.Shape()))
	for i, d := range t.Shape() {
		sizes[i] = strconv.FormatInt(max(d, a.tensors.Most[i]), 10)
	}
	return fmt.Errorf(
		"tensor %s: %w; declare more room when the model is split, as by --bound %s=%s of edgeprune model split and "+
			"edgeprune run --model",
		a.name, err, a.name, strings.Join(sizes, "x"))
}

func (a arg) shaped() bool { return a.tensors != nil }

// open reports whether the runtime finds the memory of an output.
func (a arg) open() bool { return a.shaped() && a.tensors.Varies() }
