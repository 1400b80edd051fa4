package source

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// These tests use the program ffmpeg itself, and streams on the loopback interface.

// realFFmpeg leaves out a test where there is no ffmpeg, unless it is required.
func realFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("EDGEPRUNE_FFMPEG") != "" {
			require.FailNow(t, "ffmpeg is missing")
		}
		t.Skip("it needs ffmpeg; just streams installs it and runs these tests")
	}
}

const wide, high = 32, 16

// level is frame n's shade; steps are far apart, as codings lose something.
func level(n int) uint8 { return uint8(40 + 20*(n%10)) }

// shown returns the number modulo 10 of the frame that has a shade.
func shown(t *testing.T, shade byte) int {
	t.Helper()
	n := (int(shade) - 40 + 10) / 20
	require.InDelta(t, level(n), shade, 6)
	return n
}

// grey is a picture of one shade, as JPEG.
func grey(t testing.TB, n int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, wide, high))
	for i := range img.Pix {
		img.Pix[i] = color.Gray{Y: level(n)}.Y
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
	return b.Bytes()
}

// frameSpec is that of a source of pictures of grey.
func frameSpec(t *testing.T, source string, rule admission.Rule, params map[string]any) kernel.Spec {
	t.Helper()
	s := streamSpec(t, source, rule, params)
	s.Out = ports(t, fmt.Sprintf("uint8[%d,%d,3]", high, wide))
	return s
}

// film writes a video file of n frames whose times are those of pts, an expression of ffmpeg's.
func film(t *testing.T, n int, pts string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.mkv")
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "mjpeg", "-framerate", "25", "-i", "-", "-vf",
		"setpts="+pts, "-fps_mode", "passthrough", "-c:v", "ffv1", path)
	var pictures bytes.Buffer
	for i := range n {
		pictures.Write(grey(t, i))
	}
	cmd.Stdin = &pictures
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// Every frame of a file whose frames are 10 to 450 ms apart comes once, and none is doubled to fill
// the gaps.
func TestVariableFrameRate(t *testing.T) {
	realFFmpeg(t)
	path := film(t, 23, "N*N/100/TB")
	b, run := begin(t, frameSpec(t, path, admission.Rule{Queue: 3}, nil))
	for n := range 23 {
		require.Equal(t, n%10, shown(t, b.enter(t, run)), "frame %d", n)
	}
	require.EqualError(t, run.end(), "no frames: "+path+" has ended after 23 frames; the kernel video would begin again")
	assert.Equal(t, admission.Counts{Captured: 23}, run.counts())
}

// sender is a stream on the loopback interface: for every connection, serve writes to it.
func sender(t *testing.T, serve func(n int, w io.Writer)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(n, conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return "tcp://" + l.Addr().String()
}

// A TCP stream whose frames may wait loses none, however slowly they are taken.
func TestTCPStream(t *testing.T) {
	realFFmpeg(t)
	const frames = 60
	at := sender(t, func(n int, w io.Writer) {
		for i := range frames {
			if n > 0 {
				return
			}
			if _, err := w.Write(grey(t, i)); err != nil {
				return
			}
		}
	})
	b, run := begin(t, frameSpec(t, at, admission.Rule{Queue: 2}, param("reconnect", 0)))
	for n := range frames {
		require.Equal(t, n%10, shown(t, b.enter(t, run)), "frame %d", n)
	}
	require.ErrorContains(t, run.end(), at+" has ended after 60 frames")
	assert.Equal(t, admission.Counts{Captured: frames}, run.counts())
}

// A stream that nobody waits for goes on; what enters is always among the newest frames, and every
// frame is counted.
func TestNewestOfATCPStream(t *testing.T) {
	realFFmpeg(t)
	const frames = 200 // after the run has begun
	var begun atomic.Bool
	var before atomic.Int64
	at := sender(t, func(_ int, w io.Writer) {
		for i, left := 0, frames; left > 0; i++ {
			if begun.Load() {
				left--
			} else {
				before.Add(1)
			}
			if _, err := w.Write(grey(t, i)); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	rule := admission.Rule{Policy: admission.Newest, Queue: 2}
	b, run := begin(t, frameSpec(t, at, rule, param("reconnect", 0)))
	begun.Store(true)
	var entered int64
	for {
		n, newest := run.takeOf()
		if n == 0 {
			break
		}
		require.Greater(t, n+int64(rule.Queue), newest, "frame %d enters, and %d is there", n, newest)
		b.f.Capture = n
		b.fire(t)
		entered++
		time.Sleep(10 * time.Millisecond) // the graph is slower than the stream
	}
	require.ErrorContains(t, run.end(), fmt.Sprintf("has ended after %d frames", frames+before.Load()))
	c := run.counts()
	assert.Equal(t, c.Captured, entered+c.Dropped+c.Waiting)
	assert.GreaterOrEqual(t, c.Captured, int64(frames))
	assert.Positive(t, c.Dropped)
	assert.Positive(t, entered)
}

// mjpeg serves pictures as cameras do: parts of one answer that doesn't end before serve returns.
func mjpeg(t *testing.T, serve func(n int, show func(i int) bool)) (address string) {
	t.Helper()
	var connections atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="camera"`)
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		n := int(connections.Add(1)) - 1
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=frame")
		serve(n, func(i int) bool {
			picture := grey(t, i)
			_, err := fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(picture),
				picture)
			w.(http.Flusher).Flush()
			return err == nil && r.Context().Err() == nil
		})
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "http://", "http://me:secret@", 1) + "/live.mjpg?key=secret"
}

// A camera over HTTP that breaks and comes back is shown on, and its password is never printed.
func TestHTTPStreamThatComesBack(t *testing.T) {
	realFFmpeg(t)
	at := mjpeg(t, func(n int, show func(int) bool) {
		switch n {
		case 0:
			for i := range 7 {
				show(i)
			}
		case 1:
			for i := range 5 {
				show(7 + i)
			}
		}
	})
	var notes []string
	s := frameSpec(t, at, admission.Rule{}, map[string]any{"reconnect": 1, "reconnect_wait": "10ms"})
	s.Note = func(text string) { notes = append(notes, text) }
	b, run := begin(t, s)
	for n := range 12 {
		require.Equal(t, n%10, shown(t, b.enter(t, run)), "frame %d", n)
	}
	err := run.end()
	require.ErrorContains(t, err, "has ended after 12 frames")
	require.ErrorContains(t, err, "opened again 1 times in vain")
	all := strings.Join(append(notes, err.Error()), "\n")
	assert.NotContains(t, all, "secret")
	assert.Contains(t, all, "/live.mjpg?... has ended after 7 frames")

	_, err = newStream(frameSpec(t, strings.Replace(at, "me:secret@", "me:hidden@", 1), admission.Rule{}, nil))
	require.ErrorContains(t, err, "401 Unauthorized")
	assert.NotContains(t, err.Error(), "hidden")
	assert.NotContains(t, err.Error(), "key=secret")
}

// A camera over HTTP that goes on without a picture has stalled.
func TestHTTPStreamThatStalls(t *testing.T) {
	realFFmpeg(t)
	end := make(chan struct{})
	at := mjpeg(t, func(_ int, show func(int) bool) {
		for i := range 30 {
			show(i)
		}
		<-end
	})
	defer close(end)
	b, run := begin(t, frameSpec(t, at, admission.Rule{Queue: 40}, map[string]any{"reconnect": 0, "stall": "8s"}))
	got := 0
	for b.enter(t, run) != 0 {
		got++
	}
	err := run.end()
	require.ErrorIs(t, err, kernel.ErrSource)
	assert.ErrorContains(t, err, fmt.Sprintf("has stalled: no frame has come for 8s, after %d frames", got))
	assert.GreaterOrEqual(t, got, 28, "what a decoder holds back until the next frame may be missing")
}

// ffmpeg's own words say what is wrong.
func TestFFmpegIsQuoted(t *testing.T) {
	realFFmpeg(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := "tcp://" + l.Addr().String()
	require.NoError(t, l.Close())
	_, err = newStream(frameSpec(t, at, admission.Rule{}, nil))
	require.ErrorIs(t, err, kernel.ErrSource)
	assert.ErrorContains(t, err, "no frames: "+at+": not a frame could be decoded; ffmpeg: ")
	assert.ErrorContains(t, err, "Connection refused")
	_, err = newStream(frameSpec(t, "/dev/null", admission.Rule{}, nil))
	assert.ErrorContains(t, err, "no frames: /dev/null: not a frame could be decoded; ffmpeg: ")
	assert.ErrorContains(t, err, "Inappropriate ioctl for device")
	// A list of other addresses is no stream.
	lists := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n")
	}))
	defer lists.Close()
	_, err = newStream(frameSpec(t, lists.URL+"/list.m3u8", admission.Rule{}, nil))
	assert.ErrorContains(t, err, "not a frame could be decoded; ffmpeg: ")
}
