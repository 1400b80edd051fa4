package hoststest

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// within calls f on a thread that is in a network namespace: the sockets and devices that
// it makes stay there.
func within(namespace string, f func() error) error {
	target, err := unix.Open(filepath.Join("/var/run/netns", namespace), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open network namespace %s: %w", namespace, err)
	}
	defer func() { _ = unix.Close(target) }()
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine unless it is back
		own, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			result <- fmt.Errorf("open the own network namespace: %w", err)
			return
		}
		defer func() { _ = unix.Close(own) }()
		if err := unix.Setns(target, unix.CLONE_NEWNET); err != nil {
			result <- fmt.Errorf("enter network namespace %s: %w", namespace, err)
			return
		}
		err = f()
		if unix.Setns(own, unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		result <- err
	}()
	return <-result
}

// Dial connects to an address of IPv4 numbers as a program on a host does.
func (h *Hosts) Dial(ctx context.Context, name, address string) (net.Conn, error) {
	var conn net.Conn
	err := within(h.host(name).namespace, func() (err error) {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp4", address)
		return err
	})
	return conn, err
}

// Listen listens at a port of a host; "0" takes a free one.
func (h *Hosts) Listen(name, port string) (net.Listener, error) {
	x := h.host(name)
	var l net.Listener
	err := within(x.namespace, func() (err error) {
		l, err = net.Listen("tcp4", net.JoinHostPort(x.address, port))
		return err
	})
	return l, err
}
