package source

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A stream that gives nothing for too long counts as ended.
func TestStreamStalls(t *testing.T) {
	const stall = "10s" // also within which the script has to begin
	dir, _ := fakeFFmpeg(t, "frame "+a+"\n"+child+"wait")
	defer endChildren(t, dir)
	returns(t, "a stream that stalls", func() {
		stream, run := begin(t, streamSpec(t, "tcp://127.0.0.1:9", admission.Rule{}, map[string]any{
			"stall": stall, "reconnect": 0,
		}))
		assert.EqualValues(t, 'a', stream.enter(t, run))
		assert.EqualError(t, run.end(), "no frames: tcp://127.0.0.1:9 has stalled: no frame has come for 10s, after 1 frames")
	})

	// One that closes its output and goes on is ended, too.
	_, _ = fakeFFmpeg(t, "exec >/dev/null 2>&1; while :; do :; done")
	k, err := newStream(streamSpec(t, "tcp://127.0.0.1:9", admission.Rule{}, map[string]any{"stall": "500ms"}))
	require.ErrorIs(t, err, kernel.ErrSource)
	require.Nil(t, k)
	require.EqualError(t, err, "no frames: tcp://127.0.0.1:9: no frame has come within 500ms")
}

// A stream ends with its kernel, whatever it is doing.
func TestStreamCloses(t *testing.T) {
	for name, script := range map[string]string{
		"writes for ever": "while :; do frame " + a + "; done",
		"is silent":       "frame " + a + "\n" + child + "wait",
		"is away":         "frame " + a,
	} {
		for _, rule := range []admission.Rule{{}, {Policy: admission.Newest}} {
			dir, _ := fakeFFmpeg(t, script)
			returns(t, "a stream that "+name, func() {
				k, err := newStream(streamSpec(t, "tcp://127.0.0.1:9", rule, map[string]any{"reconnect_wait": "1h"}))
				if assert.NoError(t, err) {
					c := newCaptor(t, rule)
					kernel.IsLive(k).Begin(c)
					c.captured(rule1(rule))
					if strings.Contains(script, child) {
						require.EventuallyWithT(t, func(t *assert.CollectT) {
							_, err := os.Stat(filepath.Join(dir, "children"))
							assert.NoError(t, err)
						}, 30*time.Second, time.Millisecond)
					}
					assert.NoError(t, k.Close())
				}
			})
			assert.True(t, gone(t, dir), name)
			if strings.Contains(script, child) {
				endChildren(t, dir)
			}
		}
	}
}

// A stream may be closed, and one that hangs be ended, just when it is opened again: it then stays closed.
func TestFeedIsClosedWhileItReopens(t *testing.T) {
	f := &feed{closed: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			f.reopen()
		}
	}()
	for range 1000 {
		f.stop()
	}
	f.close()
	<-done
	assert.ErrorIs(t, f.open(), kernel.ErrSource)
}

// One that gives no frame is given up when nobody waits for it any more, as when a device is
// taken back while its run is loaded.
func TestStreamIsGivenUp(t *testing.T) {
	dir, _ := fakeFFmpeg(t, child+"wait")
	s := streamSpec(t, "tcp://127.0.0.1:9", admission.Rule{}, param("stall", "0s"))
	var end context.CancelFunc
	s.Context, end = context.WithCancel(t.Context())
	returns(t, "a stream that is given up", func() {
		go func() {
			defer end()
			assert.Eventually(t, func() bool {
				_, err := os.Stat(filepath.Join(dir, "children"))
				return err == nil
			}, 20*time.Second, time.Millisecond)
		}()
		_, err := newStream(s)
		assert.ErrorIs(t, err, kernel.ErrSource)
	})
	endChildren(t, dir)
	assert.True(t, gone(t, dir))
}

// rule1 is how many frames a stream of at least one has for a run by a rule.
func rule1(rule admission.Rule) int64 {
	if rule.Drops() {
		return 0
	}
	return 1
}
