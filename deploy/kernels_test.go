package deploy_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// fire is a kernel made of its Fire alone.
type fire func(*kernel.Firing) error

func (f fire) Fire(x *kernel.Firing) error { return f(x) }
func (fire) Close() error                  { return nil }

func count(kernel.Spec) (kernel.Kernel, error) {
	return fire(func(f *kernel.Firing) error {
		for _, port := range f.Out {
			for _, t := range port {
				fill(t, f.Frame)
			}
		}
		return nil
	}), nil
}

// fill writes a frame number to a token's begin and end.
func fill(t *kernel.Token, frame int64) {
	if t.Type.Variable() {
		t.Len = len(t.Data) - int(frame)%(len(t.Data)+1)
	}
	if t.Len >= 8 {
		binary.LittleEndian.PutUint64(t.Data[t.Len-8:t.Len], uint64(frame))
		binary.LittleEndian.PutUint64(t.Data, uint64(frame))
	}
}

func pass(kernel.Spec) (kernel.Kernel, error) {
	return fire(func(f *kernel.Firing) error {
		for p, port := range f.Out {
			for i, t := range port {
				from := f.In[min(p, len(f.In)-1)][i]
				t.Len = copy(t.Data, from.Data[:from.Len])
			}
		}
		return nil
	}), nil
}

// sink proves that every token is that of its frame, from its first to its last byte.
func sink(s kernel.Spec) (kernel.Kernel, error) {
	return fire(func(f *kernel.Firing) error {
		for p, port := range f.In {
			for _, t := range port {
				if t.Len < 8 {
					continue
				}
				first, last := binary.LittleEndian.Uint64(t.Data), binary.LittleEndian.Uint64(t.Data[t.Len-8:])
				if first != uint64(f.Frame) || last != uint64(f.Frame) {
					return fmt.Errorf("port %d brings frame %d to %d instead of %d", p, first, last, f.Frame)
				}
			}
		}
		s.Record(trace.Result{Instance: s.Instance, Frame: f.Frame, Values: []float32{float32(f.Frame)}})
		return nil
	}), nil
}

// turns sets the atrs that its parameter lists, in turns.
func turns(s kernel.Spec) (kernel.Kernel, error) {
	rates := s.Params["rates"].([]any)
	return fire(func(f *kernel.Firing) error {
		rate := rates[f.Frame%int64(len(rates))].(float64)
		for _, port := range f.Out {
			binary.LittleEndian.PutUint32(port[0].Data, uint32(rate))
		}
		return nil
	}), nil
}

// gate copies its first input as often as there are tokens to write.
func gate(kernel.Spec) (kernel.Kernel, error) {
	return fire(func(f *kernel.Firing) error {
		for _, port := range f.Out {
			for _, t := range port {
				t.Len = copy(t.Data, f.In[0][0].Data[:f.In[0][0].Len])
			}
		}
		return nil
	}), nil
}

// choose copies the token of its variable input, or else that of its static one.
func choose(s kernel.Spec) (kernel.Kernel, error) {
	return fire(func(f *kernel.Firing) error {
		var from *kernel.Token
		for p, port := range s.In {
			if !port.Control && len(f.In[p]) > 0 && (from == nil || !port.Static()) {
				from = f.In[p][0]
			}
		}
		for _, port := range f.Out {
			port[0].Len = copy(port[0].Data, from.Data[:from.Len])
		}
		return nil
	}), nil
}

// kernels returns those that the conformance suite asks for, and extra ones.
func kernels(t testing.TB, extra map[string]kernel.New) *kernel.Registry {
	t.Helper()
	r := kernel.NewRegistry()
	for name, k := range map[string]kernel.New{enginetest.Count: count, enginetest.Pass: pass, enginetest.Sink: sink, enginetest.Turns: turns, enginetest.Gate: gate, enginetest.Choose: choose} {
		if err := r.Register(name, k); err != nil {
			t.Fatal(err)
		}
	}
	for name, k := range extra {
		if err := r.Register(name, k); err != nil {
			t.Fatal(err)
		}
	}
	return r
}
