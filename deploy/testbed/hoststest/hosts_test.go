//go:build hosts

package hoststest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const long = 20 * time.Second // what a condition may take on a loaded machine

// echo returns a connection of host a to a server on host b that sends back what it gets.
func echo(t *testing.T, h *Hosts, a, b string) net.Conn {
	t.Helper()
	l, err := h.Listen(b, "0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.Copy(c, c)
			_ = c.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	c, err := h.Dial(ctx, a, l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// back sends bytes and returns when they are back.
func back(c net.Conn, n int, limit time.Duration) (time.Duration, error) {
	begin := time.Now()
	if err := c.SetDeadline(begin.Add(limit)); err != nil {
		return 0, err
	}
	failed := make(chan error, 1)
	go func() {
		_, err := c.Write(make([]byte, n))
		failed <- err
	}()
	_, err := io.ReadFull(c, make([]byte, n))
	if sent := <-failed; err == nil {
		err = sent
	}
	return time.Since(begin), err
}

func TestClocksAndBootIDs(t *testing.T) {
	h := New(t, map[string]Spec{"a": {Ahead: 48 * time.Hour}, "b": {}})
	read := func(host, path string) string {
		out, err := h.Command(host, "cat", path).Output()
		require.NoError(t, err)
		return strings.TrimSpace(string(out))
	}
	const boot = "/proc/sys/kernel/random/boot_id"
	assert.Equal(t, "77777777-7777-4777-8777-000000000001", read("a", boot))
	assert.Equal(t, "77777777-7777-4777-8777-000000000002", read("b", boot))
	assert.Equal(t, []string{"monotonic", "172800", "0"}, strings.Fields(read("a", "/proc/self/timens_offsets"))[:3])
	own, err := os.ReadFile(boot)
	require.NoError(t, err)
	assert.False(t, strings.HasPrefix(string(own), "77777777"), "the machine's own is changed")
}

// A link takes at least the time that its latency and its bandwidth say, in either way in
// which it is made.
func TestShapedLinks(t *testing.T) {
	const rate, bytes = 1e6, 600_000
	for name, late := range map[string]time.Duration{"bandwidth alone": 0, "with latency": 30 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			link := Both(Direction{BytesPerSec: rate, Latency: late})
			h := New(t, map[string]Spec{"a": {Link: link}, "b": {}})
			c := echo(t, h, "a", "b")
			took, err := back(c, 1, long)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, took, 2*late)
			took, err = back(c, bytes, 2*long)
			require.NoError(t, err)
			assert.Greater(t, took.Seconds(), 0.8*bytes/rate+2*late.Seconds())
			h.Shape(t, "a", Both(Direction{Latency: late}))
			fast, err := back(c, bytes/4, long)
			require.NoError(t, err)
			t.Logf("there and back: %d bytes %v at 1 MB/s, %d bytes %v without a limit", bytes, took, bytes/4, fast)
		})
	}
}

func TestUnpluggedLink(t *testing.T) {
	for name, late := range map[string]time.Duration{"the kernel's": 0, "with latency": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			h := New(t, map[string]Spec{"a": {Link: Both(Direction{Latency: late})}, "b": {}})
			c := echo(t, h, "a", "b")
			_, err := back(c, 10, long)
			require.NoError(t, err)
			h.Unplug(t, "a")
			_, err = back(c, 10, 300*time.Millisecond)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, "something crossed, or the connection is broken")
			h.Plug(t, "a")
			require.NoError(t, c.SetDeadline(time.Now().Add(long)))
			_, err = io.ReadFull(c, make([]byte, 10)) // TCP sends again
			assert.NoError(t, err)
		})
	}
}

func TestFullFolder(t *testing.T) {
	h := New(t, map[string]Spec{"a": {}, "b": {}})
	dir := t.TempDir()
	h.Folder(t, "a", dir, 1<<20)
	fill := func() ([]byte, error) {
		return h.Command("a", "dd", "if=/dev/zero", "bs=1M", "count=2", "of="+filepath.Join(dir, "file")).CombinedOutput()
	}
	out, err := fill()
	assert.Error(t, err)
	assert.Contains(t, string(out), "No space left on device")
	h.Resize(t, "a", dir, 4<<20)
	out, err = fill()
	assert.NoError(t, err, "%s", out)
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, names, "the machine sees a host's own folder")
}

func TestProcesses(t *testing.T) {
	h := New(t, map[string]Spec{"a": {}})
	begin := time.Now()
	p := h.Start(t, "a", "sh", "-c", "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done")
	require.Eventually(t, func() bool { return p.Output() == "ready\n" }, long, 10*time.Millisecond)
	require.NoError(t, p.Signal(syscall.SIGTERM))
	<-p.Done()
	assert.Equal(t, "ready\nbye\n", p.Output())
	assert.Equal(t, 7, p.Code())
	_, ready, ok := p.Said(begin, "ready")
	assert.True(t, ok)
	line, bye, ok := p.Said(ready, "no such line", "by")
	assert.True(t, ok)
	assert.Equal(t, "bye", line)
	assert.True(t, bye.After(ready))
	_, _, ok = p.Said(ready, "ready")
	assert.False(t, ok, "a line from before is found")
	p = h.Start(t, "a", "sleep", "infinity")
	p.Kill()
	assert.Equal(t, -1, p.Code())
}

// What a killed test leaves behind goes when hosts are made next, and nothing else.
func TestLeftNamespacesGo(t *testing.T) {
	need(t)
	left := prefix + "4194304-77-1-a" // no process has that ID
	other := "edgeprune-other-1"
	for _, name := range []string{left, other} {
		namespace(t, name)
	}
	inside := exec.Command("ip", "netns", "exec", left, "sleep", "infinity")
	require.NoError(t, inside.Start())
	require.Eventually(t, func() bool {
		pids, err := exec.Command("ip", "netns", "pids", left).Output()
		return err == nil && len(pids) > 0
	}, long, 10*time.Millisecond, "the process has not entered its namespace")
	h := New(t, map[string]Spec{"a": {}})
	assert.Error(t, inside.Wait(), "a process of a killed test goes on")
	names, err := filepath.Glob("/var/run/netns/*")
	require.NoError(t, err)
	assert.NotContains(t, names, "/var/run/netns/"+left)
	assert.Contains(t, names, "/var/run/netns/"+other)
	assert.Contains(t, names, "/var/run/netns/"+h.hub)
}

func TestAbandoned(t *testing.T) {
	own := started(os.Getpid())
	require.NotEmpty(t, own)
	for name, want := range map[string]bool{
		prefix + "4194304-77-1-a": true, prefix + "1-0-1-a": true, "edgeprune-other": false, prefix + "x": false,
		prefix + "x-1-2-a": false, fmt.Sprintf("%s%d-%s-1-a", prefix, os.Getpid(), own): false,
	} {
		assert.Equal(t, want, abandoned(name), name)
	}
}
