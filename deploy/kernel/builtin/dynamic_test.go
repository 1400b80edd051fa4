package builtin

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// variable gives the ports rates 0 to 1.
func variable(ports []graph.Port) []graph.Port {
	for i := range ports {
		ports[i].LRL = 0
	}
	return ports
}

// open sets how many tokens a port of rates 0 to 1 has.
func open(port *[]*kernel.Token, n int) { *port = (*port)[:n] }

func TestRelay(t *testing.T) {
	b := newBench(t, "relay", kernel.Spec{In: control(1), Out: control(3)})
	kernel.View[int32](b.in(0))[0] = 5
	b.fire(t)
	for p := range 3 {
		got := kernel.View[int32](b.out(p))[0]
		assert.EqualValues(t, 5, got, "out port %d says %d, want 5", p, got)
	}
	noAllocations(t, b)
	refused(t, "relay", kernel.Spec{In: control(1)}, kernel.ErrPort, "at least one out port")
	refused(t, "relay", kernel.Spec{In: control(2), Out: control(1)}, kernel.ErrPort, "expected one in port")
	refused(t, "relay", kernel.Spec{In: control(1), Out: ports(t, "int32[1]")}, kernel.ErrPort, "all control ports")
	refused(
		t,
		"relay",
		kernel.Spec{In: control(1), Out: control(1), Params: map[string]any{"n": 1}},
		kernel.ErrParam,
		"takes none",
	)
}

func TestGate(t *testing.T) {
	in := ports(t, "float32[2]")
	out := append(variable(ports(t, "float32[2]")), ports(t, "float32[2]")...)
	for _, spec := range []kernel.Spec{
		{In: append(control(1), in...), Out: out}, {In: append(in, control(1)...), Out: out},
	} {
		b := newBench(t, "gate", spec)
		data := slices.IndexFunc(spec.In, func(p graph.Port) bool { return !p.Control })
		for _, n := range []int{1, 0, 1} {
			open(&b.f.Out[0], n)
			copy(b.in(data).Float32(), []float32{float32(b.f.Frame), 7})
			b.fire(t)
			for p, want := range []int{n, 1} {
				require.Len(t, b.f.Out[p], want, "frame %d: out port %d has %d tokens", b.f.Frame-1, p, len(b.f.Out[p]))
				if want > 0 {
					assert.Equal(t, b.in(data).Float32(), b.out(p).Float32(), "frame %d: out port %d has %d tokens", b.f.Frame-1, p,
						len(b.f.Out[p]))
				}
			}
		}
		noAllocations(t, b)
	}
	with := append(ports(t, "float32[2]"), control(1)...)
	refused(t, "gate", kernel.Spec{In: in, Out: out}, kernel.ErrPort, "0 control and 1 other in ports")
	refused(t, "gate", kernel.Spec{In: with, Out: in}, kernel.ErrPort, "nothing to hold back")
	refused(t, "gate", kernel.Spec{In: with, Out: append(slices.Clone(out), ports(t, "float32[3]")...)}, kernel.ErrPort,
		"carries float32[3]; expected float32[2]")
	fast := slices.Clone(out)
	fast[0].URL = 2
	refused(t, "gate", kernel.Spec{In: with, Out: fast}, kernel.ErrPort, "has rates 0 to 2; expected 0 to 1")
	refused(t, "gate", kernel.Spec{In: with, Out: out, Params: map[string]any{"x": 1}}, kernel.ErrParam, "takes none")
}

func TestChoose(t *testing.T) {
	early, late := ports(t, "float32[1,2]"), variable(ports(t, "float32[1,2]"))
	late[0].Name = "late"
	for _, in := range [][]graph.Port{slices.Concat(early, late, control(1)), slices.Concat(late, control(1), early)} {
		b := newBench(t, "choose", kernel.Spec{In: in, Out: early})
		at := func(name string) int { return slices.IndexFunc(in, func(p graph.Port) bool { return p.Name == name }) }
		b.in(at("a")).Float32()[0], b.in(at("late")).Float32()[0] = 1, 2
		for _, n := range []int{1, 0, 1} {
			open(&b.f.In[at("late")], n)
			b.fire(t)
			assert.Equal(t, float32(1+n), b.out(0).Float32()[0], "with %d late tokens", n)
		}
		noAllocations(t, b)
	}
	refused(
		t,
		"choose",
		kernel.Spec{In: append(early, control(1)...), Out: early},
		kernel.ErrPort,
		"1 control and 1 other in ports",
	)
	refused(t, "choose", kernel.Spec{In: slices.Concat(early, early, control(1)), Out: early}, kernel.ErrPort,
		"has rates 1 to 1; expected 0 to 1")
	refused(
		t,
		"choose",
		kernel.Spec{In: slices.Concat(early, late, control(1)), Out: ports(t, "float32[1,3]")},
		kernel.ErrPort,
		"expected float32[1,3]",
	)
	refused(t, "choose", kernel.Spec{In: slices.Concat(early, late, control(1)), Out: late}, kernel.ErrPort,
		"out port late has rates 0 to 1")
}

// A kernel that knows nothing of dynamic parts works inside of one, wherever the
// control port stands.
func TestInner(t *testing.T) {
	data := variable(ports(t, "float32[1,2]"))
	for at, in := range [][]graph.Port{slices.Concat(control(1), data), slices.Concat(data, control(1))} {
		b := newBench(t, "softmax", kernel.Spec{In: in, Out: data})
		copy(b.in(1-at).Float32(), []float32{3, 3})
		b.fire(t)
		assert.Equal(t, []float32{.5, .5}, b.out(0).Float32(), "softmax inside")
		noAllocations(t, b)
	}
	refused(t, "softmax", kernel.Spec{In: data, Out: data}, kernel.ErrPort, "has rates 0 to 1; expected 1")
	mixed := kernel.Spec{In: slices.Concat(data, control(1)), Out: ports(t, "float32[1,2]")}
	refused(t, "softmax", mixed, kernel.ErrPort, "2 in ports given, it has 1")

	// The tensors' names go with their ports.
	var got kernel.Spec
	r := kernel.NewRegistry()
	err := r.Register("spy", func(s kernel.Spec) (kernel.Kernel, error) { got = s; return pass{}, nil })
	require.NoError(t, err)
	for _, names := range [][]string{{"", "x"}, {"x"}} {
		_, err := r.New("spy", kernel.Spec{In: slices.Concat(control(1), data), Out: data, Inputs: names})
		require.NoError(t, err)
		assert.Equal(t, []string{"x"}, got.Inputs, "names %q: the kernel sees %q for", names, got.Inputs)
		require.Len(t, got.In, 1, "names %q: the kernel sees %q for", names, got.Inputs)
		assert.Equal(t, 1, got.In[0].LRL, "names %q: the kernel sees %q for", names, got.Inputs)
		assert.Equal(t, 1, got.Out[0].LRL, "names %q: the kernel sees %q for", names, got.Inputs)
	}
	assert.Equal(t, 0, data[0].LRL, "the actor's own ports were changed")
}

func TestPassCopiesToAll(t *testing.T) {
	b := newBench(t, "pass", kernel.Spec{In: ports(t, "bytes[4]"), Out: ports(t, "bytes[4]", "bytes[4]", "bytes[4]")})
	b.in(0).Len = copy(b.in(0).Data, "abc")
	b.fire(t)
	for p := range 3 {
		assert.Equal(t, "abc", string(b.out(p).Data[:b.out(p).Len]), "out port %d", p)
	}
	refused(t, "pass", kernel.Spec{In: ports(t, "uint8[1]", "uint8[1]"), Out: ports(t, "uint8[1]")}, kernel.ErrPort,
		"2 in and 1 out ports; expected as many, or one in port")
	refused(
		t,
		"pass",
		kernel.Spec{In: ports(t, "uint8[1]"), Out: ports(t, "uint8[1]", "uint8[2]")},
		kernel.ErrPort,
		"expected the same",
	)
}
