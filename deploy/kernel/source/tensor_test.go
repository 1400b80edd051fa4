package source

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTensorSource(t *testing.T) {
	out := ports(t, "float32[1,2,8]", "int64[3]")
	a, b := newBench(
		t,
		"tensor",
		kernel.Spec{Out: out},
	), newBench(
		t,
		"tensor",
		kernel.Spec{Out: out, Params: map[string]any{"seed": 1}},
	)
	seen := map[string]bool{}
	for frame := range int64(2 * tensorSets) {
		a.f.Frame, b.f.Frame = frame, frame
		a.fire(t)
		b.fire(t)
		assert.Equal(t, b.out(0).Data, a.out(0).Data, "frame %d differs between sources of one seed", frame)
		assert.Equal(t, b.out(1).Data, a.out(1).Data, "frame %d differs between sources of one seed", frame)
		for _, v := range a.out(0).Float32() {
			assert.LessOrEqual(t, math.Abs(float64(v)), float64(1), "frame %d", frame)
			assert.NotEqual(t, float32(0), v, "frame %d", frame)
		}
		for i, v := range kernel.View[int64](a.out(1)) {
			if v != 0 {
				assert.EqualValues(t, 1, v, "frame %d: element %d", frame, i)
			}
		}
		seen[string(a.out(0).Data)] = true
	}
	assert.Len(t, seen, tensorSets, "%d different frames", len(seen))
	b.f.Frame = 0
	c := newBench(t, "tensor", kernel.Spec{Out: out, Params: map[string]any{"seed": 2}})
	b.fire(t)
	c.fire(t)
	assert.NotEqual(t, c.out(0).Data, b.out(0).Data, "two seeds give the same tensor")
	noAllocations(t, a)
}

func TestTensorSourceOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image.bin")
	require.NoError(t, os.WriteFile(path, []byte{1, 2, 3}, 0o644))
	params := map[string]any{"file": path}
	b := newBench(t, "tensor", kernel.Spec{Out: ports(t, "uint8[3]", "uint8[9]"), Params: params})
	for frame := range int64(3) {
		b.f.Frame = frame
		b.fire(t)
		assert.Equal(t, []byte{1, 2, 3}, b.out(0).Data, "frame %d", frame)
	}
	all := newBench(t, "tensor", kernel.Spec{Out: ports(t, "uint8[1]", "uint8[0]", "uint8[2]"), Params: params})
	all.fire(t)
	for i, want := range [][]byte{{1}, {}, {2, 3}} {
		assert.Equal(t, want, all.out(i).Data, "port %d of all", i)
	}
	refused(
		t,
		"tensor",
		kernel.Spec{Out: ports(t, "uint8[4]"), Params: params},
		kernel.ErrSource,
		"holds 3 bytes, which does not fit; uint8[4] has 4",
	)
	refused(
		t,
		"tensor",
		kernel.Spec{Out: ports(t, "uint8[4]"), Params: map[string]any{"file": path + "x"}},
		kernel.ErrSource,
		"image.binx",
	)
	refused(t, "tensor", kernel.Spec{}, kernel.ErrPort, "0 out ports given, it has 1")
	refused(
		t,
		"tensor",
		kernel.Spec{In: ports(t, "uint8[4]"), Out: ports(t, "uint8[4]")},
		kernel.ErrPort,
		"expected uint8[1]",
	)
	refused(t, "tensor", kernel.Spec{Out: ports(t, "bytes[4]")}, kernel.ErrPort, "expected a tensor")
	refused(
		t,
		"tensor",
		kernel.Spec{Out: ports(t, "uint8[4]"), Params: map[string]any{"seed": -1}},
		kernel.ErrParam,
		"seed",
	)
}

func TestTensorSourceOfAFileOfFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "images.bin")
	require.NoError(t, os.WriteFile(path, []byte{1, 2, 3, 4, 5, 6}, 0o644))
	for _, of := range []struct {
		ports  []string
		frames int
		want   [][]byte // of the ports, by frame
	}{
		{[]string{"uint8[1]"}, 6, [][]byte{{1}, {2}, {3}, {4}, {5}, {6}, {1}}},
		{[]string{"uint8[1]", "uint8[2]"}, 2, [][]byte{{1, 2, 3}, {4, 5, 6}, {1, 2, 3}}},
	} {
		b := newBench(t, "tensor", kernel.Spec{Out: ports(t, of.ports...),
			Params: map[string]any{"file": path, "frames": of.frames}})
		for frame, want := range of.want {
			b.f.Frame = int64(frame)
			b.fire(t)
			var got []byte
			for i := range of.ports {
				got = append(got, b.out(i).Data...)
			}
			assert.Equal(t, want, got, "frame %d of %v", frame, of.ports)
		}
	}
	first := newBench(t, "tensor", kernel.Spec{Out: ports(t, "uint8[2]", "int64[3]"),
		Params: map[string]any{"file": path, "frames": 3}})
	first.f.Frame = 1
	first.fire(t)
	assert.Equal(t, []byte{3, 4}, first.out(0).Data, "the file holds the first port's alone")

	_, err := newTensor(kernel.Spec{Out: ports(t, "uint8[3]"), Params: map[string]any{"file": path, "frames": 5}})
	assert.EqualError(t, err, "no frames: "+path+" holds 6 bytes, which does not fit; uint8[3] has 3, and all "+
		"ports have 3, 5 times as frames says")
	_, err = newTensor(kernel.Spec{Out: ports(t, "uint8[3]"), Params: map[string]any{"frames": 5}})
	assert.ErrorContains(t, err, "frames goes with file")
}
