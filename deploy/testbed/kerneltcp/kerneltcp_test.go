//go:build hosts

package kerneltcp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const (
	token  = 1 << 20 // bytes
	tokens = 20
)

// measured sends tokens one after the other and returns how long each was on its way: until a byte
// has come back, less the way of that. trip is what that takes for tokens of a byte.
func measured(t *testing.T, p *path, congestion string) (list []time.Duration, trip time.Duration) {
	t.Helper()
	var l net.Listener
	p.within(t, 1, func() {
		var err error
		l, err = net.Listen("tcp4", hosts[1]+":7000")
		require.NoError(t, err)
	})
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for {
			var size [4]byte
			if _, err := io.ReadFull(c, size[:]); err != nil {
				return
			}
			if _, err := io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(size[:]))); err != nil {
				return
			}
			if _, err := c.Write([]byte{1}); err != nil {
				return
			}
		}
	}()
	var c net.Conn
	p.within(t, 0, func() {
		d := net.Dialer{Timeout: 20 * time.Second, Control: func(_, _ string, raw syscall.RawConn) (err error) {
			return errors.Join(raw.Control(func(fd uintptr) {
				err = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, congestion)
			}), err)
		}}
		var err error
		c, err = d.DialContext(t.Context(), "tcp4", hosts[1]+":7000")
		require.NoError(t, err)
	})
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(5*time.Minute)))
	send := func(bytes int) time.Duration {
		data := binary.BigEndian.AppendUint32(nil, uint32(bytes))
		data = append(data, make([]byte, bytes)...)
		start := time.Now()
		_, err := c.Write(data)
		require.NoError(t, err)
		_, err = io.ReadFull(c, make([]byte, 1))
		require.NoError(t, err)
		return time.Since(start)
	}
	var trips []time.Duration
	for range 50 {
		trips = append(trips, send(1))
	}
	trip = quantile.Median(trips)
	for range tokens + 3 {
		list = append(list, send(token)-trip/2)
	}
	return list[3:], trip // the window has grown by then
}

// modelled is what the simulator takes for the same tokens, sent one at a time, with the round trip
// that was measured: this process hands packets on later than it should on a machine in use.
func modelled(p *path, measured time.Duration) []time.Duration {
	l := &plan.Link{Loss: plan.Loss{Rate: p.rate, Model: plan.TCPLoss}}
	trip := int64(measured)
	rate := p.bytesPerSec
	if most := impairment.MaxBytesPerSec(&l.Loss, trip); most > 0 {
		rate = min(rate, most)
	}
	of := impairment.New(l, impairment.Path{Bytes: token, PerByteNs: 1e9 / rate, FlightNs: trip / 2, RoundTripNs: trip})
	var list []time.Duration
	for i := range uint64(2000) {
		e := of.Of(i)
		list = append(list, time.Duration(float64(token+e.LostBytes)/rate*1e9+float64(e.HeldNs+e.LateNs))+measured/2)
	}
	return list
}

func mean(list []time.Duration) time.Duration {
	sum := time.Duration(0)
	for _, d := range list {
		sum += d
	}
	return sum / time.Duration(len(list))
}

// The kernel's TCP (Reno, and CUBIC where it is there) takes for a token what the model says,
// within a factor that the formula's authors found on real paths as well.
func TestTCPOfTheKernel(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("namespaces need root")
	}
	for _, congestion := range []string{"reno", "cubic"} {
		for i, p := range []path{
			{delay: 10 * time.Millisecond, bytesPerSec: 12.5e6, rate: 0.01},
			{delay: 20 * time.Millisecond, bytesPerSec: 0.5e6, rate: 0.005},
			{delay: 20 * time.Millisecond, bytesPerSec: 12.5e6, rate: 0.001},
		} {
			t.Run(fmt.Sprintf("%s/%v,%gMB/s,%g", congestion, p.delay, p.bytesPerSec/1e6, p.rate), func(t *testing.T) {
				known, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
				require.NoError(t, err)
				if !slices.Contains(strings.Fields(string(known)), congestion) {
					t.Skipf("the kernel has no %s; it has %s", congestion, known)
				}
				p.open(t, uint64(i))
				got, trip := measured(t, &p, congestion)
				want := modelled(&p, trip)
				ratio := func(a, b time.Duration) float64 { return float64(a) / float64(b) }
				mid, all := ratio(quantile.Median(want), quantile.Median(got)), ratio(mean(want), mean(got))
				t.Logf("round trip %v; median: kernel %v, model %v, ratio %.2f; mean: kernel %v, model %v, ratio %.2f",
					trip.Round(100*time.Microsecond), quantile.Median(got).Round(time.Millisecond),
					quantile.Median(want).Round(time.Millisecond), mid,
					mean(got).Round(time.Millisecond), mean(want).Round(time.Millisecond), all)
				assert.InDelta(t, 1, mid, 0.5)
				assert.InDelta(t, 1, all, 0.5)
			})
		}
	}
}
