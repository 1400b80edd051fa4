//go:build hosts

package kerneltcp

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// path is two network namespaces whose only link is this process: it hands every packet on
// after a delay, at a bandwidth, and drops some.
type path struct {
	delay       time.Duration // one way
	bytesPerSec float64
	rate        float64 // of packets that are dropped, from the first host to the second

	names [2]string
}

// hosts are the addresses of the two ends.
var hosts = [2]string{"10.77.0.1", "10.77.0.2"}

func (p *path) open(t *testing.T, seed uint64) {
	t.Helper()
	var ends [2]*os.File
	for i := range ends {
		p.names[i] = fmt.Sprintf("ep-tcp-%d-%d", os.Getpid(), i)
		ip(t, "netns", "add", p.names[i])
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", p.names[i]).Run() })
		p.within(t, i, func() { ends[i] = tun(t) })
		ip(t, "-n", p.names[i], "address", "add", hosts[i]+"/24", "dev", "ep0")
		ip(t, "-n", p.names[i], "link", "set", "ep0", "up")
		ip(t, "-n", p.names[i], "link", "set", "lo", "up")
	}
	var all sync.WaitGroup
	for i := range ends {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		drops := []float64{p.rate, 0}[i]
		all.Go(func() { p.pass(ends[i], ends[1-i], func() bool { return rng.Float64() < drops }) })
	}
	t.Cleanup(func() {
		ends[0].Close()
		ends[1].Close()
		all.Wait()
	})
}

// within calls f on a thread that is in a namespace, whose sockets stay in it.
func (p *path) within(t *testing.T, i int, f func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with this goroutine
		ns, err := os.Open("/run/netns/" + p.names[i])
		if err == nil {
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			ns.Close()
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	require.NoError(t, <-done)
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	require.NoError(t, err, "ip %s: %s", strings.Join(args, " "), out)
}

// tun makes the device ep0 in the namespace of its thread.
func tun(t *testing.T) *os.File {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	require.NoError(t, err)
	request, err := unix.NewIfreq("ep0")
	require.NoError(t, err)
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	require.NoError(t, unix.IoctlIfreq(fd, unix.TUNSETIFF, request))
	return os.NewFile(uintptr(fd), "tun")
}

// packet is on its way until a time.
type packet struct {
	due  time.Time
	data []byte
}

// pass hands packets on until the first file is closed.
func (p *path) pass(from, to *os.File, drop func() bool) {
	line := make(chan packet, 1<<16)
	var all sync.WaitGroup
	all.Go(func() {
		for x := range line {
			time.Sleep(time.Until(x.due))
			if _, err := to.Write(x.data); err != nil {
				continue // it is closed, or the packet is not IP's
			}
		}
	})
	free := time.Now()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			break
		}
		now := time.Now()
		if free.Before(now) {
			free = now
		}
		free = free.Add(time.Duration(float64(n) / p.bytesPerSec * 1e9))
		if n > 100 && drop() { // what carries nothing is not dropped, as the simulator has it
			continue
		}
		line <- packet{free.Add(p.delay), append([]byte(nil), buffer[:n]...)}
	}
	close(line)
	all.Wait()
}
