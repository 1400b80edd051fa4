package topcmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/cli/live"
	"github.com/edgeprune/edgeprune/experiments/cli/topcmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"
)

// screen is what a command has printed so far.
type screen struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// top runs the command beside an endless run, whose first device has a kernel of 2 ms.
type top struct {
	t  *testing.T
	nc *coordinator.Driver
}

func beside(t *testing.T) *top {
	t.Helper()
	slow := func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(f *kernel.Firing) error {
			time.Sleep(2 * time.Millisecond)
			for _, port := range f.Out {
				kerneltest.Fill(port[0], f.Frame)
			}
			return nil
		}), nil
	}
	tb := testbedtest.Local(t, map[string]kernel.New{"slow": slow}, "d0", "d1")
	d := tb.Driver()
	d.Name = "lab"
	d.Conn = testbedtest.Observe(t, tb.URL())
	b := enginetest.NewBuilder("p", 1<<30, 1, 1)
	b.Chain(1, 1, 0, 1)
	p := b.Plan()
	p.Graph.Actors[0].Kernel = "slow"
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := d.Run(ctx, p)
		assert.ErrorIs(t, err, context.Canceled, "the run isn't disturbed")
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	watcher := &coordinator.Driver{Conn: d.Conn, Name: "watcher"}
	require.Eventually(t, func() bool {
		s, err := watcher.Status(t.Context(), "d1")
		return err == nil && s.State == wire.Running && s.Frames > 0
	}, 20*time.Second, 10*time.Millisecond)
	return &top{t, watcher}
}

// run runs the command on a terminal that holds keys, or none if they are nil.
func (x *top) run(ctx context.Context, out io.Writer, keys io.Reader, args ...string) error {
	c := (&topcmd.Top{
		Stdin: keys, Stdout: out, Terminal: keys != nil, Access: func() []cli.Flag { return nil },
		Dial: func(*cli.Context) (*coordinator.Driver, func(), error) { return x.nc, func() {}, nil },
	}).Command()
	app := &cli.App{Commands: []*cli.Command{c}, ExitErrHandler: func(*cli.Context, error) {}, Writer: io.Discard}
	return app.RunContext(ctx, append([]string{"edgeprune", "top"}, args...))
}

func TestOnce(t *testing.T) {
	x := beside(t)
	var out screen
	require.NoError(t, x.run(t.Context(), &out, nil, "--once", "--interval", "1s"))
	assert.Regexp(t, `(?m)^device  state    run +of +frame +frames/s  units busy +fullest FIFO +sends MB/s +`+
		`receives MB/s +°C +W *$`, out.String())
	assert.Regexp(t, `(?m)^d0      running  …\w{6}  lab  \d+ of 1073741824  [\d.]+ +\w+ \d+% +\d/1 count0.+ +`+
		`d1 [\d.e-]+ of \?, busy \d+% +d1 [\d.]+ *$`, out.String())
	assert.Regexp(t, `(?m)^(the|nothing|no frame) .* (is|was) .*$`, out.String(), "the bottleneck in words")

	out = screen{}
	require.NoError(t, x.run(t.Context(), &out, nil, "--once", "--json", "--interval", "1s"))
	assert.Equal(t, 1, strings.Count(out.String(), "\n"))
	var s live.Screen
	require.NoError(t, json.Unmarshal([]byte(out.String()), &s))
	require.Len(t, s.Devices, 2)
	assert.Positive(t, s.Devices[0].Rates.FramesPerSec)
	assert.Positive(t, *s.Devices[0].Units[0].Busy)
	assert.NotEmpty(t, s.Bottlenecks)
}

// Where there is no terminal a screen is printed per interval, until the user interrupts it.
func TestPlainScreensUntilInterrupted(t *testing.T) {
	x := beside(t)
	ctx, cancel := context.WithCancel(t.Context())
	var out screen
	ended := make(chan error, 1)
	go func() { ended <- x.run(ctx, &out, nil, "--interval", "1s") }()
	require.Eventually(t, func() bool { return strings.Count(out.String(), "device  state") == 2 }, 30*time.Second,
		10*time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
	assert.NotContains(t, out.String(), "\x1b")
}

// What terminals are told: to use another screen, to go back, to show the cursor, to hide it.
const enter, leave, show, hide = "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h", "\x1b[?25l"

// newTerminal returns a pseudo terminal and who sits before it, of 200 columns.
func newTerminal(t *testing.T) (hand, terminal *os.File) {
	t.Helper()
	hand, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = hand.Close() }) // what is left in it is of no use
	require.NoError(t, unix.IoctlSetPointerInt(int(hand.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(hand.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	terminal, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = terminal.Close() })
	require.NoError(t, unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 20, Col: 200}))
	return hand, terminal
}

func settings(t *testing.T, terminal *os.File) unix.Termios {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	require.NoError(t, err)
	return *s
}

// The terminal is as it was when the user ends the command by a key, or a signal does.
func TestTheTerminalIsRestored(t *testing.T) {
	x := beside(t)
	for name, end := range map[string]func(keys io.Writer, interrupt func()){
		"q":      func(keys io.Writer, _ func()) { _, _ = keys.Write([]byte("q")) },
		"ctrl-c": func(keys io.Writer, _ func()) { _, _ = keys.Write([]byte{3}) },
		"signal": func(_ io.Writer, interrupt func()) { interrupt() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		hand, terminal := newTerminal(t)
		before := settings(t, terminal)
		var out screen
		go func() { _, _ = io.Copy(&out, hand) }() // until the terminal is closed
		ended := make(chan error, 1)
		go func() { ended <- x.run(ctx, terminal, terminal, "--interval", "1s") }()
		require.Eventually(t, func() bool { return strings.Contains(out.String(), "of 1073741824") }, 30*time.Second,
			10*time.Millisecond, name)
		assert.NotEqual(t, before, settings(t, terminal), "keys are read one by one")
		end(hand, cancel)
		require.NoError(t, <-ended, name)
		assert.Equal(t, before, settings(t, terminal), name)
		require.Eventually(t, func() bool {
			all := out.String()
			return strings.Contains(all, enter) && strings.LastIndex(all, leave) > strings.LastIndex(all, enter) &&
				strings.LastIndex(all, show) > strings.LastIndex(all, hide)
		}, 30*time.Second, 10*time.Millisecond, name)
		cancel()
	}
}

func TestTopThatCanNotWork(t *testing.T) {
	x := &top{t, testbedtest.Local(t, nil).Driver()}
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"--interval", "999ms"}, "--interval 999ms: expected 1s at least, and no arguments"},
		{[]string{"x"}, "--interval 2s: expected 1s at least, and no arguments"},
		{nil, "top: no agent answers at the NATS server; start them with edgeprune agent"},
	} {
		require.ErrorContains(t, x.run(t.Context(), io.Discard, nil, tt.args...), tt.says)
	}
}
