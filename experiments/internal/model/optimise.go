package model

import (
	"bytes"
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
)

// Optimised is a model as a runtime optimises it on this machine.
type Optimised struct {
	Data  []byte
	Model *onnx.Model
	// Difference is how far its outputs are from those of the model that it was made
	// from, on the same inputs: 0 is equal bit by bit.
	Difference float64
}

// Optimise has the runtime optimise the model, with the sizes that were given to its
// open dimensions, and runs both. External data is put into the model, so together
// they may have 1 GiB at most.
func (m *Model) Optimise(rt Optimiser) (*Optimised, error) {
	data, err := m.oneFile()
	if err == nil {
		err = m.Ready(rt)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	made := &Optimised{}
	if made.Data, err = rt.Optimise(data); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	if made.Model, err = onnx.Parse(made.Data); err != nil {
		return nil, fmt.Errorf("%s, optimised: %w", m.Name, err)
	}
	whole, err := run(data, "", false, m.Outputs(), m.Input, rt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	again, err := run(made.Data, "", false, made.Model.Outputs(), m.Input, rt)
	if err != nil {
		return nil, fmt.Errorf("%s, optimised: %w", m.Name, err)
	}
	for name, t := range whole {
		c, err := Compare(again[name], t, nil)
		if err != nil {
			return nil, fmt.Errorf("%s, optimised: output %s: %w", m.Name, name, err)
		}
		made.Difference = max(made.Difference, c.Difference)
	}
	return made, nil
}

// oneFile returns the model with its external data and with bound dimensions.
func (m *Model) oneFile() ([]byte, error) {
	first, last := cut.Cut{Name: "the input", Tensors: m.Inputs()}, cut.Cut{Name: "the output", Tensors: m.Outputs()}
	sub, err := cut.Between(m.Model, first, last, "all.data")
	if err != nil {
		return nil, err
	}
	size, outside := sub.Size()
	if size+outside >= inlineBytes {
		return nil,
			fmt.Errorf(
				"%w: %d bytes with all weights, of which ONNX Runtime would make one file; only models below %d can be optimised",
				onnx.ErrTooLarge, size+outside, inlineBytes)
	}
	if !m.sized && outside == 0 {
		return m.Data, nil
	}
	if sub, err = cut.Between(m.Model, first, last, ""); err != nil {
		return nil, err
	}
	if len(sub.Inputs) != len(m.Inputs()) || len(sub.Outputs) != len(m.Outputs()) {
		return nil,
			fmt.Errorf(
				"%w: an input that nothing reads, or an output that is an input, gets lost when dimensions are bound or weights "+
					"moved; take it out of the model", onnx.ErrUnsupported,
			)
	}
	var b bytes.Buffer
	err = sub.WriteModel(&b)
	return b.Bytes(), err
}
