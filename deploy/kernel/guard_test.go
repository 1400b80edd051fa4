package kernel_test

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// guarded returns a kernel under guard in a graph's only actor, and a firing of
// two tokens at out port 0 and one at each other.
func guarded(t testing.TB, kind graph.Kind, out []graph.Port, f kerneltest.Func) (*kernel.Guarded, *kernel.Firing) {
	t.Helper()
	g := &graph.Graph{Actors: []graph.Actor{{Name: "mine", Kind: kind, Out: out}}}
	x := &kernel.Firing{}
	for i, p := range out {
		var tokens []*kernel.Token
		for n := range 2 {
			tokens = append(tokens, kernel.NewToken(p.Type, n))
		}
		if i > 0 || p.Control {
			tokens = tokens[:1]
		}
		x.Out = append(x.Out, tokens)
	}
	return kernel.Guard(f, g, 0), x
}

func TestGuard(t *testing.T) {
	broken := errors.New("broken")
	for _, tc := range []struct {
		name string
		fire kerneltest.Func
		want error
		says string
	}{
		{"good", func(f *kernel.Firing) error { f.Out[2][0].Len = 0; return nil }, nil, ""},
		{"an error", func(*kernel.Firing) error { return broken }, broken, ""},
		{"a panic", func(f *kernel.Firing) error { f.Out[2][0].Len = len(f.In[3]); return nil }, kernel.ErrPanic,
			"index out of range"},
		{"a view of another type", func(f *kernel.Firing) error { _ = kernel.View[int32](f.Out[0][0]); return nil },
			kernel.ErrPanic, "a token of float32[3] is viewed as int32"},
		{"too few tokens", func(f *kernel.Firing) error { f.Out[0] = f.Out[0][:1]; return nil }, kernel.ErrOutput,
			"output port a: not what the port promises: 1 tokens; this firing makes 2"},
		{"too many tokens", func(f *kernel.Firing) error { f.Out[1] = append(f.Out[1], f.Out[0][0]); return nil },
			kernel.ErrOutput, "output port b"},
		{"ports taken away", func(f *kernel.Firing) error { f.Out = f.Out[:1]; return nil }, kernel.ErrOutput,
			"tokens for 1 output ports"},
		{"another token", func(f *kernel.Firing) error { f.Out[0][1] = &kernel.Token{}; return nil }, kernel.ErrOutput,
			"output port a: not what the port promises: token 1 or its Data was replaced"},
		{"another memory", func(f *kernel.Firing) error { f.Out[0][0].Data = make([]byte, 12); return nil }, kernel.ErrOutput,
			"token 0 or its Data was replaced"},
		{"a wrong shape", func(f *kernel.Firing) error { f.Out[0][1].Len = 8; return nil }, kernel.ErrOutput,
			"token 1 has 8 bytes; the shape float32[3] takes 12"},
		{"too long", func(f *kernel.Firing) error { f.Out[2][0].Len = 9; return nil }, kernel.ErrOutput,
			"output port c: not what the port promises: token 0 has 9 bytes; bytes[8] holds 8 at most"},
		{"not made", func(*kernel.Firing) error { return nil }, kernel.ErrOutput,
			"output port c: not what the port promises: 0 of 1 tokens were made"},
	} {
		k, f := guarded(t, graph.StaticProcessing, kerneltest.Ports(t, "float32[3]", "uint8[4]", "bytes[8]"), tc.fire)
		err := k.Fire(f)
		require.ErrorIs(t, err, tc.want, "%s: %v; want %v that says", tc.name, err, tc.want)
		if err != nil {
			assert.Contains(t, err.Error(), tc.says, "%s: %v; want %v that says", tc.name, err, tc.want)
		}
	}
	k, f := guarded(t, graph.StaticProcessing, kerneltest.Ports(t, "float32[3]", "uint8[4]", "bytes[8]"),
		func(f *kernel.Firing) error { f.Out[2][0].Len = 3; return nil })
	n := testing.AllocsPerRun(50, func() {
		require.NoError(t, k.Fire(f))
	})
	assert.Equal(t, 0.0, n, "%v allocations per firing, want 0", n)
}

func TestGuardOfConfiguration(t *testing.T) {
	for _, tc := range []struct {
		name string
		says [2]int32
		want string
	}{
		{"good", [2]int32{1, 1}, ""}, {"none", [2]int32{0, 0}, ""},
		{"different", [2]int32{1, 0}, "output port c1: not what the port promises: atr 0, but 1 on port c0"},
		{"too many", [2]int32{3, 3},
			"output port c0: not what the port promises: atr 3; the limits of its dynamic part are 0 to 2"},
		{"negative", [2]int32{-1, -1}, "atr -1"},
	} {
		out := kerneltest.Control(2)
		x := []graph.Port{{Name: "x", LRL: 0, URL: 2, Type: graph.ControlToken}}
		g := &graph.Graph{Actors: []graph.Actor{
			{Name: "decide", Kind: graph.Configuration, Out: out},
			{Name: "enter", Kind: graph.Dynamic, In: out[:1], Out: x},
			{Name: "leave", Kind: graph.Dynamic, In: append(out[1:2:2], x...)},
		}, FIFOs: []graph.FIFO{{From: 0, To: 1}, {From: 0, OutPort: 1, To: 2}, {From: 1, To: 2, InPort: 1}}}
		k := kernel.Guard(kerneltest.Func(func(f *kernel.Firing) error {
			for p, v := range tc.says {
				kernel.View[int32](f.Out[p][0])[0] = v
			}
			return nil
		}), g, 0)
		f := &kernel.Firing{
			Out: [][]*kernel.Token{{kernel.NewToken(graph.ControlToken, 0)}, {kernel.NewToken(graph.ControlToken, 0)}},
		}
		err := k.Fire(f)
		if tc.want == "" {
			require.NoError(t, err, "%s: atr", tc.name)
			assert.Equal(t, int(tc.says[0]), k.Rate(), "%s: atr", tc.name)
			continue
		}
		require.ErrorIs(t, err, kernel.ErrOutput, tc.name)
		assert.Contains(t, err.Error(), tc.want, tc.name)
	}
}

func TestView(t *testing.T) {
	token := func(s string) *kernel.Token { return kernel.NewToken(kerneltest.Ports(t, s)[0].Type, 0) }
	kernel.View[uint16](token("float16[2]"))[1] = 1
	kernel.View[uint8](token("uint8[2]"))[1] = 1
	kernel.View[int8](token("int8[2]"))[1] = -1
	x := token("int64[2]")
	kernel.View[int64](x)[1] = -2
	require.Len(t, kernel.View[int64](x), 2, "a view is not the token's memory")
	assert.EqualValues(t, 0xfe, x.Data[8], "a view is not the token's memory")
	assert.Equal(t, float32(0), kernel.View[float32](token("float32[3]"))[2], "a view is not the token's memory")
}
