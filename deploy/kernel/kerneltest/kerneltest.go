// Package kerneltest has kernels for tests: those that the conformance suite asks
// for, whose tokens tell which frame they are of. It may only be imported by tests.
package kerneltest

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/require"
)

// Func is a kernel made of its Fire alone.
type Func func(*kernel.Firing) error

// Fire calls the function.
func (f Func) Fire(x *kernel.Firing) error { return f(x) }

// Close does nothing.
func (Func) Close() error { return nil }

// Count writes the frame number to every token.
func Count(kernel.Spec) (kernel.Kernel, error) {
	return Func(func(f *kernel.Firing) error {
		for _, port := range f.Out {
			for _, t := range port {
				Fill(t, f.Frame)
			}
		}
		return nil
	}), nil
}

// Fill writes a frame number to a token's begin and end.
func Fill(t *kernel.Token, frame int64) {
	if t.Type.Variable() {
		t.Len = len(t.Data) - int(frame)%(len(t.Data)+1)
	}
	if t.Len >= 8 {
		binary.LittleEndian.PutUint64(t.Data[t.Len-8:t.Len], uint64(frame))
		binary.LittleEndian.PutUint64(t.Data, uint64(frame))
	}
}

// Pass copies every input token to an output; the last input to what is more.
func Pass(kernel.Spec) (kernel.Kernel, error) {
	return Func(func(f *kernel.Firing) error {
		for p, port := range f.Out {
			for i, t := range port {
				from := f.In[min(p, len(f.In)-1)][i]
				t.Len = copy(t.Data, from.Data[:from.Len])
			}
		}
		return nil
	}), nil
}

// Sink proves that every token is that of its frame, from its first to its last byte.
func Sink(s kernel.Spec) (kernel.Kernel, error) {
	return Func(func(f *kernel.Firing) error {
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

// Turns sets the atrs that its parameter lists, in turns.
func Turns(s kernel.Spec) (kernel.Kernel, error) {
	rates := s.Params["rates"].([]any)
	return Func(func(f *kernel.Firing) error {
		var rate uint32
		switch n := rates[f.Frame%int64(len(rates))].(type) {
		case int: // of a plan as it was built
			rate = uint32(n)
		case float64: // of one that came as JSON
			rate = uint32(n)
		}
		for _, port := range f.Out {
			binary.LittleEndian.PutUint32(port[0].Data, rate)
		}
		return nil
	}), nil
}

// Gate copies its first input as often as there are tokens to write.
func Gate(kernel.Spec) (kernel.Kernel, error) {
	return Func(func(f *kernel.Firing) error {
		for _, port := range f.Out {
			for _, t := range port {
				t.Len = copy(t.Data, f.In[0][0].Data[:f.In[0][0].Len])
			}
		}
		return nil
	}), nil
}

// Choose copies the token of its variable input, or else that of its static one.
func Choose(s kernel.Spec) (kernel.Kernel, error) {
	return Func(func(f *kernel.Firing) error {
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

// Registry returns the kernels that the conformance suite asks for, and extra ones.
func Registry(extra map[string]kernel.New) (*kernel.Registry, error) {
	r := kernel.NewRegistry()
	suite := map[string]kernel.New{
		enginetest.Count: Count, enginetest.Pass: Pass, enginetest.Sink: Sink,
		enginetest.Turns: Turns, enginetest.Gate: Gate, enginetest.Choose: Choose,
	}
	for _, kernels := range []map[string]kernel.New{suite, extra} {
		for name, k := range kernels {
			if err := r.Register(name, k); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// Ports makes ports of rate 1 named a, b, … for token types as YAML has them.
func Ports(t testing.TB, types ...string) []graph.Port {
	t.Helper()
	var out []graph.Port
	for i, s := range types {
		tt, err := graph.ParseTokenType(s)
		require.NoError(t, err)
		out = append(out, graph.Port{Name: string(rune('a' + i)), LRL: 1, URL: 1, Type: tt})
	}
	return out
}

// Control makes control ports named c0, c1, …
func Control(n int) []graph.Port {
	var list []graph.Port
	for i := range n {
		list = append(list, graph.Port{
			Name: "c" + string(rune('0'+i)), LRL: 1, URL: 1, Type: graph.ControlToken, Control: true,
		})
	}
	return list
}
