package source

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// child starts a process in a script that keeps both outputs open, for all of the test.
const child = "/bin/sleep 1000 & echo $! >> \"${0%/*}/children\"\n"

// endChildren ends the processes that scripts have started.
func endChildren(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "children"))
	require.NoError(t, err)
	for line := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(line)
		require.NoError(t, err)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// returns fails the test, at once, if a call hangs.
func returns(t *testing.T, what string, call func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		require.FailNow(t, what+" hangs")
	}
}

// An ffmpeg that is a script may run the program without exec: to kill the script is not to
// end what holds its outputs.
func TestVideoByAScript(t *testing.T) {
	many := fmt.Sprintf("i=0; while [ $i -lt %d ]; do frame abcdefghijkl; i=$((i+1)); done\n", beforeStart)
	for name, script := range map[string]string{
		"writes for ever": "( while :; do frame abcdefghijkl; done )\n:",
		"is silent":       child + many + "wait",
		"is left":         child + many,
	} {
		dir, file := fakeFFmpeg(t, script)
		returns(t, "a program that "+name, func() {
			k, err := newVideo(videoSpec(t, file, nil))
			if assert.NoError(t, err, name) {
				assert.NoError(t, k.Close(), name)
			}
		})
		assert.True(t, gone(t, dir), name)
		if strings.Contains(script, child) {
			endChildren(t, dir)
		}
	}

	// What only keeps stderr open is no fault of the film.
	dir, file := fakeFFmpeg(t, "frame aaaabbbbcccc; frame ddddeeeeffff\nexec >/dev/null\n"+child)
	returns(t, "a program that keeps stderr open", func() {
		k, err := newVideo(videoSpec(t, file, nil))
		if assert.NoError(t, err) {
			assert.NoError(t, k.Close())
		}
	})
	endChildren(t, dir)
}

// A program that has closed its output and doesn't end is ended with the kernel.
func TestVideoThatDoesNotEnd(t *testing.T) {
	dir, file := fakeFFmpeg(t, "frame abcdefghijkl; exec >/dev/null; while :; do :; done")
	r := &videoReader{ffmpeg: ffmpeg{program: dir + "/ffmpeg"}, file: file}
	require.NoError(t, r.open())
	require.NoError(t, r.decode(&r.frame))
	err := r.decode(&r.frame)
	require.ErrorIs(t, err, io.EOF)
	done := make(chan error, 1)
	go func() {
		_, err := r.endPass(err)
		done <- err
	}()
	time.Sleep(50 * time.Millisecond) // until it waits
	r.stop()
	returns(t, "the end of a pass", func() { assert.ErrorIs(t, <-done, kernel.ErrSource) })
	assert.True(t, gone(t, dir))
}

// What isn't a picture is refused, however much of it comes.
func TestVideoOutput(t *testing.T) {
	for _, script := range []string{
		"while :; do echo GIF89a; done", "while :; do printf 'P6\\n4 1\\n65535\\nabcdefghijkl'; done",
		"while :; do printf 'P6\\n0 1\\n255\\n'; done", "printf 'P6\\n-4 1\\n255\\n'; while :; do :; done",
	} {
		dir, file := fakeFFmpeg(t, script)
		returns(t, script, func() {
			refused(t, "video", videoSpec(t, file, nil), kernel.ErrSource,
				"not a frame could be decoded; ffmpeg: its output is no picture")
		})
		assert.True(t, gone(t, dir), script)
	}
}

// A reader that is stopped opens nothing.
func TestVideoStopped(t *testing.T) {
	fakeFFmpeg(t, "frame abcdefghijkl")
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		return len(entries)
	}
	r := &ffmpeg{program: "ffmpeg", stopped: true}
	before := open()
	for range 100 {
		require.ErrorIs(t, r.open(), kernel.ErrSource)
	}
	assert.InDelta(t, before, open(), 20)
}

// A frame has pixels.
func TestFramesWithoutPixels(t *testing.T) {
	_, file := fakeFFmpeg(t, "frame abcdefghijkl")
	folder := t.TempDir()
	writeImage(t, filepath.Join(folder, "1.png"), levelled(1, 1, 1))
	for _, of := range []string{"uint8[0,4,3]", "uint8[4,0,3]", "uint8[0,0,3]"} {
		film := videoSpec(t, file, nil)
		film.Out = ports(t, of)
		says := "carries " + of + ", which has no pixels; give it a height and a width of at least 1"
		refused(t, "video", film, kernel.ErrPort, says)
		refused(t, "image-folder", kernel.Spec{Out: ports(t, of), Params: param("folder", folder)}, kernel.ErrPort, says)
	}
}
