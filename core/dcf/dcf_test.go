package dcf_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/dcf"
	"github.com/stretchr/testify/assert"
)

// fhss is the system of Bianchi's paper: its Table II, with the window and the doublings of one
// of its figures. Headers of 400 bits and acknowledgements of 240 are all sent at 1 Mbit/s.
func fhss(window, doublings int) *dcf.Timing {
	return &dcf.Timing{
		Slot: 50 * time.Microsecond, SIFS: 28 * time.Microsecond, DIFS: 128 * time.Microsecond,
		Propagation: time.Microsecond, Window: window, Doublings: doublings,
		HeaderBytes: 50, AckBytes: 30, AckBitsPerSec: 1e6,
	}
}

// contend plays saturated stations slot by slot and returns their throughput in bytes/s. It
// shares no formula with the package: windows, draws and durations are as the standard has them.
func contend(t *dcf.Timing, n int, payload, bitsPerSec float64, rng *rand.Rand) float64 {
	type station struct{ wait, stage int }
	stations := make([]station, n)
	draw := func(s *station) { s.wait = rng.IntN(t.Window << s.stage) }
	for i := range stations {
		draw(&stations[i])
	}
	airtime := func(bytes int) float64 { return t.Preamble.Seconds() + (float64(bytes)+payload)*8/bitsPerSec }
	clock, sent := 0.0, 0.0
	for range 400_000 {
		var talk []int
		for i := range stations {
			if stations[i].wait == 0 {
				talk = append(talk, i)
			} else {
				stations[i].wait--
			}
		}
		switch len(talk) {
		case 0:
			clock += t.Slot.Seconds()
		case 1:
			ack := t.Preamble.Seconds() + float64(t.AckBytes)*8/t.AckBitsPerSec
			clock += airtime(t.HeaderBytes) + t.Propagation.Seconds() + t.SIFS.Seconds() + ack + t.Propagation.Seconds() +
				t.DIFS.Seconds()
			sent += payload
		default:
			clock += airtime(t.HeaderBytes) + t.Propagation.Seconds() + t.DIFS.Seconds()
		}
		for _, i := range talk {
			if stations[i].stage = min(stations[i].stage+1, t.Doublings); len(talk) == 1 {
				stations[i].stage = 0
			}
			draw(&stations[i])
		}
	}
	return sent / clock
}

// TestAgainstContention compares the formula with stations that are played slot by slot, in the
// system of Bianchi's paper and in 802.11a. He found them to agree within 1 %.
func TestAgainstContention(t *testing.T) {
	for name, c := range map[string]struct {
		timing              *dcf.Timing
		payload, bitsPerSec float64
	}{
		"Bianchi's W=32, m=3":  {fhss(32, 3), 1023, 1e6},
		"Bianchi's W=32, m=5":  {fhss(32, 5), 1023, 1e6},
		"Bianchi's W=128, m=3": {fhss(128, 3), 1023, 1e6},
		"802.11a, 54 Mbit/s":   {&dcf.A, 1500, 54e6},
	} {
		for _, n := range []int{1, 2, 5, 10, 20, 50} {
			want := contend(c.timing, n, c.payload, c.bitsPerSec, rand.New(rand.NewPCG(uint64(n), 3)))
			got := c.timing.Throughput(n, c.timing.Attempt(n), c.payload, c.bitsPerSec)
			fmt.Printf("%-21s %2d stations: %.4f of the bit rate, played %.4f\n", name, n, 8*got/c.bitsPerSec,
				8*want/c.bitsPerSec)
			assert.InEpsilon(t, want, got, 0.015, "%s, %d stations", name, n)
		}
	}
}

// TestAgainstPublished compares 802.11a with the table that ns-3 ships to check its Wi-Fi
// against Bianchi's model (src/wifi/examples/wifi-bianchi.cc, bianchi_11g_difs.txt; 1500 bytes,
// collisions cost DIFS). Its model is a later one, which lets a station send again at once
// after a success, and it has 6 more bytes and whole symbols in a frame.
func TestAgainstPublished(t *testing.T) {
	worst := 0.0
	for rate, of := range map[float64]map[int]float64{
		6:  {5: 4.7087, 10: 4.3453, 20: 3.9899, 50: 3.5071},
		24: {5: 16.2470, 10: 15.1426, 20: 14.0072, 50: 12.4144},
		54: {5: 29.8324, 10: 28.1519, 20: 26.2925, 50: 23.5618},
	} {
		// ns-3 sends acknowledgements at the highest basic rate that is no higher than the data's.
		timing := dcf.A
		timing.AckBitsPerSec = min(rate, 24) * 1e6
		for n, want := range of {
			got := 8 * timing.Throughput(n, timing.Attempt(n), 1500, rate*1e6) / 1e6
			off := got/want - 1
			worst = max(worst, math.Abs(off))
			assert.InEpsilon(t, want, got, 0.04, "%g Mbit/s, %d stations", rate, n)
		}
	}
	fmt.Printf("against the table of ns-3: off by %.1f %% at most\n", 100*worst)
}

func TestAttempt(t *testing.T) {
	for _, n := range []int{1, 2, 10, 1000} {
		tau := dcf.A.Attempt(n)
		p := 1 - math.Pow(1-tau, float64(n-1))
		w, m := float64(dcf.A.Window), float64(dcf.A.Doublings)
		assert.InEpsilon(t, 2*(1-2*p)/((1-2*p)*(w+1)+p*w*(1-math.Pow(2*p, m))), tau, 1e-9, "%d stations", n)
	}
	assert.InEpsilon(t, 2.0/17, dcf.A.Attempt(1), 1e-9, "alone: half of the window between two frames")
}

// ExampleTiming prints what a cell of 54 Mbit/s carries.
func ExampleTiming() {
	for _, n := range []int{1, 5, 20, 100} {
		fmt.Printf("%3d stations: %4.1f Mbit/s\n", n, 8e-6*dcf.A.Throughput(n, dcf.A.Attempt(n), 1500, 54e6))
	}
	// Output:
	//   1 stations: 29.7 Mbit/s
	//   5 stations: 29.3 Mbit/s
	//  20 stations: 25.7 Mbit/s
	// 100 stations: 20.5 Mbit/s
}
