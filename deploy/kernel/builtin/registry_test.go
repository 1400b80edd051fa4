package builtin

import (
	"encoding/binary"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFreshRegistry(t *testing.T) {
	a, b := Registry(), Registry()
	require.NoError(t, a.Register("mine", newPass))
	assert.NotContains(t, b.Names(), "mine", "two registries share their kernels")
	err := b.Register("onnx", newPass)
	assert.ErrorIs(t, err, kernel.ErrDuplicate, "replacing a built-in kernel: %v, want ErrDuplicate", err)
}

func TestPass(t *testing.T) {
	b := newBench(t, "pass", kernel.Spec{In: ports(t, "float32[2]", "bytes[8]"), Out: ports(t, "float32[2]", "bytes[8]")})
	copy(b.in(0).Data, "12345678")
	copy(b.in(1).Data, "abcdefgh")
	b.in(1).Len = 3
	b.fire(t)
	assert.Equal(t, "12345678", string(b.out(0).Data), "passed")
	assert.Equal(t, "abc", string(b.out(1).Data[:b.out(1).Len]), "passed")
	noAllocations(t, b)
	refused(t, "pass", kernel.Spec{In: ports(t, "uint8[1]")}, kernel.ErrPort, "1 in and 0 out ports")
	refused(
		t,
		"pass",
		kernel.Spec{In: ports(t, "uint8[1]"), Out: ports(t, "uint8[2]")},
		kernel.ErrPort,
		"expected the same",
	)
}

func TestCount(t *testing.T) {
	b := newBench(t, "count", kernel.Spec{In: ports(t, "uint8[1]"), Out: ports(t, "int64[2]", "uint8[1]", "bytes[100]")})
	b.f.Frame = 0x102
	b.fire(t)
	got := binary.LittleEndian.Uint64(b.out(0).Data)
	assert.EqualValues(t, 0x102, got, "int64 token starts with %#x, want 0x102", got)
	assert.EqualValues(t, 2, b.out(1).Data[0], "uint8 token %v of length %d, want [2] of length 1", b.out(1).Data,
		b.out(1).Len)
	assert.Equal(t, 1, b.out(1).Len, "uint8 token %v of length %d, want [2] of length 1", b.out(1).Data, b.out(1).Len)
	assert.Equal(t, 8, b.out(2).Len, "opaque token of %d bytes, want 8", b.out(2).Len)
	noAllocations(t, b)
}

func TestParameters(t *testing.T) {
	in, out := ports(t, "float32[2,5]"), ports(t, "float32[2,6]")
	for _, tc := range []struct {
		params map[string]any
		says   string
	}{
		{map[string]any{"age": 1}, `"age" is not a parameter of this kernel; known are iou, max_age, min_hits`},
		{map[string]any{"iou": "half"}, "iou is half; expected a number from 0 to 1"},
		{map[string]any{"iou": 1.5}, "iou is 1.5; expected a number from 0 to 1"},
		{map[string]any{"max_age": 1.5}, "max_age is 1.5; expected a whole number from 0 to 1000"},
		{map[string]any{"min_hits": 0}, "min_hits is 0; expected a whole number from 1 to 1000"},
		{map[string]any{"iou": -1, "x": 0}, `iou is -1; expected a number from 0 to 1; "x" is not`},
	} {
		refused(t, "tracker", kernel.Spec{In: in, Out: out, Params: tc.params}, kernel.ErrParam, tc.says)
	}
	for _, v := range []any{2, int64(2), uint64(2), 2.0} {
		k, err := newTracker(kernel.Spec{In: in, Out: out, Params: map[string]any{"max_age": v}})
		require.NoError(t, err, "max_age %T(%v)", v, v)
		assert.Equal(t, 2, k.(*tracker).maxAge, "max_age %T(%v)", v, v)
	}
	for _, name := range []string{"pass", "count", "softmax", "onnx"} {
		refused(t, name, kernel.Spec{Params: map[string]any{"x": 1}}, kernel.ErrParam,
			`"x" is not a parameter of this kernel; it takes none`)
	}
}

func TestPorts(t *testing.T) {
	fast := ports(t, "float32[1,4]")
	fast[0].URL = 2
	for _, tc := range []struct {
		in, out []graph.Port
		says    string
	}{
		{nil, ports(t, "float32[1,4]"), "0 in ports given, it has 1"},
		{ports(t, "float32[1,4]"), nil, "0 out ports given, it has 1"},
		{ports(t, "uint8[1,4]"), ports(t, "float32[1,4]"), "in port a carries uint8[1,4]; expected float32[1,n]"},
		{ports(t, "float32[2,4]"), ports(t, "float32[1,4]"), "in port a carries float32[2,4]; expected float32[1,n]"},
		{ports(t, "float32[4]"), ports(t, "float32[1,4]"), "expected float32[1,n]"},
		{fast, ports(t, "float32[1,4]"), "in port a has rates 1 to 2; expected 1"},
		{ports(t, "float32[1,4]"), ports(t, "float32[1,5]"),
			"out port a carries float32[1,5]; expected float32[1,n] with n = 4"},
	} {
		refused(t, "softmax", kernel.Spec{In: tc.in, Out: tc.out}, kernel.ErrPort, tc.says)
	}
}
