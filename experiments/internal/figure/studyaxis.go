package figure

import (
	"math"

	"gonum.org/v1/plot"
)

// Axis is a factor or a quantity of a study.
type Axis struct {
	Label string // with its unit
	Log   bool
	// Levels are those of a factor in their order, of an axis that is divided into them.
	Levels []Level
}

// Level is a value of a factor.
type Level struct {
	Text   string
	Number float64 // NaN: it is no number
}

// Short is what stands in a figure: short where it is a number.
func (l Level) Short() string {
	if math.IsNaN(l.Number) {
		return l.Text
	}
	return brief(l.Number)
}

// nominal puts the levels at 0, 1, 2 and so on of an axis, with so many names at most.
func (a *Axis) nominal(of *plot.Axis, most int) {
	of.Min, of.Max = -0.5, float64(len(a.Levels))-0.5
	every := max((len(a.Levels)+most-1)/most, 1)
	var ticks []plot.Tick
	for i, l := range a.Levels {
		t := plot.Tick{Value: float64(i)}
		if i%every == 0 {
			t.Label = l.Short()
		}
		ticks = append(ticks, t)
	}
	of.Tick.Marker = plot.ConstantTicks(ticks)
}

// turn turns the names under an x axis where they would touch; width is the axis's, in
// points.
func (a *Axis) turn(of *plot.Axis, width float64) {
	longest := 0
	for _, l := range a.Levels {
		longest = max(longest, len([]rune(l.Short())))
	}
	if float64(longest)*tickSize*0.6*float64(min(len(a.Levels), 40)) > width {
		of.Tick.Label.Rotation = math.Pi / 2
		of.Tick.Label.XAlign, of.Tick.Label.YAlign = -1, -0.5
	}
}

// brief writes a number with three digits, or four where there are four before the point.
func brief(v float64) string {
	if a := math.Abs(v); a >= 1000 && a < 10_000 {
		return short(v, 4)
	}
	return short(v, 3)
}
