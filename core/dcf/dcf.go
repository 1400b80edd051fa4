// Package dcf computes what a saturated Wi-Fi cell carries by the number of its stations: the
// distributed coordination function of IEEE 802.11 with basic access, after G. Bianchi,
// "Performance analysis of the IEEE 802.11 distributed coordination function", IEEE Journal on
// Selected Areas in Communications 18(3), 2000, 535-547, doi:10.1109/49.840210. All stations
// hear each other, always have something to send, and lose nothing but by collisions. It may not
// know what is sent.
package dcf

import (
	"math"
	"time"
)

// Timing is that of a standard's physical and medium access layers.
type Timing struct {
	Slot, SIFS, DIFS time.Duration
	Propagation      time.Duration
	// Preamble is what the physical layer sends before a frame of data or an acknowledgement.
	Preamble time.Duration
	// Window is the contention window of the first attempt in slots, CWmin + 1, and Doublings how
	// often it doubles with collisions in a row, until it is CWmax + 1.
	Window, Doublings int
	// HeaderBytes are those of a frame beside its payload, the frame check sequence among them,
	// and AckBytes those of an acknowledgement, which is sent at AckBitsPerSec.
	HeaderBytes, AckBytes int
	AckBitsPerSec         float64
}

// Frames of IEEE 802.11: MAC header and frame check sequence, and an acknowledgement.
const (
	headerBytes = 24 + 4
	ackBytes    = 14
)

// The standards, after IEEE Std 802.11-2016: clauses 16 (b, long preamble), 17 (a) and 18 (g, no
// station of b near), and table 9-131 of default windows. Acknowledgements go at the lowest rate.
var (
	B = Timing{
		Slot: 20 * time.Microsecond, SIFS: 10 * time.Microsecond, DIFS: 50 * time.Microsecond,
		Propagation: time.Microsecond, Preamble: 192 * time.Microsecond, Window: 32, Doublings: 5,
		HeaderBytes: headerBytes, AckBytes: ackBytes, AckBitsPerSec: 1e6,
	}
	A = Timing{
		Slot: 9 * time.Microsecond, SIFS: 16 * time.Microsecond, DIFS: 34 * time.Microsecond,
		Propagation: time.Microsecond, Preamble: 20 * time.Microsecond, Window: 16, Doublings: 6,
		HeaderBytes: headerBytes, AckBytes: ackBytes, AckBitsPerSec: 6e6,
	}
	G = Timing{
		Slot: 9 * time.Microsecond, SIFS: 10 * time.Microsecond, DIFS: 28 * time.Microsecond,
		// with the signal extension of 6 us behind every frame
		Propagation: time.Microsecond, Preamble: 26 * time.Microsecond, Window: 16, Doublings: 6,
		HeaderBytes: headerBytes, AckBytes: ackBytes, AckBitsPerSec: 6e6,
	}
)

// Standards returns the timings by the names of their standards.
func Standards() map[string]*Timing {
	return map[string]*Timing{"802.11a": &A, "802.11b": &B, "802.11g": &G}
}

// Attempt returns the probability tau that one of n stations, at least 1, transmits in a slot:
// the solution of Bianchi's equations (7) and (9),
//
//	tau = 2 (1-2p) / ((1-2p)(W+1) + p W (1-(2p)^m))
//	p   = 1 - (1-tau)^(n-1)
//
// for the window W and m doublings, where p is the probability that a transmission collides.
func (t *Timing) Attempt(n int) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		tau := (low + high) / 2
		p := 1 - math.Pow(1-tau, float64(n-1))
		sum, power := 0.0, 1.0 // (1-(2p)^m) / (1-2p)
		for range t.Doublings {
			sum += power
			power *= 2 * p
		}
		w := float64(t.Window)
		if tau < 2/(1+w+p*w*sum) {
			low = tau
		} else {
			high = tau
		}
	}
	return (low + high) / 2
}

// Throughput returns the payload in bytes/s that n stations carry together when each transmits
// in a slot with probability tau, in frames of so many bytes of payload at bitsPerSec: Bianchi's
// equation (13), with T_s and T_c of basic access by (14) and (17),
//
//	S = P_s P_tr E[P] / ((1-P_tr) slot + P_tr P_s T_s + P_tr (1-P_s) T_c)
//
// where P_tr is the probability that some station transmits in a slot and P_s that then only one
// does.
func (t *Timing) Throughput(n int, tau, payload, bitsPerSec float64) float64 {
	one := float64(n) * tau * math.Pow(1-tau, float64(n-1)) // P_tr P_s
	none := math.Pow(1-tau, float64(n))
	frame := t.Preamble.Seconds() + 8*(float64(t.HeaderBytes)+payload)/bitsPerSec
	ack := t.Preamble.Seconds() + 8*float64(t.AckBytes)/t.AckBitsPerSec
	success := frame + t.SIFS.Seconds() + ack + t.DIFS.Seconds() + 2*t.Propagation.Seconds()
	collision := frame + t.DIFS.Seconds() + t.Propagation.Seconds()
	return one * payload / (none*t.Slot.Seconds() + one*success + (1-none-one)*collision)
}
