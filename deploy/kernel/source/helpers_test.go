package source

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ports = kerneltest.Ports

// registry holds the kernels of this package.
func registry(t testing.TB) *kernel.Registry {
	t.Helper()
	r := kernel.NewRegistry()
	for name, n := range Kernels() {
		require.NoError(t, r.Register(name, n))
	}
	return r
}

// bench is a source with a token at every out port.
type bench struct {
	kernel.Kernel
	f kernel.Firing
}

func newBench(t testing.TB, name string, s kernel.Spec) *bench {
	t.Helper()
	k, err := registry(t).New(name, s)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, k.Close()) })
	b := &bench{Kernel: k}
	for _, p := range s.In {
		b.f.In = append(b.f.In, []*kernel.Token{kernel.NewToken(p.Type, 0)})
	}
	for _, p := range s.Out {
		b.f.Out = append(b.f.Out, []*kernel.Token{kernel.NewToken(p.Type, 0)})
	}
	return b
}

func (b *bench) out(p int) *kernel.Token { return b.f.Out[p][0] }

func (b *bench) fire(t testing.TB) {
	t.Helper()
	require.NoError(t, b.Fire(&b.f), "frame %d", b.f.Frame)
	b.f.Frame++
}

// show fires frame n and returns the first byte of it.
func (b *bench) show(t testing.TB, n int64) byte {
	t.Helper()
	b.f.Frame = n
	b.fire(t)
	return b.out(0).Data[0]
}

// refused checks that a kernel can't be made, and what the error says.
func refused(t *testing.T, name string, s kernel.Spec, want error, says string) {
	t.Helper()
	s.Actor = "the-actor"
	k, err := registry(t).New(name, s)
	if err == nil {
		k.Close()
	}
	require.ErrorIs(t, err, want, "%s that says %s", name, says)
	assert.ErrorContains(t, err, says, name)
	assert.ErrorContains(t, err, "the-actor", name)
}

func noAllocations(t *testing.T, b *bench) {
	t.Helper()
	b.fire(t)
	assert.Zero(t, testing.AllocsPerRun(20, func() { b.fire(t) }), "allocations per firing")
}

// levelled is a picture whose red is that level.
func levelled(h, w int, level uint8) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		img.Set(i%w, i/w, color.RGBA{level, uint8(i), 7, 255})
	}
	return img
}

// writeImage writes a picture as PNG, or as JPEG where the name says so.
func writeImage(t testing.TB, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	if strings.HasPrefix(filepath.Ext(strings.ToLower(path)), ".j") {
		require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
	} else {
		require.NoError(t, png.Encode(&b, img))
	}
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
}

func param(key string, v any) map[string]any { return map[string]any{key: v} }
