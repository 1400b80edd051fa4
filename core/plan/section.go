package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Section names what of its model the actor runs: partition points, or for a part of
// a model divided by branches the tensors that it gets and gives. Equal models and
// sections are equal sub-models.
func (w *Work) Section() string {
	if !w.Branch {
		return fmt.Sprintf("[%d:%d]", w.From, w.To)
	}
	ins, outs := w.Tensors()
	return "[" + quoted(ins) + " > " + quoted(outs) + "]"
}

func quoted(names []string) string {
	var list []string
	for _, n := range names {
		list = append(list, strconv.Quote(n))
	}
	return strings.Join(list, " ")
}

// Tensors returns the model's tensors that the actor gets and gives, each once.
func (w *Work) Tensors() (ins, outs []string) {
	for _, t := range w.Outputs {
		if !slices.Contains(outs, t) {
			outs = append(outs, t)
		}
	}
	return w.Inputs, outs
}
