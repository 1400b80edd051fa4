package builtin

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func gray(h, w int, level uint8) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		img.Set(i%w, i/w, color.RGBA{level, uint8(i), 7, 255})
	}
	return img
}

func writeImage(t *testing.T, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	var err error
	if strings.HasSuffix(path, "png") {
		err = png.Encode(&b, img)
	} else {
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	}
	if err == nil {
		err = os.WriteFile(path, b.Bytes(), 0o644)
	}
	require.NoError(t, err)
}

func TestImageFolder(t *testing.T) {
	dir := t.TempDir()
	for name, level := range map[string]uint8{"b.png": 20, "a.JPG": 10, "c.jpeg": 30} {
		writeImage(t, filepath.Join(dir, name), gray(2, 3, level))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "truth.json"), nil, 0o644))
	out := ports(t, "uint8[2,3,3]")
	data := func(name string) (string, error) {
		if name != "clip" {
			return "", fmt.Errorf("no data set %s; run: edgeprune datasets get", name)
		}
		return dir, nil
	}
	for _, s := range []kernel.Spec{
		{Out: out, Params: map[string]any{"folder": dir}},
		{Out: out, Params: map[string]any{"dataset": "clip"}, Data: data, In: ports(t, "uint8[1]")},
	} {
		b := newBench(t, "image-folder", s)
		for n, level := range []int{10, 20, 30, 10, 20} {
			b.fire(t)
			got := int(b.out(0).Data[0])
			// JPEG is lossy
			assert.GreaterOrEqual(t, got, level-6, "frame %d has level", n)
			assert.LessOrEqual(t, got, level+6, "frame %d has level", n)
			if n == 1 {
				assert.Equal(t, []byte{20, 0, 7, 20, 1, 7, 20, 2, 7}, b.out(0).Data[:9], "first row %v; want it as RGB by pixel",
					b.out(0).Data[:9])
			}
		}
		noAllocations(t, b)
	}

	param := func(key string, v any) map[string]any { return map[string]any{key: v} }
	refused(t, "image-folder", kernel.Spec{Out: out}, kernel.ErrParam, "give either dataset or folder")
	refused(
		t,
		"image-folder",
		kernel.Spec{Out: out, Params: map[string]any{"dataset": "clip", "folder": dir}},
		kernel.ErrParam,
		"give either dataset or folder",
	)
	refused(
		t,
		"image-folder",
		kernel.Spec{Out: out, Params: param("dataset", "clip")},
		kernel.ErrSource,
		"there are no data sets here",
	)
	refused(t, "image-folder", kernel.Spec{Out: out, Params: param("dataset", "other"), Data: data}, kernel.ErrSource,
		"run: edgeprune datasets get")
	refused(t, "image-folder", kernel.Spec{Out: out, Params: param("folder", t.TempDir())}, kernel.ErrSource,
		"has no .png, .jpg or .jpeg file")
	refused(
		t,
		"image-folder",
		kernel.Spec{Out: out, Params: param("folder", filepath.Join(dir, "none"))},
		os.ErrNotExist,
		"none",
	)
	refused(t, "image-folder", kernel.Spec{Out: ports(t, "uint8[3,2,3]"), Params: param("folder", dir)}, kernel.ErrSource,
		"a.JPG: the picture is 3 wide and 2 high; the out port expects 2 wide and 3 high")
	refused(t, "image-folder", kernel.Spec{Out: ports(t, "float32[2,3,3]"), Params: param("folder", dir)}, kernel.ErrPort,
		"expected uint8[h,w,3]")
	refused(
		t,
		"image-folder",
		kernel.Spec{In: ports(t, "float32[2]"), Out: out, Params: param("folder", dir)},
		kernel.ErrPort,
		"expected uint8[1]",
	)
	err := os.WriteFile(filepath.Join(dir, "0.png"), []byte("no picture"), 0o644)
	require.NoError(t, err)
	refused(t, "image-folder", kernel.Spec{Out: out, Params: param("folder", dir)}, kernel.ErrSource, "0.png")
}

// fakeFFmpeg puts a shell script named ffmpeg on an otherwise empty PATH. It
// leaves its process number and arguments in the returned folder.
func fakeFFmpeg(t *testing.T, script string) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("PATH", dir)
	file = filepath.Join(dir, "in.avi")
	head := "#!/bin/sh\necho $$ > " + dir + "/pid\necho \"$@\" > " + dir + "/args\n"
	for path, content := range map[string]string{filepath.Join(dir, "ffmpeg"): head + script, file: ""} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o755))
	}
	return dir, file
}

// gone reports whether the fake ffmpeg has ended and was waited for.
func gone(t *testing.T, dir string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

func TestVideo(t *testing.T) {
	dir, file := fakeFFmpeg(t, `while :; do printf 'abcdefghijkl'; printf 'ABCDEFGHIJKL'; done`)
	k, err := newVideo(
		kernel.Spec{In: ports(t, "uint8[1]"), Out: ports(t, "uint8[1,4,3]"), Params: map[string]any{"file": file}},
	)
	require.NoError(t, err)
	b := &bench{
		Kernel: k,
		f:      kernel.Firing{Out: [][]*kernel.Token{{kernel.NewToken(ports(t, "uint8[1,4,3]")[0].Type, 0)}}},
	}
	for n := range 5 {
		b.fire(t)
		got, want := string(b.out(0).Data), []string{"abcdefghijkl", "ABCDEFGHIJKL"}[n%2]
		assert.Equal(t, want, got, "frame %d", n)
	}
	for _, frame := range []int64{2, 3, 8, 1} { // replayed, and some left out
		b.f.Frame = frame
		b.fire(t)
		got, want := string(b.out(0).Data), []string{"abcdefghijkl", "ABCDEFGHIJKL"}[frame%2]
		assert.Equal(t, want, got, "frame %d shown again", frame)
	}
	assert.False(t, gone(t, dir), "ffmpeg ended before Close")
	assert.NoError(t, k.Close())
	assert.True(t, gone(t, dir), "ffmpeg still runs after Close")
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	require.NoError(t, err)
	for _, want := range []string{"-stream_loop -1 -i file:" + file, "-vf scale=4:1", "-f rawvideo -pix_fmt rgb24 -"} {
		assert.Contains(t, string(args), want, "ffmpeg got %q; want %q in it", args, want)
	}
}

func TestVideoErrors(t *testing.T) {
	out := ports(t, "uint8[1,4,3]")
	dir, file := fakeFFmpeg(t, "echo 'moov atom not found' >&2; exit 1")
	spec := kernel.Spec{Out: out, Params: map[string]any{"file": file}}
	refused(t, "video", spec, kernel.ErrSource, "ffmpeg: it ended early: moov atom not found")
	assert.True(t, gone(t, dir), "a failed ffmpeg was not waited for")
	refused(t, "video", kernel.Spec{Out: out}, kernel.ErrParam, "file is missing")
	refused(
		t,
		"video",
		kernel.Spec{Out: out, Params: map[string]any{"file": dir + "/none.avi"}},
		os.ErrNotExist,
		"none.avi",
	)
	refused(
		t,
		"video",
		kernel.Spec{Out: ports(t, "uint8[4]"), Params: spec.Params},
		kernel.ErrPort,
		"expected uint8[h,w,3]",
	)

	_, file = fakeFFmpeg(t, "printf 'abcdefghijklABC'; echo 'disk error' >&2")
	b := newBench(t, "video", kernel.Spec{Out: out, Params: map[string]any{"file": file}})
	b.fire(t)
	err := b.Fire(&b.f)
	require.ErrorIs(t, err, kernel.ErrSource, "a cut-off frame")
	assert.Contains(t, err.Error(), "it ended early: disk error", "a cut-off frame")

	require.NoError(t, os.Remove(filepath.Join(filepath.Dir(file), "ffmpeg")))
	refused(
		t,
		"video",
		kernel.Spec{Out: out, Params: map[string]any{"file": file}},
		kernel.ErrSource,
		"apt-get install ffmpeg",
	)
}

func TestTail(t *testing.T) {
	var got tail
	for i := range 1000 {
		fmt.Fprintf(&got, "line %d\n", i)
	}
	s := got.String()
	require.Len(t, s, 2048, "%d bytes kept, ending in %q", len(s), s[len(s)-20:])
	assert.True(t, strings.HasSuffix(s, "line 998\nline 999\n"), "%d bytes kept, ending in %q", len(s), s[len(s)-20:])
}
