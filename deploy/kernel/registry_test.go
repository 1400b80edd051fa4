package kernel

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
)

func TestRegistry(t *testing.T) {
	r := NewRegistry()
	called := ""
	mine := func(s Spec) (Kernel, error) { called = s.Actor; return pass{}, nil }
	if err := r.Register("mine", mine); err != nil {
		t.Fatal(err)
	}
	if err := r.Register("mine", mine); !errors.Is(err, ErrDuplicate) {
		t.Errorf("registering twice: %v, want ErrDuplicate", err)
	}
	if _, err := r.New("mine", Spec{Actor: "a"}); err != nil || called != "a" {
		t.Errorf("New: %v, made for %q", err, called)
	}
	_, err := r.New("other", Spec{Actor: "a"})
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), `actor a: unknown kernel "other"; known are mine`) {
		t.Errorf("an unknown kernel: %v", err)
	}
}

func TestBuiltinIsAFreshRegistry(t *testing.T) {
	a, b := Builtin(), Builtin()
	if err := a.Register("mine", newPass); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(b.Names(), "mine") {
		t.Error("two registries share their kernels")
	}
	if err := b.Register("onnx", newPass); !errors.Is(err, ErrDuplicate) {
		t.Errorf("replacing a built-in kernel: %v, want ErrDuplicate", err)
	}
}

func TestPass(t *testing.T) {
	b := newBench(t, "pass", Spec{In: ports(t, "float32[2]", "bytes[8]"), Out: ports(t, "float32[2]", "bytes[8]")})
	copy(b.in(0).Data, "12345678")
	copy(b.in(1).Data, "abcdefgh")
	b.in(1).Len = 3
	b.fire(t)
	if string(b.out(0).Data) != "12345678" || string(b.out(1).Data[:b.out(1).Len]) != "abc" {
		t.Errorf("passed %q and %q", b.out(0).Data, b.out(1).Data[:b.out(1).Len])
	}
	noAllocations(t, b)
	refused(t, "pass", Spec{In: ports(t, "uint8[1]")}, ErrPort, "1 in and 0 out ports")
	refused(t, "pass", Spec{In: ports(t, "uint8[1]"), Out: ports(t, "uint8[2]")}, ErrPort, "expected the same")
}

func TestCount(t *testing.T) {
	b := newBench(t, "count", Spec{In: ports(t, "uint8[1]"), Out: ports(t, "int64[2]", "uint8[1]", "bytes[100]")})
	b.f.Frame = 0x102
	b.fire(t)
	if got := binary.LittleEndian.Uint64(b.out(0).Data); got != 0x102 {
		t.Errorf("int64 token starts with %#x, want 0x102", got)
	}
	if b.out(1).Data[0] != 2 || b.out(1).Len != 1 {
		t.Errorf("uint8 token %v of length %d, want [2] of length 1", b.out(1).Data, b.out(1).Len)
	}
	if b.out(2).Len != 8 {
		t.Errorf("opaque token of %d bytes, want 8", b.out(2).Len)
	}
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
		refused(t, "tracker", Spec{In: in, Out: out, Params: tc.params}, ErrParam, tc.says)
	}
	for _, v := range []any{2, int64(2), uint64(2), 2.0} {
		k, err := newTracker(Spec{In: in, Out: out, Params: map[string]any{"max_age": v}})
		if err != nil || k.(*tracker).maxAge != 2 {
			t.Errorf("max_age %T(%v): %v", v, v, err)
		}
	}
	for _, kernel := range []string{"pass", "count", "softmax", "onnx"} {
		refused(t, kernel, Spec{Params: map[string]any{"x": 1}}, ErrParam, `"x" is not a parameter of this kernel; it takes none`)
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
		{ports(t, "float32[1,4]"), ports(t, "float32[1,5]"), "out port a carries float32[1,5]; expected float32[1,n] with n = 4"},
	} {
		refused(t, "softmax", Spec{In: tc.in, Out: tc.out}, ErrPort, tc.says)
	}
}
