package source

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// captor stands for a run that takes frames by a rule.
type captor struct {
	mu      sync.Mutex
	queue   *admission.Queue
	changed *sync.Cond
	ended   error
}

func newCaptor(t *testing.T, rule admission.Rule) *captor {
	t.Helper()
	q, err := admission.New(rule)
	require.NoError(t, err)
	c := &captor{queue: q}
	c.changed = sync.NewCond(&c.mu)
	return c
}

func (c *captor) Captured() (number, dropped int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, _, err := c.queue.Offer(0)
	if err != nil {
		panic(err) // the kernel said more than may wait
	}
	c.changed.Broadcast()
	return c.queue.Counts().Captured, f.Number
}

func (c *captor) Ended(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = why
	c.changed.Broadcast()
}

// end waits for the end of the stream and returns why it is.
func (c *captor) end() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.ended == nil {
		c.changed.Wait()
	}
	return c.ended
}

// captured waits until so many frames were captured.
func (c *captor) captured(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.queue.Counts().Captured < n {
		c.changed.Wait()
	}
}

// take waits for a frame and lets it enter; 0 if no more come.
func (c *captor) take() int64 {
	n, _ := c.takeOf()
	return n
}

// takeOf also returns the number of the newest frame then.
func (c *captor) takeOf() (number, newest int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.queue.Empty() && c.ended == nil {
		c.changed.Wait()
	}
	f, _ := c.queue.Take()
	return f.Number, c.queue.Counts().Captured
}

func (c *captor) counts() admission.Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue.Counts()
}

// streamSpec is that of a source of 4 x 1 pixels.
func streamSpec(t *testing.T, source string, rule admission.Rule, params map[string]any) kernel.Spec {
	t.Helper()
	all := map[string]any{"source": source}
	for k, v := range params {
		all[k] = v
	}
	return kernel.Spec{Out: ports(t, "uint8[1,4,3]"), Params: all, Rule: rule}
}

// begin makes a stream and begins a run.
func begin(t *testing.T, s kernel.Spec) (*bench, *captor) {
	t.Helper()
	b := newBench(t, "stream", s)
	c := newCaptor(t, s.Rule)
	kernel.IsLive(b.Kernel).Begin(c)
	return b, c
}

// enter fires for the next frame and returns its first byte, 0 if there is none.
func (b *bench) enter(t *testing.T, c *captor) byte {
	t.Helper()
	if b.f.Capture = c.take(); b.f.Capture == 0 {
		return 0
	}
	b.fire(t)
	return b.out(0).Data[0]
}

// paced is a script that gives the frames that the test writes, a line each. begin is what is done first.
func paced(t *testing.T, begin string) (dir string, show func(frames ...string)) {
	t.Helper()
	dir, _ = fakeFFmpeg(t, begin+`
while read -r line; do case $line in end) exit 0;; esac; frame "$line"; done < "${0%/*}/frames"`)
	path := filepath.Join(dir, "frames")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	var w *os.File
	t.Cleanup(func() {
		if w != nil {
			w.Close()
		}
	})
	return dir, func(frames ...string) {
		t.Helper()
		if w == nil {
			var err error
			w, err = os.OpenFile(path, os.O_RDWR, 0) // it doesn't wait for the script
			require.NoError(t, err)
		}
		_, err := w.WriteString(strings.Join(frames, "\n") + "\n")
		require.NoError(t, err)
	}
}

const a, b, c, d, e, f = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd", "eeeeeeeeeeee", "ffffffffffff"

// A source that blocks loses nothing, also not what comes before the run begins.
func TestStreamBlocks(t *testing.T) {
	dir, file := fakeFFmpeg(t, "frame "+a+"; frame "+b+"; frame "+c+"; frame "+d+"; frame "+e)
	stream, run := begin(t, streamSpec(t, file, admission.Rule{Queue: 2}, nil))
	var got []byte
	for x := stream.enter(t, run); x != 0; x = stream.enter(t, run) {
		got = append(got, x)
	}
	assert.Equal(t, "abcde", string(got))
	assert.Equal(t, admission.Counts{Captured: 5}, run.counts())
	require.EqualError(t, run.end(), "no frames: "+file+" has ended after 5 frames; the kernel video would begin again")
	assert.Len(t, starts(t, dir), 1)
	assert.NotContains(t, starts(t, dir)[0], "-re ")
}

// A source that drops keeps the newest frames; those of before the run are not counted.
func TestStreamKeepsTheNewest(t *testing.T) {
	_, show := paced(t, "")
	show(a)
	s := streamSpec(t, "tcp://127.0.0.1:9", admission.Rule{Policy: admission.Newest, Queue: 2}, nil)
	stream, run := begin(t, s)
	show(b, c, d, e, f)
	run.captured(5)
	assert.EqualValues(t, 'e', stream.enter(t, run), "none that enters is older than the last two")
	assert.EqualValues(t, 'f', stream.enter(t, run))
	assert.Equal(t, admission.Counts{Captured: 5, Dropped: 3}, run.counts())
	show(a)
	assert.EqualValues(t, 'a', stream.enter(t, run))
}

func TestStreamKeepsTheOldest(t *testing.T) {
	_, show := paced(t, "")
	show(a)
	stream, run := begin(t, streamSpec(t, "tcp://127.0.0.1:9", admission.Rule{Policy: admission.Oldest}, nil))
	show(b, c, d)
	run.captured(3)
	assert.EqualValues(t, 'b', stream.enter(t, run))
	show(e)
	assert.EqualValues(t, 'e', stream.enter(t, run))
	assert.Equal(t, admission.Counts{Captured: 4, Dropped: 2}, run.counts())
}

// A file from which frames may be dropped is shown from its beginning, at its own pace.
func TestStreamOfAFileThatDrops(t *testing.T) {
	dir, file := fakeFFmpeg(t, "frame "+a+"; frame "+b+"; frame "+c)
	stream, run := begin(t, streamSpec(t, file, admission.Rule{Policy: admission.Oldest, Queue: 5}, nil))
	require.Error(t, run.end())
	for _, want := range []byte("abc") {
		assert.Equal(t, want, stream.enter(t, run))
	}
	require.Len(t, starts(t, dir), 2)
	assert.Contains(t, starts(t, dir)[1], " -re -protocol_whitelist file -i file:")
}

// Without a run, as where costs are measured, every firing takes the next frame.
func TestStreamFiredWithoutARun(t *testing.T) {
	_, file := fakeFFmpeg(t, "frame "+a+"; frame "+b+"; frame "+c)
	for _, rule := range []admission.Rule{{}, {Queue: 9}} {
		stream := newBench(t, "stream", streamSpec(t, file, rule, nil))
		for _, want := range []byte("abc") {
			require.NoError(t, kernel.IsLive(stream.Kernel).Await())
			stream.fire(t)
			assert.Equal(t, want, stream.out(0).Data[0])
		}
		require.ErrorIs(t, kernel.IsLive(stream.Kernel).Await(), kernel.ErrSource)
	}
}

// A stream that breaks is opened again, and what was in it is shown once.
func TestStreamReconnects(t *testing.T) {
	dir, _ := fakeFFmpeg(t, `echo x >> "${0%/*}/n"
n=0; while read -r _; do n=$((n+1)); done < "${0%/*}/n"
case $n in
1) frame `+a+`; frame `+b+`; echo "tcp://user:secret@127.0.0.1:9: Connection reset" >&2; exit 1;;
2) echo "tcp://user:secret@127.0.0.1:9: Connection refused" >&2; exit 1;;
3) frame `+c+`;;
*) exit 0;;
esac`)
	var notes []string
	s := streamSpec(t, "tcp://user:secret@127.0.0.1:9", admission.Rule{}, map[string]any{
		"reconnect": 2, "reconnect_wait": "1ms",
	})
	s.Actor, s.Note = "cam", func(text string) { notes = append(notes, text) }
	stream, run := begin(t, s)
	for _, want := range []byte("abc") {
		assert.Equal(t, want, stream.enter(t, run))
	}
	require.EqualError(t, run.end(), "no frames: tcp://127.0.0.1:9 has ended after 3 frames; opened again 2 times in vain")
	assert.Len(t, starts(t, dir), 5, "the limit counts attempts since the last frame")
	require.Len(t, notes, 5)
	assert.Equal(t, "actor cam: tcp://127.0.0.1:9 gives 4 x 1 pixels", notes[0])
	assert.Equal(t, "actor cam: tcp://127.0.0.1:9 has ended after 2 frames; ffmpeg: tcp://127.0.0.1:9: Connection reset; "+
		"it is opened again in 1ms, attempt 1 of 2", notes[1])
	for _, note := range notes {
		assert.NotContains(t, note, "secret")
		assert.NotContains(t, note, "user")
	}
}

func TestStreamErrors(t *testing.T) {
	dir, file := fakeFFmpeg(t, `case "$*" in
*v4l2*) echo "[video4linux2,v4l2 @ 0x55d] ioctl(VIDIOC_STREAMON): Device or resource busy" >&2
echo "/dev/null: Device or resource busy" >&2; exit 1;;
*) echo "[tcp @ 0x5] Connection to tcp://127.0.0.1:9 failed: Connection refused" >&2; exit 1;; esac`)
	none := admission.Rule{}
	refused(t, "stream", streamSpec(t, "/dev/null", none, param("size", "640x480")), kernel.ErrSource,
		"no frames: /dev/null: not a frame could be decoded; ffmpeg: ioctl(VIDIOC_STREAMON): Device or resource busy … "+
			"/dev/null: Device or resource busy")
	assert.Contains(t, starts(t, dir)[0], "-f v4l2 -video_size 640x480 -i /dev/null -map 0:V:0 -fps_mode passthrough ")
	refused(t, "stream", streamSpec(t, "rtsp://me:pass@127.0.0.1/live?key=1", none, nil), kernel.ErrSource,
		"no frames: rtsp://127.0.0.1/live?...: not a frame could be decoded; ffmpeg: Connection to tcp://127.0.0.1:9 "+
			"failed: Connection refused")
	assert.Contains(t, starts(t, dir)[1], "-protocol_whitelist rtsp,rtp,udp,tcp -format_whitelist ")
	assert.Contains(t, starts(t, dir)[1], " -rtsp_transport tcp -i rtsp://me:pass@127.0.0.1/live?key=1 -map 0:V:0 ")
	for _, tc := range []struct {
		source string
		params map[string]any
		want   error
		says   string
	}{
		{"/dev/video-none", nil, kernel.ErrSource,
			"there is no camera /dev/video-none; v4l2-ctl --list-devices lists those that there are"},
		{dir + "/none.mp4", nil, os.ErrNotExist, "none.mp4"},
		{"ftp://u:p@host/x", nil, kernel.ErrSource, "no frames: ftp://host/x: expected an address that begins with " +
			"http://, https://, rtsp://, tcp://"},
		{"tcp://u:p@host/", nil, kernel.ErrSource, "no frames: tcp://host/ names no port"},
		{"tcp://u:p@host:9?listen=1", nil, kernel.ErrSource,
			"no frames: tcp://host:9?...: leave out what stands behind ?; a tcp address takes no options"},
		{"http://u:p@/x", nil, kernel.ErrSource, "no frames: http:///x names no host"},
		{"http://u:p@ho st/%zz", nil, kernel.ErrSource, "no frames: http://ho st/%zz is no address"},
		{file, param("size", "640x480"), kernel.ErrParam,
			"pixel_format, size and frame_rate are asked of a camera only; " + file},
		{"/dev/null", param("size", "640"), kernel.ErrParam, "size is 640; expected width and height, as 640x480"},
		{"/dev/null", param("pixel_format", "-i"), kernel.ErrParam, "pixel_format is -i; expected a name such as yuyv422"},
		{file, param("transport", "udp"), kernel.ErrParam, "transport is udp; expected tcp or udp, of an rtsp:// address"},
		{file, param("stall", "soon"), kernel.ErrParam, "stall is soon; expected a time such as 500ms, 10s or 0s"},
		{file, param("reconnect", -1), kernel.ErrParam, "reconnect is -1; expected a whole number from 0 to 1000000"},
	} {
		refused(t, "stream", streamSpec(t, tc.source, none, tc.params), tc.want, tc.says)
	}
	refused(t, "stream", kernel.Spec{Out: ports(t, "uint8[1,4,3]")}, kernel.ErrParam,
		"source is missing; give a video file, a camera as /dev/video0, or an address as rtsp://camera.local/live")

	// What an agent's user has not given is not opened.
	allowed, err := files.Below(dir)
	require.NoError(t, err)
	for _, source := range []string{"/dev/null", "tcp://u:p@127.0.0.1:9"} {
		s := streamSpec(t, source, none, nil)
		s.Files = allowed
		refused(t, "stream", s, files.ErrSource, files.Shown(source)+": no such source may be opened here; the agent's user "+
			"gives cameras and addresses with --source")
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "ffmpeg")))
	refused(t, "stream", streamSpec(t, "tcp://u:p@127.0.0.1:9", none, nil), kernel.ErrSource,
		"the program ffmpeg is needed to decode tcp://127.0.0.1:9 and was not found (Debian: apt-get install ffmpeg)")
}

// Await after the end says why, also where a firing waits.
func TestStreamFailsAWaitingFiring(t *testing.T) {
	_, show := paced(t, "")
	show(a)
	s := streamSpec(t, "tcp://127.0.0.1:9", admission.Rule{}, param("reconnect", 0))
	stream := newBench(t, "stream", s)
	stream.fire(t)
	failed := make(chan error, 1)
	go func() { failed <- stream.Fire(&stream.f) }()
	show("end")
	select {
	case err := <-failed:
		require.ErrorIs(t, err, kernel.ErrSource)
		assert.ErrorContains(t, err, "tcp://127.0.0.1:9 has ended after 1 frames")
	case <-time.After(30 * time.Second):
		require.Fail(t, "a firing waits for a stream that has ended")
	}
}
