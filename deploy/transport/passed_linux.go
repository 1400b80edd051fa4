package transport

import (
	"math"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// delayed are the segments that a receiver may leave without an acknowledgement for a while
// (RFC 9293, 3.8.6.3).
const delayed = 2

// passed reads how far a TCP connection has come: see tcp(7), TCP_INFO.
func passed(raw syscall.RawConn) (p Passed, ok bool) {
	_ = raw.Control(func(fd uintptr) { // it fails on a closed connection: then nothing is known
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil || info.Bytes_acked == 0 {
			return // an old kernel doesn't count them
		}
		p.Bytes, p.few, ok = info.Bytes_acked-1, delayed*uint64(info.Snd_mss), true // SYN counts as one
		if info.Min_rtt != math.MaxUint32 {
			p.RoundTrip = time.Duration(info.Min_rtt) * time.Microsecond
		}
	})
	return p, ok
}
