package builtin

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// sink is the kernel "sink": it hands what comes in to Spec.Record. Of a
// float32 table [n,c] it records the rows up to the last one that is not all
// zeros, of other float32 tensors all values, of a tensor that travels with its shape,
// of whatever elements, all of them, of other tokens the number of bytes; of several
// in ports one after the other. An out port, uint8[1], tells the
// source that the frame has left.
//
// Parameter: record, values or summary: of a float32 tensor only the mean, the
// least and the greatest value, and before them of one that travels with its shape
// the number of elements. Default values.
type sink struct {
	instance string
	record   func(trace.Result)
	in       []graph.Port
	summary  bool
}

func newSink(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	record := p.Text("record")
	if record != "" && record != "values" && record != "summary" {
		p.Failf("record is %q; expected values or summary%s", record, nearest.Hint(record, []string{"values", "summary"}))
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := s.CheckIn(slices.Repeat([]string{"any"}, max(len(s.In), 1))...); err != nil {
		return nil, err
	}
	if len(s.Out) > 0 {
		if err := s.CheckOut(permission); err != nil {
			return nil, err
		}
	}
	if s.Record == nil {
		return nil, fmt.Errorf("%w: nothing to record results with", kernel.ErrPort)
	}
	return &sink{instance: s.Instance, record: s.Record, in: s.In, summary: record == "summary"}, nil
}

// Fire records one frame.
func (k *sink) Fire(f *kernel.Firing) error {
	values := []float32{}
	for i, port := range k.in {
		in := f.In[i][0]
		switch {
		case port.Type.Of != nil:
			_, data, err := in.Tensor()
			if err != nil {
				return fmt.Errorf("in port %s: %w", port.Name, err)
			}
			elements := floats(port.Type.Of.Elem, data)
			if k.summary {
				elements = append([]float32{float32(len(elements))}, summary(elements)...)
			}
			values = append(values, elements...)
		case port.Type.Elem != "float32":
			values = append(values, float32(in.Len))
		case k.summary:
			values = append(values, summary(in.Float32())...)
		case len(port.Type.Shape) == 2:
			values = append(values, usedRows(in.Float32(), int(port.Type.Shape[1]))...)
		default:
			values = append(values, in.Float32()...)
		}
	}
	k.record(trace.Result{Instance: k.instance, Frame: f.Frame, Values: values})
	return nil
}

// summary returns the mean, the least and the greatest value.
func summary(values []float32) []float32 {
	if len(values) == 0 {
		return nil
	}
	total, lo, hi := 0.0, values[0], values[0]
	for _, v := range values {
		total += float64(v)
		lo, hi = min(lo, v), max(hi, v)
	}
	return []float32{float32(total / float64(len(values))), lo, hi}
}

// Close does nothing.
func (k *sink) Close() error { return nil }

// usedRows cuts off the rows after the last one that is not all zeros.
func usedRows(values []float32, columns int) []float32 {
	n := len(values)
	for n > 0 && values[n-1] == 0 {
		n--
	}
	if n == 0 {
		return nil // of rows without columns, too
	}
	return values[:(n+columns-1)/columns*columns]
}
