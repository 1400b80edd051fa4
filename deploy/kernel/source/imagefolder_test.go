package source

import (
	"bytes"
	"fmt"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestImageFolder(t *testing.T) {
	dir := t.TempDir()
	for name, level := range map[string]uint8{"b.png": 20, "a.JPG": 10, "c.jpeg": 30} {
		writeImage(t, filepath.Join(dir, name), levelled(2, 3, level))
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
		{Out: out, Params: param("folder", dir)},
		{Out: out, Params: param("dataset", "clip"), Data: data, In: ports(t, "uint8[1]")},
	} {
		b := newBench(t, "image-folder", s)
		for n, level := range []int{10, 20, 30, 10, 20} {
			assert.InDelta(t, level, int(b.show(t, int64(n))), 6, "frame %d; JPEG is lossy", n)
			if n == 1 {
				assert.Equal(t, []byte{20, 0, 7, 20, 1, 7, 20, 2, 7}, b.out(0).Data[:9], "RGB by pixel")
			}
		}
		noAllocations(t, b)
	}

	refused(t, "image-folder", kernel.Spec{Out: out}, kernel.ErrParam, "give either dataset or folder")
	refused(t, "image-folder", kernel.Spec{Out: out, Params: map[string]any{"dataset": "clip", "folder": dir}},
		kernel.ErrParam, "give either dataset or folder")
	refused(t, "image-folder", kernel.Spec{Out: out, Params: param("dataset", "clip")}, kernel.ErrSource,
		"there are no data sets here")
	refused(t, "image-folder", kernel.Spec{Out: out, Params: param("dataset", "other"), Data: data}, kernel.ErrSource,
		"run: edgeprune datasets get")
	refused(t, "image-folder", kernel.Spec{Out: out, Params: param("folder", t.TempDir())}, kernel.ErrSource,
		"has no file whose name ends in .png, .apng, .jpg")
	refused(t, "image-folder", kernel.Spec{Out: out, Params: param("folder", filepath.Join(dir, "none"))},
		os.ErrNotExist, "none")
	refused(t, "image-folder", kernel.Spec{Out: ports(t, "float32[2,3,3]"), Params: param("folder", dir)},
		kernel.ErrPort, "expected uint8[h,w,3]")
	refused(t, "image-folder", kernel.Spec{In: ports(t, "float32[2]"), Out: out, Params: param("folder", dir)},
		kernel.ErrPort, "expected uint8[1]")
}

// Settings are those of package picture, by their names.
func TestPictureParameters(t *testing.T) {
	dir := t.TempDir()
	writeImage(t, filepath.Join(dir, "a.png"), levelled(2, 3, 9))
	spec := func(params map[string]any) kernel.Spec {
		params["folder"] = dir
		return kernel.Spec{Out: ports(t, "uint8[4,12,3]"), Params: params}
	}
	b := newBench(t, "image-folder", spec(map[string]any{}))
	b.fire(t)
	assert.EqualValues(t, 9, b.out(0).Data[3*11], "stretched")
	b = newBench(t, "image-folder", spec(param("fit", "letterbox")))
	b.fire(t)
	assert.Zero(t, b.out(0).Data[3*11], "black beside a letterbox")
	refused(t, "image-folder", spec(param("fit", "exact")), picture.ErrSize,
		"a.png: the picture has another size: it is 3 wide and 2 high, 12 wide and 4 high is expected")
	refused(t, "image-folder", spec(param("max_pixels", 5)), picture.ErrLimit, "3 x 2 pixels are more than the limit of 5")
	refused(t, "image-folder", spec(param("background", "pink")), kernel.ErrParam,
		"expected white, black, grey or #rrggbb")
	refused(t, "image-folder", spec(param("orientation", 6)), kernel.ErrParam, "expected exif or stored")
	refused(t, "image-folder", spec(param("memory_mib", 0)), kernel.ErrParam,
		"memory_mib is 0; expected a whole number from 1")
	refused(t, "image-folder", spec(param("colour", 1)), kernel.ErrParam,
		"known are background, dataset, fit, folder, max_pixels, memory_mib, orientation")
}

func TestNaturalOrder(t *testing.T) {
	dir := t.TempDir()
	for n := 12; n > 0; n-- {
		writeImage(t, filepath.Join(dir, fmt.Sprintf("%d.png", n)), levelled(1, 1, uint8(n)))
	}
	b := newBench(t, "image-folder", kernel.Spec{Out: ports(t, "uint8[1,1,3]"), Params: param("folder", dir)})
	for n := range int64(12) {
		assert.EqualValues(t, n+1, b.show(t, n), "frame %d", n)
	}
	sorted := []string{
		"", "1.png", "01.png", "2.png", "10.png", "99999999999999999999999.png", "100000000000000000000000.png",
		"a.png", "a1.png", "a1b2.png", "a1b10.png", "a2.png", "a02b.png", "b-1.png", "b-2.png",
		"img_0009.png", "img_0010.png",
	}
	for i := range sorted {
		for k := range sorted {
			want := 0
			if i < k {
				want = -1
			} else if i > k {
				want = 1
			}
			if want == -1 && sorted[i] == "1.png" && sorted[k] == "01.png" {
				want = 1 // of equal numbers the one with zeros comes first
			} else if want == 1 && sorted[i] == "01.png" && sorted[k] == "1.png" {
				want = -1
			}
			assert.Equal(t, want, natural(sorted[i], sorted[k]), "%q and %q", sorted[i], sorted[k])
		}
	}
}

// What lies in a folder besides pictures is skipped and counted, and never waited for.
func TestSkipped(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	writeImage(t, at("001.png"), levelled(1, 1, 40))
	writeImage(t, at("target"), levelled(1, 1, 50))
	require.NoError(t, os.Symlink("target", at("002.png")))
	require.NoError(t, os.WriteFile(at("._001.png"), []byte("\x00\x05\x16\x07"), 0o644))
	require.NoError(t, os.WriteFile(at(".hidden.jpg"), nil, 0o644))
	require.NoError(t, os.Mkdir(at("x.png"), 0o755))
	require.NoError(t, syscall.Mkfifo(at("pipe.png"), 0o644))
	require.NoError(t, os.Symlink("nothing", at("broken.png")))
	require.NoError(t, os.Symlink("loop.png", at("loop.png")))
	require.NoError(t, os.Symlink("001.png/x", at("through-file.png")))
	require.NoError(t, os.Symlink("pipe.png", at("to-pipe.png")))
	l, err := net.Listen("unix", at("socket.png"))
	require.NoError(t, err)
	defer l.Close()
	var notes []string
	s := kernel.Spec{
		Actor: "camera", Out: ports(t, "uint8[1,1,3]"), Params: param("folder", dir),
		Note: func(s string) { notes = append(notes, s) },
	}
	b := newBench(t, "image-folder", s)
	for n, want := range []byte{40, 50, 40} {
		assert.Equal(t, want, b.show(t, int64(n)), "frame %d", n)
	}
	assert.Equal(t, []string{"actor camera: folder " + dir +
		": 2 pictures; 9 entries are skipped, which begin with a dot or are no regular files"}, notes)

	file := s
	file.Params = param("folder", at("001.png"))
	refused(t, "image-folder", file, kernel.ErrSource, "001.png")

	// A pipe that takes a picture's place after it was listed isn't waited for.
	_, err = (*files.Allowed)(nil).ReadMost(at("pipe.png"), maxFileBytes)
	assert.ErrorContains(t, err, "not a regular file")

	for name, says := range map[string]string{
		"empty.png": "it is empty", "cut.png": "cut off", "words.png": "it begins with 6e 6f",
	} {
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, levelled(9, 9, 1)))
		data := map[string][]byte{"empty.png": nil, "cut.png": b.Bytes()[:b.Len()/2], "words.png": []byte("no picture")}[name]
		require.NoError(t, os.WriteFile(at(name), data, 0o644))
		refused(t, "image-folder", s, kernel.ErrSource, at(name)+": ")
		refused(t, "image-folder", s, picture.ErrPicture, says)
		require.NoError(t, os.Remove(at(name)))
	}
}

// Kernels of one registry share a folder's frames, until its files change.
func TestAlbumsAreShared(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	writeImage(t, path, levelled(1, 1, 1))
	a := newAlbums()
	s := kernel.Spec{Out: ports(t, "uint8[1,1,3]"), Params: param("folder", dir)}
	shown := func(s kernel.Spec) *imageFolder {
		k, err := a.newImageFolder(s)
		require.NoError(t, err)
		return k.(*imageFolder)
	}
	first, second := shown(s), shown(s)
	assert.Same(t, &first.frames[0][0], &second.frames[0][0])
	require.NoError(t, first.Close())
	writeImage(t, path, levelled(1, 1, 200)) // in place: the folder itself hasn't changed
	third := shown(s)
	assert.EqualValues(t, 200, third.frames[0][0])
	assert.EqualValues(t, 1, second.frames[0][0])
	assert.Len(t, a.albums, 2)
	require.NoError(t, second.Close())

	// What nobody shows goes where all is more than there is room for.
	large := s
	large.Out = ports(t, "uint8[500,600,3]")
	large.Params = map[string]any{"folder": dir, "memory_mib": 1}
	last := shown(large)
	assert.Len(t, a.albums, 3)
	require.NoError(t, third.Close())
	other := shown(kernel.Spec{Out: ports(t, "uint8[400,600,3]"), Params: large.Params})
	assert.Len(t, a.albums, 2, "the two that are shown")
	require.NoError(t, last.Close())
	require.NoError(t, other.Close())
}
