package coordinator_test

import (
	"context"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// With patience the user is told for which device the run waits, and when it is back.
func TestWhatIsWaitedForIsTold(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.Works, "d0", "d1"))
	require.NoError(t, err)
	defer tb.Close()
	notes := make(chan string, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun := make(chan struct{})
	tellBegun := sync.OnceFunc(func() { close(begun) })
	d := tb.Driver()
	d.Patience, d.Note = time.Minute, func(text string) { notes <- text }
	d.Progress = func(frames, _ int64) {
		if frames > 0 {
			tellBegun()
		}
	}
	over := make(chan error, 1)
	go func() {
		_, err := d.Run(ctx, with(small(1e6), 0, "slow"))
		over <- err
	}()
	select {
	case <-begun:
	case err := <-over:
		require.Fail(t, "the run is over", "%v", err)
	}
	process := cmds.Started()[0].Process
	require.NoError(t, process.Signal(syscall.SIGSTOP))
	says := func(text string) {
		for limit := time.After(30 * time.Second); ; {
			select {
			case note := <-notes:
				if strings.Contains(note, text) {
					return
				}
			case <-limit:
				require.Fail(t, "not told", text)
			}
		}
	}
	says(" into the run: device d0 has been silent for ")
	require.NoError(t, process.Signal(syscall.SIGCONT))
	says(" into the run: device d0 is heard again")
	cancel()
	assert.ErrorIs(t, <-over, context.Canceled)
}
