package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/core/trace"
)

// ganttColors are the fills of firings and sends; the number of the frame in
// every block and the name of its row tell it apart without them.
var ganttColors = []look{{color: sky}, {color: orange}, {color: green}, {color: yellow}, {color: purple},
	{color: vermillion}, {color: blue}}

// Gantt draws the timeline of the frames from to to, both included, to base.png
// and base.svg, and returns their paths: a row per device and actor or boundary
// FIFO, a block per firing or send with the number of its frame. note goes before the caption.
// A trace without such frames gives an error wrapping ErrNothing;
// one whose clocks can't be compared, trace.ErrClocks.
func Gantt(base string, t *trace.Trace, from, to int64, note string) ([]string, error) {
	p, err := ganttPage(t, from, to, note)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func ganttPage(t *trace.Trace, from, to int64, note string) (*page, error) {
	line, err := trace.NewLine(t)
	if err != nil {
		return nil, fmt.Errorf("figure: timeline: %w", err)
	}
	var events []trace.Event
	var off int64 // at most, of the place of a block
	for _, e := range t.Events {
		if (e.Kind == trace.Firing || e.Kind == trace.Send) && e.Frame >= from && e.Frame <= to {
			events = append(events, line.Place(e))
			off = max(off, line.At(e.Device, e.Start).Spread())
		}
	}
	if off > 0 {
		note += fmt.Sprintf(" The devices have clocks of their own: their blocks lie right to ± %.3g ms.", float64(off)/1e6)
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("figure: timeline of frames %d to %d: %w", from, to, ErrNothing)
	}
	// Devices in order of their first event; on each, rows likewise.
	slices.SortStableFunc(events, func(a, b trace.Event) int { return cmp.Compare(a.Start, b.Start) })
	events, note = ofFewInstances(events, note)
	var devices, names []string
	for _, e := range events {
		if !slices.Contains(devices, e.Device) {
			devices = append(devices, e.Device)
		}
	}
	rowOf := map[string]int{}
	for _, d := range devices {
		for _, e := range events {
			if n := ganttName(e); e.Device == d {
				if _, known := rowOf[n]; !known {
					rowOf[n] = len(names)
					names = append(names, n)
				}
			}
		}
	}
	p := newPanel("", "time since the run's start (ms)", "")
	end := events[0].End
	for _, e := range events {
		row := rowOf[ganttName(e)]
		end = max(end, e.End)
		p.Add(block{
			from: float64(e.Start) / 1e6, to: float64(e.End) / 1e6, row: float64(len(names) - 1 - row),
			look: ganttColors[row%len(ganttColors)], text: fmt.Sprint(e.Frame),
		})
	}
	ticks := make(plot.ConstantTicks, len(names))
	for i, n := range names {
		ticks[i] = plot.Tick{Value: float64(len(names) - 1 - i), Label: n}
	}
	longest := vg.Length(0)
	for _, n := range names {
		longest = max(longest, style(tickSize).Width(n))
	}
	p.Y.Tick.Marker, p.Y.Min, p.Y.Max = ticks, -0.6, float64(len(names))-0.4
	p.X.Min, p.X.Max = float64(events[0].Start)/1e6, float64(end)/1e6
	if t.Emulated {
		note += " Emulated."
	}
	return &page{
		title: fmt.Sprintf("%s, %s: timeline of frames %d to %d", t.Plan, t.Driver, from, to), panels: [][]*plot.Plot{{p}},
		caption: note + " The number in a block is that of the frame.", width: max(960, longest+620),
		height: 140 + 24*vg.Length(len(names)),
	}, nil
}

// mostInstances is of how many instances a timeline shows frames.
const mostInstances = 8

// ofFewInstances keeps the events of the instances that begin first, and says so. The name of
// what belongs to one of several instances begins with the instance's.
func ofFewInstances(events []trace.Event, note string) ([]trace.Event, string) {
	known := map[string]int{}
	var kept []trace.Event
	for _, e := range events {
		of, _, apart := strings.Cut(e.Name, "/")
		if !apart {
			of = ""
		}
		at, seen := known[of]
		if !seen {
			at = len(known)
			known[of] = at
		}
		if at < mostInstances {
			kept = append(kept, e)
		}
	}
	if len(known) > mostInstances {
		note += fmt.Sprintf(" Of %d instances, those %d that begin first.", len(known), mostInstances)
	}
	return kept, note
}

// ganttName names the row of an event.
func ganttName(e trace.Event) string {
	if e.Kind == trace.Send {
		return e.Device + ": send " + e.Name
	}
	return e.Device + ": " + e.Name
}

// block is a firing or a send on its row.
type block struct {
	from, to, row float64
	look          look
	text          string
}

// Plot implements plot.Plotter.
func (b block) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	r := vg.Rectangle{Min: vg.Point{X: x(b.from), Y: y(b.row - 0.35)}, Max: vg.Point{X: x(b.to), Y: y(b.row + 0.35)}}
	drawBar(&c, r, b.look)
	s := style(tickSize)
	s.XAlign, s.YAlign = draw.XCenter, draw.YCenter
	if s.Width(b.text)+2 < r.Size().X {
		c.FillText(s, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: y(b.row)}, b.text)
	}
}
