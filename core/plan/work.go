package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Work says where an actor fires and what a firing does.
type Work struct {
	Instance string `json:"instance"` // of the application; "" if there is only one
	// CopyOf is the instance that this one is a copy of; "" of others.
	CopyOf string `json:"copy_of,omitempty"`
	// Actor is the application's actor that this one is, or runs a part of; "" of one
	// that was put in.
	Actor  string `json:"actor,omitempty"`
	Device int    `json:"device"` // index in Platform.Devices
	Unit   int    `json:"unit"`   // index in the device's units
	Source bool   `json:"source"` // takes frames in
	Sink   bool   `json:"sink"`   // results leave here

	// A segment of a model, when the kernel is KernelONNX: from partition point From to
	// partition point To of the model's chain. Inputs and Outputs name the model's
	// tensor of every port; two ports may give the same tensor.
	Model   string   `json:"model,omitempty"`
	From    int      `json:"from,omitempty"`
	To      int      `json:"to,omitempty"`
	Branch  bool     `json:"branch,omitempty"` // a part instead: all that lies between Inputs and Outputs
	SHA256  string   `json:"sha256,omitempty"` // of the whole model
	Inputs  []string `json:"inputs,omitempty"`
	Outputs []string `json:"outputs,omitempty"`

	// Tensor is what an actor that was put in encodes, decodes or copies, as Plan.Tensor
	// names it.
	Tensor string `json:"tensor,omitempty"`

	// CostKey names what a firing costs on the actor's unit, apart from the unit's
	// slowdown: equal keys, equal costs. See Plan.CostKey for other units.
	CostKey string `json:"cost_key"`
}

// Tensor names what actor a gives at output port out (index) as the application does:
// actor.port, for a model with the tensor's name as the port. What an actor that was put
// in codes or copies keeps its name.
func (p *Plan) Tensor(a, out int) string {
	w := &p.Work[a]
	switch {
	case w.Tensor != "":
		return w.Tensor
	case w.Model != "":
		return w.Actor + "." + w.Outputs[out]
	}
	return w.Actor + "." + p.Graph.Actors[a].Out[out].Name
}

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
