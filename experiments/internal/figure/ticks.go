package figure

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// maxTicks bounds the ticks of an axis, whatever its ends are.
const maxTicks = 1000

type logTicks struct{}

// Ticks implements plot.Ticker. Where no two of the usual labels lie between the ends,
// they are those of a linear axis.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo > 0 && hi > lo && hi <= math.MaxFloat64) {
		return nil
	}
	first, last := math.Log10(lo), math.Log10(hi)
	decades := last - first
	every := max(2, int(decades/8)) // decades between labels, where there are many
	labels := 0
	var ticks []plot.Tick
	for e := math.Floor(first); e <= last; e++ {
		for d := 1.0; d < 10; d++ {
			v := d * math.Pow(10, e)
			if v < lo || v > hi || d > 1 && decades > maxTicks/10 {
				continue
			}
			t := plot.Tick{Value: v}
			if d == 1 && (decades < 7 || int(e)%every == 0) || decades < 2.5 && (d == 2 || d == 5) {
				t.Label = short(v, 4)
				labels++
			}
			ticks = append(ticks, t)
		}
	}
	if labels < 2 {
		return linearTicks{}.Ticks(lo, hi)
	}
	return ticks
}

// linearTicks labels some five multiples of 1, 2 or 5 times a power of ten.
type linearTicks struct{}

// Ticks implements plot.Ticker. Ends between which there are no floating-point numbers
// to tell ticks apart have fewer; ends that are no range have none.
func (linearTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo < hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return nil
	}
	wide := hi/5 - lo/5 // hi - lo may overflow
	step := math.Pow(10, math.Floor(math.Log10(wide)))
	for _, f := range []float64{5, 2, 1} {
		if 5*(wide/(f*step)) >= 4 {
			step *= f
			break
		}
	}
	if step == 0 || math.IsInf(step, 0) {
		return []plot.Tick{{Value: lo, Label: short(lo, 4)}, {Value: hi, Label: short(hi, 4)}}
	}
	// As many digits as tell one label from the next.
	digits := max(4, int(math.Ceil(math.Log10(max(math.Abs(lo), math.Abs(hi))/step)))+1)
	var ticks []plot.Tick
	first := math.Ceil(lo / step)
	for k := range maxTicks {
		v := (first + float64(k)) * step
		if v > hi {
			break
		}
		if v < lo || len(ticks) > 0 && v <= ticks[len(ticks)-1].Value {
			continue // rounded
		}
		if v == 0 {
			v = 0 // not the negative one
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: short(v, min(digits, 17))})
	}
	return ticks
}

// short writes a number of so many digits without trailing zeros, with k, M or G for
// large ones.
func short(v float64, digits int) string {
	if math.Abs(v) < 1e13 {
		for _, u := range []struct {
			from, unit float64
			suffix     string
		}{{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e4, 1e3, "k"}} {
			if math.Abs(v) >= u.from {
				return strconv.FormatFloat(v/u.unit, 'g', digits, 64) + u.suffix
			}
		}
	}
	return strconv.FormatFloat(v, 'g', digits, 64)
}
