package kernel

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/trace"
)

// sink is the kernel "sink": it hands what comes in to Spec.Record. Of a
// float32 table [n,c] it records the rows up to the last one that is not all
// zeros, of other float32 tensors all values, of other tokens the number of
// bytes. An out port, uint8[1], tells the source that the frame has left. It
// takes no parameters.
type sink struct {
	instance string
	record   func(trace.Result)
	floats   bool
	columns  int // of a table, else 0
}

func newSink(s Spec) (Kernel, error) {
	if err := (&params{values: s.Params}).done(); err != nil {
		return nil, err
	}
	if err := expect("in", s.In, anything); err != nil {
		return nil, err
	}
	if len(s.Out) > 0 {
		if err := expect("out", s.Out, permission); err != nil {
			return nil, err
		}
	}
	if s.Record == nil {
		return nil, fmt.Errorf("%w: nothing to record results with", ErrPort)
	}
	t := s.In[0].Type
	k := &sink{instance: s.Instance, record: s.Record, floats: t.Elem == "float32"}
	if len(t.Shape) == 2 {
		k.columns = int(t.Shape[1])
	}
	return k, nil
}

// Fire records one frame.
func (k *sink) Fire(f *Firing) error {
	in := f.In[0][0]
	values := []float32{float32(in.Len)}
	if k.floats {
		values = append([]float32{}, usedRows(in.Float32(), k.columns)...)
	}
	k.record(trace.Result{Instance: k.instance, Frame: f.Frame, Values: values})
	return nil
}

// Close does nothing.
func (k *sink) Close() error { return nil }

// usedRows cuts off the rows after the last one that is not all zeros.
func usedRows(values []float32, columns int) []float32 {
	if columns == 0 {
		return values
	}
	n := len(values)
	for n > 0 && values[n-1] == 0 {
		n--
	}
	return values[:(n+columns-1)/columns*columns]
}
