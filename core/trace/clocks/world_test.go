package clocks_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/edgeprune/edgeprune/core/trace/clocks"
)

const (
	day    = 86_400e9
	second = 1e9
)

// face is a clock of a simulated world: it shows offset + t + drift*t at true time t, plus
// jump from jumpAt on.
type face struct {
	offset, drift float64
	jump, jumpAt  float64
}

func (f face) at(t float64) int64 {
	// The parts are rounded apart, so that a day doesn't cost the nanoseconds.
	shown := int64(f.offset) + int64(t) + int64(math.Round(f.drift*t))
	if f.jump != 0 && t >= f.jumpAt {
		shown += int64(f.jump)
	}
	return shown
}

// world is a run of a few devices, with what they exchanged.
type world struct {
	rnd      *rand.Rand
	faces    []face
	lengthNs float64
	messages []clocks.Message
	trips    map[[2]int][]float64 // round trips of probes by pair
}

// newWorld makes a run of 5 s to two minutes. Clocks are up to a day apart and drift by up to
// 200 ppm. All are probed by the last one twice a second, most devices send each other
// tokens and acknowledgements. Messages take 20 µs to 20 ms, some ten times as long, and up
// to a third of them are lost.
func newWorld(seed uint64) *world {
	rnd := rand.New(rand.NewPCG(seed, 11))
	w := &world{rnd: rnd, trips: map[[2]int][]float64{}, lengthNs: (5 + 115*rnd.Float64()*rnd.Float64()) * second}
	n := 2 + rnd.IntN(4)
	for range n {
		w.faces = append(w.faces, face{
			offset: math.Round((2*rnd.Float64() - 1) * day), drift: (2*rnd.Float64() - 1) * 200e-6,
		})
	}
	return w
}

// fill makes the messages.
func (w *world) fill() {
	rnd := w.rnd
	lost := rnd.Float64() / 3
	last := len(w.faces) - 1
	for i := range last {
		up, down := w.way(), w.way()
		for t := 0.0; t < w.lengthNs; t += 0.5 * second {
			there, served, back := up(), 1e3+rnd.ExpFloat64()*20e3, down()
			if rnd.Float64() < lost {
				continue
			}
			w.send(last, i, t, there)
			w.send(i, last, t+there+served, back)
			pair := [2]int{i, last}
			w.trips[pair] = append(w.trips[pair], there+back)
		}
	}
	for i := range w.faces {
		for j := range i {
			if rnd.IntN(3) == 0 {
				continue
			}
			up, down, period := w.way(), w.way(), (0.005+0.3*rnd.Float64())*second
			for t := rnd.Float64() * period; t < w.lengthNs; t += period {
				there, fire, back := up(), 1e6*(1+10*rnd.Float64()), down()
				if rnd.Float64() >= lost {
					w.send(i, j, t, there)
				}
				if rnd.Float64() >= lost {
					w.send(j, i, t+there+fire, back)
				}
			}
		}
	}
}

// way returns the delays of one direction between two devices.
func (w *world) way() func() float64 {
	least := 20e3 * math.Pow(1000, w.rnd.Float64()*w.rnd.Float64())
	jitter := least * w.rnd.Float64()
	return func() float64 {
		d := least + jitter*w.rnd.ExpFloat64()
		if w.rnd.IntN(20) == 0 {
			d *= 10
		}
		return d
	}
}

func (w *world) send(from, to int, t, delay float64) {
	w.messages = append(w.messages, clocks.Message{
		From: from, To: to, Sent: w.faces[from].at(t), Received: w.faces[to].at(t + delay),
	})
}

func (w *world) names() []string {
	var names []string
	for i := range w.faces {
		names = append(names, fmt.Sprintf("d%d", i))
	}
	return names
}

func median(xs []float64) float64 {
	xs = slices.Sorted(slices.Values(xs))
	if len(xs) == 0 {
		return math.NaN()
	}
	return xs[len(xs)/2]
}
