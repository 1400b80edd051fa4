package builtin

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ports and control make ports of actors.
var ports, control = kerneltest.Ports, kerneltest.Control

func loadLibrary(t testing.TB) {
	t.Helper()
	path, err := ort.Find("")
	require.NoError(t, err)
	require.NoError(t, ort.Load(path))
}

// dataset returns the path of a data set in the cache.
func dataset(t testing.TB, name string) string {
	t.Helper()
	dir, err := datasets.DefaultDir()
	require.NoError(t, err)
	path, err := (&datasets.Store{Dir: dir}).Path(name)
	require.NoError(t, err)
	return path
}

// bench is a kernel with a token at every port.
type bench struct {
	kernel.Kernel
	f kernel.Firing
}

func newBench(t testing.TB, name string, s kernel.Spec) *bench {
	t.Helper()
	k, err := Registry().New(name, s)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, k.Close())
	})
	b := &bench{Kernel: k}
	for _, p := range s.In {
		b.f.In = append(b.f.In, []*kernel.Token{kernel.NewToken(p.Type, 0)})
	}
	for _, p := range s.Out {
		b.f.Out = append(b.f.Out, []*kernel.Token{kernel.NewToken(p.Type, 0)})
	}
	return b
}

func (b *bench) in(p int) *kernel.Token  { return b.f.In[p][0] }
func (b *bench) out(p int) *kernel.Token { return b.f.Out[p][0] }

func (b *bench) fire(t testing.TB) {
	t.Helper()
	require.NoError(t, b.Fire(&b.f))
	b.f.Frame++
}

// feed fires with the values at in port 0 and returns out port 0's.
func (b *bench) feed(t testing.TB, values ...float32) []float32 {
	t.Helper()
	in := b.in(0).Float32()
	clear(in)
	copy(in, values)
	b.fire(t)
	return slices.Clone(b.out(0).Float32())
}

// refused checks that a kernel can't be made, and what the error says.
func refused(t *testing.T, name string, s kernel.Spec, want error, says string) {
	t.Helper()
	s.Actor = "the-actor"
	k, err := Registry().New(name, s)
	if err == nil {
		k.Close()
	}
	require.ErrorIs(t, err, want, "%s: error %v; want %v that says", name, err, want)
	assert.Contains(t, err.Error(), says, "%s: error %v; want %v that says", name, err, want)
	assert.Contains(t, err.Error(), "the-actor", "%s: error %v; want %v that says", name, err, want)
}

func noAllocations(t *testing.T, b *bench) {
	t.Helper()
	b.fire(t)
	n := testing.AllocsPerRun(20, func() { b.fire(t) })
	assert.Equal(t, 0.0, n, "%v allocations per firing, want 0", n)
}

func sample(t testing.TB, name string) string {
	return filepath.Join(dataset(t, "face-photographs"), name)
}
