package hoststest

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// wire is a link whose packets this process delays: two TAP devices (see the kernel's
// Documentation/networking/tuntap.rst), each in a namespace of its own.
type wire struct{ up, down *lane }

// lane is one direction of a wire.
type lane struct {
	from, to *os.File
	shape    atomic.Pointer[Direction]
}

// frame is a packet that arrives when it is due.
type frame struct {
	due  time.Time
	data []byte
}

const (
	frameBytes = 2048 // a packet of Ethernet's 1500 bytes and its header fit
	onTheWay   = 8192 // packets of a direction, what is on the way with a long delay included
)

// newWire makes a wire between a port of the switch and a host, which ends with the test.
func newWire(t testing.TB, hub, port, namespace, device string) *wire {
	t.Helper()
	a, b := tap(t, namespace, device), tap(t, hub, port)
	w := &wire{up: newLane(a, b), down: newLane(b, a)}
	var wg sync.WaitGroup
	wg.Go(w.up.move)
	wg.Go(w.down.move)
	t.Cleanup(func() {
		_, _ = a.Close(), b.Close() // both are read and written until then
		wg.Wait()
	})
	return w
}

func newLane(from, to *os.File) *lane {
	l := &lane{from: from, to: to}
	l.shape.Store(&Direction{})
	return l
}

// tap makes a TAP device in a network namespace; it is gone when it is closed.
func tap(t testing.TB, namespace, device string) *os.File {
	t.Helper()
	var file *os.File
	err := within(namespace, func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return os.NewSyscallError("open /dev/net/tun", err)
		}
		file = os.NewFile(uintptr(fd), device)
		request, err := unix.NewIfreq(device)
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
		return os.NewSyscallError("TUNSETIFF", unix.IoctlIfreq(fd, unix.TUNSETIFF, request))
	})
	require.NoError(t, err, "make %s in %s", device, namespace)
	// The poller takes a file of a device only after the device is there.
	fd, err := unix.Dup(int(file.Fd()))
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.NoError(t, unix.SetNonblock(fd, true))
	unix.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), device)
}

// move moves packets until an end is closed.
func (l *lane) move() {
	due := make(chan frame, onTheWay)
	var wg sync.WaitGroup
	wg.Go(func() {
		for f := range due {
			time.Sleep(time.Until(f.due))
			_, _ = l.to.Write(f.data) // of a link that is down or closed: the packet is lost
		}
	})
	defer wg.Wait()
	defer close(due)
	var free time.Time // when the last byte has left
	for {
		buffer := make([]byte, frameBytes)
		n, err := l.from.Read(buffer)
		if err != nil {
			return // closed
		}
		d, now := *l.shape.Load(), time.Now()
		if free.Before(now) {
			free = now
		}
		if d.BytesPerSec > 0 {
			if free.Sub(now) > queued {
				continue // the queue is full
			}
			free = free.Add(time.Duration(float64(n) / d.BytesPerSec * float64(time.Second)))
		}
		select {
		case due <- frame{due: free.Add(d.Latency), data: buffer[:n]}:
		default: // lost, as in a switch
		}
	}
}
