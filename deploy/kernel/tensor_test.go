package kernel

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestTensorSource(t *testing.T) {
	out := ports(t, "float32[1,2,8]", "int64[3]")
	a, b := newBench(t, "tensor", Spec{Out: out}), newBench(t, "tensor", Spec{Out: out, Params: map[string]any{"seed": 1}})
	seen := map[string]bool{}
	for frame := range int64(2 * tensorSets) {
		a.f.Frame, b.f.Frame = frame, frame
		a.fire(t)
		b.fire(t)
		if !bytes.Equal(a.out(0).Data, b.out(0).Data) || !bytes.Equal(a.out(1).Data, b.out(1).Data) {
			t.Errorf("frame %d differs between sources of one seed", frame)
		}
		for _, v := range a.out(0).Float32() {
			if math.Abs(float64(v)) > 1 || v == 0 {
				t.Errorf("frame %d has %g", frame, v)
			}
		}
		for i, v := range View[int64](a.out(1)) {
			if v != 0 && v != 1 {
				t.Errorf("frame %d: element %d is %d", frame, i, v)
			}
		}
		seen[string(a.out(0).Data)] = true
	}
	if len(seen) != tensorSets {
		t.Errorf("%d different frames, want %d", len(seen), tensorSets)
	}
	b.f.Frame = 0
	c := newBench(t, "tensor", Spec{Out: out, Params: map[string]any{"seed": 2}})
	b.fire(t)
	c.fire(t)
	if bytes.Equal(b.out(0).Data, c.out(0).Data) {
		t.Error("two seeds give the same tensor")
	}
	noAllocations(t, a)
}

func TestTensorSourceOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image.bin")
	if err := os.WriteFile(path, []byte{1, 2, 3}, 0o644); err != nil {
		t.Fatal(err)
	}
	params := map[string]any{"file": path}
	b := newBench(t, "tensor", Spec{Out: ports(t, "uint8[3]", "uint8[9]"), Params: params})
	for frame := range int64(3) {
		b.f.Frame = frame
		b.fire(t)
		if !bytes.Equal(b.out(0).Data, []byte{1, 2, 3}) {
			t.Errorf("frame %d is %v", frame, b.out(0).Data)
		}
	}
	refused(t, "tensor", Spec{Out: ports(t, "uint8[4]"), Params: params}, ErrSource, "holds 3 bytes; uint8[4] has 4")
	refused(t, "tensor", Spec{Out: ports(t, "uint8[4]"), Params: map[string]any{"file": path + "x"}}, ErrSource, "image.binx")
	refused(t, "tensor", Spec{}, ErrPort, "0 out ports given, it has 1")
	refused(t, "tensor", Spec{In: ports(t, "uint8[4]"), Out: ports(t, "uint8[4]")}, ErrPort, "expected uint8[1]")
	refused(t, "tensor", Spec{Out: ports(t, "bytes[4]")}, ErrPort, "expected a tensor")
	refused(t, "tensor", Spec{Out: ports(t, "uint8[4]"), Params: map[string]any{"seed": -1}}, ErrParam, "seed")
}
