package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeFFmpeg puts a shell script named ffmpeg on an otherwise empty PATH. It leaves its
// process number and arguments, a line for every start, in the returned folder. The script
// may call frame with 12 bytes: a picture of 4 x 1 pixels.
func fakeFFmpeg(t *testing.T, script string) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("PATH", dir)
	file = filepath.Join(dir, "in.avi")
	head := "#!/bin/sh\necho $$ >> " + dir + "/pids\necho \"$@\" >> " + dir + "/args\n" +
		"frame() { printf 'P6\\n4 1\\n255\\n%s' \"$1\"; }\n"
	for path, content := range map[string]string{filepath.Join(dir, "ffmpeg"): head + script, file: "film"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o755))
	}
	return dir, file
}

// starts returns the arguments of every start of the fake ffmpeg.
func starts(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "args"))
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// gone reports whether the fake ffmpeg that said last that it was started has ended and was waited
// for.
func gone(t *testing.T, dir string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pids"))
	require.NoError(t, err)
	all := strings.Fields(string(text))
	require.NotEmpty(t, all)
	pid, err := strconv.Atoi(all[len(all)-1])
	require.NoError(t, err)
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

func videoSpec(t *testing.T, file string, params map[string]any) kernel.Spec {
	t.Helper()
	all := map[string]any{"file": file}
	for k, v := range params {
		all[k] = v
	}
	return kernel.Spec{In: ports(t, "uint8[1]"), Out: ports(t, "uint8[1,4,3]"), Params: all}
}

// An endless film isn't read to its end, and any of its frames can be shown again.
func TestVideo(t *testing.T) {
	dir, file := fakeFFmpeg(t, `while :; do frame abcdefghijkl; frame ABCDEFGHIJKL; done`)
	k, err := newVideo(videoSpec(t, file, nil))
	require.NoError(t, err)
	b := &bench{
		Kernel: k,
		f:      kernel.Firing{Out: [][]*kernel.Token{{kernel.NewToken(ports(t, "uint8[1,4,3]")[0].Type, 0)}}},
	}
	for _, frame := range []int64{0, 1, 2, 3, 4, 2, 3, 8, 1, 3000, 3001, 5} { // replayed, and some left out
		b.show(t, frame)
		want := []string{"abcdefghijkl", "ABCDEFGHIJKL"}[frame%2]
		assert.Equal(t, want, string(b.out(0).Data), "frame %d", frame)
	}
	assert.False(t, gone(t, dir), "ffmpeg ended before Close")
	assert.NoError(t, k.Close())
	assert.True(t, gone(t, dir), "ffmpeg still runs after Close")
	assert.Equal(t, "-nostdin -v error -protocol_whitelist file -i file:"+file+" -map 0:V:0 -fps_mode passthrough "+
		"-sws_flags accurate_rnd+full_chroma_int+bitexact -flush_packets 1 -f image2pipe -c:v ppm -pix_fmt rgb24 -",
		starts(t, dir)[0])
}

// Behind the last frame comes the first. A film that fits is decoded once; else it is
// decoded for every pass.
func TestVideoLoops(t *testing.T) {
	script := `frame aaaabbbbcccc; frame ddddeeeeffff; frame gggghhhhiiii`
	dir, file := fakeFFmpeg(t, script)
	b := newBench(t, "video", videoSpec(t, file, nil))
	for n := range int64(9) {
		assert.Equal(t, "adg"[n%3], b.show(t, n), "frame %d", n)
	}
	assert.Len(t, starts(t, dir), 1)
	noAllocations(t, b)

	dir, file = fakeFFmpeg(t, script)
	r := &videoReader{
		ffmpeg: ffmpeg{program: dir + "/ffmpeg"}, file: file, fitter: picture.NewFitter(4, 1, picture.Options{}),
	}
	a, err := newAhead(r, 12, 2*2*12)
	require.NoError(t, err)
	for _, n := range []int64{0, 1, 2, 3, 4, 5, 6, 7, 1, 100} {
		frame, err := a.frame(n)
		require.NoError(t, err)
		assert.Equal(t, "adg"[n%3], frame[0], "frame %d", n)
	}
	require.NoError(t, a.close())
	assert.GreaterOrEqual(t, len(starts(t, dir)), 3)
	assert.True(t, gone(t, dir))
}

// Pictures from ffmpeg get the out port's size by the rule of all pictures.
func TestVideoRule(t *testing.T) {
	_, file := fakeFFmpeg(t, `frame 000000zzzzzz`)
	spec := func(params map[string]any) kernel.Spec {
		s := videoSpec(t, file, params)
		s.Out = ports(t, "uint8[2,2,3]")
		return s
	}
	b := newBench(t, "video", spec(nil))
	b.fire(t)
	p := &picture.RGB{Width: 4, Height: 1, Pix: []byte("000000zzzzzz")}
	want := make([]byte, 12)
	require.NoError(t, picture.NewFitter(2, 2, picture.Options{}).Into(want, p))
	assert.Equal(t, want, b.out(0).Data)
	b = newBench(t, "video", spec(param("fit", "letterbox")))
	b.fire(t)
	assert.Equal(t, []byte{0, 0, 0, 0, 0, 0}, b.out(0).Data[6:], "black below")
	refused(t, "video", spec(param("fit", "exact")), picture.ErrSize, "it is 4 wide and 1 high, 2 wide and 2 high")
	refused(t, "video", spec(param("max_pixels", 3)), picture.ErrLimit, "in.avi: the picture is too large: 4 x 1 pixels")

	dir, file := fakeFFmpeg(t, `frame abcdefghijkl`)
	newBench(t, "video", videoSpec(t, file, param("orientation", "stored")))
	assert.Contains(t, starts(t, dir)[0], " -noautorotate -protocol_whitelist file -i ")
}

// ffmpeg of before version 5.1 knows -vsync only.
func TestVideoOldFFmpeg(t *testing.T) {
	dir, file := fakeFFmpeg(t, `case "$*" in *fps_mode*) echo "Unrecognized option 'fps_mode'." >&2; exit 1;; esac
frame abcdefghijkl`)
	b := newBench(t, "video", videoSpec(t, file, nil))
	b.fire(t)
	assert.Equal(t, "abcdefghijkl", string(b.out(0).Data))
	assert.Contains(t, starts(t, dir)[1], " -vsync 0 ")
}

func TestVideoErrors(t *testing.T) {
	for _, tc := range []struct{ script, says string }{
		{"echo '[mov,mp4 @ 0x5a] moov atom not found' >&2; exit 1",
			"in.avi: not a frame could be decoded; ffmpeg: moov atom not found"},
		{"exit 3", "not a frame could be decoded; ffmpeg: exit status 3"},
		{"", "not a frame could be decoded; ffmpeg: it said nothing"},
		{"echo \"Stream map '0:V:0' matches no streams.\" >&2; exit 1", "in.avi has no video"},
		{"frame abcdefghijkl; printf 'P6\\n4 1\\n255\\nABC'; echo 'disk error' >&2",
			"in.avi is cut off or damaged: 1 frames could be decoded; ffmpeg: disk error; to show these, give damaged: accept"},
		{"frame abcdefghijkl; frame abcdefghijkl; echo 'partial file' >&2", "damaged: 2 frames could be decoded"},
		{"frame abcdefghijkl; exit 1", "damaged: 1 frames could be decoded; ffmpeg: exit status 1"},
		{"printf 'GIF89a'", "not a frame could be decoded"},
	} {
		dir, file := fakeFFmpeg(t, tc.script)
		refused(t, "video", videoSpec(t, file, nil), kernel.ErrSource, tc.says)
		assert.True(t, gone(t, dir), "%s: a failed ffmpeg was not waited for", tc.script)
	}

	// What is damaged can be shown all the same, and that is said once.
	_, file := fakeFFmpeg(t, "frame aaaabbbbcccc; frame ddddeeeeffff; echo 'partial file' >&2")
	var notes []string
	s := videoSpec(t, file, param("damaged", "accept"))
	s.Note = func(s string) { notes = append(notes, s) }
	b := newBench(t, "video", s)
	for n := range int64(5) {
		assert.Equal(t, "ad"[n%2], b.show(t, n))
	}
	require.Len(t, notes, 1)
	assert.Contains(t, notes[0], "is cut off or damaged: 2 frames are shown; ffmpeg: partial file")

	// The damage is behind what is decoded at first.
	n := beforeStart + 5
	_, file = fakeFFmpeg(t, fmt.Sprintf(
		"i=0; while [ $i -lt %d ]; do frame abcdefghijkl; i=$((i+1)); done; echo 'partial file' >&2", n))
	b = newBench(t, "video", videoSpec(t, file, nil))
	b.show(t, int64(n)-1)
	err := b.Fire(&b.f)
	require.ErrorIs(t, err, kernel.ErrSource)
	assert.ErrorContains(t, err, fmt.Sprintf("damaged: %d frames could be decoded", n))

	dir, file := fakeFFmpeg(t, "frame abcdefghijkl")
	refused(t, "video", kernel.Spec{Out: ports(t, "uint8[1,4,3]")}, kernel.ErrParam, "file is missing")
	refused(t, "video", videoSpec(t, dir+"/none.avi", nil), os.ErrNotExist, "none.avi")
	refused(t, "video", videoSpec(t, dir, nil), kernel.ErrSource, "is not a regular file")
	require.NoError(t, os.WriteFile(dir+"/empty.avi", nil, 0o644))
	refused(t, "video", videoSpec(t, dir+"/empty.avi", nil), kernel.ErrSource, "empty.avi is empty")
	require.NoError(t, syscall.Mkfifo(dir+"/pipe.avi", 0o644))
	refused(t, "video", videoSpec(t, dir+"/pipe.avi", nil), kernel.ErrSource, "is not a regular file")
	refused(t, "video", videoSpec(t, file, param("damaged", "yes")), kernel.ErrParam, "expected refuse or accept")
	bad := videoSpec(t, file, nil)
	bad.Out = ports(t, "uint8[4]")
	refused(t, "video", bad, kernel.ErrPort, "expected uint8[h,w,3]")
	require.NoError(t, os.Remove(filepath.Join(dir, "ffmpeg")))
	refused(t, "video", videoSpec(t, file, nil), kernel.ErrSource, "apt-get install ffmpeg")
}

func TestTail(t *testing.T) {
	var got tail
	for i := range 1000 {
		fmt.Fprintf(&got, "line %d\n", i)
	}
	s := got.String()
	require.Len(t, s, 2048)
	assert.True(t, strings.HasSuffix(s, "line 998\nline 999\n"), "ends in %q", s[len(s)-20:])
}
